"""What a user's files may hold, and how they are refused."""

from __future__ import annotations

from dataclasses import dataclass, field

FEWEST_IMAGES = 100
MOST_FILES = 100_000
# 70,000 images of 28×28 as 64-bit numbers are 439 MB.
MOST_BYTES = 450_000_000
MOST_IMAGES = 70_000
MOST_CLASSES = 100
# About twenty seconds of decoding.
MOST_PIXELS = 2_000_000_000
# An archive in an archive in an archive, each of them compressed.
DEEPEST = 4


class Refused(Exception):
    """The whole input cannot be used; the message completes the sentence "allowed is …"."""


class NoRoom(Exception):
    """The server cannot take anything more, for now or from this visitor; the message is one sentence for the user."""


class Unusable(Exception):
    """One file that has to be left out; the message is a clause about it, such as "is not an image"."""


@dataclass
class Budget:
    """What may still be read. Every method raises `Refused` when its share is used up."""

    files: int = field(default_factory=lambda: MOST_FILES)
    bytes: int = field(default_factory=lambda: MOST_BYTES)
    images: int = field(default_factory=lambda: MOST_IMAGES)
    pixels: int = field(default_factory=lambda: MOST_PIXELS)

    def take_files(self, count: int = 1) -> None:
        self.files -= count
        if self.files < 0:
            raise Refused(f"at most {MOST_FILES:,} files")

    def take_bytes(self, count: int) -> None:
        self.bytes -= count
        if self.bytes < 0:
            raise Refused(f"files of at most {MOST_BYTES // 10**6} MB in all when unpacked")

    def take_images(self, count: int = 1) -> None:
        self.images -= count
        if self.images < 0:
            raise Refused(f"at most {MOST_IMAGES:,} images")

    def take_pixels(self, count: int) -> None:
        self.pixels -= count
        if self.pixels < 0:
            raise Refused(f"images of at most {MOST_PIXELS // 10**6:,} megapixels in all; make them smaller first")


def shown(name: str, longest: int = 40) -> str:
    """A name from outside, fit for a sentence: printable and short."""
    clean = "".join(letter if letter.isprintable() else "?" for letter in name).strip() or "?"
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def listed(names: list[str], most: int = 5) -> str:
    """The first few names from outside, fit for a sentence."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(map(shown, names[:most])) + more


def counted(count: int, one: str, many: str | None = None) -> str:
    """`1 image`, `2,000 images`."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"
