"""What every command does at a terminal or a pipe, whichever characters that knows and however soon it closes."""

from __future__ import annotations

import codecs
import errno
import io
import os
import sys
import unicodedata
from collections.abc import Callable
from typing import TextIO

# What a shell reports of a command that wrote to a closed pipe: 128 and the number of SIGPIPE.
NOBODY_READS = 141
# EX_IOERR of sysexits.h: what is written finds no room.
UNWRITABLE = 74
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO)

_SIGNS = str.maketrans(
    {
        "ρ": "rho",
        "β": "beta",
        "λ": "lambda",
        "σ": "sigma",
        "–": "-",
        "—": "-",
        "−": "-",
        "×": "x",
        "·": "-",
        "…": "...",
        "→": "->",
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
    }
)


def run(command: Callable[[], int]) -> int:
    """The exit status of `command`; what it prints never ends in a traceback for want of a character, a reader or
    room on a disk."""
    codecs.register_error("plainer", _plainer)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="plainer")
    try:
        try:
            return command()
        finally:
            # Here, and not when Python ends, where nobody could catch that nobody reads. (None: it was closed.)
            if sys.stdout is not None:
                sys.stdout.flush()
    except BrokenPipeError:
        _give_up(sys.stdout, sys.stderr)
        return NOBODY_READS
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        _give_up(sys.stdout)
        print(f"The output could not be written: {error.strerror}.", file=sys.stderr)
        return UNWRITABLE


def _give_up(*streams: TextIO) -> None:
    """Python would try once more to write what is left when it ends."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    for stream in streams:
        os.dup2(nowhere, stream.fileno())


def _plainer(error: UnicodeError) -> tuple[str, int]:
    """An error handler for encodings: typographic signs, accents and Greek letters in ASCII, and "?" for all else."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    written = unicodedata.normalize("NFKD", error.object[error.start : error.end].translate(_SIGNS))
    apart = (char for char in written if not unicodedata.combining(char))
    return "".join(char if char.isascii() else _named(char) for char in apart), error.end


def _named(letter: str) -> str:
    """A Greek letter's name, as formulas have it, and "?" for any other."""
    _, greek, name = unicodedata.name(letter, "").partition("GREEK SMALL LETTER ")
    return name.lower() if greek and name.isalpha() else "?"
