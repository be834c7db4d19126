"""Pick a network, press Train, and watch it learn."""

import streamlit as st

from aelib import datasets, example
from aelib.runs import Run
from aelib.runs.status import UNDERWAY, Status
from aelib.spec.architecture import plan
from aelib.ui.components.frame import shortcut
from aelib.ui.components.live import live_view, told_edit
from aelib.ui.components.live.drawn_network import drawn_network
from aelib.ui.components.live.placing import offer_placing
from aelib.ui.components.live.unit_images import offer_unit_images
from aelib.ui.pages.train.comparing import comparison
from aelib.ui.pages.train.drawing import draw_a_digit
from aelib.ui.panels import network_edits
from aelib.ui.panels.controls import settings_panel
from aelib.ui.panels.exporting import export_menu, show_code
from aelib.ui.panels.lessons import lesson_panel
from aelib.ui.panels.run_list import run_list
from aelib.ui.panels.welcome import welcome
from aelib.ui.server.channel import Scene
from aelib.ui.server.internals import wait_until_sent
from aelib.ui.session.session import Session, first_config, server_runs
from aelib.ui.session.share import share

session = Session()


def train() -> None:
    run = session.run
    if run is not None and session.settings_match:
        run.train()
    else:
        session.start(train=True)


def pause() -> None:
    if session.run is not None:
        session.run.pause()


def step() -> None:
    if session.run is None or not session.settings_match:
        session.start(train=False)
    run = session.run
    # There may be no room for a new one, of which a sentence tells.
    if run is not None and session.settings_match:
        run.step()


def reset() -> None:
    """A new run with the present settings, from the initial weights of their seed. The run so far is kept."""
    run = session.run
    if run is not None and session.settings_match and run.untouched and run.owner in session.visitor.owners:
        return
    session.start(train=False)
    st.session_state["just_reset"] = True


def _train_help(run: Run | None, anew: bool) -> str:
    if anew and run is not None and run.status in UNDERWAY:
        return "Starts a new run with these settings; the run in progress is paused and kept under “My runs” (T)"
    if anew:
        return "Starts a new run with these settings (T)"
    if run is not None and run.status == Status.FINISHED:
        return "Trains for the same number of epochs or steps again (T)"
    return "Trains for the set number of epochs or steps (T)"


def buttons(ready: bool) -> None:
    run = session.run
    busy = run is not None and run.status in UNDERWAY
    matches = session.settings_match
    anew = run is not None and not matches
    with st.container(horizontal=True, gap="small", horizontal_alignment="right", key="buttons"):
        st.button(
            "Train new run" if anew else "Train",
            icon=":material/play_arrow:",
            type="primary",
            key="train",
            on_click=train,
            disabled=not ready or (busy and matches),
            help=_train_help(run, anew),
            shortcut=shortcut("t"),
        )
        st.button(
            "Pause",
            icon=":material/pause:",
            key="pause",
            on_click=pause,
            disabled=not busy,
            help="Pauses after the batches under way (P)",
            shortcut=shortcut("p"),
        )
        st.button(
            "Step",
            icon=":material/skip_next:",
            key="step",
            on_click=step,
            disabled=not ready or (run is not None and run.status == Status.STARTING),
            help="Trains on one mini-batch (S)",
            shortcut=shortcut("s"),
        )
        st.button(
            "Reset",
            icon=":material/replay:",
            key="reset",
            on_click=reset,
            disabled=run is None or not ready,
            help="Starts a new run with the present settings from the initial weights of their seed; this run is "
            "kept under “My runs” (0)",
            shortcut=shortcut("0"),
        )


def scene() -> Scene:
    """What the live view is to show: the run, or before there is one, the data of the settings."""
    run, other, config = session.run, session.beside, session.config
    if run is None and session.greets and config == first_config():
        return Scene(None, None, None, example.CONFIG.dataset, example=True)
    shown = config if run is None else run.config
    new = not session.settings_match and config.dataset == shown.dataset and config.corruption != "none"
    corruption = (config.corruption, config.corruption_level, config.seed) if new else None
    if run is None:
        return Scene(None, None, None, config.dataset, corruption=corruption)
    beside = other.id if other is not None else None
    return Scene(run.id, beside, run.status, run.config.dataset, corruption=corruption)


def edit_network() -> None:
    """The visitor did something to the network in its drawing."""
    changes = network_edits.read(session.config, told_edit())
    if changes is not None:
        session.change(**changes)


# Before the buttons are drawn for it: should the run's status change meanwhile, the live view says so.
shown = scene()

with st.sidebar:
    settings_panel(session)
    run_list(session)
    share(session)
    export_menu(session, width="stretch")
    show_code(session)

with st.container():
    session.show_notices()
welcome(session)
lesson_panel(session)

if st.session_state.pop("just_reset", False):
    st.toast("Reset to step 0. The previous run is kept under “My runs”.", icon=":material/history:")
available = datasets.is_available(session.config.dataset)
# What comes and goes stands beside the buttons, where there is room for one line of it: it pushes nothing away.
said, actions = st.columns([1, 1], gap="small", vertical_alignment="center")
with actions:
    buttons(ready=available)
with said, st.container(horizontal=True, vertical_alignment="center", gap="small", key="said"):
    if session.run is not None:
        draw_a_digit(session.run)
    if not available:
        st.info("The images of this dataset are not on this server. The panel on the left says what can be done.")
    elif session.run is not None and not session.settings_match:
        st.caption("The charts still show the old run: “Train new run” uses the new settings.")
    else:
        comparison(session)
# The example has a network of its own.
network = None if shown.example else drawn_network(plan(session.config))
live_view(server_runs(), shown, network, network_edits.offered(session.config), edit_network)
offer_unit_images(server_runs(), session.run)
offer_placing(server_runs(), session.run)
session.write_url()
wait_until_sent()
