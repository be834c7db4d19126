"""By what a browser is known from visit to visit."""

from __future__ import annotations

import asyncio
from http.cookies import Morsel, SimpleCookie
from typing import Any

import pytest
import streamlit as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import Message
from streamlit.runtime.context import StreamlitCookies

from aelib.ui.server import visitors
from aelib.ui.server.visitors import COOKIE, MOST, YEAR_SECONDS, LastingCookie, Visitor, visitor

XSRF_COOKIE = "_streamlit_xsrf"
# Two ways in which Streamlit writes the same token: with a mask of its own every time.
XSRF_TOKEN = "000102030405060708090a0b0c0d0e0f"
XSRF_VALUES = (f"2|00000000|{XSRF_TOKEN}|1700000000", "2|ffffffff|fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0|1800000000")
PAGE = {"accept": "text/html,application/xhtml+xml"}


def answer(
    path: str = "/", headers: dict[str, str] = PAGE, *, base_path: str = "", method: str = "GET", scheme: str = "http"
) -> Message:
    """How the answer to a request starts, in an app below `base_path`."""

    async def anything(_: Request) -> Response:
        return PlainTextResponse("", headers={"Cache-Control": "no-cache"})

    route = Route("/{path:path}", anything, methods=["GET", "PUT"])
    app = LastingCookie(Starlette(routes=[route]), base_path=base_path)
    sent = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope = {"type": "http", "method": method, "path": path, "headers": sent, "query_string": b"", "scheme": scheme}
    answers: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        answers.append(message)

    asyncio.run(app(scope, receive, send))
    return answers[0]


def said(start: Message, name: str) -> list[str]:
    return [value.decode() for header, value in start["headers"] if header == name.encode()]


def given(*arguments: Any, **options: Any) -> list[Morsel[str]]:
    """The cookies that come with the answer."""
    lines = said(answer(*arguments, **options), "set-cookie")
    return [morsel for line in lines for morsel in SimpleCookie(line).values()]


def jar(*cookies: Morsel[str]) -> dict[str, str]:
    return {cookie.key: cookie.value for cookie in cookies}


