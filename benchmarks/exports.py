"""Do exported scripts, started anew, reach what `aelib verify` asks of the app itself?

`python -m benchmarks exports` trains the script of every recipe on MNIST at the quick budgets, in processes of their
own, and compares its error with the reference figure. Tests check that a script with the run's weights scores the same.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from aelib import datasets
from aelib.cli.verification import EXPECTED, QUICK_TOLERANCE, settings
from aelib.export.origin import TRAIN_COUNT, origin
from aelib.export.pytorch import script
from benchmarks.measuring import Table


def error_of(code: str) -> float:
    """The last error that a script prints: on corrupted images, where it has any."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "model.py").write_text(code, "utf-8")
        environment = {**os.environ, "DATA_DIR": str(datasets.data_dir())}
        command = [sys.executable, "model.py"]
        done = subprocess.run(command, cwd=folder, env=environment, check=True, capture_output=True, text=True)
    return float(re.findall(r"MSE.*: (\S+)$", done.stdout, re.MULTILINE)[-1])


def measure() -> Table:
    table = Table(
        "Exported scripts",
        "Test MSE on MNIST of each recipe's PyTorch script, trained anew at the quick budgets of `aelib verify`; with "
        "corruption: on corrupted test images. Outputs are clipped to [0, 1], those of the reference are not.",
        ("recipe", "test MSE", "reference", "ratio", "allowed", "seconds"),
    )
    for recipe, expected in EXPECTED.items():
        budget = expected.quick
        config = settings(recipe, budget)
        steps = budget.steps or config.steps(TRAIN_COUNT, budget.epochs)
        began = time.perf_counter()
        error = error_of(script(config, origin("mnist", "MNIST"), steps))
        seconds = time.perf_counter() - began
        allowed = 1 + max(QUICK_TOLERANCE, expected.scatter)
        row = (
            recipe,
            f"{error:.5f}",
            f"{budget.error:.5f}",
            f"{error / budget.error:.3f}",
            f"{allowed:.2f}",
            f"{seconds:.0f}",
        )
        print(*row, file=sys.stderr, flush=True)
        table.add(*row)
    return table
