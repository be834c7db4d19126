"""What experiments measure of a finished run: each measurement is a function that returns named numbers."""

from aelib.analysis.experiments import classifying, codes, generating, reconstructing, restoring
from aelib.analysis.experiments.measurement import MEASUREMENTS, Measurement, Values, measure, part_of

__all__ = [
    "MEASUREMENTS",
    "Measurement",
    "Values",
    "classifying",
    "codes",
    "generating",
    "measure",
    "part_of",
    "reconstructing",
    "restoring",
]
