"""An experiment of one's own: values of one or two settings, each trained with several seeds."""

from __future__ import annotations

from typing import Any

import streamlit as st

from aelib.experiments import Asked, Design
from aelib.experiments.own import ID, MOST_RUNS, SEEDS, STEPS, VARIED, csv_of, design_of, values_of
from aelib.spec.fields import InvalidInput, as_text
from aelib.spec.recipes import RECIPES
from aelib.ui.pages.experiments.measured import show_dots, show_progress
from aelib.ui.pages.experiments.overview import show
from aelib.ui.pages.experiments.state import server_experiments
from aelib.ui.panels.labels import LABELS, chosen
from aelib.ui.session.session import Session, plain

__all__ = ["ID", "body", "head"]

_NONE = "none"


def head() -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("All experiments", icon=":material/arrow_back:", type="tertiary", on_click=show, args=(None,))
    st.subheader("Your own experiment", anchor=False)
    st.markdown(
        "Vary one or two of the settings on the Train page and see what each value does, with several seeds. The test "
        "error is compared with that of PCA with as many components as the code has dimensions."
    )


def body(session: Session, dataset: str) -> bool:
    """The choice, and below it the dots; does it run?"""
    design = _choose(session)
    if design is None:
        return False
    running = server_experiments()
    asked = Asked(design, dataset, design.seeds)
    try:
        progress, found = running.progress(asked), running.results.measured(asked)
    except InvalidInput as problem:
        st.warning(plain(str(problem)), icon=":material/info:")
        return False
    known = [values for of_arm in found.values() for values in of_arm]
    done = sum(values is not None for values in known)
    if progress is not None:
        show_progress(asked, progress)
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            if done < len(known):
                st.button(
                    "Continue" if done else "Run",
                    type="primary",
                    icon=":material/play_arrow:",
                    on_click=running.start,
                    args=(asked,),
                )
                st.caption(f"{len(known)} runs, of which {done} are measured.", width="content")
            st.download_button(
                "CSV", csv_of(found), "experiment.csv", "text/csv", icon=":material/download:", disabled=not done
            )
    ended = running.problem(asked)
    if ended and progress is None:
        st.warning(plain(ended), icon=":material/info:")
    show_dots(asked, found)
    return progress is not None


def _choose(session: Session) -> Design | None:
    """What is varied, or None after saying what does not go together."""
    recipe = RECIPES.get(session.config.recipe)
    st.caption(f"All other settings are those of the Train page ({recipe.title if recipe else 'custom'}).")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        first = st.selectbox("Vary", list(VARIED), format_func=LABELS.__getitem__, key="own.first", width=220)
        first_text = _values(first)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        others = [_NONE, *(name for name in VARIED if name != first)]
        if st.session_state.get("own.second") not in others:
            st.session_state["own.second"] = _NONE
        second = st.selectbox(
            "and", others, format_func=lambda name: LABELS.get(name, "nothing else"), key="own.second", width=220
        )
        second_text = "" if second == _NONE else _values(second)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        steps = st.number_input("Steps of each run", STEPS.low, STEPS.high, 500, 100, key="own.steps", width=220)
        seeds = st.number_input("Seeds", SEEDS.low, SEEDS.high, 3, key="own.seeds", width=220)
    try:
        varied = {first: values_of(first, first_text)}
        if second != _NONE:
            varied[second] = values_of(second, second_text)
        return design_of(session.config, varied, steps=int(steps), seeds=int(seeds), label=_label)
    except InvalidInput as problem:
        said = InvalidInput(LABELS.get(problem.field_name, problem.field_name), problem.shown, problem.allowed)
        st.warning(plain(str(said)), icon=":material/info:")
        return None


def _values(name: str) -> str:
    separator = "; " if name == "widths" else ", "
    return st.text_input(
        f"Values of {LABELS[name][0].lower()}{LABELS[name][1:]}",
        separator.join(map(as_text, VARIED[name])),
        key=f"own.values.{name}",
        help=f"Separated by {'semicolons' if name == 'widths' else 'commas'}; at most {MOST_RUNS} runs in all",
    )


def _label(name: str, value: Any) -> str:
    return f"{LABELS[name]}: {chosen(value)}"
