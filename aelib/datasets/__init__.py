"""Data sets by name: bundled, downloaded, or a user's own. Importing this does not import torch."""

from aelib.datasets.bounds import NoRoom
from aelib.datasets.confined import Cancelled
from aelib.datasets.correcting import inverted, transposed
from aelib.datasets.dataset import UNLABELLED, Dataset
from aelib.datasets.downloads import Download
from aelib.datasets.hues import check_classes, class_hues
from aelib.datasets.own import import_upload, inspect_path, load_path
from aelib.datasets.part import Part, cut
from aelib.datasets.places import data_dir, home
from aelib.datasets.registry import (
    NAMES,
    Entry,
    correct,
    default_name,
    delete,
    entries,
    is_available,
    load,
    notes,
    own_names,
    rename,
    title,
    whole,
)
from aelib.datasets.vision import import_torchvision

__all__ = [
    "NAMES",
    "UNLABELLED",
    "Cancelled",
    "Dataset",
    "Download",
    "Entry",
    "NoRoom",
    "Part",
    "check_classes",
    "class_hues",
    "correct",
    "cut",
    "data_dir",
    "default_name",
    "delete",
    "entries",
    "home",
    "import_torchvision",
    "import_upload",
    "inspect_path",
    "inverted",
    "is_available",
    "load",
    "load_path",
    "notes",
    "own_names",
    "rename",
    "title",
    "transposed",
    "whole",
]
