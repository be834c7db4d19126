"""The server as a process: how it comes to its end."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from tests.e2e.server import Server


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_server_that_is_told_to_stop_ends_in_order(tmp_path: Path, told: signal.Signals) -> None:
    server = Server(tmp_path)
    # Not by the signal itself: Python came to its end, and with it everything that is done then.
    assert server.stop(told) == 0
    assert server.complaints() == []
