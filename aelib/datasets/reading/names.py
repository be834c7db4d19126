"""What names tell: paths inside archives, whatever encoding they were written in, and parts of a data set."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence

from aelib.datasets.bounds import Unusable

Path = tuple[str, ...]

TRAIN, TEST, VALIDATION = "train", "test", "validation"
_SYSTEM_FOLDERS = {"__MACOSX"}
_SYSTEM_FILES = {"thumbs.db", "desktop.ini"}
_SPLIT_WORDS = {
    TRAIN: ("training", "train", "trn"),
    TEST: ("testing", "test", "tst", "t10k", "evaluation", "eval"),
    VALIDATION: ("validation", "validate", "valid", "val", "dev"),
}
_ANY_SPLIT = {word: split for split, words in _SPLIT_WORDS.items() for word in words}
# A word of its own, or grown together with what such names are made of: xtrain, trainx, trainset, test1.
_SPLIT = re.compile(
    rf"(?:(?<![a-z])|(?<=^[xy])|(?<=[^a-z][xy]))({'|'.join(sorted(_ANY_SPLIT, key=len, reverse=True))})"
    r"(?=[xy]?(?![a-z])|set|data|images|labels)"
)


def path_of(name: str) -> Path:
    """The folders and the file that `name` stands for, in composed letters. Raises `Unusable` if it leads outward."""
    parts = tuple(part for part in re.split(r"[\\/]", unicodedata.normalize("NFC", name)) if part not in ("", "."))
    if not parts or ".." in parts:
        raise Unusable("has a name that leads out of its folder")
    return parts


def is_system_file(path: Path) -> bool:
    """Is it what an operating system leaves in folders?"""
    return (
        bool(_SYSTEM_FOLDERS.intersection(path))
        or path[-1].lower() in _SYSTEM_FILES
        or any(part.startswith(".") for part in path)
    )


def split_of(name: str) -> str:
    """`train`, `test`, `validation`, or "" if the name tells none or several."""
    found = {_ANY_SPLIT[match] for match in _SPLIT.findall(_words(name))}
    return found.pop() if len(found) == 1 else ""


def without_split(name: str) -> str:
    """What else the name says, in small letters."""
    return _SPLIT.sub(" ", _words(name))


def split_of_path(path: Path) -> str:
    """The split that the file's name tells, or else the nearest of its folders that tells one."""
    return next((split for split in map(split_of, reversed(path)) if split), "")


def stem(name: str) -> str:
    """The name without what follows its last dots: `a.csv.gz` → `a`."""
    return re.sub(r"(?<=.)(\.[A-Za-z][A-Za-z0-9]{0,7}){1,2}$", "", name)


def without_common_folders(paths: list[Path]) -> list[Path]:
    """The paths from the first folder on that does not hold them all."""
    if not paths:
        return paths
    folders = [path[:-1] for path in paths]
    first, last = min(folders), max(folders)
    common = next((i for i, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))
    return [path[common:] for path in paths]


def _words(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


def decoded_names(raw: Sequence[bytes]) -> tuple[list[str], str]:
    """(names, the encoding that they were guessed to be in) for names that say none.

    A zip archive that does not say UTF-8 is in code page 437 by its specification; Macs write UTF-8 all the same, and
    Windows the code page of its country.
    """
    strange = sorted({name for name in raw if not name.isascii()})
    for encoding, fits in _GUESSES:
        try:
            text = [name.decode(encoding) for name in strange]
        except UnicodeDecodeError:
            continue
        letters = "".join(letter for name in text for letter in name if letter > "\x7f")
        if fits(letters):
            return [name.decode(encoding) for name in raw], encoding
    return [name.decode("cp437") for name in raw], "cp437"


def _within(*ranges: tuple[str, str]) -> Callable[[str], bool]:
    return lambda letters: all(any(low <= letter <= high for low, high in ranges) for letter in letters)


def _simplified(letters: str) -> bool:
    try:
        letters.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return any("一" <= letter <= "鿿" for letter in letters)


def _korean(letters: str) -> bool:
    # Syllables lie where GB 2312 has its most frequent characters: several must agree.
    return len(set(letters)) >= 6 and _within(("가", "힣"))(letters)


def _japanese(letters: str) -> bool:
    return any("ぁ" <= letter <= "ヺ" for letter in letters) and _within(("　", "ヿ"), ("一", "鿿"), ("！", "～"))(
        letters
    )


_GUESSES: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("utf-8", lambda letters: True),
    ("euc_kr", _korean),
    ("gbk", _simplified),
    ("cp932", _japanese),
    # Letters of Western Europe.
    ("cp437", _within(("À", "ÿ"), ("ª", "ª"), ("º", "º"))),
    ("cp1252", _within(("À", "ÿ"), ("–", "’"), ("Š", "ž"))),
)
