"""What a run is doing, or why it does nothing."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Stored, sent to pages and shown by these words."""

    STARTING = "starting"
    TRAINING = "training"
    PAUSED = "paused"
    FINISHED = "finished"
    DIVERGED = "diverged"
    FAILED = "failed"


class Shortage(StrEnum):
    """What keeps a run waiting: only its turn, memory that others have, or that it needs all of the memory."""

    NONE = ""
    MEMORY = "memory"
    ALL_MEMORY = "all memory"


# It goes on by itself, and nobody need press anything for it.
UNDERWAY = (Status.STARTING, Status.TRAINING)
# How a list calls a training run that nobody looks at.
ASLEEP = "asleep"
