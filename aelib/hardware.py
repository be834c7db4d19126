"""What this machine trains fastest with: device, number format, threads and memory."""

from __future__ import annotations

import contextlib
import ctypes
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


# How many threads a slice may use, once `settle_process` has settled it.
_threads: int | None = None


@cache
def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@cache
def has_fast_bfloat16() -> bool:
    """Does the device multiply bfloat16 in hardware (AVX512-BF16, AMX, or a GPU that does)?"""
    if device().type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def precision(config: RunConfig) -> torch.dtype:
    """The format of the matrix products; weights, sums and errors stay float32."""
    if config.precision != "auto":
        return torch.float32 if config.precision == "float32" else torch.bfloat16
    pays = config.convolutional or plan(config).weights >= BF16_PAYS_FROM_WEIGHTS
    return torch.bfloat16 if pays and has_fast_bfloat16() else torch.float32


def settle_process() -> None:
    """Readies this process for training: its share of threads (AELIB_THREADS), and memory that is kept.

    By default glibc hands every large block back when it is freed, so each batch pays for page faults
    again: keeping them doubled the speed of small networks.
    """
    global _threads
    # torch is asked only once: afterwards it may answer what `one_thread` has set.
    _threads = THREADS.given() or _threads or torch.get_num_threads()
    torch.set_num_threads(_threads)
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
def one_thread() -> Iterator[None]:
    """What this thread multiplies meanwhile, it multiplies alone."""
    # torch keeps the number for each thread that calls it; but one that has not used torch yet begins with the newest
    # that any thread has set, and the first question may come before the process is ready for training.
    if _threads is None:
        settle_process()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(_threads or 1)
