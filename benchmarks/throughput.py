"""Images a second on one recipe of each family: our training against Keras' `fit`, against loops as one would write
them in PyTorch, and against the matrix products alone."""

from __future__ import annotations

import itertools
import os
import subprocess
import sys
import tempfile
import time
import venv
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from dask.system import CPU_COUNT
from torch import Tensor
from torch.utils.data import DataLoader, TensorDataset

from aelib import datasets
from aelib.host.cores import wait_briefly
from aelib.nn.autoencoder import Autoencoder, build
from aelib.spec.architecture import plan
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.recipes import RECIPES
from aelib.train import hardware, slices
from aelib.train.pace import SLICE_SECONDS
from aelib.train.resident import Data
from aelib.train.trainer import init, prepare
from benchmarks.measuring import Table, medians

HERE = Path(__file__).parent
KERAS = HERE / ".venv"
# One recipe of each family, and dense ones of four sizes: what is added to them elsewhere costs the same everywhere.
NAMES = ("vanilla-64", "multilayer-64", "simple-128", "denoise-256", "conv-pool", "conv-dense-20", "fully-conv")
WARM_UP = 3
SECONDS = 1.0
ROUNDS = 7
IMAGES = 20_000


def measure() -> Table:
    wait_briefly()
    hardware.settle_process()
    return hardware.computed(CPU_COUNT, _measure)


def _measure(threads: int) -> Table:
    dataset = datasets.load(datasets.default_name())
    images = dataset.train_images[:IMAGES]
    data = prepare(replace(dataset, train_images=images, train_labels=dataset.train_labels[:IMAGES]))
    python = keras_python()
    table = Table(
        "Training throughput",
        f"Pictures a second, batch 256, Adam, MSE, no noise, {IMAGES:,} pictures; medians of {ROUNDS} rounds in "
        "which all have their turn, of the rates and of their ratios. "
        f"Threads: {threads}. Ours: in slices of {SLICE_SECONDS:g} s, as runs go, with all that a "
        "slice needs. Keras: `model.fit` on float32 arrays. DataLoader: the usual PyTorch loop in float32. Bare loop: "
        "the same network, number format and layout as ours, fused Adam, the pictures as one float tensor, and nothing "
        "else. GEMM limit: only the matrix products, forward and backward, in the same number format; dense networks "
        "only.\n\n"
        "Goals: 8 times Keras for dense networks and twice for convolutions; 95 % of the bare loop; for denoise-256, "
        "the largest dense one, half of the GEMM limit.",
        (
            *("recipe", "number format", "ours", "Keras `fit`", "DataLoader loop", "bare loop", "GEMM limit"),
            *("ours : Keras", "ours : DataLoader", "ours : bare", "ours : limit"),
        ),
    )
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "images.npy"
        np.save(file, images)
        for name in NAMES:
            config = replace(RECIPES[name].config, corruption="none")
            # In turn, so that a slow moment of the machine meets all of them.
            rounds = [
                (
                    ours(config, data),
                    keras(python, file, name),
                    dataloader_loop(config, data),
                    bare_loop(config, data),
                    gemm_limit(config, data),
                )
                for _ in range(ROUNDS)
            ]
            number_format = str(hardware.precision(config)).removeprefix("torch.")
            rates = (f"{rate:,.0f}" if rate else "–" for rate in medians(rounds))
            compared = medians([[mine / other if other else 0.0 for other in others] for mine, *others in rounds])
            ratios = (f"{ratio:.2f}" if ratio else "–" for ratio in compared)
            table.add(name, number_format, *rates, *ratios)
    return table


def ours(config: RunConfig, data: Data) -> float:
    knobs, threads = Knobs.of(config), torch.get_num_threads()
    link = slices.first_slice(config, data, knobs)
    for _ in range(2):
        link = slices.next_slice(link, data, knobs, WARM_UP, threads)
    progress = link.progress
    assert progress is not None, "nothing diverges within some batches"
    steps = max(1, round(SLICE_SECONDS * progress.steps / progress.seconds))

    def train_slice() -> None:
        nonlocal link
        link = slices.next_slice(link, data, knobs, steps, threads)

    return rate(train_slice, steps * config.batch_size)


