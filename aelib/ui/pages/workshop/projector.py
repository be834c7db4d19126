"""The Workshop page on the projector: how to join, and whatever the leader shows."""

from __future__ import annotations

from functools import partial

import streamlit as st

from aelib.ui.components.board import board
from aelib.ui.pages.workshop.invitation import invitation
from aelib.ui.pages.workshop.pooled import show_experiment
from aelib.ui.pages.workshop.showing import show_spotlight
from aelib.ui.panels.poll import show_answers
from aelib.ui.session import workshop
from aelib.ui.session.session import plain, server_runs
from aelib.ui.session.workshop import HEARS_SECONDS
from aelib.workshop import Room
from aelib.workshop.codes import spaced


def projector(room: Room) -> None:
    def drawn(of: Room) -> tuple[object, ...]:
        poll = of.poll and (of.poll.id, of.poll.revealed)
        return (
            of.open,
            of.freeze is None,
            of.spotlight,
            of.board_shown,
            of.closed,
            poll,
            of.experiment and of.experiment.id,
        )

    @st.fragment(run_every=HEARS_SECONDS)
    def head() -> None:
        now = workshop.server_rooms().get(room.id)
        if now is None or drawn(now) != drawn(room):
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.subheader(plain(now.title), anchor=False, width="stretch")
            if now.freeze is not None:
                st.markdown(":material/visibility: **Look at the front: training is paused**", width="content")
            door = "closed to newcomers" if now.closed else f"code **{spaced(now.code)}**"
            st.markdown(f"{len(now.present)} joined · {door}", width="content")
        if now.poll is not None and not now.poll.revealed:
            st.header(plain(now.poll.question), anchor=False)
            st.markdown(f"{len(now.poll.answers)} of {len(now.present)} answered")

    head()
    if room.poll is not None:
        if room.poll.revealed:
            show_answers(room.poll)
        return
    if room.experiment is not None:
        show_experiment(room, room.experiment)
    elif room.spotlight is not None:
        show_spotlight(room, room.spotlight)
    elif room.board_shown:
        board(server_runs(), partial(workshop.shown_tiles, room.id), key="board")
    elif not room.closed:
        invitation(room, large=True)
