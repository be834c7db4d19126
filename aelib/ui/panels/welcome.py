"""What a first visit begins with: one sentence, three ways to start a run, and the lessons."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from aelib.ui.panels.lessons import offer_lessons, taken
from aelib.ui.panels.own_image import DRAWING_FIRST
from aelib.ui.session.quick_runs import DENOISER, FAITHFUL, FLAT_CODES, Quick
from aelib.ui.session.session import Session

IDEA = "An **autoencoder** compresses an image into a few numbers and reconstructs it."


@dataclass(frozen=True)
class Start:
    """A button that trains `quick` and opens `page`, where somebody draws."""

    title: str
    icon: str
    help: str
    quick: Quick
    page: str = ""


STARTS = {
    "bottleneck": Start(
        "Shrink the bottleneck",
        "compress",
        "Trains a network whose code has only 2 dimensions: each image becomes a point in the plane.",
        FLAT_CODES,
    ),
    "noise": Start(
        "Add noise",
        "grain",
        "Trains a network that receives noisy images and reconstructs the clean ones.",
        DENOISER,
    ),
    "draw": Start(
        "Draw a digit",
        "draw",
        "Trains a network and opens the page on which it reconstructs what you draw.",
        FAITHFUL,
        "pages/reconstructions.py",
    ),
}


def welcome(session: Session) -> None:
    """The sentence and the buttons; an empty place where this is no first visit, or a lesson leads, so
    that what follows stays mounted."""
    place = st.container(key="welcome")
    if not session.greets or taken() is not None:
        return
    with place:
        idea, starts = st.columns([7, 13], vertical_alignment="center", gap="small")
    idea.markdown(IDEA)
    with starts, st.container(horizontal=True, horizontal_alignment="right", gap="small"):
        for name, start in STARTS.items():
            pressed = st.button(start.title, icon=f":material/{start.icon}:", key=f"welcome.{name}", help=start.help)
            if pressed:
                session.begin(start.quick.on(session.config.dataset))
                if start.page and session.run is not None:
                    st.session_state[DRAWING_FIRST] = True
                    st.switch_page(start.page)
                st.rerun()
        with st.popover("Take a lesson", icon=":material/school:", key="welcome.lesson"):
            offer_lessons("lesson.begin")
