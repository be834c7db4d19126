"""The rooms of this server, and the seat that this tab has in one of them."""

from __future__ import annotations

import threading
import time

import streamlit as st

from aelib import datasets
from aelib.host.faults import describe
from aelib.ui.server.routes import one_for_all
from aelib.ui.session.session import SWEEP_SECONDS, Session, log, server_runs
from aelib.workshop import Participant, Room, Rooms
from aelib.workshop.board import Board, Tile

# The parts of a link that say which seat it leads to; a tab keeps the keys of the leader's seat and of the projector.
JOIN, LEAD, PROJECT = "join", "lead", "projector"
# So often a page asks what has changed in its room.
HEARS_SECONDS = 1.5
_LEADS, _PROJECTS = "workshop.lead", "workshop.projector"


@one_for_all
def server_rooms() -> Rooms:
    """The rooms of this server, read from its store."""
    rooms = Rooms(datasets.home(), server_runs())
    threading.Thread(target=_sweep, args=(rooms,), daemon=True).start()
    return rooms


@one_for_all
def server_board() -> Board:
    """What the boards of all rooms show."""
    return Board(server_rooms())


def _sweep(rooms: Rooms) -> None:
    while True:
        time.sleep(SWEEP_SECONDS)
        try:
            rooms.sweep()
        except Exception as error:  # noqa: BLE001 - the next time is another try, and nobody else ends rooms
            log.error("Rooms could not be looked after: %s", describe(error))


def joined(session: Session) -> tuple[Room, Participant] | None:
    """The room that this visitor takes part in, and as whom."""
    return server_rooms().of(session.visitor.owners)


def lead(room: Room) -> None:
    """Takes the leader's seat in this tab; whoever calls has checked that it may."""
    st.session_state[_LEADS] = room.lead_key
    st.session_state.pop(_PROJECTS, None)


def stand_up() -> None:
    """Leaves the leader's seat or the projector; the room goes on."""
    st.session_state.pop(_LEADS, None)
    st.session_state.pop(_PROJECTS, None)


def led() -> Room | None:
    """The room whose leader's seat this tab has."""
    key = st.session_state.get(_LEADS)
    return None if key is None else server_rooms().led_with(key)


def projected() -> Room | None:
    """The room for which this tab is the projector."""
    key = st.session_state.get(_PROJECTS)
    room = None if key is None else server_rooms().projected_with(key)
    return room if room is not None and room.open else None


def take_seat() -> None:
    """Takes the seat that the address names."""
    query, rooms = st.query_params, server_rooms()
    if LEAD in query and (room := rooms.led_with(query[LEAD])) is not None:
        lead(room)
    elif PROJECT in query and (room := rooms.projected_with(query[PROJECT])) is not None:
        stand_up()
        st.session_state[_PROJECTS] = room.projector_key


def write_seat() -> None:
    """Writes the seat that this tab has into the address of the Workshop page, so that a reload keeps it."""
    for name, kept in ((LEAD, _LEADS), (PROJECT, _PROJECTS)):
        key = st.session_state.get(kept)
        if key is not None and st.query_params.get(name) != key:
            st.query_params.from_dict({name: key})


def leader_tiles(room_id: str) -> list[Tile] | None:
    """What the leader sees of the room; None where it is no more."""
    room = server_rooms().get(room_id)
    return None if room is None else server_board().tiles(room)


def shown_tiles(room_id: str) -> list[Tile] | None:
    """What everybody sees: None unless the leader shows the board."""
    room = server_rooms().get(room_id)
    return server_board().tiles(room) if room is not None and room.open and room.board_shown else None
