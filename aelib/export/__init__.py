"""A run in forms that live without the app: a script, a notebook, ONNX, weights with a model card, a report."""

from aelib.export.formats import FORMATS, Format, exported, refusal
from aelib.export.refusal import CannotExport
from aelib.export.subject import Subject, subject

__all__ = ["FORMATS", "CannotExport", "Format", "Subject", "exported", "refusal", "subject"]
