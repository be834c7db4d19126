"""A slider that grids of images follow while it is dragged (see `aelib.ui.server.preview`)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import streamlit as st

from aelib.ui.components.component import component

_COMPONENT = component(Path(__file__).parent)


def slider(label: str, options: Sequence[float], *, key: str, named: Callable[[float], str], help: str = "") -> float:
    """Draws a slider over the `options`, ascending, each shown as `named`; returns the option chosen.

    The choice is `st.session_state[key]`, which the page may set. Grids that follow the name `key` are told each
    option under the hand as the text of its number, by `message`; the page itself is drawn again when the hand rests.
    """
    state = st.session_state
    chosen = min(range(len(options)), key=lambda index: abs(options[index] - state.get(key, options[0])))
    state[key] = options[chosen]

    def take() -> None:
        index = getattr(state.get(f"{key}.slider"), "chosen", None)
        # What a browser says is not to be trusted.
        if isinstance(index, int) and not isinstance(index, bool) and 0 <= index < len(options):
            state[key] = options[index]

    _COMPONENT(
        key=f"{key}.slider",
        data={
            "label": label,
            "help": help,
            "name": key,
            "options": [named(option) for option in options],
            "messages": [message(option) for option in options],
            "chosen": chosen,
        },
        on_chosen_change=take,
    )
    return options[chosen]


def message(option: float) -> str:
    """What a grid that follows a slider is told of an option."""
    return repr(option)
