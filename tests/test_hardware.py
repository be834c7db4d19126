"""How many threads compute."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
import torch
from threadpoolctl import threadpool_info, threadpool_limits

from aelib import hardware


@pytest.fixture
def two_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = torch.get_num_threads()
    monkeypatch.setenv("AELIB_THREADS", "2")
    monkeypatch.setattr(hardware, "_threads", None)
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


def test_a_question_that_comes_before_all_else_leaves_the_slices_their_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thread that has not used torch yet begins with what another has set."""
    before = torch.get_num_threads()
    monkeypatch.delenv("AELIB_THREADS", raising=False)
    monkeypatch.setattr(hardware, "_threads", None)
    torch.set_num_threads(3)
    with hardware.one_thread():
        pass
    hardware.settle_process()
    assert torch.get_num_threads() == 3
    torch.set_num_threads(before)


@pytest.mark.usefixtures("two_threads")
def test_what_numpy_multiplies_is_multiplied_by_one_thread_beside_the_slices() -> None:
    with threadpool_limits(2, user_api="blas"):
        hardware.settle_process()
        assert {pool["num_threads"] for pool in threadpool_info() if pool["internal_api"] == "openblas"} <= {1}


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
