"""An experiment is data: a claim, arms × seeds to train, a measurement of each, and a judgement of the numbers.

To add one, write its judgement with `@experiment(...)` in a module of `aelib.experiments.claims`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from aelib.analysis.claims import Verdict
from aelib.analysis.denoising.quality import Mean
from aelib.analysis.experiments import MEASUREMENTS, Measurement, Values
from aelib.analysis.experiments.measurement import Function
from aelib.spec.config import RunConfig
from aelib.spec.recipes import RECIPES

# So many seeds, unless an experiment says otherwise: its intervals are those of Student's t with four degrees of
# freedom.
SEEDS = 5


@dataclass(frozen=True)
class Arm:
    """One of the settings that an experiment compares.

    `config`: with the budget of the quick experiment in `max_steps`, and in `epochs` that of the full one. `images`: it
    is trained on so many images, where the claim is about that. `dataset`: trained on that data set whatever the
    experiment runs on, where the claim is about data.
    """

    label: str
    config: RunConfig
    images: int | None = None
    dataset: str | None = None

    def on(self, dataset: str, seed: int, *, full: bool = False) -> RunConfig:
        """The config of the run with this seed."""
        config = replace(self.config, dataset=self.dataset or dataset, seed=seed)
        return replace(config, max_steps=0) if full else config


def arm(
    label: str, recipe: str, *, steps: int, images: int | None = None, dataset: str | None = None, **settings: Any
) -> Arm:
    """A recipe with other `settings`, trained for so many `steps`; in full, for its epochs."""
    config = replace(RECIPES[recipe].config, max_steps=steps, **settings)
    return Arm(label, config, images, dataset)


@dataclass(frozen=True)
class Shown:
    """A measured number that is drawn for every arm and seed: its name among the values, and its title. `percent`: a
    share; `log`: its axis is logarithmic; `unit`: "dB". `better`: what a larger one means."""

    name: str
    title: str
    percent: bool = False
    log: bool = False
    unit: str = ""


@dataclass(frozen=True)
class Effect:
    """A difference that a judgement rests on, with its 95 % interval."""

    title: str
    mean: Mean


@dataclass(frozen=True)
class Judgement:
    verdict: Verdict
    effects: tuple[Effect, ...]


@dataclass(frozen=True, eq=False)
class Measured:
    """What all arms and seeds of an experiment showed. `dataset`, `foreign`: the titles of the data."""

    seeds: tuple[int, ...]
    arms: Mapping[str, Sequence[Values]]
    dataset: str
    foreign: str = ""

    def of(self, arm: str, name: str) -> np.ndarray:
        """The value called `name` of each seed, float64 [seeds]."""
        return np.array([values[name] for values in self.arms[arm]], dtype=np.float64)

    def first(self, arm: str, name: str) -> float:
        """A value that is the same for all seeds."""
        return float(self.of(arm, name)[0])

    @property
    def on(self) -> str:
        """What the numbers hold for, as the beginning of a sentence's list of conditions."""
        seeds = f"seeds {self.seeds[0]}–{self.seeds[-1]}" if len(self.seeds) > 1 else f"seed {self.seeds[0]}"
        steps = sorted({round(values["steps"]) for of_arm in self.arms.values() for values in of_arm})
        budget = f"{steps[0]:,}" if len(steps) == 1 else f"{steps[0]:,} to {steps[-1]:,}"
        return f"{self.dataset}, {seeds}, {budget} steps of training"


Judge = Callable[[Measured], Judgement]


@dataclass(frozen=True, kw_only=True)
class Design:
    """What is to be trained and measured: every arm with the seeds 0, 1, …; `shows`: what is drawn of it."""

    id: str
    arms: tuple[Arm, ...]
    measurement: Measurement
    shows: tuple[Shown, ...]
    seeds: int = SEEDS

    @property
    def convolutional(self) -> bool:
        return any(arm.config.convolutional for arm in self.arms)


@dataclass(frozen=True, kw_only=True)
class Experiment(Design):
    """A claim with its design. `id`: its place in the list of claims, e.g. "C18". `claim`: in our words; `sources`: the
    articles that make it, the first of which it is listed under. `context`: Markdown: what the articles say, how it is
    tested, and when it counts as supported. `seconds`: what it takes on two cores."""

    claim: str
    sources: tuple[str, ...]
    context: str
    judge: Judge
    seconds: int


EXPERIMENTS: dict[str, Experiment] = {}


def experiment(
    id: str,
    claim: str,
    *sources: str,
    context: str,
    arms: Sequence[Arm],
    measure: Function,
    shows: Sequence[Shown],
    seconds: int,
    seeds: int = SEEDS,
) -> Callable[[Judge], Judge]:
    """Registers an experiment; the function is its judgement. `measure`: a function with `@measurement`."""

    def register(judge: Judge) -> Judge:
        measurement = MEASUREMENTS[measure.__name__]  # type: ignore[attr-defined]
        EXPERIMENTS[id] = Experiment(
            id=id,
            arms=tuple(arms),
            measurement=measurement,
            shows=tuple(shows),
            seeds=seeds,
            claim=claim,
            sources=sources,
            context=" ".join(context.split()),
            judge=judge,
            seconds=seconds,
        )
        return judge

    return register


def number(id: str) -> int:
    """Of a claim in the list of claims: experiments are shown in this order."""
    return int(id[1:])
