"""Many image files → one stack of 28×28 pictures with labels from the folders they lie in."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from aelib.datasets.archives import Refused, Source
from aelib.datasets.dataset import Array
from aelib.datasets.pictures import Picture, Unusable, decode, pixels_in

MOST_IMAGES = 70_000
MOST_CLASSES = 100
# About twenty seconds of decoding.
MOST_PIXELS = 2_000_000_000

_SYSTEM_FOLDERS = {"__MACOSX"}
_SYSTEM_FILES = {"Thumbs.db", "desktop.ini"}

Path = tuple[str, ...]


@dataclass
class Collected:
    """What was found: `images` uint8 [N, 28, 28], a label each or None, whether each is for testing or None."""

    images: Array
    labels: list[str] | None = None
    for_test: Array | None = None
    notes: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


def collect(sources: Iterable[Source]) -> Collected:
    """Reads every source that is an image, in the order of their names. Raises `Refused` for too much of anything."""
    left_out: list[str] = []
    wanted: dict[Path, Source] = {}
    for source in sources:
        try:
            path = _path(source.name)
            if _is_system_file(path):
                continue
            if path in wanted:
                raise Unusable("is there twice")
            wanted[path] = source
        except Unusable as reason:
            left_out.append(f"{shown(source.name)} {reason}")

    paths: list[Path] = []
    pictures: list[Picture] = []
    pixels = 0
    for path in sorted(wanted):
        try:
            data = wanted[path].read()
            pixels += pixels_in(data)
            if pixels > MOST_PIXELS:
                raise Refused(f"images of at most {MOST_PIXELS // 10**6:,} megapixels in all; make them smaller first")
            pictures.append(decode(data))
            paths.append(path)
        except Unusable as reason:
            left_out.append(f"{shown(path[-1])} {reason}")
        if len(pictures) > MOST_IMAGES:
            raise Refused(f"at most {MOST_IMAGES:,} images")

    images = np.stack([picture.grey for picture in pictures]) if pictures else np.empty((0, 28, 28), np.uint8)
    labels, for_test = _labels(paths)
    notes = [_sizes(pictures)] if pictures else []
    if any(picture.coloured for picture in pictures):
        notes.append("Colours were turned into grey.")
    if labels is not None:
        notes.append("The names of the folders are the labels.")
    return Collected(images, labels, for_test, notes, left_out)


def shown(name: str, longest: int = 40) -> str:
    """A name from outside, fit for a sentence: printable and short."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in name).strip() or "?"
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def _path(name: str) -> Path:
    parts = tuple(part for part in name.replace("\\", "/").split("/") if part not in ("", "."))
    if not parts or ".." in parts:
        raise Unusable("has a name that leads out of its folder")
    return parts


def _is_system_file(path: Path) -> bool:
    return path[0] in _SYSTEM_FOLDERS or path[-1] in _SYSTEM_FILES or any(part.startswith(".") for part in path)


def _labels(paths: list[Path]) -> tuple[list[str] | None, Array | None]:
    """The label of each file, where folders tell, and whether it is in `test` where there are `train` and `test`."""
    paths = _without_common_folders(paths)
    if not paths or any(len(path) < 2 for path in paths):
        return None, None
    for_test = None
    if {path[0].lower() for path in paths} == {"train", "test"}:
        for_test = np.array([path[0].lower() == "test" for path in paths])
        paths = [path[1:] for path in paths]
    folders = [shown(path[0]) for path in paths if len(path) > 1]
    labelled = len(folders) == len(paths) and 1 < len(set(folders)) <= MOST_CLASSES
    return (folders if labelled else None), for_test


def _without_common_folders(paths: list[Path]) -> list[Path]:
    while paths and all(len(path) > 1 and path[0] == paths[0][0] for path in paths):
        paths = [path[1:] for path in paths]
    return paths


def _sizes(pictures: list[Picture]) -> str:
    sizes = sorted({picture.size for picture in pictures}, key=lambda size: (size[0] * size[1], size))
    return sizes_note(len(pictures), sizes[0], sizes[-1], all(width == height for width, height in sizes))


def sizes_note(count: int, smallest: tuple[int, int], largest: tuple[int, int], squares: bool) -> str:
    """The sentence that says what sizes there were and what became of them."""
    first, last = (f"{width}×{height}" for width, height in (smallest, largest))
    if first == last == "28×28":
        return f"{count:,} images of 28×28 pixels."
    span = f"of {first} pixels" if first == last else f"of {first} to {last} pixels"
    padded = "" if squares else "padded to squares and "
    return f"{count:,} images {span} were {padded}resized to 28×28."
