from __future__ import annotations

import os
import stat
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sklearn.datasets import load_digits

from aelib import datasets
from aelib.spec.fields import InvalidInput
from tests.datasets.samples import drawings, encoded, idx, npz, png_claiming, pngs, zipped

pytestmark = pytest.mark.usefixtures("read_here")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AELIB_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def upload_npz(**arrays: object) -> datasets.Dataset:
    return datasets.import_upload([("mine.npz", npz(**arrays))])


def everything(dataset: datasets.Dataset) -> np.ndarray:
    return np.concatenate([dataset.train_images, dataset.test_images])


def as_set(images: np.ndarray) -> set[bytes]:
    return {image.tobytes() for image in images}


def test_an_upload_is_found_again_by_its_name(home: Path) -> None:
    dataset = datasets.import_upload([("cats.zip", zipped(pngs(folders=("a", "b"))))])
    assert dataset.name.startswith("own-") and len(dataset.name) == 20
    assert datasets.is_available(dataset.name)
    again = datasets.load(dataset.name)
    np.testing.assert_array_equal(again.train_images, dataset.train_images)
    assert (again.classes, again.notes, again.title) == (("a", "b"), dataset.notes, "cats.zip")
    assert sorted(file.name for file in home.rglob("*") if file.is_file()) == [
        f"{dataset.name}.{kind}" for kind in ("json", "npz")
    ]


def test_nobody_else_on_the_machine_can_read_an_upload(home: Path) -> None:
    upload_npz(images=drawings())
    modes = {stat.S_IMODE(file.stat().st_mode) for file in home.rglob("*") if file.is_file()}
    assert modes == {0o600}


def test_a_damaged_store_is_reported(home: Path) -> None:
    dataset = upload_npz(images=drawings())
    (home / "datasets" / f"{dataset.name}.npz").write_bytes(b"PK\3\4 nonsense")
    with pytest.raises(InvalidInput, match="an undamaged upload; upload the images again") as caught:
        datasets.load(dataset.name)
    assert str(home) not in str(caught.value)


def test_images_of_the_right_form_are_kept_as_they_are() -> None:
    images = drawings()
    for dataset in (upload_npz(images=images), datasets.import_upload(pngs())):
        assert as_set(everything(dataset)) == as_set(images)
        assert dataset.classes == ("all",)
        assert (len(dataset.train_images), len(dataset.test_images)) == (100, 20)
        assert dataset.notes[0] == "120 images of 28×28 pixels."
        assert dataset.notes[-1] == "Split at random (seed 0): 100 train, 20 test."


def test_zip_folder_and_single_files_give_the_same_set(tmp_path: Path) -> None:
    files = pngs(folders=("one", "two"))
    folder = tmp_path / "mine"
    for name, data in files:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    (tmp_path / "mine.zip").write_bytes(zipped(files))
    names = {
        datasets.import_upload(files).name,
        datasets.import_upload([("x.zip", zipped(files[::-1]))]).name,
        datasets.import_upload([("x.zip", zipped([(f"top/{name}", data) for name, data in files]))]).name,
        datasets.load_path(folder).name,
        datasets.load_path(tmp_path / "mine.zip").name,
    }
    assert len(names) == 1


def test_labels_come_from_folders_and_the_split_is_stratified() -> None:
    dataset = datasets.import_upload([("a.zip", zipped(pngs(120, ("10", "9", "x"))))])
    assert dataset.classes == ("9", "10", "x")
    np.testing.assert_array_equal(np.bincount(dataset.test_labels), [7, 7, 6])


def test_train_and_test_folders_are_kept_apart() -> None:
    files = pngs(120, ("data/train/cat", "data/train/dog", "data/test/cat", "data/test/dog"))
    dataset = datasets.import_upload([("a.zip", zipped(files))])
    assert dataset.classes == ("cat", "dog")
    assert (len(dataset.train_images), len(dataset.test_images)) == (60, 60)
    assert "given train/test split" in dataset.notes[-1]


def test_one_folder_is_no_label() -> None:
    assert datasets.import_upload([("a.zip", zipped(pngs(folders=("only",))))]).classes == ("all",)


@pytest.mark.parametrize("name", ["digits", "letters"])
def test_digits_and_letters_that_lie_on_their_side_are_put_upright(name: str) -> None:
    upright = datasets.load(name).test_images[:200]
    lying = upright.swapaxes(1, 2)
    for form in (idx(lying), npz(x=lying.reshape(200, 784)), npz(x=lying.reshape(200, 784) / 255)):
        dataset = datasets.import_upload([("a", form)])
        assert as_set(everything(dataset)) == as_set(upright)
        assert any("on their side" in note for note in dataset.notes)
    dataset = datasets.import_upload([("a", idx(upright))])
    assert as_set(everything(dataset)) == as_set(upright)
    assert not any("on their side" in note for note in dataset.notes)


