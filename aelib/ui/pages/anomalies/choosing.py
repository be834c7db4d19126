"""Which images are normal and which are anomalous, and a network that is trained on the normal ones alone."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from aelib import datasets
from aelib.analysis.anomalies.groups import DISTORTIONS, Group, distorted, group_of, one
from aelib.datasets import Dataset, Part
from aelib.datasets.bounds import counted, listed
from aelib.spec.config import RunConfig
from aelib.ui.panels.other_data import choose_other_data
from aelib.ui.panels.own_image import own_picture
from aelib.ui.session import queries
from aelib.ui.session.datasets import loaded_dataset
from aelib.ui.session.run_page import Viewed
from aelib.ui.session.session import Session, plain

LEFT_OUT, OTHER, OWN = "left out", "other", "own"
TITLES = {
    LEFT_OUT: "Other classes of this dataset",
    OTHER: "Another dataset",
    **{name: distortion.title for name, distortion in DISTORTIONS.items()},
    OWN: "Your own image",
}
NORMAL, KIND, CONTAMINATION, RUN = "anomalies.normal", "anomalies.kind", "anomalies.contamination", "anomalies.run"
FOREIGN = "anomalies.foreign"
CONTAMINATIONS = (0, 1, 2, 5, 10)
# So many classes can be shown as buttons; more are chosen from a list.
MOST_BUTTONS = 12
_HELP = (
    "Where the anomalous images come from. Shuffled pixels, inverted images and noise are made of the normal images; "
    "other images are taken from test sets."
)


@dataclass(frozen=True, eq=False)
class Choice:
    """Both groups, whose titles and names are as their owner gave them. `key`: a short text that tells them from
    others; `seen`: the anomalous classes that the network was trained on all the same; `own`: is the other group an
    image of the visitor's own, which may be a normal one?"""

    normal: Group
    anomalous: Group
    key: str
    seen: tuple[str, ...] = ()
    own: bool = False

    @property
    def single(self) -> bool:
        """Is there one image to be told from normal ones, instead of a group?"""
        return len(self.anomalous.images) == 1


def choose(viewed: Viewed) -> tuple[Choice | None, DeltaGenerator]:
    """The groups chosen, or None after saying what is missing; and the place for what is found about them: beside the
    visitor's own image, else below the choice."""
    whole = loaded_dataset(datasets.whole(viewed.config.dataset))
    if whole is None:
        queries.expect()
        st.caption("Loading the images …")
        return None, st.container()
    part = Part.of(viewed.config.dataset)
    # Those that contaminate the training images come after the others.
    trained = viewed.dataset.classes[: len(part.classes)] if part.classes else whole.classes
    _begin(viewed, trained, whole)
    kinds = [kind for kind in TITLES if kind != LEFT_OUT or whole.has_classes]
    left, right = st.columns([3, 2], gap="medium")
    with left:
        chosen = _choose_classes(whole)
    others = [name for name in whole.classes if name not in chosen]
    with right:
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            kind: str = st.selectbox(
                "Anomalies",
                kinds,
                # Its default as well, see `aelib.ui.panels.controls`.
                kinds.index(st.session_state[KIND]),
                key=KIND,
                format_func=TITLES.__getitem__,
                persist_state="session",
                help=_HELP,
                width=260,
            )
            foreign = choose_other_data(whole.name, key=FOREIGN, label="Dataset", width=180) if kind == OTHER else ""
        if kind == LEFT_OUT:
            _train_without(viewed, whole, chosen, others)
    seen = tuple(name for name in others if name in trained) if kind == LEFT_OUT else ()
    _remark(viewed, trained, chosen, seen)
    origin, place = st.columns([1, 3], gap="medium") if kind == OWN else (right, st.container())
    with origin:
        found = _anomalies(kind, foreign, whole, chosen, others)
    return None if found is None else replace(found, seen=seen, own=kind == OWN), place


def _begin(viewed: Viewed, trained: Sequence[str], whole: Dataset) -> None:
    """With another run, what it was trained on is normal."""
    state = st.session_state
    if state.get(RUN) == viewed.run.id:
        return
    state[RUN] = viewed.run.id
    state[NORMAL] = list(trained)
    if len(trained) < len(whole.classes):
        state[KIND] = LEFT_OUT
    elif state.get(KIND, LEFT_OUT) == LEFT_OUT:
        state[KIND] = OTHER


def _choose_classes(whole: Dataset) -> list[str]:
    """The normal classes, in the order of the data set: all, where there is nothing to choose from."""
    if not whole.has_classes:
        st.markdown(f"Normal images: test images of {plain(whole.title)}")
        return list(whole.classes)
    label = f"Normal classes of {plain(whole.title)}"
    help = "Initially the classes that this network was trained on. The normal images are test images of these classes."
    # Its default as well, see `aelib.ui.panels.controls`.
    shown: dict[str, Any] = {
        "default": st.session_state[NORMAL],
        "key": NORMAL,
        "persist_state": "session",
        "help": help,
    }
    if len(whole.classes) <= MOST_BUTTONS:
        chosen = st.pills(label, whole.classes, selection_mode="multi", format_func=plain, **shown)
    else:
        chosen = st.multiselect(label, whole.classes, **shown)
    return [name for name in whole.classes if name in chosen]


