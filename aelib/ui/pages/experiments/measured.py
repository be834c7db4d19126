"""What is measured so far, as dots, and how far the rest is."""

from __future__ import annotations

import streamlit as st

from aelib.experiments import Asked, Found, Progress, Shown
from aelib.ui.components.dot_plot import Group, Panel, Row, dot_plot
from aelib.ui.pages.experiments.state import server_experiments


def show_progress(asked: Asked, progress: Progress) -> None:
    """Of one that runs or waits, with a button that stops it."""
    share = min(1.0, (progress.done + progress.share) / max(1, progress.total))
    text = f"Training run {min(progress.done + 1, progress.total)} of {progress.total}"
    if progress.place:
        text = f"Queued behind {progress.place} other experiment{'' if progress.place == 1 else 's'}"
    elif progress.waits:
        text += " (visitors' own runs go first)"
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(share, text=text, width="stretch")
        st.button("Stop", icon=":material/stop:", on_click=server_experiments().stop, args=(asked,))


def show_dots(asked: Asked, found: Found) -> None:
    """All that the design shows; what is measured in the same unit shares an axis."""
    by_unit: dict[tuple[bool, bool, str], list[Shown]] = {}
    for shown in asked.design.shows:
        by_unit.setdefault((shown.percent, shown.log, shown.unit), []).append(shown)
    panels = [Panel(_groups(asked, found, shows), *axis) for axis, shows in by_unit.items()]
    dot_plot(panels, key=f"dots.{asked.design.id}")


def _groups(asked: Asked, found: Found, shows: list[Shown]) -> list[Group]:
    def row(label: str, arm: str, shown: Shown) -> Row:
        known = [values[shown.name] for values in found[arm] if values is not None and shown.name in values]
        return Row(label, known, asked.seeds)

    if len(found) == 1:
        only = next(iter(found))
        return [Group("", [row(shown.title, only, shown) for shown in shows])]
    return [Group(shown.title, [row(arm, arm, shown) for arm in found]) for shown in shows]
