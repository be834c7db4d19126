"""`aelib lessons list | check`: the lessons, and a proof that the goal of every step can be reached."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tqdm import tqdm

from aelib import datasets
from aelib.host.cores import wait_briefly
from aelib.spec.config import Knobs, RunConfig
from aelib.train import slices
from aelib.workshop.lessons import Goal, Lesson, Measured, read, shipped

if TYPE_CHECKING:
    from aelib.train.resident import Basis, Data

# Everybody has this dataset.
DATASET = "digits"
SEEDS = 3


def add_lessons(commands: Any) -> None:
    """Adds the commands to the parser's."""
    group = commands.add_parser("lessons", help="list the lessons, or check lesson files").add_subparsers(required=True)
    listing = group.add_parser("list", help="list the lessons")
    listing.add_argument("--json", action="store_true", help="as JSON on stdout")
    listing.set_defaults(command=_list)
    check = group.add_parser("check", help="train the settings of every step and see whether its goal is reached")
    check.add_argument("files", nargs="*", metavar="FILE", help="lesson files (default: the lessons of the app)")
    check.add_argument("--quick", action="store_true", help=f"with one seed instead of {SEEDS}")
    check.add_argument("--json", action="store_true", help="the result as JSON on stdout")
    check.set_defaults(command=_check)


def _list(options: argparse.Namespace) -> int:
    if options.json:
        rows = [
            {"id": one.id, "title": one.title, "minutes": one.minutes, "steps": [step.title for step in one.steps]}
            for one in shipped()
        ]
        print(json.dumps(rows, indent=2))
    else:
        for one in shipped():
            print(f"{one.id:<12} {one.title}  ({len(one.steps)} steps, about {one.minutes} minutes)")
    return 0


@dataclass(frozen=True)
class Trial:
    """A goal, and the settings that are to reach it with this seed."""

    lesson: Lesson
    step: int
    goal: Goal
    config: RunConfig


def trials(lessons: tuple[Lesson, ...], seeds: int) -> list[Trial]:
    """All goals of `lessons`, each with so many seeds. Steps count from 1."""
    return [
        Trial(lesson, number, step.goal, step.settings(DATASET, seed))
        for lesson in lessons
        for number, step in enumerate(lesson.steps, 1)
        if step.goal is not None
        for seed in range(seeds)
    ]


def _check(options: argparse.Namespace) -> int:
    lessons = tuple(read(Path(file)) for file in options.files) or shipped()
    results = []
    for result in _results(trials(lessons, 1 if options.quick else SEEDS)):
        results.append(result)
        if not options.json:
            _print_result(result)
    missed = [result for result in results if not result["met"]]
    if options.json:
        print(json.dumps(results, indent=2))
    elif missed:
        print(f"{len(missed)} of {len(results)} goals were not reached.")
    else:
        print(f"{len(lessons)} lessons are valid, and all {len(results)} goals were reached.")
    return 1 if missed else 0


def _results(asked: list[Trial]) -> Iterator[dict[str, Any]]:
    """One after another, with a progress bar on stderr; settings that are the same are trained once."""
    if not asked:
        return
    wait_briefly()
    # Imported here: what is wrong with a file is said at once.
    from aelib.train import hardware

    hardware.settle_process()
    data = slices.load_data(datasets.load(DATASET))
    basis = slices.fit_basis(data)
    known: dict[RunConfig, tuple[Measured, float]] = {}
    for trial in tqdm(asked, unit="goal", file=sys.stderr):
        if trial.config not in known:
            known[trial.config] = _measured(trial.config, data, basis)
        measured, seconds = known[trial.config]
        yield {
            "lesson": trial.lesson.id,
            "step": trial.step,
            "title": trial.lesson.steps[trial.step - 1].title,
            "goal": str(trial.goal),
            "seed": trial.config.seed,
            "met": trial.goal.met(measured),
            "steps": measured.steps,
            "test_mse": measured.test_mse,
            "pca": measured.pca,
            "active_units": measured.active_units,
            "seconds": round(seconds, 2),
        }


def _measured(config: RunConfig, data: Data, basis: Basis) -> tuple[Measured, float]:
    """What a run with these settings knows at its end, and the seconds that it took; a run that diverged has no test
    error."""
    from aelib.train.loop import trained

    began = time.perf_counter()
    *_, link = trained(config, data, config.steps(len(data.train)))
    knobs = Knobs.of(config)
    frame = None if link.diverged else slices.measure(link, data, knobs, None)
    pca = None if config.colour else slices.pca_baseline(data, basis, config, knobs)
    metrics = None if frame is None else frame.metrics
    return Measured.of(config, link.state.step, metrics, pca), time.perf_counter() - began


def _print_result(result: dict[str, Any]) -> None:
    numbers = [f"test MSE {result['test_mse']:.4f}"] if result["test_mse"] is not None else []
    numbers += [f"PCA {result['pca']:.4f}"] if result["pca"] is not None else []
    numbers += [f"active units {result['active_units']:.0%}"] if result["active_units"] is not None else []
    said = "reached" if result["met"] else "NOT REACHED"
    print(
        f"{result['lesson']}, step {result['step']}, seed {result['seed']}: {said}: {result['goal']}  "
        f"({', '.join(numbers)}, {result['steps']} steps, {result['seconds']:.1f} s)",
        flush=True,
    )
