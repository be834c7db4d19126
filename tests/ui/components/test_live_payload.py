"""What the live view is sent: read back as the browser reads it."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from functools import cache
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from aelib import datasets
from aelib.analysis.diagnosis import Finding
from aelib.runs import Annotation, CurvePoint, PcaBaseline, RunView
from aelib.runs.status import Shortage, Status
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.phases import Phase
from aelib.spec.state import Activations, DecodedGrid, Reconstructions
from aelib.train.slices import Frame, ProbeMetrics
from aelib.ui.components.live import payload
from aelib.ui.components.live.payload import Viewer
from aelib.ui.server.drawings import Drawing


def unpack(block: bytes) -> tuple[dict[str, Any], Any]:
    length = int.from_bytes(block[:4], "little")
    header = json.loads(block[4 : 4 + length])

    def array(place: list[Any]) -> np.ndarray:
        offset, dtype, shape = place
        assert (4 + length + offset) % 4 == 0
        return np.frombuffer(block, dtype, prod(shape), 4 + length + offset).reshape(shape)

    return header, array


@cache
def frame(step: int) -> Frame:
    random = np.random.default_rng(step)
    corrupted, output = random.integers(0, 255, (2, 12, 784), np.uint8)
    cells = Activations(random.integers(1, 256, (12, 258), np.uint8), random.random(3, np.float32))
    grid = DecodedGrid(random.integers(0, 256, (144, 196), np.uint8), np.array([-1, 2, -3, 4], np.float32))
    return Frame(
        Reconstructions(step, corrupted, output, activations=cells),
        ProbeMetrics(step, 0.1, 0.1, random.random((397, 2), np.float32), 0.01, grid=grid),
    )


def view(*steps: int) -> RunView:
    config = RunConfig(dataset="digits", corruption="gaussian", code_size=2)
    frames = tuple(frame(step) for step in steps)
    return RunView(
        id="r",
        config=config,
        knobs=Knobs.of(config),
        status=Status.TRAINING,
        message="",
        asleep=False,
        place=0,
        shortage=Shortage.NONE,
        step=steps[-1],
        budget=100,
        steps_per_epoch=10,
        rate=None,
        seconds_left=None,
        version=1,
        curve=(CurvePoint(0, None, None, 0.1, 0.1), CurvePoint(steps[-1], 0.05, 0.05, None, None)),
        frames=frames,
        newest=frames[-1],
        annotations=(Annotation(3, "learning_rate", 0.001, 0.01),),
        pca=(PcaBaseline(0, 0.0557),),
        phases=(Phase("", "backprop", 1, 0),),
    )


@pytest.fixture
def digits() -> datasets.Dataset:
    return datasets.load("digits")


def test_everything_arrives_as_it_was_sent(digits: datasets.Dataset) -> None:
    sent = view(0, 5)
    header, array = unpack(Viewer().payload(sent, digits))
    assert np.array_equal(array(header["pictures"]["probe"])[:12, 0], digits.test_images[:12])
    assert header["pictures"]["classes"] == list("0123456789")
    assert header["recorded"] == [0, 5]
    for told, original in zip(header["frames"], sent.frames, strict=True):
        assert np.array_equal(array(told["output"]), original.images.output.reshape(12, 1, 28, 28))
        assert np.array_equal(array(told["points"]), original.metrics.points)
        assert original.images.activations is not None and original.metrics.grid is not None
        assert np.array_equal(array(told["cells"]), original.images.activations.cells)
        assert np.array_equal(array(told["scales"]), original.images.activations.scales)
        assert np.array_equal(array(told["grid"]["images"]).reshape(144, 196), original.metrics.grid.images)
        assert told["grid"]["area"] == [-1, 2, -3, 4]
    assert [stage["cells"] for stage in header["network"]["stages"]] == [[128], [2], [128]]
    for field in fields(CurvePoint):
        curve = [getattr(point, field.name) for point in sent.curve]
        np.testing.assert_allclose(array(header["curve"][field.name]), np.array(curve, np.float32))
    assert header["run"]["codeUnits"] == 2
    assert header["run"]["marks"] == [{"step": 3, "text": "learning rate 0.001 → 0.01"}]


def test_the_names_that_javascript_reads_are_those_that_are_sent(digits: datasets.Dataset) -> None:
    text = (Path(payload.__file__).parent / "message.d.ts").read_text("utf-8")

    def declared(name: str) -> set[str]:
        found = re.search(rf"^interface {name} {{\n(.*?)\n}}", text, re.M | re.S)
        assert found is not None
        return set(re.findall(r"^  (\w+)\??:", found[1], re.M))

    drawn = (Drawing("name", 1, np.zeros((28, 28), np.uint8)),)
    corrupted = np.zeros((12, 784), np.uint8), None
    header, _ = unpack(Viewer().payload(view(0, 5), digits, view(0, 5), drawn, corrupted))
    assert declared("LiveMessage") == set(header)
    assert declared("RunFacts") == set(header["run"])
    assert declared("FrameMessage") == set(header["newest"])
    assert declared("DrawnNetwork") == set(header["network"])
    assert declared("DrawnStage") == set(header["network"]["stages"][0])
    curve = set(re.findall(r'^  \| "(\w+)"$', text, re.M))
    assert curve == set(header["curve"]) == set(header["beside"]["curve"])


def test_a_step_that_is_looked_at_anew_replaces_what_was_there(digits: datasets.Dataset) -> None:
    """As where the noise of a paused run is turned."""
    viewer, sent = Viewer(), view(0, 5)
    viewer.payload(sent, digits)
    again = replace(frame(5), metrics=replace(frame(5).metrics, points=frame(0).metrics.points))
    header, array = unpack(viewer.payload(replace(sent, frames=(sent.frames[0], again), newest=again), digits))
    assert [told["step"] for told in header["frames"]] == [5]
    assert np.array_equal(array(header["newest"]["points"]), again.metrics.points)


def test_a_coloured_run_brings_its_pictures_in_the_hues_of_their_classes(digits: datasets.Dataset) -> None:
    grey = view(0)
    output = np.random.default_rng(0).integers(0, 255, (12, 3 * 784), np.uint8)
    frames = (replace(grey.frames[0], images=replace(grey.frames[0].images, output=output)),)
    sent = replace(grey, config=replace(grey.config, colour=True), frames=frames, newest=frames[0])
    header, array = unpack(Viewer().payload(sent, digits))
    assert np.array_equal(array(header["newest"]["output"]), output.reshape(12, 3, 28, 28))
    wanted = array(header["pictures"]["target"])
    hues = datasets.class_hues(10)
    for picture, image, label in zip(wanted, digits.test_images, digits.test_labels, strict=False):
        np.testing.assert_allclose(picture, hues[label][:, None, None] * image, atol=0.51)
    header, _ = unpack(Viewer().payload(grey, digits))
    assert header["pictures"]["target"] is None


def test_only_news_is_sent_again(digits: datasets.Dataset) -> None:
    viewer = Viewer()
    first = viewer.payload(view(0, 5), digits)
    header, _ = unpack(viewer.payload(view(0, 5, 9), digits))
    assert "pictures" not in header and "network" not in header
    assert [told["step"] for told in header["frames"]] == [9]
    assert header["recorded"] == [0, 5, 9]
    again = viewer.payload(view(0, 5, 9), digits)
    newest = unpack(again)[0]["newest"]
    assert newest["points"] is None and newest["grid"] is None
    assert len(again) < len(first) / 4


def test_another_run_or_data_set_is_another_scene(digits: datasets.Dataset) -> None:
    viewer = Viewer()
    viewer.payload(view(0, 5), digits)
    header, _ = unpack(viewer.payload(replace(view(0, 5), id="other"), digits))
    assert "pictures" in header and "network" in header
    assert len(header["frames"]) == 2


@pytest.mark.parametrize(
    ("changes", "loss"),
    [
        ({}, "mean squared error"),
        ({"loss": "bce"}, "binary cross-entropy"),
        ({"noisy_target": True}, "mean squared error, noisy target"),
        ({"noisy_target": True, "corruption": "none"}, "mean squared error"),
    ],
)
def test_the_loss_is_named(changes: dict[str, Any], loss: str) -> None:
    sent = view(0)
    header, _ = unpack(Viewer().payload(replace(sent, config=replace(sent.config, **changes)), None))
    assert header["run"]["loss"] == loss
    assert header["run"]["lossIsError"] == (loss == "mean squared error")


def test_before_there_is_a_run_the_pictures_are_shown(digits: datasets.Dataset) -> None:
    header, _ = unpack(Viewer().payload(None, digits))
    assert header["pictures"]["shown"] == 12
    assert "run" not in header
    header, _ = unpack(Viewer().payload(None, None))
    assert "pictures" not in header


def test_a_mask_travels_with_the_images_that_it_is_of() -> None:
    mask = np.random.default_rng(0).random((12, 784)) < 0.5
    seen = view(0, 5)
    masked = replace(seen.frames[1], images=replace(seen.frames[1].images, mask=mask))
    with_mask = replace(seen, frames=(seen.frames[0], masked))
    header, array = unpack(Viewer().payload(with_mask, None))
    assert header["frames"][0]["mask"] is None
    np.testing.assert_array_equal(array(header["frames"][1]["mask"]), mask.reshape(12, 1, 28, 28))


def test_the_hardest_class_is_named(digits: datasets.Dataset) -> None:
    found = (Finding("58% below PCA.", serious=False, hardest=8), Finding("Dead.", hardest=None))
    header, _ = unpack(Viewer().payload(replace(view(0), findings=found), digits))
    assert [notice["text"] for notice in header["run"]["findings"]] == ["58% below PCA. Hardest class: 8.", "Dead."]
    header, _ = unpack(Viewer().payload(replace(view(0), findings=found), None))
    assert header["run"]["findings"][0]["text"] == "58% below PCA."


def test_a_knob_turned_step_by_step_is_one_annotation() -> None:
    turned = [Annotation(step, "corruption_level", step / 100, (step + 1) / 100) for step in (50, 51, 52)]
    others = [Annotation(51, "learning_rate", 0.1, 0.01), Annotation(400, "corruption_level", 0.53, 0.2)]
    sent = replace(view(0, 5), budget=1_000, annotations=(*turned[:2], others[0], turned[2], others[1]))
    header, _ = unpack(Viewer().payload(sent, None))
    assert [(mark["step"], mark["text"]) for mark in header["run"]["marks"]] == [
        (51, "learning rate 0.1 → 0.01"),
        (52, "corruption level 0.5 → 0.53"),
        (400, "corruption level 0.53 → 0.2"),
    ]


def test_a_knob_that_was_turned_back_at_once_leaves_no_annotation() -> None:
    there_and_back = (Annotation(7, "learning_rate", 0.1, 0.01), Annotation(8, "learning_rate", 0.01, 0.1))
    header, _ = unpack(Viewer().payload(replace(view(0, 5), budget=1_000, annotations=there_and_back), None))
    assert header["run"]["marks"] == []
