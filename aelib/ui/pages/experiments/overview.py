"""All experiments as cards, by the article that makes the claim."""

from __future__ import annotations

import streamlit as st

from aelib.experiments import EXPERIMENTS, Experiment, own
from aelib.experiments.experiment import number
from aelib.spec.recipes.recipe import DEEP_INSIDE, HANDS_ON, KERAS_BLOG, STUDY_NOTES, TFLEARN
from aelib.ui.pages.experiments.state import CHOSEN, State, state_of

ARTICLES = (TFLEARN, KERAS_BLOG, HANDS_ON, DEEP_INSIDE, STUDY_NOTES)
COLUMNS = 3


def overview(dataset: str) -> bool:
    """Draws the cards; is one of them running?"""
    states = {one.id: state_of(one, dataset) for one in sorted(EXPERIMENTS.values(), key=lambda one: number(one.id))}
    with st.container(horizontal=True, vertical_alignment="center"):
        _summary(states)
        st.space("stretch")
        if st.button("Your own experiment", icon=":material/tune:", key="open.own"):
            show(own.ID)
            st.rerun()
    for article in ARTICLES:
        mine = [state for state in states.values() if state.experiment.sources[0] == article]
        st.subheader(article, anchor=False)
        for first in range(0, len(mine), COLUMNS):
            for column, state in zip(st.columns(COLUMNS, gap="small"), mine[first : first + COLUMNS], strict=False):
                with column:
                    _card(state)
    return any(state.progress is not None for state in states.values())


def _summary(states: dict[str, State]) -> None:
    judged = [state.judgement.verdict.outcome for state in states.values() if state.judgement is not None]
    counts = [f"{judged.count(outcome)} {outcome}" for outcome in dict.fromkeys(sorted(judged))]
    known = f"{len(judged)} of {len(states)} are answered on this server"
    st.caption(f"{known}: {', '.join(counts)}." if judged else f"{known}. Open one and run it.")


def _card(state: State) -> None:
    experiment = state.experiment
    with st.container(border=True, height="stretch"):
        st.markdown(f":small[{experiment.id} · {state.said}]  \n**{experiment.claim}**")
        with st.container(
            horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key=f"card.{experiment.id}"
        ):
            st.caption(cost(experiment), width="content")
            if st.button("Open", key=f"open.{experiment.id}"):
                show(experiment.id)
                st.rerun()


def cost(experiment: Experiment) -> str:
    """How many runs it trains, and how long that takes."""
    runs = len(experiment.arms) * experiment.seeds
    return f"{runs} runs · about {duration(experiment.seconds)}"


def duration(seconds: int) -> str:
    return f"{seconds} s" if seconds < 100 else f"{round(seconds / 60)} min"


def show(id: str | None) -> None:
    """Opens an experiment, or all of them."""
    if id is None:
        st.query_params.pop(CHOSEN, None)
    else:
        st.query_params[CHOSEN] = id
