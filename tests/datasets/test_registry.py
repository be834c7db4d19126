from __future__ import annotations

import gzip
import hashlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from aelib import datasets
from aelib.datasets import rawfiles, registry
from aelib.spec.fields import InvalidInput
from tests.datasets.samples import drawings, idx, idx_files, write_raw

IMAGES = "train-images-idx3-ubyte"
LABELS = "train-labels-idx1-ubyte"


def set_resources(monkeypatch: pytest.MonkeyPatch, folder: str, files: dict[str, bytes]) -> None:
    known = getattr(datasets.import_torchvision().datasets, folder)
    resources = [(name, hashlib.md5(data).hexdigest()) for name, data in files.items()]
    monkeypatch.setattr(known, "resources", resources)


def test_entries_name_every_set_once() -> None:
    assert [entry.name for entry in datasets.entries()] == list(datasets.NAMES)
    assert len(set(datasets.NAMES)) == 5
    assert all(entry.title and entry.source for entry in datasets.entries())


def test_real_mnist_equals_what_torchvision_reads(real_data: Path) -> None:
    ours = datasets.load("mnist", real_data)
    oracle = datasets.import_torchvision().datasets.MNIST(real_data, train=False)
    np.testing.assert_array_equal(ours.test_images, oracle.data.numpy())
    np.testing.assert_array_equal(ours.test_labels, oracle.targets.numpy())
    assert ours.train_images.shape == (60_000, 28, 28)
    assert ours.classes == tuple("0123456789")


def test_a_valid_subset_is_used(real_data: Path) -> None:
    if not (real_data / "KMNIST" / "raw").is_dir():
        pytest.skip("no KMNIST here")
    kmnist = datasets.load("kmnist", real_data)
    assert len(kmnist.train_images) >= 8_000
    assert kmnist.classes[:3] == ("o", "ki", "su")


def test_mnist_is_the_default_only_where_it_is(tmp_path: Path) -> None:
    assert datasets.default_name(tmp_path) == "digits"
    write_raw(tmp_path)
    assert datasets.default_name(tmp_path) == "mnist"


BROKEN = {
    "cut off": (IMAGES, idx(drawings(30))[:-1], "bytes"),
    "longer than its header says": (IMAGES, idx(drawings(30)) + b"x", "bytes"),
    "empty": (LABELS, b"", "cut off"),
    "a web page": (IMAGES, b"<html>" * 99, "28×28"),
    "images of another size": (IMAGES, idx(drawings(30, side=32)), "28×28"),
    "without images": (IMAGES, idx(drawings(30)[:0]), "28×28"),
    "labels above nine": (LABELS, idx(np.full(30, 11)), "labels above 9"),
    "too few labels": (LABELS, idx(np.zeros(29)), "29 labels"),
    "claiming billions": (IMAGES, idx(drawings(1))[:4] + b"\xff" * 12, "28×28"),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_file_is_never_used(fault: str, tmp_path: Path) -> None:
    raw = write_raw(tmp_path)
    assert datasets.is_available("mnist", tmp_path)
    name, data, said = BROKEN[fault]
    (raw / name).write_bytes(data)
    assert not datasets.is_available("mnist", tmp_path)
    with pytest.raises(InvalidInput, match=said) as caught:
        datasets.load("mnist", tmp_path)
    assert "into MNIST/raw in the data folder, AELIB_DATA_DIR" in str(caught.value) and "aelib data fetch mnist" in str(
        caught.value
    )
    # Visitors read it: where the server keeps its files is nothing to them.
    assert str(tmp_path) not in str(caught.value)


def test_a_file_broken_after_loading_is_noticed(tmp_path: Path) -> None:
    raw = write_raw(tmp_path)
    datasets.load("mnist", tmp_path)
    (raw / IMAGES).write_bytes(b"")
    with pytest.raises(InvalidInput):
        datasets.load("mnist", tmp_path)


def test_archives_put_there_by_hand_are_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = write_raw(tmp_path, packed=True)
    set_resources(monkeypatch, "MNIST", {file.name: file.read_bytes() for file in raw.iterdir()})
    assert datasets.is_available("mnist", tmp_path)
    loaded = datasets.load("mnist", tmp_path)
    np.testing.assert_array_equal(loaded.train_images, drawings(30))
    assert {IMAGES, f"{IMAGES}.gz"} <= {file.name for file in raw.iterdir()}


def test_archives_of_other_data_are_refused(tmp_path: Path) -> None:
    raw = write_raw(tmp_path, packed=True)
    with pytest.raises(InvalidInput, match="MD5"):
        datasets.load("mnist", tmp_path)
    assert all(file.suffix == ".gz" for file in raw.iterdir())


def test_a_cut_off_archive_is_not_available(tmp_path: Path) -> None:
    raw = write_raw(tmp_path, packed=True)
    (raw / f"{IMAGES}.gz").write_bytes(gzip.compress(idx_files()[IMAGES])[:-20])
    assert not datasets.is_available("mnist", tmp_path)


def test_loading_twice_gives_the_same_object_and_the_cache_stays_small(tmp_path: Path) -> None:
    for number in range(6):
        write_raw(tmp_path / str(number), train=10 + number)
    loaded = [datasets.load("mnist", tmp_path / str(number)) for number in range(6)]
    assert [len(one.train_images) for one in loaded] == list(range(10, 16))
    assert datasets.load("mnist", tmp_path / "5") is loaded[5]
    assert datasets.load("mnist", tmp_path / "0") is not loaded[0]
    assert len(registry._cache._kept) <= 4


def test_threads_that_ask_at_once_make_a_set_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    digits = datasets.load("digits")
    monkeypatch.setitem(registry._BUNDLED, "digits", lambda: calls.append(1) or digits)  # type: ignore[func-returns-value]
    monkeypatch.setattr(registry, "_cache", registry._Cache(2))
    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(lambda _: datasets.load("digits"), range(16))) == {digits}
    assert len(calls) == 1


@pytest.mark.parametrize("name", ["", "cifar10", "../mnist", "own-xyz", "own-0123456789abcdef/../x", "own-" + "0" * 16])
def test_unknown_names_are_refused_with_a_sentence(name: str, tmp_path: Path) -> None:
    assert not datasets.is_available(name, tmp_path, tmp_path)
    with pytest.raises(InvalidInput, match="^dataset: "):
        datasets.load(name, tmp_path, tmp_path)


def test_an_environment_variable_that_is_no_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "file"
    file.touch()
    monkeypatch.setenv("AELIB_DATA_DIR", str(file))
    monkeypatch.setenv("AELIB_HOME", str(file))
    # Visitors read it: only the last part of the path is told.
    with pytest.raises(InvalidInput, match="^AELIB_DATA_DIR: “file” "):
        datasets.is_available("mnist")
    with pytest.raises(InvalidInput, match="^AELIB_HOME: “file” "):
        datasets.home()
    monkeypatch.setenv("AELIB_DATA_DIR", str(tmp_path / "new"))
    assert datasets.data_dir() == tmp_path / "new"
    monkeypatch.delenv("AELIB_DATA_DIR")
    assert "autoencoder-lab" in str(datasets.data_dir())


def test_fashion_classes_are_torchvisions(tmp_path: Path) -> None:
    write_raw(tmp_path, "FashionMNIST")
    assert datasets.load("fashionmnist", tmp_path).classes[-1] == "Ankle boot"


def test_raw_file_names_are_torchvisions() -> None:
    for collection in rawfiles.COLLECTIONS.values():
        names = {name for name, _ in rawfiles.torchvision_class(collection).resources}
        assert names == {f"{name}.gz" for name in rawfiles.FILES}
