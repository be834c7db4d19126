"""A pooled experiment: one setting, some values of it, and everybody in the room trains with one of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from aelib.analysis.denoising.quality import Mean, mean
from aelib.host import limits
from aelib.spec.config import KINDS, RunConfig, with_changes
from aelib.spec.constraints import checked
from aelib.spec.fields import InvalidInput

# What may differ from person to person: numbers that do not change what the error means.
SETTINGS = ("code_size", "learning_rate", "batch_size", "regularizer_weight", "active_units", "epochs")
LEAST_VALUES, MOST_VALUES = 2, 12
# Runs of an experiment: several of each participant.
MOST_RUNS = 1_000


@dataclass(frozen=True)
class PooledRun:
    """A run of the experiment. `place`: of its value. `late`: its owner joined after the experiment had begun. `error`
    and `pca`: test MSE of the finished network, and of PCA; None before it has finished. `changed`: it was trained with
    other settings than it was dealt, and does not count."""

    participant: str
    run_id: str
    place: int
    late: bool = False
    error: float | None = None
    pca: float | None = None
    changed: bool = False


@dataclass(frozen=True)
class Pooled:
    """`config`: of all runs, but for the `setting`, which has one of the `values`, and the seed, which is another for
    each participant. `dealt`: by the participant's id, the place of the value; the order is that of the seeds."""

    id: str
    config: RunConfig
    setting: str
    values: tuple[float, ...]
    began: float
    dealt: tuple[tuple[str, int], ...] = ()
    runs: tuple[PooledRun, ...] = ()
    closed: bool = False

    def deal(self, participant_ids: Iterable[str]) -> Pooled:
        """Gives each of those who have none a value, of those that the fewest have the first."""
        dealt = dict(self.dealt)
        for participant in participant_ids:
            if participant not in dealt:
                counts = Counter(dealt.values())
                dealt[participant] = min(range(len(self.values)), key=lambda place: (counts[place], place))
        return replace(self, dealt=tuple(dealt.items()))

    def place_of(self, participant_id: str) -> int | None:
        return dict(self.dealt).get(participant_id)

    def config_for(self, participant_id: str) -> RunConfig | None:
        """What the participant is to train; None for one who was dealt nothing."""
        for order, (participant, place) in enumerate(self.dealt):
            if participant == participant_id:
                return replace(configured(self.config, self.setting, self.values[place]), seed=self.config.seed + order)
        return None

    def first_runs(self) -> list[PooledRun]:
        """Those that count: of each participant, the first that finished as it was dealt."""
        counted: dict[str, PooledRun] = {}
        for run in self.runs:
            if run.error is not None and not run.changed:
                counted.setdefault(run.participant, run)
        return list(counted.values())


@dataclass(frozen=True)
class Point:
    """What came out for one value: the errors of those who count, their mean with its interval (None without any), and
    the mean of PCA's errors where it was measured."""

    value: float
    errors: tuple[float, ...]
    mean: Mean | None
    pca: float | None


def points(pooled: Pooled) -> list[Point]:
    """One for each value, in their order."""
    counted = pooled.first_runs()
    found = []
    for place, value in enumerate(pooled.values):
        errors = [run.error for run in counted if run.place == place and run.error is not None]
        lines = [run.pca for run in counted if run.place == place and run.pca is not None]
        middle = mean(np.array(errors)) if errors else None
        found.append(Point(value, tuple(errors), middle, float(np.mean(lines)) if lines else None))
    return found


def configured(config: RunConfig, setting: str, value: float) -> RunConfig:
    """The config with this value. Raises `InvalidInput` where it does not go with the others, or with this server."""
    changed = checked(with_changes(config, {setting: KINDS[setting].parse(setting, value)}))
    for limit in limits.constraints():
        limit.check(changed)
    return changed


def parsed(config: RunConfig, setting: str, text: str) -> tuple[float, ...]:
    """The values in a text such as "2, 4, 8", rising. Raises `InvalidInput`."""
    allowed = f"{LEAST_VALUES} to {MOST_VALUES} different numbers, separated by commas, such as 2, 8, 32"
    words = [word for word in text.replace(";", ",").split(",") if word.strip()]
    if setting not in SETTINGS or not config.applies(setting):
        raise InvalidInput("setting", setting, "a setting that has an effect with the settings of the Train page")
    values = sorted({float(getattr(configured(config, setting, _number(word, allowed)), setting)) for word in words})
    if not LEAST_VALUES <= len(values) <= MOST_VALUES:
        raise InvalidInput("values", text, allowed)
    return tuple(values)


def _number(word: str, allowed: str) -> float:
    try:
        return float(word)
    except ValueError:
        raise InvalidInput("values", word, allowed) from None
