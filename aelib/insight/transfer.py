"""Networks on pictures of another script: what they learnt to do there, and what they did not.

The claims are those of the study notes on autoencoders (see `recipes`): fully convolutional networks denoise best;
trained on MNIST, one of them denoises KMNIST; a convolutional encoder with a dense decoder fails at that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from aelib.config import RunConfig
from aelib.insight.baselines import SHOWN, Damaged, damage
from aelib.insight.claims import Verdict
from aelib.insight.quality import Mean, Restored, mean, measured, psnr_of
from aelib.slices import Slice

if TYPE_CHECKING:
    from aelib.resident import Data

# A network works on foreign pictures if it keeps this share of what it gains on its own, and fails below the other.
WORKS, FAILS = 0.5, 1 / 3


@dataclass(frozen=True)
class Transfer:
    """Mean PSNR in dB on the probe images of the run's own data and of the foreign ones; `shown`: twelve of these."""

    own: Mean
    foreign: Mean
    shown: Restored


def restored(link: Slice, own: Data, foreign: Data, corruption: str, level: float) -> Transfer:
    """The same network on both data sets, damaged alike."""
    at_home, abroad = damage(own, corruption, level).touched(), damage(foreign, corruption, level).touched()
    output = _through(link, abroad)
    return Transfer(
        mean(psnr_of(at_home.clean, _through(link, at_home))),
        mean(psnr_of(abroad.clean, output)),
        measured(abroad.clean[:SHOWN], output[:SHOWN]),
    )


@dataclass(frozen=True)
class Untouched:
    """The foreign pictures without any network: twelve `clean` ones, uint8 [12, 784], the same damaged (`shown`), and
    the mean PSNR in dB of doing nothing on both data sets. `mask`: bool [12, 784], the pixels removed from them."""

    clean: np.ndarray
    own: Mean
    foreign: Mean
    shown: Restored
    mask: np.ndarray


def untouched(own: Data, foreign: Data, corruption: str, level: float) -> Untouched:
    """What the networks of `restored` start from."""
    at_home, abroad = damage(own, corruption, level).touched(), damage(foreign, corruption, level).touched()
    clean, seen = abroad.clean[:SHOWN], abroad.seen[:SHOWN]
    return Untouched(
        measured(clean, clean).pictures,
        mean(psnr_of(at_home.clean, at_home.seen)),
        mean(psnr_of(abroad.clean, abroad.seen)),
        measured(clean, seen),
        abroad.hole[:SHOWN],
    )


def _through(link: Slice, damaged: Damaged) -> np.ndarray:
    import torch

    from aelib.training import reconstruct

    _, output = reconstruct(link.state, torch.tensor(damaged.seen))
    return np.asarray(output.clamp(0, 1).cpu().numpy())


DENSE, CONV_DENSE, FULLY_CONVOLUTIONAL = "dense", "conv-dense", "fully convolutional"


def kind_of(config: RunConfig) -> str:
    """Of which of the three kinds that the claims tell apart a network is."""
    if not config.convolutional:
        return DENSE
    return CONV_DENSE if config.vector_code else FULLY_CONVOLUTIONAL


@dataclass(frozen=True)
class Result:
    """A network of a `kind`, and what it reached."""

    kind: str
    own: Mean
    foreign: Mean


def kept(result: Result, untouched: Untouched) -> float:
    """The share of the gain over doing nothing, in dB, that is left on the foreign data."""
    gain = result.own.value - untouched.own.value
    return (result.foreign.value - untouched.foreign.value) / gain if gain > 0 else 0.0


def verdicts(results: Sequence[Result], untouched: Untouched) -> list[Verdict]:
    """Which of the claims the results decide, and how."""
    found = []
    convolutional = [result for result in results if result.kind == FULLY_CONVOLUTIONAL]
    others = [result for result in results if result.kind != FULLY_CONVOLUTIONAL]
    if convolutional and others:
        best, rival = (max(group, key=lambda r: r.own.value) for group in (convolutional, others))
        apart = best.own.low > rival.own.high or best.own.high < rival.own.low
        found.append(
            Verdict(
                "C25",
                "fully convolutional networks denoise best",
                best.own.value > rival.own.value if apart else None,
                f"{best.own.value:.1f} dB against {rival.own.value:.1f} dB ({rival.kind}) on their own data",
            )
        )
    if convolutional:
        best = max(convolutional, key=lambda r: r.foreign.value)
        found.append(
            Verdict(
                "C26",
                "a fully convolutional network denoises another script",
                _decided(kept(best, untouched), works=True),
                _gain(best, untouched),
            )
        )
    conv_dense = [result for result in results if result.kind == CONV_DENSE]
    if conv_dense:
        best = max(conv_dense, key=lambda r: r.foreign.value)
        found.append(
            Verdict(
                "C27",
                "a convolutional encoder with a dense decoder fails at that",
                _decided(kept(best, untouched), works=False),
                _gain(best, untouched),
            )
        )
    return found


def _decided(share: float, *, works: bool) -> bool | None:
    if FAILS <= share < WORKS:
        return None
    return (share >= WORKS) == works


def _gain(result: Result, untouched: Untouched) -> str:
    gain = result.foreign.value - untouched.foreign.value
    return f"{gain:+.1f} dB over doing nothing, {kept(result, untouched):.0%} of what it gains on its own data"
