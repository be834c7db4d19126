"""Foreign files in a process of their own: what takes too long or too much, crashes or lies ends in one sentence."""

from __future__ import annotations

import io
import json
import struct
import time
import zlib
from collections.abc import Callable
from concurrent.futures import wait
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest

from aelib.datasets import confined
from aelib.datasets.bounds import MOST_IMAGES, NoRoom, Refused, Unusable
from aelib.datasets.confined import allowance, process, replies
from aelib.datasets.confined.replies import Garbled
from aelib.datasets.decoding import decode
from aelib.datasets.reading import Collected, read_files
from tests.datasets.samples import blank_pages, drawings, encoded, npz, pngs, zipped
from tests.processes import readers


@pytest.fixture
def a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading may take one second of processor time."""
    monkeypatch.setattr(allowance, "FEWEST_SECONDS", 1.0)
    monkeypatch.setattr(allowance, "SECONDS_A_MEGABYTE", 0.0)
    monkeypatch.setattr(allowance, "PICTURE_SECONDS", 1.0)


def same(found: Collected, wanted: Collected) -> bool:
    rest = ("lowest", "highest", "labels", "from_arrays", "notes", "left_out")
    split = [None if each.for_test is None else each.for_test.tolist() for each in (found, wanted)]
    return (
        np.array_equal(found.images, wanted.images)
        and split[0] == split[1]
        and all(getattr(found, name) == getattr(wanted, name) for name in rest)
    )


LABELLED = npz(x_train=drawings(110), y_train=np.arange(110) % 3, x_test=drawings(40) / 255, y_test=np.arange(40) % 3)


@pytest.mark.parametrize(
    "files",
    [
        pngs(130, ("train/a", "train/ä", "test/a", "test/ä")),
        [("a.npz", LABELLED)],
        [*pngs(3), ("a\udcff.png", b"no image"), ("", b"")],
    ],
    ids=["images", "arrays", "few"],
)
def test_a_process_of_its_own_finds_what_the_readers_find(files: list[tuple[str, bytes]], tmp_path: Path) -> None:
    assert same(confined.read_files(files), read_files(files))
    if len(files) == 1:
        (tmp_path / files[0][0]).write_bytes(files[0][1])
        assert same(confined.read_path(tmp_path / files[0][0]), read_files(files))
        assert same(confined.read_path(tmp_path), read_files(files))
    assert readers() == []


def test_a_single_picture_is_decoded_or_told() -> None:
    png = pngs(1, side=60)[0][1]
    np.testing.assert_array_equal(confined.decode(png, 112), decode(png, 112))
    with pytest.raises(Unusable, match="is not an image"):
        confined.decode(b"no picture")


def slow_jpeg() -> bytes:
    """A progressive JPEG that comes in very many scans: its last one, again and again."""
    data = encoded(np.zeros((1_500, 1_500), np.uint8), "JPEG", progressive=True)
    last = data.rfind(b"\xff\xda")
    return data[:last] + 12_000 * data[last:-2] + data[-2:]


def tagged_tiff(count: int = 60_000) -> bytes:
    """A compressed TIFF file with very many tags that nobody knows, each of which libtiff would print a line about."""
    strip = zlib.compress(drawings(1).tobytes())
    fields = [(256, 3, 28), (257, 3, 28), (258, 3, 8), (259, 3, 8), (262, 3, 1), (273, 4, 8), (277, 3, 1), (278, 3, 28)]
    fields += [(279, 4, len(strip))]
    fields += [(tag, 4, 1) for tag in range(1_000, 1_000 + count)]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in fields)
    directory = struct.pack("<H", len(fields)) + entries + bytes(4)
    return b"II*\0" + struct.pack("<I", 8 + len(strip)) + strip + directory


SLOW: dict[str, Callable[[], list[tuple[str, bytes]]]] = {
    "scans": lambda: [("a.jpg", slow_jpeg())],
    "tags": lambda: [(f"{index}.tif", tagged_tiff()) for index in range(25)],
    "pages": lambda: [("a.zip", zipped(blank_pages(120)))],
}


@pytest.mark.parametrize("kind", SLOW)
def test_what_takes_too_long_is_ended_and_told(kind: str, a_second: None, capfd: pytest.CaptureFixture[str]) -> None:
    files = SLOW[kind]()
    assert sum(len(data) for _, data in files) < 20_000_000
    with pytest.raises(Refused, match=r"files that can be read in \d+ seconds of computing time; these take longer"):
        confined.read_files(files)
    assert readers() == []
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(find_spec("resource") is None, reason="needs a system that bounds processes")
def test_the_system_ends_what_takes_too_long_where_nobody_watches(
    a_second: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(process, "_watch", lambda child, answer, *_: wait([answer]))
    with pytest.raises(Refused, match="these take longer"):
        confined.read_files(blank_pages(120))


def test_a_picture_that_takes_too_long_is_told(a_second: None, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(Unusable, match="takes longer than 1 seconds? to decode"):
        confined.decode(slow_jpeg())
    assert capfd.readouterr() == ("", "")


def test_what_needs_too_much_memory_is_ended_and_told(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(allowance, "MEGABYTES", 150)
    bomb = npz(x=np.zeros((400, 1_000, 1_000), np.uint8))
    assert len(bomb) < 1_000_000
    with pytest.raises(Refused, match="files that can be read in 150 MB of memory; these need more"):
        confined.read_files([("a.npz", bomb)])
    assert capfd.readouterr() == ("", "")


def test_the_largest_arrays_that_are_allowed_find_room() -> None:
    images = np.zeros((70_000, 28, 28))
    images[:, 5:20, 5:9] = 1
    buffer = io.BytesIO()
    np.save(buffer, images)
    assert len(confined.read_files([("a.npy", buffer.getvalue())]).images) == 70_000


@pytest.mark.parametrize("signal", ["SIGKILL", "SIGSEGV"])
def test_a_process_that_is_killed_is_told(signal: str, capfd: pytest.CaptureFixture[str]) -> None:
    """As the system does where memory runs out, and as a decoder that crashes."""
    import signal as signals

    def kill() -> bool:
        for child in readers():
            child.send_signal(getattr(signals, signal))
        return False

    with pytest.raises(Refused, match="reading these broke off"):
        confined.read_files(blank_pages(100), kill)
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/proc/self/oom_score_adj").exists(), reason="needs Linux")
def test_where_memory_runs_out_the_reader_goes_first_and_training_has_the_processors_first() -> None:
    def bound() -> bool:
        scores = [Path(f"/proc/{child.pid}/oom_score_adj").read_text().strip() for child in readers()]
        return "1000" in scores and [child.nice() for child in readers()] == [psutil.Process().nice() + 10]

    with pytest.raises(confined.Cancelled):
        confined.read_files(blank_pages(100), bound)


def test_a_process_that_cannot_be_started_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(
        NoRoom, match="^No process could be started to read files .No such file or directory.: try again"
    ):
        confined.read_files(pngs(3))


def test_nobody_waits_any_more_and_the_process_ends_at_once() -> None:
    began = time.monotonic()
    with pytest.raises(confined.Cancelled):
        confined.read_files(blank_pages(100), lambda: time.monotonic() > began + 0.5)
    assert readers() == []


def test_links_lead_nowhere(tmp_path: Path) -> None:
    (tmp_path / "secret.png").write_bytes(pngs(1)[0][1])
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    assert confined.read_path(folder).left_out == ["link.png is a symbolic link"]


def answer(facts: Any, rest: bytes = b"") -> bytes:
    return json.dumps(facts).encode() + b"\n" + rest


def sound(count: int = 2, **changes: Any) -> bytes:
    facts: dict[str, Any] = {
        "images": count,
        "lowest": 0.0,
        "highest": 1.0,
        "labels": None,
        "split": False,
        "notes": [],
        "left_out": [],
    }
    return answer(facts | changes, bytes(count * 784 if isinstance(count, int) and 0 <= count < 9 else 0))


def test_a_sound_answer_is_taken() -> None:
    assert replies.collected(replies.parsed(sound())).images.shape == (2, 28, 28)
    assert replies.collected(replies.parsed(sound(labels=["a", None]))).labels == ["a", None]


LIES = {
    "nothing": b"",
    "no line": b"{}",
    "no JSON": b"cos\nsystem\n",
    "deep": b"[" * 100_000 + b"\n",
    "a list": answer([1]),
    "no fields": answer({}),
    "no number": sound(images="2"),
    "a truth": sound(images=True),
    "negative": sound(-1),
    "too many": sound(MOST_IMAGES + 1),
    "too short": sound()[:-1],
    "too long": sound() + b"0",
    "a split of nothing": sound(split=True),
    "labels of other images": sound(labels=["a"]),
    "labels of numbers": sound(labels=[1, 2]),
    "notes of numbers": sound(notes=[1]),
    "no notes": sound(notes=None),
    "no end": sound(highest=float("inf")),
    "too large to show": sound(highest=10**400),
}


@pytest.mark.parametrize("lie", LIES)
def test_a_process_that_was_taken_over_is_not_believed(lie: str) -> None:
    with pytest.raises(Garbled):
        replies.collected(replies.parsed(LIES[lie]))
