"""Pictures a second: our training loop against Keras' `fit` and a plain DataLoader loop, on the same networks."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import venv
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from torch.utils.data import DataLoader, TensorDataset

from aelib import datasets, hardware
from aelib.architecture import plan
from aelib.config import Knobs, RunConfig
from aelib.models import Autoencoder
from aelib.recipes import RECIPES
from aelib.training import Data, advance, init, prepare
from benchmarks.measuring import Table

HERE = Path(__file__).parent
KERAS = HERE / ".venv"
SECONDS = 2.0
PICTURES = 20_000


def measure() -> Table:
    dataset = datasets.load(datasets.default_name())
    images = dataset.train_images[:PICTURES]
    data = prepare(replace(dataset, train_images=images, train_labels=dataset.train_labels[:PICTURES]))
    hardware.settle_process()
    python = keras_python()
    table = Table(
        "Training throughput",
        "Pictures a second, batch 256, Adam, MSE, no noise, 20,000 pictures; medians of three, in turn. "
        "Keras: `model.fit` on float32 arrays; DataLoader: the usual PyTorch loop in float32.",
        ("recipe", "ours", "number format", "Keras `fit`", "DataLoader loop", "ours : Keras", "ours : DataLoader"),
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "images.npy"
        np.save(file, images)
        for name, recipe in RECIPES.items():
            config = replace(recipe.config, corruption="none")
            # Interleaved, so that a slow moment of the machine meets all three.
            rounds = [(ours(config, data), keras(python, file, name), loader(config, images)) for _ in range(3)]
            mine, theirs, plain = (float(np.median(column)) for column in zip(*rounds, strict=True))
            number_format = str(hardware.precision(config)).removeprefix("torch.")
            table.add(
                name,
                f"{mine:,.0f}",
                number_format,
                f"{theirs:,.0f}" if theirs else "–",
                f"{plain:,.0f}",
                f"{mine / theirs:.1f}" if theirs else "–",
                f"{mine / plain:.1f}",
            )
    return table


def ours(config: RunConfig, data: Data) -> float:
    knobs = Knobs.of(config)
    state, progress = advance(init(config, data), data, knobs, 3)
    state, progress = advance(state, data, knobs, 5)
    steps = max(5, round(SECONDS * progress.steps / progress.seconds))
    _, progress = advance(state, data, knobs, steps)
    return progress.steps * config.batch_size / progress.seconds


def keras(python: Path | None, file: Path, name: str) -> float:
    if python is None:
        return 0.0
    output = subprocess.run(
        [python, HERE / "keras_fit.py", file, name], capture_output=True, text=True, check=True, timeout=600
    )
    return float(output.stdout.split()[-1])


def loader(config: RunConfig, images: np.ndarray) -> float:
    """The textbook: a DataLoader over float tensors, `zero_grad`, `backward`, `step`."""
    pictures = torch.tensor(images.reshape(len(images), -1)).float() / 255
    model = Autoencoder(plan(config))
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    seen, began = 0, time.perf_counter()
    for (batch,) in DataLoader(TensorDataset(pictures), batch_size=config.batch_size, shuffle=True):
        loss = torch.nn.functional.mse_loss(model(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        seen += len(batch)
        if time.perf_counter() - began > SECONDS:
            break
    return seen / (time.perf_counter() - began)


def keras_python() -> Path | None:
    """The Python of the Keras environment, made at the first call; None where it cannot be installed."""
    python = KERAS / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    if not python.exists():
        print("Installing Keras into an environment of its own …", file=sys.stderr)
        venv.create(KERAS, with_pip=True)
        requirements = HERE / "requirements-keras.txt"
        done = subprocess.run([python, "-m", "pip", "install", "-q", "-r", requirements], check=False)
        if done.returncode:
            return None
    return python
