"""What the articles claim, put to the test."""

import streamlit as st

from aelib import datasets
from aelib.experiments import EXPERIMENTS
from aelib.ui.pages.experiments import own
from aelib.ui.pages.experiments.one import arms, body, head
from aelib.ui.pages.experiments.overview import overview
from aelib.ui.pages.experiments.state import CHOSEN, DATASET, images_are_here
from aelib.ui.session.session import Session

SEE = (
    "Articles make claims about autoencoders. Each is put to the test here: networks are trained with several seeds, "
    "measured, and the claim is judged."
)
EXPLAIN = """ An experiment compares **arms**, which are settings, by training each of them with the same **seeds**.
One measurement of every run gives a number for each arm and seed, a dot in the plot. Its bar is the 95 % interval of
the mean (Student's t).

The **verdict** comes from differences between arms, seed by seed:
- *supported*: the difference is as claimed, clearly, and large enough to matter;
- *refuted*: it is clearly the other way round, or too small to matter;
- *undecided*: the numbers allow both;
- *depends*: one part of the claim holds and another does not, or it holds under some conditions only.

Where several tests decide together, Holm's correction keeps the chance of a false alarm below 5 %.

Runs of experiments belong to the server: they are not among your runs, and they wait while visitors' own runs train.
What is measured once is kept, and everybody sees it. The same from a terminal: `aelib experiments run C15`.
"""
FOLLOWING = 0.8


def choose_dataset() -> str:
    """The images that experiments are about: one of those with classes that are here."""
    names = [entry.name for entry in datasets.entries() if datasets.is_available(entry.name)]
    asked = st.query_params.get("dataset", "")
    if st.session_state.get(DATASET) not in names:
        st.session_state[DATASET] = asked if asked in names else datasets.default_name()

    def note() -> None:
        st.query_params["dataset"] = st.session_state[DATASET]

    return st.selectbox(
        "Images",
        names,
        key=DATASET,
        format_func=datasets.title,
        help="Verdicts may differ with the data",
        persist_state="session",
        on_change=note,
        width=260,
    )


session = Session()
session.show_notices()
with st.container(horizontal=True, vertical_alignment="center", gap="small"):
    st.markdown(SEE, width="stretch")
    with st.popover("About this page", icon=":material/help:", type="tertiary"):
        st.markdown(EXPLAIN)
dataset = choose_dataset()
chosen = st.query_params.get(CHOSEN, "")
experiment = EXPERIMENTS.get(chosen)


def draw() -> bool:
    """What changes while something runs, or images are read; does it?"""
    if not images_are_here(dataset):
        st.progress(0.0, text="Reading the images …")
        return True
    if chosen == own.ID:
        return own.body(session, dataset)
    return overview(dataset) if experiment is None else body(session, experiment, dataset)


if chosen == own.ID:
    own.head()
elif experiment is not None:
    head(experiment, dataset)
follows = st.session_state.get("experiments.follows", False)


@st.fragment(run_every=FOLLOWING if follows else None)
def part() -> None:
    # Timers are declared by the whole page: it starts over when something begins or ends.
    st.session_state["experiments.follows"] = draw()
    if st.session_state["experiments.follows"] != follows:
        st.rerun()


part()
if experiment is not None:
    arms(session, experiment, dataset)
