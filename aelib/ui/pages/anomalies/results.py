"""How well all scores tell the groups apart: in a sentence, in a table, and what that says about claims."""

from __future__ import annotations

from aelib import datasets
from aelib.analysis.anomalies.ranking import Ranking, above_chance
from aelib.analysis.anomalies.scores import (
    ERROR,
    MAHALANOBIS,
    NEAREST,
    OF_CODE,
    PIXELS_NEAREST,
    RESIDUAL,
    SCORES,
    pca_components,
)
from aelib.analysis.anomalies.verdicts import code_beats_error, lies_far, network_beats_pca
from aelib.analysis.claims import Verdict
from aelib.ui.components.claims import of_one_run
from aelib.ui.pages.anomalies.choosing import Choice, counts
from aelib.ui.pages.anomalies.measuring import Measured
from aelib.ui.panels.tasks import purpose
from aelib.ui.session.run_page import Viewed
from aelib.ui.session.session import plain

# Scores that are named after what they are a distance to.
_CALLED = {
    MAHALANOBIS: "Mahalanobis distance",
    NEAREST: "distance to the nearest codes",
    PIXELS_NEAREST: "distance to the nearest pixels",
}
_OF = {"output": "network: output", "code": "network: code", "pixels": "no network"}


def sentence(name: str, ranking: Ranking) -> str:
    """What the score says of the groups."""
    called, share = _CALLED.get(name, name), f"**{_percent(ranking.auroc.value)}**"
    if len(ranking.anomalous) == 1:
        return f"By the {called}, your image is more suspicious than {share} of the normal images."
    return (
        f"By the {called}, an anomalous image is more suspicious than a normal one in {share} of all pairs "
        f"(AUROC {ranking.auroc.value:.3f}; chance is 0.5)."
    )


def table(measured: Measured) -> str:
    """AUROC of each score, the best first, with a star where it is better than chance; "…" where it is not known. Of a
    single image: of how many normal ones it is more suspicious."""
    known = sorted(measured.rankings.items(), key=lambda pair: -pair[1].auroc.value)
    single = bool(known) and len(known[0][1].anomalous) == 1
    lines = ["| score | from | more suspicious than |", "|:--|:--|--:|"]
    if not single:
        lines = ["| score | from | AUROC | 95 % interval |", "|:--|:--|--:|:--|"]
    figures = {name: _percent(one.auroc.value) if single else f"{one.auroc.value:.3f}" for name, one in known}
    for name, ranking in known:
        best = not single and figures[name] == figures[known[0][0]] and above_chance(ranking)
        figure = f"**{figures[name]}** ★" if best else figures[name]
        interval = "" if single else f" {ranking.auroc.low:.3f} – {ranking.auroc.high:.3f} |"
        lines.append(f"| {name} | {_OF[SCORES[name].of]} | {figure} |{interval}")
    end = "| … |" if single else "| … | |"
    lines += [f"| {name} | {_OF[SCORES[name].of]} {end}" for name in measured.names if name not in measured.rankings]
    return "\n".join(lines)


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("%", "\N{NO-BREAK SPACE}%")


def _training(viewed: Viewed) -> str:
    """What the network was trained for, and on what: a denoiser is used to other input than the images measured."""
    trained_on, aim = plain(datasets.title(viewed.dataset.name)), purpose(viewed.config)
    said = f"trained to {aim} on {trained_on}" if aim else f"trained on {trained_on}"
    return said if viewed.config.corruption == "none" else f"{said}; its input is not corrupted here"


def verdicts(viewed: Viewed, choice: Choice, measured: Measured) -> list[Verdict]:
    """The claims for which everything is measured."""
    measured_on = f"{counts(choice)}; {of_one_run(viewed)} {_training(viewed)}; 95 % bootstrap intervals."
    rankings = measured.rankings
    codes = {_CALLED.get(name, name): rankings[name] for name in OF_CODE}
    said = [lies_far(codes, measured_on)]
    if ERROR in rankings:
        said.append(code_beats_error(codes, rankings[ERROR], measured_on))
        said.append(network_beats_pca(rankings[ERROR], rankings[RESIDUAL], pca_components(viewed.config), measured_on))
    return said
