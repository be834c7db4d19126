"""Recipes beside a transcription of their articles: what is different is told in a sentence, and nothing else is."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

import pytest

from aelib.spec.architecture import Layer, plan
from aelib.spec.config import RunConfig
from aelib.spec.recipes import RECIPES, find

# What an article leaves open.
OPEN = "open"

KERAS = "Glorot, biases 0"
TFLEARN = "truncated normal 0.02, biases 0"
TENSORFLOW = "Xavier, biases in ±√(3/n)"
ADAM, ADADELTA = ("Adam", 0.001), ("Adadelta", 1.0)
L1_CODE, L1_WEIGHTS = "1e-4 · mean Σ|code|", "1e-4 · Σ|W| of the code layer"
GAUSSIAN = "Gaussian 0.5"


@dataclass(frozen=True)
class Article:
    """`layers`: encoder and decoder, as articles write them; `weights`: how many numbers are trained, biases included;
    `budget`: epochs, or steps as "1000 steps"."""

    layers: str
    weights: int
    optimizer: tuple[str, float]
    loss: str
    batch: int = 256
    budget: int | str = OPEN
    start: str = KERAS
    penalty: str = "none"
    corruption: str = "none"
    target: str = "clean"


ARTICLES: dict[str, Article] = {
    "M1": Article(
        "500 tanh, 100 tanh | 500 tanh, 784 linear",
        784 * 500 + 500 + 500 * 100 + 100 + 100 * 500 + 500 + 500 * 784 + 784,
        ("Adam", 0.01),
        "MSE",
        start=TFLEARN,
        penalty=L1_WEIGHTS,
    ),
    "M2": Article(
        "256 linear, 128 linear | 256 linear, 784 sigmoid",
        784 * 256 + 256 + 256 * 128 + 128 + 128 * 256 + 256 + 256 * 784 + 784,
        ADAM,
        "MSE",
        budget=20,
        start=TFLEARN,
    ),
    "M3": Article(
        "512 linear, 256 linear | 512 linear, 784 sigmoid",
        784 * 512 + 512 + 512 * 256 + 256 + 256 * 512 + 512 + 512 * 784 + 784,
        ADAM,
        "MSE",
        budget=20,
        start=TFLEARN,
        corruption="10 pixel draws, once for all epochs",
        target="corrupted",
    ),
    "M4": Article("32 relu | 784 sigmoid", 2 * 784 * 32 + 32 + 784, ADADELTA, "BCE", budget=50),
    "M5": Article("32 relu | 784 sigmoid", 2 * 784 * 32 + 32 + 784, ADADELTA, "BCE", penalty=L1_CODE),
    "M6": Article(
        "128 relu, 64 relu, 32 relu | 64 relu, 128 relu, 784 sigmoid",
        2 * (784 * 128 + 128 * 64 + 64 * 32) + 128 + 64 + 32 + 64 + 128 + 784,
        ADADELTA,
        "BCE",
    ),
    "M7": Article(
        "784 relu, 256 relu, 128 relu | 128 relu, 256 relu, 784 relu",
        1_100_320,
        ("RMSProp of TensorFlow 1", 0.001),
        "MSE",
        budget="1000 steps",
        start=TENSORFLOW,
    ),
    "M8": Article("64 relu | 784 sigmoid", 2 * 784 * 64 + 64 + 784, ADAM, "MSE", batch=128, budget=5),
    "M9": Article(
        "128 relu, 64 relu | 128 relu, 784 sigmoid",
        2 * (784 * 128 + 128 * 64) + 128 + 64 + 128 + 784,
        ADAM,
        "MSE",
        batch=128,
        budget=5,
    ),
    "M10": Article(
        "conv 16 relu, pool, conv 8 relu, pool, conv 8 relu, pool | "
        "conv 8 relu, up, conv 8 relu, up, conv 16 relu valid, up, conv 1 sigmoid",
        9 * (16 + 16 * 8 + 8 * 8 + 8 * 8 + 8 * 8 + 8 * 16 + 16) + 16 + 8 + 8 + 8 + 8 + 16 + 1,
        ADAM,
        "MSE",
    ),
    "M11": Article(
        "64 relu | 784 sigmoid", 2 * 784 * 64 + 64 + 784, ADAM, "MSE", batch=128, budget=15, penalty=L1_CODE
    ),
    "M12": Article(
        "conv 32 relu, pool, conv 32 relu, pool | conv 32 relu, up, conv 32 relu, up, conv 1 sigmoid",
        9 * (32 + 3 * 32 * 32 + 32) + 4 * 32 + 1,
        ADAM,
        "MSE",
        corruption=OPEN,
    ),
    "M13": Article(
        "conv 32 relu, pool, conv 32 relu, pool, flatten, 20 linear | 784 sigmoid",
        9 * (32 + 32 * 32) + 2 * 32 + 32 * 49 * 20 + 20 + 20 * 784 + 784,
        ADAM,
        "MSE",
    ),
    "M14": Article(
        "conv 32 relu, conv 32 stride 2 relu, conv 32 stride 2 relu | "
        "conv-transpose 32 stride 2 relu, conv-transpose 32 relu, conv-transpose 32 stride 2 relu, conv 1 sigmoid",
        9 * (32 + 5 * 32 * 32 + 32) + 6 * 32 + 1,
        ADAM,
        "MSE",
        corruption=OPEN,
    ),
}
# Two are trained otherwise in the author's repository than in the text, and one otherwise here than in its notebook.
VARIANTS = {
    "M6b": ARTICLES["M6"],
    "M10b": Article(ARTICLES["M10"].layers, ARTICLES["M10"].weights, ADADELTA, "BCE", budget=3),
    "M12b": Article(ARTICLES["M12"].layers, ARTICLES["M12"].weights, ADADELTA, "BCE", budget=3, corruption=GAUSSIAN),
}

# The words, in the sentence that tells it, for each part in which a recipe is not its article's.
TOLD: dict[str, dict[str, tuple[str, ...]]] = {
    "M1": {"budget": ("no number of epochs", "10")},
    "M3": {"target": ("clean", "corrupted")},
    "M5": {"budget": ("only its first network", "epochs")},
    "M6": {
        "optimizer": ("only its first network, with Adadelta", "Adam at 0.001"),
        "budget": ("no number of epochs", "20"),
    },
    "M6b": {"budget": ("only its first network", "epochs")},
    **{
        name: {
            **({"start": ("mean brightness", "zero")} if name != "M11" else {}),
            "batch": ("batches of 128", "batches of 256"),
            "budget": (f"{epochs} epochs in batches of 128", "20 epochs"),
        }
        for name, epochs in (("M8", 5), ("M9", 5), ("M11", 15))
    },
    "M10": {"start": ("mean brightness", "from zero"), "budget": ("no number of epochs", "5")},
    "M12": {
        "start": ("mean brightness", "from zero"),
        "budget": ("number of epochs", "3"),
        "corruption": ("noise level", "0.5"),
    },
    "M13": {"start": ("mean brightness", "zero"), "budget": ("no number of epochs", "5")},
    "M14": {
        "start": ("mean brightness", "from zero"),
        "budget": ("number of epochs", "3"),
        "corruption": ("level", "0.5"),
    },
}


def written(layer: Layer) -> str:
    """A layer as an article writes it."""
    match layer.kind:
        case "dense":
            return f"{layer.shape_out[0]} {layer.activation}"
        case "max-pool":
            return "pool"
        case "upsample":
            return "up"
        case "flatten":
            return "flatten"
    stride = f" stride {layer.stride}" if layer.stride > 1 else ""
    valid = " valid" if layer.padding == 0 else ""
    return f"{layer.kind} {layer.shape_out[0]}{stride} {layer.activation}{valid}"


OPTIMIZERS = {"adam": "Adam", "adadelta": "Adadelta", "rmsprop-tf1": "RMSProp of TensorFlow 1"}
STARTS = {"glorot": KERAS, "truncated-normal": TFLEARN, "xavier-biases": TENSORFLOW}


def corruption(config: RunConfig) -> str:
    frozen = ", once for all epochs" if config.frozen_noise else ""
    match config.corruption:
        case "pixel-draws":
            return f"{config.corruption_level * 784:g} pixel draws{frozen}"
        case "gaussian":
            return f"Gaussian {config.corruption_level:g}{frozen}"
    return config.corruption


def penalty(config: RunConfig) -> str:
    if config.regularizer == "none":
        return "none"
    assert config.regularizer_weight == 1e-4
    return {"l1": L1_CODE, "l1-weights": L1_WEIGHTS}[config.regularizer]


def transcribed(config: RunConfig) -> Article:
    """A recipe's settings, said as an article says them."""
    network = plan(config)
    ink = config.output_activation == "sigmoid" and config.output_start == "mean-pixel"
    return Article(
        layers=" | ".join(", ".join(map(written, part)) for part in (network.encoder, network.decoder)),
        weights=network.weights,
        optimizer=(OPTIMIZERS[config.optimizer], config.learning_rate),
        loss=config.loss.upper(),
        batch=config.batch_size,
        budget=f"{config.max_steps} steps" if config.max_steps else config.epochs,
        start=STARTS[config.weight_start] + (", output at the mean pixel" if ink else ""),
        penalty=penalty(config),
        corruption=corruption(config),
        target="corrupted" if config.noisy_target else "clean",
    )


