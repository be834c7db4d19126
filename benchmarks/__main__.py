"""`python -m benchmarks [NAME …]`: measures, prints, and writes RESULTS.md with the tables measured anew."""

from __future__ import annotations

import datetime
import sys
from pathlib import Path

from benchmarks import acting, figures, live, references, throughput
from benchmarks.measuring import machine

BENCHMARKS = {
    "throughput": throughput.measure,
    "cost": live.measure_cost,
    "waiting": live.measure_waiting,
    "acting": acting.measure,
    "figures": figures.measure,
    "references": references.measure,
}
RESULTS = Path(__file__).parent / "RESULTS.md"


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"benchmark: “{unknown[0]}” is unknown; there are {', '.join(BENCHMARKS)}.", file=sys.stderr)
        return 2
    kept = RESULTS.read_text("utf-8") if RESULTS.exists() else ""
    for name in names or BENCHMARKS:
        print(f"\n{name}", flush=True)
        table = BENCHMARKS[name]()
        stamp = f"Measured {datetime.date.today()} on {machine()}: `python -m benchmarks {name}`."
        kept = _replaced(kept, f"<!-- {name} -->", f"{table.markdown()}\n{stamp}\n")
        RESULTS.write_text(f"{_TITLE}{kept.removeprefix(_TITLE)}", encoding="utf-8")
    return 0


_TITLE = "# Results\n\nRatios within one run count; the figures themselves vary with the machine and its mood.\n\n"


def _replaced(text: str, mark: str, section: str) -> str:
    """The text with the section between two marks replaced, or added at the end."""
    before, found, after = text.partition(f"{mark}\n")
    if not found:
        return f"{text}{mark}\n{section}{mark}\n"
    _, _, rest = after.partition(f"{mark}\n")
    return f"{before}{mark}\n{section}{mark}\n{rest}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
