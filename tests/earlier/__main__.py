"""Writes what the present version leaves behind: `python -m tests.earlier FOLDER`, once a version."""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path

import numpy as np

from aelib import datasets
from aelib.cluster.engine import Engine
from aelib.datasets import store
from aelib.runs import Runs
from aelib.runs.store import Store
from aelib.spec.config import RunConfig
from aelib.spec.constraints import repaired
from aelib.spec.recipes import RECIPES
from aelib.spec.serialization import from_query, to_json, to_query
from tests.runs.waiting import wait_for, wait_for_rest
from tests.samples import cut

OWNER = "a visitor of then"
# Small networks: one of every family, method and regularizer, in grey and in colour.
RUNS: dict[str, dict[str, object]] = {
    "dense": {"optimizer": "adam", "widths": (6,), "code_size": 4, "corruption": "gaussian", "decoder_widths": (9, 7)},
    "conv-pool": {"family": "conv-pool", "widths": (3, 2), "corruption": "block", "frozen_noise": True},
    "conv-stride": {"family": "conv-stride", "widths": (2, 3, 3), "colour": True},
    "conv-dense": {"family": "conv-dense", "widths": (2, 2), "code_size": 3, "optimizer": "adadelta", "loss": "bce"},
    "variational": {"widths": (8,), "code_size": 2, "regularizer": "variational", "loss": "bce"},
    "k-sparse": {"widths": (), "code_size": 12, "regularizer": "k-sparse", "active_units": 3, "tied": True},
    "contractive": {"widths": (), "code_size": 6, "regularizer": "contractive", "optimizer": "rmsprop-tf1"},
    "kl-sparsity": {"widths": (), "code_size": 6, "regularizer": "kl-sparsity", "code_activation": "sigmoid"},
    "l1-weights": {"widths": (5,), "code_size": 4, "regularizer": "l1-weights", "max_steps": 9},
    "stacked": {"widths": (8,), "code_size": 3, "method": "stacked", "pretrain_epochs": 1, "epochs": 4},
    "rbm": {"widths": (8,), "code_size": 3, "method": "rbm", "pretrain_epochs": 1, "epochs": 4, "persistent": True}
    | {"batch_size": 64},
    "recirculation": {"widths": (), "code_size": 5, "method": "recirculation", "code_activation": "sigmoid"},
}


def small(**changes: object) -> RunConfig:
    base = RunConfig(dataset="digits", batch_size=512, epochs=2, learning_rate=0.01, optimizer="sgd", seed=7)
    return repaired(replace(base, **changes))[0]  # type: ignore[arg-type]


def main(folder: Path) -> None:
    home = folder / "home"
    os.environ["AELIB_HOME"] = str(home.resolve())
    own = store.named(replace(cut(datasets.load("digits"), 60, 20), title="Digits of mine"), OWNER)
    store.write(own, home, OWNER)
    configs = {name: small(**changes) for name, changes in RUNS.items()}
    configs["own data"] = small(dataset=own.name, widths=(), code_size=3)
    promise: Future[Engine] = Future()
    promise.set_result(Engine.start())
    runs = Runs(promise, home)
    facts: dict[str, object] = {}
    for name, config in configs.items():
        run = runs.create(config, OWNER, train=True)
        wait_for(run, lambda view: view.step >= 2)
        run.pause()
        view = wait_for_rest(run)
        arrays = Store(home).load(run.id).state.arrays
        facts[run.id] = {
            "name": name,
            "config": to_json(config),
            "step": view.step,
            "frames": len(view.frames),
            "sums": {key: float(np.abs(array, dtype=np.float64).sum()) for key, array in arrays.items()},
        }
    runs.close()
    promise.result().close()
    (home / ".lock").unlink(missing_ok=True)
    links = [to_query(config) for config in (*configs.values(), *(recipe.config for recipe in RECIPES.values()))]
    links.append(to_query(replace(RECIPES["relu-128"].config, dataset="kmnist", widths=(64, 32), epochs=3)))
    meanings = [to_json(read(link)) for link in links]
    told = {
        "owner": OWNER,
        "runs": facts,
        "links": [{"query": a, "means": b} for a, b in zip(links, meanings, strict=True)],
    }
    (folder / "told.json").write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n", "utf-8")


def read(link: dict[str, str]) -> RunConfig:
    config, problems = from_query(link)
    assert not problems
    return config


if __name__ == "__main__":
    main(Path(sys.argv[1]))
