"""The leader's question to everybody in a room: answered above every page, and shown when it is revealed."""

from __future__ import annotations

import streamlit as st

from aelib.ui.session import workshop
from aelib.ui.session.session import plain
from aelib.workshop import Participant, Refused, Room
from aelib.workshop.polls import Poll, tally


def question(room: Room, person: Participant) -> None:
    """A button that opens the question, as long as it can be answered."""
    poll = room.poll
    if poll is None or poll.revealed:
        return
    given = poll.answer_of(person.id)
    with (
        st.popover(
            "Answer the question" if given is None else "Change the answer",
            icon=":material/quiz:",
            width="content",
            type="primary" if given is None else "secondary",
            key="room.question",
        ),
        st.form("room.answer", border=False),
    ):
        st.markdown(f"**{plain(poll.question)}**")
        chosen: float | None
        if poll.choices:
            # By their place: a choice is text of the leader's.
            chosen = st.radio(
                "Answer",
                range(len(poll.choices)),
                index=None if given is None else int(given),
                format_func=lambda place: plain(poll.choices[place]),
                label_visibility="collapsed",
                key=f"room.answer.{poll.id}",
            )
        else:
            chosen = st.number_input(
                f"A number from {poll.low:g} to {poll.high:g}",
                poll.low,
                poll.high,
                given,
                format="%g",
                key=f"room.answer.{poll.id}",
            )
        if st.form_submit_button("Send", type="primary"):
            if chosen is None:
                st.warning("Choose an answer first.", icon=":material/info:")
                return
            try:
                workshop.server_rooms().answer(room.id, person.id, poll.id, float(chosen))
            except Refused as problem:
                st.warning(str(problem), icon=":material/info:")
                return
            st.rerun()


def show_answers(poll: Poll, participant_id: str | None = None) -> None:
    """What the answers come to; the participant's own is marked."""
    st.markdown(f"**{plain(poll.question)}**")
    total = len(poll.answers)
    for row in tally(poll, participant_id):
        share = row.count / total if total else 0.0
        own = " · your answer" if row.mine else ""
        st.progress(share, text=f"{plain(row.label)}: **{row.count}** ({share:.0%}){own}")
