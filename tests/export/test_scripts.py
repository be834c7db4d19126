"""An exported script is the run: with its weights it scores the same, and it trains."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from aelib import datasets
from aelib.export import CannotExport, exported
from aelib.export.origin import origin
from aelib.export.pytorch import script
from aelib.spec import corruptions
from aelib.spec.recipes import RECIPES
from tests.export.samples import config_of, exportable, in_turns, some, without_aelib, write
from tests.samples import settings

LINES = 150
RUN_ALL = str(Path(__file__).parent / "run_all.py")


def printed(output: str) -> dict[str, list[float]]:
    """The errors printed after each "# NAME"."""
    parts = re.split(r"^# (.*)$", output, flags=re.MULTILINE)[1:]
    return {
        name: [float(number) for number in re.findall(r"MSE.*: (\S+)$", text, re.MULTILINE)]
        for name, text in zip(parts[::2], parts[1::2], strict=True)
    }


@pytest.mark.parametrize("cases", in_turns(some(8)), ids=" | ".join)
def test_scripts_score_as_their_runs_do_and_train(tmp_path: Path, cases: list[str]) -> None:
    for number, case in enumerate(cases):
        write(exported(exportable(case), "pytorch"), tmp_path / str(number))
    scripts = [
        f"{number}/model.py{with_weights}"
        for number in range(len(cases))
        for with_weights in ("", ":weights.safetensors")
    ]
    found = printed(without_aelib(RUN_ALL, *scripts, folder=tmp_path))
    for number, case in enumerate(cases):
        figures = exportable(case).figures
        expected = [figures[part]["mse"] for part in ("clean", "noisy") if part in figures]
        assert found[f"{number}/model.py:weights.safetensors"] == pytest.approx(expected, abs=1e-6), case
        anew = found[f"{number}/model.py"]
        # A few batches depend on their order: only what runs away is wrong here.
        assert anew == pytest.approx(expected, rel=1, abs=0.05), case


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipes_script_is_short_and_names_no_aelib(recipe: str) -> None:
    code = script(RECIPES[recipe].config, origin("mnist", "MNIST"))
    assert code.count("\n") <= LINES
    assert "aelib" not in code


def test_scripts_are_written_as_this_project_is(tmp_path: Path) -> None:
    for number, case in enumerate(some(1_000)):
        config = config_of(case)
        (tmp_path / f"case_{number}.py").write_text(script(config, origin(config.dataset, "Digits")), "utf-8")
    for command in (["format", "--check"], ["check", "--select", "E,F,I,UP,B,SIM"]):
        ruff = [sys.executable, "-m", "ruff", *command, "--isolated", "--config", "line-length=120", str(tmp_path)]
        done = subprocess.run(ruff, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout


def test_mnist_is_read_in_torchvisions_layout(tmp_path: Path, mnist_dir: Path) -> None:
    config = settings("vanilla-64", dataset="mnist:3,5")
    dataset = datasets.load("mnist:3,5")
    code = script(config, origin("mnist:3,5", dataset.title, dataset), steps=1)
    (tmp_path / "model.py").write_text(code)
    check = (
        "import numpy as np, model\n"
        "for part in ('train', 'test'):\n"
        "    images, labels = model.load(part)\n"
        "    print(len(images), float(images.double().mean()), labels.bincount().tolist())"
    )
    found = without_aelib("-c", check, folder=tmp_path, DATA_DIR=str(mnist_dir)).splitlines()
    for line, images, labels in zip(
        found, (dataset.train_images, dataset.test_images), (dataset.train_labels, dataset.test_labels), strict=True
    ):
        count, mean, counts = line.split(" ", 2)
        assert int(count) == len(images)
        assert float(mean) == pytest.approx(images.mean() / 255)
        assert counts == str([int((labels == label).sum()) for label in (0, 1)])


def test_what_somebody_registered_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(corruptions.CORRUPTIONS, "scratches", corruptions.CORRUPTIONS["line"])
    with pytest.raises(CannotExport, match="no PyTorch code for the corruption"):
        script(settings("vanilla-64", corruption="scratches"), origin("digits", "Digits"))