def coming_with(cookies: dict[str, str]) -> dict[str, str]:
    return PAGE | {"cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}


@pytest.fixture
def cookies(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Those with which a browser connects."""
    cookies: dict[str, str] = {}
    monkeypatch.setattr(type(st.context), "cookies", property(lambda _: StreamlitCookies(cookies)))
    monkeypatch.setattr(st, "user", {})
    return cookies


def known_by(cookies: dict[str, str], those: dict[str, str]) -> Visitor:
    cookies.clear()
    cookies.update(those)
    return visitor()


def test_a_browser_is_given_a_random_cookie_for_a_year_that_no_script_reads() -> None:
    (cookie,) = given()
    assert cookie.key.startswith(COOKIE)
    assert int(cookie["max-age"]) == YEAR_SECONDS == 365 * 86_400
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert not cookie["domain"]
    assert len(bytes.fromhex(cookie.value)) * 8 >= 128
    assert len({given()[0].value for _ in range(20)}) == 20
    assert cookie.value not in cookie.key


@pytest.mark.parametrize("base_path", ["lab", "/lab/"])
def test_the_cookie_is_for_the_pages_of_this_app_alone(base_path: str) -> None:
    (cookie,) = given("/lab/decode", base_path=base_path)
    assert cookie["path"] == "/lab"


def test_an_encrypted_page_keeps_its_cookie_from_plain_ones() -> None:
    assert given(scheme="https")[0]["secure"]
    assert given(headers=PAGE | {"x-forwarded-proto": "https"})[0]["secure"]
    assert not given()[0]["secure"] and not given(headers=PAGE | {"x-forwarded-proto": "http"})[0]["secure"]


def test_the_cookie_comes_with_pages_and_before_each_connection_and_with_nothing_else() -> None:
    assert given("/decode") and given("/lab/_stcore/host-config", {}, base_path="lab")
    assert not given("/static/js/index.js", {"accept": "*/*"})
    assert not given("/_stcore/upload_file/session/file", method="PUT")
    assert not given("/_stcore/health", {})


def test_nobody_on_the_way_keeps_an_answer_with_a_cookie_for_others() -> None:
    assert said(answer(), "cache-control") == ["private, no-cache"]
    assert said(answer("/index.js", {}), "cache-control") == ["no-cache"]


def test_each_visit_makes_the_cookie_last_for_another_year() -> None:
    first = given()
    again = given(headers=coming_with(jar(*first)))
    assert jar(*again) == jar(*first)
    assert [int(cookie["max-age"]) for cookie in again] == [YEAR_SECONDS]


def test_a_browser_that_comes_back_is_the_same_visitor_and_another_is_not(cookies: dict[str, str]) -> None:
    browser, other = jar(*given()), jar(*given())
    found = known_by(cookies, browser)
    assert found.lasting and known_by(cookies, browser) == found
    assert known_by(cookies, other).owner != found.owner
    (token,) = browser.values()
    assert token not in found.owner


def test_tabs_opened_at_once_at_the_first_visit_are_one_visitor(cookies: dict[str, str]) -> None:
    """Both asked before either was answered; whichever connects first, with one cookie or with both."""
    one, other = jar(*given()), jar(*given())
    hasty = [known_by(cookies, first).owner for first in (one, other)]
    both, both_turned = known_by(cookies, one | other), known_by(cookies, other | one)
    assert both == both_turned
    assert set(both.owners) == set(hasty)
    assert jar(*given(headers=coming_with(one | other))) == one | other


def test_there_is_an_end_to_the_cookies_that_count(cookies: dict[str, str]) -> None:
    many = {f"{COOKIE}{number}": f"{number:032x}" for number in range(100)}
    assert len(known_by(cookies, many).owners) == len(given(headers=coming_with(many))) == MOST


def test_without_cookies_a_visitor_is_known_for_this_visit_only(cookies: dict[str, str]) -> None:
    strangers = [known_by(cookies, {}) for _ in range(2)]
    assert not any(stranger.lasting for stranger in strangers)
    assert strangers[0].owner != strangers[1].owner


@pytest.mark.parametrize("nonsense", ["", "x", "0" * 31, "0" * 33, "G" * 32, "0" * 31 + "\n"])
def test_a_cookie_that_this_app_has_not_given_is_none(cookies: dict[str, str], nonsense: str) -> None:
    assert not known_by(cookies, {f"{COOKIE}1": nonsense}).lasting
    (fresh,) = given(headers=coming_with({f"{COOKIE}1": nonsense.strip()}))
    assert fresh.value != nonsense


def test_runs_kept_under_the_cookie_of_a_browsers_session_stay_its_own(cookies: dict[str, str]) -> None:
    """Before there was a lasting cookie, a run's owner was a digest of Streamlit's token."""
    for value in XSRF_VALUES:
        lasting = jar(*given(headers=coming_with({XSRF_COOKIE: value})))
        assert known_by(cookies, lasting).owner == visitors._named("browser", bytes.fromhex(XSRF_TOKEN))
    # A browser that has the lasting one already keeps it, whatever Streamlit's is.
    known = jar(*given())
    assert jar(*given(headers=coming_with(known | {XSRF_COOKIE: XSRF_VALUES[0]}))) == known


@pytest.mark.parametrize("nonsense", ["", "2|", "2|00000000||0", "not hexadecimal", "2|zz|zz|1", "2|00000000|0102|1"])
def test_a_token_that_streamlit_has_not_given_is_not_taken_over(nonsense: str) -> None:
    headers = coming_with({XSRF_COOKIE: nonsense})
    assert given(headers=headers)[0].value != given(headers=headers)[0].value


def test_who_has_logged_in_is_the_same_in_every_browser(
    cookies: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = known_by(cookies, jar(*given()))
    person: dict[str, Any] = {"is_logged_in": True, "iss": "https://provider", "sub": "1"}
    monkeypatch.setattr(st, "user", person)
    known = visitor()
    assert known.lasting and known_by(cookies, {}) == known
    person["sub"] = "2"
    assert len({known.owner, visitor().owner, browser.owner}) == 3
