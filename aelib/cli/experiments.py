"""`aelib experiments list | run`: claims of the articles, each trained with several seeds, measured and judged."""

from __future__ import annotations

import argparse
import json
import sys
import textwrap
import time
from collections.abc import Iterator
from typing import Any

from tqdm import tqdm

from aelib import datasets
from aelib.cli.training import dataset_of, use_data_dir
from aelib.experiments import EXPERIMENTS, Asked, Experiment, Found, Judgement, Results, complete
from aelib.experiments.expected import EXPECTED
from aelib.experiments.experiment import number
from aelib.experiments.local import Laboratory
from aelib.host.cores import wait_briefly
from aelib.spec.fields import InvalidInput, Whole

# Student's t needs two numbers.
FEWEST_SEEDS, MOST_SEEDS = 2, 100
_LINE = 100


def add_experiments(commands: Any) -> None:
    """Adds the commands to the parser's."""
    group = commands.add_parser("experiments", help="claims of the articles as experiments").add_subparsers(
        required=True
    )
    listing = group.add_parser("list", help="list the experiments")
    listing.add_argument("--json", action="store_true", help="as JSON on stdout")
    listing.set_defaults(command=_list)
    run = group.add_parser("run", help="train, measure and judge one experiment, or all")
    run.add_argument("id", nargs="?", help="an experiment's id, such as C15")
    run.add_argument("--all", action="store_true", help="all of them, and compare with the verdicts expected")
    run.add_argument("--full", action="store_true", help="with the recipes' own numbers of epochs (takes hours)")
    run.add_argument("--seeds", help="number of seeds (default: the experiment's)")
    run.add_argument("--dataset", help="name of a dataset (default: MNIST, or the bundled digits)")
    run.add_argument("--data-dir", help="folder of MNIST, KMNIST and FashionMNIST (default: AELIB_DATA_DIR)")
    run.add_argument("--json", action="store_true", help="the result as JSON on stdout")
    run.set_defaults(command=_run)


def _list(options: argparse.Namespace) -> int:
    rows = [
        {
            "id": one.id,
            "claim": one.claim,
            "source": "; ".join(one.sources),
            "arms": [arm.label for arm in one.arms],
            "seeds": one.seeds,
            "seconds": one.seconds,
            "convolutional": one.convolutional,
        }
        for one in _all()
    ]
    if options.json:
        print(json.dumps(rows, indent=2))
    else:
        for row in rows:
            print(f"{row['id']:>4}  {row['claim']}  ({row['source']}; about {row['seconds']} s)")
    return 0


def _all() -> list[Experiment]:
    return sorted(EXPERIMENTS.values(), key=lambda one: number(one.id))


def _run(options: argparse.Namespace) -> int:
    use_data_dir(options.data_dir)
    chosen = _chosen(options)
    seeds = None if options.seeds is None else Whole(FEWEST_SEEDS, MOST_SEEDS).parse("--seeds", options.seeds)
    dataset = dataset_of(datasets.default_name() if options.dataset is None else options.dataset)
    if not dataset.has_classes:
        raise InvalidInput("--dataset", dataset.name, "a dataset with at least two classes")
    # It is found again by its name.
    try:
        datasets.load(dataset.name)
    except InvalidInput:
        raise InvalidInput("--dataset", options.dataset, "the name of a dataset") from None
    asked = [(one, Asked(one, dataset.name, seeds or one.seeds, options.full)) for one in chosen]
    found = []
    for result in _results(asked):
        found.append(result)
        if not options.json:
            _print_result(result)
    if options.json:
        print(json.dumps(found if options.all else found[0], indent=2))
    if not options.all:
        return 0
    different = [result for result in found if result["expected"] not in (None, result["verdict"])]
    for result in different:
        print(f"{result['id']}: {result['expected']} was expected, {result['verdict']} was found.", file=sys.stderr)
    return 1 if different else 0


def _chosen(options: argparse.Namespace) -> list[Experiment]:
    """Raises `InvalidInput`."""
    if options.all == (options.id is not None):
        raise InvalidInput("ID", options.id or "", "the id of one experiment, such as C15, or --all instead")
    if options.all:
        return _all()
    experiment = EXPERIMENTS.get(options.id.strip().upper())
    if experiment is None:
        raise InvalidInput("ID", options.id, "one of " + ", ".join(one.id for one in _all()))
    return [experiment]


def _results(all_asked: list[tuple[Experiment, Asked]]) -> Iterator[dict[str, Any]]:
    """One after another, with a progress bar on stderr. What is measured is stored at once."""
    wait_briefly()
    # Imported here: what is wrong with the options is said at once.
    from aelib.train import hardware

    hardware.settle_process()
    results = Results(datasets.home())
    laboratory = Laboratory(results)
    for experiment, asked in all_asked:
        began = time.perf_counter()
        with tqdm(total=1, unit="run", file=sys.stderr, desc=experiment.id, bar_format=_BAR) as bar:

            def note(done: int, total: int, bar: tqdm[Any] = bar) -> None:
                bar.total, bar.n = total, done
                bar.refresh()

            laboratory.run(asked, note)
        found = results.measured(asked)
        measured = complete(asked, found)
        assert measured is not None, "the laboratory answers all questions"
        yield _result(experiment, asked, found, experiment.judge(measured), time.perf_counter() - began)


_BAR = "{desc}: {bar} {n_fmt}/{total_fmt} runs [{elapsed}]"


def _result(experiment: Experiment, asked: Asked, found: Found, judgement: Judgement, seconds: float) -> dict[str, Any]:
    verdict = judgement.verdict
    first = experiment.shows[0]
    effects = [
        {"title": one.title, "mean": one.mean.value, "low": one.mean.low, "high": one.mean.high}
        for one in judgement.effects
    ]
    usual = asked.seeds == experiment.seeds
    expected = EXPECTED.get(asked.dataset, {}).get(experiment.id) if usual else None
    return {
        "id": experiment.id,
        "claim": experiment.claim,
        "source": "; ".join(experiment.sources),
        "dataset": asked.dataset,
        "measured": first.title,
        "arms": [
            {
                "label": label,
                "values": [values[first.name] for values in of_arm if values is not None],
                "all": [values for values in of_arm if values is not None],
            }
            for label, of_arm in found.items()
        ],
        "effect": {name: effects[0][name] for name in ("mean", "low", "high")},
        "effects": effects,
        "verdict": str(verdict.outcome),
        "depends_on": verdict.why if verdict.outcome == "depends" else "",
        "reason": verdict.reason + (f" ({verdict.why})" if verdict.why and verdict.outcome != "depends" else ""),
        "conditions": verdict.conditions,
        "expected": None if expected is None else str(expected),
        "seconds": round(seconds, 1),
    }


def _print_result(result: dict[str, Any]) -> None:
    print(
        f"{result['id']}  {result['claim']}: {result['verdict'].upper()}"
        + (f" on {result['depends_on']}" if result["depends_on"] else "")
    )
    for text in (f"{result['reason']}.", result["conditions"]):
        print(textwrap.fill(text, _LINE, initial_indent=" " * 5, subsequent_indent=" " * 5))
    print(f"     {result['seconds']:.0f} s")
