from __future__ import annotations

import json

import pytest

from aelib import datasets
from aelib.cli import verification
from aelib.cli.main import main
from aelib.cli.verification import EXPECTED, TOLERANCE, Budget, Expected, Verdict, settings
from aelib.spec.constraints import checked
from aelib.spec.recipes import RECIPES
from tests.samples import cut


def test_every_recipe_has_a_reference() -> None:
    assert list(EXPECTED) == list(RECIPES)
    for expected in EXPECTED.values():
        assert expected.quick.epochs < expected.full.epochs
        assert 0 < expected.full.error < 0.1 and 0 < expected.quick.error < 0.1


def test_layer_by_layer_time_is_left_for_all_layers_together() -> None:
    for recipe, expected in EXPECTED.items():
        for budget in (expected.full, expected.quick):
            config = checked(settings(recipe, budget))
            if config.applies("pretrain_epochs"):
                assert len(config.widths) + 1 < budget.epochs / config.pretrain_epochs


def test_a_verdict_passes_up_to_the_tolerance() -> None:
    assert Verdict("", 0.01 * (1 + TOLERANCE), 0.01, 1.0).passed
    assert Verdict("", 0.001, 0.01, 1.0).passed
    assert not Verdict("", 0.0104, 0.01, 1.0).passed


@pytest.fixture
def small_mnist(monkeypatch: pytest.MonkeyPatch) -> None:
    """A few digits in the place of MNIST, and references that they reach and do not reach."""
    monkeypatch.setattr(datasets, "load", lambda name, load=datasets.load: cut(load("digits"), 300, 50))
    budget = Budget(1, 0.2)
    for name, error in (("vanilla-64", 0.2), ("tied-64", 0.0001)):
        expected = Expected(budget, Budget(0.5, error), verification.TORCH)
        monkeypatch.setitem(EXPECTED, name, expected)


@pytest.mark.parametrize(("recipes", "status"), [(["vanilla-64"], 0), (["M8", "tied-64"], 1)])
def test_the_command_fails_where_a_recipe_falls_short(
    small_mnist: None, recipes: list[str], status: int, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["verify", "--quick", *recipes, "--json"]) == status
    rows = json.loads(capsys.readouterr().out)
    assert [row["passed"] for row in rows] == [True, False][: len(recipes)]
    assert rows[0]["recipe"] == "vanilla-64"
    assert rows[0]["ratio"] == pytest.approx(rows[0]["error"] / 0.2)


def test_the_command_says_in_words_what_falls_short(small_mnist: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "--quick", "vanilla-64", "tied-64"]) == 1
    said = capsys.readouterr().out.splitlines()
    assert said[-1] == "1 of 2 are more than 10% above the reference: tied-64."
    assert said[-2].startswith("tied-64") and said[-2].endswith("below reference")


def test_unknown_recipes_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", "nobody"]) == 2
    assert capsys.readouterr().err.startswith("recipe: “nobody” is not valid")
