"""What every recipe makes of a few built-in digits, for the cards of the Recipes page.

`python -m aelib.example.gallery` trains all recipes on the built-in digits again and writes `gallery.npz` next to this
file: minutes.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from aelib import datasets
from aelib.spec.recipes import RECIPES

FILE = Path(__file__).with_suffix(".npz")
DATASET = "digits"
SHOWN = 6
# So many passes over the training images, or as many as the recipe has where it has fewer.
EPOCHS = 10


@dataclass(frozen=True)
class Shown:
    """What went into a network and what came out, uint8 [6, 784], in colour [6, 3 × 784], after so many `epochs`."""

    input: np.ndarray
    output: np.ndarray
    epochs: float


@cache
def gallery() -> dict[str, Shown]:
    """By the ids of the recipes; one that is newer than the file has no entry."""
    with np.load(FILE, allow_pickle=False) as file:
        return {
            name: Shown(file[f"{name}/input"], file[f"{name}/output"], float(file[f"{name}/epochs"]))
            for name in RECIPES
            if f"{name}/input" in file
        }


def main() -> None:
    from aelib.spec.config import Knobs, with_changes
    from aelib.train.trainer import Trainer, init, prepare

    dataset = datasets.load(DATASET)
    data = prepare(dataset)
    columns: dict[str, Any] = {}
    for name, recipe in RECIPES.items():
        config = with_changes(recipe.config, {"dataset": DATASET, "epochs": min(EPOCHS, recipe.config.epochs)})
        steps = config.steps(len(dataset.train_images))
        trainer = Trainer(init(config, data), Knobs.of(config), data.train.device)
        trainer.advance(data, steps)
        images = trainer.snapshot(data)
        columns |= {
            f"{name}/input": images.corrupted[:SHOWN],
            f"{name}/output": images.output[:SHOWN],
            f"{name}/epochs": np.array(steps * config.batch(len(dataset.train_images)) / len(dataset.train_images)),
        }
        print(name, file=sys.stderr)
    np.savez_compressed(FILE, **columns)


if __name__ == "__main__":
    main()
