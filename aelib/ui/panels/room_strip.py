"""One line above every page for those who are in a room: who they are there, and what the leader sends."""

from __future__ import annotations

import streamlit as st

from aelib.spec.recipes import RECIPES
from aelib.ui.panels.labels import difference, setting_words
from aelib.ui.panels.poll import question
from aelib.ui.session import workshop
from aelib.ui.session.session import Session, plain
from aelib.ui.session.workshop import HEARS_SECONDS
from aelib.workshop import Participant, Room

_SETTLED = "workshop.settled"
_OUT = "workshop.out"


def room_strip() -> None:
    """Nothing at all for whoever is in no room."""
    session = Session()
    place = st.container(key="room")
    workshop.take_seat()
    # What happens in the room while the page is drawn is told by the next look.
    led, found = workshop.led(), workshop.joined(session)
    with place:
        if led is not None and led.open:
            _leader(session, led)
        elif found is not None:
            st.session_state[_OUT] = found[0].id
            _participant(session, *found)
        elif st.session_state.pop(_OUT, None) is not None:
            st.toast("You are no longer in the room. Your runs are kept under “My runs”.", icon=":material/logout:")


def _leader(session: Session, room: Room) -> None:
    rooms = workshop.server_rooms()

    def drawn(of: Room) -> tuple[object, ...]:
        """What another page of the leader's, or the first to join, changes on this one."""
        poll = of.poll and (of.poll.id, of.poll.revealed)
        return of.open, of.freeze is None, of.spotlight, poll, of.experiment and of.experiment.id, bool(of.present)

    def send() -> None:
        rooms.send(room.id, session.config)
        recipe = RECIPES.get(session.config.recipe)
        of = f"“{recipe.title}”" if recipe is not None else "your Train page"
        st.toast(f"The settings of {of} are offered to everybody in the room.", icon=":material/send:")

    @st.fragment(run_every=HEARS_SECONDS)
    def part() -> None:
        now = rooms.get(room.id)
        if now is None or drawn(now) != drawn(room):
            st.rerun()
        hands = sum(person.hand is not None for person in now.present)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            count = len(now.present)
            people = f"{count} {'participant' if count == 1 else 'participants'}"
            raised = f" · :material/front_hand: {hands}" if hands else ""
            st.markdown(f":material/school: You lead **{plain(now.title)}** · {people}{raised}", width="stretch")
            st.button(
                "Send settings",
                icon=":material/send:",
                key="room.send",
                on_click=send,
                help="Offers the settings of your Train page to everybody in the room",
            )
            if now.freeze is None:
                st.button(
                    "Freeze",
                    icon=":material/pan_tool:",
                    key="room.freeze",
                    on_click=lambda: rooms.freeze(room.id),
                    help="Pauses all training in the room and asks everybody to look at the front",
                )
            else:
                st.button(
                    "Release",
                    icon=":material/play_arrow:",
                    key="room.release",
                    type="primary",
                    on_click=lambda: rooms.release(room.id),
                    help="Training goes on where it was paused",
                )

    part()


def _participant(session: Session, room: Room, person: Participant) -> None:
    rooms = workshop.server_rooms()
    frozen = room.freeze is not None

    @st.fragment(run_every=HEARS_SECONDS)
    def part() -> None:
        found = workshop.joined(session)
        if found is None or found[0].id != room.id or (found[0].freeze is not None) != frozen:
            st.rerun()
        now, me = found
        rooms.note(now.id, me.id, st.session_state.run_id)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(f":material/groups: **{plain(me.name)}** in {plain(now.title)}", width="stretch")
            _offer(session, now)
            question(now, me)
            _experiment(session, now, me)
            raised = me.hand is not None
            st.button(
                "Lower hand" if raised else "Raise hand",
                icon=":material/front_hand:",
                key="room.hand",
                type="primary" if raised else "secondary",
                on_click=lambda: rooms.raise_hand(now.id, me.id, not raised),
                help="The leader sees it on the board",
            )

    part()
    if frozen:
        _look_at_the_front()


def _offer(session: Session, room: Room) -> None:
    """Settings that the leader has sent, until they are taken or declined."""
    offer = room.offer
    if offer is None or st.session_state.get(_SETTLED) == offer.id:
        return
    if offer.config == session.config:
        st.session_state[_SETTLED] = offer.id
        return
    st.markdown(f"Settings from the leader: {plain(difference(offer.config, session.config))}", width="content")
    if st.button("Use them", icon=":material/download:", key="room.take", type="primary"):
        st.session_state[_SETTLED] = offer.id
        session.take_over(offer.config)
        st.switch_page("pages/train.py")

    def decline() -> None:
        st.session_state[_SETTLED] = offer.id

    st.button(
        "", icon=":material/close:", key="room.decline", type="tertiary", on_click=decline, help="Keep my settings"
    )


def _experiment(session: Session, room: Room, person: Participant) -> None:
    """What the participant is to train in the pooled experiment, until a run for it has been started."""
    pooled = room.experiment
    config = None if pooled is None else pooled.config_for(person.id)
    if pooled is None or config is None or any(run.participant == person.id for run in pooled.runs):
        return
    label = f"Train with {setting_words(pooled.setting, getattr(config, pooled.setting))}"
    if st.button(label, icon=":material/science:", key="room.experiment", type="primary"):
        session.begin(config)
        if session.run is not None and session.run.settings == config:
            workshop.server_rooms().take_part(room.id, person.id, session.run.id)
        st.switch_page("pages/train.py")


@st.dialog("Look at the front", dismissible=False, icon=":material/visibility:")
def _look_at_the_front() -> None:
    st.markdown(
        "The leader has paused the room. Your training is paused too; it goes on as soon as the room is released."
    )
