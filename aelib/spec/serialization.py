"""A run's settings as URL parameters and as JSON, and back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from aelib.spec.config import KINDS, RunConfig, with_changes
from aelib.spec.constraints import checked, repaired
from aelib.spec.fields import Constraint, InvalidInput, as_text
from aelib.spec.recipes import RECIPES


def _base(recipe: str) -> RunConfig:
    return RECIPES[recipe].config if recipe in RECIPES else RunConfig()


def to_query(config: RunConfig) -> dict[str, str]:
    """The config as URL parameters: data set, recipe, and whatever differs from the recipe."""
    base = _base(config.recipe)
    query = {"dataset": config.dataset, "recipe": config.recipe}
    different = {name for name in KINDS if getattr(config, name) != getattr(base, name)}
    # What reading these takes away has to be written, too.
    base = with_changes(base, {name: getattr(config, name) for name in different & {"widths", "epochs"}})
    different |= {name for name in KINDS if getattr(config, name) != getattr(base, name)}
    for name in KINDS:
        if name not in query and name in different:
            query[name] = as_text(getattr(config, name))
    return query


def from_query(
    query: Mapping[str, object], default: RunConfig | None = None, limits: Iterable[Constraint] = ()
) -> tuple[RunConfig, list[InvalidInput]]:
    """The config that URL parameters describe, and a sentence for every one that had to be dropped.

    Parameters that are no field are left alone: a URL carries other things, too. `limits`: see `repaired`.
    """
    problems: list[InvalidInput] = []
    config = default or RunConfig()
    if "recipe" in query:
        recipe = str(query["recipe"]).strip().lower()
        if recipe in RECIPES:
            config = replace(RECIPES[recipe].config, dataset=config.dataset)
        elif recipe == "custom":
            config = RunConfig(dataset=config.dataset)
        else:
            problems.append(InvalidInput("recipe", query["recipe"], "one of custom, " + ", ".join(RECIPES)))
    changes: dict[str, Any] = {}
    for name, kind in KINDS.items():
        if name in query and name != "recipe":
            try:
                changes[name] = kind.parse(name, query[name])
            except InvalidInput as problem:
                problems.append(problem)
    config, conflicts = repaired(with_changes(config, changes), limits)
    return config, problems + conflicts


def to_json(config: RunConfig) -> dict[str, Any]:
    return {name: list(v) if isinstance(v := getattr(config, name), tuple) else v for name in KINDS}


def from_json(values: Mapping[str, Any]) -> RunConfig:
    """The inverse of `to_json`. Raises `InvalidInput` for values that no config can have."""
    if not isinstance(values, Mapping):
        raise InvalidInput("config", values, "an object of settings")
    parsed: dict[str, Any] = {name: kind.parse(name, values[name]) for name, kind in KINDS.items() if name in values}
    return checked(RunConfig(**parsed))
