"""How many threads compute, and in which number format."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from aelib import hardware
from aelib.recipes import RECIPES

CAPABILITIES = {name for name, here in torch.cpu.get_capabilities().items() if here is True}


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = torch.get_num_threads()
    monkeypatch.setenv("AELIB_THREADS", "2")
    hardware.settle_process()
    yield
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_a_question_is_answered_with_one_thread_and_leaves_the_others_to_the_slices() -> None:
    assert torch.get_num_threads() == 2
    with pytest.raises(ZeroDivisionError), hardware.one_thread():
        assert torch.get_num_threads() == 1
        _ = 1 / 0
    assert torch.get_num_threads() == 2


def test_each_thread_of_a_process_has_the_team_it_was_given(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that has not used torch yet begins with what another has set."""
    monkeypatch.delenv("AELIB_THREADS", raising=False)
    before = torch.get_num_threads()
    with hardware.team(3) as given, ThreadPoolExecutor(1) as other:
        assert given == 3

        def other_team() -> int:
            with hardware.team(2):
                torch.ones(2).sum()
                return torch.get_num_threads()

        assert other.submit(other_team).result() == 2
        assert torch.get_num_threads() == 3
    assert torch.get_num_threads() == before


def test_who_runs_the_server_can_fix_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AELIB_THREADS", "2")
    with hardware.team(1) as given:
        assert given == torch.get_num_threads() == 2


@pytest.mark.usefixtures("two_threads")
def test_what_numpy_multiplies_is_multiplied_by_one_thread_beside_the_slices() -> None:
    with threadpool_limits(2, user_api="blas"):
        hardware.settle_process()
        assert {pool["num_threads"] for pool in threadpool_info() if pool["internal_api"] == "openblas"} <= {1}


@pytest.mark.parametrize("allowed", ["AVX2", "AVX512_CORE"])
def test_bfloat16_is_left_where_onednn_would_emulate_it(allowed: str) -> None:
    """Whatever the processor has: without its instructions a convolution takes 2 to 30 times as long as in float32."""
    done = subprocess.run(
        [sys.executable, "-c", PRECISIONS],
        env={**os.environ, "ONEDNN_MAX_CPU_ISA": allowed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["torch.float32"] * 2


PRECISIONS = """
from aelib import hardware
from aelib.recipes import RECIPES

for recipe in ("fully-conv", "vanilla-64"):
    print(hardware.precision(RECIPES[recipe].config))
"""


@pytest.mark.skipif("avx512_bf16" not in CAPABILITIES, reason="the processor has no instructions for bfloat16")
def test_bfloat16_is_taken_where_the_processor_has_it() -> None:
    assert hardware.precision(RECIPES["fully-conv"].config) == torch.bfloat16


@pytest.mark.skipif(sys.platform != "linux", reason="what is given back is what glibc keeps")
def test_what_lies_free_between_what_is_used_is_given_back() -> None:
    done = subprocess.run([sys.executable, "-c", FREE_BETWEEN_USED], capture_output=True, text=True, check=True)
    before, after = map(float, done.stdout.split())
    assert after < before / 2


FREE_BETWEEN_USED = """
import psutil
from aelib import hardware

hardware.settle_process()
kept = [b"1" * 400_000 for _ in range(2_000)]
del kept[1:-1:2], kept[1:-1:2], kept[1:-1:2]
print(psutil.Process().memory_info().rss)
hardware.give_memory_back()
print(psutil.Process().memory_info().rss)
"""
