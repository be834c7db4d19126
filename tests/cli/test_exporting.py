"""`train --out`, `export` and `import`."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from aelib.cli.main import main
from aelib.export import FORMATS
from aelib.runs import Store
from aelib.runs.store import find
from tests.datasets.samples import drawings, npz
from tests.samples import assert_same_arrays

Output = pytest.CaptureFixture[str]


@pytest.fixture
def kept(tmp_path: Path, home: Path, capsys: Output) -> Path:
    """A folder with a run."""
    folder = tmp_path / "a run"
    assert main(["train", "vanilla-64", "--dataset", "digits", "--steps", "3", "--out", str(folder), "--json"]) == 0
    capsys.readouterr()
    return folder


def refused(capsys: Output, *arguments: str) -> str:
    """The one sentence with which a command ends."""
    assert main(list(arguments)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    lines = err.strip().splitlines()
    assert "Traceback" not in err
    return lines[-1]


def test_a_kept_run_is_exported_and_opened_again(kept: Path, home: Path, capsys: Output) -> None:
    out = kept.parent / "deep" / "out"
    assert main(["export", str(kept), "--to", "bundle", "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == str(out / "bundle.zip")
    assert main(["export", str(kept), "--to", "safetensors", "--out", str(out)]) == 0
    capsys.readouterr()
    record = find(str(kept), home)
    for path in (out / "bundle.zip", out, kept):
        assert main(["import", str(path), "--json"]) == 0
        found = Store(home).load(json.loads(capsys.readouterr().out)["id"])
        assert found.id != record.id and found.settings == record.settings
        assert (found.state.step, found.budget, found.curve, found.pca) == (3, 3, record.curve, record.pca)
        assert_same_arrays(found.state.weights, record.state.weights)
        steps = [frame.step for frame in record.frames]
        assert [frame.step for frame in found.frames] == ([] if path == out else steps)
        # And under its id it is exported as any other.
        assert main(["export", found.id, "--to", "pytorch", "--out", str(out / found.id)]) == 0
        capsys.readouterr()


def test_nothing_is_overwritten_without_a_word(kept: Path, capsys: Output) -> None:
    command = ["export", str(kept), "--to", "pytorch", "--out", str(kept.parent)]
    assert main(command) == 0
    capsys.readouterr()
    (kept.parent / "model.py").write_text("mine")
    said = refused(capsys, *command)
    assert "there is already model.py" in said and "--overwrite" in said
    assert (kept.parent / "model.py").read_text() == "mine"
    assert main([*command, "--overwrite"]) == 0
    capsys.readouterr()
    assert (kept.parent / "model.py").read_text() != "mine"
    again = refused(capsys, "train", "vanilla-64", "--dataset", "digits", "--steps", "1", "--out", str(kept))
    assert again.startswith("--out:") and "holds no run yet" in again


def test_a_run_on_images_of_ones_own_brings_them(tmp_path: Path, home: Path, capsys: Output) -> None:
    images = tmp_path / "own.npz"
    images.write_bytes(npz(images=drawings(120)))
    kept, out = tmp_path / "kept", tmp_path / "out"
    assert main(["train", "vanilla-64", "--dataset", str(images), "--steps", "1", "--out", str(kept)]) == 0
    images.unlink()
    assert main(["export", str(kept), "--to", "pytorch", "--out", str(out)]) == 0
    assert (out / "data.npz").exists()
    capsys.readouterr()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("export", "nothing", "--to", "pytorch", "--out", "x"), "RUN: “nothing” is not valid; use the id of a stored"),
        (("export", "{kept}", "--to", "word", "--out", "x"), "--to: “word” is not valid; use one of pytorch,"),
        (("export", "{kept}", "--to", "pytorch", "--out", "a\0b"), "--out: “a b” is not valid; use a folder"),
        (("export", "{kept}", "--to", "pytorch", "--out", "{kept}/run.json"), "--out: "),
        (("import", "nowhere"), "PATH: “nowhere” is not valid; use a bundle.zip, or a folder with an export."),
        (("import", "{kept}/frames.npz"), "import: “frames.npz” is not valid; use a bundle.zip, or config.json"),
    ],
)
def test_what_is_wrong_is_one_sentence(kept: Path, capsys: Output, arguments: tuple[str, ...], said: str) -> None:
    sentence = refused(capsys, *(argument.replace("{kept}", str(kept)) for argument in arguments))
    assert sentence.startswith(said)


def test_what_cannot_be_expressed_is_refused_before_anything_is_computed(
    tmp_path: Path, home: Path, capsys: Output
) -> None:
    kept = tmp_path / "kept"
    assert main(["train", "tied-64", "--dataset", "digits", "--steps", "1", "--out", str(kept)]) == 0
    capsys.readouterr()
    said = refused(capsys, "export", str(kept), "--to", "keras", "--out", str(tmp_path / "out"))
    assert said == FORMATS["keras"].refuses(find(str(kept), home).settings)
    assert not (tmp_path / "out").exists()


def test_damaged_exports_are_refused(kept: Path, capsys: Output) -> None:
    out = kept.parent / "out"
    assert main(["export", str(kept), "--to", "safetensors", "--out", str(out)]) == 0
    capsys.readouterr()
    weights, config = (out / "weights.safetensors").read_bytes(), (out / "config.json").read_bytes()
    other = json.loads(config)
    other["config"]["code_size"] = 7
    hostile = json.loads(config) | {"curve": [[1, 2]] * 1_000_000}
    for name, contents in (
        ("weights.safetensors", weights[:-100]),
        ("config.json", b"[" * 100_000),
        ("config.json", json.dumps(other).encode()),
        ("config.json", json.dumps(hostile).encode()),
        ("config.json", b'{"format": 1}'),
    ):
        (out / "weights.safetensors").write_bytes(weights)
        (out / "config.json").write_bytes(config)
        (out / name).write_bytes(contents)
        assert refused(capsys, "import", str(out)).startswith("import: “2 files” is not valid; use ")
    with zipfile.ZipFile(kept.parent / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("config.json", config)
        archive.writestr("weights.safetensors", bytes(200_000_000))
    assert "90 MB when unpacked" in refused(capsys, "import", str(kept.parent / "bomb.zip"))
