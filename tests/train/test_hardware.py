"""How many threads compute, and in which number format."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from aelib.spec.recipes import RECIPES
from aelib.train import hardware

CAPABILITIES = {name for name, here in torch.cpu.get_capabilities().items() if here is True}


@pytest.fixture
def free_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AELIB_THREADS", raising=False)


def threads_now(_: object = None) -> int:
    torch.ones(2).sum()
    return torch.get_num_threads()


@pytest.mark.usefixtures("free_number")
def test_a_question_is_answered_with_one_thread_and_leaves_the_others_to_the_slices() -> None:
    def ask(_: int) -> int:
        with pytest.raises(ZeroDivisionError), hardware.one_thread():
            assert threads_now() == 1
            _ = 1 // 0
        return threads_now()

    assert hardware.computed(2, ask) == 2


@pytest.mark.usefixtures("free_number")
def test_each_thread_of_a_process_computes_with_the_number_it_was_given() -> None:
    """A thread that has not used torch yet begins with what another has set."""
    before = threads_now()

    def beside_others(threads: int) -> tuple[int, list[int]]:
        with ThreadPoolExecutor(3) as others:
            counted = list(others.map(lambda count: hardware.computed(count, threads_now), (1, 2, 4)))
        return threads_now(), counted

    assert hardware.computed(3, beside_others) == (3, [1, 2, 4])
    assert threads_now() == before


@pytest.mark.usefixtures("free_number")
def test_teams_are_led_by_one_thread_that_stays() -> None:
    """See `hardware._Leader`: with a second one, two threads of libgomp are slower than one."""

    def leader(_: object = None) -> int:
        return threading.get_ident()

    with ThreadPoolExecutor(1) as other:
        ours, theirs = hardware.computed(2, leader), other.submit(hardware.computed, 2, leader).result()
    assert ours == theirs != leader()
    assert hardware.computed(1, leader) == leader()
    assert hardware.computed(2, lambda _: hardware.computed(3, leader)) == ours


def test_who_runs_the_server_can_fix_the_number_of_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AELIB_THREADS", "2")
    assert hardware.computed(1, lambda threads: (threads, threads_now())) == (2, 2)


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
from aelib.train import hardware
from aelib.spec.recipes import RECIPES

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
from aelib.host import memory

memory.keep()
kept = [b"1" * 400_000 for _ in range(2_000)]
del kept[1:-1:2], kept[1:-1:2], kept[1:-1:2]
print(psutil.Process().memory_info().rss)
memory.give_back()
print(psutil.Process().memory_info().rss)
"""
