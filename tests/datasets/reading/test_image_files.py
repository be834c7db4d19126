"""Image files: formats, ranges, pages, cameras; labels and splits from folders and tables; names in archives."""

from __future__ import annotations

import io
import unicodedata
import zipfile
from typing import Any

import numpy as np
import pytest
from PIL import Image

from aelib import datasets
from aelib.datasets.bounds import Budget, Unusable
from aelib.datasets.decoding import pages
from aelib.datasets.reading import read_files
from aelib.datasets.reading.kinds import kind_of
from aelib.datasets.reading.names import decoded_names, split_of
from tests.datasets.reading.test_arrays import tar
from tests.datasets.samples import drawings, encoded, png_claiming, pngs, zipped

IMAGES = drawings(120)


def tiffs(values: np.ndarray) -> list[tuple[str, bytes]]:
    return [(f"{index:03}.tif", encoded(Image.fromarray(image), "TIFF")) for index, image in enumerate(values)]


RANGES: dict[str, tuple[np.ndarray, tuple[float, float], str]] = {
    "counts": (IMAGES.astype(np.int32) + 145, (145, 400), "from 145 to 400, the range of the whole set"),
    "12 bits in 16": ((IMAGES // 255 * np.uint16(4080)).astype(np.uint16), (0, 4080), "from 0 to 4080"),
    "-1 to 1": ((IMAGES / 127.5 - 1).astype(np.float32), (-1, 1), "from -1 to 1"),
    "0 to 1": ((IMAGES / 255).astype(np.float32), (0, 1), "from 0 to 1"),
}


@pytest.mark.parametrize("kind", RANGES)
def test_scientific_images_have_one_range_and_nothing_is_cut_off(kind: str) -> None:
    values, extremes, said = RANGES[kind]
    found = read_files(tiffs(values))
    np.testing.assert_array_equal(found.images, IMAGES)
    assert (found.lowest, found.highest) == extremes
    assert any(said in note for note in found.notes)


def test_the_range_is_that_of_the_set_and_not_of_each_image() -> None:
    values = np.linspace(0, 1000, 120).astype(np.float32)[:, None, None] * np.ones((28, 28), np.float32)
    found = read_files(tiffs(values))
    np.testing.assert_array_equal(found.images[:, 5, 5], np.rint(np.linspace(0, 255, 120)))


def test_masks_of_zeros_and_ones_are_not_black() -> None:
    found = read_files([(f"{index}.png", encoded(image // 255)) for index, image in enumerate(IMAGES)])
    assert {image.tobytes() for image in found.images} == {image.tobytes() for image in IMAGES}


def test_wide_images_are_resized_in_their_own_range() -> None:
    fine = (np.indices((56, 56)).sum(0) % 2 * 4000).astype(np.uint16)
    found = read_files(tiffs(np.repeat(fine[None], 100, 0)))
    assert np.abs(found.images[:, 3:-3, 3:-3].astype(int) - 127).max() <= 2


def test_every_page_of_a_tiff_is_an_image() -> None:
    stacks = []
    for start in range(0, 120, 10):
        first, *others = map(Image.fromarray, IMAGES[start : start + 10])
        stacks.append((f"{start:03}.tif", encoded(first, "TIFF", save_all=True, append_images=others)))
    found = read_files(stacks)
    np.testing.assert_array_equal(found.images, IMAGES)
    assert "Each page of 12 TIFF files is an image of its own." in found.notes


@pytest.mark.parametrize("kind", ["JPEG2000", "AVIF", "WEBP", "PPM", "GIF"])
def test_formats_that_pillow_reads(kind: str) -> None:
    every: dict[str, dict[str, Any]] = {"AVIF": {"quality": 100}, "WEBP": {"lossless": True}}
    options = every.get(kind, {})
    found = read_files([(f"{index:03}", encoded(image, kind, **options)) for index, image in enumerate(IMAGES)])
    assert np.abs(found.images.astype(int) - IMAGES).mean() < 3


NOT_READ = {
    "HEIC": b"\0\0\0\x18ftypheic\0\0\0\0mif1heic",
    "HDF5": b"\x89HDF\r\n\x1a\n",
    "PDF": b"%PDF-1.7",
    "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
    "RAR": b"Rar!\x1a\x07",
    "pickle": b"\x80\x04\x95",
    "MATLAB 7.3": b"MATLAB 7.3 MAT-file",
    "DICOM": bytes(128) + b"DICM",
    "JPEG XL": b"\xff\x0a\xfa",
}


@pytest.mark.parametrize("name", NOT_READ)
def test_formats_that_are_not_read_are_named(name: str) -> None:
    with pytest.raises(Unusable, match=f"{name}.*not read"):
        kind_of(NOT_READ[name])


def photograph(size: tuple[int, int], **options: Any) -> bytes:
    image = Image.linear_gradient("L").resize(size).convert("RGB")
    return encoded(image, "JPEG", quality=50, **options)


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
def test_photographs_of_any_camera_are_decoded_at_a_fraction_of_their_size() -> None:
    budget = Budget()
    (image,) = pages(photograph((12_000, 8_000)), budget)
    assert image.size == (12_000, 8_000)
    # A quarter for reading all of it, and an eighth of its sides.
    assert Budget().pixels - budget.pixels == 24_000_000 + 1_500_000
    np.testing.assert_allclose(image.values[5:23, 14], np.linspace(0, 255, 18), atol=25)


def test_progressive_photographs_have_a_limit_of_their_own() -> None:
    # Any other JPEG with this size; what would be decoded is never reached.
    data = bytearray(photograph((16, 16), progressive=True))
    frame = data.index(b"\xff\xc2")
    data[frame + 5 : frame + 9] = (9_000).to_bytes(2, "big") + (9_000).to_bytes(2, "big")
    with pytest.raises(Unusable, match="81 megapixels"):
        next(pages(bytes(data), Budget()))


def test_a_camera_held_upright_gives_an_upright_image() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    (image,) = pages(photograph((400, 400), exif=exif), Budget())
    assert image.values[14, 2] > image.values[14, 25] + 100


def test_large_images_of_other_formats_are_refused_as_before() -> None:
    with pytest.raises(Unusable, match="4,096 pixels"):
        next(pages(png_claiming(6000, 4000), Budget()))


SPLITS = {
    "training/testing": ("mnist_png/training/{}", "mnist_png/testing/{}"),
    "Train/Test": ("Train/{}", "Test/{}"),
    "seg_train, nested twice": ("seg_train/seg_train/{}", "seg_test/seg_test/{}"),
    "valid only": ("train/{}", "valid/{}"),
    "dev only": ("train_set/{}", "dev_set/{}"),
    "below the classes": ("{}/train", "{}/test"),
    "images in folders of their own": ("train/images/{}", "test/images/{}"),
    "in archives": ("train.zip", "test1.zip"),
}


@pytest.mark.parametrize("form", SPLITS)
def test_split_folders_under_any_usual_name(form: str) -> None:
    files = []
    for folder, part in zip(SPLITS[form], (IMAGES[:80], IMAGES[80:]), strict=True):
        inside = [
            (f"{folder.format('ab'[i % 2])}/{i:03}.png" if "zip" not in folder else f"{'ab'[i % 2]}/{i:03}.png", image)
            for i, image in enumerate(part)
        ]
        named = [(name, encoded(image)) for name, image in inside]
        files += [(folder, zipped(named))] if "zip" in folder else named
    dataset = datasets.import_upload([("set.zip", zipped(files))])
    assert dataset.classes == ("a", "b")
    assert (len(dataset.train_images), len(dataset.test_images)) == (80, 40)
    assert any(note.startswith("Kept the given train/test split") for note in dataset.notes)


def test_validation_images_join_the_training_images() -> None:
    files = pngs(120, [f"{part}/{label}" for part in ("train", "valid", "test") for label in "ab"])
    found = read_files([("set.zip", zipped(files))])
    assert found.for_test is not None and len(found.images) == 120 and found.for_test.sum() == 40
    assert "40 validation images joined the training images." in found.notes


def test_test_images_need_no_labels() -> None:
    files = [*pngs(120, ("train/a", "train/b")), *[(f"test/{name}", data) for name, data in pngs(40, seed=1)]]
    dataset = datasets.import_upload([("set.zip", zipped(files))])
    assert dataset.classes == ("a", "b", datasets.UNLABELLED)
    assert (len(dataset.train_images), len(dataset.test_images)) == (120, 40)
    assert "The 40 test images have no labels." in dataset.notes


def test_an_image_beside_class_folders_is_left_out() -> None:
    for inside in ("", "set/"):
        files = [*pngs(120, (f"{inside}a", f"{inside}b")), (f"{inside}preview.png", encoded(IMAGES[0]))]
        found = read_files([("set.zip", zipped(files))])
        assert len(found.images) == 120 and found.labels is not None
        assert "1 image without a label left out." in found.notes


@pytest.mark.parametrize("header", ["id,label\n", "filename,species\n", "", "width,image,breed\n"])
@pytest.mark.parametrize("name", ["{:04}.png", "{:04}", "images/{:04}.png"])
def test_a_table_beside_the_images_names_their_labels(header: str, name: str) -> None:
    if not header and "." not in name:
        pytest.skip("nothing tells such a first line from names")
    width = "28," if "width" in header else ""
    rows = [f"{width}{name.format(index)},{'cat' if index % 3 else 'dog'}" for index in range(120)]
    files = [(f"images/{name}", data) for name, data in pngs(120)]
    found = read_files([("set.zip", zipped([*files, ("train.csv", (header + "\n".join(rows)).encode())]))])
    assert found.labels == ["cat" if index % 3 else "dog" for index in range(120)]
    assert "Labels taken from train.csv." in found.notes and found.left_out == []


def test_archives_in_archives() -> None:
    inner = [(f"{label}.zip", zipped(pngs(60, seed=seed))) for seed, label in enumerate(("cats", "dogs"))]
    for outer in (("set.zip", zipped(inner)), ("set.tar.gz", tar(inner)), ("set.tar", tar(inner, "w"))):
        found = read_files([outer])
        assert found.labels == ["cats"] * 60 + ["dogs"] * 60
    for kind in ("w:bz2", "w:xz"):
        assert len(read_files([("set", tar(pngs(), kind))]).images) == 120


def zipped_without_flag(files: list[tuple[bytes, bytes]]) -> bytes:
    """As Windows and Macs do: names in some encoding, and nothing says which."""
    marks = {f"{index:06}".encode() + b"/" * 0: name for index, (name, _) in enumerate(files)}
    pieces = io.BytesIO()
    with zipfile.ZipFile(pieces, "w") as archive:
        for index, (name, data) in enumerate(files):
            archive.writestr(f"{index:06}".ljust(len(name), "~"), data)
    packed = pieces.getvalue()
    for mark, name in marks.items():
        packed = packed.replace(mark.ljust(len(name), b"~"), name)
    return packed


ENCODINGS = {
    "NFD in UTF-8": ("utf-8", ["Äpfel", "日本語 🍎"]),
    "Simplified Chinese": ("gbk", ["猫", "狗"]),
    "Japanese": ("cp932", ["ねこ", "いぬ猫"]),
    "Korean": ("euc_kr", ["고양이사진", "강아지그림"]),
    "DOS": ("cp437", ["Äpfel", "Möhren"]),
    "Windows": ("cp1252", ["Äpfel", "Ménage"]),
}


@pytest.mark.parametrize("kind", ENCODINGS)
def test_names_in_archives_that_do_not_say_how_they_are_encoded(kind: str) -> None:
    encoding, names = ENCODINGS[kind]
    written = [unicodedata.normalize("NFD", name) if "NFD" in kind else name for name in names]
    files = [(f"{written[i % 2]}/{i:03}.png".encode(encoding), encoded(image)) for i, image in enumerate(IMAGES)]
    found = read_files([("set.zip", zipped_without_flag(files))])
    assert found.labels is not None and set(found.labels) == set(names)
    assert ("UTF" in kind) != any(f"read as {encoding.upper()}" in note for note in found.notes)


def test_names_in_no_known_encoding_are_names_all_the_same() -> None:
    names, _ = decoded_names([b"\xff\xff\x81", b"plain"])
    assert names[1] == "plain" and names[0]


NAMES = {
    **dict.fromkeys(["train", "X_train", "xtrain", "trainX", "train-images-idx3-ubyte", "Training_Set"], "train"),
    **dict.fromkeys(["test", "t10k-images", "y_test", "testX", "test1", "svhn_test_32x32", "PublicTest"], "test"),
    **dict.fromkeys(["val_images", "valid", "dev", "ValidationSet"], "validation"),
    **dict.fromkeys(["contest", "latest", "values", "device", "strain", "oval", "x", "interval", "traintest"], ""),
}


@pytest.mark.parametrize("name", NAMES)
def test_names_tell_the_split_only_where_they_mean_it(name: str) -> None:
    assert split_of(name) == NAMES[name]
