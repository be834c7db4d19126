"""Files of every format made to harm: each ends in a data set or in one sentence, within the limits."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import resource
import struct
import tarfile
import zlib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.io import savemat

from aelib.datasets import bounds, confined
from aelib.datasets.bounds import Refused
from aelib.datasets.reading import read_files, read_path
from tests.datasets.reading.test_arrays import mat, npy, tar
from tests.datasets.reading.test_tables import FORMS, hugging_face
from tests.datasets.samples import drawings, encoded, idx, npz, pngs, zipped

ZEROS = bytes(5_000_000)


@pytest.fixture
def small_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "MOST_BYTES", 2_000_000)


def mat_of_zeros() -> bytes:
    buffer = io.BytesIO()
    savemat(buffer, {"X": np.zeros((100, 50_000), np.uint8)}, do_compression=True)
    return buffer.getvalue()


BOMBS = {
    "gzip": gzip.compress(ZEROS),
    "bzip2": bz2.compress(ZEROS),
    "xz": lzma.compress(ZEROS),
    "gzip in gzip": gzip.compress(gzip.compress(ZEROS)),
    "zip in zip": zipped([(f"{index}.zip", zipped([("a.png", bytes(300_000))])) for index in range(10)]),
    "tar.gz": tar([("a.png", ZEROS)]),
    "matlab": mat_of_zeros(),
}


@pytest.mark.parametrize("kind", BOMBS)
def test_bombs_are_not_unpacked_beyond_the_limit(kind: str, small_limit: None) -> None:
    assert len(BOMBS[kind]) < 100_000
    with pytest.raises(Refused, match="2 MB in all when unpacked"):
        read_files([("bomb", BOMBS[kind])])


def test_archives_nest_only_so_deep() -> None:
    data = encoded(drawings(1)[0])
    for _ in range(50):
        data = zipped([("a", data)])
    found = read_files([("a", data)])
    assert found.left_out == ["a is an archive too deep in other archives"]


def test_an_archive_that_holds_itself_ends() -> None:
    """As Russ Cox's “zip files all the way down”: here each of many layers holds ten of the next."""
    data = zipped([("a.png", b"no image")])
    for _ in range(bounds.DEEPEST + 2):
        data = zipped([(f"{index}.zip", data) for index in range(10)])
    found = read_files([("a.zip", data)])
    assert not len(found.images)


def test_an_xz_file_cannot_ask_for_more_memory_than_allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aelib.datasets.reading.containers._XZ_MEMORY", 1_000_000)
    assert read_files([("a.xz", lzma.compress(pngs(1)[0][1]))]).left_out == ["a.xz cannot be unpacked"]


def test_links_and_devices_in_a_tar_archive_lead_nowhere() -> None:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for kind, name in ((tarfile.SYMTYPE, "link.png"), (tarfile.LNKTYPE, "hard.png"), (tarfile.CHRTYPE, "device")):
            member = tarfile.TarInfo(name)
            member.type, member.linkname = kind, "/etc/passwd"
            archive.addfile(member)
        for name, data in [*pngs(110), ("../outside.png", pngs(1)[0][1])]:
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
    found = read_files([("a.tar", buffer.getvalue())])
    assert len(found.images) == 110
    assert found.left_out == ["../outside.png has a name that leads out of its folder"]


def element(kind: int, data: bytes) -> bytes:
    return struct.pack("<II", kind, len(data)) + data + bytes(-len(data) % 8)


def matrix(kind: int, inside: bytes) -> bytes:
    about = element(6, struct.pack("<II", kind, 0)) + element(5, struct.pack("<ii", 1, 1)) + element(1, b"a")
    return element(14, about + inside)


def nested_matlab(kind: int, depth: int) -> bytes:
    """Cells (1) in cells or structs (2) in structs."""
    fields = element(5, struct.pack("<i", 8)) + element(1, b"a".ljust(8, b"\0")) if kind == 2 else b""
    deep = matrix(9, element(2, b"\1"))
    for _ in range(depth):
        deep = matrix(kind, fields + deep)
    return b"MATLAB 5.0 MAT-file".ljust(124) + struct.pack("<H", 0x100) + b"IM" + deep


