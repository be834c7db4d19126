"""The titles of runs in lists: what they are and when they began."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import streamlit as st

from aelib import datasets
from aelib.runs import Summary
from aelib.runs.status import Status
from aelib.spec.config import RunConfig, same_run
from aelib.spec.recipes import RECIPES
from aelib.ui.panels.labels import difference, option_title

OWN_SETTINGS = "Custom"
_SIZES = re.compile(r"\s*\([^)]*\)|, \d+-D")
# Settings that a recipe leaves open.
ASIDE = ("epochs", "max_steps", "seed")


def run_title(summary: Summary) -> str:
    """One line that tells a run from others. While the run trains it stays as it is: a browser sends it back."""
    return " · ".join((network(summary), *details(summary), began(summary.created)))


def network(summary: Summary) -> str:
    """What its owner calls it; or the recipe with all that is different, and how long the code is."""
    return summary.label.name or model(summary)


def model(summary: Summary) -> str:
    """The recipe with all that is different, and how long the code is."""
    config = summary.config
    recipe = RECIPES.get(config.recipe)
    original = replace(RunConfig() if recipe is None else recipe.config, dataset=config.dataset)
    # The corruption is among the details of a run.
    compared = replace(original, corruption=config.corruption, corruption_level=config.corruption_level)
    changes = difference(config, compared) if replace(config, recipe=original.recipe) != compared else ""
    title = OWN_SETTINGS
    if recipe is not None:
        # The sizes in a recipe's title are those of its own network.
        same = same_run(replace(config, **_open(original)), original)
        title = recipe.title if same else f"{_SIZES.sub('', recipe.title)} (modified)"
    if changes:
        title = f"{title}: {changes}"
    if not config.vector_code:
        return f"{title} · feature maps"
    # Some titles say it themselves.
    says_so = {f"{config.code_size}", f"{config.code_size}-D"} & set(re.split("[ ;:]+", title))
    return title if says_so else f"{title} · {config.code_size}-D"


def _open(original: RunConfig) -> dict[str, Any]:
    return {name: getattr(original, name) for name in ASIDE}


def details(summary: Summary) -> list[str]:
    """What it learns from, and how far it is unless that is changing."""
    config = summary.config
    parts = ["in colour"] if config.colour else []
    if config.corruption != "none":
        parts.append(f"{option_title(config.corruption)} {config.corruption_level:.2g}")
    parts.append(datasets.title(config.dataset))
    if summary.status == Status.TRAINING:
        return [*parts, "training"]
    parts.append(f"step {summary.step:,}")
    if summary.test_mse is not None:
        parts.append(f"error {summary.test_mse:.4f}")
    return parts


def began(created: float, seconds: bool = False) -> str:
    """When a run began, by the clock of whoever looks; with the day unless that is today."""
    offset = st.context.timezone_offset
    # Browsers count minutes from their own time to UTC. Without one (tests), the server's clock has to do.
    zone = None if offset is None else timezone(timedelta(minutes=-offset))
    then, now = (datetime.fromtimestamp(moment).astimezone(zone) for moment in (created, time.time()))
    day = "" if then.date() == now.date() else f"{then.day} {then:%b} "
    return day + then.strftime("%H:%M:%S" if seconds else "%H:%M")
