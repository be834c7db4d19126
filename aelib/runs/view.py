"""What others get of a run: its view to draw, and its newest state to ask about."""

from __future__ import annotations

from dataclasses import dataclass

from distributed import Future

from aelib.analysis.diagnosis import Finding
from aelib.cluster.engine import ReadyData
from aelib.runs.history import Annotation, CurvePoint, PcaBaseline
from aelib.runs.status import Shortage, Status
from aelib.spec.config import Knobs, RunConfig
from aelib.spec.phases import Phase
from aelib.train.slices import Frame


@dataclass(frozen=True)
class RunView:
    """A run as it is at one moment, for drawing. `frames` are the recorded ones, `newest` may have newer
    images than metrics.
    `rate`: images a second; `seconds_left`: of the budget. `phases`: those that have begun. `findings`:
    what there is to say of the network where the run rests. `place`: 0, or the run's
    place among those that wait until others have trained, or (`shortage`) have given memory back."""

    id: str
    config: RunConfig
    knobs: Knobs
    status: Status
    message: str
    asleep: bool
    place: int
    shortage: Shortage
    step: int
    budget: int
    steps_per_epoch: float
    rate: float | None
    seconds_left: float | None
    version: int
    curve: tuple[CurvePoint, ...]
    frames: tuple[Frame, ...]
    newest: Frame | None
    annotations: tuple[Annotation, ...]
    pca: tuple[PcaBaseline, ...]
    phases: tuple[Phase, ...]
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class Reached:
    """The newest state of a run: its `link` on the engine, with the run's data beside it."""

    step: int
    link: Future
    ready: ReadyData
