"""A store that another version wrote, or that a crash or a disk left damaged: a sentence, and the page goes on."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from aelib import datasets
from aelib.runs import Run, Runs
from tests.datasets.samples import drawings, npz
from tests.pages.visit import opened, query, sound, wait_until
from tests.runs.waiting import wait_for_rest


def half(content: bytes) -> bytes:
    return content[: len(content) // 2]


def of_format_0(content: bytes) -> bytes:
    return json.dumps(json.loads(content) | {"format": 0}).encode()


DAMAGE: dict[str, tuple[str, Callable[[bytes], bytes], str]] = {
    "half of its facts": ("run.json", half, "damaged"),
    "half of its weights": ("weights.safetensors", half, "damaged"),
    "half of its frames": ("frames.npz", half, "damaged"),
    "another version": ("run.json", of_format_0, "another version"),
}


@pytest.mark.parametrize("fault", DAMAGE)
def test_a_run_that_cannot_be_opened_is_told_and_another_can_be_trained(
    trained: Run, runs: Runs, home: Path, fault: str
) -> None:
    name, damage, said = DAMAGE[fault]
    file = home / "runs" / trained.id / name
    file.write_bytes(damage(file.read_bytes()))
    # After a restart, which left nothing in memory.
    runs._runs.clear()
    for page, offered in (("pages/reconstructions.py", "train.starter"), ("", "step")):
        app = opened(page, run=trained.id)
        assert any(said in warning.value for warning in app.warning)
        assert app.button(key=offered)
        assert "run" not in query(app)
    sound(app.button(key="step").click().run())
    assert wait_for_rest(runs.get(query(app)["run"])).status == "paused"


def test_half_an_upload_is_told_and_other_data_can_be_trained(runs: Runs, home: Path) -> None:
    name = datasets.import_upload([("a.npz", npz(images=drawings()))]).name
    file = home / "datasets" / f"{name}.npz"
    file.write_bytes(half(file.read_bytes()))
    app = opened(dataset=name)
    sound(app.button(key="step").click().run())
    run = runs.get(query(app)["run"])
    wait_until(app, lambda _: run.status == "failed")
    assert "upload the images again" in run.view().message
    sound(app.selectbox(key="setting.dataset").set_value("digits").run())
    sound(app.button(key="step").click().run())
    assert wait_for_rest(runs.get(query(app)["run"])).status == "paused"
