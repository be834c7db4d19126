"""Who classifies with few labels, over how many labels: asked bit by bit."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field

import numpy as np
import streamlit as st

from aelib.analysis.classify import classifiers
from aelib.analysis.classify.classifiers import DRAWS, LEARNING_RATE, RATES, Found
from aelib.analysis.denoising.quality import Mean, mean
from aelib.spec.architecture import plan
from aelib.spec.images import PIXELS
from aelib.ui.session.query_batch import Inquiry
from aelib.ui.session.run_page import Viewed

PRETRAINED, SCRATCH, CODE, PCA, PIXEL = "pretrained", "scratch", "code", "pca", "pixels"
# Title, and how it classifies; the quick ones are asked first where all are of equal interest.
CONTESTANTS = {
    PIXEL: ("pixels", "logistic regression"),
    PCA: ("PCA", "logistic regression"),
    CODE: ("latent code", "logistic regression, frozen encoder"),
    PRETRAINED: ("fine-tuned encoder", "with a classifier on its code"),
    SCRATCH: ("same network from scratch", "random initialization"),
}
# Those that are trained with the labels, at a learning rate.
TRAINED = (PRETRAINED, SCRATCH)
LABELS = (1, 2, 5, 10, 20, 50, 100)
USUAL = 10
CURVE = (1, 3, 10, 30, 100)
# Of a network, what its encoder is made of: networks alike in it are the same contestant from scratch.
_ENCODER = ("family", "widths", "code_size", "hidden_activation", "code_activation", "tied")
_KNOWN = "classify.known"


@dataclass
class Contest:
    """What is known so far: for each contestant and number of labels the answers of the draws, first to last; `asked`
    questions of `total` are answered. `tested`: how many test images were named. `by_rate`: of the networks, with the
    chosen number of labels, at each learning rate."""

    counts: tuple[int, ...]
    tested: int
    found: dict[tuple[str, int], list[Found]] = field(default_factory=dict)
    by_rate: dict[tuple[str, float], list[Found]] = field(default_factory=dict)
    asked: int = 0
    total: int = 0
    problem: str = ""

    def accuracies(self, contestant: str, count: int) -> np.ndarray | None:
        """[DRAWS] in [0, 1]; None while they are not all known."""
        return _accuracies(self.found.get((contestant, count), []))

    def accuracies_at(self, contestant: str, rate: float) -> np.ndarray | None:
        """The same with the chosen number of labels, at a learning rate."""
        return _accuracies(self.by_rate.get((contestant, rate), []))

    def mean(self, contestant: str, count: int) -> Mean | None:
        accuracies = self.accuracies(contestant, count)
        return None if accuracies is None else mean(accuracies)


def _accuracies(found: list[Found]) -> np.ndarray | None:
    return np.array([one.accuracy for one in found]) if len(found) == DRAWS else None


def offered(most: int) -> Sequence[int]:
    """The numbers of labelled images per class to choose from, where there are `most` of each."""
    return [count for count in LABELS if count <= most]


def counts_of(most: int, count: int) -> tuple[int, ...]:
    """The numbers of labels measured: some for the curve, and the chosen one."""
    return tuple(sorted({count, *(one for one in CURVE if one <= most)}))


def measure(viewed: Viewed, most: int, count: int) -> Contest:
    """Asks what is not known yet, a few questions at a time, those about the chosen number first."""
    data, basis, link = viewed.reached.ready.data, viewed.reached.ready.basis, viewed.reached.link
    config, name = viewed.config, viewed.dataset.name
    units = min(plan(config).code_units, PIXELS)
    tested = classifiers.tests(config, len(viewed.dataset.test_labels))
    encoder = tuple(getattr(config, setting) for setting in _ENCODER)
    contest = Contest(counts_of(most, count), tested)
    others = [rate for rate in RATES if rate != LEARNING_RATE]
    contest.total = (len(contest.counts) * len(CONTESTANTS) + len(others) * len(TRAINED)) * DRAWS
    inquiry = Inquiry(viewed.engine, "classify")

    def ask(contestant: str, labels: int, draw: int, *rate: float) -> Found | None:
        place, asked = f"{contestant}.{labels}.{draw}{rate or ''}", (labels, draw, tested, *rate)
        match contestant:
            case "pixels":
                return inquiry(place, classifiers.from_pixels, data, *asked, key=(name, *asked))
            case "pca":
                key: Hashable = (name, units, *asked)
                return inquiry(place, classifiers.from_pca, data, basis, units, *asked, key=key)
            case "code":
                return inquiry(place, classifiers.from_code, link, data, *asked, of=viewed.moment, key=asked)
            case "pretrained":
                return inquiry(place, classifiers.from_pretrained, link, data, *asked, of=viewed.moment, key=asked)
            case "scratch":
                key = (name, encoder, *asked)
                return inquiry(place, classifiers.from_scratch, config, data, *asked, key=key)
        raise AssertionError(contestant)

    known = _known((viewed.moment, tested))

    def draws(contestant: str, labels: int, *rate: float) -> list[Found]:
        found = []
        for draw in range(DRAWS):
            key: tuple[str | float, ...] = (contestant, labels, draw, *rate)
            if key not in known and (answer := ask(contestant, labels, draw, *rate)) is not None:
                known[key] = answer
            if key in known:
                found.append(known[key])
        contest.asked += len(found)
        return found

    for labels in sorted(contest.counts, key=lambda one: one != count):
        for contestant in CONTESTANTS:
            contest.found[contestant, labels] = draws(contestant, labels)
    for contestant in TRAINED:
        contest.by_rate[contestant, LEARNING_RATE] = contest.found[contestant, count]
        for rate in others:
            contest.by_rate[contestant, rate] = draws(contestant, count, rate)
    contest.problem = inquiry.problem
    return contest


def _known(subject: Hashable) -> dict[tuple[str | float, ...], Found]:
    """The answers that this session has about the subject: they stay, in whatever order more is asked."""
    before: tuple[Hashable, dict[tuple[str | float, ...], Found]] | None = st.session_state.get(_KNOWN)
    if before is None or before[0] != subject:
        before = st.session_state[_KNOWN] = (subject, {})
    return before[1]
