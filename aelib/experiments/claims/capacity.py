"""Codes as wide as the input or wider: do they copy, do they overfit, and what helps against it?"""

from __future__ import annotations

from typing import Any

import numpy as np

from aelib.analysis.claims import Outcome
from aelib.analysis.experiments.reconstructing import copying, reconstruction
from aelib.experiments.experiment import Judgement, Measured, Shown, arm, experiment
from aelib.experiments.judging import judgement, larger, mean, paired, relative, signed, within_holm
from aelib.spec.recipes.recipe import DEEP_INSIDE, HANDS_ON, TFLEARN

# A network copies a kind of image if this share of the pixels' variance survives.
_COPIES = 0.9
_KINDS = {
    "test": "test images",
    "shuffled": "test images with shuffled pixels",
    "noise": "noise",
}
_SURVIVES = [Shown(name, f"Variance that survives: {kind}", percent=True) for name, kind in _KINDS.items()]
_FEW = Shown("code_few", "Accuracy with 10 labels per class, from the code", percent=True)
_PIXELS_FEW = Shown("pixels_few", "Accuracy with 10 labels per class, from pixels", percent=True)
_WIDE = arm("1,024 ReLU units", "vanilla-64", steps=200, learning_rate=3e-3, code_size=1_024)


def _copies(measured: Measured, name: str) -> dict[str, Outcome]:
    """For each kind of image: does so much of it survive?"""
    return {kind: larger(mean(measured.of(name, kind) - _COPIES))[0] for kind in _KINDS}


def _shares(measured: Measured, name: str) -> str:
    return ", ".join(f"{measured.of(name, kind).mean():.0%} of {title}" for kind, title in _KINDS.items())


@experiment(
    "C13",
    "An overcomplete linear autoencoder learns the identity",
    DEEP_INSIDE,
    context="""With 1,024 linear units for 784 pixels nothing has to be left out. A network that has learned the
    identity gives back any image, also one that it has never seen the like of: test images, the same with their
    pixels shuffled, and noise in which every pixel is drawn at random. Supported if at least 90 % of the pixels'
    variance survives for each kind.""",
    arms=[
        arm("1,024 linear units", "overcomplete-linear", steps=120),
        arm("32 linear units", "linear-32", steps=120),
    ],
    measure=copying,
    shows=_SURVIVES,
    seconds=50,
)
def linear_learns_identity(measured: Measured) -> Judgement:
    wide, narrow = measured.arms
    outcomes = _copies(measured, wide)
    reason = f"Of the variance survives: {_shares(measured, wide)}; with 32 units {_shares(measured, narrow)}"
    return judgement(
        "C13",
        "An overcomplete linear autoencoder learns the identity",
        list(outcomes.values()),
        reason,
        measured,
        [
            (f"variance that survives beyond 90 %, {_KINDS[kind]}", mean(measured.of(wide, kind) - 0.9))
            for kind in _KINDS
        ],
        depends="the images: what training images never varied in, it has not learned to copy",
    )


@experiment(
    "C42",
    "A code as large as the input already copies",
    DEEP_INSIDE,
    context="""A code of 784 ReLU units could hold every pixel. Does the network use it for that? It is shown test
    images, the same with their pixels shuffled, and noise. Supported if at least 90 % of the variance survives for
    each kind: whoever copies, copies anything.""",
    arms=[
        arm("784 ReLU units", "vanilla-64", steps=250, learning_rate=3e-3, code_size=784),
        arm("64 ReLU units", "vanilla-64", steps=250, learning_rate=3e-3),
    ],
    measure=copying,
    shows=_SURVIVES,
    seconds=50,
)
def as_large_as_the_input(measured: Measured) -> Judgement:
    wide, narrow = measured.arms
    return judgement(
        "C42",
        "A code as large as the input already copies",
        list(_copies(measured, wide).values()),
        f"Of the variance survives: {_shares(measured, wide)}; with 64 units {_shares(measured, narrow)}",
        measured,
        [
            (f"variance that survives beyond 90 %, {_KINDS[kind]}", mean(measured.of(wide, kind) - 0.9))
            for kind in _KINDS
        ],
        depends="the images: it copies those like its training images, and others less",
    )


