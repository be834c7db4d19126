"""The Workshop page of a participant."""

from __future__ import annotations

from functools import partial

import streamlit as st

from aelib.ui.components.board import board
from aelib.ui.pages.workshop.entrance import RETURN_CODE
from aelib.ui.pages.workshop.pooled import show_experiment
from aelib.ui.pages.workshop.showing import show_spotlight
from aelib.ui.panels.poll import show_answers
from aelib.ui.session import workshop
from aelib.ui.session.session import plain, server_runs
from aelib.ui.session.workshop import HEARS_SECONDS
from aelib.workshop import Participant, Room
from aelib.workshop.codes import spaced


def taking_part(room: Room, person: Participant) -> None:
    st.subheader(plain(room.title), anchor=False)
    code = st.session_state.get(RETURN_CODE)
    if code is not None:
        st.success(
            f"You are **{plain(person.name)}**. To continue on another device, enter the room there with this return "
            f"code: **{spaced(code)}** Write it down: it is not shown again.",
            icon=":material/badge:",
        )
    with st.container(horizontal=True, gap="small"):
        if st.button("Go to the Train page", icon=":material/play_circle:", type="primary", key="workshop.train"):
            st.session_state.pop(RETURN_CODE, None)
            st.switch_page("pages/train.py")
        st.button(
            "Leave the room",
            icon=":material/logout:",
            key="workshop.leave",
            on_click=lambda: workshop.server_rooms().leave(room.id, person.id),
            help="Your runs are kept. You can come back with the same code or link.",
        )

    def drawn(of: Room) -> tuple[object, ...]:
        return (
            of.board_shown,
            of.spotlight,
            of.poll and (of.poll.id, of.poll.revealed),
            of.experiment and of.experiment.id,
        )

    @st.fragment(run_every=HEARS_SECONDS)
    def follow() -> None:
        now = workshop.server_rooms().get(room.id)
        if now is None or drawn(now) != drawn(room):
            st.rerun()

    follow()
    if room.poll is not None and room.poll.revealed:
        show_answers(room.poll, person.id)
    elif room.experiment is not None:
        show_experiment(room, room.experiment, mine=person.id)
    elif room.spotlight is not None and room.spotlight.offered:
        show_spotlight(room, room.spotlight)
    elif room.board_shown:
        board(server_runs(), partial(workshop.shown_tiles, room.id), key="board")
    else:
        st.caption("What the leader shows to everybody appears here.")
