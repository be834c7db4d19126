"""How settings are said."""

from __future__ import annotations

from dataclasses import replace

import pytest

from aelib.config import RunConfig, repaired
from aelib.ui.words import difference, mended


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"code_size": 1024}, "code size 1,024"),
        ({"widths": (256, 128)}, "hidden layers 256, 128"),
        ({"widths": ()}, "hidden layers none"),
        ({"learning_rate": 0.0005}, "learning rate 0.0005"),
        ({"tied": True}, "tied weights"),
        ({"optimizer": "sgd"}, "SGD with momentum 0.9"),
        ({}, "another run"),
    ],
)
def test_what_tells_runs_apart_is_said_in_a_few_words(changes: dict[str, object], said: str) -> None:
    base = RunConfig(widths=(64,))
    assert difference(replace(base, **changes), base) == said  # type: ignore[arg-type]


def test_what_was_mended_is_said_with_the_label_and_the_new_value() -> None:
    broken = replace(RunConfig(), family="conv-pool", widths=(16, 8), tied=True)
    config, problems = repaired(broken)
    tied = next(problem for problem in problems if problem.field_name == "tied")
    said = mended(tied, config)
    assert said.startswith("Tied weights: “true” cannot be used; allowed is ")
    assert said.endswith(" It is off now.")
