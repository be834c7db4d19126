"""The gate: where the server's secrets ask for a login, nobody sees a page without one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import streamlit as st
from streamlit.errors import StreamlitMissingAuthlibError
from streamlit.testing.v1 import AppTest

from aelib.runs import Runs
from tests.pages.visit import APP, sound

AUTH = {"auth": {"redirect_uri": "http://localhost:8501/oauth2callback", "cookie_secret": "x" * 32}}
PERSON = {"is_logged_in": True, "iss": "https://provider", "sub": "1"}


def visit(secrets: dict[str, Any], user: dict[str, Any], **query: str) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=60)
    app.secrets, app.user = secrets, user
    for name, value in query.items():
        app.query_params[name] = value
    return sound(app.run())


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


@pytest.mark.parametrize("user", [{}, {"is_logged_in": False}, {"is_logged_in": "yes"}, {"email": "a@example.org"}])
def test_who_is_not_logged_in_sees_one_button_and_no_page(runs: Runs, user: dict[str, Any]) -> None:
    app = visit(AUTH, user, dataset="digits")
    assert buttons(app) == ["Log in"]
    assert "config" not in app.session_state and "entered" not in app.session_state
    assert not app.sidebar.children


def test_an_empty_section_asks_for_a_login_too(runs: Runs) -> None:
    assert buttons(visit({"auth": {}}, {})) == ["Log in"]


def test_who_is_logged_in_sees_the_pages(runs: Runs) -> None:
    app = visit(AUTH, PERSON)
    assert app.button(key="train") and "Log in" not in buttons(app)


@pytest.mark.parametrize("secrets", [{}, {"other": {"key": "value"}}])
def test_without_a_login_in_the_secrets_nothing_changes(runs: Runs, secrets: dict[str, Any]) -> None:
    app = visit(secrets, {})
    assert app.button(key="train") and "Log in" not in buttons(app)
    assert not app.error


def test_a_login_that_is_not_set_up_is_told_in_a_sentence(runs: Runs, monkeypatch: pytest.MonkeyPatch) -> None:
    def not_set_up() -> None:
        raise StreamlitMissingAuthlibError

    monkeypatch.setattr(st, "login", not_set_up)
    app = visit(AUTH, {})
    sound(app.button(key="login").click().run())
    assert "misconfigured" in app.error[0].value


def test_secrets_that_cannot_be_read_close_the_app(runs: Runs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "secrets.toml"
    broken.write_text("[auth\nclient_id = ")
    asked = st.get_option
    monkeypatch.setattr(st, "get_option", lambda name: [str(broken)] if name == "secrets.files" else asked(name))
    assert buttons(visit({}, {})) == ["Log in"]
    broken.unlink()
    assert "Log in" not in buttons(visit({}, {}))
