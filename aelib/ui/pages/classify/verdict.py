"""Who classifies best, in a table, and the claims that can be judged so far."""

from __future__ import annotations

from aelib.analysis.claims import Verdict
from aelib.analysis.classify.classifiers import DRAWS, RATES
from aelib.analysis.classify.few_labels import Pair, codes_may_classify_better, pretraining_helped, starts_a_classifier
from aelib.ui.pages.classify.contest import CODE, CONTESTANTS, PIXEL, PRETRAINED, SCRATCH, Contest


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


def verdicts(contest: Contest, count: int, run: str) -> list[Verdict]:
    """The claims for which everything is measured. `run` says which network it is, and on which data."""
    measured_on = f"95 % intervals paired over {DRAWS} draws of the labelled images; {run}"
    said = []
    encoder, by_rate = _pair(contest, PRETRAINED, SCRATCH, count), _by_rate(contest)
    if encoder is not None and by_rate is not None:
        said.append(starts_a_classifier(encoder, by_rate, count, measured_on))
    codes = _pair(contest, CODE, PIXEL, count)
    if codes is not None:
        said.append(codes_may_classify_better(codes, count, measured_on))
    pairs = {one: _pair(contest, PRETRAINED, SCRATCH, one) for one in contest.counts}
    known = {one: pair for one, pair in pairs.items() if pair is not None}
    if len(known) == len(pairs):
        said.append(pretraining_helped(known, measured_on))
    return said


def _pair(contest: Contest, one: str, other: str, count: int) -> Pair | None:
    ones, others = contest.accuracies(one, count), contest.accuracies(other, count)
    return None if ones is None or others is None else Pair(ones, others)


def _by_rate(contest: Contest) -> dict[float, Pair] | None:
    found = {}
    for rate in RATES:
        ones, others = contest.accuracies_at(PRETRAINED, rate), contest.accuracies_at(SCRATCH, rate)
        if ones is None or others is None:
            return None
        found[rate] = Pair(ones, others)
    return found
