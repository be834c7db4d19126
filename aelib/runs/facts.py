"""What a stored run says, checked value by value: its files may be damaged, or written by somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from aelib.analysis.diagnosis import REMEDIES, Finding
from aelib.host.settings import MOST_THREADS
from aelib.runs.history import CURVE_POINTS, Annotation, CurvePoint, PcaBaseline
from aelib.runs.status import Status
from aelib.spec.architecture import plan
from aelib.spec.config import KNOBS, RunConfig
from aelib.spec.fields import Choice, Real, Whole
from aelib.spec.state import OPTIMIZER, WEIGHTS

T = TypeVar("T")

# Seconds since 1970, up to the year 2100.
CREATED = Real(0, 4_102_444_800)
STEP = Whole(0, 10**12)
SECONDS = Real(0, 10**10)
STEPS_PER_EPOCH = Real(1e-6, 10**9)
STATUS = Choice(tuple(Status))
THREADS = Whole(1, MOST_THREADS)
LABEL = Whole(0, 10**6)
MOST_CHARACTERS = 2_000
# Far beyond every weight of a network whose outputs are finite.
LARGEST = 1e20
MOST_FINDINGS = 20
# Both kinds of points of a curve, thinned each by itself, with the newest of each.
MOST_ROWS = {CurvePoint: 2 * (CURVE_POINTS + 1), Annotation: 10_000, PcaBaseline: 10_000}


class Damaged(ValueError):
    """A value that no run can have; the message says which."""


def text(facts: Mapping[str, Any], name: str) -> str:
    value = facts[name]
    if not isinstance(value, str) or len(value) > MOST_CHARACTERS:
        raise Damaged(name)
    return value


def threads(facts: Mapping[str, Any]) -> list[int]:
    """Numbers of threads; an earlier version did not write them."""
    return [THREADS.parse("threads", count) for count in facts.get("threads", [])[:MOST_THREADS]]


def findings(facts: Mapping[str, Any]) -> tuple[Finding, ...]:
    """What was found where the run rested; an earlier version found nothing."""
    listed = facts.get("findings", [])
    if not isinstance(listed, list) or len(listed) > MOST_FINDINGS or not all(isinstance(one, dict) for one in listed):
        raise Damaged("findings")
    return tuple(_finding(one) for one in listed)


def _finding(facts: Mapping[str, Any]) -> Finding:
    # An earlier version knew no classes and no remedies.
    hardest, remedy = facts.get("hardest"), facts.get("remedy", "")
    known = None if hardest is None else LABEL.parse("hardest", hardest)
    return Finding(text(facts, "text"), bool(facts["serious"]), known, remedy if remedy in REMEDIES else "")


def error(value: object) -> float | None:
    """A measured error, or None where there is none. One that is beyond all bounds was none, either."""
    if value is None:
        return None
    number = float(str(value))
    return number if np.isfinite(number) else None


def rows(facts: Mapping[str, Any], name: str, kind: type[T]) -> list[T]:
    """Points of a curve, marks or PCA lines, as lists of their fields' values."""
    table = facts[name]
    if not isinstance(table, Sequence) or len(table) > MOST_ROWS[kind]:  # type: ignore[index]
        raise Damaged(name)
    names = [field.name for field in fields(kind)]  # type: ignore[arg-type]
    # Later fields have defaults: an earlier version did not write them.
    return [kind(*(_cell(column, value) for column, value in zip(names, row, strict=False))) for row in table]


def _cell(column: str, value: object) -> Any:
    if column == "step":
        return STEP.parse(column, value)
    if column == "knob":
        return Choice(KNOBS).parse(column, value)
    return error(value)


def check_arrays(config: RunConfig, arrays: Mapping[str, np.ndarray]) -> None:
    """Are these the weights of `config`'s network, and what a method remembers? Raises `Damaged`."""
    shapes = plan(config).parameters
    weights = {name.removeprefix(WEIGHTS): array for name, array in arrays.items() if name.startswith(WEIGHTS)}
    if {name: array.shape for name, array in weights.items()} != shapes:
        raise Damaged("weights")
    remembered: dict[str, set[str]] = {}
    for name, array in arrays.items():
        if array.dtype != np.float32 or not (np.abs(array) < LARGEST).all():
            raise Damaged(name)
        if name.startswith(OPTIMIZER):
            parameter, _, key = name.removeprefix(OPTIMIZER).rpartition("/")
            remembered.setdefault(parameter, set()).add(key)
            if array.shape not in ((), shapes.get(parameter)):
                raise Damaged(name)
    # An optimizer remembers the same of each parameter.
    if len(set(map(frozenset, remembered.values()))) > 1:
        raise Damaged("optimizer")
