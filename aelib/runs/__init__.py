"""Training runs: what each is doing, what it remembers, and where it is kept."""

from aelib.runs.history import Annotation, CurvePoint, PcaBaseline
from aelib.runs.registry import Full, Runs
from aelib.runs.run import Run
from aelib.runs.store import Label, Store, Summary, Unreadable
from aelib.runs.view import Reached, RunView

__all__ = [
    "Annotation",
    "CurvePoint",
    "Full",
    "Label",
    "PcaBaseline",
    "Reached",
    "Run",
    "RunView",
    "Runs",
    "Store",
    "Summary",
    "Unreadable",
]
