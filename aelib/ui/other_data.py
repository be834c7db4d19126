"""Which data a network meets that it was not trained on."""

from __future__ import annotations

import streamlit as st

from aelib import datasets
from aelib.config import InvalidInput
from aelib.engine import EngineLost, ReadyData
from aelib.ui import answers
from aelib.ui.looking import Viewed
from aelib.ui.pictures import pictures
from aelib.ui.session import plain

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
    return next(name for name in _UNLIKE.get(home, _USUAL) if datasets.is_available(name))


def ready_data(viewed: Viewed, name: str) -> ReadyData | None:
    """The other data on the engine, or None after saying why not yet."""
    if pictures(name) is None:
        answers.expect()
        st.caption("Loading the other images …")
        return None
    try:
        return viewed.engine.data(name)
    except (InvalidInput, EngineLost) as problem:
        st.warning(plain(str(problem)), icon=":material/info:")
        return None
