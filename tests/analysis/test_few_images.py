"""Every question about a network, asked of hardly any images: an answer, or a sentence saying what is needed.

The questions are found in `aelib.analysis`, and their arguments by the names of their parameters.
"""

from __future__ import annotations

import importlib
import inspect
import itertools
import pkgutil
import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from aelib import analysis, datasets
from aelib.analysis.classify import classifiers
from aelib.analysis.denoising import baselines
from aelib.analysis.latent_space import embeddings, tsne
from aelib.analysis.latent_space.embeddings import Flattening
from aelib.datasets import Dataset
from aelib.spec.architecture import plan
from aelib.spec.config import Knobs
from aelib.spec.corruptions import CORRUPTIONS
from aelib.spec.fields import InvalidInput
from aelib.train.projection import fit_pca
from aelib.train.slices import first_slice, measure, next_slice, pca_baseline
from aelib.train.trainer import prepare
from tests.samples import settings
from tests.walk import todays

# Number of training and of test images, of classes, and where the second class is missing.
SIZES = [
    (1, 1, 10, ""),
    (1, 60, 1, ""),
    (2, 2, 2, "train"),
    (2, 3, 10, ""),
    (3, 5, 1, ""),
    (5, 7, 3, "test"),
    (60, 8, 10, ""),
    (9, 9, 2, "train"),
    (100, 10, 10, ""),
    (10, 11, 1, ""),
    (11, 12, 3, "test"),
    (12, 13, 2, ""),
    (13, 20, 10, ""),
    (20, 24, 1, ""),
    (25, 25, 3, "train"),
    (49, 49, 10, ""),
    (50, 50, 2, "test"),
    (51, 51, 1, ""),
    (60, 60, 10, ""),
]
NETWORKS: list[dict[str, Any]] = [
    {"recipe": "vanilla-64", "code_size": 4},
    {"recipe": "fully-conv", "widths": (3, 2)},
    {"recipe": "multilayer-64", "widths": (60,), "code_size": 55, "colour": True},
    {"recipe": "vae", "widths": (16,), "code_size": 3},
]
COLOURED, GREY = ("denoising.measurements.named",), ("denoising.measurements.psnrs", "denoising.transfer.restored")


def few(train: int, test: int, classes: int, missing: str) -> Dataset:
    whole = datasets.load("digits")

    def first(images: np.ndarray, labels: np.ndarray, count: int, part: str) -> tuple[np.ndarray, np.ndarray]:
        which = np.flatnonzero((labels < classes) & ((labels != 1) | (part != missing)))
        # Of the largest class there are more than these.
        which = np.resize(which, count)
        return images[which], labels[which]

    images, labels = first(whole.train_images, whole.train_labels, train, "train")
    test_images, test_labels = first(whole.test_images, whole.test_labels, test, "test")
    return replace(
        whole,
        train_images=images,
        train_labels=labels,
        test_images=test_images,
        test_labels=test_labels,
        classes=whole.classes[:classes],
    )


def questions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """The functions of `aelib.analysis` that are asked of a run or of data, but for those that take groups of
    images (see `aelib.analysis.anomalies`) or drawings (`placing`), and for what experiments measure, of networks that
    they choose themselves."""
    for module in pkgutil.walk_packages(analysis.__path__, "aelib.analysis."):
        if {"anomalies", "placing", "experiments"} & set(module.name.split(".")):
            continue
        for name, function in vars(importlib.import_module(module.name)).items():
            mine = inspect.isfunction(function) and function.__module__ == module.name
            if mine and not name.startswith("_") and {"Slice", "Data", "Stage"} & {*function.__annotations__.values()}:
                yield f"{module.name.removeprefix('aelib.analysis.')}.{name}", function


