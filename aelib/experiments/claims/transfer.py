"""Denoising networks on another script, and on noise that they were not trained on. The arms of all these claims are
the same and are trained once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from aelib.analysis.denoising import transfer as pages
from aelib.analysis.denoising.quality import Restored
from aelib.analysis.experiments.restoring import OTHER_NOISE, transferred
from aelib.experiments.experiment import Effect, Judgement, Measured, Shown, arm, experiment
from aelib.experiments.judging import judgement, paired, signed, within_holm
from aelib.spec.corruptions import CORRUPTIONS
from aelib.spec.recipes.recipe import STUDY_NOTES

_NOISE: dict[str, Any] = {"corruption": "gaussian", "corruption_level": 0.5, "batch_size": 128}
_ARMS = [
    arm("fully convolutional (8, 16, 16)", "fully-conv", steps=150, widths=(8, 16, 16), **_NOISE),
    arm("convolutional encoder, dense decoder", "conv-dense-20", steps=150, widths=(16, 16), **_NOISE),
    arm("dense (256–64)", "multilayer-64", steps=150, widths=(256,), code_size=64, epochs=3, **_NOISE),
    arm("dense (1024–512), long", "multilayer-64", steps=300, widths=(1024,), code_size=512, epochs=6, **_NOISE),
]
_KINDS = dict(
    zip(
        [one.label for one in _ARMS],
        (pages.FULLY_CONVOLUTIONAL, pages.CONV_DENSE, pages.DENSE, pages.DENSE),
        strict=True,
    )
)
_SHOWN = [
    Shown("own", "PSNR on its own data", unit="dB"),
    Shown("foreign", "PSNR on foreign data", unit="dB"),
    Shown("foreign_untouched", "PSNR of no processing, foreign data", unit="dB"),
    Shown("seconds", "Seconds of training", unit="s"),
]
_SECONDS = 170
_NETWORKS = """Networks of three kinds are trained to remove Gaussian noise (σ = 0.5): fully convolutional, a
convolutional encoder with a dense decoder, and dense. """


def _untouched(measured: Measured) -> pages.Untouched:
    first = next(iter(measured.arms))
    empty = np.empty((0, 0))
    own, foreign = (measured.of(first, name) for name in ("own_untouched", "foreign_untouched"))
    nothing = Restored(empty, empty, empty)
    return pages.Untouched(empty, own, foreign, nothing, empty)


def _results(measured: Measured) -> list[pages.Result]:
    return [
        pages.Result(
            kind=_KINDS[name],
            title=name,
            images=int(measured.first(name, "steps")) * _NOISE["batch_size"],
            seconds=float(measured.of(name, "seconds").mean()),
            own=measured.of(name, "own"),
            foreign=measured.of(name, "foreign"),
        )
        for name in measured.arms
    ]


def _by_page(measured: Measured, claim: str, conditions: str) -> Judgement:
    """The judgement of the Denoising page, of networks with several seeds."""
    results, untouched = _results(measured), _untouched(measured)
    verdict = next(one for one in pages.verdicts(results, untouched, "") if one.claim == claim)
    said = f"{measured.on}, tested on {measured.foreign} as foreign data; 95 % intervals over the seeds. {conditions}"
    if claim == "C25":
        ours = results[0]
        effects = [(f"{ours.title} minus {one.title} (dB)", paired(ours.own, one.own)) for one in results[1:]]
    else:
        kind = pages.FULLY_CONVOLUTIONAL if claim == "C26" else pages.CONV_DENSE
        effects = [
            (f"{one.title}: gain over no processing (dB)", paired(one.foreign, untouched.foreign))
            for one in results
            if one.kind == kind
        ]
    return Judgement(replace(verdict, conditions=said), tuple(Effect(*effect) for effect in effects))


@experiment(
    "C25",
    "Fully convolutional networks denoise best",
    STUDY_NOTES,
    context=_NETWORKS
    + """They are compared with equal numbers of images seen, and with equal seconds of training: the best rival that
    had about as much of it (within 20 %). Supported if the fully convolutional network has the higher PSNR both
    times.""",
    arms=_ARMS,
    measure=transferred,
    shows=_SHOWN,
    seconds=_SECONDS,
)
def denoises_best(measured: Measured) -> Judgement:
    return _by_page(
        measured, "C25", "Seconds are those of this server; widths and learning rates are not each network's best."
    )


@experiment(
    "C26",
    "Trained on one script, a fully convolutional network denoises another",
    STUDY_NOTES,
    context=_NETWORKS
    + """The fully convolutional one is then given noisy images of another script. Supported if it keeps at least half
    of the decibels that it gains on its own data, refuted if less than a third.""",
    arms=_ARMS,
    measure=transferred,
    shows=_SHOWN,
    seconds=_SECONDS,
)
def denoises_another_script(measured: Measured) -> Judgement:
    return _by_page(measured, "C26", "Supported from one half on, refuted below one third.")


@experiment(
    "C27",
    "A convolutional encoder with a dense decoder fails at another script",
    STUDY_NOTES,
    context=_NETWORKS
    + """The one with a dense decoder is then given noisy images of another script. Supported if it keeps less than a
    third of the decibels that it gains on its own data, refuted if at least half.""",
    arms=_ARMS,
    measure=transferred,
    shows=_SHOWN,
    seconds=_SECONDS,
)
def dense_decoder_fails(measured: Measured) -> Judgement:
    return _by_page(measured, "C27", "Supported below one third, refuted from one half on.")


@experiment(
    "C45",
    "An autoencoder removes noise that was not Gaussian and not in training",
    STUDY_NOTES,
    context=_NETWORKS
    + """The fully convolutional one is then given test images with salt and pepper (30 % of the pixels), with half of
    the pixels masked, and with a fifth as many random pixel draws as pixels. Supported if it gains at least 1 dB over
    no processing for each, after Holm's correction for three tests.""",
    arms=_ARMS,
    measure=transferred,
    shows=[
        Shown(name + end, f"PSNR, {CORRUPTIONS[name].title}{said}", unit="dB")
        for name in OTHER_NOISE
        for end, said in (("", ""), ("_untouched", ", no processing"))
    ],
    seconds=_SECONDS,
)
def removes_other_noise(measured: Measured) -> Judgement:
    fully, *_ = measured.arms
    gains = {
        CORRUPTIONS[name].title: paired(measured.of(fully, name), measured.of(fully, f"{name}_untouched"))
        for name in OTHER_NOISE
    }
    said = "; ".join(f"{title}: {signed(gain, 'dB')}" for title, gain in gains.items())
    return judgement(
        "C45",
        "An autoencoder removes noise that was not Gaussian and not in training",
        list(within_holm(gains, 1.0).values()),
        f"Gain over no processing: {said}",
        measured,
        [(f"gain, {title} (dB)", gain) for title, gain in gains.items()],
        depends="the kind of noise",
    )
