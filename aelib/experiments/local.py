"""An experiment without an engine, for the command line: one run after the other, in this process."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from aelib import datasets
from aelib.analysis.experiments import Values, measure, part_of
from aelib.experiments.results import Asked, Question, Results
from aelib.train.slices import Slice, fit_basis, load_data

if TYPE_CHECKING:
    from aelib.train.resident import Basis, Data


class Laboratory:
    """Trains and measures what is not known yet. Data sets and their PCA are prepared once."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._data: dict[tuple[str, int | None], Data] = {}
        self._bases: dict[tuple[str, int | None], Basis] = {}

    def run(self, asked: Asked, done: Callable[[int, int], object]) -> None:
        """Answers all questions of an experiment. `done` is called with how many are answered, and of how many, before
        each and at the end; whoever breaks off loses only the one that is being answered."""
        questions = asked.questions()
        for index, (_, _, question) in enumerate(questions):
            done(index, len(questions))
            if self._results.get(question) is None:
                self._results.put(question, self._answer(question))
        done(len(questions), len(questions))

    def _answer(self, question: Question) -> Values:
        from aelib.train import hardware
        from aelib.train.loop import trained

        config = question.config
        key = (config.dataset, question.images)
        data, basis = self._prepared(*key), self._bases[key]
        foreign = None if question.foreign is None else self._prepared(question.foreign, None)
        steps = config.steps(len(data.train))
        seconds = 0.0
        link: Slice | None = None
        for link in trained(config, data, steps):
            seconds += 0.0 if link.progress is None else link.progress.seconds
        assert link is not None
        with hardware.one_thread():
            values = measure(link, data, basis, foreign, question.measurement.name)
        return values | run_values(link.state.step, seconds, link.diverged)

    def _prepared(self, name: str, images: int | None) -> Data:
        key = (name, images)
        if key not in self._data:
            data = load_data(datasets.load(name)) if images is None else part_of(self._prepared(name, None), images)
            self._data[key] = data
            self._bases[key] = fit_basis(data)
        return self._data[key]


def run_values(steps: int, seconds: float, diverged: bool) -> Values:
    """What is known of every run without measuring it: its steps, seconds of training, and whether it diverged (1)."""
    return {"steps": float(steps), "seconds": seconds, "diverged": float(diverged)}
