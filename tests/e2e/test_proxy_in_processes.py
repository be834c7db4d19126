"""The app behind a web server: whose limits count for whom."""

from __future__ import annotations

import asyncio
import sys
import urllib.request
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from benchmarks.visitor import Visitor
from tests.e2e.proxy import proxy_before
from tests.e2e.server import PROJECT, Server

NAMED, UNNAMED, ONE, ANOTHER = "127.0.0.1", "127.0.0.9", "127.0.0.2", "127.0.0.3"
# Of two runs that all may keep, visitors of one address may keep one.
LIMITS = {"AELIB_MAX_STORED": "2", "FORWARDED_ALLOW_IPS": NAMED}
REFUSED = "Visitors from your network address have reached their limit"

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs a network of loopback addresses")


def refused(url: str, address: str, claimed: str | None = None) -> bool:
    """Is a run of a new visitor from this address, who claims to come from another, refused because of others there?"""
    # In a thread of its own: where a browser was started before, the test's own thread runs a loop already.
    with ThreadPoolExecutor(1) as thread:
        headers = {} if claimed is None else {"X-Forwarded-For": claimed}
        return thread.submit(asyncio.run, _refused(url, address, headers)).result()


async def _refused(url: str, address: str, headers: Mapping[str, str]) -> bool:
    async with Visitor(url, address=address, headers=headers) as visitor:
        await visitor.open(dataset="digits", recipe="vanilla-64", max_steps="5")
        await visitor.press("train")
        if any(REFUSED in sentence for sentence in visitor.said):
            return True
        # By a WebSocket through the proxy, too.
        await visitor.wait_for_status("finished")
        assert visitor.said == []
        return False


def test_behind_a_proxy_that_is_named_limits_count_for_the_address_that_it_says(tmp_path: Path) -> None:
    server = Server(tmp_path, PROJECT, None, **LIMITS)
    try:
        with proxy_before(server.url, address=NAMED) as url:
            with urllib.request.urlopen(f"{url}/_stcore/health", timeout=30) as answer:
                assert answer.read() == b"ok"
            assert not refused(url, ONE)
            assert refused(url, ONE)
            # What a visitor says about itself counts for nothing.
            assert refused(url, ONE, claimed="192.0.2.7")
            assert not refused(url, ANOTHER)
    finally:
        server.stop()
    assert server.complaints() == []


def test_behind_any_other_proxy_all_visitors_count_as_one_address(tmp_path: Path) -> None:
    server = Server(tmp_path, PROJECT, None, **LIMITS)
    try:
        with proxy_before(server.url, address=UNNAMED) as url:
            assert not refused(url, ONE)
            assert refused(url, ANOTHER)
        # Nor is a visitor believed who asks the server itself: there, it would be refused.
        assert not refused(server.url, ONE, claimed=UNNAMED)
    finally:
        server.stop()
    assert server.complaints() == []
