"""Short runs, exported, and what runs their files where there is no aelib."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from aelib import datasets
from aelib.export import Subject, subject
from aelib.runs.recording import Recording
from aelib.spec.config import RunConfig
from aelib.spec.recipes import RECIPES
from aelib.train.loop import trained as slices
from aelib.train.trainer import prepare
from tests.samples import cut, settings
from tests.walk import todays

# Every system, and what no recipe has.
CASES: dict[str, dict[str, Any]] = {
    **{recipe: {"recipe": recipe} for recipe in RECIPES},
    # With the article's learning rate of 0.01 the first batches end anywhere.
    "tanh-l1": {"recipe": "tanh-l1", "learning_rate": 1e-3},
    "colour": {"recipe": "conv-dense-20", "colour": True},
    "colour and noise": {"recipe": "vanilla-64", "colour": True, "corruption": "gaussian", "noisy_target": True},
    "flat code": {"recipe": "multilayer-64", "code_size": 2, "code_activation": "linear"},
    "deep and tied": {"recipe": "deep-32", "tied": True, "hidden_activation": "leaky-relu"},
    "variational, convolutional": {"recipe": "conv-dense-20", "regularizer": "variational"},
    "variational, no hidden layer": {"recipe": "vae", "widths": ()},
    "contractive, deep": {"recipe": "contractive", "widths": (32,), "hidden_activation": "elu"},
    "contractive, feature maps": {"recipe": "conv-pool", "regularizer": "contractive"},
    "weight decay": {"recipe": "relu-128", "regularizer": "weight-decay"},
    "persistent chains, tied": {"recipe": "rbm", "persistent": True, "tied": True, "cd_steps": 2},
    "recirculation, tied": {"recipe": "recirculation", "tied": True},
    "stacked, k-sparse": {"recipe": "stacked", "regularizer": "k-sparse", "active_units": 5, "corruption": "masking"},
    "frozen and stacked": {"recipe": "stacked", "corruption": "gaussian", "frozen_noise": True, "loss": "bce"},
    **{
        name: {"recipe": "vanilla-64", "corruption": name, "corruption_level": 0.3}
        for name in ("salt-and-pepper", "block", "line", "half", "low-resolution")
    },
    "one class": {"recipe": "vanilla-64", "dataset": "digits:3,5"},
    "sgd": {"recipe": "vanilla-64", "optimizer": "sgd"},
    "rmsprop": {"recipe": "vanilla-64", "optimizer": "rmsprop"},
}


def some(count: int, of: Iterable[str] = CASES) -> list[str]:
    """The cases of this day."""
    return todays(list(of), count)


def in_turns(cases: list[str], size: int = 8) -> list[list[str]]:
    """So many at once: their files are run in one process."""
    return [cases[begin : begin + size] for begin in range(0, len(cases), size)]


def config_of(case: str) -> RunConfig:
    changes = dict(CASES[case])
    return settings(changes.pop("recipe"), pretrain_epochs=1, **changes)


@cache
def exportable(case: str, steps: int | None = None) -> Subject:
    """A run of a few batches: of one after the last layer's pretraining, where there is any."""
    config = config_of(case)
    dataset = cut(datasets.load(config.dataset), 300, 100)
    data = prepare(dataset)
    if steps is None:
        steps = 34 if config.method in ("stacked", "rbm") else 4
    recording = Recording(config, data, steps)
    for link in slices(config, data, steps, recording.next_stop):
        recording.note(link)
    return subject(recording.record(link.state, ()), dataset, data)


def write(files: Mapping[str, bytes], folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for name, contents in files.items():
        (folder / name).write_bytes(contents)
    return folder


def without_aelib(*arguments: str, folder: Path, timeout: float = 200, **variables: str) -> str:
    """What a Python program prints that finds no aelib."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"OMP_NUM_THREADS": "1", "MPLBACKEND": "Agg", "DATA_DIR": str(folder), **variables}
    done = subprocess.run(
        [sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, timeout=timeout
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
