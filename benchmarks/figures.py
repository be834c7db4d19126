"""Every recipe on MNIST beside the figure that a faithful implementation reaches: `aelib verify` as a table."""

from __future__ import annotations

from aelib.cli.verification import EXPECTED, TOLERANCE, verify
from benchmarks.measuring import Table


def measure() -> Table:
    table = Table(
        "Figures reached",
        "Test MSE on all 10,000 test pictures of MNIST (damaged ones, for recipes with damage), seed 0. A recipe "
        f"passes where it is at most {TOLERANCE:.0%} above the reference.",
        ("recipe", "epochs", "test MSE", "reference", "from", "ratio", "seconds", ""),
    )
    for verdict in verify(list(EXPECTED), quick=False):
        expected = EXPECTED[verdict.recipe]
        table.add(
            verdict.recipe,
            f"{expected.full.epochs:g}",
            f"{verdict.error:.5f}",
            f"{verdict.expected:.5f}",
            expected.source,
            f"{verdict.ratio:.3f}",
            f"{verdict.seconds:.1f}",
            "passed" if verdict.passed else "falls short",
        )
    return table
