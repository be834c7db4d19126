"""Which device and which number format train fastest here, found by asking the hardware."""

from __future__ import annotations

import os
from functools import cache

import torch

from aelib.architecture import plan
from aelib.config import RunConfig

# Below this, casting costs what the faster multiplication saves (benchmarks/precision.py).
BF16_PAYS_FROM_WEIGHTS = 150_000


@cache
def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


@cache
def has_fast_bfloat16() -> bool:
    """Does the device multiply bfloat16 in hardware (AVX512-BF16, AMX, or a GPU that does)?"""
    if device().type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    capabilities = torch.cpu.get_capabilities()
    return bool(capabilities.get("avx512_bf16") or capabilities.get("amx_bf16"))


def choose(config: RunConfig) -> torch.dtype:
    """The format of the matrix products; weights, sums and errors stay float32."""
    if config.precision != "auto":
        return torch.float32 if config.precision == "float32" else torch.bfloat16
    pays = config.convolutional or plan(config).weights >= BF16_PAYS_FROM_WEIGHTS
    return torch.bfloat16 if pays and has_fast_bfloat16() else torch.float32


def use_threads() -> None:
    """Lets torch use the threads that this process was given: AELIB_THREADS, else OMP_NUM_THREADS, else all."""
    given = os.environ.get("AELIB_THREADS", "")
    if given.isdigit() and int(given) > 0 and torch.get_num_threads() != int(given):
        torch.set_num_threads(int(given))
