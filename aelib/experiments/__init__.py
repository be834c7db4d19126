"""Claims of the articles as experiments: arms × seeds, a measurement, a judgement. Importing this loads no torch."""

from aelib.experiments import claims
from aelib.experiments.experiment import EXPERIMENTS, Arm, Design, Effect, Experiment, Judgement, Measured, Shown
from aelib.experiments.results import Asked, Found, Question, Results, complete
from aelib.experiments.server import Experiments, Progress

__all__ = [
    "EXPERIMENTS",
    "Arm",
    "Asked",
    "Design",
    "Effect",
    "Experiment",
    "Experiments",
    "Found",
    "Judgement",
    "Measured",
    "Progress",
    "Question",
    "Results",
    "Shown",
    "claims",
    "complete",
]
