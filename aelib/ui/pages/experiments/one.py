"""One experiment: its claim, what one expects, its runs, and the verdict."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode, urlsplit, urlunsplit

import streamlit as st

from aelib import datasets
from aelib.experiments import Arm, Experiment
from aelib.ui.components.claims import say
from aelib.ui.pages.experiments.measured import show_dots, show_progress
from aelib.ui.pages.experiments.overview import cost, duration, show
from aelib.ui.pages.experiments.state import (
    CHOSEN,
    EXPECTED,
    State,
    expect,
    expected,
    server_experiments,
    state_of,
)
from aelib.ui.session.session import Session, bind, plain

_HELP = (
    "Judged from the same seeds of every arm. Undecided where the 95 % interval does not exclude the contrary; a "
    "difference that is too small to matter does not support a claim."
)


def head(experiment: Experiment, dataset: str) -> None:
    """What does not change while it runs."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("All experiments", icon=":material/arrow_back:", type="tertiary", on_click=show, args=(None,))
        st.space("stretch")
        with st.popover("Share", icon=":material/link:", type="tertiary"):
            st.caption("Anyone with this link sees this experiment on this server.")
            st.code(_link(st.context.url or "", experiment.id, dataset), language=None, wrap_lines=True)
    st.subheader(f"{experiment.id}: {experiment.claim}", anchor=False)
    st.caption("Claimed by: " + "; ".join(experiment.sources))
    st.markdown(experiment.context)


def body(session: Session, experiment: Experiment, dataset: str) -> bool:
    """What changes while it runs; does it?"""
    state = state_of(experiment, dataset)
    _expectation(session, state)
    _buttons(state)
    if state.problem and state.progress is None:
        st.warning(plain(state.problem), icon=":material/info:")
    _verdict(session, state)
    show_dots(state.asked, state.values)
    return state.progress is not None


def _link(page_url: str, id: str, dataset: str) -> str:
    parts = urlsplit(page_url)
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode({CHOSEN: id, "dataset": dataset}), ""))


def _expectation(session: Session, state: State) -> None:
    """Asked before the answer is there."""
    id, owner = state.experiment.id, session.visitor.owner
    answer = expected(owner).get(id)
    if state.judgement is not None:
        return

    def note() -> None:
        expect(owner, id, st.session_state[f"expect.{id}"])

    st.segmented_control(
        "What do you expect?",
        list(EXPECTED),
        key=bind(f"expect.{id}", answer),
        format_func=str.capitalize,
        help="Kept for you, and shown with the answer",
        on_change=note,
    )


def _buttons(state: State) -> None:
    if state.progress is not None:
        show_progress(state.asked, state.progress)
    elif state.judgement is None:
        with st.container(horizontal=True, vertical_alignment="center"):
            label, start = "Continue" if state.done else "Run", server_experiments().start
            st.button(label, type="primary", icon=":material/play_arrow:", on_click=start, args=(state.asked,))
            known = f"{state.done} of {state.total} runs are measured. " if state.done else ""
            st.caption(f"{known}{_told(state.experiment)}", width="content")


def _told(experiment: Experiment) -> str:
    slow = ": it has convolutional networks" if experiment.convolutional else ""
    return f"{cost(experiment).capitalize()} on two idle cores{slow}."


def _verdict(session: Session, state: State) -> None:
    if state.judgement is None:
        return
    with st.container(border=True):
        say(state.judgement.verdict, help=_HELP)
        answer = expected(session.visitor.owner).get(state.experiment.id)
        if answer in EXPECTED:
            right = EXPECTED[answer] is state.judgement.verdict.outcome
            mark = ":material/check:" if right else ":material/close:"
            st.caption(f"{mark} You expected: {answer}.")


def arms(session: Session, experiment: Experiment, dataset: str) -> None:
    """The settings that are compared, each to be trained and changed on the Train page."""
    st.markdown("**The runs**")
    st.caption(
        f"Each is trained with {experiment.seeds} seeds, in about {duration(experiment.seconds)} altogether, and "
        "only what was measured is kept. Open one to train it again, watch it, and change its settings."
    )
    for index, arm in enumerate(experiment.arms):
        config = arm.on(dataset, 0)
        with st.container(horizontal=True, vertical_alignment="center", key=f"arm.{experiment.id}.{index}"):
            on = f"{datasets.title(config.dataset)}, " if arm.dataset else ""
            images = f", {arm.images:,} training images (all of them on the Train page)" if arm.images else ""
            st.markdown(f"{plain(arm.label)}  \n:small[{plain(on)}{config.max_steps:,} steps{images}]", width="stretch")
            if st.button("Open on Train page", key=f"train.{experiment.id}.{index}", icon=":material/play_circle:"):
                _train(session, arm, dataset)


def _train(session: Session, arm: Arm, dataset: str) -> None:
    """Takes over its settings. The run so far stops and is kept."""
    session.draw_beside(None)
    session.show(None)
    session.config = replace(arm.on(dataset, 0))
    session.change()
    st.switch_page("pages/train.py")
