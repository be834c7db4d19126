"""Uploads made to harm: each ends in a data set or in one sentence, quickly and in little memory."""

from __future__ import annotations

import io
import pickle
import resource
import stat
import struct
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from aelib import datasets
from aelib.datasets import bounds
from aelib.spec.fields import InvalidInput
from tests.datasets.samples import drawings, encoded, npz, png_claiming, pngs, zipped
from tests.memory import memory_given_back

pytestmark = pytest.mark.usefixtures("read_here")

# Three tests try this many each. An upload that takes this long hangs: a person would have left.
GENTLE = settings(
    max_examples=100,
    deadline=timedelta(seconds=30),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module", autouse=True)
def bounded_memory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """All hostile uploads together leave hardly anything behind."""
    # What an upload loads once and for all does not count.
    datasets.import_upload(pngs(), tmp_path_factory.mktemp("first"))
    with memory_given_back(but_for=100_000_000):
        yield


def refused(name: str, data: bytes, home: Path) -> str:
    with pytest.raises(InvalidInput) as caught:
        datasets.import_upload([(name, data)], home)
    sentence = str(caught.value)
    assert "\n" not in sentence and len(sentence) < 600
    return sentence


def patched_directory(data: bytes, **fields: int) -> bytes:
    """A zip archive whose central directory lies: flag_bits (offset 8) or file_size (offset 24) of every entry."""
    forged = bytearray(data)
    start = 0
    while (start := forged.find(b"PK\1\2", start)) >= 0:
        for name, value in fields.items():
            offset, form = {"flag_bits": (8, "<H"), "file_size": (24, "<I")}[name]
            struct.pack_into(form, forged, start + offset, value)
        start += 4
    return bytes(forged)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    bomb = zipped([(f"{i}.png", bytes(10_000_000)) for i in range(50)])
    assert len(bomb) < 1_000_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "450 MB" in refused("a.zip", bomb, tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


def test_a_zip_bomb_that_lies_about_its_size_is_not_unpacked_further(tmp_path: Path) -> None:
    bomb = patched_directory(zipped([(f"{i}.png", bytes(100_000_000)) for i in range(2)]), file_size=100)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "100 images" in refused("a.zip", bomb, tmp_path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    assert "100,000 files" in refused("a.zip", b"PK\3\4" + b"PK\1\2" * 200_001, tmp_path)


def test_passwords_are_refused(tmp_path: Path) -> None:
    assert "password" in refused("a.zip", patched_directory(zipped(pngs()), flag_bits=1), tmp_path)


def npy(header: str, body: bytes = b"", version: bytes = b"\1\0") -> bytes:
    text = header.encode()
    return b"\x93NUMPY" + version + struct.pack("<H", len(text)) + text + body


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '|u1', 'fortran_order': False, 'shape': (100000, 100000, 100000)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (-1, 28, 28)}",
        "{'descr': '|V0', 'fortran_order': False, 'shape': (1000000000000, 28, 28)}",
        "{'descr': '<U0', 'fortran_order': False, 'shape': (1000000000000, 28, 28)}",
        "{'descr': '|O', 'fortran_order': False, 'shape': (120, 28, 28)}",
        "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1, 1, 1)}",
        "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 28, 28)",
        "[" * 5000,
        "__import__('os').system('false')",
    ],
)
def test_headers_that_lie_are_refused(header: str, tmp_path: Path) -> None:
    refused("a.npz", zipped([("images.npy", npy(header, b"12345678"))]), tmp_path)


def test_pickled_objects_are_never_loaded(tmp_path: Path) -> None:
    class Trap:
        def __reduce__(self) -> tuple[object, tuple[str]]:
            return Path.touch, (Path(tmp_path / "sprung"),)  # type: ignore[return-value]

    array = np.empty((120, 28, 28), object)
    array[:] = 0
    array[0, 0, 0] = Trap()
    buffer = io.BytesIO()
    np.savez(buffer, images=array)
    refused("a.npz", buffer.getvalue(), tmp_path / "home")
    refused("a.npz", pickle.dumps(Trap()), tmp_path / "home")
    assert not (tmp_path / "sprung").exists()


