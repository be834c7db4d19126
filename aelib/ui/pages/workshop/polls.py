"""The leader asks everybody a question, and reveals what the answers come to."""

from __future__ import annotations

import streamlit as st

from aelib.ui.pages.workshop.menus import close_menu
from aelib.ui.panels.poll import show_answers
from aelib.ui.session import workshop
from aelib.ui.session.session import plain
from aelib.ui.session.workshop import HEARS_SECONDS
from aelib.workshop import Refused, Room
from aelib.workshop.polls import CHOICE_CHARACTERS, MOST_CHOICES, QUESTION_CHARACTERS


def ask_everybody(room: Room) -> None:
    """The form with which the leader asks."""
    kind = st.radio("Answers", ("Choices", "A number"), horizontal=True, key="workshop.poll.kind")
    with st.form("workshop.poll", border=False):
        question = st.text_area(
            "Question", max_chars=QUESTION_CHARACTERS, placeholder="Which latent dimension beats PCA first?", height=80
        )
        choices, low, high = "", 0.0, 1.0
        if kind == "Choices":
            choices = st.text_area(
                "Choices",
                max_chars=MOST_CHOICES * (CHOICE_CHARACTERS + 1),
                placeholder="one per line",
                help=f"2 to {MOST_CHOICES} answers, one per line",
            )
        else:
            left, right = st.columns(2)
            low = left.number_input("Lowest", value=0.0, format="%g")
            high = right.number_input("Highest", value=1.0, format="%g")
        if st.form_submit_button("Ask everybody", type="primary"):
            if kind == "Choices" and not choices.strip():
                st.warning("Choices: enter the answers to choose from, one per line.", icon=":material/info:")
                return
            try:
                workshop.server_rooms().ask(room.id, question, choices.splitlines(), low, high)
            except Refused as problem:
                st.warning(str(problem), icon=":material/info:")
                return
            close_menu("Ask")
            st.rerun()


def leaders_poll(room: Room) -> None:
    """The question on everybody's screen, how many have answered, and what the leader may do with it."""
    rooms = workshop.server_rooms()
    if room.poll is None:
        return

    @st.fragment(run_every=None if room.poll.revealed else HEARS_SECONDS)
    def follow() -> None:
        now = rooms.get(room.id)
        if now is None or now.poll is None:
            st.rerun()
        poll = now.poll
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            answered = f"{len(poll.answers)} of {len(now.present)} answered"
            asked = answered if poll.revealed else f"{plain(poll.question)} · {answered}"
            st.markdown(f":material/quiz: {asked}", width="stretch")
            if not poll.revealed and st.button("Reveal", icon=":material/bar_chart:", key="workshop.poll.reveal"):
                rooms.reveal(now.id)
                st.rerun()
            if st.button("Close", icon=":material/close:", key="workshop.poll.close", help="Takes it off all screens"):
                rooms.close_poll(now.id)
                st.rerun()

    follow()
    if room.poll.revealed:
        show_answers(room.poll)
