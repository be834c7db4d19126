"""What this machine trains fastest with: device, number format, threads and memory."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TypeVar

import scipy.linalg  # noqa: F401 - see `settle_process`
import torch
from threadpoolctl import ThreadpoolController

from aelib.host import memory
from aelib.host.settings import THREADS
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig

T = TypeVar("T")

# Below this, casting costs what the faster multiplication saves.
BF16_PAYS_FROM_WEIGHTS = 75_000

# A product of two matrices of this size takes 0.3 ms in float32. In bfloat16 it takes a fourth of that where the
# processor has instructions for it, and 1.3 to 40 times as long where they are emulated.
_TRIAL_SIZE, _TRIALS = 256, 10


@cache
def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@cache
def has_fast_bfloat16() -> bool:
    """Does the device multiply bfloat16 faster than float32?

    On a processor oneDNN multiplies, and ONEDNN_MAX_CPU_ISA may forbid it what the processor has (AVX512-BF16, AMX); it
    then emulates bfloat16. So it is asked and tried.
    """
    if device().type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        return False
    return _product_seconds(torch.bfloat16) < _product_seconds(torch.float32)


def _product_seconds(dtype: torch.dtype) -> float:
    """Processor time of a product of two matrices; what else runs on the machine does not count."""
    matrix = torch.ones(_TRIAL_SIZE, _TRIAL_SIZE).to(dtype)
    times = []
    with one_thread(), torch.no_grad(), torch.autocast("cpu", enabled=False):
        # The first product of a kind is prepared by oneDNN, the others are only computed.
        for _ in range(_TRIALS + 1):
            began = time.thread_time()
            torch.mm(matrix, matrix)
            times.append(time.thread_time() - began)
    return min(times[1:])


def precision(config: RunConfig) -> torch.dtype:
    """The format of the matrix products; weights, sums and errors stay float32."""
    if config.precision != "auto":
        return torch.float32 if config.precision == "float32" else torch.bfloat16
    pays = config.convolutional or plan(config).weights >= BF16_PAYS_FROM_WEIGHTS
    return torch.bfloat16 if pays and has_fast_bfloat16() else torch.float32


def settle_process() -> None:
    """Readies this process for training: threads that do not disturb each other, and memory that is kept."""
    # Who wants more asks for them, see `computed`.
    torch.set_num_threads(1)
    # What numpy and scipy multiply answers questions: alone on a machine more threads gain little for matrices as
    # small as these, and beside a slice they cost it tenfold. (They have a BLAS each, which has to be loaded by now.)
    ThreadpoolController().select(internal_api="openblas").limit(limits=1)
    memory.keep()


class _Leader:
    """The thread that leads teams.

    It is always the same one: libgomp keeps a team for every thread that has led one, and where all teams together have
    more threads than there are cores, none of them looks whether the others have come. Each sleeps at once, and a team
    of two is slower than a thread alone.
    """

    def __init__(self) -> None:
        self._busy = threading.Lock()
        self._mine = threading.local()
        self._thread = ThreadPoolExecutor(1, "leader", lambda: setattr(self._mine, "leads", True))

    def do(self, work: Callable[[], T]) -> T:
        if getattr(self._mine, "leads", False):
            return work()
        if self._busy.acquire(blocking=False):
            try:
                return self._thread.submit(work).result()
            finally:
                self._busy.release()
        # A second team at the same time goes with its leader, though it takes some milliseconds to make it again.
        with ThreadPoolExecutor(1) as second:
            return second.submit(work).result()


_leader = _Leader()


def computed(threads: int, work: Callable[[int], T]) -> T:
    """`work(threads)`, computed with so many threads, or with AELIB_THREADS."""
    threads = THREADS.given() or threads

    def set_and_work() -> T:
        with _set_threads(threads):
            return work(threads)

    return set_and_work() if threads == 1 else _leader.do(set_and_work)


def one_thread() -> contextlib.AbstractContextManager[None]:
    """What the calling thread multiplies meanwhile, it multiplies alone, whatever AELIB_THREADS says."""
    return _set_threads(1)


@contextlib.contextmanager
def _set_threads(threads: int) -> Iterator[None]:
    # Asked first: torch keeps the number for each thread, but one that has not used torch yet would begin with the
    # newest that any other has set, even if it has just been told another.
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        yield
    finally:
        torch.set_num_threads(before)
