"""Arrays: .npy, .npz, idx and MATLAB's files; which are images, which labels, and how they lie."""

from __future__ import annotations

import gzip
import io
import tarfile
from typing import Any

import numpy as np
import pytest
from scipy.io import savemat

from aelib.datasets.reading import Collected, read_files
from tests.datasets.samples import drawings, idx, npz, zipped

IMAGES = drawings(120)
LABELS = np.arange(120) % 10
COLOURED = np.random.default_rng(0).integers(0, 255, (120, 4, 4, 3)).repeat(8, 1).repeat(8, 2).astype(np.uint8)


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def mat(**variables: Any) -> bytes:
    buffer = io.BytesIO()
    savemat(buffer, variables, do_compression=True)
    return buffer.getvalue()


def tar(files: list[tuple[str, bytes]], kind: str = "w:gz") -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode=kind) as archive:  # type: ignore[call-overload]
        for name, data in files:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    return buffer.getvalue()


def labelled(found: Collected, labels: Any = LABELS) -> None:
    np.testing.assert_array_equal(found.images, IMAGES)
    assert found.labels == [str(label) for label in labels]


def test_one_array_a_class() -> None:
    files = [("full/cat.npy", npy(IMAGES[:60].reshape(60, 784))), ("full/dog.npy", npy(IMAGES[60:].reshape(60, 784)))]
    found = read_files([("quickdraw.zip", zipped(files))])
    labelled(found, ["cat"] * 60 + ["dog"] * 60)
    assert "Each array became a class: cat, dog." in found.notes


def test_one_array_a_class_and_split() -> None:
    arrays = {f"{part}{digit}": IMAGES[:20] for part in ("train", "test") for digit in range(3)}
    found = read_files([("mnist_all.mat", mat(**{name: array.reshape(20, 784) for name, array in arrays.items()}))])
    assert found.for_test is not None and found.for_test.sum() == 60
    assert found.labels == (["0"] * 20 + ["1"] * 20 + ["2"] * 20) * 2


IDX = {"train-images-idx3-ubyte": idx(IMAGES[:100]), "train-labels-idx1-ubyte": idx(LABELS[:100])} | {
    "t10k-images-idx3-ubyte": idx(IMAGES[100:]),
    "t10k-labels-idx1-ubyte": idx(LABELS[100:]),
}


@pytest.mark.parametrize("packing", ["plain", "gzip", "zip", "tar", "zip of gzip"])
def test_idx_files_with_the_labels_beside_them(packing: str) -> None:
    files = list(IDX.items())
    packed = [(f"{name}.gz", gzip.compress(data)) for name, data in files]
    found = read_files(
        {
            "plain": files,
            "gzip": packed,
            "zip": [("mnist.zip", zipped(files))],
            "tar": [("mnist.tar.gz", tar(files))],
            "zip of gzip": [("mnist.zip", zipped([(f"raw/{name}", data) for name, data in packed]))],
        }[packing]
    )
    # The files' names put t10k first.
    order = np.r_[100:120, :100]
    np.testing.assert_array_equal(found.images, IMAGES[order])
    assert found.labels == [str(label) for label in LABELS[order]]
    assert found.for_test is not None and found.for_test.tolist() == [True] * 20 + [False] * 100


def test_an_idx_file_alone_has_no_labels() -> None:
    found = read_files([("train-images-idx3-ubyte.gz", gzip.compress(IDX["train-images-idx3-ubyte"]))])
    assert found.labels is None and "No labels found." in found.notes


def test_arrays_of_matlab_count_images_last() -> None:
    found = read_files([("a.mat", mat(X=np.moveaxis(COLOURED, 0, 3), y=(LABELS + 1)[:, None].astype(np.uint8)))])
    beside = read_files([("a.npz", npz(x=COLOURED, y=LABELS + 1))])
    np.testing.assert_array_equal(found.images, beside.images)
    assert found.labels == beside.labels == [str(label + 1) for label in LABELS]
    assert any("write 10 for zero" in note for note in found.notes)
    labelled(read_files([("a.mat", mat(X=np.moveaxis(IMAGES, 0, 2), y=LABELS))]))
    labelled(read_files([("a.mat", mat(X=IMAGES.reshape(120, 784).T.astype(float), y=LABELS))]))


def test_arrays_in_structs_of_matlab_are_found_as_emnist_keeps_them() -> None:
    def part(images: np.ndarray, labels: np.ndarray) -> dict[str, np.ndarray]:
        column = labels[:, None].astype(np.uint8)
        return {"images": images.reshape(len(images), -1), "labels": column, "writers": 100.0 + np.arange(len(images))}

    dataset = {"train": part(IMAGES[:100], LABELS[:100]), "test": part(IMAGES[100:], LABELS[100:])}
    found = read_files([("emnist-digits.mat", mat(dataset=dataset))])
    assert found.for_test is not None and found.labels is not None
    order = np.argsort(found.for_test, kind="stable")
    np.testing.assert_array_equal(found.images[order], IMAGES)
    assert [found.labels[index] for index in order] == [str(label) for label in LABELS]
    assert found.for_test.sum() == len(IMAGES) - 100
    assert found.left_out == []


