"""Who classifies with few labels, over how many labels: asked bit by bit."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from aelib.architecture import plan
from aelib.config import PIXELS
from aelib.insight import classification
from aelib.insight.classification import DRAWS, Found
from aelib.insight.quality import Mean, mean
from aelib.ui.inquiry import Inquiry
from aelib.ui.looking import Viewed

PRETRAINED, SCRATCH, CODE, PCA, PIXEL = "pretrained", "scratch", "code", "pca", "pixels"
# Title, and what it does with the pictures; the quick ones are asked first where all are of equal interest.
CONTESTANTS = {
    PIXEL: ("pixels", "logistic regression"),
    PCA: ("PCA", "logistic regression"),
    CODE: ("code", "logistic regression, encoder as it is"),
    PRETRAINED: ("encoder, trained on", "with a classifier on its code"),
    SCRATCH: ("same network from scratch", "from random weights"),
}
LABELS = (1, 2, 5, 10, 20, 50, 100)
USUAL = 10
CURVE = (1, 3, 10, 30, 100)
# Of a network, what its encoder is made of: networks alike in it are the same contestant from scratch.
_ENCODER = ("family", "widths", "code_size", "hidden_activation", "code_activation", "tied")
_KNOWN = "classify.known"


@dataclass
class Contest:
    """What is known so far: for each contestant and number of labels the answers of the draws, first to last; `asked`
    questions of `total` are answered. `tested`: how many test pictures were named."""

    counts: tuple[int, ...]
    tested: int
    found: dict[tuple[str, int], list[Found]] = field(default_factory=dict)
    asked: int = 0
    total: int = 0
    problem: str = ""

    def accuracies(self, contestant: str, count: int) -> np.ndarray | None:
        """[DRAWS] in [0, 1]; None while they are not all known."""
        found = self.found.get((contestant, count), [])
        return np.array([one.accuracy for one in found]) if len(found) == DRAWS else None

    def mean(self, contestant: str, count: int) -> Mean | None:
        accuracies = self.accuracies(contestant, count)
        return None if accuracies is None else mean(accuracies)


def offered(most: int) -> Sequence[int]:
    """The numbers of labelled pictures per class to choose from, where there are `most` of each."""
    return [count for count in LABELS if count <= most]


def counts_of(most: int, count: int) -> tuple[int, ...]:
    """The numbers of labels measured: some for the curve, and the chosen one."""
    return tuple(sorted({count, *(one for one in CURVE if one <= most)}))


def measure(viewed: Viewed, most: int, count: int) -> Contest:
    """Asks what is not known yet, a few questions at a time, those about the chosen number first."""
    data, basis, link = viewed.reached.ready.data, viewed.reached.ready.basis, viewed.reached.link
    config, name = viewed.config, viewed.dataset.name
    units = min(plan(config).code_units, PIXELS)
    tested = classification.tests(config, len(viewed.dataset.test_labels))
    encoder = tuple(getattr(config, setting) for setting in _ENCODER)
    contest = Contest(counts_of(most, count), tested)
    contest.total = len(contest.counts) * len(CONTESTANTS) * DRAWS
    inquiry = Inquiry(viewed.engine, "classify")

    def ask(contestant: str, labels: int, draw: int) -> Found | None:
        place, asked = f"{contestant}.{labels}.{draw}", (labels, draw, tested)
        match contestant:
            case "pixels":
                return inquiry(place, classification.from_pixels, data, *asked, about=(name, *asked))
            case "pca":
                about: Hashable = (name, units, *asked)
                return inquiry(place, classification.from_pca, data, basis, units, *asked, about=about)
            case "code":
                return inquiry(place, classification.from_code, link, data, *asked, of=viewed.moment, about=asked)
            case "pretrained":
                return inquiry(place, classification.from_pretrained, link, data, *asked, of=viewed.moment, about=asked)
            case "scratch":
                about = (name, encoder, *asked)
                return inquiry(place, classification.from_scratch, config, data, *asked, about=about)
        raise AssertionError(contestant)

    known = _known((viewed.moment, tested))
    for labels in sorted(contest.counts, key=lambda one: one != count):
        for contestant in CONTESTANTS:
            found = contest.found[contestant, labels] = []
            for draw in range(DRAWS):
                key = (contestant, labels, draw)
                if key not in known and (answer := ask(*key)) is not None:
                    known[key] = answer
                if key in known:
                    found.append(known[key])
            contest.asked += len(found)
    contest.problem = inquiry.problem
    return contest


def _known(subject: Hashable) -> dict[tuple[str, int, int], Found]:
    """The answers that this session has about the subject: they stay, in whatever order more is asked."""
    before: tuple[Hashable, dict[tuple[str, int, int], Found]] | None = st.session_state.get(_KNOWN)
    if before is None or before[0] != subject:
        before = st.session_state[_KNOWN] = (subject, {})
    return before[1]
