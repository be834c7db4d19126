"""What the commands have in common that train a network: their options, the data, and the training itself."""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from tqdm import tqdm

from aelib import datasets
from aelib.datasets import store
from aelib.host import limits
from aelib.runs.record import FACTS, Record, write
from aelib.runs.recording import Recording
from aelib.runs.store import Missing
from aelib.runs.store import find as stored
from aelib.spec.config import KINDS, RunConfig, with_changes
from aelib.spec.constraints import checked
from aelib.spec.fields import DatasetName, InvalidInput, Real, Whole
from aelib.spec.recipes import find
from aelib.spec.state import State


def add_training_options(parser: argparse.ArgumentParser) -> None:
    """Adds what `config_of` and `epochs_of` read."""
    parser.add_argument("--data-dir", help="folder of MNIST, KMNIST and FashionMNIST (default: AELIB_DATA_DIR)")
    parser.add_argument("--epochs", help="number of epochs (default: the recipe's)")
    parser.add_argument("--steps", help="number of optimizer steps instead of epochs")
    parser.add_argument("--seed", help="the same seed gives the same run (to the last bit with AELIB_THREADS fixed)")
    parser.add_argument("--set", action="append", default=[], metavar="FIELD=VALUE", help="change a setting")


def config_of(options: argparse.Namespace) -> tuple[RunConfig, int | None]:
    """The config that the options ask for, and the number of steps, where they name it. Raises `InvalidInput`."""
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


def epochs_of(options: argparse.Namespace) -> float | None:
    """The number of epochs, where the options name it. Raises `InvalidInput`."""
    return None if options.epochs is None else Real(0.001, 10_000).parse("--epochs", options.epochs)


def dataset_of(name: str) -> datasets.Dataset:
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


def use_data_dir(folder: str | None) -> None:
    """Looks for MNIST and its kin there. Raises `InvalidInput` where there is no such folder."""
    if folder is None:
        return
    if not os.path.isdir(folder):
        raise InvalidInput("--data-dir", folder, "a folder that exists")
    os.environ["AELIB_DATA_DIR"] = folder


def trained(
    config: RunConfig, data: Any, steps: int, recording: Recording | None = None
) -> tuple[State, list[int], float]:
    """Trains with a progress bar on stderr; (the last good state, each slice's threads, seconds of training, those of
    `recording` it not among them)."""
    from aelib.train.loop import trained as slices

    # torch loads much of itself at the first batch. It is trained twice, so that the time is that of training alone.
    (first,) = slices(config, data, 1)
    state, threads = first.state, []
    began, noting = time.perf_counter(), 0.0
    next_stop = None if recording is None else recording.next_stop
    with tqdm(total=steps, unit="batch", file=sys.stderr) as bar:
        for link in slices(config, data, steps, next_stop):
            state, progress = link.state, link.progress
            if progress is not None:
                threads.append(progress.threads)
                bar.update(progress.steps)
                bar.set_postfix(loss=f"{progress.train_loss:.4f}", refresh=False)
                if recording is not None:
                    noted = time.perf_counter()
                    recording.note(link)
                    noting += time.perf_counter() - noted
    return state, threads, time.perf_counter() - began - noting


def diverged(state: State) -> str:
    """What is said of a run that `trained` could not train to its end."""
    return f"The error grew beyond all bounds after step {state.step}: try a smaller learning_rate."


def stored_run(run: str, field: str, allowed: str) -> Record:
    """The run with this id, or in this folder (see `aelib.runs.store.find`). Raises `InvalidInput` where there is none,
    which says what is `allowed`, and `Unreadable`."""
    try:
        return stored(run, datasets.home())
    except Missing:
        raise InvalidInput(field, run, allowed) from None


def dataset_of_run(name: str, run: str) -> datasets.Dataset:
    """The data set that a stored run was trained on; one of the user's own may lie in the run's folder. Raises
    `InvalidInput`."""
    beside = os.path.expanduser(run)
    own = not datasets.is_available(name) and datasets.is_available(name, home=beside)
    return datasets.load(name, home=beside if own else None)


def place_for_run(folder: str) -> Path:
    """The folder that a run is to be kept in, made if it is not there. Raises `InvalidInput`, also where there is a run
    already."""
    place = Path(os.path.expanduser(folder))
    try:
        place.mkdir(parents=True, exist_ok=True)
        taken = (place / FACTS).exists()
    except (OSError, ValueError):
        raise InvalidInput("--out", folder, "a folder that can be written, or a path where one can be made") from None
    if taken:
        raise InvalidInput("--out", folder, "a folder that holds no run yet")
    return place


def keep(record: Record, dataset: datasets.Dataset, place: Path) -> None:
    """Writes a run into its folder, with its images where they are the user's own. Raises `InvalidInput`, also where
    another process has kept a run there meanwhile."""
    if (place / FACTS).exists():
        raise InvalidInput("--out", place.name, "a folder in which nobody else keeps a run meanwhile")
    if datasets.whole(dataset.name) not in datasets.NAMES:
        # Some classes of a data set of one's own are stored as one of their own.
        dataset = store.named(dataset)
        store.write(dataset, place)
        record = replace(record, config=replace(record.config, dataset=dataset.name))
    try:
        write(record, place)
    except OSError as error:
        raise InvalidInput("--out", place.name, f"a folder that can be written ({error.strerror or error})") from None
