"""The processes that a program has started."""

from __future__ import annotations

import os

import psutil

READER = "aelib.datasets.confined.child"


def readers(of: int | None = None) -> list[psutil.Process]:
    """Those that read foreign files for process `of`, or for this one."""
    return [child for child in psutil.Process(of or os.getpid()).children() if READER in _command(child)]


def _command(process: psutil.Process) -> list[str]:
    try:
        return list(process.cmdline())
    except psutil.Error:
        # It has just ended.
        return []
