"""The named systems: each is a `RunConfig` with its source. To add one, add an entry to `ARTICLES` or `PAPERS`."""

from __future__ import annotations

from aelib.spec.fields import InvalidInput
from aelib.spec.recipes.articles import ARTICLES, TEN_PIXELS
from aelib.spec.recipes.papers import PAPERS
from aelib.spec.recipes.recipe import Recipe

__all__ = ["RECIPES", "TEN_PIXELS", "Recipe", "find"]

RECIPES: dict[str, Recipe] = {recipe.id: recipe for recipe in (*ARTICLES, *PAPERS)}


def find(name: str) -> Recipe:
    """The recipe with this id ("vanilla-64") or number ("M8"). Raises `InvalidInput`."""
    wanted = name.strip().lower()
    for recipe in RECIPES.values():
        if wanted in (recipe.id, recipe.number.lower()):
            return recipe
    raise InvalidInput("recipe", name, "one of " + ", ".join(RECIPES))
