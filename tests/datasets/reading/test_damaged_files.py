"""Files as people have them, cut off and with wrong bits: each ends in a set of images or in one sentence."""

from __future__ import annotations

import gzip
import warnings
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image

from aelib.datasets import confined, own
from aelib.datasets.dataset import Dataset
from aelib.datasets.reading import Collected, read_files
from aelib.spec.fields import InvalidInput
from tests.datasets.reading.test_arrays import mat, npy, tar
from tests.datasets.reading.test_tables import csv, frame, hugging_face
from tests.datasets.samples import drawings, encoded, idx, npz, pngs, zipped

IMAGES = drawings(110)
LABELS = np.arange(110) % 3
VARIANTS = 40


def stack(count: int = 110) -> bytes:
    first, *others = [Image.fromarray(image) for image in IMAGES[:count]]
    return encoded(first, "TIFF", save_all=True, append_images=others)


def table_beside() -> bytes:
    rows = "\n".join(f"{name},{'ab'[index % 2]}" for index, (name, _) in enumerate(pngs(110)))
    return zipped([*pngs(110), ("labels.csv", f"file,label\n{rows}\n".encode())])


def images_of(kind: str) -> bytes:
    return zipped([(f"{index}.x", encoded(image, kind)) for index, image in enumerate(IMAGES)])


WHOLE: dict[str, Callable[[], bytes]] = {
    "Kaggle's table": lambda: csv(frame(IMAGES).assign(label=LABELS)),
    "a packed table": lambda: zipped([("train.csv", csv(frame(IMAGES).assign(label=LABELS)))]),
    "Quick, Draw!": lambda: zipped([(f"{name}.npy", npy(IMAGES.reshape(110, 784))) for name in ("cat", "dog")]),
    "idx": lambda: gzip.compress(idx(IMAGES)),
    "Hugging Face": lambda: hugging_face(IMAGES),
    "MATLAB": lambda: mat(X=np.moveaxis(IMAGES, 0, 2), y=LABELS),
    "flat colours": lambda: npz(data=np.repeat(IMAGES.reshape(110, 784), 3, 1), labels=LABELS),
    "named arrays": lambda: npz(x_train=IMAGES, y_train=LABELS, x_test=IMAGES[:50] / 255, y_test=LABELS[:50]),
    "folders": lambda: zipped(pngs(120, ("train/a", "train/b", "test/a", "test/b"))),
    "a table beside": table_beside,
    "a tar archive": lambda: tar(pngs(110)),
    "pages": lambda: zipped([("stack.tif", stack())]),
    "scientific": lambda: zipped(
        [
            (f"{index}.tif", encoded(Image.fromarray(image * np.float32(9)), "TIFF"))
            for index, image in enumerate(IMAGES)
        ]
    ),
    "JPEG": lambda: images_of("JPEG"),
    "JPEG 2000": lambda: images_of("JPEG2000"),
    "AVIF": lambda: images_of("AVIF"),
    "WebP": lambda: images_of("WEBP"),
}


def damaged(data: bytes, rng: np.random.Generator) -> bytes:
    """The file cut off, or with a few wrong bits, mostly near its beginning, where it says what it is."""
    kind = rng.integers(3)
    if kind == 0:
        return data[: rng.integers(len(data))]
    wrong = bytearray(data)
    for _ in range(rng.integers(1, 8)):
        wrong[rng.integers(len(data) if kind == 1 else min(len(data), 600))] ^= 1 << rng.integers(8)
    return bytes(wrong)


def data_set(found: Callable[[], Collected]) -> Dataset | None:
    """The data set, or None after checking the sentence that says why there is none."""
    try:
        return own._dataset("upload", "mine", "mine", found)[0]
    except InvalidInput as problem:
        assert "\n" not in str(problem) and len(str(problem)) < 800
        return None


@pytest.mark.parametrize("kind", WHOLE)
def test_damaged_files_are_a_data_set_or_a_sentence(kind: str) -> None:
    whole, rng = WHOLE[kind](), np.random.default_rng(0)
    dataset = data_set(lambda: read_files([("mine", whole)]))
    assert dataset is not None
    for _ in range(VARIANTS):
        data = damaged(whole, rng)
        with warnings.catch_warnings():
            # Nobody sees them: readers have a process of their own.
            warnings.simplefilter("ignore")
            dataset = data_set(lambda data=data: read_files([("mine", data)]))  # type: ignore[misc]
        if dataset is not None:
            images = np.concatenate([dataset.train_images, dataset.test_images])
            assert images.shape[1:] == (28, 28) and images.dtype == np.uint8 and len(images) >= 100
            assert dataset.train_labels.max() < len(dataset.classes)


def test_damaged_structs_of_matlab_are_a_data_set_or_a_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    """In a process of its own, because SciPy may die of them."""
    whole, rng = (
        mat(dataset={"train": {"images": IMAGES.reshape(110, 784), "labels": LABELS}}),
        np.random.default_rng(0),
    )
    dataset = data_set(lambda: confined.read_files([("a.mat", whole)]))
    assert dataset is not None and dataset.classes == ("0", "1", "2")
    for _ in range(6):
        data = damaged(whole, rng)
        data_set(lambda data=data: confined.read_files([("a.mat", data)]))  # type: ignore[misc]
    assert capfd.readouterr() == ("", "")
