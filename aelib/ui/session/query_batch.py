"""Many expensive questions of one figure, asked bit by bit: it fills in while the training of others goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Any, TypeVar

import streamlit as st

from aelib.cluster.engine import Engine
from aelib.ui.session import queries
from aelib.ui.session.queries import Moment

T = TypeVar("T")
# Seconds that a page waits for more of a figure: it is drawn last, and Streamlit fades what is long in coming.
TIMEOUT = 0.1
# Questions on their way at a time: the engine is never idle, and who moves a slider need not wait for many.
AHEAD = 2


class Inquiry:
    """Asks question after question for as long as a page may wait, until `AHEAD` of them are not answered yet.

    `answered` counts those that are; `problem` is one sentence where one of them could not be. The questions have
    their places under `name`.
    """

    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._until = time.monotonic() + TIMEOUT
        self._on_their_way = 0
        self.answered, self.problem = 0, ""

    def __call__(
        self, place: str, function: Callable[..., T], *arguments: Any, key: Hashable, of: Moment | None = None
    ) -> T | None:
        """The answer of `function(*arguments)`, see `queries.ask`; None where it is not there yet, or not asked."""
        if self._on_their_way == AHEAD:
            return None
        timeout = max(0.01, self._until - time.monotonic())
        place = f"{self._name}.{place}"
        answer = queries.ask(place, self._engine, function, *arguments, of=of, key=key, expensive=True, timeout=timeout)
        if not answer.current:
            self._on_their_way += 1
            return None
        self.answered += 1
        self.problem = self.problem or answer.problem
        return answer.value


def show_progress(answered: int, total: int, problem: str) -> None:
    """How far a figure is measured, or why it cannot be."""
    # Always there, so that what follows keeps its place.
    with st.container():
        if problem:
            st.warning(problem, icon=":material/info:")
        elif answered < total:
            st.progress(answered / total, text=f"Measuring: {answered} of {total} steps done.")
