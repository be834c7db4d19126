"""What is exported: a run at rest, its images, and how well it does on them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from aelib.datasets import Dataset
from aelib.export.network_code import network_code
from aelib.export.origin import Origin, origin
from aelib.export.refusal import CannotExport
from aelib.runs.record import Record
from aelib.spec.config import RunConfig
from aelib.spec.state import State

if TYPE_CHECKING:
    from aelib.train.resident import Data


@dataclass(frozen=True)
class Subject:
    """`record`: the run, with its weights; `dataset`: its images; `figures`: what `metrics.evaluate` measures on the
    whole test split, as plain data ("clean", with corruption "noisy", for a VAE "elbo"). `data`: the images on the
    device."""

    record: Record
    dataset: Dataset
    figures: dict[str, Any]
    data: Data

    @property
    def config(self) -> RunConfig:
        """The settings, with the knobs as they were last."""
        return self.record.settings

    @property
    def state(self) -> State:
        return State(self.config, self.record.state.step, self.record.state.arrays)

    @property
    def steps(self) -> int | None:
        """How many batches it was trained, where that is not the budget of its settings."""
        step = self.record.state.step
        return None if step == self.config.steps(len(self.dataset.train_images)) else step

    @property
    def origin(self) -> Origin:
        return origin(self.config.dataset, self.dataset.title, self.dataset)

    @cached_property
    def weights(self) -> dict[str, np.ndarray]:
        """The parameters by the names that they have in the exported script."""
        arrays = self.record.state.weights
        return {name: arrays[ours] for ours, name in network_code(self.config).names.items()}

    def test_images(self, count: int) -> np.ndarray:
        """The first test images, float32 [at most `count`, 784] in [0, 1]."""
        images = self.dataset.test_images[:count]
        return images.reshape(len(images), -1).astype(np.float32) / np.float32(255)


def subject(record: Record, dataset: Dataset, data: Data) -> Subject:
    """Evaluates a run on its data, which `data` are on the device. Raises `CannotExport` for an untrained network."""
    if record.state.step == 0:
        raise CannotExport("This run has no trained weights yet: train it first.")
    from aelib.train.metrics import evaluate

    figures = evaluate(State(record.settings, record.state.step, record.state.arrays), data)
    plain = {name: asdict(value) for name, value in vars(figures).items() if value is not None}
    plain.get("elbo", {}).pop("by_unit", None)
    return Subject(record, dataset, plain, data)
