"""Does every recipe reach what a faithful implementation reaches? The figures, and the training that is compared."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from aelib.config import Knobs, RunConfig
from aelib.recipes import RECIPES

# Another seed moves an error by about so much, relatively.
TOLERANCE = 0.03


@dataclass(frozen=True)
class Budget:
    """How long a recipe is trained on MNIST, `pretrain_epochs` of it for each layer where that is its way, and the
    mean squared error on the 10,000 test pictures (damaged ones, for recipes with damage) that it should reach."""

    epochs: float
    error: float
    pretrain_epochs: int | None = None


@dataclass(frozen=True)
class Expected:
    """`source`: where the full budget's error comes from. Quick errors are all of plain PyTorch."""

    full: Budget
    quick: Budget
    source: str


KERAS, TORCH = "Keras 3.15", "plain PyTorch"

EXPECTED: dict[str, Expected] = {
    "tanh-l1": Expected(Budget(10, 1.0), Budget(2, 1.0), TORCH),
    "simple-128": Expected(Budget(20, 0.00161), Budget(2, 1.0), TORCH),
    "denoise-256": Expected(Budget(20, 1.0), Budget(2, 1.0), TORCH),
    "single-32": Expected(Budget(20, 0.02188), Budget(4, 1.0), KERAS),
    "single-32-l1": Expected(Budget(20, 0.02481), Budget(4, 1.0), KERAS),
    "deep-32": Expected(Budget(20, 0.00955), Budget(2, 1.0), TORCH),
    "relu-128": Expected(Budget(4, 1.0), Budget(1, 1.0), TORCH),
    "vanilla-64": Expected(Budget(20, 0.00389), Budget(2, 1.0), TORCH),
    "multilayer-64": Expected(Budget(20, 0.00548), Budget(2, 1.0), TORCH),
    "conv-pool": Expected(Budget(5, 0.0202), Budget(0.5, 1.0), TORCH),
    "sparse-64": Expected(Budget(20, 0.00548), Budget(2, 1.0), TORCH),
    "conv-denoise": Expected(Budget(3, 1.0), Budget(0.25, 1.0), TORCH),
    "conv-dense-20": Expected(Budget(5, 0.01565), Budget(0.5, 1.0), TORCH),
    "fully-conv": Expected(Budget(3, 1.0), Budget(0.25, 1.0), TORCH),
    "contractive": Expected(Budget(20, 1.0), Budget(2, 1.0), TORCH),
    "recirculation": Expected(Budget(20, 1.0), Budget(3, 1.0), TORCH),
    "rbm": Expected(Budget(20, 1.0, 4), Budget(3, 1.0, 1), TORCH),
    "vae": Expected(Budget(20, 1.0), Budget(2, 1.0), TORCH),
    "stacked": Expected(Budget(20, 1.0, 2), Budget(5, 1.0, 1), TORCH),
    "overcomplete-linear": Expected(Budget(5, 1.0), Budget(1, 1.0), TORCH),
    "linear-32": Expected(Budget(20, 1.0), Budget(2, 1.0), TORCH),
    "tied-64": Expected(Budget(20, 1.0), Budget(2, 1.0), TORCH),
    "k-sparse": Expected(Budget(20, 1.0), Budget(2, 1.0), TORCH),
    "kl-sparse": Expected(Budget(20, 1.0), Budget(2, 1.0), TORCH),
    "masked-128": Expected(Budget(20, 1.0), Budget(2, 1.0), TORCH),
}


@dataclass(frozen=True)
class Verdict:
    """What a recipe reached in `seconds` of training."""

    recipe: str
    error: float
    expected: float
    seconds: float

    @property
    def ratio(self) -> float:
        """Below 1 is better than expected."""
        return self.error / self.expected

    @property
    def passed(self) -> bool:
        return self.ratio <= 1 + TOLERANCE


def settings(recipe: str, budget: Budget) -> RunConfig:
    """The recipe on MNIST, within this budget."""
    config = replace(RECIPES[recipe].config, dataset="mnist")
    return config if budget.pretrain_epochs is None else replace(config, pretrain_epochs=budget.pretrain_epochs)


def verify(recipes: list[str], *, quick: bool) -> Iterator[Verdict]:
    """Trains one after the other and measures each. Raises `InvalidInput` where MNIST is not here."""
    from aelib import datasets, hardware
    from aelib.metrics import whole_test_mse
    from aelib.training import advance, init, prepare

    hardware.settle_process()
    data = prepare(datasets.load("mnist"))
    for recipe in recipes:
        expected = EXPECTED[recipe]
        budget = expected.quick if quick else expected.full
        config = settings(recipe, budget)
        began = time.perf_counter()
        state, _ = advance(init(config, data), data, Knobs.of(config), config.steps(len(data.train), budget.epochs))
        seconds = time.perf_counter() - began
        yield Verdict(recipe, whole_test_mse(state, data), budget.error, seconds)
