"""Runs that get good within seconds: what a page trains where there is nothing to look into, and to compare."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from aelib import datasets
from aelib.spec.config import RunConfig
from aelib.spec.recipes import RECIPES
from aelib.ui.panels.tasks import settings_of
from aelib.ui.session.datasets import loaded_dataset

NOISE = 0.5
# Training images of data that are not loaded yet: MNIST and its kin, and the bundled sets.
_ASSUMED, _BUNDLED = 60_000, 13_000


@dataclass(frozen=True)
class Quick:
    """A network and how many thousand images, counting repeats, it is worth waiting for."""

    config: RunConfig
    thousands: int

    def on(self, dataset: str) -> RunConfig:
        """The config for a data set, with as many epochs as its images need."""
        loaded = loaded_dataset(dataset)
        assumed = (
            _BUNDLED
            if any(entry.bundled for entry in datasets.entries() if entry.name == datasets.whole(dataset))
            else _ASSUMED
        )
        count = assumed if loaded is None else len(loaded.train_images)
        epochs = min(500, max(1, round(self.thousands * 1_000 / count)))
        return replace(self.config, dataset=dataset, epochs=epochs)


def _quick(recipe: str, thousands: int, **settings: Any) -> Quick:
    return Quick(replace(RECIPES[recipe].config, recipe="custom", **settings), thousands)


# Images come back well: better than through PCA or JPEG.
FAITHFUL = Quick(replace(RECIPES["vanilla-64"].config, learning_rate=0.003), 300)

# A code of two numbers, that can be looked at: with classes apart, and one whose places all give images.
_FLAT: dict[str, Any] = {"widths": (256, 64), "code_size": 2, "code_activation": "linear"}
FLAT_CODES = _quick("multilayer-64", 300, hidden_activation="elu", **_FLAT)
FLAT_DRAWINGS = _quick("multilayer-64", 300, loss="bce", learning_rate=0.003, **_FLAT)

_DENSE: dict[str, Any] = {"widths": (256,), "code_size": 64}
_NOISY: dict[str, Any] = {"corruption": "gaussian", "corruption_level": NOISE}
DENOISER = _quick("multilayer-64", 300, **_DENSE, **_NOISY)
BY_TASK = {
    "noise": DENOISER,
    "gap": _quick("multilayer-64", 300, **_DENSE, **settings_of("gap")),
    "resolution": _quick("multilayer-64", 300, **_DENSE, **settings_of("resolution") | {"corruption_level": 0.75}),
    "colour": _quick("multilayer-64", 240, **_DENSE, **settings_of("colour")),
}
# One of each kind that the claims about other scripts tell apart, and a strong dense one. At first all see as many
# images.
SIDE_BY_SIDE = tuple(
    _quick(recipe, 60, **settings, **_NOISY)
    for recipe, settings in (
        ("multilayer-64", _DENSE),
        ("multilayer-64", {"widths": (1024,), "code_size": 512, "batch_size": 128}),
        ("conv-dense-20", {"widths": (16, 16)}),
        ("fully-conv", {"widths": (8, 16, 16), "batch_size": 128}),
    )
)
