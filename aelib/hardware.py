"""What this machine trains fastest with: device, number format, threads and memory."""

from __future__ import annotations

import contextlib
import ctypes
import time
from collections.abc import Iterator
from functools import cache

import scipy.linalg  # noqa: F401 - see `settle_process`
import torch
from threadpoolctl import ThreadpoolController

from aelib.architecture import plan
from aelib.config import RunConfig
from aelib.settings import THREADS

# Below this, casting costs what the faster multiplication saves.
BF16_PAYS_FROM_WEIGHTS = 75_000

# From glibc's malloc.h: blocks up to the one are cut from the heap (it takes no more), and so much may lie free at the
# heap's end before it is handed back, which is more than what a batch of the largest recipe frees.
_MALLOPT_MMAP_THRESHOLD, _LARGEST_FROM_HEAP = -3, 32 * 2**20
_MALLOPT_TRIM_THRESHOLD, _KEPT_FREE = -1, 256 * 2**20

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
    """Readies this process for training: threads that do not disturb each other (AELIB_THREADS where it is set), and
    memory that is kept.

    By default glibc hands every large block back when it is freed, so each batch pays for page faults
    again: keeping them doubled the speed of small networks.
    """
    torch.set_num_threads(THREADS.given() or torch.get_num_threads())
    # What numpy and scipy multiply answers questions: alone on a machine more threads gain little for matrices as
    # small as these, and beside a slice they cost it tenfold. (They have a BLAS each, which has to be loaded by now.)
    ThreadpoolController().select(internal_api="openblas").limit(limits=1)
    _call_glibc("mallopt", _MALLOPT_MMAP_THRESHOLD, _LARGEST_FROM_HEAP)
    _call_glibc("mallopt", _MALLOPT_TRIM_THRESHOLD, _KEPT_FREE)


def give_memory_back() -> None:
    """Hands the system what lies free between what is used. It is little in a process that trains one network; where
    thirty come and go, it was half of all memory. Takes some 30 ms for 350 MB."""
    _call_glibc("malloc_trim", _KEPT_FREE)


def _call_glibc(function: str, *arguments: int) -> None:
    """Nothing where there is no glibc: other libraries may keep their memory as they like."""
    with contextlib.suppress(OSError, AttributeError):
        getattr(ctypes.CDLL("libc.so.6"), function)(*arguments)


@contextlib.contextmanager
def team(threads: int) -> Iterator[int]:
    """What the calling thread computes meanwhile, it computes with so many threads, itself included; other threads
    keep theirs. AELIB_THREADS goes before. Yields the number."""
    threads = THREADS.given() or threads
    with _set_threads(threads):
        yield threads


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
