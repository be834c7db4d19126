"""A new cookie is no new quota."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from aelib.host import addresses
from aelib.host.addresses import FILE, neighbours, share_of
from tests.test_disk import no_room_beyond


def test_owners_at_one_address_are_neighbours_after_a_restart_too(tmp_path: Path) -> None:
    for owner in ("a", "b"):
        neighbours(tmp_path, owner, "192.0.2.1")
    neighbours(tmp_path, "c", "192.0.2.2")
    assert neighbours(tmp_path, "a", "192.0.2.1") == {"a", "b"}
    # Who moves is counted where they are.
    assert neighbours(tmp_path, "a", "192.0.2.2") == {"a", "c"}
    assert neighbours(tmp_path, "b", "192.0.2.1") == {"b"}


def test_an_address_that_is_not_known_has_no_neighbours(tmp_path: Path) -> None:
    for owner in ("a", "b"):
        assert neighbours(tmp_path, owner, None) == {owner}
    assert list(tmp_path.iterdir()) == []


def test_addresses_themselves_are_not_kept_and_the_file_is_private(tmp_path: Path) -> None:
    neighbours(tmp_path, "a", "192.0.2.1")
    assert "192.0.2.1" not in (tmp_path / FILE).read_text()
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


@pytest.mark.parametrize(
    "damaged",
    ["", "[", "[" * 100_000, "[]", "{}", '{"key": 1, "owners": {}}', '{"key": "x", "owners": {}}']
    + [json.dumps({"key": "00", "owners": owners}) for owners in (None, [1], {"a": 1})],
)
def test_a_damaged_file_begins_anew(damaged: str, tmp_path: Path) -> None:
    (tmp_path / FILE).write_text(damaged)
    assert neighbours(tmp_path, "a", "192.0.2.1") == {"a"}
    assert neighbours(tmp_path, "b", "192.0.2.1") == {"a", "b"}


def test_a_full_disk_costs_nobody_a_run(tmp_path: Path) -> None:
    with no_room_beyond(0):
        assert neighbours(tmp_path, "a", "192.0.2.1") == {"a"}
    assert list(tmp_path.iterdir()) == []


def test_who_came_longest_ago_is_forgotten_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "MOST_OWNERS", 3)
    for owner in "abcde":
        seen = neighbours(tmp_path, owner, "192.0.2.1")
    assert seen == {"c", "d", "e"}


def test_a_room_of_thirty_has_enough_and_leaves_some_to_others() -> None:
    assert share_of(200) >= 4 * 30 and share_of(200) < 200
    assert share_of(1) == 1
