"""Judged claims of the literature, shown in one way on every page."""

from __future__ import annotations

import streamlit as st

from aelib.analysis.claims import Outcome, Verdict
from aelib.ui.session.run_page import Viewed

ICONS = {
    Outcome.SUPPORTED: ":material/check_circle:",
    Outcome.REFUTED: ":material/cancel:",
    Outcome.UNDECIDED: ":material/help:",
    Outcome.DEPENDS: ":material/rule:",
}


def say(verdict: Verdict, help: str) -> None:
    """The claim, the outcome and its numbers, and below them what they hold for; `help` says where the claim comes
    from and how it is judged."""
    with st.container(gap=None):
        st.markdown(
            f"{ICONS[verdict.outcome]} “{verdict.statement}”: **{verdict.answer}**. {verdict.reason}.", help=help
        )
        st.caption(verdict.conditions)


def of_one_run(viewed: Viewed) -> str:
    """Which network the figures are of: another seed of the same settings may do otherwise."""
    return f"one run (seed {viewed.config.seed}, step {viewed.reached.step:,})"
