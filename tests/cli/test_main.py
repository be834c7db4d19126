from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from aelib import datasets
from aelib.cli.main import main
from aelib.spec.recipes import RECIPES
from tests.datasets.samples import drawings, npz, pngs, zipped

TRAIN = ("train", "vanilla-64", "--dataset", "digits", "--json")
KEYS = {
    "recipe",
    "dataset",
    "steps",
    "epochs",
    "seconds",
    "samples_per_second",
    "parameters",
    "code_size",
    "device",
    "precision",
    "threads",
    "test",
}
FIGURES = {"mse", "bce", "psnr", "ssim"}
Output = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def nobodys_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("AELIB_HOME", "AELIB_DATA_DIR"):
        (tmp_path / variable).mkdir()
        monkeypatch.setenv(variable, str(tmp_path / variable))
    monkeypatch.delenv("AELIB_THREADS", raising=False)


def trained(capsys: Output, *arguments: str, steps: int | None = 2) -> dict[str, Any]:
    count = () if steps is None else ("--steps", str(steps))
    assert main([*TRAIN, *count, *arguments]) == 0
    result: dict[str, Any] = json.loads(capsys.readouterr().out)
    return result


def test_recipes_are_listed(capsys: Output) -> None:
    assert main(["recipes", "--json"]) == 0
    out, err = capsys.readouterr()
    rows = json.loads(out)
    assert [row["id"] for row in rows] == list(RECIPES)
    assert all({"id", "title", "source"} <= row.keys() for row in rows)
    assert {row["id"]: row["parameters"] for row in rows}["vanilla-64"] == 101_200
    assert err == ""
    assert {row["id"]: row["deviations"] for row in rows} == {
        recipe.id: list(recipe.deviations) for recipe in RECIPES.values()
    }
    budgets = {row["id"]: (row["epochs"], row["steps"]) for row in rows}
    assert (budgets["vanilla-64"], budgets["relu-128"]) == ((20, None), (None, 1_000))
    assert main(["recipes"]) == 0
    listing = " ".join(capsys.readouterr().out.split())
    for recipe in RECIPES.values():
        assert all(said in listing for said in (recipe.id, recipe.title, *recipe.deviations))


def test_training_prints_the_figures_and_the_progress_apart(capsys: Output) -> None:
    assert main([*TRAIN, "--steps", "3"]) == 0
    out, err = capsys.readouterr()
    result = json.loads(out)
    assert result.keys() >= KEYS
    assert result["test"].keys() >= FIGURES
    assert "test_noisy" not in result
    named = {name: result[name] for name in ("recipe", "dataset", "steps", "parameters", "code_size")}
    expected = {"recipe": "vanilla-64", "dataset": "digits", "steps": 3, "parameters": 101_200, "code_size": 64}
    assert named == expected
    assert result["epochs"] == pytest.approx(3 * 256 / 12_600, abs=1e-4)
    assert result["samples_per_second"] > 0 and 0 < result["test"]["mse"] < 1
    assert "3/3" in err


