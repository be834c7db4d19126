"""Training: `init`, `advance`, `snapshot`, `probe`. A run is `advance` applied slice by slice.

A `State`, with the config in it, determines the rest of the run: the order of the data and every noise
draw come from (seed, step), so slices may be cut anywhere, replayed elsewhere, or continued twice.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from aelib.datasets import Dataset, class_hues
from aelib.nn.autoencoder import Autoencoder, build, initial_weights
from aelib.spec.architecture import plan
from aelib.spec.config import Knobs, RunConfig, with_knobs
from aelib.spec.corruptions import corrupt, mask
from aelib.spec.images import GRID_SIDE, IMAGE_SIDE, PIXELS, SHOWN, evenly_spaced, probe_indices
from aelib.spec.methods import METHODS
from aelib.spec.phases import Phase, phase_at, stretches
from aelib.spec.regularizers import REGULARIZERS
from aelib.spec.seeds import seed_of
from aelib.spec.state import WEIGHTS, DecodedGrid, Probe, Progress, Reconstructions, State
from aelib.train import hardware
from aelib.train.activations import record
from aelib.train.inference import as_bytes, target
from aelib.train.losses import LOSSES
from aelib.train.optimizers import half_squared_weights
from aelib.train.projection import grid_area, grid_codes
from aelib.train.randomness import batches as batches_of
from aelib.train.randomness import generator
from aelib.train.resident import Data
from aelib.train.rules import Batch, StepMetrics, learning_rule
from aelib.train.rules.contrastive_divergence import machine


def prepare(dataset: Dataset) -> Data:
    """Brings a data set to the device, each part of it as one tensor."""
    device = hardware.device()

    def images(images: np.ndarray) -> Tensor:
        return torch.tensor(images.reshape(len(images), PIXELS), device=device)

    def labels(numbers: np.ndarray) -> Tensor:
        return torch.tensor(numbers, dtype=torch.int64, device=device)

    which = probe_indices(len(dataset.test_images))
    return Data(
        dataset.name,
        images(dataset.train_images),
        images(dataset.test_images),
        images(dataset.test_images[which]),
        labels(dataset.train_labels),
        labels(dataset.test_labels),
        labels(dataset.test_labels[which]),
        torch.tensor(class_hues(len(dataset.classes)), device=device),
        float(dataset.train_images.mean()) / 255,
    )


def init(config: RunConfig, data: Data) -> State:
    """The state before the first step; the same for the same config and data."""
    mean = data.mean_pixel
    if config.colour:
        ink = data.train.float().mean(1) / 255
        mean = float((ink * data.hues[data.train_labels].mean(1)).mean())
    weights = initial_weights(config, mean)
    return State.frozen(config, 0, {WEIGHTS + name: array for name, array in weights.items()})


class Trainer:
    """A network with its optimizer on the device, trained in place with the `knobs` as they are set.

    Making one costs as much as some batches, so a chain of slices hands it on (see `slices.next_slice`).
    """

    def __init__(self, state: State, knobs: Knobs, device: torch.device) -> None:
        self._config, self._step = with_knobs(state.config, knobs), state.step
        self._model = build(self._config, state.weights, device)
        self._memory = {name: torch.tensor(array, device=device) for name, array in state.memory.items()}

    @property
    def knobs(self) -> Knobs:
        return Knobs.of(self._config)

    def load(self, state: State, knobs: Knobs, device: torch.device) -> bool:
        """Becomes `state`, without an optimizer's memory, if it is the same network."""
        parameters = dict(self._model.named_parameters())
        if with_knobs(state.config, knobs) != self._config or next(iter(parameters.values())).device != device:
            return False
        with torch.no_grad():
            for name, array in state.weights.items():
                parameters[name].copy_(torch.tensor(array))
        self._step, self._memory = state.step, {}
        return True

    def advance(self, data: Data, steps: int) -> Progress:
        """See `advance`."""
        config, model = self._config, self._model
        device, count, first = data.train.device, len(data.train), self._step
        memory = self._memory
        started = time.perf_counter()
        noise = torch.Generator(device)
        batches = batches_of(config, count, first, steps).to(device)
        # All at once: between two batches, with cold caches, a seed takes ten times as long.
        seeds = [seed_of(config.seed, "noise", first + index) for index in range(steps)]
        outcomes: list[StepMetrics] = []
        frozen = _frozen(config, data) if config.frozen_noise and config.applies("frozen_noise") else None
        for phase, begin, length in stretches(config, count, first, steps):
            # What was good for one layer alone would slow down all of them together: a phase begins with a clear head.
            rule = learning_rule(model, config, phase, memory if begin > phase.begin else {})
            for step in range(begin, begin + length):
                index = step - first
                clean = data.train.index_select(0, batches[index]).float().div_(255)
                noise.manual_seed(seeds[index])
                if frozen is None:
                    corrupted = corrupt(clean, config.corruption, config.corruption_level, noise)
                else:
                    corrupted = frozen.index_select(0, batches[index]).float().div_(255)
                whole, targets = clean, corrupted if config.noisy_target else clean
                if config.colour:
                    labels = data.train_labels[batches[index]]
                    whole = target(clean, labels, config, data)
                    targets = target(corrupted, labels, config, data) if config.noisy_target else whole
                outcomes.append(rule.step(Batch(clean, corrupted, targets, whole, noise)))
            memory = rule.memory()
        loss, error, penalty = _means(outcomes)
        seconds = time.perf_counter() - started
        if REGULARIZERS[config.regularizer].weight_decay:
            penalty = config.regularizer_weight * half_squared_weights(model)
        self._step, self._memory = first + steps, memory
        return Progress(steps, seconds, loss, error, penalty if config.has_penalty else None)

    def state(self) -> State:
        """The state reached, as a copy that further training does not change."""
        weights = {WEIGHTS + name: parameter.detach() for name, parameter in self._model.named_parameters()}
        tensors = weights | self._memory
        return State.frozen(
            self._config,
            self._step,
            {name: tensor.to("cpu", copy=True).contiguous().numpy() for name, tensor in tensors.items()},
        )

    def snapshot(self, data: Data) -> Reconstructions:
        """See `snapshot`."""
        config, layers = self._config, self._phase(data).layers
        shown = data.probe[:SHOWN].float().div_(255)
        corrupted, hole = corrupted_images(data, config.corruption, config.corruption_level, config.seed)
        with self._looking(shown.device):
            found = self._model.activations(corrupted, layers)
        output = self._model.output_activation(found[1][-1].float())
        error = float((output - target(shown, data.probe_labels[:SHOWN], config, data)).square().mean())
        seen = record(plan(config), *found)
        return Reconstructions(self._step, as_bytes(corrupted), as_bytes(output), hole, error, seen)

    def probe(self, data: Data, images: int | None = None) -> Probe:
        """See `probe`."""
        config = self._config
        which = _some_probes(data, images)
        clean, labels = data.probe[which].float().div_(255), data.probe_labels[which]
        layers = self._phase(data).layers
        corrupted = self._corrupted(clean, "probe")
        with self._looking(clean.device):
            code = self._model.encode(corrupted, layers)
            logits = self._model.logits(code, layers).float()
        output = self._model.output_activation(logits)
        whole = target(clean, labels, config, data)
        targets = target(corrupted, labels, config, data) if config.noisy_target else whole
        return Probe(
            float(LOSSES[config.loss](logits, output, targets)),
            float((output.clamp(0, 1) - whole).square().mean()),
            code.float().flatten(1).cpu().numpy(),
            which.cpu().numpy(),
            _free_energies(self._model, self._phase(data), data, which),
            self._grid(code) if layers == len(plan(config).encoder) and code.shape[1:] == (2,) else None,
        )

    def _grid(self, codes: Tensor) -> DecodedGrid | None:
        """Of the area around these codes [N, 2]; None where they are nowhere."""
        area = grid_area(codes.float().cpu().numpy())
        if area is None:
            return None
        with self._looking(codes.device):
            decoded = self._model.decode(torch.tensor(grid_codes(area), device=codes.device)).float()
        planes = decoded.view(len(decoded), -1, IMAGE_SIDE, IMAGE_SIDE)
        small = F.avg_pool2d(planes.clamp(0, 1), IMAGE_SIDE // GRID_SIDE)
        return DecodedGrid(as_bytes(small.flatten(1)), area)

    def _phase(self, data: Data) -> Phase:
        # While layer after layer learns, what comes later would only spoil the images.
        return phase_at(self._config, len(data.train), self._step)

    def _corrupted(self, clean: Tensor, purpose: str) -> Tensor:
        config = self._config
        noise = generator(config.seed, purpose, clean.device)
        return corrupt(clean, config.corruption, config.corruption_level, noise)

    @contextlib.contextmanager
    def _looking(self, device: torch.device) -> Iterator[None]:
        """In here the network computes as in training, and nothing is noted for gradients."""
        dtype = hardware.precision(self._config)
        with torch.no_grad(), torch.autocast(device.type, dtype, enabled=dtype != torch.float32):
            yield


def corrupted_images(data: Data, corruption: str, level: float, seed: int) -> tuple[Tensor, np.ndarray | None]:
    """The images shown as a run of this `seed` receives them, float [12, 784] in [0, 1], and which of their pixels were
    removed, bool [12, 784]; None where the corruption removes none."""
    shown = data.probe[:SHOWN].float().div_(255)
    corrupted, removed = (
        apply(shown, corruption, level, generator(seed, "pictures", shown.device)) for apply in (corrupt, mask)
    )
    assert corrupted is not None
    return corrupted, None if removed is None else removed.cpu().numpy()


def _some_probes(data: Data, images: int | None) -> Tensor:
    """Which probe images are looked at, where `images` are enough: from the darkest to the brightest at equal
    distances, because strokes that take more ink have larger errors."""
    count = len(data.probe)
    if images is None or images >= count:
        return torch.arange(count, device=data.probe.device)
    middles = (torch.arange(images, device=data.probe.device) * 2 + 1) * count // (2 * images)
    by_ink = data.kept.get("probe images by their ink", lambda: data.probe.sum(1).argsort(stable=True))
    return by_ink[middles]


def advance(state: State, data: Data, knobs: Knobs, steps: int) -> tuple[State, Progress]:
    """Trains `steps` batches further. Does not change its arguments.

    The result depends on nothing but the arguments, however a run is cut into slices.
    """
    trainer = Trainer(state, knobs, data.train.device)
    progress = trainer.advance(data, steps)
    return trainer.state(), progress


def snapshot(state: State, data: Data, knobs: Knobs) -> Reconstructions:
    """What a state makes of the images shown. The noise on them is the same every time."""
    return Trainer(state, knobs, data.train.device).snapshot(data)


_kept = threading.local()


def probe(state: State, data: Data, knobs: Knobs, images: int | None = None) -> Probe:
    """Codes and errors of the probe images, or of only so many `images`.

    The network of the last time gets the new weights where it is the same: making one would take longer than the
    measurement.
    """
    weights = {name: array for name, array in state.arrays.items() if name.startswith(WEIGHTS)}
    bare = State(state.config, state.step, weights)
    trainer: Trainer | None = getattr(_kept, "trainer", None)
    if trainer is None or not trainer.load(bare, knobs, data.train.device):
        trainer = _kept.trainer = Trainer(bare, knobs, data.train.device)
    return trainer.probe(data, images)


def _means(outcomes: list[StepMetrics]) -> list[float]:
    """Of loss, error and penalty; a batch without a penalty counts as one of zero."""
    zero = torch.zeros_like(outcomes[0].loss)
    columns = [[zero if value is None else value for value in column] for column in zip(*outcomes, strict=True)]
    means: list[float] = torch.stack([torch.stack(column) for column in columns]).mean(1).tolist()
    return means


def _free_energies(model: Autoencoder, phase: Phase, data: Data, which: Tensor) -> tuple[float, float] | None:
    if not METHODS[phase.rule].free_energy:
        return None
    some = data.train[evenly_spaced(len(data.train), len(which))]
    with torch.no_grad():
        train, test = (
            float(
                machine(model, phase.layers).free_energy(model.encode(part.float().div(255), phase.layers - 1)).mean()
            )
            for part in (some, data.probe[which])
        )
    return train, test


# So many images are corrupted at once where all are.
_AT_ONCE = 5_000


def _frozen(config: RunConfig, data: Data) -> Tensor:
    """All training images as a run with frozen noise sees them, uint8 [N, 784]: corrupted once, then rounded to the 256
    levels of a pixel."""
    name, level, seed = config.corruption, config.corruption_level, config.seed

    def drawn() -> Tensor:
        corrupted = torch.empty_like(data.train)
        for index, (clean, part) in enumerate(zip(data.train.split(_AT_ONCE), corrupted.split(_AT_ONCE), strict=True)):
            noise = generator(seed, "frozen", corrupted.device, index)
            part.copy_(corrupt(clean.float().div_(255), name, level, noise).mul_(255).round_())
        return corrupted

    return data.kept.get(("frozen noise", name, level, seed), drawn)