@experiment(
    "C11",
    "With too much capacity, an autoencoder copies without learning anything",
    TFLEARN,
    DEEP_INSIDE,
    context="""A code of 1,024 ReLU units is compared with the pixels themselves. It copies if at least 90 % of the
    variance of test images survives. It has learned nothing if a classifier that gets ten labels per class is no more
    accurate on its codes than on pixels (by at least 1 percentage point). Supported if both hold.""",
    arms=[_WIDE, arm("32 ReLU units", "vanilla-64", steps=200, learning_rate=3e-3, code_size=32)],
    measure=copying,
    shows=[_SURVIVES[0], _FEW, _PIXELS_FEW],
    seconds=55,
)
def copies_without_learning(measured: Measured) -> Judgement:
    wide = next(iter(measured.arms))
    copied = mean(measured.of(wide, "test") - _COPIES)
    gain = paired(measured.of(wide, "code_few"), measured.of(wide, "pixels_few"))
    learns = larger(gain, 0.01)[0]
    nothing = {Outcome.SUPPORTED: Outcome.REFUTED, Outcome.REFUTED: Outcome.SUPPORTED}.get(learns, learns)
    reason = (
        f"{measured.of(wide, 'test').mean():.1%} of the variance of test images survives; on its codes a classifier is "
        f"{measured.of(wide, 'code_few').mean():.1%} accurate, {signed(gain, percent=True)} compared with pixels"
    )
    return judgement(
        "C11",
        "With too much capacity, an autoencoder copies without learning anything",
        [larger(copied)[0], nothing],
        reason,
        measured,
        [("variance that survives beyond 90 %", copied), ("accuracy, code minus pixels", gain)],
        depends="what learning means: it copies, yet its code serves a classifier better than pixels"
        if learns is Outcome.SUPPORTED
        else "which of the two is asked",
    )


@experiment(
    "C12",
    "Regularization makes overcomplete codes useful",
    TFLEARN,
    context="""The same overcomplete network (1,024 ReLU units) is trained without a regularizer, with an L1 penalty
    on its code, and as a denoising autoencoder with half of the pixels masked. A code is useful if a classifier that
    gets ten labels per class is more accurate on it. Supported if both help by at least 1 percentage point, after
    Holm's correction for two tests.""",
    arms=[
        _WIDE,
        arm("with an L1 penalty", "vanilla-64", steps=200, learning_rate=3e-3, code_size=1_024, regularizer="l1"),
        arm(
            "as a denoiser",
            "vanilla-64",
            steps=200,
            learning_rate=3e-3,
            code_size=1_024,
            corruption="masking",
            corruption_level=0.5,
        ),
    ],
    measure=copying,
    shows=[_FEW, _PIXELS_FEW, _SURVIVES[1]],
    seconds=40,
)
def regularization_helps(measured: Measured) -> Judgement:
    plain, *regularized = measured.arms
    gains = {name: paired(measured.of(name, "code_few"), measured.of(plain, "code_few")) for name in regularized}
    said = "; ".join(f"{name}: {signed(gain, percent=True)}" for name, gain in gains.items())
    return judgement(
        "C12",
        "Regularization makes overcomplete codes useful",
        list(within_holm(gains, 0.01).values()),
        f"Without a regularizer a classifier is {measured.of(plain, 'code_few').mean():.1%} accurate; {said}",
        measured,
        [(f"accuracy gained, {name}", gain) for name, gain in gains.items()],
        depends="the regularizer",
        means="Useful to a linear classifier with few labels; other uses are not measured here",
    )


_SMALL: dict[str, Any] = {"batch_size": 64, "epochs": 400}