def test_bright_backgrounds_are_inverted_and_it_is_said() -> None:
    dataset = datasets.import_upload(pngs(ground=255))
    assert as_set(everything(dataset)) == as_set(drawings(ground=0))
    assert any("inverted" in note for note in dataset.notes)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "I;16", "CMYK"])
def test_every_mode_gives_the_same_picture(mode: str) -> None:
    files = []
    for index, drawing in enumerate(drawings()):
        if mode == "I;16":
            image = Image.fromarray(drawing.astype(np.uint16) * 257)
        else:
            image = Image.fromarray(drawing).convert(mode)
        files.append((f"{index}.x", encoded(image, "TIFF" if mode == "CMYK" else "PNG")))
    assert as_set(everything(datasets.import_upload(files))) == as_set(drawings())


@pytest.mark.parametrize("ink", ["black", "white"])
def test_transparent_grounds_end_up_dark_behind_bright_strokes(ink: str) -> None:
    files = []
    for index, drawing in enumerate(drawings()):
        image = Image.new("RGB", (28, 28), ink)
        image.putalpha(Image.fromarray(drawing))
        files.append((f"{index}.png", encoded(image)))
    assert as_set(everything(datasets.import_upload(files))) == as_set(drawings())


def test_oblong_images_are_padded_with_their_background() -> None:
    files = [(f"{i}.png", encoded(np.full((20, 60), 40, np.uint8))) for i in range(60)]
    files += [(f"{i}.jpg", encoded(np.full((300, 200), 40, np.uint8), "JPEG")) for i in range(60)]
    dataset = datasets.import_upload(files)
    assert np.abs(everything(dataset).astype(int) - 40).max() <= 1
    assert dataset.notes[0] == "120 images of 60×20 to 200×300 pixels were padded to squares and resized to 28×28."


def test_shrinking_averages() -> None:
    fine = np.indices((112, 112)).sum(0) % 2 * 254
    dataset = upload_npz(x=np.repeat(fine[None].astype(np.uint8), 100, 0))
    assert np.abs(everything(dataset)[:, 3:-3, 3:-3].astype(int) - 127).max() <= 2


def test_what_is_left_out_is_told_with_its_reason() -> None:
    files = [
        *pngs(),
        ("a.txt", b"hello"),
        ("b.png", pngs(1)[0][1][:60]),
        ("c.png", png_claiming(30_000, 30_000)),
        ("e.png", b""),
        ("../f.png", pngs(1)[0][1]),
        ("__MACOSX/x.png", b"junk"),
        (".DS_Store", b"junk"),
    ]
    dataset = datasets.import_upload([("all.zip", zipped(files))])
    assert len(everything(dataset)) == 120
    assert dataset.notes[-1].startswith("5 items skipped: ")
    said = [datasets.import_upload([*pngs(), bad]).notes[-1] for bad in files[120:125]]
    for sentence, reason in zip(
        said, ["not an image", "damaged", "4,096 pixels", "empty", "out of its folder"], strict=True
    ):
        assert reason in sentence


def test_files_named_twice_are_left_out_once() -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = zipped([*pngs(), pngs(1)[0]])
    dataset = datasets.import_upload([("a.zip", data)])
    assert len(everything(dataset)) == 120 and "duplicate" in dataset.notes[-1]


def test_links_pipes_and_unreadable_things_in_a_folder_are_left_out(tmp_path: Path) -> None:
    folder = tmp_path / "images"
    folder.mkdir()
    for name, data in pngs():
        (folder / name).write_bytes(data)
    (folder / "loop").symlink_to(folder)
    (folder / "link.png").symlink_to(folder / "0000.png")
    os.mkfifo(folder / "pipe.png")
    dataset = datasets.load_path(folder)
    assert len(everything(dataset)) == 120
    assert "link.png is a symbolic link" in dataset.notes[-1] and "pipe.png is not a file" in dataset.notes[-1]


@pytest.mark.parametrize("path", ["nowhere", "a\0b", "x" * 5000, "/dev/null"])
def test_paths_that_lead_nowhere_are_refused(path: str) -> None:
    with pytest.raises(InvalidInput, match="^path: "):
        datasets.load_path(path)


def test_too_few_images_are_refused_with_the_reasons() -> None:
    with pytest.raises(InvalidInput, match="at least 100 images, and 99 can be used .1 item skipped: a.txt"):
        datasets.import_upload([*pngs(99), ("a.txt", b"hello")])
    with pytest.raises(InvalidInput, match="100 images"):
        datasets.import_upload([])


