"""Who classifies best, in words."""

from __future__ import annotations

import numpy as np
import pytest

from aelib.insight.claims import Verdict
from aelib.insight.classification import DRAWS, Found
from aelib.ui.classify.contest import CODE, CONTESTANTS, PIXEL, PRETRAINED, SCRATCH, Contest, counts_of, offered
from aelib.ui.classify.verdict import table, verdicts


def contest(accuracies: dict[str, float], counts: tuple[int, ...] = (1, 10)) -> Contest:
    """Contestants whose draws differ by 1 % each in the same way; those not named reach a half."""
    made = Contest(counts, tested=100)
    for contestant in CONTESTANTS:
        level = accuracies.get(contestant, 0.5)
        for count in counts:
            made.found[contestant, count] = [
                Found(level + 0.01 * draw + 0.001 * (draw % 2) * (contestant in (PRETRAINED, CODE)), np.zeros(12))
                for draw in range(DRAWS)
            ]
    return made


def said(found: Contest) -> dict[str, Verdict]:
    return {verdict.claim: verdict for verdict in verdicts(found, 10)}


@pytest.mark.parametrize(("level", "holds"), [(0.55, True), (0.45, False), (0.4998, None)])
def test_a_claim_holds_where_the_difference_is_beyond_chance(level: float, holds: bool | None) -> None:
    found = said(contest({PRETRAINED: level, CODE: level}))
    assert [found[claim].holds for claim in ("C21", "C22", "C23")] == [holds, holds, holds]


def test_the_difference_is_told_in_percentage_points() -> None:
    found = said(contest({PRETRAINED: 0.55, SCRATCH: 0.65}))
    assert "percentage points fewer" in found["C22"].reason
    assert "fewer" in found["C22"].reason
    assert "more" not in found["C22"].reason


def test_pretraining_is_judged_over_all_numbers_of_labels() -> None:
    mixed = contest({PRETRAINED: 0.5}, (1, 3, 10, 30))
    for count, level in ((1, 0.6), (3, 0.6), (30, 0.3)):
        mixed.found[PRETRAINED, count] = contest({PRETRAINED: level}, (count,)).found[PRETRAINED, count]
    mixed.found[PRETRAINED, 10] = mixed.found[SCRATCH, 10]
    verdict = said(mixed)["C21"]
    assert verdict.holds is True
    assert verdict.reason == (
        "it helped with 1 and 3, it did harm with 30, no difference can be told from chance with 10 "
        "labelled pictures per class"
    )


def test_what_is_not_measured_is_not_judged() -> None:
    found = contest({})
    found.found[PIXEL, 10] = found.found[PIXEL, 10][:3]
    assert said(found).keys() == {"C21", "C22"}
    assert "| pixels (logistic regression) | … |" in table(found, 10)


def test_the_best_has_a_star() -> None:
    (line,) = [line for line in table(contest({PRETRAINED: 0.7}), 10).splitlines() if "★" in line]
    assert line.startswith("| encoder, trained on")
    assert "72.0 % ± 2.0 %" in line.replace("\N{NO-BREAK SPACE}", " ")


def test_the_chosen_number_is_on_the_curve() -> None:
    assert counts_of(40, 20) == (1, 3, 10, 20, 30)
    assert counts_of(40, 10) == (1, 3, 10, 30)
    assert list(offered(12)) == [1, 2, 5, 10]
