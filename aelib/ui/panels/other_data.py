"""Which data a network meets that it was not trained on."""

from __future__ import annotations

import streamlit as st

from aelib import datasets
from aelib.cluster.engine import EngineLost, ReadyData
from aelib.spec.fields import InvalidInput
from aelib.ui.session import queries
from aelib.ui.session.datasets import loaded_dataset
from aelib.ui.session.run_page import Viewed
from aelib.ui.session.session import Session, plain

# What is unlike each: another script, as far as it is here; the last is bundled.
_UNLIKE = {
    "mnist": ("kmnist", "letters"),
    "kmnist": ("mnist", "letters"),
    "letters": ("mnist", "digits"),
    "digits": ("kmnist", "letters"),
}
_USUAL = ("mnist", "letters")


def other_data(home: str) -> str:
    """The name of the data set that a network trained on `home` is shown beside its own."""
    return next(name for name in _UNLIKE.get(datasets.whole(home), _USUAL) if datasets.is_available(name))


def choose_other_data(home: str, key: str, label: str = "Test on", width: int = 260) -> str:
    """A box to choose data in that a network trained on `home` has not seen: what is here, and the visitor's own."""
    known = [entry.name for entry in datasets.entries()]
    own = [name for owner in Session().visitor.owners for name in datasets.own_names(owner)]
    names = [name for name in (*known, *own) if name != datasets.whole(home) and datasets.is_available(name)]
    titles = [datasets.title(name) for name in names]

    def title(name: str) -> str:
        found = datasets.title(name)
        # A browser sends titles back: each must be another one.
        return f"{found} ({name[-4:]})" if titles.count(found) > 1 else found

    if st.session_state.get(key) not in names:
        st.session_state[key] = other_data(home)
    chosen: str = st.selectbox(
        label,
        names,
        names.index(st.session_state[key]),
        key=key,
        format_func=title,
        help="Images of another dataset: used for testing only, nothing is trained on them.",
        persist_state="session",
        width=width,
    )
    return chosen


def ready_data(viewed: Viewed, name: str) -> ReadyData | None:
    """The other data on the engine, or None after saying why not yet."""
    if loaded_dataset(name) is None:
        queries.expect()
        st.caption("Loading the other images …")
        return None
    try:
        return viewed.engine.data(name)
    except (InvalidInput, EngineLost) as problem:
        st.warning(plain(str(problem)), icon=":material/info:")
        return None
