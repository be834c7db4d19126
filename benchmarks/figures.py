"""Every recipe trained on MNIST for its epochs, beside the figure that a faithful implementation reaches."""

from __future__ import annotations

from aelib import datasets, hardware
from aelib.config import Knobs
from aelib.metrics import evaluate
from aelib.recipes import RECIPES
from aelib.training import advance, init, prepare
from benchmarks.measuring import Table

# Test MSE with the clean picture as target, or for the denoiser its PSNR in dB on noisy pictures: what the same network
# reaches in Keras 3.15 and in a plain torch loop with Glorot start. "collapsed": stayed black.
KERAS = {"simple-128": 0.00164, "vanilla-64": 0.00403, "multilayer-64": 0.00564, "conv-dense-20": 0.01744}
TORCH = {"simple-128": 0.00161, "vanilla-64": 0.00389, "multilayer-64": 0.00548, "conv-pool": 0.0202} | {
    "conv-dense-20": 0.01565
}
TORCH_DB = {"fully-conv": 19.4}


def measure() -> Table:
    hardware.settle_process()
    dataset = datasets.load("mnist")
    data = prepare(dataset)
    table = Table(
        "Figures reached",
        "Test MSE on clean pictures of MNIST's whole test split after the recipe's epochs, seed 0; for denoising "
        "recipes also the PSNR of what comes out of noisy pictures. Glorot start, output bias at the mean pixel.",
        ("recipe", "epochs", "test MSE", "torch reference", "Keras reference", "PSNR of noisy", "reference"),
    )
    for name, recipe in RECIPES.items():
        config = recipe.config
        steps = config.steps(len(dataset.train_images))
        state, _ = advance(init(config, data), data, Knobs.of(config), steps)
        measured = evaluate(state, data)
        table.add(
            name,
            str(config.epochs),
            f"{measured.clean.mse:.5f}",
            f"{TORCH[name]:.5f}" if name in TORCH else "–",
            f"{KERAS[name]:.5f}" if name in KERAS else "–",
            f"{measured.noisy.psnr:.1f} dB" if measured.noisy else "–",
            f"{TORCH_DB[name]} dB" if name in TORCH_DB else "–",
        )
    return table
