"""The Workshop page of a leader: the board, and what is done with the room."""

from __future__ import annotations

import time
from functools import partial

import streamlit as st

from aelib.ui.components.board import board
from aelib.ui.pages.workshop.invitation import invitation, seat_links
from aelib.ui.pages.workshop.menus import menu
from aelib.ui.pages.workshop.polls import ask_everybody, leaders_poll
from aelib.ui.pages.workshop.pooled import begin_experiment, show_experiment
from aelib.ui.pages.workshop.showing import show_run
from aelib.ui.session import workshop
from aelib.ui.session.session import Session, bind, plain, server_runs
from aelib.workshop import Participant, Refused, Room
from aelib.workshop.codes import spaced
from aelib.workshop.export import exported

# The participant whose tile is open.
_OPENED = "workshop.opened"
_EXPORTED = "workshop.exported"


def leading(session: Session, room: Room) -> None:
    if not room.open:
        _results(room)
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.subheader(f"Code {spaced(room.code)}", anchor=False, width="stretch")
        with menu("Ask", "quiz"):
            ask_everybody(room)
        with menu("Experiment", "science"):
            begin_experiment(session, room)
        with menu("Invite", "qr_code_2"):
            invitation(room)
        with menu("Screens", "cast"):
            seat_links(room)
        with menu("Room", "tune"):
            _settings(room)
    leaders_poll(room)
    if room.experiment is not None:
        show_experiment(room, room.experiment, leading=True)
    opened = st.session_state.get(_OPENED)
    person = None if opened is None else room.participant(opened)
    if person is not None and person.present:
        _tile(room, person)
    elif not room.present:
        invitation(room, large=True)
    else:
        if room.spotlight is not None:
            _spotlit(room)
        board(server_runs(), partial(workshop.leader_tiles, room.id), key="board", on_open=_open)


def _open(participant_id: str) -> None:
    st.session_state[_OPENED] = participant_id


def _close() -> None:
    st.session_state.pop(_OPENED, None)


def _settings(room: Room) -> None:
    rooms = workshop.server_rooms()

    def toggle(label: str, name: str, value: bool, help: str) -> None:
        key = bind(f"workshop.{name}", value)
        st.toggle(label, key=key, on_change=lambda: rooms.set(room.id, **{name: st.session_state[key]}), help=help)

    toggle("Closed to newcomers", "closed", room.closed, "Whoever is in the room stays, and may come back.")
    toggle("Show the board to everybody", "board_shown", room.board_shown, "On the projector and on the Workshop page.")
    left = max(0.0, room.ends - time.time()) / 3600
    st.caption(f"Ends by itself in {left:.1f} hours.")
    st.button("One hour longer", key="workshop.extend", on_click=lambda: rooms.extend(room.id))
    st.divider()
    if st.button("Leave the leader's seat", key="workshop.stand", help="The room goes on; “Your rooms” leads back."):
        workshop.stand_up()
        st.query_params.clear()
        st.rerun()
    sure = st.checkbox("End the room for everybody", key="workshop.sure")
    st.button(
        "End the room",
        icon=":material/stop_circle:",
        key="workshop.end",
        disabled=not sure,
        on_click=lambda: rooms.end(room.id),
        help="Everybody keeps their own runs. You can export the results afterwards.",
    )


def _tile(room: Room, person: Participant) -> None:
    """One participant's run, and what the leader may do with it."""
    rooms = workshop.server_rooms()
    shown = room.spotlight if room.spotlight is not None and room.spotlight.participant == person.id else None

    def attempt(participant_id: str | None, offered: bool = False) -> None:
        try:
            rooms.spotlight(room.id, participant_id, offered)
        except Refused as problem:
            st.toast(str(problem))

    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.button("All participants", icon=":material/arrow_back:", key="workshop.close", on_click=_close)
        if shown is None:
            st.button(
                "Show on projector",
                icon=":material/highlight:",
                key="workshop.spotlight",
                disabled=person.run_id is None,
                on_click=attempt,
                args=(person.id,),
            )
        else:
            st.button(
                "End spotlight", icon=":material/highlight:", key="workshop.unlight", on_click=attempt, args=(None,)
            )
            st.button(
                "Hide from participants" if shown.offered else "Show to everybody",
                icon=":material/groups:",
                key="workshop.everybody",
                on_click=attempt,
                args=(person.id, not shown.offered),
            )
        if person.hand is not None:
            st.button(
                "Lower hand",
                icon=":material/front_hand:",
                key="workshop.lower",
                on_click=rooms.raise_hand,
                args=(room.id, person.id, False),
            )
        with st.popover("Remove", icon=":material/person_remove:", width="content"):
            st.markdown(f"Remove **{plain(person.name)}** from the room? The runs stay with their owner.")
            st.button("Remove", key="workshop.remove", on_click=rooms.remove, args=(room.id, person.id))
    if person.run_id is None:
        st.info(f"{plain(person.name)} has not trained a network yet.", icon=":material/info:")
    else:
        show_run(person, person.run_id)


def _spotlit(room: Room) -> None:
    assert room.spotlight is not None
    person = room.participant(room.spotlight.participant)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        where = "the projector and all screens" if room.spotlight.offered else "the projector"
        name = "" if person is None else plain(person.name)
        st.markdown(f":material/highlight: **{name}** is shown on {where}.", width="content")
        st.button(
            "End spotlight",
            type="tertiary",
            key="workshop.unlight",
            on_click=workshop.server_rooms().spotlight,
            args=(room.id, None),
        )


def _results(room: Room) -> None:
    """What is left of a room that has ended."""
    rooms = workshop.server_rooms()
    st.subheader(f"{plain(room.title)} has ended", anchor=False)
    st.markdown(
        f"{len(room.participants)} joined. Everybody keeps their own runs. The table and the images are deleted seven "
        "days after the end, or when you delete the room."
    )

    def delete() -> None:
        rooms.delete(room.id)
        workshop.stand_up()

    with st.container(horizontal=True, gap="small"):
        # Made once a visit: each run is read from the store.
        kept = st.session_state.get(_EXPORTED)
        if kept is None or kept[0] != room.id:
            kept = st.session_state[_EXPORTED] = room.id, exported(rooms, room)
        st.download_button(
            "Download results", kept[1], f"room-{room.code}.zip", "application/zip", icon=":material/download:"
        )
        st.button("Delete the room", icon=":material/delete:", key="workshop.delete", on_click=delete)
        if st.button("Close", key="workshop.stand"):
            workshop.stand_up()
            st.query_params.clear()
            st.rerun()