def known_arguments(train: int, test: int, classes: int, missing: str, network: dict[str, Any]) -> dict[str, list[Any]]:
    """By the name of a parameter the values that it takes."""
    dataset = few(train, test, classes, missing)
    data = prepare(dataset)
    basis = fit_pca(data)
    config = settings(**network)
    knobs = Knobs.of(config)
    link = next_slice(first_slice(config, data, knobs), data, knobs, 2)
    first = measure(link, data, knobs, None)
    assert first is not None and measure(link, data, knobs, first) is not None
    pca_baseline(data, basis, config, knobs)
    most = classifiers.most_labels(dataset.train_labels)
    known: dict[str, list[Any]] = {
        "link": [link],
        "state": [link.state],
        "config": [config],
        "knobs": [knobs],
        "shown": [0],
        "data": [data],
        "own": [data],
        "foreign": [data],
        "basis": [basis],
        "count": [test],
        "dims": [2, 3],
        "flattening": [Flattening("pca"), Flattening("tsne"), Flattening("units", (0, 1, 1))],
        "unit": [0],
        "units": [2],
        "image": [dataset.test_images[0]],
        "indices": [range(min(12, test))],
        "corruption": ["gaussian", "block", "low-resolution"],
        "level": [0.4],
        "code_size": [4],
        "number": [3.0],
        "part": [0, 1],
        "per_class": sorted({1, most}) if most else [],
        "draw": [0],
        "tested": [classifiers.tests(config, test)],
        "codes": [np.zeros((1, plan(config).code_units), np.float32)],
        "seed": [0],
        "draws": [2],
        "budget": [16],
        "points": [embeddings.pixel_map(data, basis, test, 2).points],
        "iterations": [2],
    }
    sources = (tsne.PIXELS, tsne.CODE)
    largest = min(30, tsne.largest_perplexity(test))
    known["settings"] = [tsne.Settings(source, test, dims, largest, 1.0) for source in sources for dims in (2, 3)]
    enough = test >= tsne.FEWEST_POINTS
    known["stage"] = [tsne.start(link, data, basis, one) for one in known["settings"]] if enough else []
    return known


def asked(function: Callable[..., Any], known: dict[str, list[Any]]) -> None:
    required = [
        parameter.name
        for parameter in inspect.signature(function).parameters.values()
        if parameter.default is parameter.empty
    ]
    plain = [parameter for parameter in required if parameter not in ("name", "numbers")]
    for chosen in itertools.product(*(known[parameter] for parameter in plain)):
        arguments = dict(zip(plain, chosen, strict=True))
        fitting = [one.name for one in baselines.fitting(CORRUPTIONS[arguments.get("corruption", "gaussian")].task)]
        if "numbers" in required:
            function(**arguments, numbers=dict.fromkeys(fitting, 3.0))
        elif "name" in required:
            for baseline in fitting:
                if arguments["part"] < baselines.BASELINES[baseline].parts:
                    function(**arguments, name=baseline)
        else:
            function(**arguments)


@pytest.mark.parametrize(
    ("size", "network"),
    todays(list(zip(SIZES, itertools.cycle(NETWORKS), strict=False)), 5),
    ids=lambda value: str(value) if isinstance(value, tuple) else value["recipe"],
)
def test_hardly_any_images_are_enough_or_a_sentence_says_what_is_needed(
    size: tuple[int, int, int, str], network: dict[str, Any]
) -> None:
    with warnings.catch_warnings():
        # What a library warns of would stand in the server's log.
        warnings.simplefilter("error")
        known = known_arguments(*size, network)
        for name, function in questions():
            if name.startswith("decode.variational") and network["recipe"] != "vae":
                continue
            # What only a network that colours is asked, and what it is not.
            if (name in COLOURED or name in GREY) and (name in COLOURED) != network.get("colour", False):
                continue
            try:
                asked(function, known | ({"units": [None]} if name == "latent_space.weights.incoming" else {}))
            except InvalidInput as refusal:
                assert name == "latent_space.tsne.start" and size[1] < tsne.FEWEST_POINTS, name
                assert f"for {size[1]}" in str(refusal)
