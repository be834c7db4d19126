"""Runs that get good within seconds, for the tasks and comparisons of the pages."""

from __future__ import annotations

from dataclasses import replace

from aelib import datasets
from aelib.config import RunConfig
from aelib.recipes import RECIPES
from aelib.ui.pictures import pictures
from aelib.ui.tasks import settings_of

NOISE = 0.5
_DENSE = replace(RECIPES["multilayer-64"].config, recipe="custom", widths=(256,), code_size=64)
_NOISY = {"corruption": "gaussian", "corruption_level": NOISE}

# How many pictures (thousands, counting repeats) are worth waiting for.
_DENOISER = (replace(_DENSE, **_NOISY), 300)  # type: ignore[arg-type]
BY_TASK = {
    "noise": _DENOISER,
    "gap": (replace(_DENSE, **settings_of("gap")), 300),
    "resolution": (replace(_DENSE, **settings_of("resolution") | {"corruption_level": 0.75}), 300),
    "colour": (replace(_DENSE, **settings_of("colour")), 240),
}
# One of each kind that the claims about other scripts tell apart. Slower networks get fewer pictures.
SIDE_BY_SIDE = (
    _DENOISER,
    (replace(RECIPES["conv-dense-20"].config, recipe="custom", widths=(16, 16), **_NOISY), 120),  # type: ignore[arg-type]
    (replace(RECIPES["fully-conv"].config, recipe="custom", widths=(8, 16, 16), batch_size=128, **_NOISY), 60),  # type: ignore[arg-type]
)
# Training pictures of data that are not loaded yet: MNIST and its kin, and the bundled sets.
_ASSUMED, _BUNDLED = 60_000, 13_000


def on_data(quick: tuple[RunConfig, int], dataset: str) -> RunConfig:
    """The config for a data set, with as many epochs as its budget of pictures needs."""
    config, thousands = quick
    loaded = pictures(dataset)
    assumed = _BUNDLED if any(entry.bundled for entry in datasets.entries() if entry.name == dataset) else _ASSUMED
    count = assumed if loaded is None else len(loaded.train_images)
    return replace(config, dataset=dataset, epochs=min(500, max(1, round(thousands * 1_000 / count))))
