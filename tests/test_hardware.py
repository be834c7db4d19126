"""How many threads compute."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import torch

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
