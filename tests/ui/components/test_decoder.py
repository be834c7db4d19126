"""What the decoder view is sent, what it may ask for, and what it says about holes."""

from __future__ import annotations

import base64
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from aelib import datasets
from aelib.analysis.decode import decoding
from aelib.analysis.decode.decoding import Holes
from aelib.nn.autoencoder import _blank
from aelib.train import slices
from aelib.ui.components.decoder import read_wish
from aelib.ui.components.decoder.payload import View, beyond_remark, holes_remark, payload, reach
from aelib.ui.components.parts import Parts
from aelib.ui.session.queries import Moment
from tests.samples import cut, digits, knobs_of, settings
from tests.ui.components.test_live_payload import unpack

CONFIG = settings(widths=(16,), code_size=6)


@cache
def view() -> View:
    data = digits()
    link = slices.first_slice(CONFIG, data, knobs_of(CONFIG))
    moment = Moment("run", 0)
    code_map, samples = decoding.code_map(link, data), decoding.samples(link, data, 3, 24)
    dataset = cut(datasets.load("digits"), 300, 100)
    return View("run", CONFIG, dataset, (moment, code_map), (moment, samples), None, False)


def test_everything_arrives_as_it_was() -> None:
    header, array = unpack(payload(view(), Parts()))
    code_map = view().map[1]  # type: ignore[index]
    for name in ("codes", "mean", "axes", "low", "high", "spread"):
        np.testing.assert_array_equal(array(header["map"]["content"][name]), getattr(code_map, name))
    assert code_map.layers is not None
    for sent, part in zip(header["map"]["content"]["layers"], code_map.layers, strict=True):
        assert sent["kind"] == part.layer.kind and sent["activation"] == part.layer.activation
        np.testing.assert_array_equal(array(sent["weight"]), part.weight)
        np.testing.assert_array_equal(array(sent["bias"]), part.bias)
    samples = view().samples[1]  # type: ignore[index]
    np.testing.assert_array_equal(array(header["samples"]["content"]["pictures"]).reshape(24, 784), samples.images)
    assert header["samples"]["content"]["seed"] == 3
    assert array(header["scene"]["content"]["images"]).shape == (100, 1, 28, 28) and len(code_map.codes) == 100
    assert header["map"]["content"]["planes"] == 1


def test_only_news_is_sent_and_everything_again_to_who_lost_it() -> None:
    parts = Parts()
    whole = payload(view(), parts)
    header, _ = unpack(payload(view(), parts))
    assert not any(header[part]["content"] for part in ("scene", "map", "samples"))
    moment, code_map = view().map  # type: ignore[misc]
    header, _ = unpack(payload(replace(view(), map=(Moment("run", 9), code_map)), parts))
    assert header["map"]["content"] and not header["scene"]["content"]
    parts.forget()
    assert payload(view(), parts) == whole
    header, _ = unpack(payload(replace(view(), run_id="other", map=(replace(moment, run_id="other"), code_map)), parts))
    assert header["scene"]["content"] and header["map"]["content"]


def test_pictures_drawn_by_the_server_come_under_the_number_of_the_wish() -> None:
    images = np.arange(784, dtype=np.uint8)[None]
    header, array = unpack(payload(replace(view(), drawn=("7-1", images)), Parts()))
    assert header["drawn"]["id"] == "7-1"
    np.testing.assert_array_equal(array(header["drawn"]["pictures"]), images.reshape(1, 1, 28, 28))


def test_codes_too_long_for_a_gaussian_are_told() -> None:
    config = settings("fully-conv")
    header, _ = unpack(payload(replace(view(), config=config, map=None, samples=None), Parts()))
    assert "1,024 dimensions" in header["samples"]["content"]["remark"]


def wish(count: Any = 2, numbers: int = 12, value: float = 0.5, **changes: Any) -> dict[str, Any]:
    codes = np.full(numbers, value, np.float32)
    return {"id": "1-0", "count": count, "codes": base64.b64encode(codes.tobytes()).decode()} | changes


def test_a_wish_is_read() -> None:
    number, codes = read_wish(wish(), units=6)
    assert number == "1-0" and codes is not None
    np.testing.assert_array_equal(codes, np.full((2, 6), 0.5, np.float32))


@pytest.mark.parametrize(
    "nonsense",
    [
        None,
        "picture",
        {},
        wish(count=3),
        wish(count=0, numbers=0),
        wish(count=401, numbers=401 * 6),
        wish(count="many"),
        wish(count=None),
        wish(value=float("nan")),
        wish(codes="§§"),
        wish(codes="AAA="),
        wish(codes=5),
    ],
)
def test_a_wish_that_makes_no_sense_gets_no_picture(nonsense: Any) -> None:
    assert read_wish(nonsense, units=6)[1] is None


@pytest.mark.parametrize(
    ("holes", "said"),
    [
        (Holes(1.0, 1.0, 0.05), "the Gaussian fits the codes well"),
        (Holes(3.0, 2.0, 0.4), "1.5 times as far"),
        (Holes(3.0, 2.0, 0.4), "40 % of random codes"),
        (Holes(3.0, 2.0, 0.4), "far from real ones"),
        (Holes(0.0, 0.0, 0.0), "nothing to compare"),
    ],
)
def test_the_remark_follows_the_measure(holes: Holes, said: str) -> None:
    assert said in holes_remark(holes)


@pytest.mark.parametrize("activation", ["linear", "leaky-relu", "relu", "elu", "tanh", "sigmoid"])
def test_the_reach_of_a_code_is_that_of_its_activation(activation: str) -> None:
    """Against the layer itself, given everything from far below to far above."""
    config = settings(widths=(), code_size=6, code_activation=activation)
    module = _blank(config).encoder[-1]
    given = module(torch.linspace(-500, 500, 1001))
    low, high = (reach(config)[end] for end in ("low", "high"))
    assert low == (pytest.approx(float(given.min()), abs=1e-6) if float(given.min()) > -1.5 else None)
    assert high == (pytest.approx(float(given.max()), abs=1e-6) if float(given.max()) < 1.5 else None)


def test_codes_that_no_image_can_have_are_counted() -> None:
    config = settings(widths=(), code_size=3, code_activation="relu")
    codes = np.array([[0, 1, 2], [-0.1, 1, 2], [3, 3, -2]], np.float32)
    assert "2 of the 3 shown" in beyond_remark(codes, config) and "ReLU" in beyond_remark(codes, config)
    assert beyond_remark(codes[:1], config) == ""
    assert beyond_remark(codes, settings(widths=(), code_size=3, code_activation="linear")) == ""
    sparse = settings(widths=(), code_size=3, code_activation="linear", regularizer="k-sparse", active_units=1)
    assert "3 of the 3 shown" in beyond_remark(codes, sparse)
