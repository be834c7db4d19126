"""Somebody who does not care for the others: starts many large runs at once, announces uploads and hardly sends them,
opens connections, and has workers killed."""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
import time
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import psutil
from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from benchmarks.visitor import Visitor

LARGE = {"widths": "1024,1024", "code_size": "512", "epochs": "500"}
# How often a worker is killed, and how often each slow upload sends a byte.
KILLING_SECONDS, BYTE_SECONDS = 45.0, 1.0


class LargeRuns:
    """`count` tabs of one browser, each of which trains a large network. Use it as a context: it ends with all tabs
    closed."""

    def __init__(self, url: str, count: int) -> None:
        self._url, self._count = url, count
        self._stack = AsyncExitStack()
        self.visitors: list[Visitor] = []

    async def __aenter__(self) -> LargeRuns:
        browser = secrets.token_hex(16)
        tabs = [Visitor(self._url, browser) for _ in range(self._count)]
        self.visitors = [await self._stack.enter_async_context(tab) for tab in tabs]
        self._starting = asyncio.create_task(self._start())
        return self

    async def _start(self) -> None:
        async def start(visitor: Visitor, seed: int) -> None:
            await visitor.open(**LARGE, seed=str(seed))
            await visitor.press("train")

        starts = (start(visitor, seed) for seed, visitor in enumerate(self.visitors))
        # That this server is slow to answer is what such a person gets.
        await asyncio.gather(*starts, return_exceptions=True)

    async def __aexit__(self, *_: object) -> None:
        self._starting.cancel()
        await self._stack.aclose()


async def be_unfriendly(url: str, pid: int, end: float, chance: random.Random, runs: int, doors: int) -> list[Visitor]:
    """Until `end`: so many large runs, and `doors` uploads and connections of each kind. The tabs that it had."""
    async with LargeRuns(url, runs) as large:
        others = [
            *(_upload_slowly(url, end) for _ in range(doors)),
            *(_connect(url, path, end) for path in ("_stcore/stream", "live/nobody") for _ in range(doors)),
            _kill_workers(pid, end, chance),
        ]
        await asyncio.gather(*others)
        return large.visitors


async def _upload_slowly(url: str, end: float) -> None:
    """Announces megabytes, sends a byte now and then, and begins again where it is shut out."""
    address = urlsplit(url)
    head = (
        f"PUT /_stcore/upload_file/nobody/{secrets.token_hex(4)} HTTP/1.1\r\nHost: {address.netloc}\r\n"
        "Content-Type: application/octet-stream\r\nContent-Length: 5000000\r\n\r\n"
    )
    while time.monotonic() < end:
        with contextlib.suppress(OSError):
            _, writer = await asyncio.open_connection(address.hostname, address.port)
            writer.write(head.encode())
            with contextlib.suppress(OSError):
                while time.monotonic() < end:
                    writer.write(b"x")
                    await writer.drain()
                    await asyncio.sleep(BYTE_SECONDS)
            writer.close()
        await asyncio.sleep(BYTE_SECONDS)


async def _connect(url: str, path: str, end: float) -> None:
    """Opens a connection, says nothing, and opens it again where it is closed."""
    while time.monotonic() < end:
        with contextlib.suppress(OSError, WebSocketException):
            async with connect(f"{url.replace('http', 'ws', 1)}/{path}") as line:
                async with asyncio.timeout(end - time.monotonic()):
                    await line.wait_closed()
        await asyncio.sleep(BYTE_SECONDS)


async def _kill_workers(pid: int, end: float, chance: random.Random) -> None:
    while time.monotonic() + KILLING_SECONDS < end:
        await asyncio.sleep(KILLING_SECONDS)
        children = psutil.Process(pid).children(recursive=True)
        workers = [child for child in children if "spawn_main" in " ".join(child.cmdline())]
        if workers:
            chance.choice(workers).kill()
