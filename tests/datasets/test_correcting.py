"""Wrong guesses about a user's own images can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from aelib import datasets
from aelib.datasets import Dataset, store
from aelib.host.settings import MAX_VISITOR_UPLOADS
from aelib.spec.fields import InvalidInput
from tests.datasets.samples import drawings, npz

pytestmark = pytest.mark.usefixtures("read_here", "home")


def upload() -> Dataset:
    return datasets.import_upload([("mine.npz", npz(images=drawings(), labels=np.arange(120) % 3))], owner="me")


CHANGES: dict[str, tuple[Callable[[Dataset], Dataset], Callable[[np.ndarray], np.ndarray]]] = {
    "transposed": (datasets.transposed, lambda images: images.swapaxes(1, 2)),
    "inverted": (datasets.inverted, lambda images: 255 - images),
}


@pytest.mark.parametrize("kind", CHANGES)
def test_a_corrected_data_set_takes_the_place_of_the_one_before(
    kind: str, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It needs no room of its own.
    monkeypatch.setenv(MAX_VISITOR_UPLOADS.variable, "1")
    change, expected = CHANGES[kind]
    before = upload()
    datasets.rename(before.name, "My digits", "me")
    name = datasets.correct(before.name, change, "me")
    after = datasets.load(name)
    np.testing.assert_array_equal(after.train_images, expected(before.train_images))
    np.testing.assert_array_equal(after.test_images, expected(before.test_images))
    np.testing.assert_array_equal(after.train_labels, before.train_labels)
    assert after.classes == before.classes and "by hand" in after.notes[-1]
    assert datasets.title(name) == "My digits" and store.names(home) == [name]
    # Once more, and it is as it was.
    again = datasets.load(datasets.correct(name, change, "me"))
    assert again.name == before.name and again.notes == before.notes


def test_data_that_runs_use_stay_beside_the_corrected_ones(home: Path) -> None:
    before = upload()
    name = datasets.correct(before.name, datasets.inverted, "me", in_use=lambda: [before.name])
    assert set(store.names(home)) == {before.name, name}


def test_nobody_corrects_what_belongs_to_others(home: Path) -> None:
    before = upload()
    for owner in ("you", ""):
        with pytest.raises(InvalidInput, match="your own"):
            datasets.correct(before.name, datasets.inverted, owner)
    assert store.names(home) == [before.name]