def keras(python: Path | None, file: Path, name: str) -> float:
    """0 without Keras."""
    if python is None:
        return 0.0
    threads = str(torch.get_num_threads())
    output = subprocess.run(
        [python, HERE / "keras_fit.py", file, name],
        env={**os.environ, "TF_NUM_INTRAOP_THREADS": threads, "TF_NUM_INTEROP_THREADS": threads},
        capture_output=True,
        text=True,
        check=True,
        timeout=600,
    )
    return float(output.stdout.split()[-1])


def dataloader_loop(config: RunConfig, data: Data) -> float:
    """The textbook: a DataLoader over float tensors, `zero_grad`, `backward`, `step`."""
    loader = DataLoader(TensorDataset(data.train.float() / 255), batch_size=config.batch_size, shuffle=True)
    batches = itertools.chain.from_iterable(itertools.repeat(loader))
    model = Autoencoder(plan(config)).to(data.train.device)
    optimizer = torch.optim.Adam(model.parameters())

    def step() -> None:
        (images,) = next(batches)
        loss = F.mse_loss(model(images), images)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return rate(step, config.batch_size)


def bare_loop(config: RunConfig, data: Data) -> float:
    """The plainest fast loop: the data as one tensor, and only what every step has to do."""
    images, dtype = data.train.float() / 255, hardware.precision(config)
    batches = shuffled(len(images), config.batch_size)
    model = build(config, init(config, data).weights, images.device)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)

    def step() -> None:
        batch = images[next(batches)]
        with torch.autocast(batch.device.type, dtype, enabled=dtype != torch.float32):
            loss = F.mse_loss(model(batch), batch)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

    return rate(step, config.batch_size)


def shuffled(count: int, batch_size: int) -> Iterator[Tensor]:
    """Batches of indices, epoch after epoch; what is left over at an epoch's end is left out."""
    while True:
        yield from torch.randperm(count)[: count - count % batch_size].split(batch_size)


def gemm_limit(config: RunConfig, data: Data) -> float:
    """The matrix products of a step and nothing else: for each layer one forward and two backward, for the gradient of
    its weights and, but for the first layer, of its inputs. 0 for networks with layers that are not dense."""
    if config.convolutional:
        return 0.0
    network, device, dtype = plan(config), data.train.device, hardware.precision(config)
    products: list[Callable[[], object]] = []
    for layer in (*network.encoder, *network.decoder):
        (units_in,), (units_out,) = layer.shape_in, layer.shape_out
        x = torch.rand(config.batch_size, units_in, device=device, dtype=dtype)
        weight = torch.rand(units_out, units_in, device=device, dtype=dtype)
        gradient = torch.rand(config.batch_size, units_out, device=device, dtype=dtype)
        forward, of_weight = product(x, weight.t()), product(gradient.t(), x)
        products += [forward, of_weight, product(gradient, weight)] if products else [forward, of_weight]

    def step() -> None:
        for multiply in products:
            multiply()

    return rate(step, config.batch_size)


def product(a: Tensor, b: Tensor) -> Callable[[], object]:
    """Multiplies into memory that is there already."""
    return partial(torch.mm, a, b, out=torch.empty(len(a), b.shape[1], device=a.device, dtype=a.dtype))


def rate(act: Callable[[], object], images: int) -> float:
    """Images a second of doing `act` again and again, which deals with so many at a time."""
    for _ in range(WARM_UP):
        act()
    wait_for_device()
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < SECONDS:
        act()
        done += images
    wait_for_device()
    return done / (time.perf_counter() - began)


def wait_for_device() -> None:
    """A GPU is handed its work, and does it later."""
    if hardware.device().type == "cuda":
        torch.cuda.synchronize()


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
