"""Does every recipe reach what a faithful implementation reaches? The figures, and the training that is compared."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from aelib.spec.config import RunConfig
from aelib.spec.recipes import RECIPES

# How far above the reference an error may be, relatively. Early in training the seed matters more: of three seeds of
# plain PyTorch the worst is up to 10 % above the mean at the quick budgets ("relu-128").
TOLERANCE, QUICK_TOLERANCE = 0.03, 0.1


@dataclass(frozen=True)
class Budget:
    """How long a recipe is trained on MNIST, `pretrain_epochs` of it for each layer where that is its way, and the
    mean squared error on the 10,000 test images (damaged ones, for recipes with damage) that it should reach. With
    `steps`, they are the budget, and `epochs` is about as long; with `learning_rate`, that is taken instead of the
    recipe's."""

    epochs: float
    error: float
    pretrain_epochs: int | None = None
    steps: int | None = None
    learning_rate: float | None = None


@dataclass(frozen=True)
class Expected:
    """`source`: where the full budget's error comes from. Quick errors are all of plain PyTorch
    (`python -m benchmarks references`), and what is of several seeds is their mean. Two recipes scatter. "relu-128"
    ends anywhere from 0.018 to 0.021 in plain PyTorch and from 0.017 to 0.024 here (six seeds each, means 0.0192 and
    0.0196): so far above its reference, `scatter`, an error may be. "tanh-l1" is compared at a learning rate of 0.001,
    because with the article's 0.01 the error after 3 epochs is anywhere from 0.02 to 0.08."""

    full: Budget
    quick: Budget
    source: str
    scatter: float = 0.0


KERAS, TORCH = "Keras 3.15", "plain PyTorch"

EXPECTED: dict[str, Expected] = {
    "tanh-l1": Expected(Budget(5, 0.0220, learning_rate=1e-3), Budget(2, 0.02946, learning_rate=1e-3), TORCH),
    "simple-128": Expected(Budget(20, 0.00521), Budget(2, 0.03232), TORCH),
    "denoise-256": Expected(Budget(20, 0.00280), Budget(2, 0.01749), TORCH),
    "single-32": Expected(Budget(20, 0.02188), Budget(4, 0.04761), KERAS),
    "single-32-l1": Expected(Budget(20, 0.02481), Budget(4, 0.04896), KERAS),
    "deep-32": Expected(Budget(20, 0.00955), Budget(2, 0.02396), TORCH),
    "deep-32-adadelta": Expected(Budget(20, 0.02517), Budget(4, 0.05263), TORCH),
    "relu-128": Expected(Budget(4.27, 0.0192, steps=1_000), Budget(1, 0.05203), TORCH, scatter=0.3),
    "vanilla-64": Expected(Budget(20, 0.00389), Budget(2, 0.01254), TORCH),
    "multilayer-64": Expected(Budget(20, 0.00548), Budget(2, 0.01232), TORCH),
    "conv-pool": Expected(Budget(5, 0.0202), Budget(0.5, 0.04214), TORCH),
    "conv-pool-adadelta": Expected(Budget(3, 0.03563), Budget(0.5, 0.05475), TORCH),
    "sparse-64": Expected(Budget(20, 0.00548), Budget(2, 0.02205), TORCH),
    "conv-denoise": Expected(Budget(3, 0.01534), Budget(0.25, 0.03365), TORCH),
    "conv-denoise-adadelta": Expected(Budget(3, 0.01719), Budget(0.25, 0.05735), TORCH),
    "conv-dense-20": Expected(Budget(5, 0.01565), Budget(0.5, 0.04513), TORCH),
    "fully-conv": Expected(Budget(3, 0.01219), Budget(0.25, 0.02458), TORCH),
    "contractive": Expected(Budget(20, 0.01094), Budget(2, 0.03973), TORCH),
    "recirculation": Expected(Budget(20, 0.01001), Budget(3, 0.02391), TORCH),
    "rbm": Expected(Budget(20, 0.00710, 4), Budget(3, 0.02297, 1), TORCH),
    "vae": Expected(Budget(20, 0.01125), Budget(2, 0.01989), TORCH),
    "stacked": Expected(Budget(20, 0.00583, 2), Budget(5, 0.01023, 1), TORCH),
    "overcomplete-linear": Expected(Budget(5, 0.00021), Budget(1, 0.00221), TORCH),
    "linear-32": Expected(Budget(20, 0.01692), Budget(2, 0.01876), TORCH),
    "tied-64": Expected(Budget(20, 0.00466), Budget(2, 0.01451), TORCH),
    "k-sparse": Expected(Budget(20, 0.00817), Budget(2, 0.01541), TORCH),
    "kl-sparse": Expected(Budget(20, 0.00697), Budget(2, 0.03912), TORCH),
    "masked-128": Expected(Budget(20, 0.00995), Budget(2, 0.01728), TORCH),
}


@dataclass(frozen=True)
class Verdict:
    """What a recipe reached in `seconds` of training."""

    recipe: str
    error: float
    expected: float
    seconds: float
    tolerance: float = TOLERANCE

    @property
    def ratio(self) -> float:
        """Below 1 is better than expected."""
        return self.error / self.expected

    @property
    def passed(self) -> bool:
        return self.ratio <= 1 + self.tolerance


def settings(recipe: str, budget: Budget) -> RunConfig:
    """The recipe on MNIST, within this budget."""
    changes: dict[str, Any] = {"pretrain_epochs": budget.pretrain_epochs, "learning_rate": budget.learning_rate}
    given = {name: value for name, value in changes.items() if value is not None}
    return replace(RECIPES[recipe].config, dataset="mnist", **given)


def verify(recipes: list[str], *, quick: bool) -> Iterator[Verdict]:
    """Trains one after the other and measures each. Raises `InvalidInput` where MNIST is not here."""
    from aelib import datasets
    from aelib.train import hardware
    from aelib.train.loop import trained
    from aelib.train.metrics import whole_test_mse
    from aelib.train.trainer import prepare

    hardware.settle_process()
    data = prepare(datasets.load("mnist"))
    for recipe in recipes:
        expected = EXPECTED[recipe]
        budget = expected.quick if quick else expected.full
        config = settings(recipe, budget)
        began = time.perf_counter()
        steps = budget.steps or config.steps(len(data.train), budget.epochs)
        (link,) = deque(trained(config, data, steps), maxlen=1)
        seconds = time.perf_counter() - began
        error = math.inf if link.diverged else whole_test_mse(link.state, data)
        tolerance = max(QUICK_TOLERANCE if quick else TOLERANCE, expected.scatter)
        yield Verdict(recipe, error, budget.error, seconds, tolerance)
