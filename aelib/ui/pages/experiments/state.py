"""How far an experiment is on this server, and what its numbers say."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from aelib import datasets
from aelib.analysis.claims import Outcome
from aelib.experiments import EXPERIMENTS, Asked, Experiment, Experiments, Found, Judgement, Progress, complete
from aelib.experiments.expectations import Expectations
from aelib.experiments.results import foreign_to
from aelib.ui.components.claims import ICONS
from aelib.ui.server.routes import one_for_all
from aelib.ui.session.datasets import loaded_dataset
from aelib.ui.session.session import server_runs

DATASET, CHOSEN = "experiments.dataset", "experiment"
# The answers that a visitor may expect.
EXPECTED = {"supported": Outcome.SUPPORTED, "refuted": Outcome.REFUTED, "it depends": Outcome.DEPENDS}


@one_for_all
def server_experiments() -> Experiments:
    """The experiments of this server."""
    return Experiments(server_runs, datasets.home())


@one_for_all
def expectations() -> Expectations:
    return Expectations(datasets.home())


@dataclass(frozen=True)
class State:
    """`values`: by arm, what is known of each seed; `judgement`: where all of them are known; `progress`: where it runs
    or waits; `problem`: why the last attempt ended, in a sentence."""

    experiment: Experiment
    asked: Asked
    values: Found
    judgement: Judgement | None
    progress: Progress | None
    problem: str

    @property
    def done(self) -> int:
        return sum(values is not None for of_arm in self.values.values() for values in of_arm)

    @property
    def total(self) -> int:
        return sum(map(len, self.values.values()))

    @property
    def said(self) -> str:
        """In a few words, with an icon."""
        if self.progress is not None:
            if self.progress.place:
                return ":material/hourglass_top: queued"
            return f":material/progress_activity: running, {self.done} of {self.total}"
        if self.judgement is not None:
            outcome = self.judgement.verdict.outcome
            return f"{ICONS[outcome]} **{outcome}**"
        if self.done:
            return f":material/pause_circle: {self.done} of {self.total} runs measured"
        return ":material/radio_button_unchecked: not run"


def images_are_here(dataset: str) -> bool:
    """Are all images read that experiments on a data set are about? They are being read if not."""
    fixed = (arm.dataset for experiment in EXPERIMENTS.values() for arm in experiment.arms)
    names = {dataset, foreign_to(dataset), *filter(None, fixed)}
    missing = [name for name in sorted(names) if loaded_dataset(name) is None]
    return not missing


def state_of(experiment: Experiment, dataset: str) -> State:
    """Of an experiment with its usual seeds."""
    running = server_experiments()
    asked = Asked(experiment, dataset, experiment.seeds)
    # Asked first: what ends meanwhile is seen as ended.
    progress = running.progress(asked)
    found = running.results.measured(asked)
    measured = complete(asked, found)
    judgement = None if measured is None else experiment.judge(measured)
    return State(experiment, asked, found, judgement, progress, running.problem(asked))


def expected(owner: str) -> dict[str, str]:
    """What the visitor expects, by experiment; read once for each visit."""
    if "experiments.expected" not in st.session_state:
        st.session_state["experiments.expected"] = expectations().of(owner)
    found: dict[str, str] = st.session_state["experiments.expected"]
    return found


def expect(owner: str, id: str, answer: str | None) -> None:
    expectations().keep(owner, id, answer)
    st.session_state["experiments.expected"] = expectations().of(owner)
