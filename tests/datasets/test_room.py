"""How many uploaded datasets are kept, and which go."""

from __future__ import annotations

import os
import time
from collections.abc import Collection
from pathlib import Path

import pytest

from aelib import datasets
from aelib.datasets import store
from aelib.datasets.bounds import NoRoom
from aelib.datasets.room import LATELY_SECONDS
from aelib.host.settings import MAX_UPLOADS, MAX_VISITOR_UPLOADS
from tests.datasets.samples import drawings, npz

pytestmark = pytest.mark.usefixtures("read_here", "home")
DAY = 24 * 3600.0


def upload(seed: int, owner: str, address: str | None = None, in_use: Collection[str] = ()) -> str:
    files = [(f"{seed}.npz", npz(images=drawings(seed=seed)))]
    return datasets.import_upload(files, owner=owner, address=address, in_use=lambda: in_use).name


def used(name: str, home: Path, seconds_ago: float) -> None:
    then = time.time() - seconds_ago
    for file in (store.card_of(name, home), store.file_of(name, home)):
        os.utime(file, (then, then))


def kept(home: Path) -> set[str]:
    assert {file.stem for file in (home / "datasets").glob("*.json")} == set(store.names(home))
    return set(store.names(home))


def test_a_visitor_keeps_so_many_and_may_delete_one_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_VISITOR_UPLOADS.variable, "2")
    first, _ = upload(0, "me"), upload(1, "me")
    with pytest.raises(NoRoom, match="^You keep 2 uploaded datasets, and this server allows 2: delete one"):
        upload(2, "me")
    # The same once more is no new one.
    assert upload(0, "me") == first
    upload(2, "you")
    datasets.delete(first, "me")
    upload(3, "me")


def test_a_new_cookie_is_no_new_quota(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_UPLOADS.variable, "4")
    for seed in range(3):
        upload(seed, f"cookie {seed}", "192.0.2.1")
    with pytest.raises(NoRoom, match="^Visitors from your network address keep 3 uploaded datasets"):
        upload(3, "cookie 3", "192.0.2.1")
    upload(3, "elsewhere", "192.0.2.2")


def test_where_there_are_too_many_those_unused_for_longest_go(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_UPLOADS.variable, "3")
    names = [upload(seed, "me") for seed in range(3)]
    for name, days in zip(names, (2, 3, 1), strict=True):
        used(name, home, days * DAY)
    # Being looked at is use.
    datasets.load(names[1])
    fourth = upload(3, "you")
    assert kept(home) == {names[1], names[2], fourth}
    fifth = upload(4, "you")
    assert kept(home) == {names[1], fourth, fifth}


def test_what_runs_use_or_was_used_lately_stays(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(MAX_UPLOADS.variable, "2")
    names = [upload(seed, "me") for seed in range(2)]
    used(names[0], home, DAY)
    used(names[1], home, LATELY_SECONDS / 2)
    with pytest.raises(NoRoom, match="^This server keeps 2 uploaded datasets, .* all of them are in use"):
        upload(2, "you", in_use={names[0], "mnist"})
    assert kept(home) == set(names)
    third = upload(2, "you", in_use={"mnist"})
    assert kept(home) == {names[1], third}
