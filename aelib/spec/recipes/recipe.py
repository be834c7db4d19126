"""What a recipe is, and the sources they come from."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aelib.spec.config import RunConfig

TFLEARN = "tflearn article on autoencoders"
KERAS_BLOG = "Kaggle notebook after the Keras blog"
HANDS_ON = "“Hands-On AI for Beginners”"
DEEP_INSIDE = "“Deep Inside Autoencoders”"
STUDY_NOTES = "Study notes on autoencoders"
OURS = "Autoencoder Lab"


@dataclass(frozen=True)
class Recipe:
    """A system from the literature. `number` is its place in the list of systems, e.g. "M8". `deviations`: a sentence
    for everything in which it differs from its source, or which its source leaves open."""

    id: str
    number: str
    title: str
    source: str
    look_for: str
    config: RunConfig
    deviations: tuple[str, ...] = ()


def recipe(
    id: str,
    number: str,
    title: str,
    source: str,
    look_for: str,
    *deviations: str,
    **settings: object,
) -> Recipe:
    """A recipe whose settings are those of `RunConfig`, but for these."""
    config = replace(RunConfig(recipe=id), **settings)  # type: ignore[arg-type]
    return Recipe(id, number, title, source, look_for, config, deviations)
