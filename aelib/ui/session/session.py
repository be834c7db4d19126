"""What one browser tab has in hand: its settings, its run, and the server's runs. All of it follows the URL.

The settings are one `RunConfig` in the session. Widgets show it and change it through
`aelib.ui.panels.controls`; the URL mirrors it after every run of a page.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future as Promise
from dataclasses import replace

import streamlit as st
from filelock import FileLock

from aelib import datasets
from aelib.cluster.engine import Engine, EngineLost
from aelib.host import limits, settings
from aelib.host.faults import describe
from aelib.runs import Full, Run, Runs, Summary, Unreadable
from aelib.runs.home import occupy
from aelib.spec.config import Knobs, RunConfig, same_run, with_changes
from aelib.spec.constraints import repaired
from aelib.spec.fields import InvalidInput
from aelib.spec.recipes import RECIPES
from aelib.spec.serialization import from_query, to_query
from aelib.ui.panels.labels import mended
from aelib.ui.server.internals import forget_pages_directory
from aelib.ui.server.preview import withdraw as withdraw_previews
from aelib.ui.server.routes import one_for_all
from aelib.ui.server.visitors import Visitor, visitor

log = logging.getLogger(__name__)

# A link may be wrong in many ways, and is not to push the page out of sight.
NOTICES_SHOWN = 2
FIRST_RECIPE = "vanilla-64"
PAGE_FIRST_SECONDS = 1.0
SWEEP_SECONDS = 5.0


@one_for_all
def server_runs() -> Runs:
    """The runs of this server. The engine starts in the background; nobody waits for it to see a page.

    Raises `home.InUse` where another server keeps its runs in the same folder.
    """
    # A folder that cannot be written is told of with every run that is not saved.
    with contextlib.suppress(OSError):
        occupy_home()
    engine: Promise[Engine] = Promise()

    def start() -> None:
        # The server may have been told to stop before it came to this.
        if not engine.set_running_or_notify_cancel():
            return
        try:
            engine.set_result(Engine.start())
        except BaseException as error:  # noqa: BLE001 - who asks for the engine raises it
            if not isinstance(error, InvalidInput):
                log.error("The engine could not be started: %s", describe(error))
            engine.set_exception(error)
            return
        # Data that cannot be loaded are for the page to explain; and the server may be told to stop just now.
        with contextlib.suppress(InvalidInput, EngineLost):
            engine.result().data(datasets.default_name())

    # The first page goes first: starting workers at the same moment would hold it up on a small machine.
    starter = threading.Timer(PAGE_FIRST_SECONDS, start)
    starter.daemon = True
    starter.start()
    runs = Runs(engine, datasets.home())
    threading.Thread(target=_sweep, args=(runs,), daemon=True).start()
    # Plain atexit would come too late: by then Python has stopped the threads that bring the last slices home.
    threading._register_atexit(runs.close)  # type: ignore[attr-defined]
    return runs


def data_in_use() -> set[str]:
    """The names of the data that runs of this server use."""
    return server_runs().data_sets()


@one_for_all
def occupy_home() -> FileLock:
    """Keeps the folder of runs for this process."""
    return occupy(datasets.home())


def _sweep(runs: Runs) -> None:
    while True:
        time.sleep(SWEEP_SECONDS)
        try:
            runs.sweep()
        except Exception as error:  # noqa: BLE001 - the next time is another try, and nobody else looks after runs
            log.error("Runs could not be looked after: %s", describe(error))


@one_for_all
def environment_notices() -> tuple[str, ...]:
    """A sentence for every AELIB_… variable that cannot be used; the app goes on as if it were not set."""
    notices = []
    checks: dict[str, Callable[[], object]] = {
        "AELIB_DATA_DIR": datasets.data_dir,
        "AELIB_HOME": datasets.home,
        **{setting.variable: setting.given for setting in settings.ALL},
    }
    for name, check in checks.items():
        try:
            check()
        except InvalidInput as problem:
            notices.append(str(problem))
            del os.environ[name]
    return tuple(notices)


def first_config() -> RunConfig:
    """What a first visit starts with."""
    return replace(RECIPES[FIRST_RECIPE].config, dataset=datasets.default_name())


def enter() -> None:
    """app.py says that it is the one that runs a page."""
    st.session_state.entered = True
    withdraw_previews()


class Session:
    """The state of one tab, kept in `st.session_state`."""

    def __init__(self) -> None:
        state = st.session_state
        if "entered" not in state:
            # The first visitor of a server who asks for a page by its address gets the file in pages/ alone, as in
            # Streamlit's older way of many pages, which ends when app.py calls `st.navigation`: once more, then.
            forget_pages_directory()
            st.rerun()
        if "config" not in state:
            query = st.query_params.to_dict()
            state.config, problems = from_query(query, first_config(), limits.constraints())
            state.notices = [str(problem) for problem in problems]
            state.run_id = query.get("run")
            state.visitor = visitor()
            state.first_visit = not query and not self.own_runs()
            if not query:
                self.open_latest()

    @property
    def config(self) -> RunConfig:
        config: RunConfig = st.session_state.config
        return config

    @config.setter
    def config(self, config: RunConfig) -> None:
        st.session_state.config = config

    @property
    def visitor(self) -> Visitor:
        visitor: Visitor = st.session_state.visitor
        return visitor

    def own_runs(self) -> list[Summary]:
        """The runs of this visitor, newest first."""
        return server_runs().list(*self.visitor.owners)

    def newly_damaged_runs(self) -> int:
        """How many of them turned out to be damaged, and were set aside, since this was asked last."""
        return server_runs().newly_damaged(*self.visitor.owners)

    @property
    def greets(self) -> bool:
        """Is somebody here for the first time, and has not begun a run yet?"""
        first_visit: bool = st.session_state.first_visit
        return first_visit and st.session_state.run_id is None

    @property
    def run(self) -> Run | None:
        """The run that this tab shows, or None."""
        run_id = st.session_state.run_id
        if run_id is None:
            return None
        try:
            return server_runs().get(run_id)
        except Unreadable as problem:
            self.notice(str(problem))
            st.session_state.run_id = None
            return None

    def show(self, run: Run | None) -> None:
        """Makes `run` the one that this tab shows; the one shown before stops training."""
        before = self.run
        if before is not None and before is not run:
            before.pause()
        st.session_state.run_id = None if run is None else run.id

    def open(self, run_id: str) -> None:
        """Shows a stored run with its settings."""
        self.show(server_runs().get(run_id))
        run = self.run
        if run is not None:
            self.config = run.settings

    def open_latest(self) -> None:
        """Shows the visitor's newest run where none is shown."""
        latest = self.own_runs()[:1] if self.run is None else []
        for summary in latest:
            try:
                self.open(summary.id)
            except Unreadable as problem:
                self.notice(str(problem))

    @property
    def beside(self) -> Run | None:
        """The run whose curve this tab draws beside that of its own."""
        run_id = st.session_state.get("beside")
        if run_id is None or run_id == st.session_state.run_id:
            return None
        try:
            return server_runs().get(run_id)
        except Unreadable:
            st.session_state.beside = None
            return None

    def draw_beside(self, run_id: str | None) -> None:
        """Draws the curve of another run along; the one before stops training."""
        before = self.beside
        if before is not None:
            before.pause()
        st.session_state.beside = run_id

    def start(self, *, train: bool) -> None:
        """A new run with the settings of this tab, shown; a sentence says why not."""
        run = self.create(self.config, train=train)
        if run is not None:
            self.show(run)

    def begin(self, config: RunConfig) -> None:
        """Makes these the settings of this tab, and trains a run with them."""
        self.config = config
        self.change()
        self.start(train=True)

    def take_over(self, config: RunConfig) -> None:
        """Makes these the settings of this tab. The run so far stops and is kept: it would stand above settings that
        are not its own."""
        self.draw_beside(None)
        self.show(None)
        self.config = config
        self.change()

    def create(self, config: RunConfig, *, train: bool) -> Run | None:
        """A new run of this tab; None after saying why not."""
        try:
            visitor = self.visitor
            return server_runs().create(config, visitor.owner, train=train, address=visitor.address)
        except (InvalidInput, Full) as problem:
            self.notice(str(problem))
            return None

    @property
    def settings_match(self) -> bool:
        """Are the settings those of the run shown (live knobs aside)?"""
        run = self.run
        return run is not None and same_run(self.config, run.config)

    def turn_knobs(self) -> None:
        """Passes the knobs of the settings on to the run, if it is theirs."""
        run = self.run
        if run is not None and self.settings_match:
            run.turn(Knobs.of(self.config))

    def notice(self, sentence: str) -> None:
        """Says something at the top of the page, until a setting is changed or refused."""
        if sentence not in st.session_state.notices:
            st.session_state.notices.append(sentence)

    def show_notices(self) -> None:
        sentences = [*environment_notices(), *st.session_state.notices]
        for sentence in sentences[:NOTICES_SHOWN]:
            st.warning(plain(sentence), icon=":material/info:")
        more = sentences[NOTICES_SHOWN:]
        if more:
            with st.expander(f"{len(more)} more messages of this kind", icon=":material/info:"):
                for sentence in more:
                    st.markdown(plain(sentence))

    def refuse(self, problem: InvalidInput) -> None:
        """Says why a setting stays as it is."""
        st.session_state.notices = [str(problem)]

    def change(self, **settings: object) -> None:
        """Changes settings, as far as they go together; a sentence says where they do not."""
        st.session_state.notices = []
        self.config, problems = repaired(with_changes(self.config, settings), limits.constraints())
        for problem in problems:
            self.notice(mended(problem, self.config))
        self.turn_knobs()

    def write_url(self) -> None:
        """Mirrors settings and run in the address bar."""
        query = to_query(self.config)
        if st.session_state.run_id is not None:
            query["run"] = st.session_state.run_id
        if st.query_params.to_dict() != query:
            st.query_params.from_dict(query)


def bind(key: str, value: object) -> str:
    """Makes the widget of this key, drawn next, show `value`; returns the key.

    Left alone where it does already: what is set from here replaces what a hand is just moving.
    """
    if key not in st.session_state or st.session_state[key] != value:
        st.session_state[key] = value
    return key


# Streamlit looks for web and mail addresses and for names of icons in text whose marks are escaped, too. A word
# joiner, which takes no room, keeps it from finding them.
_FOUND_IN_TEXT = re.compile(r"(?<=:)(?=[/\w])|(?<=@)|(?<=www)(?=\.)", re.IGNORECASE)
_WORD_JOINER = "\u2060"


def plain(sentence: str) -> str:
    """Text that Markdown shows as it is: it may quote what a user or a URL said."""
    apart = _FOUND_IN_TEXT.sub(_WORD_JOINER, sentence)
    return "".join(f"\\{char}" if char in "\\`*_{}[]()<>#+-.!|$:~&" else char for char in apart)
