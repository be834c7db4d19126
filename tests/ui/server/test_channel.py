"""The live view's own line to the server: what is sent, when, and to whom."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import numpy as np
import pytest
from starlette.websockets import WebSocket
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Origin

from aelib import datasets
from aelib.runs import Run, Runs
from aelib.spec.config import Knobs, RunConfig
from aelib.train.trainer import init, prepare, snapshot
from aelib.ui.components.live.channel import Connection, route, serve
from aelib.ui.server.channel import (
    FOREIGN,
    MAX_CONNECTIONS,
    MAX_REQUEST_CHARACTERS,
    RENEWAL_SECONDS,
    TOO_LONG,
    TOO_MANY,
    UNKNOWN,
    Channel,
    Scene,
    channels,
)
from aelib.ui.session.datasets import loaded_dataset
from tests.runs.waiting import wait_for_rest, wait_until
from tests.ui.components.test_live_payload import unpack
from tests.ui.websockets_server import served

CONFIG = RunConfig(dataset="digits", widths=(), code_size=4, epochs=1)
NOTHING_YET = Scene(None, None, None, "digits")


@pytest.fixture(autouse=True)
def ready() -> None:
    """Here, images are there when they are first looked for."""
    wait_until(lambda: loaded_dataset("digits") is not None)


@pytest.fixture
def run(runs: Runs) -> Run:
    run = runs.create(CONFIG, "owner", train=False)
    wait_for_rest(run)
    return run


def showing(run: Run) -> Scene:
    return Scene(run.id, None, run.status, run.config.dataset)


def header(block: bytes | None) -> dict[str, Any]:
    assert block is not None
    return unpack(block)[0]


# ---- what is sent -------------------------------------------------------------------------------------------------


def test_pictures_come_once_and_then_only_news(runs: Runs) -> None:
    channel = Channel(runs)
    connection = Connection(channel)
    assert connection.look() is None
    channel.show(NOTHING_YET)
    assert header(connection.look())["pictures"]["shown"] == 12
    assert connection.look() is None
    # Another line of the same tab, after a view was mounted again, has nothing yet.
    assert "pictures" in header(Connection(channel).look())


def test_a_corruption_that_no_run_has_yet_is_previewed(runs: Runs) -> None:
    channel = Channel(runs)
    channel.show(replace(NOTHING_YET, corruption=("block", 0.4, 7)))
    connection = Connection(channel)
    found: list[bytes] = []

    def came() -> bool:
        found.extend(block for block in [connection.look()] if block is not None and unpack(block)[0].get("preview"))
        return bool(found)

    wait_until(came)
    told, array = unpack(found[0])
    digits = prepare(datasets.load("digits"))
    config = RunConfig(dataset="digits", corruption="block", corruption_level=0.4, seed=7)
    expected = snapshot(init(config, digits), digits, Knobs.of(config))
    np.testing.assert_array_equal(array(told["preview"]["corrupted"]).reshape(12, -1), expected.corrupted)
    assert expected.mask is not None
    np.testing.assert_array_equal(array(told["preview"]["mask"]).reshape(12, -1), expected.mask)
    channel.show(NOTHING_YET)
    assert header(connection.look())["preview"] is None


def test_every_step_is_news(runs: Runs, run: Run) -> None:
    channel = Channel(runs)
    channel.show(showing(run))
    connection = Connection(channel)
    assert header(connection.look())["run"]["step"] == 0
    assert connection.look() is None
    run.step()
    wait_until(lambda: run.view().step == 1)
    assert header(connection.look())["run"]["step"] == 1


def test_the_curve_of_another_run_comes_along(runs: Runs, run: Run) -> None:
    other = runs.create(replace(CONFIG, code_size=2), "owner", train=False)
    wait_for_rest(other)
    channel = Channel(runs)
    channel.show(replace(showing(run), beside_id=other.id))
    connection = Connection(channel)
    assert "2 latent dimensions" in header(connection.look())["beside"]["title"].lower()
    assert connection.look() is None
    other.step()
    wait_until(lambda: other.view().step == 1)
    assert connection.look() is not None


def test_who_may_only_look_is_not_told_the_runs_id(runs: Runs, run: Run) -> None:
    channel = Channel(runs)
    channel.show(replace(showing(run), read_only=True))
    block = Connection(channel).look()
    assert header(block)["run"]["step"] == 0
    assert block is not None and run.id.encode() not in block


def test_whoever_looks_renews_the_lease(runs: Runs, run: Run) -> None:
    channel = Channel(runs)
    channel.show(showing(run))
    run._lease.end()
    assert not run.watched
    Connection(channel).look()
    assert run.watched


def test_the_page_is_outdated_until_it_is_drawn_for_the_status_that_the_run_has(runs: Runs, run: Run) -> None:
    channel = Channel(runs)
    channel.show(replace(showing(run), status="training"))
    connection = Connection(channel)
    assert header(connection.look())["outdated"]
    # It takes the page a moment, and a call may be lost.
    assert connection.look() is None
    time.sleep(RENEWAL_SECONDS)
    assert header(connection.look())["outdated"]
    channel.show(showing(run))
    assert not header(connection.look())["outdated"]
    assert connection.look() is None
    channel.show(replace(showing(run), status="finished"))
    assert header(connection.look())["outdated"]


def test_a_run_that_was_deleted_elsewhere_leaves_its_pictures_and_calls_for_the_page(runs: Runs, run: Run) -> None:
    channel = Channel(runs)
    channel.show(showing(run))
    connection = Connection(channel)
    connection.look()
    runs.delete(run.id)
    told = header(connection.look())
    assert told["outdated"] and "run" not in told and "pictures" in told


# ---- when, and to whom ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(route("/lab/")) as server:
        yield f"{server}/lab/live"


def test_a_line_ends_though_its_tab_closed_just_after_it_had_asked(runs: Runs) -> None:
    """Else the server would wait for it when it is to stop."""
    channel = Channel(runs)
    channel.show(NOTHING_YET)
    coming = ["websocket.connect", "websocket.receive", "websocket.disconnect"]

    async def receive() -> dict[str, Any]:
        kind = coming.pop(0)
        if kind == "websocket.receive":
            # Whoever answers has begun to wait for requests; the end follows without any delay.
            await asyncio.sleep(0.1)
        return {"type": kind, "text": "next"}

    async def send(_: object) -> None:
        pass

    scope = {"type": "websocket", "path": "/", "headers": [], "path_params": {"token": channel.token}}
    asyncio.run(asyncio.wait_for(serve(WebSocket(scope, receive, send)), 20))


def ask(line: ClientConnection) -> dict[str, Any]:
    line.send("next")
    block = line.recv(timeout=30)
    assert isinstance(block, bytes)
    return header(block)


def test_a_line_sends_what_is_asked_for_and_nothing_else(address: str, runs: Runs) -> None:
    channel = Channel(runs)
    channel.show(NOTHING_YET)
    with connect(f"{address}/{channel.token}") as line:
        with pytest.raises(TimeoutError):
            line.recv(timeout=0.6)
        assert "pictures" in ask(line)
        # What is asked for before there is news comes as soon as there is.
        line.send("next")
        with pytest.raises(TimeoutError):
            line.recv(timeout=0.6)
        run = runs.create(CONFIG, "owner", train=False)
        channel.show(showing(run))
        block = line.recv(timeout=30)
        assert isinstance(block, bytes) and header(block)["run"]["step"] == 0


def test_a_run_that_is_watched_over_a_line_trains_to_its_end(address: str, runs: Runs) -> None:
    run = runs.create(CONFIG, "owner", train=True)
    channel = Channel(runs)
    channel.show(showing(run))
    steps: list[int] = []
    with connect(f"{address}/{channel.token}") as line:
        while not steps or run.status != "finished":
            told = ask(line)
            steps.append(told["run"]["step"])
            if told["outdated"]:
                channel.show(showing(run))
    assert steps == sorted(steps) and len(set(steps)) > 1


@pytest.mark.parametrize("token", ["", "nobody", "../stream", "a" * 4000, "%00"])
def test_who_does_not_know_the_token_sees_nothing(address: str, runs: Runs, token: str) -> None:
    channel = Channel(runs)
    channel.show(NOTHING_YET)
    # Either there is no such address, or the line is closed.
    with pytest.raises(WebSocketException, match=f"{UNKNOWN}|40[34]"), connect(f"{address}/{token}") as line:
        line.send("next")
        line.recv(timeout=30)


def test_a_stranger_can_say_what_they_like(address: str, runs: Runs, caplog: pytest.LogCaptureFixture) -> None:
    channel = Channel(runs)
    channel.show(NOTHING_YET)
    for words in ("", b"\0\xff", "x" * MAX_REQUEST_CHARACTERS):
        with connect(f"{address}/{channel.token}") as line:
            for _ in range(50):
                line.send(words)
            assert "pictures" in header(line.recv(timeout=30))  # type: ignore[arg-type]
    with connect(f"{address}/{channel.token}") as line:
        line.send("next")
        # Gone without a word, while the server answers.
        line.socket.shutdown(socket.SHUT_RDWR)
    with connect(f"{address}/{channel.token}") as line:
        assert "pictures" in ask(line)
    assert "Traceback" not in caplog.text and "Exception" not in caplog.text


@pytest.mark.parametrize("request_", ["x" * (MAX_REQUEST_CHARACTERS + 1), b"x" * 1_000_000])
def test_a_long_request_ends_the_connection(address: str, runs: Runs, request_: str | bytes) -> None:
    channel = Channel(runs)
    channel.show(NOTHING_YET)
    with connect(f"{address}/{channel.token}") as line:
        line.send(request_)
        with pytest.raises(ConnectionClosed, match=str(TOO_LONG)):
            line.recv(timeout=30)


def test_a_token_is_of_no_use_once_its_tab_is_closed(address: str, runs: Runs, run: Run) -> None:
    tab = {"open": True}
    channel = Channel(runs, lambda: tab["open"])
    channel.show(showing(run))
    with connect(f"{address}/{channel.token}") as asking, connect(f"{address}/{channel.token}") as silent:
        ask(asking)
        asking.send("next")
        tab["open"] = False
        for line in (asking, silent):
            with pytest.raises(ConnectionClosed, match=str(UNKNOWN)):
                line.recv(timeout=30)
    with connect(f"{address}/{channel.token}") as late, pytest.raises(ConnectionClosed, match=str(UNKNOWN)):
        late.recv(timeout=30)
    wait_until(lambda: channel.connections == 0)


def test_a_tab_has_few_connections(address: str, runs: Runs) -> None:
    channel = Channel(runs)
    channel.show(NOTHING_YET)
    with contextlib.ExitStack() as stack:
        for _ in range(MAX_CONNECTIONS):
            assert "pictures" in ask(stack.enter_context(connect(f"{address}/{channel.token}")))
        with connect(f"{address}/{channel.token}") as more, pytest.raises(ConnectionClosed, match=str(TOO_MANY)):
            more.recv(timeout=30)
    wait_until(lambda: channel.connections == 0)
    with connect(f"{address}/{channel.token}") as line:
        assert "pictures" in ask(line)


def test_only_pages_of_this_server_connect(address: str, runs: Runs) -> None:
    channel = Channel(runs)
    channel.show(NOTHING_YET)
    place = f"{address}/{channel.token}"
    host = urlsplit(address).netloc
    for foreign in ("https://elsewhere.example", "null", f"http://{host}.elsewhere.example"):
        with connect(place, origin=Origin(foreign)) as line, pytest.raises(ConnectionClosed, match=str(FOREIGN)):
            line.recv(timeout=30)
    with connect(place, origin=Origin(f"http://{host}")) as line:
        assert "pictures" in ask(line)


def test_a_tab_that_is_gone_is_forgotten(runs: Runs, address: str) -> None:
    channel = Channel(runs)
    token = channel.token
    assert token in channels()
    del channel
    wait_until(lambda: token not in channels())
    with pytest.raises(ConnectionClosed), connect(f"{address}/{token}") as line:
        line.recv(timeout=30)


def test_the_line_is_below_the_path_of_the_pages() -> None:
    assert [route(path).path for path in ("", "/", "lab", "/lab/")] == [
        *("/live/{token}", "/live/{token}"),
        *("/lab/live/{token}", "/lab/live/{token}"),
    ]
