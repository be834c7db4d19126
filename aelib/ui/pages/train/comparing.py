"""A run beside the one shown."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from aelib.spec.config import RunConfig
from aelib.spec.methods import BACKPROP, METHODS
from aelib.ui.panels.labels import difference
from aelib.ui.session.session import Session


def compare(session: Session) -> None:
    """The same network with the same initial weights, trained by backpropagation, next to the run shown."""
    run = session.run
    if run is None:
        return
    twin = replace(run.settings, method=BACKPROP)
    if not METHODS[run.config.method].minimizes_loss:
        # Its learning rate does not multiply a gradient, so that another value suits backpropagation.
        twin = replace(twin, learning_rate=RunConfig().learning_rate)
    made = session.create(twin, train=True)
    if made is not None:
        session.draw_beside(made.id)


def comparison(session: Session) -> None:
    """Which run is drawn beside, and what could be."""
    run, other = session.run, session.beside
    if run is not None and other is not None:
        st.caption(f"Compared with: {difference(other.settings, run.settings)}")
        st.button(
            "Remove",
            icon=":material/close:",
            type="tertiary",
            on_click=session.draw_beside,
            args=(None,),
            key="alone",
        )
    elif run is not None and run.config.method != BACKPROP:
        st.button(
            "Compare with backpropagation",
            icon=":material/compare_arrows:",
            type="tertiary",
            on_click=compare,
            args=(session,),
            key="compare",
            help="Trains the same network from the same initial weights by backpropagation, and overlays its test "
            "error",
        )
