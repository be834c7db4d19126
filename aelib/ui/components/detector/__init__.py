"""How far a score tells anomalous images from normal ones, with a threshold to drag."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from aelib.analysis.anomalies.ranking import Ranking
from aelib.analysis.anomalies.thresholds import USUAL, By, Rule
from aelib.ui.components.component import component
from aelib.ui.components.detector.payload import payload, rule_of

_COMPONENT = component(Path(__file__).parent)


def detector(name: str, titles: tuple[str, str], ranking: Ranking, *, key: str) -> Rule:
    """Draws both distributions of the score `name`, the curves and the confusion matrix, which follow the threshold
    while it is dragged; `titles`: of the normal and the anomalous images. Returns how the threshold is set: known when
    the hand rests. A threshold set by hand is that of one score and not of another,
    and a single image has no cost. Of a single image neither curves nor a confusion matrix are drawn."""
    state = st.session_state
    kept, of = f"{key}.rule", f"{key}.score"
    rule: Rule = state.get(kept, USUAL)
    costly = rule.by is By.COST and len(ranking.anomalous) == 1
    if costly or (rule.by is By.HAND and state.get(of) != name):
        rule = USUAL
    state[kept], state[of] = rule, name

    def take() -> None:
        state[kept] = rule_of(getattr(state.get(key), "rule", None)) or rule

    _COMPONENT(key=key, data=payload(name, titles, ranking, rule), on_rule_change=take)
    return rule
