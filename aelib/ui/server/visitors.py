"""Who is there, and under which names their runs are kept: the person logged in, else the browser, else this tab.

A browser is known by a cookie of this app, which lasts for a year after each visit. Tabs that are opened at the same
moment, at a browser's first visit, may each be given one: so each has a name of its own, the browser keeps all of them,
and what was trained under any of them is found.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from aelib.runs.registry import new_owner
from aelib.ui.server.internals import XSRF_COOKIE_NAME, upload_token
from aelib.ui.server.login import logged_in
from aelib.ui.server.routes import below

COOKIE = "aelib_visitor_"
YEAR_SECONDS = 365 * 24 * 60 * 60
# More cookies than this are no first visit.
MOST = 8
_TOKEN_BYTES = 16
_TOKEN = re.compile(rf"[0-9a-f]{{{2 * _TOKEN_BYTES}}}")


@dataclass(frozen=True)
class Visitor:
    """`owners`: the names under which this visitor's runs are kept, new ones under the first. `lasting`: are these the
    names of the next visit, too? `address`: the part of the network that the visit comes from."""

    owners: tuple[str, ...]
    lasting: bool
    address: str = ""

    @property
    def owner(self) -> str:
        return self.owners[0]


def visitor() -> Visitor:
    """Who is there, while a page is drawn."""
    # Streamlit says None of this machine.
    address = network(st.context.ip_address or "")
    if logged_in():
        person = _named("person", f"{st.user.get('iss')} {st.user.get('sub')}".encode())
        return Visitor((person,), lasting=True, address=address)
    tokens = _tokens(st.context.cookies.to_dict())
    if tokens:
        owners = tuple(_named("browser", bytes.fromhex(token)) for token in tokens)
        return Visitor(owners, lasting=True, address=address)
    return Visitor((new_owner(),), lasting=False, address=address)


def network(address: str) -> str:
    """What counts as one network address: of IPv6, where a household has 2^64 of them, their common first half."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    return str(parsed.ipv4_mapped or ipaddress.ip_network((int(parsed), 64), strict=False))


class LastingCookie:
    """Middleware: gives a browser the cookie by which it is known, and renews it with every visit.

    It comes with a page, and with what Streamlit's client asks for before it connects: a tab that connects again, to a
    server that was started again, does not load its page again.
    """

    def __init__(self, app: ASGIApp, base_path: str) -> None:
        self._app = app
        self._path = below(base_path, "").rstrip("/") or "/"
        self._before_connecting = below(base_path, "_stcore/host-config")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] != "GET" or not self._begins_visit(scope):
            await self._app(scope, receive, send)
            return
        cookies = HTTPConnection(scope).cookies
        tokens = _tokens(cookies) or (_first_token(cookies),)
        secure = "; Secure" if _encrypted(scope) else ""

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                # What stands between browser and server may not hand one visitor's cookie to another.
                headers["Cache-Control"] = "private, no-cache"
                for token in tokens:
                    headers.append(
                        "Set-Cookie",
                        f"{_cookie_name(token)}={token}; Max-Age={YEAR_SECONDS}; Path={self._path}; HttpOnly; "
                        f"SameSite=Lax{secure}",
                    )
            await send(message)

        await self._app(scope, receive, send_with_cookie)

    def _begins_visit(self, scope: Scope) -> bool:
        is_page = "text/html" in Headers(scope=scope).get("accept", "")
        return is_page or scope["path"] == self._before_connecting


def _encrypted(scope: Scope) -> bool:
    """Did the browser ask by https, be it a web server before this one that it asked?"""
    return scope["scheme"] == "https" or Headers(scope=scope).get("x-forwarded-proto", "").startswith("https")


def _tokens(cookies: Mapping[str, str]) -> tuple[str, ...]:
    """Those that this app has given out, in an order that does not change."""
    given = (token for name, token in sorted(cookies.items()) if name.startswith(COOKIE))
    return tuple(token for token in given if _TOKEN.fullmatch(token))[:MOST]


def _first_token(cookies: Mapping[str, str]) -> str:
    """A random one. But browsers were once known by the token that protects their uploads: who still has that one,
    and runs under it, keeps it."""
    before = upload_token(cookies.get(XSRF_COOKIE_NAME, ""))
    return before.hex() if before and len(before) == _TOKEN_BYTES else secrets.token_hex(_TOKEN_BYTES)


def _cookie_name(token: str) -> str:
    return COOKIE + _named("cookie", token.encode())[:8]


def _named(kind: str, secret: bytes) -> str:
    # Only a digest is kept with the runs.
    return hashlib.sha256(kind.encode() + b"\0" + secret).hexdigest()
