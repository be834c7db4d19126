"""The named systems: each is a `RunConfig` with its source. To add one, add an entry to `_ALL`."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aelib.config import InvalidInput, RunConfig

DEEP_INSIDE = "“Deep Inside Autoencoders”"
STUDY_NOTES = "Study notes on autoencoders"
BEGINNERS = "tflearn article on autoencoders"


@dataclass(frozen=True)
class Recipe:
    """A system from the literature. `number` is its place in the list of systems, e.g. "M8"."""

    id: str
    number: str
    title: str
    source: str
    look_for: str
    config: RunConfig


def _recipe(id: str, number: str, title: str, source: str, look_for: str, **settings: object) -> Recipe:
    return Recipe(id, number, title, source, look_for, replace(RunConfig(recipe=id), **settings))  # type: ignore[arg-type]


# 10 of the 784 pixels are set to black or white.
TEN_PIXELS = 10 / 784

_ALL = (
    _recipe(
        "vanilla-64",
        "M8",
        "One layer, 64 numbers",
        DEEP_INSIDE,
        "A single hidden layer learns to write a digit with 64 numbers, clearly better than PCA's 64.",
        widths=(),
        code_size=64,
        epochs=20,
    ),
    _recipe(
        "multilayer-64",
        "M9",
        "Two layers down, two up",
        DEEP_INSIDE,
        "A hidden layer on either side of the code. Deeper is slower, and here not better than one layer.",
        widths=(128,),
        code_size=64,
        epochs=20,
    ),
    _recipe(
        "simple-128",
        "M2",
        "128 numbers, linear hidden layers",
        BEGINNERS,
        "Only the output bends, the rest is linear: it falls far below PCA's line all the same.",
        widths=(256,),
        code_size=128,
        hidden_activation="linear",
        code_activation="linear",
        epochs=20,
    ),
    _recipe(
        "denoise-256",
        "M3",
        "Denoising, 10 wrong pixels",
        BEGINNERS,
        "The network sees ten wrong pixels a picture and has to give back the clean one. "
        "Switch on “noisy target” to train it as the article did.",
        widths=(512,),
        code_size=256,
        hidden_activation="linear",
        code_activation="linear",
        corruption="salt-and-pepper",
        corruption_level=TEN_PIXELS,
        epochs=20,
    ),
    _recipe(
        "conv-pool",
        "M10",
        "Convolution and pooling",
        DEEP_INSIDE,
        "Three convolutions squeeze the picture into 8 maps of 4×4. "
        "Start the output at zero, as the article does, and it stays black.",
        family="conv-pool",
        widths=(16, 8, 8),
        epochs=5,
    ),
    _recipe(
        "conv-dense-20",
        "M13",
        "Convolutions into 20 numbers",
        STUDY_NOTES,
        "Twenty numbers a picture, and the digits stay readable.",
        family="conv-dense",
        widths=(32, 32),
        code_size=20,
        code_activation="linear",
        epochs=5,
    ),
    _recipe(
        "fully-conv",
        "M14",
        "Fully convolutional denoiser",
        STUDY_NOTES,
        "It learns to wipe off noise rather than to draw digits, so it works on other scripts, too.",
        family="conv-stride",
        widths=(32, 32, 32),
        corruption="gaussian",
        corruption_level=0.5,
        epochs=3,
    ),
)

RECIPES: dict[str, Recipe] = {recipe.id: recipe for recipe in _ALL}


def find(name: str) -> Recipe:
    """The recipe with this id ("vanilla-64") or number ("M8"). Raises `InvalidInput`."""
    wanted = name.strip().lower()
    for recipe in _ALL:
        if wanted in (recipe.id, recipe.number.lower()):
            return recipe
    raise InvalidInput("recipe", name, "one of " + ", ".join(RECIPES))
