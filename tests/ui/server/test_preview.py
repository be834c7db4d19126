"""Images that follow a hand: what is answered, and to whom."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from websockets.exceptions import ConnectionClosed, WebSocketException
from websockets.sync.client import ClientConnection, connect

from aelib.cluster.engine import Engine
from aelib.runs import Runs
from aelib.ui.server.channel import TOO_LONG, UNKNOWN, Channel
from aelib.ui.server.preview import MAX_MESSAGE_CHARACTERS, Preview, route
from tests.ui.websockets_server import served

Asked = tuple[object, ...]


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with served(route("/lab/")) as server:
        yield f"{server}/lab/preview"


def squared(number: float) -> float:
    if number < 0:
        raise ArithmeticError
    return number**2


@pytest.fixture
def channel(engine: Engine, runs: Runs) -> Channel:
    """A tab whose page offers squares."""

    def question(said: str):  # type: ignore[no-untyped-def]
        return (squared, float(said)) if said.lstrip("-").isdigit() else None

    channel = Channel(runs)
    channel.previews["square"] = Preview(engine, question, lambda said, square: f"{said}² = {square:g}".encode())
    return channel


def ask(line: ClientConnection, message: str) -> str | bytes:
    line.send(message)
    return line.recv(timeout=30)


def test_every_message_is_answered_in_turn(address: str, channel: Channel) -> None:
    with connect(f"{address}/{channel.token}/square") as line:
        assert [ask(line, str(number)) for number in (3, 12)] == ["3² = 9".encode(), "12² = 144".encode()]
        line.send("4")
        line.send("5")
        assert [line.recv(timeout=30), line.recv(timeout=30)] == ["4² = 16".encode(), "5² = 25".encode()]


@pytest.mark.parametrize("message", ["", "nonsense", "-1", "x" * MAX_MESSAGE_CHARACTERS])
def test_what_has_no_answer_is_answered_with_nothing(address: str, channel: Channel, message: str) -> None:
    with connect(f"{address}/{channel.token}/square") as line:
        assert ask(line, message) == b""
        assert ask(line, "2") == "2² = 4".encode()


def test_what_no_page_offers_is_answered_with_nothing(address: str, channel: Channel) -> None:
    with connect(f"{address}/{channel.token}/cube") as line:
        assert ask(line, "2") == b""
    with connect(f"{address}/{channel.token}/square") as line:
        channel.previews.clear()
        assert ask(line, "2") == b""


@pytest.mark.parametrize("message", ["x" * (MAX_MESSAGE_CHARACTERS + 1), b"2"])
def test_a_long_message_and_bytes_end_the_connection(address: str, channel: Channel, message: str | bytes) -> None:
    with connect(f"{address}/{channel.token}/square") as line:
        line.send(message)
        with pytest.raises(ConnectionClosed, match=str(TOO_LONG)):
            line.recv(timeout=30)


def test_a_tab_that_was_closed_is_answered_nothing_more(address: str, channel: Channel) -> None:
    open_ = True
    channel.is_open = lambda: open_
    with connect(f"{address}/{channel.token}/square") as line:
        assert ask(line, "2") == "2² = 4".encode()
        open_ = False
        with pytest.raises(ConnectionClosed, match=str(UNKNOWN)):
            ask(line, "2")


@pytest.mark.parametrize("place", ["", "nobody/square", "../live", "%00/square"])
def test_who_does_not_know_the_token_is_answered_nothing(address: str, channel: Channel, place: str) -> None:
    with pytest.raises(WebSocketException, match=f"{UNKNOWN}|40[34]"), connect(f"{address}/{place}") as line:
        ask(line, "2")
