from __future__ import annotations

import pytest

from aelib.spec.constraints import checked
from aelib.spec.fields import InvalidInput
from aelib.spec.recipes import RECIPES, Recipe, find
from aelib.spec.serialization import from_json, from_query, to_json, to_query


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.id)
def test_a_recipe_is_found_by_id_and_number_in_any_case(recipe: Recipe) -> None:
    for name in (recipe.id, recipe.id.upper(), recipe.number, recipe.number.lower(), f"  {recipe.number} "):
        assert find(name) is recipe


@pytest.mark.parametrize("name", ["", "M99", "vanilla", "custom", "M", "x" * 1000, "8"])
def test_unknown_recipes_are_refused_with_what_there_is(name: str) -> None:
    with pytest.raises(InvalidInput) as caught:
        find(name)
    assert caught.value.field_name == "recipe"
    assert "vanilla-64" in str(caught.value)


def test_ids_and_numbers_are_unique() -> None:
    assert all(key == recipe.id == recipe.config.recipe for key, recipe in RECIPES.items())
    names = [name.lower() for recipe in RECIPES.values() for name in (recipe.id, recipe.number)]
    assert len(set(names)) == len(names)
    assert "custom" not in names


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.id)
def test_a_recipe_is_a_valid_run_that_survives_url_and_file(recipe: Recipe) -> None:
    config = checked(recipe.config)
    assert to_query(config) == {"dataset": "mnist", "recipe": recipe.id}
    assert from_query(to_query(config)) == (config, [])
    assert from_json(to_json(config)) == config


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.id)
def test_a_recipe_says_what_it_is_and_where_it_comes_from(recipe: Recipe) -> None:
    assert recipe.title and recipe.source and recipe.look_for
    assert recipe.look_for.endswith(".")
    assert len(recipe.title) <= 45


def test_every_system_of_the_list_can_be_picked() -> None:
    assert {f"M{number}" for number in range(1, 21)} < {recipe.number for recipe in RECIPES.values()}
