"""Autoencoder Lab on the command line: `aelib app | recipes | train | export | import | anomalies | experiments |
lessons | verify | data`, also as `python -m aelib …`."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

import aelib
from aelib import datasets
from aelib.analysis.anomalies.groups import DISTORTIONS
from aelib.analysis.diagnosis import Finding, complete, findings, measure_state
from aelib.cli import console
from aelib.cli.anomalies import anomalies
from aelib.cli.app import serve
from aelib.cli.experiments import add_experiments
from aelib.cli.exporting import add_export_options, add_import_options, export, import_
from aelib.cli.lessons import add_lessons
from aelib.cli.training import (
    add_training_options,
    config_of,
    dataset_of,
    diverged,
    epochs_of,
    keep,
    place_for_run,
    trained,
    use_data_dir,
)
from aelib.export import CannotExport
from aelib.host.cores import wait_briefly
from aelib.runs import Unreadable
from aelib.runs.recording import Recording
from aelib.spec.architecture import plan
from aelib.spec.config import Knobs
from aelib.spec.fields import InvalidInput
from aelib.spec.recipes import RECIPES, find

DATASET = "DATASET[:CLASSES]"
# Sentences of the list of recipes are broken into lines of this length.
LINE = 100


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command; 0 is success, 2 bad input (one sentence on stderr), 1 a run that diverged. See also
    `console.run`."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except (InvalidInput, datasets.NoRoom, Unreadable, CannotExport) as problem:
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
    add_training_options(train)
    train.add_argument("--out", metavar="FOLDER", help="keep the run there: weights, curve and recorded moments")
    train.add_argument("--json", action="store_true", help="the result as JSON on stdout")
    train.set_defaults(command=_train)

    take_home = commands.add_parser("export", help="write a run as a script, a notebook, ONNX, a report, …")
    add_export_options(take_home)
    take_home.set_defaults(command=export)

    bring = commands.add_parser("import", help="keep a run that was exported elsewhere")
    add_import_options(bring)
    bring.set_defaults(command=import_)

    rank = commands.add_parser("anomalies", help="how well a network and other methods tell anomalous images apart")
    rank.add_argument("recipe", metavar="RUN_OR_RECIPE", help="id of a stored run, or a recipe that is trained first")
    rank.add_argument(
        "--normal", required=True, metavar=DATASET, help="their test images; a recipe is trained on the others"
    )
    rank.add_argument(
        "--anomalous", required=True, metavar=DATASET, help=f"these, or the normal images {' | '.join(DISTORTIONS)}"
    )
    add_training_options(rank)
    rank.add_argument("--json", action="store_true", help="the result as JSON on stdout")
    rank.set_defaults(command=anomalies)

    add_experiments(commands)
    add_lessons(commands)

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
    return serve(options.port, options.address, headless=options.headless)


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
    use_data_dir(options.data_dir)
    config, steps = config_of(options)
    dataset = dataset_of(datasets.default_name() if options.dataset is None else options.dataset)
    config = replace(config, dataset=dataset.name)
    datasets.check_classes(config, dataset)
    if steps is None:
        steps = config.steps(len(dataset.train_images), epochs_of(options))
    place = None if options.out is None else place_for_run(options.out)

    wait_briefly()
    # Imported here: `recipes` and `data` need no torch and answer at once.
    from aelib.train import hardware
    from aelib.train.metrics import Evaluation, evaluate
    from aelib.train.trainer import init, prepare, probe

    hardware.settle_process()
    data = prepare(dataset)
    recording = None if place is None else Recording(config, data, steps)
    state, threads, seconds = trained(config, data, steps, recording)
    if state.step < steps:
        print(diverged(state), file=sys.stderr)
        return 1

    def measure(_: int) -> tuple[Evaluation, tuple[Finding, ...]]:
        measured = evaluate(state, data)
        if not complete(config, len(dataset.train_images), steps):
            return measured, ()
        first = probe(init(config, data), data, Knobs.of(config)).test_mse
        return measured, findings(measure_state(state, data), config, first)

    measured, found = hardware.computed(threads[-1], measure)
    if place is not None and recording is not None:
        keep(recording.record(state, found), dataset, place)
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
    use_data_dir(options.data_dir)
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
    use_data_dir(options.data_dir)
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
        print(json.dumps(found, indent=2))
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
