"""What every answer tells the browser not to do."""

from __future__ import annotations

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from aelib.host.settings import FRAME_ANCESTORS, METRICS
from aelib.ui.server.headers import SecurityHeaders, content_security_policy


def client(base_path: str = "") -> TestClient:
    def page(_: object) -> PlainTextResponse:
        return PlainTextResponse("there")

    paths = ("/", "/_stcore/metrics", "/lab/_stcore/metrics", "/_stcore/metrics/more")
    return TestClient(
        Starlette(
            routes=[Route(path, page) for path in paths],
            middleware=[Middleware(SecurityHeaders, base_path=base_path, pages=["<script>go()</script>"])],
        )
    )


def directives(policy: str) -> dict[str, list[str]]:
    return {name: values for name, *values in (part.split() for part in policy.split("; "))}


@pytest.mark.parametrize("path", ["/", "/not-there"])
def test_every_answer_has_them(path: str) -> None:
    headers = client().get(path).headers
    # The address holds the id of a run, which no other site may see.
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"
    assert directives(headers["Content-Security-Policy"])["frame-ancestors"] == ["'self'"]


def test_a_page_loads_from_its_own_server_alone() -> None:
    allowed = directives(content_security_policy(["<script>go()</script>", "<script src='x'></script>"], ""))
    sources = {source for values in allowed.values() for source in values}
    # Of `printf 'go()' | openssl dgst -sha256 -binary | base64`.
    go = "'sha256-5KYv+PUboo5h+0+YAtGRPbwv5d/QxzHslP4YGnUaxRw='"
    assert sources <= {"'self'", "'none'", "'unsafe-inline'", "data:", "blob:", go}
    assert "'unsafe-inline'" not in allowed["script-src"] and go in allowed["script-src"]
    assert allowed["default-src"] == ["'self'"]


def test_sites_that_are_named_may_show_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(FRAME_ANCESTORS.variable, "https://course.example.org  https://*.example.com")
    headers = client().get("/").headers
    ancestors = directives(headers["Content-Security-Policy"])["frame-ancestors"]
    assert ancestors == ["'self'", "https://course.example.org", "https://*.example.com"]
    assert "X-Frame-Options" not in headers


def test_metrics_are_answered_only_where_they_are_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    assert client().get("/_stcore/metrics").status_code == 404
    assert client("lab").get("/lab/_stcore/metrics").status_code == 404
    assert client().get("/_stcore/metrics/more").text == "there"
    monkeypatch.setenv(METRICS.variable, "true")
    assert client().get("/_stcore/metrics").text == "there"
