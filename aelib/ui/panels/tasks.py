"""What a network is trained to do: the task, the kind of corruption, and its level."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import streamlit as st

from aelib.spec.config import RunConfig
from aelib.spec.corruptions import CORRUPTIONS, coarse_side
from aelib.ui.panels.labels import LABELS, help_text
from aelib.ui.session.datasets import loaded_dataset
from aelib.ui.session.session import Session, bind

NO_CLASSES = "Colourization needs class labels, which this dataset does not have. Choose another dataset."
# Levels of low resolution, one a side: 14×14, 7×7 and 4×4 pixels are left.
COARSE_LEVELS = (0.5, 0.75, 0.86)


@dataclass(frozen=True)
class Task:
    """`name`: that of `RunConfig.task`, and of the corruptions to choose from; `asks`: the label of that choice."""

    name: str
    title: str
    asks: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The corruptions to choose from, the default first."""
        if self.name == "colour":
            return ("none", *CORRUPTIONS)
        return tuple(name for name, one in CORRUPTIONS.items() if one.task == self.name) or ("none",)


TASKS = {
    task.name: task
    for task in (
        Task("copy", "Reconstruct"),
        Task("noise", "Denoise", "Kind of noise"),
        Task("gap", "Inpaint (fill in missing parts)", "Shape of the mask"),
        Task("resolution", "Super-resolution", "Downsampling"),
        Task("colour", "Colourize", "Input corruption"),
    )
}


def settings_of(task: str) -> dict[str, Any]:
    """The settings that make it a run's task."""
    return {"colour": task == "colour", **_with_kind(TASKS[task].kinds[0])}


def purpose(config: RunConfig) -> str:
    """What the network is trained to do, after "to": "remove Gaussian noise 0.5". Empty where its input and its target
    are the images as they are."""
    kind = (
        "" if config.corruption == "none" else f"{CORRUPTIONS[config.corruption].title} {config.corruption_level:.2g}"
    )
    if config.colour:
        return f"colour images with {kind}" if kind else "colour images"
    if config.noisy_target and kind:
        return f"reconstruct images with {kind} as they are"
    match config.task:
        case "noise":
            return f"remove {kind}"
        case "gap":
            return f"fill in missing parts ({kind})"
        case "resolution":
            return f"restore images of low resolution ({kind})"
    return ""


def _with_kind(corruption: str) -> dict[str, Any]:
    usual = {"corruption_level": CORRUPTIONS[corruption].usual} if corruption in CORRUPTIONS else {}
    return {"corruption": corruption, **usual}


def choose_task(session: Session) -> None:
    """The task, and the kind of corruption where there are several."""
    config = session.config
    dataset = loaded_dataset(config.dataset)
    without_classes = dataset is not None and not dataset.has_classes

    def pick() -> None:
        picked = st.session_state["setting.task"]
        session.change(**({} if picked == "colour" and without_classes else settings_of(picked)))
        if picked == "colour" and without_classes:
            session.notice(NO_CLASSES)

    def title(task: str) -> str:
        return TASKS[task].title + (" (needs class labels)" if task == "colour" and without_classes else "")

    st.selectbox(
        LABELS["task"],
        list(TASKS),
        list(TASKS).index(config.task),
        key=bind("setting.task", config.task),
        format_func=title,
        help=help_text("task"),
        on_change=pick,
    )
    if config.colour and without_classes:
        st.caption(NO_CLASSES)
    task = TASKS[config.task]
    if len(task.kinds) > 1:
        _choose_kind(session, task)
    if _coarse(config):
        _choose_resolution(session)


def level_label(config: RunConfig) -> str | None:
    """The label of the level's slider; None where there is no slider."""
    return None if config.corruption == "none" or _coarse(config) else CORRUPTIONS[config.corruption].level_label


def _coarse(config: RunConfig) -> bool:
    return config.corruption != "none" and CORRUPTIONS[config.corruption].task == "resolution"


def _choose_kind(session: Session, task: Task) -> None:
    before = session.config.corruption

    def pick() -> None:
        picked = st.session_state["setting.corruption"]
        settings = _with_kind(picked)
        # As much noise of another kind is still noise; as large a gap of another shape may leave nothing to see.
        if {before, picked} <= set(TASKS["noise"].kinds):
            del settings["corruption_level"]
        session.change(**settings)

    st.selectbox(
        task.asks,
        task.kinds,
        task.kinds.index(before),
        key=bind("setting.corruption", before),
        format_func=lambda name: CORRUPTIONS[name].title if name in CORRUPTIONS else "none",
        help=help_text("corruption"),
        on_change=pick,
    )


def _choose_resolution(session: Session) -> None:
    sides = {coarse_side(level): level for level in COARSE_LEVELS}
    level = session.config.corruption_level
    sides.setdefault(coarse_side(level), level)
    offered = sorted(sides, reverse=True)
    st.selectbox(
        LABELS["resolution"],
        offered,
        offered.index(coarse_side(level)),
        key=bind("setting.resolution", coarse_side(level)),
        format_func=lambda side: f"{side}×{side} pixels",
        help=help_text("corruption_level"),
        on_change=lambda: session.change(corruption_level=sides[st.session_state["setting.resolution"]]),
    )