def test_emnists_mapping_names_the_classes() -> None:
    numbers = np.arange(120) % 3 + 1
    mapping = np.array([[1, 65, 97], [2, 66, 98], [3, 67, 67]], np.uint8)
    found = read_files([("emnist-letters.mat", mat(images=IMAGES, labels=numbers[:, None], mapping=mapping))])
    assert found.labels == [("A/a", "B/b", "C")[number - 1] for number in numbers] and found.left_out == []
    assert "Classes are named by the letters that the array “mapping” gives." in found.notes
    # Another array of that name is no mapping of letters.
    found = read_files([("a.mat", mat(images=IMAGES, labels=numbers[:, None], mapping=mapping - 60.0))])
    assert set(found.labels or []) == {"1", "2", "3"}


def test_what_structs_of_matlab_hold_besides_is_named_and_left_out() -> None:
    about = {"year": 2017.0, "author": "somebody", "parts": np.array([1, "a"], object)}
    many = np.zeros(3, [("images", object)])
    found = read_files([("a.mat", mat(X=IMAGES, about=about, many=many))])
    assert len(found.images) == len(IMAGES)
    assert found.left_out == [f"{name} is not an array of numbers" for name in ("author", "parts", "many")]


def test_flat_colours_come_plane_by_plane_or_pixel_by_pixel() -> None:
    planes = np.moveaxis(COLOURED, 3, 1).reshape(120, 3072)
    expected = read_files([("a.npz", npz(data=COLOURED))]).images
    for flat in (planes, COLOURED.reshape(120, 3072)):
        found = read_files([("a.npz", npz(data=flat, labels=LABELS))])
        np.testing.assert_array_equal(found.images, expected)
        assert "Converted to greyscale." in found.notes and found.labels is not None


def test_arrays_without_names() -> None:
    buffer = io.BytesIO()
    np.savez(buffer, IMAGES, LABELS)
    found = read_files([("a.npz", buffer.getvalue())])
    labelled(found)
    assert any("Labels taken from arr_1" in note for note in found.notes)


def medical(labels: np.ndarray) -> Collected:
    parts = {"train": slice(0, 70), "val": slice(70, 100), "test": slice(100, 120)}
    arrays = {f"{name}_images": IMAGES[part] for name, part in parts.items()}
    return read_files([("a.npz", npz(**arrays, **{f"{name}_labels": labels[part] for name, part in parts.items()}))])


def test_validation_images_join_the_training_images() -> None:
    found = medical(LABELS[:, None] % 2)
    assert found.for_test is not None and found.for_test.sum() == 20 and len(found.images) == 120
    assert "30 validation images joined the training images." in found.notes
    assert found.labels is not None and set(found.labels) == {"0", "1"}


def test_validation_images_are_the_test_images_where_there_are_no_others() -> None:
    found = read_files([("a.npz", npz(x_train=IMAGES[:90], x_val=IMAGES[90:]))])
    assert found.for_test is not None and found.for_test.sum() == 30
    assert "30 validation images became the test images." in found.notes


ODD_LABELS = {
    "several an image": np.ones((120, 14), np.uint8),
    "too many": np.arange(121),
    "too few": np.arange(100),
    "one for each image": np.arange(120),
    "not a number": np.full(120, np.nan),
    "all the same": np.zeros(120),
    "of three dimensions": np.zeros((120, 2, 2)),
}


@pytest.mark.parametrize("kind", ODD_LABELS)
def test_odd_labels_are_dropped_and_never_sink_a_set(kind: str) -> None:
    found = read_files([("a.npz", npz(images=IMAGES, labels=ODD_LABELS[kind]))])
    np.testing.assert_array_equal(found.images, IMAGES)
    assert found.labels is None
    assert any(note.startswith(("Labels dropped", "No labels found")) for note in found.notes)


def test_images_without_a_label_are_left_out_where_the_others_have_one() -> None:
    labels = LABELS.astype(float)
    labels[:20] = np.nan
    found = read_files([("a.npz", npz(images=IMAGES, labels=labels))])
    np.testing.assert_array_equal(found.images, IMAGES[20:])
    assert "20 images without a label left out." in found.notes


def test_arrays_beside_the_images_are_left_out_and_told() -> None:
    found = read_files([("a.npz", npz(images=IMAGES, masks=IMAGES, labels=LABELS))])
    labelled(found)
    assert found.left_out == ["masks (120, 28, 28) is not called images or x"]


def test_labels_in_a_table_beside_an_array() -> None:
    table = ("labels\n" + "\n".join(f"{label}," for label in LABELS)).replace("labels", "label,").encode()
    labelled(read_files([("images.npy", npy(IMAGES)), ("labels.csv", table)]))
