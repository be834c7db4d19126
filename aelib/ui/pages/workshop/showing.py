"""Somebody's run, live and read only."""

from __future__ import annotations

import streamlit as st

from aelib.runs import Run, Unreadable
from aelib.ui.components.live import live_view
from aelib.ui.panels.run_titles import details, network
from aelib.ui.server.channel import Scene
from aelib.ui.session.session import plain, server_runs
from aelib.workshop import Participant, Room, Spotlight


def show_run(person: Participant, run_id: str) -> None:
    """The run of a participant, as it trains. Nobody who sees it here can steer it."""
    try:
        run: Run = server_runs().get(run_id)
    except Unreadable:
        st.info("This run was deleted.", icon=":material/info:")
        return
    summary = run.summary()
    st.markdown(f"**{plain(person.name)}** · {plain(' · '.join((network(summary), *details(summary))))}")
    scene = Scene(run.id, None, run.status, run.config.dataset, read_only=True)
    live_view(server_runs(), scene, network=None, edits=[], edit=lambda: None)


def show_spotlight(room: Room, spotlight: Spotlight) -> None:
    person = room.participant(spotlight.participant)
    if person is not None:
        show_run(person, spotlight.run_id)
