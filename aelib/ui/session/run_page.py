"""What the pages that look into a run have in common: which run, how it is doing, and when to draw it again.

A page is `look_into(session, ...)` with a function that draws a `Viewed`. While the run trains, or an
answer of the engine is on its way, that function is called again and again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any, TypeVar

import streamlit as st

from aelib import datasets
from aelib.cluster.engine import Engine
from aelib.datasets import Dataset
from aelib.runs import Reached, Run, RunView, Unreadable
from aelib.runs.status import UNDERWAY, Status
from aelib.spec.config import RunConfig
from aelib.spec.fields import InvalidInput
from aelib.spec.methods import METHODS
from aelib.ui.panels.exporting import export_menu
from aelib.ui.panels.labels import waiting
from aelib.ui.panels.run_titles import run_title
from aelib.ui.server.internals import wait_until_sent
from aelib.ui.session import queries
from aelib.ui.session.datasets import loaded_dataset
from aelib.ui.session.queries import Answer, Moment
from aelib.ui.session.quick_runs import Quick
from aelib.ui.session.session import Session, plain, server_runs

T = TypeVar("T")

# Seconds between two looks at a run that trains, and at an answer that is on its way.
FOLLOWING, WAITING = 0.5, 0.25
LISTED = 50


@dataclass(frozen=True)
class Viewed:
    """The run that a page looks into, at its newest step, with everything needed to ask about it."""

    run: Run
    view: RunView
    reached: Reached
    engine: Engine
    dataset: Dataset

    @property
    def config(self) -> RunConfig:
        return self.run.settings

    @property
    def moment(self) -> Moment:
        return Moment(self.run.id, self.reached.step)

    @property
    def training(self) -> bool:
        return self.view.status == Status.TRAINING

    def ask(
        self,
        place: str,
        function: Callable[..., T],
        *arguments: Any,
        key: Hashable = None,
        hold_step: bool | None = None,
        expensive: bool = False,
        timeout: float = queries.TIMEOUT,
    ) -> Answer[T]:
        """The answer of `function(slice, data, *arguments)`, see `queries.ask`; `key` says what `arguments` are.

        With `hold_step`, which is the default for what is `expensive`, nothing is asked again with every step of a run
        that trains. The page waits at most `timeout` seconds for the answer.
        """
        return queries.ask(
            place,
            self.engine,
            function,
            self.reached.link,
            self.reached.ready.data,
            *arguments,
            of=self.moment,
            key=key,
            hold_step=self.training and (expensive if hold_step is None else hold_step),
            expensive=expensive,
            timeout=timeout,
        )


def look_into(session: Session, *, see: str, explain: str, starter: Quick, draw: Callable[[Viewed], None]) -> None:
    """A page that looks into the session's run.

    `see`: one sentence that says what is to be seen. `explain`: Markdown behind "What is this?". `starter`: a good
    run for this page, trained at once where there is none. `draw` draws the rest.
    """
    session.open_latest()
    with st.container():
        session.show_notices()
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(see, width="stretch")
        with st.popover("About this page", icon=":material/help:", type="tertiary"):
            st.markdown(explain)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="look"):
        _picker(session)
        _train_on(session)
        export_menu(session)
    interval = _interval(session)

    @st.fragment(run_every=interval)
    def part() -> None:
        queries.begin()
        run = session.run
        if run is None:
            _nothing_yet(session, starter)
        else:
            run.touch()
            # What it says comes and goes, and must not push what is drawn below to another place.
            with st.container():
                viewed = _viewed(run)
            if viewed is not None:
                draw(viewed)
        # Timers are declared by the whole page: it starts over when the pace has to change.
        if _interval(session) != interval:
            st.rerun()
        wait_until_sent()

    part()
    session.write_url()
    wait_until_sent()


def _interval(session: Session) -> float | None:
    """Seconds until the page has to be drawn again by itself."""
    run = session.run
    if run is None:
        return None
    if run.status == Status.TRAINING:
        return FOLLOWING
    on_its_way = run.status == Status.STARTING or (run.reached() is None and run.status != Status.FAILED)
    return WAITING if on_its_way or queries.waiting() else None


def _picker(session: Session) -> None:
    """The runs of this session, newest first."""
    summaries = {summary.id: summary for summary in session.own_runs()[:LISTED]}
    run = session.run
    if run is None:
        return
    summaries.setdefault(run.id, run.summary())

    def pick() -> None:
        # A browser that still shows the titles of a moment ago sends one of them.
        if st.session_state["look.run"] not in summaries:
            return
        try:
            session.open(st.session_state["look.run"])
        except Unreadable as problem:
            session.notice(str(problem))

    # Set every time: a browser that comes back to a page would show the newest run, which another tab may have started.
    st.session_state["look.run"] = run.id
    st.selectbox(
        "Run",
        list(summaries),
        key="look.run",
        format_func=lambda run_id: run_title(summaries[run_id]),
        help="The run shown on this page; the choice applies to all pages. Its error is the MSE on at most "
        "1,000 test images, corrupted as in training.",
        on_change=pick,
        width="stretch",
    )


def _train_on(session: Session) -> None:
    def act(on: Callable[[Run], None]) -> None:
        # The run as it is when the button is pressed: the one that was drawn may have left memory since, or the store.
        run = session.run
        if run is not None:
            on(run)

    run = session.run
    if run is None:
        return
    if run.status in UNDERWAY:
        help = "Pauses training; the weights so far are kept"
        st.button("Pause", icon=":material/pause:", on_click=act, args=(Run.pause,), help=help)
    else:
        help = "Continues training; this page updates live"
        st.button("Continue training", icon=":material/play_arrow:", on_click=act, args=(Run.train,), help=help)


def _nothing_yet(session: Session, starter: Quick) -> None:
    name = session.config.dataset
    if not datasets.is_available(name):
        st.info(
            "The images of this dataset are not on this server. The Train page says what can be done.",
            icon=":material/info:",
        )
        return
    with st.container(border=True, horizontal_alignment="center"):
        st.markdown("**No trained network yet.** Train a good one in a few seconds.")
        if st.button("Train one for me", type="primary", icon=":material/play_arrow:", key="train.starter"):
            session.begin(starter.on(session.config.dataset))
            st.rerun()


def _reached(run: Run) -> Reached | None:
    """A run that rested for long has left memory, and comes back within milliseconds. They are waited for: else what
    was clicked would find a page without buttons."""
    end = time.monotonic() + queries.TIMEOUT
    while (
        (reached := run.reached()) is None
        and run.status not in (Status.STARTING, Status.FAILED)
        and time.monotonic() < end
    ):
        time.sleep(0.01)
    return reached


def _viewed(run: Run) -> Viewed | None:
    """Everything about the run, or None after saying why not."""
    name = run.config.dataset
    dataset = loaded_dataset(name)
    if dataset is None and not datasets.is_available(name):
        st.warning(
            f"This run was trained on “{plain(datasets.title(name))}”, and these images are no longer on the server. "
            "Choose another run, or upload the images again on the Train page.",
            icon=":material/info:",
        )
        return None
    view = run.view()
    if view.message:
        st.warning(plain(view.message), icon=":material/info:")
    try:
        engine = server_runs().engine
    except InvalidInput as problem:
        st.warning(plain(str(problem)), icon=":material/info:")
        return None
    except Exception:  # noqa: BLE001 - it was logged when it happened
        st.warning("The training process could not be started (see the server log).", icon=":material/info:")
        return None
    reached = None if engine is None or dataset is None else _reached(run)
    if engine is None or dataset is None or reached is None:
        if view.status != Status.FAILED:
            st.progress(0.0, text="Starting …")
            queries.expect()
        return None
    if view.status in UNDERWAY:
        share = min(1.0, view.step / view.budget) if view.budget else 0.0
        following = f"Training: step {view.step:,} of {view.budget:,} (this page updates live)"
        st.progress(share, text=waiting(view.place, view.shortage) if view.place else following)
    phase = view.phases[-1]
    if METHODS[phase.rule].layerwise:
        st.info(
            f"This network is still {phase.title}. The page shows the whole network, whose layers have not been "
            "trained together yet; some may not have been trained at all.",
            icon=":material/info:",
        )
    if reached.step == 0 and view.status not in UNDERWAY:
        st.info("This network is untrained. Press “Continue training”.", icon=":material/info:")
    return Viewed(run, view, reached, engine, dataset)
