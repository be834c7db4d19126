"""How settings are said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aelib.spec.config import RunConfig
from aelib.spec.constraints import repaired
from aelib.ui.panels.labels import difference, mended


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code_size": 1024}, "1,024 latent dimensions"),
        ({"widths": (256, 128)}, "hidden layers 256, 128"),
        ({"widths": ()}, "no hidden layers"),
        ({"learning_rate": 0.0005}, "learning rate 0.0005"),
        ({"tied": True}, "tied weights"),
        ({"optimizer": "sgd"}, "SGD with momentum 0.9"),
        ({"code_size": 20, "learning_rate": 0.01, "seed": 3}, "20 latent dimensions; learning rate 0.01; seed 3"),
        ({"code_activation": "tanh", "output_activation": "linear"}, None),
        ({"dataset": "kmnist"}, "KMNIST"),
        ({}, "another run"),
    ],
)
def test_what_tells_runs_apart_is_said_in_a_few_words(changes: dict[str, object], said: str | None) -> None:
    base = RunConfig(widths=(64,))
    told = difference(replace(base, **changes), base)  # type: ignore[arg-type]
    if said is None:
        # Values that several settings may have are said with their labels.
        assert told.count("; ") == len(changes) - 1 and "latent activation" in told
    else:
        assert told == said


def test_what_was_mended_is_said_with_the_label_and_the_new_value() -> None:
    broken = replace(RunConfig(), family="conv-pool", widths=(16, 8), tied=True)
    config, problems = repaired(broken)
    tied = next(problem for problem in problems if problem.field_name == "tied")
    said = mended(tied, config)
    assert said.startswith("Tied weights: “true” is not valid; use false")
    assert said.endswith(" Changed to off.")