@experiment(
    "C14",
    "Without a bottleneck, an autoencoder overfits",
    HANDS_ON,
    context="""Networks with a code of 32 and of 512 units are trained on 300 and on 3,000 images. Overfitting shows
    in two ways: the error on test images is much larger than that on training images, and it is larger than that of a
    smaller network. Supported if without a bottleneck (512 units, 300 images) the gap between test and training
    error, relative to the training error, is wider, and the test error at least 5 % larger than with the
    bottleneck.""",
    arms=[
        arm(f"{units} units, {count:,} images", "vanilla-64", steps=400, images=count, code_size=units, **_SMALL)
        for count in (300, 3_000)
        for units in (32, 512)
    ],
    measure=reconstruction,
    shows=[Shown("mse", "Test MSE", log=True), Shown("train_mse", "Training MSE", log=True)],
    seconds=55,
)
def overfits_without_bottleneck(measured: Measured) -> Judgement:
    narrow, wide, *_ = measured.arms

    def gap(name: str) -> np.ndarray:
        return np.asarray(measured.of(name, "mse") / measured.of(name, "train_mse") - 1)

    wider = paired(gap(wide), gap(narrow))
    worse = mean(measured.of(wide, "mse") / measured.of(narrow, "mse") - 1)
    reason = (
        "On 300 images, training and test MSE are "
        f"{measured.of(narrow, 'train_mse').mean():.4f} and {measured.of(narrow, 'mse').mean():.4f} with a "
        "bottleneck of "
        f"32 units, {measured.of(wide, 'train_mse').mean():.4f} and {measured.of(wide, 'mse').mean():.4f} with "
        "512: the "
        f"test error changes by {relative(worse)}"
    )
    return judgement(
        "C14",
        "Without a bottleneck, an autoencoder overfits",
        [larger(wider)[0], larger(worse, 0.05)[0]],
        reason,
        measured,
        [("relative gap, 512 minus 32 units", wider), ("test error, relative", worse)],
        depends="what overfitting means: the gap is wider, but the test error is smaller"
        if worse.high < 0
        else "what overfitting means",
    )


@experiment(
    "C30",
    "An autoencoder has to be sensitive enough to reconstruct and insensitive enough not to overfit",
    HANDS_ON,
    context="""How sensitive a network may be to single pixels can be set: the more of the pixels are masked in
    training, the less it can rely on each. With 300 training images and 256 units there is something to overfit.
    Supported if masking 30 % gives a smaller error on clean test images than masking none, and than masking 90 %.""",
    arms=[
        arm(
            title,
            "vanilla-64",
            steps=400,
            images=300,
            code_size=256,
            **_SMALL,
            corruption="masking" if level else "none",
            corruption_level=level,
        )
        for title, level in (("no masking", 0.0), ("30 % masked", 0.3), ("90 % masked", 0.9))
    ],
    measure=reconstruction,
    shows=[Shown("mse", "Test MSE", log=True), Shown("train_mse", "Training MSE", log=True)],
    seconds=40,
)
def sensitive_enough(measured: Measured) -> Judgement:
    none, some, much = measured.arms
    gains = {name: mean(1 - measured.of(some, "mse") / measured.of(name, "mse")) for name in (none, much)}
    reason = (
        "Test MSE: "
        + "; ".join(f"{name} {measured.of(name, 'mse').mean():.4f}" for name in measured.arms)
        + f". With 30 % masked it is smaller by {relative(gains[none])} than with none, "
        f"by {relative(gains[much])} than with 90 %"
    )
    return judgement(
        "C30",
        "An autoencoder has to be sensitive enough to reconstruct and insensitive enough not to overfit",
        list(within_holm(gains).values()),
        reason,
        measured,
        [(f"relative gain compared with {name}", gain) for name, gain in gains.items()],
        depends="what it is compared with",
        means="Clean images are reconstructed, although the network was trained on masked ones",
    )
