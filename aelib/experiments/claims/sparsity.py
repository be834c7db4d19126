"""Penalties on the code: how many units are active, what their features are like, and what that is good for."""

from __future__ import annotations

from aelib.analysis.experiments.classifying import linear_probe
from aelib.analysis.experiments.codes import unit_activity
from aelib.experiments.experiment import Judgement, Measured, Shown, arm, experiment
from aelib.experiments.judging import judgement, larger, mean, paired, signed, within_holm
from aelib.spec.recipes.recipe import DEEP_INSIDE, KERAS_BLOG

_STEPS = 1_000
_PLAIN = arm("no penalty", "vanilla-64", steps=_STEPS)
_L1 = arm("L1 penalty on the code", "sparse-64", steps=_STEPS, output_start="mean-pixel")
_INACTIVE = Shown("inactive", "Inactive units per image", percent=True)
_LOCAL = Shown("local", "Weights within 9×9 pixels", percent=True)
# A representation is called sparse if at least half of the units are inactive for an image.
_SPARSE = 0.5


@experiment(
    "C15",
    "L1 makes the code sparse: few units are active",
    KERAS_BLOG,
    DEEP_INSIDE,
    context="""An L1 penalty of 1e-4 pulls the activations of the code towards 0. The same network is trained with and
    without it. A unit is inactive for an image if its activation is below 1 % of the largest one. Supported if the
    penalty makes at least 10 percentage points more of the units inactive.""",
    arms=[_PLAIN, _L1],
    measure=unit_activity,
    shows=[_INACTIVE, Shown("mse", "Test MSE", log=True)],
    seconds=35,
)
def l1_makes_sparse(measured: Measured) -> Judgement:
    plain, l1 = measured.arms
    more = paired(measured.of(l1, "inactive"), measured.of(plain, "inactive"))
    worse = paired(measured.of(l1, "mse"), measured.of(plain, "mse"))
    outcome, why = larger(more, 0.1)
    reason = (
        f"{measured.of(plain, 'inactive').mean():.1%} of the units are inactive without and "
        f"{measured.of(l1, 'inactive').mean():.1%} with the penalty ({signed(more, percent=True)}); the test MSE "
        "changes "
        f"by {signed(worse)}"
    )
    effects = [("inactive units", more), ("test MSE", worse)]
    return judgement("C15", "L1 makes the code sparse", outcome, reason, measured, effects, why=why)


@experiment(
    "C35",
    "An autoencoder learns a sparse representation by nature",
    KERAS_BLOG,
    context="""Without any penalty, how many units of a ReLU code are inactive for an image? “Sparse” means here: at
    least half of them. Supported if both networks are sparse.""",
    arms=[
        _PLAIN,
        arm("single layer, 32 units", "single-32", steps=_STEPS, optimizer="adam", learning_rate=1e-3),
    ],
    measure=unit_activity,
    shows=[_INACTIVE, Shown("dead", "Dead units", percent=True)],
    seconds=30,
)
def sparse_by_nature(measured: Measured) -> Judgement:
    beyond = {name: mean(measured.of(name, "inactive") - _SPARSE) for name in measured.arms}
    shares = "; ".join(f"{name}: {difference.value + _SPARSE:.1%}" for name, difference in beyond.items())
    return judgement(
        "C35",
        "An autoencoder learns a sparse representation by nature",
        [larger(difference)[0] for difference in beyond.values()],
        f"Inactive units per image: {shares}; “sparse” means at least {_SPARSE:.0%}",
        measured,
        [(f"inactive units beyond {_SPARSE:.0%}, {name}", difference) for name, difference in beyond.items()],
        depends="the network",
    )


@experiment(
    "C36",
    "L1 turns fuzzy patches into interesting features",
    KERAS_BLOG,
    context="""The weights of each unit are an image. A fuzzy one is spread over all of the image; an interesting
    feature, such as a stroke, is local. Local is measured as the share of the squared weights that lies within the
    best 9×9 pixels (10.3 % would be evenly spread). Supported if L1 raises it by at least 5 percentage points.""",
    arms=[_PLAIN, _L1],
    measure=unit_activity,
    shows=[_LOCAL, _INACTIVE],
    seconds=35,
)
def l1_makes_features_local(measured: Measured) -> Judgement:
    plain, l1 = measured.arms
    more = paired(measured.of(l1, "local"), measured.of(plain, "local"))
    outcome, why = larger(more, 0.05)
    reason = (
        f"Within the best 9×9 pixels lie {measured.of(plain, 'local').mean():.1%} of the squared weights without and "
        f"{measured.of(l1, 'local').mean():.1%} with the penalty ({signed(more, percent=True)})"
    )
    return judgement(
        "C36",
        "L1 turns fuzzy patches into interesting features",
        outcome,
        reason,
        measured,
        [("weights within 9×9 pixels", more)],
        why=why,
        means="Whether a local feature is interesting is for the eye: see the weights under “Latent space”",
    )


@experiment(
    "C16",
    "Sparse features help a classifier",
    DEEP_INSIDE,
    context="""Logistic regression learns from the codes of ten labelled images per class and is tested on 2,000 test
    images. Codes of a network without a penalty are compared with those of two sparse ones: an L1 penalty, and k-sparse
    (25 of 256 units). Supported if both help by at least 1 percentage point, after Holm's correction for two tests.""",
    arms=[
        arm("no penalty", "vanilla-64", steps=500),
        arm("L1 penalty on the code", "sparse-64", steps=500, output_start="mean-pixel"),
        arm("k-sparse, 25 of 256", "k-sparse", steps=300),
    ],
    measure=linear_probe,
    shows=[
        Shown("code_few", "Accuracy with 10 labels per class, from the code", percent=True),
        Shown("pixels_few", "Accuracy with 10 labels per class, from pixels", percent=True),
    ],
    seconds=60,
)
def sparse_helps_a_classifier(measured: Measured) -> Judgement:
    plain, *sparse = measured.arms
    gains = {name: paired(measured.of(name, "code_few"), measured.of(plain, "code_few")) for name in sparse}
    outcomes = within_holm(gains, 0.01)
    said = "; ".join(f"{name}: {signed(gain, percent=True)}" for name, gain in gains.items())
    return judgement(
        "C16",
        "Sparse features help a classifier",
        list(outcomes.values()),
        f"Compared with {measured.of(plain, 'code_few').mean():.1%} without a penalty, {said}",
        measured,
        [(f"accuracy gained, {name}", gain) for name, gain in gains.items()],
        depends="the kind of sparsity",
        means="The codes have different sizes: 64 numbers, and 256 of which 25 are active",
    )
