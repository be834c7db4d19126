"""Goals of lessons: what is to be reached, in a small grammar, and what of it a run has reached.

goal       = comparison { "and" comparison }
comparison = quantity operator value
quantity   = "test_mse" | "active_units" | "steps"
operator   = "<" | "<=" | ">" | ">="
value      = a number | "pca"
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass

from aelib.runs.history import PcaBaseline
from aelib.runs.view import RunView
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput
from aelib.train.slices import ProbeMetrics

PCA = "pca"
GRAMMAR = "comparisons such as test_mse < pca, test_mse < 0.02, active_units < 0.3 or steps >= 100, joined by “and”"

_OPERATORS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "<": (operator.lt, "below"),
    "<=": (operator.le, "at most"),
    ">": (operator.gt, "above"),
    ">=": (operator.ge, "at least"),
}
_QUANTITIES = {
    "test_mse": "test error (MSE)",
    "active_units": "share of active units of the code",
    "steps": "training steps",
}
_COMPARISON = re.compile(r"(?P<quantity>[a-z_]+)\s*(?P<sign><=|>=|<|>)\s*(?P<value>pca|[0-9]*\.?[0-9]+)", re.ASCII)
_LONGEST = 200


@dataclass(frozen=True)
class Measured:
    """What is known of a run: its `steps`, its newest test error, PCA's with as many numbers as the code has, and which
    share of the code's units an image makes active (see `aelib.spec.state.CodeActivity`; only where the regularizer
    makes codes sparse). None where it is not known."""

    steps: int = 0
    test_mse: float | None = None
    pca: float | None = None
    active_units: float | None = None

    @classmethod
    def of(cls, config: RunConfig, steps: int, metrics: ProbeMetrics | None, pca: float | None) -> Measured:
        if metrics is None:
            return cls(steps, pca=pca)
        activity = metrics.activity
        share = None if activity is None else activity.mean / plan(config).code_units
        return cls(steps, metrics.test_mse, pca, share)

    @classmethod
    def of_view(cls, view: RunView) -> Measured:
        baselines: tuple[PcaBaseline, ...] = view.pca
        metrics = None if view.newest is None else view.newest.metrics
        return cls.of(view.config, view.step, metrics, baselines[-1].mse if baselines else None)


@dataclass(frozen=True)
class Comparison:
    """`value` is a number or "pca"."""

    quantity: str
    sign: str
    value: float | str

    def met(self, measured: Measured) -> bool:
        """Does it hold? What is not known meets nothing."""
        found = getattr(measured, self.quantity)
        limit = measured.pca if isinstance(self.value, str) else self.value
        return found is not None and limit is not None and _OPERATORS[self.sign][0](found, limit)

    def __str__(self) -> str:
        limit = "PCA’s" if isinstance(self.value, str) else f"{self.value:g}"
        return f"{_QUANTITIES[self.quantity]} {_OPERATORS[self.sign][1]} {limit}"


@dataclass(frozen=True)
class Goal:
    """Comparisons all of which have to hold. As text it is a phrase that a learner can read."""

    comparisons: tuple[Comparison, ...]

    @classmethod
    def parse(cls, name: str, text: object) -> Goal:
        """Raises `InvalidInput`, which names the field `name`, unless `text` is a goal of the grammar."""
        if not isinstance(text, str) or len(text) > _LONGEST:
            raise InvalidInput(name, text, GRAMMAR)
        return cls(tuple(_comparison(name, text, part.strip()) for part in re.split(r"\band\b", text)))

    @property
    def quantities(self) -> frozenset[str]:
        """The quantities that are to be known, "pca" among them."""
        compared = {one.quantity for one in self.comparisons}
        return frozenset(compared | {one.value for one in self.comparisons if isinstance(one.value, str)})

    def met(self, measured: Measured) -> bool:
        return all(one.met(measured) for one in self.comparisons)

    def __str__(self) -> str:
        return " and ".join(map(str, self.comparisons))


def _comparison(name: str, goal: str, text: str) -> Comparison:
    found = _COMPARISON.fullmatch(text)
    if found is None or found["quantity"] not in _QUANTITIES:
        raise InvalidInput(name, goal, GRAMMAR)
    value = found["value"]
    if value == PCA:
        if found["quantity"] != "test_mse":
            raise InvalidInput(name, goal, "pca only in comparison with test_mse")
        return Comparison(found["quantity"], found["sign"], PCA)
    return Comparison(found["quantity"], found["sign"], float(value))