OUTWARD = ["../../evil", "/evil", "..\\..\\evil", "C:\\evil", "a/../../evil", "é" * 300, "a\0/../evil", "~/evil"]


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", OUTWARD)
def test_nothing_is_written_outside_the_store(name: str, tmp_path: Path) -> None:
    home = tmp_path / "deep" / "home"
    files = [(f"{name}{index}.png", data) for index, (_, data) in enumerate(pngs())]
    for upload in (files, [(f"{name}.zip", zipped(files))], [(f"{name}.npz", npz(x=drawings()))]):
        try:
            datasets.import_upload(upload, home)
        except InvalidInput as problem:
            assert "\n" not in str(problem)
    written = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert all(path.parent == home / "datasets" and path.name.startswith("own-") for path in written)
    assert [path for place in (Path("/"), Path.cwd(), Path.home()) for path in place.glob("*evil*")] == []


def test_links_in_an_archive_are_left_out_and_lead_nowhere(tmp_path: Path) -> None:
    """A zip archive can hold symbolic links: files whose contents name a place."""
    (tmp_path / "secret.png").write_bytes(pngs(1)[0][1])
    link = zipfile.ZipInfo("link.png")
    link.create_system, link.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    folder = zipfile.ZipInfo("folder")
    folder.create_system, folder.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(link, str(tmp_path / "secret.png"))
        archive.writestr(folder, str(tmp_path))
        for name, data in pngs():
            archive.writestr(f"folder/{name}", data)
    before = sorted(tmp_path.iterdir())
    dataset = datasets.import_upload([("a.zip", buffer.getvalue())], tmp_path / "home")
    assert len(dataset.train_images) + len(dataset.test_images) == 120
    assert "link.png is not an image" in dataset.notes[-1]
    assert sorted(tmp_path.iterdir()) == sorted([*before, tmp_path / "home"])


def test_a_member_without_a_name_is_left_out(tmp_path: Path) -> None:
    """What follows a null byte is no part of a member's name, for zipfile either."""
    archive = zipped([*pngs(), ("?.png", b"no picture")], zipfile.ZIP_STORED).replace(b"?.png", b"\0.png")
    dataset = datasets.import_upload([("a.zip", archive)], tmp_path)
    assert len(dataset.train_images) + len(dataset.test_images) == 120


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "datasets").touch()
    with pytest.raises(InvalidInput, match="AELIB_HOME"):
        datasets.import_upload(pngs(), tmp_path)


def test_images_are_not_decoded_beyond_a_total_of_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_PIXELS", 3_000_000)
    with pytest.raises(InvalidInput, match="3 megapixels"):
        datasets.import_upload([*pngs(), ("x.png", png_claiming(2000, 2000))], tmp_path)


@pytest.fixture(scope="module")
def good_uploads() -> dict[str, bytes]:
    labelled = npz(images=drawings(110), labels=np.arange(110) % 3)
    return {"a.zip": zipped(pngs(110, ("a", "b")), zipfile.ZIP_STORED), "a.npz": labelled}


@GENTLE
@given(data=st.data())
def test_damaged_archives_end_in_a_data_set_or_a_sentence(
    data: st.DataObject, good_uploads: dict[str, bytes], tmp_path: Path
) -> None:
    name = data.draw(st.sampled_from(sorted(good_uploads)))
    content = bytearray(good_uploads[name])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.one_of(st.none(), st.integers(0, len(content))))
    try:
        dataset = datasets.import_upload([(name, bytes(content[:end]))], tmp_path)
    except InvalidInput as problem:
        assert "\n" not in str(problem)
    else:
        assert dataset.train_images.shape[1:] == (28, 28) and dataset.train_images.dtype == np.uint8
        assert dataset.train_labels.max() < len(dataset.classes)


@GENTLE
@given(files=st.lists(st.tuples(st.text(max_size=20), st.binary(max_size=200)), max_size=5))
def test_any_files_end_in_a_sentence(files: list[tuple[str, bytes]], tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as caught:
        datasets.import_upload(files, tmp_path)
    assert "\n" not in str(caught.value)


@pytest.mark.filterwarnings("ignore::UserWarning:PIL")
@GENTLE
@given(kind=st.sampled_from(["PNG", "GIF", "BMP", "TIFF", "JPEG", "WEBP", "PPM"]), data=st.data())
def test_damaged_images_are_left_out_or_decoded(kind: str, data: st.DataObject, tmp_path: Path) -> None:
    content = bytearray(encoded(drawings(1)[0], kind))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    with pytest.raises(InvalidInput, match="100 images"):
        datasets.import_upload([("a", bytes(content))], tmp_path)