def test_a_recipe_with_noise_is_measured_with_noise_too(capsys: Output) -> None:
    result = trained(capsys, "--set", "widths=32")
    assert "test_noisy" not in result
    assert main(["train", "M3", "--dataset", "digits", "--json", "--steps", "1", "--set", "widths=32"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["recipe"] == "denoise-256"
    assert result["test_noisy"].keys() >= {"mse", "psnr"}
    assert result["test_noisy"]["mse"] != result["test"]["mse"]


def test_a_coloured_run_is_measured_in_colour(capsys: Output) -> None:
    result = trained(capsys, "--set", "colour=true", "--set", "corruption=low-resolution")
    assert result["parameters"] == 784 * 64 + 64 + 3 * (64 * 784 + 784)
    assert result["test"].keys() == FIGURES and result["test_noisy"].keys() == {"mse", "psnr", "ssim"}


def test_colouring_pictures_without_classes_is_refused(capsys: Output, tmp_path: Path) -> None:
    file = tmp_path / "pictures.npz"
    file.write_bytes(npz(images=drawings()))
    assert main(["train", "vanilla-64", "--dataset", str(file), "--steps", "1", "--set", "colour=true"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and err.splitlines()[-1].startswith("colour: ")


def test_the_seed_decides_the_figures(capsys: Output) -> None:
    one, same, other = (trained(capsys, "--seed", seed)["test"] for seed in ("5", "5", "6"))
    assert one == same
    assert one != other


def test_settings_are_changed(capsys: Output) -> None:
    changes = ("code_size=8", "batch-size=100", "output_activation=linear", "precision=float32", "widths=")
    result = trained(capsys, *(part for change in changes for part in ("--set", change)))
    assert (result["code_size"], result["precision"]) == (8, "float32")
    assert result["parameters"] == 2 * 784 * 8 + 8 + 784
    assert result["epochs"] == pytest.approx(200 / 12_600, abs=1e-4)
    assert result["test"]["bce"] is None


def test_a_part_of_an_epoch_is_trained_in_whole_batches(capsys: Output) -> None:
    assert trained(capsys, "--epochs", "0.05", steps=None)["steps"] == 3  # 630 images in batches of 256


@pytest.mark.parametrize("epochs", [1, 3])
def test_a_batch_is_never_larger_than_the_training_set_so_epochs_are_those_asked_for(
    epochs: int, capsys: Output, tmp_path: Path
) -> None:
    file = tmp_path / "few.npz"
    file.write_bytes(npz(images=drawings(100)))
    result = trained(capsys, "--dataset", str(file), "--epochs", str(epochs), steps=None)
    assert (result["steps"], result["epochs"]) == (epochs, epochs)


def test_without_mnist_the_digits_are_trained(capsys: Output) -> None:
    assert main(["train", "M8", "--steps", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dataset"] == "digits"


def test_without_json_the_result_is_for_people(capsys: Output) -> None:
    assert main(["train", "M8", "--dataset", "digits", "--steps", "1"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("vanilla-64 on digits") and "PSNR" in out


DIVERGING = (
    *("--set", "optimizer=sgd", "--set", "learning_rate=10"),
    *("--set", "code_activation=linear", "--set", "output_activation=linear"),
)


def test_a_run_that_ends_above_its_start_says_so(capsys: Output) -> None:
    arguments = ["train", "vanilla-64", "--dataset", "digits", "--steps", "60", "--set", "learning_rate=10"]
    assert main([*arguments, "--json"]) == 0
    warnings = json.loads(capsys.readouterr().out)["warnings"]
    assert "at the start. The learning rate may be too large: try 1 or less." in warnings[0]
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    assert warnings[0] in err and warnings[0] not in out
    assert main([*arguments[:-1], "learning_rate=0.003", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["warnings"] == []


def test_a_run_that_diverges_fails_with_advice(capsys: Output) -> None:
    assert main([*TRAIN, *DIVERGING, "--steps", "60"]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "learning_rate" in err.splitlines()[-1]


@pytest.mark.parametrize("steps", range(1, 9))
def test_figures_are_printed_only_of_a_network_that_is_of_use(steps: int, capsys: Output) -> None:
    """Divergence shows in the training loss a batch later than in the network."""
    status = main([*TRAIN, *DIVERGING, "--steps", str(steps)])
    out = capsys.readouterr().out
    assert status in (0, 1)
    if status == 0:
        assert json.loads(out)["test"]["mse"] < 100
    else:
        assert out == ""


MISTAKES: dict[str, Sequence[str]] = {
    "an unknown recipe": ("train", "vanilla-65", "--steps", "1"),
    "an empty recipe": ("train", "", "--steps", "1"),
    "a recipe over two lines": ("train", "vanilla\n64", "--steps", "1"),
    "an unknown data set": (*TRAIN, "--dataset", "cifar10"),
    "an empty data set": (*TRAIN, "--steps", "1", "--dataset", ""),
    "a data set that is not here": (*TRAIN, "--dataset", "mnist"),
    "a path to nothing": (*TRAIN, "--dataset", "./nowhere"),
    "nothing to inspect": ("data", "inspect", "nowhere"),
    "a table to inspect": ("data", "inspect", str(Path(__file__).parents[2] / "pyproject.toml")),
    "a path to a folder without pictures": (*TRAIN, "--dataset", str(Path(__file__).parents[1] / "runs")),
    "a data folder that does not exist": (*TRAIN, "--data-dir", "/nowhere"),
    "a data folder that is a file": (*TRAIN, "--data-dir", __file__),
    "steps that are no number": (*TRAIN, "--steps", "many"),
    "no steps": (*TRAIN, "--steps", "0"),
    "half a step": (*TRAIN, "--steps", "1.5"),
    "endless steps": (*TRAIN, "--steps", "inf"),
    "steps and epochs": (*TRAIN, "--steps", "1", "--epochs", "1"),
    "steps in two ways": (*TRAIN, "--steps", "1", "--set", "max_steps=2"),
    "epochs in two ways": (*TRAIN, "--epochs", "1", "--set", "epochs=2"),
    "epochs and a budget in steps": (*TRAIN, "--epochs", "1", "--set", "max_steps=2"),
    "two budgets as settings": (*TRAIN, "--set", "epochs=1", "--set", "max_steps=2"),
    "a seed in two ways": (*TRAIN, "--steps", "1", "--seed", "1", "--set", "seed=1"),
    "a setting twice": (*TRAIN, "--steps", "1", "--set", "code_size=8", "--set", "code-size=16"),
    "no epochs": (*TRAIN, "--epochs", "0"),
    "epochs that are no number": (*TRAIN, "--epochs", "nan"),
    "a negative seed": (*TRAIN, "--steps", "1", "--seed", "-1"),
    "a huge seed": (*TRAIN, "--steps", "1", "--seed", "9" * 5000),
    "a setting without a value": (*TRAIN, "--set", "epochs"),
    "an unknown setting": (*TRAIN, "--set", "depth=3"),
    "an empty setting": (*TRAIN, "--set", ""),
    "a setting that has its own option": (*TRAIN, "--set", "dataset=digits"),
    "a value out of range": (*TRAIN, "--set", "code_size=0"),
    "a value that is no number": (*TRAIN, "--set", "learning_rate=fast"),
    "a value over two lines": (*TRAIN, "--set", "learning_rate=1\n2"),
    "a value without end": (*TRAIN, "--set", "learning_rate=" + "1" * 100_000),
    "a loss that does not fit": (*TRAIN, "--set", "loss=bce", "--set", "output_activation=linear"),
    "convolutions without layers": (*TRAIN, "--set", "family=conv-pool"),
    "too many weights": (*TRAIN, "--set", "widths=4096,4096"),
    "fetching what cannot be": ("data", "fetch", "cifar10"),
    "a port that is no number": ("app", "--port", "http"),
    "a port that cannot be": ("app", "--port", "70000"),
    "an address that is not this machine's": ("app", "--address", "192.0.2.1"),
    "an address that is none": ("app", "--address", "300.1.1.1"),
    "an address that cannot be": ("app", "--address", "x" * 300),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_answered_with_one_line(mistake: str, capsys: Output) -> None:
    assert main(MISTAKES[mistake]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1, err
    assert len(err) < 500


@pytest.mark.parametrize("variable", ["AELIB_DATA_DIR", "AELIB_THREADS"])
def test_a_mistake_in_the_environment_is_answered_with_one_line(
    variable: str, capsys: Output, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, __file__)
    assert main(["train", "M8", "--steps", "1"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert len(err.splitlines()) == 1 and variable in err


@pytest.mark.parametrize(
    "arguments", [(), ("trian",), ("train",), ("train", "M8", "--spets", "1"), ("train", "M8", "--steps"), ("data",)]
)
def test_a_command_that_cannot_be_read_exits_with_2(arguments: Sequence[str], capsys: Output) -> None:
    """argparse answers these, with its usage before the sentence."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "error: " in err.splitlines()[-1]


def test_data_sets_are_listed_with_what_is_here(capsys: Output) -> None:
    assert main(["data", "list", "--json"]) == 0
    out, err = capsys.readouterr()
    rows = json.loads(out)
    assert [row["name"] for row in rows] == list(datasets.NAMES)
    assert {row["name"] for row in rows if row["here"]} == {"digits", "letters"}
    assert err == ""


def test_what_is_here_is_not_fetched_again(capsys: Output) -> None:
    assert main(["data", "fetch", "digits"]) == 0
    assert capsys.readouterr().out == ""


def test_steps_are_a_budget_until_epochs_are_asked_for(capsys: Output) -> None:
    batch = ("--set", "batch_size=100")
    assert trained(capsys, *batch, "--set", "max_steps=3", steps=None)["steps"] == 3
    # A recipe with a budget in steps.
    small = ("train", "M7", "--dataset", "digits", "--json", *batch, "--set", "widths=", "--set", "code_size=8")
    for budget, steps in ((("--epochs", "0.1"), 13), (("--steps", "5"), 5), (("--set", "max_steps=4"), 4)):
        assert main([*small, *budget]) == 0
        assert json.loads(capsys.readouterr().out)["steps"] == steps


def test_a_file_is_inspected(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "mine.npz").write_bytes(npz(images=drawings() / 255, labels=["a", "b"] * 60))
    assert main(["data", "inspect", str(tmp_path / "mine.npz"), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    notes = found.pop("notes")
    assert found == {
        "title": "mine.npz",
        "train": 100,
        "test": 20,
        "classes": ["a", "b"],
        "shape": [28, 28, 1],
        "range": [0, 1],
    }
    assert "Pixel values from 0 to 1 were scaled to 0 to 255." in notes
    assert main(["data", "inspect", str(tmp_path / "mine.npz")]) == 0
    assert "100 train, 20 test images" in capsys.readouterr().out


@pytest.mark.parametrize("way", ["--dataset=~/pics", "--dataset=pics", "--dataset=./pics", "--dataset=pics.zip"])
def test_folders_of_the_user_and_bare_names_are_understood(
    way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "pics").mkdir()
    for name, data in pngs():
        (tmp_path / "pics" / name).write_bytes(data)
    (tmp_path / "pics.zip").write_bytes(zipped(pngs()))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert main(["train", "vanilla-64", way, "--steps", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["dataset"].startswith("own-")


def test_a_known_name_wins_over_a_folder_that_is_called_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main([*TRAIN, "--steps", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["dataset"] == "digits"


@pytest.mark.parametrize("name", ["~nosuch/images.zip", "x" * 300, "a\0b"])
def test_a_name_that_no_file_can_have_is_answered_in_a_sentence(name: str, capsys: Output) -> None:
    assert main(["train", "vanilla-64", "--dataset", name, "--steps", "1"]) == 2
    assert "is not valid" in capsys.readouterr().err
    assert main(["data", "list", "--data-dir", name]) == 2
    assert "a folder that exists" in capsys.readouterr().err


def test_some_classes_of_a_dataset_are_trained_on_by_name(capsys: Output, tmp_path: Path) -> None:
    few = trained(capsys, "--dataset", "digits:2,7", "--epochs", "1", steps=None)
    assert few["dataset"] == "digits:2,7"
    assert few["epochs"] == pytest.approx(1, abs=0.1) and few["steps"] < 15
    assert main([*TRAIN, "--dataset", "digits:x"]) == 2
    out, err = capsys.readouterr()
    assert out == "" and "classes of Digits" in err and err.count("\n") == 1


def test_a_port_that_is_taken_is_told(capsys: Output) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["app", "--address", "127.0.0.1", "--port", str(port)]) == 2
    assert capsys.readouterr().err.startswith(f"--port: “{port}” is not valid")
