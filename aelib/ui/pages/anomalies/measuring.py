"""All that is measured of the groups chosen, asked one by one, so that training and others are not kept waiting."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import numpy as np
import streamlit as st
from distributed import Future

from aelib.analysis.anomalies import scores
from aelib.analysis.anomalies.ranking import Ranking
from aelib.analysis.anomalies.scores import Map
from aelib.ui.pages.anomalies.choosing import Choice
from aelib.ui.session.queries import Moment
from aelib.ui.session.query_batch import Inquiry
from aelib.ui.session.run_page import Viewed

T = TypeVar("T")
# While a run trains, it is measured again at most so often.
AGAIN_SECONDS = 3.0
_PINNED, _KNOWN = "anomalies.pinned", "anomalies.known"
_OUTPUT, _MAP = "output", "map"


@dataclass
class _Pinned:
    """The moment of a run that is being measured, so that all scores are of the same network; `done`: they are known.
    `link`: the network, which is let go as soon as nothing more is asked about it."""

    moment: Moment
    link: Future | None
    key: str
    begun: float
    done: bool = False


@dataclass(frozen=True, eq=False)
class Measured:
    """What is known so far: `rankings` by score, of the `names` there will be; `output`: what the network makes of all
    images, the normal ones first, uint8 [N + M, 784] (in colour [N + M, 2352]); `map`: where their codes lie.

    `answered` of `total` questions are, and `settled` says that all are about the newest network; else what was known
    before stays in its place. `problem`: one sentence where a question could not be answered."""

    names: tuple[str, ...]
    rankings: dict[str, Ranking]
    output: np.ndarray | None
    map: Map | None
    answered: int
    total: int
    settled: bool
    problem: str


def measure(viewed: Viewed, choice: Choice) -> Measured:
    """Asks what is not known yet, a few questions at a time, the network's scores first."""
    pinned = _pin(viewed, choice)
    link = viewed.reached.link if pinned.moment == viewed.moment else pinned.link
    known = _known((viewed.run.id, choice.key))
    data, basis = viewed.reached.ready.data, viewed.reached.ready.basis
    inquiry = Inquiry(viewed.engine, "anomalies")
    images = choice.normal.images, choice.anomalous.images
    components = scores.pca_components(viewed.config)

    def ask(place: str, function: Callable[..., T], *arguments: Any, key: Hashable, of: Moment | None) -> None:
        found = inquiry(place, function, *arguments, key=key, of=of)
        if found is not None:
            known[place] = found

    def of_network(place: str, function: Callable[..., T], *arguments: Any) -> None:
        ask(place, function, link, data, *arguments, key=(place, choice.key), of=pinned.moment)

    own = scores.of_network(viewed.config)
    for name in own:
        of_network(name, scores.by_network, name, *images)
    of_network(_OUTPUT, scores.reconstructions, np.concatenate(images))
    of_network(_MAP, scores.code_map, *images)
    for name in scores.RIVALS:
        key = (viewed.dataset.name, components if name == scores.RESIDUAL else 0, name, choice.key)
        ask(name, scores.by_rival, data, basis, name, components, *images, key=key, of=None)
    names = (*own, *scores.RIVALS)
    total = len(names) + 2
    pinned.done = inquiry.answered == total
    if pinned.done:
        pinned.link = None
    return Measured(
        names,
        {name: cast(Ranking, known[name]) for name in names if name in known},
        cast("np.ndarray | None", known.get(_OUTPUT)),
        cast("Map | None", known.get(_MAP)),
        len(known),
        total,
        settled=pinned.done and pinned.moment == viewed.moment,
        problem=inquiry.problem,
    )


def _pin(viewed: Viewed, choice: Choice) -> _Pinned:
    """The newest moment of the run, or while it trains the one whose measuring has not come to its end."""
    pinned: _Pinned | None = st.session_state.get(_PINNED)
    if pinned is not None and (pinned.moment.run_id, pinned.key) == (viewed.run.id, choice.key):
        fresh = not pinned.done or time.monotonic() - pinned.begun < AGAIN_SECONDS
        if pinned.moment == viewed.moment or (viewed.training and fresh):
            return pinned
    pinned = _Pinned(viewed.moment, viewed.reached.link, choice.key, time.monotonic())
    st.session_state[_PINNED] = pinned
    return pinned


def _known(subject: Hashable) -> dict[str, object]:
    """The newest answers about these groups and this run: while it trains, each stays until its successor comes."""
    before: tuple[Hashable, dict[str, object]] | None = st.session_state.get(_KNOWN)
    if before is None or before[0] != subject:
        before = st.session_state[_KNOWN] = (subject, {})
    return before[1]
