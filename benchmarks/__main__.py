"""`python -m benchmarks [NAME …]`: measures, prints, and puts the tables measured again into RESULTS.md."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

from benchmarks import (
    acting,
    exports,
    figures,
    live,
    maps,
    memory,
    neighbours,
    references,
    room,
    scaling,
    throughput,
    workshop,
)
from benchmarks.measuring import machine

BENCHMARKS = {
    "throughput": throughput.measure,
    "cost": live.measure_cost,
    "neighbours": neighbours.measure,
    "scaling": scaling.measure,
    "growth": scaling.measure_growth,
    "waiting": live.measure_waiting,
    "acting": acting.measure,
    "room": room.measure,
    "workshop": workshop.measure,
    "maps": maps.measure,
    "memory": memory.measure,
    "crowd": memory.measure_crowd,
    "figures": figures.measure,
    "references": references.measure,
    "exports": exports.measure,
}
RESULTS = Path(__file__).parent / "RESULTS.md"


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"benchmark: “{unknown[0]}” is unknown; there are {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    for name in names or BENCHMARKS:
        print(f"\n{name}", flush=True)
        table = BENCHMARKS[name]()
        stamp = f"Measured {datetime.date.today()} on {machine()}: `python -m benchmarks {name}`."
        # Read only now: while a benchmark ran, somebody may have written to the file.
        text = RESULTS.read_text("utf-8")
        RESULTS.write_text(replaced(text, f"<!-- {name} -->", f"{table.markdown()}\n{stamp}\n"), encoding="utf-8")
    return 0


def replaced(text: str, mark: str, section: str) -> str:
    """The text with the section between two marks replaced, or added at the end; what is outside of marks is written
    by hand."""
    before, found, after = text.partition(f"{mark}\n")
    if not found:
        return f"{text}{mark}\n{section}{mark}\n"
    _, _, rest = after.partition(f"{mark}\n")
    return f"{before}{mark}\n{section}{mark}\n{rest}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
