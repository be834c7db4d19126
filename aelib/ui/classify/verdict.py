"""Who classifies best, in a table, and which claims hold, in a sentence each."""

from __future__ import annotations

import numpy as np

from aelib.insight.claims import Verdict
from aelib.insight.classification import better
from aelib.insight.quality import Mean
from aelib.ui.classify.contest import CODE, CONTESTANTS, PIXEL, PRETRAINED, SCRATCH, Contest


def table(contest: Contest, count: int) -> str:
    """The accuracy of each contestant with `count` labels per class, the best first; "…" where it is not known."""
    means = {contestant: contest.mean(contestant, count) for contestant in CONTESTANTS}
    known = [(contestant, found) for contestant, found in means.items() if found is not None]
    known.sort(key=lambda pair: -pair[1].value)
    lines = ["| | accuracy |", "|:--|--:|"]
    for place, (contestant, found) in enumerate(known):
        said = f"{found.value:.1%} ± {found.margin:.1%}".replace("%", "\N{NO-BREAK SPACE}%")
        lines.append(f"| {_title(contestant)} | {f'**{said}** ★' if place == 0 else said} |")
    lines += [f"| {_title(contestant)} | … |" for contestant, found in means.items() if found is None]
    return "\n".join(lines)


def _title(contestant: str) -> str:
    title, how = CONTESTANTS[contestant]
    return f"{title} ({how})"


def verdicts(contest: Contest, count: int) -> list[Verdict]:
    """What can be said so far: about the chosen number of labels, and once all is measured, about the whole curve."""
    said = []
    encoder = _duel(contest, PRETRAINED, SCRATCH, count)
    if encoder is not None:
        holds, difference = encoder
        reason = f"trained on, it names {_points(difference)} {_more(difference)} than the same network from scratch"
        said.append(Verdict("C22", "The encoder can start a classifier", holds, reason))
    codes = _duel(contest, CODE, PIXEL, count)
    if codes is not None:
        holds, difference = codes
        reason = f"with codes, logistic regression names {_points(difference)} {_more(difference)} than with pixels"
        said.append(Verdict("C23", "Codes may classify better than pixels", holds, reason))
    duels = {one: _duel(contest, PRETRAINED, SCRATCH, one) for one in contest.counts}
    if None not in duels.values():
        said.append(_pretraining({one: duel[0] for one, duel in duels.items() if duel is not None}))
    return said


def _pretraining(helped: dict[int, bool | None]) -> Verdict:
    """Over all numbers of labels: did it help anywhere?"""
    gains, losses = [one for one, it in helped.items() if it], [one for one, it in helped.items() if it is False]
    parts = []
    if gains:
        parts.append(f"it helped with {_list(gains)}")
    if losses:
        parts.append(f"it did harm with {_list(losses)}")
    open_ones = [one for one, it in helped.items() if it is None]
    if open_ones:
        parts.append(f"no difference can be told from chance with {_list(open_ones)}")
    holds = True if gains else False if losses else None
    return Verdict("C21", "Pretraining helped", holds, f"{', '.join(parts)} labelled pictures per class")


def _duel(contest: Contest, one: str, other: str, count: int) -> tuple[bool | None, Mean] | None:
    ones, others = contest.accuracies(one, count), contest.accuracies(other, count)
    return None if ones is None or others is None else better(ones, others)


def _points(difference: Mean) -> str:
    return f"{np.abs(difference.value) * 100:.1f} ± {difference.margin * 100:.1f} percentage points"


def _more(difference: Mean) -> str:
    return "more" if difference.value >= 0 else "fewer"


def _list(counts: list[int]) -> str:
    *first, last = map(str, counts)
    return f"{', '.join(first)} and {last}" if first else last
