"""Files that are written as a whole or not at all."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from aelib.host.files import remove_parts, replacing
from tests.test_disk import no_room_beyond


def mode(file: Path) -> int:
    return stat.S_IMODE(file.stat().st_mode)


def test_a_file_is_replaced_when_all_of_it_is_written(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    with replacing(file) as stream:
        stream.write(b"new")
        assert file.read_bytes() == b"old"
    assert file.read_bytes() == b"new"
    assert list(tmp_path.iterdir()) == [file]


def test_what_ends_badly_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(file) as stream:
        stream.write(b"new")
        raise ZeroDivisionError
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_a_full_disk_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    with pytest.raises(OSError), no_room_beyond(1_000), replacing(file) as stream:
        stream.write(bytes(100_000))
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]


def test_nobody_else_may_read_it_unless_it_is_said(tmp_path: Path) -> None:
    for private in (True, False):
        with replacing(tmp_path / f"{private}", private=private):
            pass
    assert mode(tmp_path / "True") == 0o600
    assert mode(tmp_path / "False") & 0o400 and mode(tmp_path / "False") != 0o600


def test_what_a_killed_process_left_can_be_removed(tmp_path: Path) -> None:
    file = tmp_path / "file"
    with replacing(file) as stream:
        left = Path(f"{stream.name}".replace(".part", "0.part"))
        left.write_bytes(b"half of it")
    remove_parts(tmp_path)
    assert list(tmp_path.iterdir()) == [file]
