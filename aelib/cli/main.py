"""Autoencoder Lab on the command line: `aelib app | recipes | train | verify | data`, or `python -m aelib …`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import textwrap
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

import aelib
from aelib import datasets
from aelib.analysis.diagnosis import Finding, complete, findings, measure_state
from aelib.cli import console
from aelib.host import limits
from aelib.host.cores import wait_briefly
from aelib.spec.architecture import plan
from aelib.spec.config import KINDS, Knobs, RunConfig, with_changes
from aelib.spec.constraints import checked
from aelib.spec.fields import DatasetName, InvalidInput, Real, Whole
from aelib.spec.recipes import RECIPES, find
from aelib.spec.state import State

# Sentences of the list of recipes are broken into lines of this length.
LINE = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 is success, 2 bad input (one sentence on stderr), 1 a run that diverged. See also
    `console.run`."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except (InvalidInput, datasets.NoRoom) as problem:
        print(problem, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    # Argparse would name the file that it was called from.
    parser = argparse.ArgumentParser(
        prog="aelib" if Path(sys.argv[0]).stem == "aelib" else "python -m aelib", description="See autoencoders learn."
    )
    parser.add_argument("--version", action="version", version=f"aelib {aelib.__version__}")
    commands = parser.add_subparsers(required=True)

    app = commands.add_parser("app", help="serve the app to browsers")
    app.add_argument("--port", default="8501", help="where it is served: http://localhost:PORT (default: 8501)")
    app.add_argument("--address", help="only at this address of the machine, such as 127.0.0.1 (default: at all)")
    app.add_argument("--headless", action="store_true", help="open no browser here")
    app.set_defaults(command=_app)

    recipes = commands.add_parser("recipes", help="list the recipes")
    recipes.add_argument("--json", action="store_true", help="as JSON on stdout")
    recipes.set_defaults(command=_recipes)

    train = commands.add_parser("train", help="train a recipe and evaluate it on the whole test split")
    train.add_argument("recipe", help="a recipe's id or number, such as vanilla-64 or M8")
    train.add_argument(
        "--dataset", help="name of a dataset, or path of a file or folder of images; with :CLASSES some of them"
    )
    train.add_argument("--data-dir", help="folder of MNIST, KMNIST and FashionMNIST (default: AELIB_DATA_DIR)")
    train.add_argument("--epochs", help="number of epochs (default: the recipe's)")
    train.add_argument("--steps", help="number of optimizer steps instead of epochs")
    train.add_argument("--seed", help="the same seed gives the same run (to the last bit with AELIB_THREADS fixed)")
    train.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="change a setting")
    train.add_argument("--json", action="store_true", help="the result as JSON on stdout")
    train.set_defaults(command=_train)

    check = commands.add_parser("verify", help="train every recipe on MNIST and compare with reference figures")
    check.add_argument("recipes", nargs="*", metavar="RECIPE", help="only these (default: all)")
    check.add_argument("--quick", action="store_true", help="a shorter budget, with references of its own")
    check.add_argument("--data-dir", help="folder of MNIST (default: AELIB_DATA_DIR)")
    check.add_argument("--json", action="store_true", help="the result as JSON on stdout")
    check.set_defaults(command=_verify)

    about_data = commands.add_parser("data", help="list the datasets, download one, or inspect a file")
    data = about_data.add_subparsers(required=True)
    listing = data.add_parser("list", help="available datasets")
    listing.add_argument("--data-dir")
    listing.add_argument("--json", action="store_true")
    listing.set_defaults(command=_data_list)
    fetch = data.add_parser("fetch", help="download MNIST, KMNIST or FashionMNIST")
    fetch.add_argument("name")
    fetch.add_argument("--data-dir")
    fetch.set_defaults(command=_data_fetch)
    inspect = data.add_parser("inspect", help="what would be read from a file or folder of images")
    inspect.add_argument("path")
    inspect.add_argument("--json", action="store_true")
    inspect.set_defaults(command=_data_inspect)
    return parser


def _app(options: argparse.Namespace) -> int:
    """Becomes the server, or, where a process cannot become another, waits for it."""
    port = Whole(1, 65_535).parse("--port", options.port)
    # -P: what lies where somebody happens to be is not imported instead of what is installed.
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(_app_file()), f"--server.port={port}"]
    if options.address is not None:
        command.append(f"--server.address={options.address}")
    if options.headless:
        command.append("--server.headless=true")
    if os.name == "posix":
        os.execv(command[0], command)
    return subprocess.call(command)


def _app_file() -> Path:
    """app.py, which lies in an installed package, and in a checkout beside it (see pyproject.toml)."""
    package = Path(aelib.__file__).parent
    installed = package / "_app" / "app.py"
    return installed if installed.exists() else package.parent / "app.py"


def _recipes(options: argparse.Namespace) -> int:
    rows: list[dict[str, Any]] = [
        {
            "id": recipe.id,
            "number": recipe.number,
            "title": recipe.title,
            "source": recipe.source,
            "epochs": recipe.config.epochs if recipe.config.applies("epochs") else None,
            "steps": recipe.config.max_steps or None,
            "parameters": plan(recipe.config).weights,
            "code_size": plan(recipe.config).code_units,
            "look_for": recipe.look_for,
            "deviations": list(recipe.deviations),
        }
        for recipe in RECIPES.values()
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            print(f"{row['number']:>4}  {row['id']:<21} {row['title']}  ({row['source']})")
            for sentence in row["deviations"]:
                print(textwrap.fill(sentence, LINE, initial_indent=f"{'':6}- ", subsequent_indent=f"{'':8}"))
    return 0


def _train(options: argparse.Namespace) -> int:
    _use_data_dir(options.data_dir)
    config, steps = _config(options)
    dataset = _dataset(datasets.default_name() if options.dataset is None else options.dataset)
    config = replace(config, dataset=dataset.name)
    datasets.check_classes(config, dataset)
    if steps is None:
        steps = config.steps(len(dataset.train_images), _epochs(options))

    wait_briefly()
    # Imported here: `recipes` and `data` need no torch and answer at once.
    from aelib.train import hardware
    from aelib.train.metrics import Evaluation, evaluate
    from aelib.train.trainer import init, prepare, probe

    hardware.settle_process()
    data = prepare(dataset)
    state, threads, seconds = _run(config, data, steps)
    if state.step < steps:
        print(
            f"The error grew beyond all bounds after step {state.step}: try a smaller learning_rate.", file=sys.stderr
        )
        return 1

    def measure(_: int) -> tuple[Evaluation, tuple[Finding, ...]]:
        measured = evaluate(state, data)
        if not complete(config, len(dataset.train_images), steps):
            return measured, ()
        first = probe(init(config, data), data, Knobs.of(config)).test_mse
        return measured, findings(measure_state(state, data), config, first)

    measured, found = hardware.computed(threads[-1], measure)
    samples = steps * config.batch(len(dataset.train_images))
    result: dict[str, Any] = {
        "recipe": config.recipe,
        "dataset": dataset.name,
        "steps": steps,
        "epochs": round(samples / len(dataset.train_images), 4),
        "seconds": round(seconds, 3),
        "samples_per_second": round(samples / max(seconds, 1e-9), 1),
        "parameters": plan(config).weights,
        "code_size": plan(config).code_units,
        "device": hardware.device().type,
        "precision": str(hardware.precision(config)).removeprefix("torch."),
        "threads": sorted(set(threads)),
        "test": asdict(measured.clean),
    }
    if measured.noisy is not None:
        noisy = asdict(measured.noisy)
        result["test_noisy"] = {name: noisy[name] for name in ("mse", "psnr", "ssim")}
    if measured.elbo is not None:
        bound = measured.elbo
        result["test"] |= {"elbo": bound.bound, "likelihood": bound.likelihood, "divergence": bound.divergence}
    result["warnings"] = [finding.text for finding in found if finding.serious]
    result["notes"] = [finding.text for finding in found if not finding.serious]
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        _print_result(result)
        for text in (*result["warnings"], *result["notes"]):
            print(text, file=sys.stderr)
    return 0


def _verify(options: argparse.Namespace) -> int:
    from aelib.cli.verification import EXPECTED, verify

    wait_briefly()
    _use_data_dir(options.data_dir)
    names = [find(name).id for name in options.recipes] or list(EXPECTED)
    verdicts = []
    if not options.json:
        print(f"{'recipe':<20} {'test MSE':>9} {'reference':>9} {'ratio':>6} {'seconds':>8}")
    for verdict in verify(names, quick=options.quick):
        verdicts.append(verdict)
        if not options.json:
            shown = f"{verdict.recipe:<20} {verdict.error:>9.5f} {verdict.expected:>9.5f} {verdict.ratio:>6.3f}"
            print(
                f"{shown} {verdict.seconds:>8.1f}  {'' if verdict.passed else 'below reference'}".rstrip(), flush=True
            )
    short = [verdict.recipe for verdict in verdicts if not verdict.passed]
    if options.json:
        rows = [{**asdict(verdict), "ratio": verdict.ratio, "passed": verdict.passed} for verdict in verdicts]
        print(json.dumps(rows, indent=2))
    elif short:
        more = f"more than {verdicts[0].tolerance:.0%} above the reference"
        print(f"{len(short)} of {len(verdicts)} are {more}: {', '.join(short)}.")
    else:
        print(f"All {len(verdicts)} reach the reference, or come within {verdicts[0].tolerance:.0%} of it.")
    return 1 if short else 0


def _run(config: RunConfig, data: Any, steps: int) -> tuple[State, list[int], float]:
    """Trains with a progress bar on stderr; (the last good state, each slice's threads, seconds of training)."""
    from aelib.train.loop import trained

    # torch loads much of itself at the first batch. It is trained twice, so that the time is that of training alone.
    (first,) = trained(config, data, 1)
    state, threads = first.state, []
    began = time.perf_counter()
    with tqdm(total=steps, unit="batch", file=sys.stderr) as bar:
        for link in trained(config, data, steps):
            state, progress = link.state, link.progress
            if progress is not None:
                threads.append(progress.threads)
                bar.update(progress.steps)
                bar.set_postfix(loss=f"{progress.train_loss:.4f}", refresh=False)
    return state, threads, time.perf_counter() - began


def _config(options: argparse.Namespace) -> tuple[RunConfig, int | None]:
    config = find(options.recipe).config
    changes: dict[str, Any] = {}
    for setting in options.set:
        name, equals, value = setting.partition("=")
        name = name.strip().replace("-", "_")
        if not equals or name not in KINDS or name in ("recipe", "dataset"):
            fields = ", ".join(field for field in KINDS if field not in ("recipe", "dataset"))
            raise InvalidInput("--set", setting, f"FIELD=VALUE with a field of {fields}")
        if name in changes:
            raise InvalidInput("--set", setting, f"one value for {name}")
        changes[name] = KINDS[name].parse(name, value)
    _refuse_contradictions(options, changes)
    if options.seed is not None:
        changes["seed"] = KINDS["seed"].parse("--seed", options.seed)
    steps = None if options.steps is None else Whole(1, 10_000_000).parse("--steps", options.steps)
    config = checked(with_changes(config, changes))
    for limit in limits.constraints():
        limit.check(config)
    return config, steps


def _refuse_contradictions(options: argparse.Namespace, changes: Mapping[str, Any]) -> None:
    """What can be said in several ways is to be said once: else one of them would be passed over in silence."""
    asked = {f"--{name}": getattr(options, name) for name in ("epochs", "steps", "seed")}
    asked |= {f"--set {name}": changes.get(name) for name in ("epochs", "seed")}
    # 0 says that the budget is in epochs.
    asked["--set max_steps"] = changes.get("max_steps") or None
    for ways in (("--epochs", "--steps", "--set epochs", "--set max_steps"), ("--seed", "--set seed")):
        given = [way for way in ways if asked[way] is not None]
        if len(given) > 1:
            raise InvalidInput(given[-1], asked[given[-1]], f"only one of {', '.join(ways)}")


def _epochs(options: argparse.Namespace) -> float | None:
    return None if options.epochs is None else Real(0.001, 10_000).parse("--epochs", options.epochs)


def _dataset(name: str) -> datasets.Dataset:
    """A data set by its name or by a path, or some of its classes. A known name wins over a file or folder that is
    called so, too."""
    whole, colon, _ = name.partition(":")
    known = whole.strip().lower()
    named = known in datasets.NAMES or datasets.is_available(known)
    # Unlike pathlib, os.path has an answer for every text.
    if named or not (os.path.lexists(name) or any(mark in whole for mark in (os.sep, "/", ".", "~"))):
        return datasets.load(DatasetName().parse("dataset", name))
    if not colon or os.path.lexists(name):
        whole, colon = name, ""
    dataset = datasets.load_path(whole)
    for note in dataset.notes:
        print(note, file=sys.stderr)
    if colon:
        part = datasets.Part.of(DatasetName().parse("dataset", dataset.name + name[len(whole) :]))
        dataset = datasets.cut(dataset, part, part.title(dataset.title, dataset.classes))
    return dataset


def _use_data_dir(folder: str | None) -> None:
    if folder is None:
        return
    if not os.path.isdir(folder):
        raise InvalidInput("--data-dir", folder, "a folder that exists")
    os.environ["AELIB_DATA_DIR"] = folder


def _print_result(result: dict[str, Any]) -> None:
    test = result["test"]
    print(
        f"{result['recipe']} on {result['dataset']}: {result['epochs']:g} epochs in {result['seconds']:.1f} s "
        f"({result['samples_per_second']:,.0f} images/s, {result['precision']} on {result['device']})"
    )
    print(f"  clean test images: MSE {test['mse']:.5f}, PSNR {test['psnr']:.1f} dB, SSIM {test['ssim']:.3f}")
    if "elbo" in test:
        print(
            f"  evidence lower bound: {test['elbo']:.1f} nats = {test['likelihood']:.1f} (reconstruction) "
            f"- {test['divergence']:.1f} (KL)"
        )
    if "test_noisy" in result:
        noisy = result["test_noisy"]
        print(f"  corrupted test images: MSE {noisy['mse']:.5f}, PSNR {noisy['psnr']:.1f} dB, SSIM {noisy['ssim']:.3f}")


def _data_list(options: argparse.Namespace) -> int:
    _use_data_dir(options.data_dir)
    rows = [
        {"name": entry.name, "title": entry.title, "source": entry.source, "here": datasets.is_available(entry.name)}
        for entry in datasets.entries()
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            print(f"{row['name']:<14} {'here' if row['here'] else 'to fetch':<9} {row['source']}")
    return 0


def _data_inspect(options: argparse.Namespace) -> int:
    found = datasets.inspect_path(options.path)
    if options.json:
        print(json.dumps(found, indent=2, ensure_ascii=False))
        return 0
    classes: Any = found["classes"]
    print(f"{found['title']}: {found['train']:,} train, {found['test']:,} test images")
    print(f"classes: {', '.join(classes) or 'none'}")
    for note in found["notes"]:  # type: ignore[attr-defined]
        print(f"- {note}")
    return 0


def _data_fetch(options: argparse.Namespace) -> int:
    name = options.name.strip().lower()
    # A folder that is not there yet will be made.
    folder = None if options.data_dir is None else Path(options.data_dir)
    if name in datasets.NAMES and datasets.is_available(name, folder):
        print(f"{name} is already downloaded.", file=sys.stderr)
        return 0
    job = datasets.Download(name, folder).start()
    with tqdm(unit="B", unit_scale=True, file=sys.stderr) as bar:
        try:
            while not job.wait(0.1):
                bar.n, bar.total = job.progress[0], job.progress[1] or None
                bar.set_description(job.current_file, refresh=True)
        except KeyboardInterrupt:
            job.cancel()
            job.wait()
            raise
    if job.error is not None:
        print(job.error, file=sys.stderr)
        return 1
    return 0


def run() -> int:
    """The command `aelib`."""
    return console.run(main)
