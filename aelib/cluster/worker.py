"""What a worker's process is like: its memory, its threads, its priority and its log."""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sys
import threading
import time
from dataclasses import replace
from pathlib import PurePath

import numpy as np
from distributed import Worker, WorkerPlugin

from aelib import datasets
from aelib.host import memory
from aelib.host.cores import wait_briefly
from aelib.spec.config import Knobs
from aelib.spec.fields import InvalidInput
from aelib.spec.images import IMAGE_SIDE
from aelib.train import slices

# All threads of a worker are to have their memory from the one heap that `hardware.settle_process` has keep it: glibc
# gives each thread small heaps of its own and hands them back as soon as they are empty, so that a batch of a
# convolutional network paid for up to two thousand page faults, a third of its time. Read when a process starts.
ONE_HEAP = {"MALLOC_ARENA_MAX": "1"}
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
GIVING_BACK_SECONDS = 30.0
# So long may a thread keep Python from others of its process, by default 5 ms: the scheduler's messages wait for pages
# that are being drawn, and a worker's for its slices.
TURN_SECONDS = 0.0005
# What a worker logs whose scheduler has just gone.
NO_BEAT = "Failed to communicate with scheduler during heartbeat"
# What scheduler and client log of a result whose worker has just died: it is computed again.
NOT_GATHERED = "Couldn't gather"
# Whoever does not finish a TLS handshake, a worker that is just being stopped as well, is not worth a line.
HANDSHAKES = "distributed.comm.tcp"
# Pages go before training where both want a core: people wait for those, and look at this.
NICENESS = 5


class Caretaker(WorkerPlugin):
    """Trains a batch when a worker starts: torch loads much of itself at the first one, and no run should wait. Then
    gives memory back from time to time."""

    name = "autoencoder-lab-caretaker"
    # A scheduler that knows it already leaves its workers as they are.
    idempotent = True

    def setup(self, worker: Worker) -> None:
        # Dask's own pages have nothing to show here, and would answer anybody on this machine.
        worker.http_server.stop()
        # That a slice is recalled, or ended by the server's stop, is nothing to warn of, and neither is it that a
        # scheduler which stops hears no heart beat any more, or that a question was refused in a sentence.
        logging.getLogger("distributed.worker.state_machine").setLevel(logging.ERROR)
        logging.getLogger(HANDSHAKES).setLevel(logging.ERROR)
        logging.getLogger("distributed.worker").addFilter(tells_of_a_fault)
        logging.getLogger("distributed.worker").addFilter(in_one_line)
        sys.setswitchinterval(TURN_SECONDS)
        wait_briefly()
        # Threads inherit it, so it comes before there are any that train.
        if hasattr(os, "nice"):
            os.nice(NICENESS)
        # Not in the event loop's thread: it takes seconds, and the worker has to answer meanwhile.
        threading.Thread(target=_take_care, daemon=True).start()


def tells_of_a_fault(record: logging.LogRecord) -> bool:
    said = record.getMessage()
    return not (said.startswith((NO_BEAT, NOT_GATHERED)) or f'Exception: "{InvalidInput.__name__}(' in said)


def in_one_line(record: logging.LogRecord) -> bool:
    """Of a task that failed, Dask logs arguments and a traceback, with folders of the server: this says it as
    `faults.describe` would."""
    if str(record.msg).startswith("Compute Failed") and isinstance(record.args, tuple):
        *_, error, calls = map(str, record.args)
        where = re.findall(r'File "([^"]*)", line (\d+), in (\w+)', calls)
        kind = error.partition("(")[0]
        record.msg, record.args = "A task failed: %s", (kind,)
        if where:
            file, line, function = where[-1]
            record.args = (f"{kind} in {function} ({PurePath(file).name}, line {line})",)
    return True


def _take_care() -> None:
    # A worker that is told to stop meanwhile takes no more work. Nothing depends on the rehearsal.
    with contextlib.suppress(RuntimeError):
        _rehearse()
    while True:
        time.sleep(GIVING_BACK_SECONDS)
        memory.give_back()


def _rehearse() -> None:
    from aelib.spec.recipes import RECIPES
    from aelib.train import hardware

    hardware.settle_process()
    images = np.random.default_rng(0).integers(0, 255, (100, IMAGE_SIDE, IMAGE_SIDE), np.uint8)
    labels = np.zeros(len(images), np.int64)
    data = slices.load_data(datasets.Dataset("rehearsal", "", "", images, labels, images, labels, ("all",)))
    for recipe in ("multilayer-64", "fully-conv"):
        config = replace(RECIPES[recipe].config, batch_size=64)
        first = slices.first_slice(config, data, Knobs.of(config))
        link = slices.next_slice(first, data, Knobs.of(config), 1)
        slices.measure(link, data, Knobs.of(config), None)
