"""A Dask scheduler and workers that somebody else started, as plain processes on this machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def scheduler(environment: Mapping[str, str], *options: str) -> Iterator[str]:
    """The address of a scheduler that runs meanwhile."""
    command = [sys.executable, "-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0"]
    process = subprocess.Popen(
        [*command, "--no-dashboard", *options], env={**os.environ, **environment}, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        yield next(match[0] for line in lines if (match := re.search(r"(tcp|tls)://127\.0\.0\.1:\d+", line)))
    finally:
        process.terminate()
        process.wait(20)


@contextmanager
def worker(address: str, environment: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """A worker of that scheduler; `environment` tells what it has of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "distributed.cli.dask_worker", address, "--nthreads", "1", "--no-dashboard"],
        env={**os.environ, "PYTHONPATH": str(Path.cwd()), **environment},
        stderr=subprocess.DEVNULL,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.wait(20)
