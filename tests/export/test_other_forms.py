"""The notebook, Keras, the model card, the report and the bundle hold the same run."""

from __future__ import annotations

import io
import json
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import yaml
from safetensors.numpy import load

from aelib.export import FORMATS, CannotExport, exported, refusal, subject
from aelib.spec.state import State
from tests.export.samples import CASES, config_of, exportable, in_turns, some, without_aelib, write
from tests.export.test_scripts import RUN_ALL, printed

KERAS_CASES = [case for case in CASES if not FORMATS["keras"].refuses(config_of(case))]


@pytest.mark.parametrize("cases", in_turns(some(4)), ids=" | ".join)
def test_notebooks_run_from_top_to_bottom(tmp_path: Path, cases: list[str]) -> None:
    for number, case in enumerate(cases):
        write(exported(exportable(case), "notebook"), tmp_path / str(number))
    names = [f"{number}/notebook.ipynb" for number in range(len(cases))]
    found = printed(without_aelib(RUN_ALL, *names, folder=tmp_path))
    for name, case in zip(names, cases, strict=True):
        assert len(found[name]) == len({"clean", "noisy"} & exportable(case).figures.keys()), case


def test_jupyter_runs_a_notebook(tmp_path: Path) -> None:
    folder = write(exported(exportable("flat code"), "notebook"), tmp_path)

    script = (
        "import nbformat, nbclient\n"
        "book = nbformat.read('notebook.ipynb', 4)\n"
        "nbclient.NotebookClient(book, timeout=100).execute()\n"
        "print(sum('image/png' in output.get('data', {}) for cell in book.cells for output in cell.get('outputs', [])))"
    )
    # The loss, the reconstructions and the latent space.
    inline = "module://matplotlib_inline.backend_inline"
    assert without_aelib("-c", script, folder=folder, MPLBACKEND=inline).split()[-1] == "3"


@pytest.mark.parametrize("cases", in_turns(some(5, KERAS_CASES)), ids=" | ".join)
def test_keras_scores_as_the_run_does_and_trains(tmp_path: Path, cases: list[str]) -> None:
    for number, case in enumerate(cases):
        write(exported(exportable(case), "keras"), tmp_path / str(number))
    scripts = [f"{number}/model_keras.py{rest}" for number in range(len(cases)) for rest in ("", ":keras.npz")]
    found = printed(without_aelib(RUN_ALL, *scripts, folder=tmp_path, KERAS_BACKEND="torch"))
    for number, case in enumerate(cases):
        (error,) = found[f"{number}/model_keras.py:keras.npz"]
        expected = exportable(case).figures["clean"]["mse"]
        assert error == pytest.approx(expected, abs=1e-6), case
        assert found[f"{number}/model_keras.py"] == pytest.approx([expected], rel=1, abs=0.05), case


@pytest.mark.parametrize(
    ("case", "why"),
    [("vae", "variational"), ("rbm", "stacked RBMs"), ("tied-64", "tied weights"), ("relu-128", "RMSProp")],
)
def test_keras_says_why_not(case: str, why: str) -> None:
    reason = refusal("keras", config_of(case))
    assert why in reason and reason.endswith("export to PyTorch instead.")


def test_the_model_card_says_what_the_run_is() -> None:
    subject = exportable("masked-128")
    files = exported(subject, "safetensors")
    _, front, text = files["README.md"].decode().split("---\n", 2)
    facts: dict[str, Any] = yaml.safe_load(front)
    (result,) = facts["model-index"][0]["results"]
    values = {metric["name"]: metric["value"] for metric in result["metrics"]}
    assert values["MSE"] == pytest.approx(subject.figures["clean"]["mse"], rel=1e-5)
    assert values["MSE on corrupted images"] == pytest.approx(subject.figures["noisy"]["mse"], rel=1e-5)
    assert facts["library_name"] == "pytorch"
    for said in ("CC BY 4.0", "| corruption | masking |", "seed 0", "## Limits", "Vincent et al. 2008"):
        assert said in text
    arrays = load(files["weights.safetensors"])
    assert sum(array.size for array in arrays.values()) == sum(map(np.size, subject.state.weights.values()))
    described = json.loads(files["config.json"])
    assert described["figures"] == subject.figures
    assert not {"id", "owner"} & described.keys()


@pytest.mark.parametrize("case", some(6))
def test_a_report_needs_no_network_and_stays_small(case: str) -> None:
    (page,) = exported(exportable(case), "report").values()
    text = page.decode()
    assert len(page) < 5_000_000
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)[^\s\"'<]*", text) == []
    assert not re.search(r"\b(src|href)=(?!\"data:)", text)
    data = json.loads(re.findall(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[0])
    assert data["moments"] and data["plane"]["layers"]
    assert {row["name"] for row in data["rows"]} >= {"original", "reconstruction"}


def test_names_of_classes_do_not_end_a_reports_script() -> None:
    subject = exportable("vanilla-64")
    dataset = replace(subject.dataset, classes=("</script><b>", *subject.dataset.classes[1:]), title="<i>mine</i>")
    (page,) = exported(replace(subject, dataset=dataset), "report").values()
    assert b"</script><b>" not in page and b"<i>mine</i>" not in page


@pytest.mark.parametrize("cases", in_turns(some(2), 2), ids=" | ".join)
def test_a_bundle_checks_itself(tmp_path: Path, cases: list[str]) -> None:
    for case in cases:
        (contents,) = exported(exportable(case), "bundle").values()
        archive = zipfile.ZipFile(io.BytesIO(contents))
        folder = tmp_path / case
        archive.extractall(folder)
        assert {"model.py", "encoder.onnx", "report.html", "config.json", "check.py", "frames.npz"} <= set(
            archive.namelist()
        )
        allowed = "import sys, runpy\nfor name in ('torch', 'aelib', 'pandas', 'sklearn'): sys.modules[name] = None\n"
        run = allowed + "runpy.run_path('check.py', run_name='__main__')"
        assert "The models are those that were exported." in without_aelib("-c", run, folder=folder)
    # And finds what is wrong.
    with np.load(folder / "check.npz") as file:
        wrong = {name: file[name] for name in file.files}
    wrong["codes"] = wrong["codes"] + 1
    np.savez(folder / "check.npz", **wrong)
    with pytest.raises(AssertionError, match="differ from those"):
        without_aelib("check.py", folder=folder)


def test_an_untrained_run_is_refused() -> None:
    one = exportable("vanilla-64")
    start = replace(one.record, state=State(one.record.config, 0, one.record.state.arrays))
    with pytest.raises(CannotExport, match="no trained weights yet"):
        subject(start, one.dataset, one.data)
