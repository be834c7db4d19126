"""`aelib anomalies`: how well a network, and methods without one, tell anomalous images from normal ones."""

from __future__ import annotations

import argparse
import json
import sys
from contextlib import suppress
from dataclasses import replace
from typing import Any

from aelib import datasets
from aelib.analysis.anomalies import scores
from aelib.analysis.anomalies.groups import DISTORTIONS, Group, distorted, group_of
from aelib.analysis.anomalies.ranking import Ranking
from aelib.cli.training import (
    config_of,
    dataset_of,
    dataset_of_run,
    diverged,
    epochs_of,
    stored_run,
    trained,
    use_data_dir,
)
from aelib.datasets import Dataset
from aelib.host.cores import wait_briefly
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput
from aelib.spec.recipes import RECIPES, find
from aelib.spec.state import State

_TRAINING = ("epochs", "steps", "seed", "set")


def anomalies(options: argparse.Namespace) -> int:
    """Trains a recipe on the normal images, or takes a stored run, and prints the AUROC of every score."""
    use_data_dir(options.data_dir)
    normal = dataset_of(options.normal)
    groups = group_of(normal), _anomalous(options.anomalous, normal)
    stored = _stored(options)
    if stored is None:
        config, steps = config_of(options)
        config = replace(config, dataset=normal.name)
        home = normal
    else:
        config = stored.config
        home = dataset_of_run(config.dataset, options.recipe)
    datasets.check_classes(config, home)

    wait_briefly()
    # Imported here: what is wrong with the options is said at once.
    from aelib.train import hardware
    from aelib.train.trainer import prepare

    hardware.settle_process()
    data = prepare(home)
    if stored is None:
        steps = config.steps(len(home.train_images), epochs_of(options)) if steps is None else steps
        stored, _, _ = trained(config, data, steps)
        if stored.step < steps:
            print(diverged(stored), file=sys.stderr)
            return 1
    with hardware.one_thread():
        rankings = _rankings(stored, config, data, *groups)
    result = {
        "normal": normal.name,
        "anomalous": groups[1].title,
        "n_normal": len(groups[0].images),
        "n_anomalous": len(groups[1].images),
        "scores": [
            {"name": name, "auroc": one.auroc.value, "low": one.auroc.low, "high": one.auroc.high}
            for name, one in rankings.items()
        ],
    }
    if options.json:
        print(json.dumps(result, indent=2))
    else:
        _print_result(result)
    return 0


def _anomalous(name: str, normal: Dataset) -> Group:
    """The anomalous images, with their name as the title. Raises `InvalidInput`, also where they are normal ones."""
    if name in DISTORTIONS:
        return replace(distorted(group_of(normal), name), title=name)
    dataset = dataset_of(name)
    found = group_of(dataset, title=dataset.name)
    if datasets.whole(dataset.name) == datasets.whole(normal.name) and set(found.names) & set(group_of(normal).names):
        raise InvalidInput("--anomalous", name, "other classes than the normal ones, or another dataset")
    return found


def _stored(options: argparse.Namespace) -> State | None:
    """The network of a stored run; None for a recipe. Raises `InvalidInput` for what is neither."""
    with suppress(InvalidInput):
        find(options.recipe)
        return None
    allowed = f"the id of a stored run, a folder of “train --out”, or one of {', '.join(RECIPES)}"
    state = stored_run(options.recipe, "RUN_OR_RECIPE", allowed).state
    for name in _TRAINING:
        if getattr(options, name):
            raise InvalidInput(f"--{name}", getattr(options, name), "a recipe with it: a stored run is not trained")
    return state


def _rankings(state: State, config: RunConfig, data: Any, normal: Group, anomalous: Group) -> dict[str, Ranking]:
    """What the Anomalies page measures."""
    from aelib.train.projection import fit_pca
    from aelib.train.slices import NO_IMAGES, Slice

    link, basis, components = Slice(state, None, NO_IMAGES), fit_pca(data), scores.pca_components(config)
    images = normal.images, anomalous.images
    if config.colour:
        print("A network that outputs colours has no reconstruction error on grey images.", file=sys.stderr)
    own = {name: scores.by_network(link, data, name, *images) for name in scores.of_network(config)}
    return own | {name: scores.by_rival(data, basis, name, components, *images) for name in scores.RIVALS}


def _print_result(result: dict[str, Any]) -> None:
    print(
        f"{result['n_normal']:,} normal images ({result['normal']}), {result['n_anomalous']:,} anomalous ones "
        f"({result['anomalous']})"
    )
    print(f"{'score':<26} {'AUROC':>6}  95 % interval")
    for score in sorted(result["scores"], key=lambda score: -score["auroc"]):
        print(f"{score['name']:<26} {score['auroc']:>6.3f}  {score['low']:.3f} – {score['high']:.3f}")
