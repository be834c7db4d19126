"""`python -m aelib.example`: trains the example again."""

from __future__ import annotations

import tempfile
import time
from concurrent.futures import Future as Promise
from pathlib import Path

from aelib import datasets
from aelib.cluster.engine import Engine
from aelib.example import CONFIG, FOLDER, save
from aelib.runs import Runs
from aelib.runs.status import Status


def main() -> None:
    engine: Promise[Engine] = Promise()
    engine.set_result(Engine.start())
    with tempfile.TemporaryDirectory() as home:
        runs = Runs(engine, Path(home))
        run = runs.create(CONFIG, "example", train=True)
        while run.status in (Status.STARTING, Status.TRAINING) or not run.resting:
            run.touch()
            time.sleep(0.1)
        save(run.view(), datasets.load(CONFIG.dataset), FOLDER)
        runs.close()


if __name__ == "__main__":
    main()
