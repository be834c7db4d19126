"""Commands as a shell starts them: in terminals that know few characters, and before pipes that close early."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from aelib.cli.console import NOBODY_READS, UNWRITABLE

COMMANDS = (["recipes"], ["train", "--help"], ["train", "«M8»"])


def started(
    folder: Path, *arguments: str, encoding: str = "utf-8", stdout: int = subprocess.PIPE
) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "AELIB_HOME": str(folder), "AELIB_DATA_DIR": str(folder)}
    return subprocess.Popen(
        [sys.executable, "-m", "aelib", *arguments], env=environment, stdout=stdout, stderr=subprocess.PIPE
    )


@pytest.mark.parametrize("encoding", ["ascii", "cp437"])
def test_what_is_printed_is_said_with_the_characters_that_there_are(tmp_path: Path, encoding: str) -> None:
    running = [started(tmp_path, *command, encoding=encoding) for command in COMMANDS]
    for command, process in zip(COMMANDS, running, strict=True):
        out, err = process.communicate()
        assert process.returncode == (2 if command == COMMANDS[-1] else 0)
        assert b"Traceback" not in err
        said = (out + err).decode(encoding)
        assert len(said) > 50
        if command == ["recipes"]:
            assert "?" not in said


def test_typography_and_accents_become_plain_and_all_else_a_question_mark(tmp_path: Path) -> None:
    process = started(tmp_path, "train", "M8", "--dataset", "é–ö×ρ…日", encoding="ascii")
    assert b'"e-oxrho...?"' in process.communicate()[1]


@pytest.mark.parametrize("command", [["recipes"], ["--help"], ["train", "M8", "--dataset", "digits", "--steps", "1"]])
def test_a_reader_that_goes_away_ends_a_command_without_a_word(tmp_path: Path, command: list[str]) -> None:
    read, write = os.pipe()
    os.close(read)
    process = started(tmp_path, *command, stdout=write)
    os.close(write)
    _, err = process.communicate()
    # argparse keeps it to itself that its help could not be written.
    assert process.returncode == (0 if command == ["--help"] else NOBODY_READS)
    assert b"Traceback" not in err and b"Broken" not in err and b"Exception" not in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no device that is always full")
@pytest.mark.parametrize(
    "command", [["recipes"], ["data", "list"], ["train", "M8", "--dataset", "digits", "--steps", "1"]]
)
def test_a_full_disk_is_told_in_a_sentence(tmp_path: Path, command: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        process = started(tmp_path, *command, stdout=full.fileno())
    _, err = process.communicate()
    assert process.returncode == UNWRITABLE
    assert err.decode().splitlines()[-1] == "The output could not be written: No space left on device."
    assert b"Traceback" not in err and b"Exception" not in err
