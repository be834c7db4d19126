"""How much processor time and memory reading may take."""

from __future__ import annotations

from dataclasses import dataclass

# MNIST as 70,000 PNG files takes 0.3 seconds a megabyte on a small server, MNIST as CSV 0.04; but a few hundred
# kilobytes may be a hundred pages that are nearly blank, of 24 megapixels each: 7 seconds.
FEWEST_SECONDS, SECONDS_A_MEGABYTE, MOST_SECONDS = 20.0, 4.0, 300.0
# A image of one sign.
PICTURE_SECONDS = 10.0
# Others may need the processors at the same time: by the clock it may take so many times as long.
PATIENCE = 10
# The largest file as it is, its contents unpacked, and a copy of these in another type.
MEGABYTES = 1_500


@dataclass(frozen=True)
class Allowance:
    """`seconds` of processor time, and `megabytes` of memory."""

    seconds: float
    megabytes: int

    @property
    def clock_seconds(self) -> float:
        return PATIENCE * self.seconds


def for_files(size: int) -> Allowance:
    """For files of `size` bytes in all."""
    return Allowance(min(MOST_SECONDS, FEWEST_SECONDS + SECONDS_A_MEGABYTE * size / 1e6), MEGABYTES)


def for_picture() -> Allowance:
    return Allowance(PICTURE_SECONDS, MEGABYTES)
