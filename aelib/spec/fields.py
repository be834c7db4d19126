"""Kinds of values that come from outside (links, the command line, uploads, the environment), and how each is checked,
alone and against the others.

A wrong value raises `InvalidInput`: one sentence that names the field, the value and what is allowed.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import quote, unquote

if TYPE_CHECKING:
    # Its fields are of the kinds declared here.
    from aelib.spec.config import RunConfig

# How widths are written that are those of the encoder, last to first, and those of no layer at all.
MIRROR, NO_LAYERS = "mirror", "none"
# Percent of the training images that may be of classes which the others are to be told from.
MOST_CONTAMINATION = 10


class InvalidInput(ValueError):
    """A value from outside that cannot be used.

    The message is one sentence fit to be shown to a user: field, value (shortened), what is allowed.
    """

    def __init__(self, field_name: str, value: object, allowed: str) -> None:
        # Whatever came from outside is shown on one line, without control characters.
        shown = " ".join("".join(c if c.isprintable() else " " for c in str(value)).split())
        shown = shown if len(shown) <= 40 else shown[:37] + "…"
        super().__init__(f"{field_name}: “{shown}” is not valid; use {allowed}.")
        self.field_name, self.shown, self.allowed = field_name, shown, allowed

    def __reduce__(self) -> tuple[type[InvalidInput], tuple[str, str, str]]:
        # It comes from workers, too.
        return InvalidInput, (self.field_name, self.shown, self.allowed)


@dataclass(frozen=True)
class Choice:
    """One of a few names, or of the names that a registry holds when it is asked."""

    names: tuple[str, ...] | Callable[[], tuple[str, ...]]

    @property
    def options(self) -> tuple[str, ...]:
        return self.names() if callable(self.names) else self.names

    def parse(self, name: str, value: object) -> str:
        text = str(value).strip().lower()
        if text not in self.options:
            raise InvalidInput(name, value, "one of " + ", ".join(self.options))
        return text


@dataclass(frozen=True)
class Whole:
    """An integer in [low, high]."""

    low: int
    high: int

    def parse(self, name: str, value: object) -> int:
        allowed = f"an integer from {self.low:,} to {self.high:,}"
        try:
            number = float(str(value))
        except ValueError:
            raise InvalidInput(name, value, allowed) from None
        if not (math.isfinite(number) and number.is_integer() and self.low <= number <= self.high):
            raise InvalidInput(name, value, allowed)
        return int(number)


@dataclass(frozen=True)
class Real:
    """A finite number in [low, high]."""

    low: float
    high: float

    def parse(self, name: str, value: object) -> float:
        allowed = f"a number from {self.low:g} to {self.high:g}"
        try:
            number = float(str(value))
        except ValueError:
            raise InvalidInput(name, value, allowed) from None
        if not (math.isfinite(number) and self.low <= number <= self.high):
            raise InvalidInput(name, value, allowed)
        return number


@dataclass(frozen=True)
class Flag:
    """Yes or no."""

    words: ClassVar[dict[str, bool]] = {"1": True, "true": True, "yes": True, "on": True}
    words |= {"0": False, "false": False, "no": False, "off": False}

    def parse(self, name: str, value: object) -> bool:
        try:
            return self.words[str(value).strip().lower()]
        except KeyError:
            raise InvalidInput(name, value, "true or false") from None


@dataclass(frozen=True)
class Widths:
    """Hidden layer widths, e.g. "256,128": at most `longest` integers, each 1 to `widest`; "none" or nothing at
    all where there is no hidden layer."""

    longest: int
    widest: int

    def parse(self, name: str, value: object) -> tuple[int, ...]:
        allowed = f"up to {self.longest} integers from 1 to {self.widest:,}, such as 256,128"
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, Iterable):
            raise InvalidInput(name, value, allowed)
        words = [str(part).strip() for part in parts]
        words = [] if words in ([""], [NO_LAYERS]) else words
        if len(words) > self.longest:
            raise InvalidInput(name, value, allowed)
        try:
            return tuple(Whole(1, self.widest).parse(name, word) for word in words)
        except InvalidInput:
            raise InvalidInput(name, value, allowed) from None


@dataclass(frozen=True)
class WidthsOrMirror:
    """Hidden layer widths as `Widths` has them; or None, in text "mirror" or nothing at all: those of the encoder, last
    to first."""

    widths: Widths

    def parse(self, name: str, value: object) -> tuple[int, ...] | None:
        text = value.strip().lower() if isinstance(value, str) else value
        if text in (None, "", MIRROR):
            return None
        try:
            return self.widths.parse(name, text)
        except InvalidInput as problem:
            raise InvalidInput(name, value, f"{MIRROR}, {NO_LAYERS}, or {problem.allowed}") from None


@dataclass(frozen=True)
class Name:
    """A short identifier: letters, digits, '-' and '_'. Whether it exists is for the registry to say."""

    def parse(self, name: str, value: object) -> str:
        text = str(value).strip().lower()
        if not (0 < len(text) <= 64 and text.replace("-", "").replace("_", "").isalnum() and text.isascii()):
            raise InvalidInput(name, value, "a name of up to 64 letters, digits and hyphens")
        return text


@dataclass(frozen=True)
class DatasetName:
    """The name of a data set, or of a part of one: `NAME`, `NAME:CLASSES` or `NAME:CLASSES:PERCENT`.

    `mnist:0,1,2` holds the images of these classes alone. `mnist:0,1,2:5` is trained on them, too, but 5 % of its
    training images are of the other classes. Classes are written by their names, in which all but letters, digits and
    "-_.~" is percent-encoded, as in a URL. Whether all of that exists is for the registry to say.
    """

    longest: ClassVar[int] = 2_000

    def parse(self, name: str, value: object) -> str:
        allowed = (
            "the name of a dataset, also with some of its classes, as in mnist:0,1,2, or with a percentage of "
            f"contamination from 1 to {MOST_CONTAMINATION}, as in mnist:0,1,2:5"
        )
        whole, *rest = str(value).strip().split(":")
        if not rest:
            return Name().parse(name, whole)
        classes = [quote(unquote(one).strip(), safe="", errors="replace") for one in rest[0].split(",")]
        try:
            percent = Whole(0, MOST_CONTAMINATION).parse(name, rest[1]) if len(rest) > 1 else 0
            parts = [Name().parse(name, whole), ",".join(dict.fromkeys(classes)), *([str(percent)] if percent else [])]
        except InvalidInput:
            raise InvalidInput(name, value, allowed) from None
        parsed = ":".join(parts)
        if len(rest) > 2 or not all(classes) or len(parsed) > self.longest:
            raise InvalidInput(name, value, allowed)
        return parsed


Kind = Choice | Whole | Real | Flag | Widths | WidthsOrMirror | Name | DatasetName


def as_text(value: object) -> str:
    """How a value is written in a link or a message: the inverse of `parse`."""
    if value is None:
        return MIRROR
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or NO_LAYERS
    return str(value).lower() if isinstance(value, bool) else str(value)


@dataclass(frozen=True)
class Constraint:
    """A condition between the fields of a config; `repair` is the nearest value of `field_name` that meets it."""

    field_name: str
    allowed: str
    holds: Callable[[RunConfig], bool]
    repair: Callable[[RunConfig], Any]

    def check(self, config: RunConfig) -> None:
        """Raises `InvalidInput` unless the condition holds."""
        if not self.holds(config):
            raise InvalidInput(self.field_name, as_text(getattr(config, self.field_name)), self.allowed)

    def only_where(self, field_name: str, value: str) -> Constraint:
        """The same condition, only where another field has this value."""
        return replace(self, holds=lambda config: getattr(config, field_name) != value or self.holds(config))


def must_be(field_name: str, value: Any, reason: str) -> Constraint:
    """The field has to have this value, for a reason that is told."""
    return Constraint(
        field_name,
        f"{as_text(value)}: {reason}",
        lambda config: bool(getattr(config, field_name) == value),
        lambda config: value,
    )