def _anomalies(kind: str, foreign: str, whole: Dataset, chosen: Sequence[str], others: Sequence[str]) -> Choice | None:
    normal = group_of(whole, chosen, _title(whole, chosen))
    name = Part(whole.name, tuple(chosen)).name
    if kind == OTHER:
        dataset = loaded_dataset(foreign)
        if dataset is None:
            queries.expect()
            st.caption("Loading the other images …")
            return None
        anomalous, name = group_of(dataset), f"{name} {foreign}"
    elif kind == OWN:
        own = own_picture("anomalies.own")
        if own.trouble:
            st.warning(plain(own.trouble), icon=":material/info:")
        if own.image is None:
            st.caption("Draw or upload an image, and see how suspicious it is.")
            return None
        anomalous, name = one(own.image), f"{name} {_digest(own.image)}"
    elif kind == LEFT_OUT:
        if chosen and not others:
            st.info("All classes are normal: deselect one, or choose other anomalies.", icon=":material/info:")
            return None
        anomalous, name = group_of(whole, others, _title(whole, others)), f"{name} {kind}"
    elif not len(normal.images):
        anomalous = normal
    else:
        anomalous, name = distorted(normal, kind), f"{name} {kind}"
    for group, what in ((normal, "normal"), (anomalous, "anomalous")):
        if not len(group.images):
            st.info(
                f"Choose at least one {what} class with test images." if whole.has_classes else "No test images.",
                icon=":material/info:",
            )
            return None
    return Choice(normal, anomalous, name)


def _title(whole: Dataset, classes: Sequence[str]) -> str:
    return Part(whole.name, tuple(classes)).title(whole.title, whole.classes)


def _digest(image: np.ndarray) -> str:
    return hashlib.sha256(image.tobytes()).hexdigest()


def _train_without(viewed: Viewed, whole: Dataset, chosen: Sequence[str], others: Sequence[str]) -> None:
    """A button for a run with the settings of the one shown, on the normal classes, also with a share of the others
    among its training images."""
    if not chosen or not others:
        return
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        share: int = st.select_slider(
            "Contamination",
            CONTAMINATIONS,
            0,
            key=CONTAMINATION,
            format_func=lambda percent: f"{percent} %",
            persist_state="session",
            help="Share of the training images that belong to the other classes: in practice nobody knows for sure "
            "that all training data are normal.",
            width=160,
        )
        part = Part(whole.name, tuple(chosen), share)
        without = f"Train without {plain(listed(list(others), most=2))}"
        if st.button(
            without if len(others) <= len(chosen) else "Train on these classes",
            icon=":material/play_arrow:",
            key="anomalies.train",
            type="secondary" if viewed.config.dataset == part.name else "primary",
            help=f"Trains a new network for as long as this one and with the same settings, except for the training "
            f"images{_expected(viewed, whole, part)}. It becomes the current run on all pages.",
        ):
            Session().begin(_trained_on(viewed, part))
            st.rerun()


def _trained_on(viewed: Viewed, part: Part) -> RunConfig:
    """The settings of the run shown for another part of its images. A run that was continued has a larger budget than
    its settings say."""
    config, view = viewed.config, viewed.view
    if config.max_steps:
        return replace(config, dataset=part.name, max_steps=max(config.max_steps, view.budget))
    return replace(config, dataset=part.name, epochs=max(config.epochs, round(view.budget / view.steps_per_epoch)))


def _expected(viewed: Viewed, whole: Dataset, part: Part) -> str:
    """How long training on `part` takes if its batches take as long as those of the run shown; empty where it has had
    none."""
    step, seconds = viewed.view.step, viewed.run.train_seconds
    if not step or not seconds:
        return ""
    numbers = [whole.classes.index(name) for name in part.classes]
    normal = int(np.isin(whole.train_labels, numbers).sum())
    count = max(1, round(normal / (1 - part.contamination / 100)))
    return f" (about {_rounded(seconds / step * _trained_on(viewed, part).steps(count))})"


def _rounded(seconds: float) -> str:
    """A duration for people: 8 s, 3 min, 2 h."""
    for unit, size in (("h", 3600), ("min", 60)):
        if seconds >= 1.5 * size:
            return f"{seconds / size:.0f}\N{NO-BREAK SPACE}{unit}"
    return f"{max(1, round(seconds))}\N{NO-BREAK SPACE}s"


def _remark(viewed: Viewed, trained: Collection[str], chosen: Collection[str], seen: Sequence[str]) -> None:
    """What the network's training images mean for the answer."""
    share = Part.of(viewed.config.dataset).contamination
    unseen = [name for name in chosen if name not in trained]
    if seen:
        st.warning(
            f"This network was trained on {plain(listed(list(seen)))} as well, so it has learned to reconstruct these "
            "images. Train one without them.",
            icon=":material/info:",
        )
    elif share:
        st.caption(f"{share} % of this network's training images belong to the other classes (contamination).")
    if unseen:
        st.caption(f"This network was not trained on {plain(listed(unseen))}, which you call normal.")


def counts(choice: Choice) -> str:
    """How many images were compared, for Markdown."""
    return (
        f"{counted(len(choice.normal.images), 'normal image')} ({plain(choice.normal.title)}) and "
        f"{len(choice.anomalous.images):,} anomalous ({plain(choice.anomalous.title)})"
    )
