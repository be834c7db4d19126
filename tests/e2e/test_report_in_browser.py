"""A report in a browser that has no network: everything is drawn, and the decoder draws what the network does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from playwright.sync_api import Browser, Request

from aelib.analysis.decode.decoding import code_map
from aelib.export import exported
from aelib.train.inference import decode
from aelib.train.slices import NO_IMAGES, Slice
from tests.export.samples import exportable


@pytest.mark.parametrize("case", ["flat code", "colour"])
def test_a_report_draws_and_decodes_offline(browser: Browser, tmp_path: Path, case: str) -> None:
    subject = exportable(case)
    ((name, contents),) = exported(subject, "report").items()
    (tmp_path / name).write_bytes(contents)
    context = browser.new_context(offline=True, color_scheme="dark", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    problems: list[str] = []
    requests: list[Request] = []
    page.on("console", lambda said: problems.append(said.text))
    page.on("pageerror", lambda error: problems.append(str(error)))
    page.on("request", lambda request: requests.append(request))
    page.goto((tmp_path / name).as_uri())
    page.locator("#curves svg path").first.wait_for()
    assert page.locator("#moment").inner_text().startswith("Step 4: test MSE")
    page.locator("#scrubber").fill("0")
    assert page.locator("#moment").inner_text().startswith("Step 0: test MSE")
    assert problems == []
    assert [one.url for one in requests if not one.url.startswith(("file:", "data:"))] == []
    # At the middle of the plane.
    found = code_map(Slice(subject.state, None, NO_IMAGES), subject.data)
    mean, axes = (np.zeros(2), np.eye(2)) if found.codes.shape[1] == 2 else (found.mean, found.axes)
    points = (found.codes - mean) @ axes.T
    code = mean + (points.min(0) + points.max(0)) / 2 @ axes
    expected = decode(subject.state, torch.tensor(code, dtype=torch.float32)[None])[0].clamp(0, 1).numpy() * 255
    drawn = page.evaluate("[...document.getElementById('decoded').getContext('2d').getImageData(0, 0, 28, 28).data]")
    pixels = np.array(drawn).reshape(784, 4)[:, :3]
    assert np.abs(pixels - expected.reshape(-1, 784).T).max() < 3
    context.close()
