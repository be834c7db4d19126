"""Networks of several kinds trained side by side: first until all have seen as many images, then the quicker ones again
for as long as the slowest took."""

from __future__ import annotations

import contextlib
import math
from dataclasses import replace

import streamlit as st

from aelib.analysis.denoising import transfer
from aelib.runs import Run, Unreadable
from aelib.runs.status import UNDERWAY, Status
from aelib.spec.corruptions import CORRUPTIONS
from aelib.ui.session import queries
from aelib.ui.session.quick_runs import SIDE_BY_SIDE
from aelib.ui.session.session import Session, plain, server_runs

# The runs of equal images, and those of equal time, of which the seconds are the slowest one's.
_EQUAL_IMAGES, _EQUAL_TIME = "denoising.equal_images", "denoising.equal_time"


def trained_together() -> list[Run]:
    """Those that were trained side by side last, as far as they are still there."""
    return [*_runs(_EQUAL_IMAGES), *_runs(_EQUAL_TIME)]


def _runs(place: str) -> list[Run]:
    found = []
    for run_id in st.session_state.get(place, []):
        with contextlib.suppress(Unreadable):
            found.append(server_runs().get(run_id))
    return found


def train_side_by_side(home: str, corruption: str) -> bool:
    """The button, and how the networks are getting on. Was it pressed?"""
    state = st.session_state
    usual = CORRUPTIONS[corruption].usual
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        pressed = st.button(
            "Train side by side",
            icon=":material/play_arrow:",
            key="denoising.side_by_side",
            # Once more would begin others and leave these behind.
            disabled=any(run.status in UNDERWAY for run in trained_together()),
            help="Two dense networks, convolutions into a dense decoder, and a fully convolutional network, each on "
            f"the same images with {CORRUPTIONS[corruption].title} of {usual:g}: first as many images for each, then "
            "the quicker ones anew for as many seconds as the slowest took. They share the computer; it takes a "
            "minute or two.",
        )
    if pressed:
        configs = (replace(one.on(home), corruption=corruption, corruption_level=usual) for one in SIDE_BY_SIDE)
        created = (Session().create(config, train=True) for config in configs)
        state[_EQUAL_IMAGES] = [run.id for run in created if run is not None]
        state[_EQUAL_TIME] = []
    else:
        _give_equal_time()
    with st.container():
        for run in trained_together():
            _follow(run)
    return pressed


def _give_equal_time() -> None:
    """Once all have seen as many images: the quicker ones again, each for as long as the slowest took."""
    first, again = _runs(_EQUAL_IMAGES), _runs(_EQUAL_TIME)
    if not first or any(run.status in UNDERWAY or not run.train_seconds for run in first):
        return
    seconds = max(run.train_seconds for run in first)
    if not again and not st.session_state[_EQUAL_TIME]:
        quicker = [run for run in first if run.train_seconds < (1 - transfer.EQUAL) * seconds]
        budgets = (run.config.epochs * seconds / run.train_seconds for run in quicker)
        configs = [replace(run.config, epochs=math.ceil(epochs)) for run, epochs in zip(quicker, budgets, strict=True)]
        created = (Session().create(config, train=True) for config in configs)
        st.session_state[_EQUAL_TIME] = [run.id for run in created if run is not None]
    for run in again:
        if run.status == Status.TRAINING and run.train_seconds >= seconds:
            run.pause()
        elif run.status == Status.FINISHED and run.train_seconds < seconds:
            # Its first batches were slower than the rest, so its epochs did not last.
            run.train()


def _follow(run: Run) -> None:
    run.touch()
    view = run.view()
    if view.status in UNDERWAY:
        queries.expect()
        share = min(1.0, view.step / view.budget) if view.budget else 0.0
        name = f"{transfer.kind_of(view.config)} {'-'.join(map(str, view.config.widths))}"
        if run.id in st.session_state[_EQUAL_TIME]:
            seconds = max((one.train_seconds for one in _runs(_EQUAL_IMAGES)), default=0.0)
            share = min(1.0, run.train_seconds / seconds) if seconds else share
            st.progress(share, text=f"{name}: {run.train_seconds:.0f} of {seconds:.0f} seconds")
        else:
            st.progress(share, text=f"{name}: step {view.step:,} of {view.budget:,}")
    elif view.message:
        st.warning(plain(view.message), icon=":material/info:")
