"""What was measured, stored by the content of its question: the same settings, seed, images and measurement are trained
and measured once, whoever asks."""

from __future__ import annotations

import hashlib
import json
import logging
import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from weakref import WeakKeyDictionary

from aelib import datasets
from aelib.analysis.experiments import Measurement, Values
from aelib.datasets import Dataset
from aelib.experiments.experiment import Arm, Design, Measured
from aelib.host.files import replacing
from aelib.spec.config import RunConfig
from aelib.spec.serialization import to_json

log = logging.getLogger(__name__)

FORMAT = 1
# Besides MNIST, other scripts that networks have not seen; the first that is there is taken.
_FOREIGN = ("kmnist", "letters", "digits")
_digests: WeakKeyDictionary[Dataset, str] = WeakKeyDictionary()


def foreign_to(dataset: str) -> str:
    """The name of a data set that is foreign to one."""
    own = datasets.whole(dataset)
    return next(name for name in _FOREIGN if name != own and datasets.is_available(name))


def content(dataset: Dataset) -> str:
    """A digest of images and labels, computed once for each data set in memory."""
    known = _digests.get(dataset)
    if known is None:
        digest = hashlib.blake2b(digest_size=16)
        for array in (dataset.train_images, dataset.train_labels, dataset.test_images, dataset.test_labels):
            digest.update(f"{array.shape}{array.dtype}".encode())
            digest.update(array.tobytes())
        known = _digests[dataset] = digest.hexdigest()
    return known


@dataclass(frozen=True)
class Question:
    """What one arm with one seed shows: a run to train, and what to measure of it. `foreign`: the name of the foreign
    data, where they are needed. `key`: the same for the same question about the same images."""

    config: RunConfig
    images: int | None
    measurement: Measurement
    foreign: str | None
    key: str


@lru_cache(maxsize=4096)
def _key(config: RunConfig, images: int | None, measurement: Measurement, data: str, foreign: str) -> str:
    """`data`, `foreign`: digests of the images. How settings and data are called makes no difference."""
    settings = {name: value for name, value in to_json(config).items() if name not in ("recipe", "dataset")}
    asked = [FORMAT, settings, images, data, foreign, measurement.name, measurement.version]
    return hashlib.blake2b(json.dumps(asked, sort_keys=True).encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Asked:
    """A design on a data set, with so many `seeds`; `full`: with all of the data and the recipes' budgets. Whoever
    asks for questions gets `InvalidInput` where data are not there."""

    design: Design
    dataset: str
    seeds: int
    full: bool = False

    @property
    def foreign(self) -> str | None:
        return foreign_to(self.dataset) if self.design.measurement.foreign else None

    @cached_property
    def _foreign(self) -> tuple[str | None, str]:
        """The name of the foreign data, and their digest."""
        return (None, "") if self.foreign is None else (self.foreign, content(datasets.load(self.foreign)))

    @cached_property
    def _digests(self) -> dict[str, str]:
        names = {arm.dataset or self.dataset for arm in self.design.arms}
        return {name: content(datasets.load(name)) for name in names}

    def questions(self) -> list[tuple[Arm, int, Question]]:
        """All arms of one seed, then those of the next."""
        return [(arm, seed, self.question(arm, seed)) for seed in range(self.seeds) for arm in self.design.arms]

    def question(self, arm: Arm, seed: int) -> Question:
        config, measurement = arm.on(self.dataset, seed, full=self.full), self.design.measurement
        foreign, digest = self._foreign
        key = _key(config, arm.images, measurement, self._digests[config.dataset], digest)
        return Question(config, arm.images, measurement, foreign, key)


Found = dict[str, list[Values | None]]


class Results:
    """The folder `experiments` under `home`: a JSON file for each question that was answered."""

    def __init__(self, home: Path) -> None:
        self._folder = home / "experiments"
        self._known: dict[str, Values] = {}

    def get(self, question: Question) -> Values | None:
        """The numbers, or None where they are not known. What cannot be read counts as not known."""
        found = self._known.get(question.key)
        if found is None:
            found = self._read(question.key)
            if found is not None:
                self._known[question.key] = found
        return found

    def put(self, question: Question, values: Values) -> None:
        """Keeps the numbers, on disk if that can be written."""
        self._known[question.key] = values
        # JSON has no NaN.
        written = {name: value if math.isfinite(value) else None for name, value in values.items()}
        text = {"format": FORMAT, "config": to_json(question.config), "images": question.images, "values": written}
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with replacing(self._folder / f"{question.key}.json") as stream:
                stream.write(json.dumps(text).encode())
        except OSError as problem:
            log.warning("A measurement of an experiment could not be stored: %s", problem.strerror)

    def _read(self, key: str) -> Values | None:
        try:
            found = json.loads((self._folder / f"{key}.json").read_text(encoding="utf-8"))
            if found["format"] != FORMAT:
                return None
            values = found["values"].items()
            return {str(name): math.nan if value is None else float(value) for name, value in values}
        except (OSError, ValueError, LookupError, TypeError, AttributeError):
            return None

    def measured(self, asked: Asked) -> Found:
        """What is known of each arm, seed by seed."""
        return {
            arm.label: [self.get(asked.question(arm, seed)) for seed in range(asked.seeds)] for arm in asked.design.arms
        }


def complete(asked: Asked, found: Found) -> Measured | None:
    """What all arms and seeds showed, where all of them are known."""
    arms = {label: [values for values in of_arm if values is not None] for label, of_arm in found.items()}
    if any(len(of_arm) < asked.seeds for of_arm in arms.values()):
        return None
    foreign = "" if asked.foreign is None else datasets.title(asked.foreign)
    return Measured(tuple(range(asked.seeds)), arms, datasets.title(asked.dataset), foreign)
