"""How often a party may fail."""

from __future__ import annotations

from aelib.workshop.attempts import Attempts


def test_tries_run_out_and_come_back_with_time() -> None:
    now = [0.0]
    attempts = Attempts(3, 10.0, lambda: now[0])
    for _ in range(3):
        assert attempts.allowed("one")
        attempts.failed("one")
    assert not attempts.allowed("one")
    assert attempts.allowed("other")
    now[0] = 9.0
    assert not attempts.allowed("one")
    now[0] = 10.0
    assert attempts.allowed("one")
    now[0] = 10_000.0
    for _ in range(3):
        attempts.failed("one")
    assert not attempts.allowed("one")