def differences(number: str) -> set[str]:
    ours, article = transcribed(find(number).config), (ARTICLES | VARIANTS)[number]
    return {field.name for field in fields(Article) if getattr(ours, field.name) != getattr(article, field.name)}


@pytest.mark.parametrize("number", [*ARTICLES, *VARIANTS])
def test_a_recipe_is_its_articles_but_for_what_it_tells(number: str) -> None:
    told = TOLD.get(number, {})
    assert differences(number) == set(told)
    sentences = find(number).deviations
    for words in told.values():
        assert any(all(word in sentence for word in words) for sentence in sentences), words
    for sentence in sentences:
        assert any(all(word in sentence for word in words) for words in told.values()), sentence


def test_every_network_of_an_article_is_transcribed() -> None:
    numbers = {recipe.number for recipe in RECIPES.values()}
    assert set(ARTICLES) == {f"M{number}" for number in range(1, 15)}
    assert {number for number in numbers if number.endswith("b")} == set(VARIANTS)


# What a source says of the systems that it only names or describes, and what it leaves open.
DESCRIBED: dict[str, dict[str, Any]] = {
    "M15": {"regularizer": "contractive", "method": "backprop"},
    "M16": {"method": "recirculation"},
    "M17": {
        "method": "rbm",
        "widths": (256,),
        "code_size": 64,
        **dict.fromkeys(("hidden_activation", "code_activation", "output_activation"), "sigmoid"),
    },
    "M18": {"regularizer": "variational", "method": "backprop"},
    "M19": {"method": "stacked"},
    "M20": {"hidden_activation": "linear", "code_activation": "linear", "output_activation": "linear"},
    "L3": {"regularizer": "k-sparse", "tied": False, "code_activation": "linear", "output_activation": "sigmoid"},
    "L4": {"regularizer": "kl-sparsity"},
    "L5": {"corruption": "masking"},
}


@pytest.mark.parametrize("number", DESCRIBED)
def test_a_system_that_is_only_described_says_what_was_chosen_for_it(number: str) -> None:
    recipe = find(number)
    assert {name: getattr(recipe.config, name) for name in DESCRIBED[number]} == DESCRIBED[number]
    assert any("our choice" in sentence for sentence in recipe.deviations)


def test_the_overcomplete_code_is_wider_than_the_image() -> None:
    assert plan(find("M20").config).code_units > 784


@pytest.mark.parametrize("recipe", RECIPES.values(), ids=lambda recipe: recipe.id)
def test_deviations_are_sentences_and_those_without_are_to_the_letter(recipe: Any) -> None:
    for sentence in recipe.deviations:
        assert sentence[0].isupper() and sentence.endswith(".") and "\n" not in sentence
    if not recipe.deviations:
        assert recipe.number in {"M2", "M4", "M7", "M10b", "M12b", "L1", "L2"}