def test_cells_of_matlab_that_nest_without_end_are_never_opened() -> None:
    """SciPy goes into them by calling itself, until the process dies of it."""
    found = read_files([("a.mat", nested_matlab(1, 20_000))])
    assert found.left_out == ["a is a MATLAB cell, not an array of numbers"]


def test_structs_of_matlab_that_nest_without_end_are_opened_in_a_process_of_their_own() -> None:
    assert read_files([("a.mat", nested_matlab(2, 20))]).left_out == ["a is not an array of numbers"]
    with pytest.raises(Refused, match="intact files; reading these broke off"):
        confined.read_files([("a.mat", nested_matlab(2, 20_000))])


def test_labels_of_letters_that_do_not_exist_are_labels_all_the_same() -> None:
    """NumPy stores a letter as any number of 32 bits; Python knows those up to U+10FFFF."""
    for form in ("<U1", ">U1"):
        codes = np.array([ord("a"), ord("b"), 0xD800, 0x110000, 0xFFFFFFFF, 0] * 20, f"{form[0]}u4")
        array = npy(codes.view(form))
        found = read_files([("a.npz", zipped([("x.npy", npy(drawings())), ("y.npy", array)]))])
        assert len(found.images) == 100 and set(found.labels or []) == {"a", "b", "?", "\N{REPLACEMENT CHARACTER}"}


def test_a_large_image_or_text_repeated_in_a_parquet_file_is_in_memory_once() -> None:
    noise = np.random.default_rng(0).integers(0, 255, 1_000_000, np.uint8).tobytes()
    rows, texts = (
        pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int32()), pa.array([value]))
        for value in (noise, noise.hex())
    )
    for columns in ({"image": rows, "label": texts}, {"number": pa.array(range(5_000)), "text": texts}):
        buffer = io.BytesIO()
        pq.write_table(pa.table(columns), buffer, dictionary_pagesize_limit=2**28, write_batch_size=64)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        found = read_files([("a.parquet", buffer.getvalue())])
        assert not len(found.images)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000


def test_a_table_of_very_many_columns_is_refused() -> None:
    line = b",".join([b"1"] * 200_000) + b"\n"
    found = read_files([("a.csv", line * 3)])
    assert found.left_out == ["a.csv has more than 20,000 columns"]


def test_a_field_without_an_end_is_no_table() -> None:
    assert read_files([("a.csv", b'a,"' + b"x" * 300_000 + b"\n1,2\n1,2\n")]).left_out


def test_a_tiff_of_very_many_pages_ends_at_the_number_of_images(monkeypatch: pytest.MonkeyPatch) -> None:
    from PIL import Image

    monkeypatch.setattr(bounds, "MOST_IMAGES", 100)
    first, *others = [Image.new("L", (1, 1))] * 150
    with pytest.raises(Refused, match="at most 100 images"):
        read_files([("a.tif", encoded(first, "TIFF", save_all=True, append_images=others))])


GOOD = {
    "a.csv": FORMS["label last"],
    "a.parquet": hugging_face(),
    "a.mat": mat(X=drawings(110), y=np.arange(110) % 3),
    "a.tar": tar(pngs(110), "w"),
    "a.tar.gz": tar(pngs(110)),
    "a.npy": npy(drawings(110)),
    "a-idx3-ubyte": idx(drawings(110)),
    "a.npz": npz(x=drawings(110)),
}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_damaged_files_end_in_images_or_a_sentence(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(GOOD)))
    content = bytearray(GOOD[name])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = data.draw(st.one_of(st.none(), st.integers(0, len(content))))
    try:
        found = read_files([(name, bytes(content[:end]))])
    except Refused as problem:
        assert "\n" not in str(problem)
    else:
        assert found.images.shape[1:] == (28, 28) and found.images.dtype == np.uint8


def test_a_damaged_stream_of_matlab_is_told() -> None:
    data = bytearray(mat(X=drawings(110)))
    data[150:160] = zlib.compress(b"")[:8] + b"xx"
    assert read_files([("a.mat", bytes(data))]).left_out == ["a.mat is a damaged MATLAB file"]


@pytest.mark.skipif(not Path("/proc/kmsg").exists(), reason="needs Linux's messages")
def test_a_file_that_is_never_at_its_end_is_not_read() -> None:
    with pytest.raises(Refused, match="a readable file, and this one is empty"):
        read_path(Path("/proc/kmsg"))
