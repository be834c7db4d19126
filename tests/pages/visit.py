"""A visit to the app without a browser (Streamlit's AppTest)."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

APP = str(Path(__file__).parents[2] / "app.py")
TIMEOUT = 60.0


def opened(page: str = "", **query: str) -> AppTest:
    """The app at a page ("pages/decode.py"; by default the Train page), with the URL's parameters."""
    app = AppTest.from_file(APP, default_timeout=60)
    for name, value in query.items():
        app.query_params[name] = value
    sound(app.run())
    return sound(app.switch_page(page).run()) if page else app


def sound(app: AppTest) -> AppTest:
    assert not app.exception
    return app


def wait_until(app: AppTest, seen: Callable[[AppTest], object]) -> AppTest:
    """Draws the page again and again, as its timer would, until `seen` holds."""
    deadline = time.monotonic() + TIMEOUT
    while not seen(app):
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.1)
        sound(app.run())
    return app


def query(app: AppTest) -> dict[str, str]:
    return {name: values[0] if isinstance(values, list) else values for name, values in app.query_params.items()}


def widget_labels(app: AppTest) -> set[str]:
    kinds = (app.selectbox, app.select_slider, app.slider, app.number_input, app.text_input, app.toggle)
    return {widget.label for kind in kinds for widget in kind}
