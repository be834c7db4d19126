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
from aelib.datasets.bounds import counted
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


def sentence(choice: Choice, name: str, ranking: Ranking) -> str:
    """What the score says of the groups."""
    called = _CALLED.get(name, name)
    if choice.single:
        subject = f"Its {called}" if choice.own else f"The {called} of the only anomalous image"
        return (
            f"{subject} is larger than that of **{_percent(_share_below(ranking))}** of the "
            f"{counted(len(ranking.normal), 'normal image')}."
        )
    return (
        f"By the {called}, an anomalous image is more suspicious than a normal one in "
        f"**{_percent(ranking.auroc.value)}** of all pairs (AUROC {ranking.auroc.value:.3f}; chance is 0.5)."
    )


def table(choice: Choice, measured: Measured) -> str:
    """AUROC of each score, the best first, with a star where it is better than chance; "…" where it is not known. Of a
    single image: how many normal ones have a smaller score."""
    if choice.single:
        lines = ["| score | from | normal images with a smaller score |", "|:--|:--|--:|"]
        shares = {name: _share_below(ranking) for name, ranking in measured.rankings.items()}
        cells = {name: f"{_percent(shares[name])} |" for name in sorted(shares, key=lambda name: -shares[name])}
    else:
        lines = ["| score | from | AUROC | 95 % interval |", "|:--|:--|--:|:--|"]
        known = sorted(measured.rankings.items(), key=lambda pair: -pair[1].auroc.value)
        figures = {name: f"{ranking.auroc.value:.3f}" for name, ranking in known}
        cells = {}
        for name, ranking in known:
            best = figures[name] == figures[known[0][0]] and above_chance(ranking)
            figure = f"**{figures[name]}** ★" if best else figures[name]
            cells[name] = f"{figure} | {ranking.auroc.low:.3f} – {ranking.auroc.high:.3f} |"
    end = "… |" if choice.single else "… | |"
    cells |= {name: end for name in measured.names if name not in cells}
    return "\n".join([*lines, *(f"| {name} | {_OF[SCORES[name].of]} | {cell}" for name, cell in cells.items())])


def _share_below(ranking: Ranking) -> float:
    """Of a single image: how many of the normal ones have a smaller score, from 0 to 1."""
    return float((ranking.normal < ranking.anomalous[0]).mean())


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
