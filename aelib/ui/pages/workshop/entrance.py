"""For whoever is in no room: join one, open one, or take a lesson alone."""

from __future__ import annotations

import streamlit as st

from aelib.ui.panels.lessons import offer_lessons
from aelib.ui.session import workshop
from aelib.ui.session.session import Session, plain
from aelib.workshop import Refused, Room
from aelib.workshop.codes import spaced, suggestions
from aelib.workshop.room import LEAST_HOURS, MOST_HOURS, TITLE_CHARACTERS, USUAL_HOURS

# The room whose door this tab is at, the pseudonyms offered there, and a return code that is to be shown once.
DOOR, NAMES, RETURN_CODE = "workshop.door", "workshop.names", "workshop.return_code"


def entrance(session: Session) -> None:
    room = _door()
    if room is not None:
        _join(session, room)
        return
    entering, opening = st.columns(2, gap="large")
    with entering:
        with st.container(border=True):
            _enter_code(session)
        with st.container(border=True):
            st.subheader("Take a lesson", anchor=False)
            st.caption("On your own, at your own pace: each lesson leads through several runs on the Train page.")
            offer_lessons("workshop.lesson")
    with opening, st.container(border=True):
        _open_room(session)


def _door() -> Room | None:
    """The room that the address or a code led to."""
    rooms = workshop.server_rooms()
    key = st.query_params.get(workshop.JOIN)
    if key is not None:
        room = rooms.joined_with(key)
        if room is None:
            st.warning(
                "This link leads to no open room: it has ended, or the link is incomplete.", icon=":material/info:"
            )
        return room
    room_id = st.session_state.get(DOOR)
    room = None if room_id is None else rooms.get(room_id)
    return room if room is not None and room.open else None


def _enter_code(session: Session) -> None:
    st.subheader("Join a room", anchor=False)
    with st.form("workshop.code", border=False):
        text = st.text_input("Code on the projector", max_chars=12, placeholder="six letters")
        if st.form_submit_button("Continue", type="primary"):
            try:
                room = workshop.server_rooms().coded(text, session.visitor.owner)
            except Refused as problem:
                st.warning(str(problem), icon=":material/info:")
                return
            st.session_state[DOOR] = room.id
            st.rerun()


def _open_room(session: Session) -> None:
    rooms = workshop.server_rooms()
    st.subheader("Open a room", anchor=False)
    st.caption("You lead it: you see everybody's progress, send settings, and can pause all training to say something.")
    with st.form("workshop.open", border=False):
        title = st.text_input("Title", max_chars=TITLE_CHARACTERS, placeholder="Workshop")
        hours = st.number_input(
            "Ends after (hours)", LEAST_HOURS, MOST_HOURS, USUAL_HOURS, help="You can end it earlier, or extend it."
        )
        if st.form_submit_button("Open the room"):
            try:
                workshop.lead(rooms.open(title, session.visitor.owner, hours))
            except Refused as problem:
                st.warning(str(problem), icon=":material/info:")
                return
            st.rerun()
    mine = rooms.led_by(session.visitor.owners)
    if mine:
        st.markdown("**Your rooms**")
    for room in mine:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            state = spaced(room.code) if room.open else "ended"
            st.markdown(f"{plain(room.title)}  \n:small[{state} · {len(room.participants)} joined]", width="stretch")
            if st.button("Lead" if room.open else "Results", key=f"workshop.lead.{room.id}"):
                workshop.lead(room)
                st.rerun()


def _join(session: Session, room: Room) -> None:
    """Choose a pseudonym, or say who you are already."""
    rooms, owners = workshop.server_rooms(), session.visitor.owners
    try:
        if rooms.admit_again(room.id, owners) is not None:
            _inside()
    except Refused as problem:
        st.warning(str(problem), icon=":material/info:")
        return
    st.subheader(f"Join “{plain(room.title)}”", anchor=False)
    if room.closed:
        st.info("This room is closed to newcomers.", icon=":material/lock:")
    else:
        _choose_name(room, owners)
    with st.expander("I joined with another device"), st.form("workshop.return", border=False):
        text = st.text_input("Your return code", max_chars=16, placeholder="nine letters")
        if st.form_submit_button("Return"):
            try:
                rooms.come_back(room.id, text, session.visitor.owner)
            except Refused as problem:
                st.warning(str(problem), icon=":material/info:")
                return
            _inside()


def _choose_name(room: Room, owners: tuple[str, ...]) -> None:
    taken = {person.name for person in room.participants}
    names = [name for name in st.session_state.get(NAMES, ()) if name not in taken]
    if not names:
        names = suggestions(taken)
        st.session_state[NAMES] = names
    st.markdown("Choose a pseudonym. The leader sees it with the runs that you look at while you are in the room.")
    chosen = st.radio("Pseudonym", names, key="workshop.name", label_visibility="collapsed", horizontal=True)
    with st.container(horizontal=True, gap="small"):
        join = st.button("Join", type="primary", icon=":material/login:", key="workshop.join")
        if st.button("Other pseudonyms", icon=":material/refresh:", key="workshop.others"):
            st.session_state[NAMES] = suggestions(taken)
            st.rerun()
    if join and chosen is not None:
        try:
            _, code = workshop.server_rooms().join(room.id, owners, chosen)
        except Refused as problem:
            st.session_state.pop(NAMES, None)
            st.warning(str(problem), icon=":material/info:")
            return
        st.session_state[RETURN_CODE] = code
        _inside()


def _inside() -> None:
    """The door is behind this tab, and out of its address."""
    for name in (DOOR, NAMES):
        st.session_state.pop(name, None)
    st.query_params.clear()
    st.rerun()
