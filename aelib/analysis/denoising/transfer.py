"""Networks on images of another script: what they learnt to do there, and what they did not.

The claims are those of the study notes on autoencoders (see `recipes`): fully convolutional networks denoise best;
trained on MNIST, one of them denoises KMNIST; a convolutional encoder with a dense decoder fails at that.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.analysis.claims import Outcome, Verdict, combined, judged
from aelib.analysis.denoising.baselines import CorruptedImages, corrupted_images
from aelib.analysis.denoising.quality import Mean, Restored, measured, paired
from aelib.spec.config import RunConfig
from aelib.spec.images import SHOWN
from aelib.train.image_quality import psnr
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from aelib.train.resident import Data

# A network works on foreign images if it keeps this share of what it gains on its own, and fails below the other.
WORKS, FAILS = 0.5, 1 / 3
# Budgets that differ by no more than this share are called equal.
EQUAL = 0.2


@dataclass(frozen=True)
class Transfer:
    """PSNR in dB of each probe image of the run's `own` data [N] and of the `foreign` ones [M]; `shown`: twelve of
    these."""

    own: np.ndarray
    foreign: np.ndarray
    shown: Restored


def restored(link: Slice, own: Data, foreign: Data, corruption: str, level: float) -> Transfer:
    """The same network on both data sets, damaged alike."""
    at_home, abroad = (corrupted_images(data, corruption, level).touched() for data in (own, foreign))
    output = _through(link, abroad)
    return Transfer(
        psnr(at_home.clean, _through(link, at_home)),
        psnr(abroad.clean, output),
        measured(abroad.clean[:SHOWN], output[:SHOWN]),
    )


@dataclass(frozen=True)
class Untouched:
    """The foreign images without any network: twelve `clean` ones, uint8 [12, 784], the same damaged (`shown`), and
    the PSNR in dB of doing nothing for each image of both data sets, [N] and [M]. `mask`: bool [12, 784], the pixels
    removed from the twelve."""

    clean: np.ndarray
    own: np.ndarray
    foreign: np.ndarray
    shown: Restored
    mask: np.ndarray


def untouched(own: Data, foreign: Data, corruption: str, level: float) -> Untouched:
    """What the networks of `restored` start from."""
    at_home, abroad = (corrupted_images(data, corruption, level).touched() for data in (own, foreign))
    clean, corrupted = abroad.clean[:SHOWN], abroad.corrupted[:SHOWN]
    return Untouched(
        measured(clean, clean).images,
        psnr(at_home.clean, at_home.corrupted),
        psnr(abroad.clean, abroad.corrupted),
        measured(clean, corrupted),
        abroad.hole[:SHOWN],
    )


def _through(link: Slice, damaged: CorruptedImages) -> np.ndarray:
    import torch

    from aelib.train.inference import reconstruct

    _, output = reconstruct(link.state, torch.tensor(damaged.corrupted))
    return np.asarray(output.clamp(0, 1).cpu().numpy())


DENSE, CONV_DENSE, FULLY_CONVOLUTIONAL = "dense", "conv-dense", "fully convolutional"


def kind_of(config: RunConfig) -> str:
    """Of which of the three kinds that the claims tell apart a network is."""
    if not config.convolutional:
        return DENSE
    return CONV_DENSE if config.vector_code else FULLY_CONVOLUTIONAL


@dataclass(frozen=True)
class Result:
    """A network of a `kind`, called `title`, with what it cost and what it reached: `images` seen, counting repeats,
    and `seconds` of training; PSNR in dB of each image of its own data [N] and of the foreign [M]."""

    kind: str
    title: str
    images: int
    seconds: float
    own: np.ndarray
    foreign: np.ndarray


def kept(result: Result, untouched: Untouched) -> Mean | None:
    """The share of the gain over doing nothing, in dB, that is left on the foreign data. The interval is that of a
    ratio of independent means (delta method). None where the network gains nothing on its own data."""
    gain, left = paired(result.own, untouched.own), paired(result.foreign, untouched.foreign)
    if gain.low <= 0:
        return None
    share = left.value / gain.value
    return Mean(share, float(np.hypot(left.margin, share * gain.margin)) / gain.value, min(gain.count, left.count))


def verdicts(results: Sequence[Result], untouched: Untouched, measured_on: str) -> list[Verdict]:
    """The claims that can be judged by these networks, which are all of one seed each. `measured_on`: data, corruption,
    and whatever else the figures hold for."""
    found = []
    groups = {kind: [result for result in results if result.kind == kind] for kind in (FULLY_CONVOLUTIONAL, CONV_DENSE)}
    convolutional = groups[FULLY_CONVOLUTIONAL]
    others = [result for result in results if result.kind != FULLY_CONVOLUTIONAL]
    if convolutional and others:
        found.append(_denoises_best(convolutional, others, measured_on))
    for kind, claim, statement, works in (
        (FULLY_CONVOLUTIONAL, "C26", "A fully convolutional network denoises another script", True),
        (CONV_DENSE, "C27", "A convolutional encoder with a dense decoder fails at that", False),
    ):
        if groups[kind]:
            # The best on its own data: chosen by another figure than the one that is judged.
            best = max(groups[kind], key=lambda result: result.own.mean())
            outcome, reason, why = _carried_over(best, untouched, works=works)
            conditions = f"One network (one seed) after {best.images:,} images; {measured_on}."
            found.append(Verdict(claim, statement, outcome, reason, conditions, why))
    return found


def _denoises_best(convolutional: Sequence[Result], others: Sequence[Result], measured_on: str) -> Verdict:
    """C25, with as many images seen and with as much time: the best rival among those that had about the same."""
    budgets: tuple[tuple[str, Callable[[Result], float], Callable[[Result], str]], ...] = (
        ("images", lambda result: result.images, lambda result: f"{result.images:,}"),
        ("time", lambda result: result.seconds, lambda result: f"{result.seconds:.0f} s"),
    )
    outcomes, parts, missing = [], [], []
    for name, amount, told in budgets:
        pair = _comparable(convolutional, others, amount)
        if pair is None:
            missing.append(name)
            continue
        ours, rival = pair
        lead = paired(ours.own, rival.own)
        outcomes.append(judged(lead))
        where = "ahead of" if lead.value >= 0 else "behind"
        parts.append(
            f"with equal {name} ({told(ours)}) it reaches {ours.own.mean():.1f} dB, {abs(lead.value):.2f} ± "
            f"{lead.margin:.2f} dB {where} {rival.title}"
        )
    if missing:
        outcome, why = Outcome.UNDECIDED, f"no rival had equal {' or equal '.join(missing)}"
        best, rival = (max(group, key=lambda result: result.own.mean()) for group in (convolutional, others))
        parts = parts or [f"{best.own.mean():.1f} dB against {rival.own.mean():.1f} dB ({rival.title})"]
    else:
        outcome = combined(outcomes)
        why = "the budget" if outcome is Outcome.DEPENDS else ""
    reason = "; ".join(parts)
    conditions = (
        f"One network each (one seed); “equal”: within {EQUAL:.0%}. Seconds are those of this computer, and widths and "
        f"learning rates are as given, not each network's best; {measured_on}."
    )
    statement = "Fully convolutional networks denoise best"
    return Verdict("C25", statement, outcome, reason[:1].upper() + reason[1:], conditions, why)


def _comparable(
    convolutional: Sequence[Result], others: Sequence[Result], amount: Callable[[Result], float]
) -> tuple[Result, Result] | None:
    """The best convolutional network that has rivals with about the same budget, and the best of these."""
    for ours in sorted(convolutional, key=lambda result: -result.own.mean()):
        rivals = [rival for rival in others if abs(amount(rival) - amount(ours)) <= EQUAL * amount(ours)]
        if rivals:
            return ours, max(rivals, key=lambda result: result.own.mean())
    return None


def _carried_over(result: Result, untouched: Untouched, *, works: bool) -> tuple[Outcome, str, str]:
    """Does a network work on foreign data (or, the claim being that it fails, does it not)? With reason and why not."""
    gain, share = paired(result.foreign, untouched.foreign), kept(result, untouched)
    reason = f"{gain.value:+.1f} ± {gain.margin:.1f} dB over no processing"
    if share is None:
        return Outcome.UNDECIDED, reason, "it gains nothing on its own data"
    reason += f", {share.value:.0%} ± {share.margin:.0%} of what it gains on its own data"
    if share.low >= WORKS:
        return (Outcome.SUPPORTED if works else Outcome.REFUTED), reason, ""
    if share.high < FAILS:
        return (Outcome.REFUTED if works else Outcome.SUPPORTED), reason, ""
    return Outcome.UNDECIDED, reason, ""
