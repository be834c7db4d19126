"""`pytorch`: the run as one file of plain PyTorch, and its weights."""

from __future__ import annotations

import numpy as np
from safetensors.numpy import save

from aelib.export.formats import Files, export_format
from aelib.export.origin import DATA_FILE, data_file
from aelib.export.pytorch import script
from aelib.export.subject import Subject

SCRIPT, WEIGHTS = "model.py", "weights.safetensors"


@export_format("pytorch", "PyTorch", "One readable file of plain PyTorch, and the trained weights.")
def pytorch(subject: Subject) -> Files:
    files = {SCRIPT: script(subject.config, subject.origin, subject.steps).encode(), WEIGHTS: weights_file(subject)}
    return files | images_of(subject)


def images_of(subject: Subject) -> Files:
    """The images, where the script cannot get them elsewhere."""
    return {} if subject.origin.collection else {DATA_FILE: data_file(subject.dataset)}


def weights_file(subject: Subject) -> bytes:
    """safetensors by the names that the parameters have in the script."""
    packed: bytes = save(
        {name: np.ascontiguousarray(array) for name, array in subject.weights.items()}, {"format": "pt"}
    )
    return packed
