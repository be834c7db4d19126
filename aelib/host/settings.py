"""What who runs the server may set, each an environment variable. README.md lists them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from aelib.spec.fields import Flag, InvalidInput, Whole

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Parser(Protocol[T_co]):
    """Turns text into a value, or raises `InvalidInput`."""

    def parse(self, name: str, value: object) -> T_co: ...


@dataclass(frozen=True)
class Origins:
    """Addresses of web sites, such as "https://course.example.org https://*.example.com", or "*" for all."""

    def parse(self, name: str, value: object) -> str:
        words = str(value).split()
        if not all(re.fullmatch(r"\*|https?://(\*\.)?[A-Za-z0-9.-]+(:\d{1,5})?", word) for word in words):
            raise InvalidInput(name, value, "web addresses such as https://course.example.org, or * for all")
        return " ".join(words)


@dataclass(frozen=True)
class Setting(Generic[T]):
    """An environment variable. `default` None: the program decides."""

    variable: str
    allowed: Parser[T]
    default: T | None
    meaning: str

    def given(self) -> T | None:
        """What was set, else the default. Raises `InvalidInput`."""
        text = os.environ.get(self.variable, "").strip()
        return self.allowed.parse(self.variable, text) if text else self.default


@dataclass(frozen=True)
class Limit(Setting[T]):
    """A setting that always has a value."""

    default: T

    @property
    def value(self) -> T:
        """Raises `InvalidInput`."""
        given = self.given()
        assert given is not None
        return given


MOST_THREADS = 1024
THREADS = Setting("AELIB_THREADS", Whole(1, MOST_THREADS), None, "fixed number of training threads per run")
WORKERS = Setting("AELIB_WORKERS", Whole(1, 256), None, "training processes on this machine")

MEMORY = Setting(
    "AELIB_MEMORY",
    Whole(500, 10**7),
    None,
    "megabytes that all runs in memory may need together; further runs are queued, larger ones refused",
)

MAX_TRAINING = Limit("AELIB_MAX_TRAINING", Whole(1, 10_000), 32, "concurrent training runs; further runs are queued")
MAX_EPOCHS = Limit("AELIB_MAX_EPOCHS", Whole(1, 100_000), 500, "epochs of a run")
MAX_WEIGHTS = Limit("AELIB_MAX_WEIGHTS", Whole(3_000_000, 10**9), 20_000_000, "parameters of a network")
MAX_MEMORY = Limit("AELIB_MAX_MEMORY", Whole(500, 10**6), 1_500, "megabytes that training a run may need")
MAX_RUNS = Limit("AELIB_MAX_RUNS", Whole(1, 10_000), 100, "runs that one visitor may keep")
MAX_STORED = Limit("AELIB_MAX_STORED", Whole(1, 10**6), 5_000, "runs that all visitors together may keep")
MAX_VISITOR_UPLOADS = Limit(
    "AELIB_MAX_VISITOR_UPLOADS", Whole(1, 10_000), 20, "uploaded datasets that one visitor may keep"
)
MAX_UPLOADS = Limit("AELIB_MAX_UPLOADS", Whole(1, 10_000), 200, "uploaded datasets that all visitors together may keep")
MAX_UPLOAD_MEMORY = Limit(
    "AELIB_MAX_UPLOAD_MEMORY", Whole(100, 10**6), 1_000, "megabytes of uploads that are in memory at once"
)

FRAME_ANCESTORS = Limit("AELIB_FRAME_ANCESTORS", Origins(), "", "web sites that may embed the app")
METRICS = Limit("AELIB_METRICS", Flag(), False, "serve /_stcore/metrics (memory and sessions) to everybody?")

ALL: tuple[Setting[int] | Setting[str] | Setting[bool], ...] = (
    *(THREADS, WORKERS, MEMORY, MAX_TRAINING, MAX_EPOCHS, MAX_WEIGHTS, MAX_MEMORY, MAX_RUNS, MAX_STORED),
    *(MAX_VISITOR_UPLOADS, MAX_UPLOADS, MAX_UPLOAD_MEMORY, FRAME_ANCESTORS, METRICS),
)
