"""Who classifies best, in words."""

from __future__ import annotations

import numpy as np
import pytest

from aelib.analysis.claims import Verdict
from aelib.analysis.classify.classifiers import DRAWS, RATES, Found
from aelib.ui.pages.classify.contest import CODE, CONTESTANTS, PIXEL, PRETRAINED, SCRATCH, Contest, counts_of, offered
from aelib.ui.pages.classify.verdict import table, verdicts


def contest(accuracies: dict[str, float], counts: tuple[int, ...] = (1, 10)) -> Contest:
    """Contestants whose draws differ by 1 % each in the same way, at all rates; those not named reach a half."""
    made = Contest(counts, tested=100)
    for contestant in CONTESTANTS:
        level = accuracies.get(contestant, 0.5)
        for count in counts:
            made.found[contestant, count] = [
                Found(level + 0.01 * draw + 0.001 * (draw % 2) * (contestant in (PRETRAINED, CODE)), np.zeros(12))
                for draw in range(DRAWS)
            ]
    for rate in RATES:
        for contestant in (PRETRAINED, SCRATCH):
            made.by_rate[contestant, rate] = made.found[contestant, 10]
    return made


def said(found: Contest) -> dict[str, Verdict]:
    return {verdict.claim: verdict for verdict in verdicts(found, 10, "one run on digits")}


@pytest.mark.parametrize(
    ("level", "answers"),
    [
        (0.55, ("supported", "supported", "supported")),
        (0.45, ("refuted", "refuted", "undecided")),
        (0.4998, ("undecided", "undecided", "undecided")),
    ],
)
def test_all_claims_are_judged_by_the_differences_of_the_same_draws(level: float, answers: tuple[str, ...]) -> None:
    found = said(contest({PRETRAINED: level, CODE: level}))
    assert tuple(found[claim].answer for claim in ("C21", "C22", "C23")) == answers
    assert all("paired over 5 draws" in verdict.conditions for verdict in found.values())
    assert all("one run on digits" in verdict.conditions for verdict in found.values())


def test_a_claim_waits_until_all_learning_rates_are_measured() -> None:
    found = contest({PRETRAINED: 0.55})
    last = found.by_rate.pop((SCRATCH, RATES[-1]))
    assert said(found).keys() == {"C21", "C23"}
    found.by_rate[SCRATCH, RATES[-1]] = last[:-1]
    assert said(found).keys() == {"C21", "C23"}
    for rate in RATES:
        found.by_rate[PRETRAINED, rate] = found.by_rate[SCRATCH, rate] = found.found[PRETRAINED, 10]
    assert said(found)["C22"].answer == "depends on the learning rate"


def test_what_is_not_measured_is_not_judged() -> None:
    found = contest({})
    found.found[PIXEL, 10] = found.found[PIXEL, 10][:3]
    assert said(found).keys() == {"C21", "C22"}
    assert "| pixels (logistic regression) | … |" in table(found, 10)


def test_the_best_has_a_star() -> None:
    (line,) = [line for line in table(contest({PRETRAINED: 0.7}), 10).splitlines() if "★" in line]
    assert line.startswith("| fine-tuned encoder")
    assert "72.0 % ± 2.0 %" in line.replace("\N{NO-BREAK SPACE}", " ")


def test_the_chosen_number_is_on_the_curve() -> None:
    assert counts_of(40, 20) == (1, 3, 10, 20, 30)
    assert counts_of(40, 10) == (1, 3, 10, 30)
    assert list(offered(12)) == [1, 2, 5, 10]