def test_labels_that_many_images_lack_never_sink_a_set() -> None:
    def labels(count: int) -> np.ndarray:
        return np.array(["" if index < 40 else "ab"[index % 2] for index in range(count)])

    few = upload_npz(images=drawings(120), labels=labels(120))
    assert (len(everything(few)), few.classes) == (120, ("all",))
    assert "Labels dropped: 40 of 120 images have none, and at least 100 images are needed." in few.notes
    enough = upload_npz(images=drawings(140), labels=labels(140))
    assert (len(everything(enough)), enough.classes) == (100, ("a", "b"))
    assert "40 images without a label left out." in enough.notes
    with pytest.raises(InvalidInput, match="at least 100 images, and 90 can be used"):
        upload_npz(images=drawings(90), labels=labels(90))


def test_a_refusal_tells_of_rows_that_were_left_out() -> None:
    rows = [
        ",".join("" if index < 40 else str(value) for value in image.ravel()) for index, image in enumerate(drawings())
    ]
    header = ",".join(f"pixel{index}" for index in range(784))
    with pytest.raises(InvalidInput, match="and 80 can be used .40 rows with missing numbers left out"):
        datasets.import_upload([("a.csv", "\n".join([header, *rows]).encode())])


@pytest.mark.parametrize("names", [("x_train", "x_test"), ("train_images", "test_images"), ("trainX", "testX")])
def test_split_arrays_stay_split(names: tuple[str, str]) -> None:
    images = drawings(150)
    labels = names[0].replace("images", "labels").replace("x", "y").replace("X", "Y")
    arrays = {names[0]: images[:100], names[1]: images[100:], labels: np.arange(100) % 4}
    arrays[labels.replace("train", "test")] = np.arange(50) % 4
    dataset = upload_npz(**arrays)
    np.testing.assert_array_equal(dataset.test_images, images[100:])
    np.testing.assert_array_equal(dataset.train_labels, np.arange(100) % 4)
    assert dataset.classes == ("0", "1", "2", "3")


def test_sklearns_digits_can_be_uploaded() -> None:
    digits = load_digits()
    dataset = upload_npz(data=digits.data, images=digits.images, target=digits.target)
    assert everything(dataset).max() == 255
    assert "Pixel values from 0 to 16, the range of the whole set, were scaled to 0 to 255." in dataset.notes
    np.testing.assert_array_equal(
        np.bincount(dataset.train_labels) + np.bincount(dataset.test_labels), np.bincount(digits.target)
    )


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int64", "uint16", "float16", "float32", ">f8"])
def test_numbers_of_every_kind_give_the_same_pictures(dtype: str) -> None:
    unit = drawings() // 255
    scale = {"uint8": 255, "int64": 255, "uint16": 65535}.get(dtype, 1)
    assert as_set(everything(upload_npz(x=(unit * np.int64(scale)).astype(dtype)))) == as_set(drawings())


def test_layouts_of_arrays() -> None:
    images = drawings()
    for stack in (
        images[..., None],
        images[:, None],
        np.repeat(images[..., None], 3, 3),
        np.repeat(images[:, None], 3, 1),
        images.reshape(120, 784),
        np.asfortranarray(images),
    ):
        assert as_set(everything(upload_npz(images=stack))) == as_set(images)


def test_the_only_stack_of_images_is_found_whatever_its_name() -> None:
    dataset = upload_npz(strange=drawings(), labels=np.array(["yes", "no"] * 60), other=np.arange(7))
    assert dataset.classes == ("no", "yes")


REFUSED = {
    "no images": ({"a": np.arange(5)}, "arrays named images"),
    "too few": ({"x": drawings(99)}, "100 images"),
    "too many": ({"x": np.zeros((70_001, 4, 4), np.uint8)}, "70,000"),
    "not a number": ({"x": np.full((120, 28, 28), np.nan)}, "NaN"),
    "infinite": ({"x": np.full((120, 28, 28), -np.inf)}, "NaN"),
    "complex": ({"x": np.zeros((120, 28, 28), complex)}, "other than numbers"),
    "nothing in it": ({"x": np.zeros((0, 28, 28))}, "is empty"),
    "no pixels": ({"x": np.zeros((120, 0, 28))}, "images"),
    "very long": ({"x": np.zeros((120, 2, 5000), np.uint8)}, "4,096 pixels"),
    "channels": ({"x": np.zeros((120, 28, 28, 7), np.uint8)}, "channels"),
    "enormous": ({"x": (drawings() / 255 - 0.5) * 3.5e308}, "finite"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_arrays_that_cannot_be_used_are_refused_with_a_sentence(fault: str) -> None:
    arrays, said = REFUSED[fault]
    with pytest.raises(InvalidInput, match=said):
        upload_npz(**arrays)


def test_zip_methods_that_may_ask_for_gigabytes_are_left_out() -> None:
    with pytest.raises(InvalidInput, match="unusual method"):
        datasets.import_upload([("a.zip", zipped(pngs(), zipfile.ZIP_LZMA))])
