"""The list of a visitor's runs."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def listing() -> None:
    from types import SimpleNamespace
    from typing import Any

    import streamlit as st

    from aelib.ui.panels import run_list

    news = st.session_state.setdefault("news", [2, 0, 1])
    session: Any = SimpleNamespace(newly_damaged_runs=lambda: news.pop(0) if news else 0)
    run_list.tell_of_damage(session)


def test_damaged_runs_are_told_of_as_long_as_the_list_is_open() -> None:
    app = AppTest.from_function(listing).run()
    told = "2 of your runs are damaged and cannot be opened. The server has kept their files."
    assert [warning.value for warning in app.warning] == [told]
    app.run()
    assert [warning.value for warning in app.warning] == [told]
    app.run()
    assert app.warning[0].value.startswith("3 of your runs")
