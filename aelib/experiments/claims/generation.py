"""Decoders as generative models: what random codes become."""

from __future__ import annotations

from aelib.analysis.experiments.generating import samples
from aelib.experiments.experiment import Judgement, Measured, Shown, arm, experiment
from aelib.experiments.judging import judgement, larger, mean, negated, paired, relative, shifted, signed
from aelib.spec.recipes.recipe import HANDS_ON, TFLEARN

_ARMS = [
    arm("autoencoder", "vae", steps=400, regularizer="none", code_activation="linear"),
    arm("variational autoencoder", "vae", steps=400),
]
_SHOWN = [
    Shown("confidence", "Confidence of a classifier in samples", percent=True),
    Shown("real_confidence", "Confidence in test images", percent=True),
    Shown("diversity", "Class entropy of samples (of the largest)", percent=True),
    Shown("told", "AUROC of telling samples from test images"),
    Shown("distance", "Distance of samples to the nearest training image"),
    Shown("real_distance", "Distance of test images to it"),
    Shown("mse", "Test MSE of reconstructions", log=True),
]
_SAMPLES = """An autoencoder and a variational one, with the same layers and a code of 16 numbers, decode 500 random
codes: from a Gaussian fitted to training codes, or from the prior. A classifier that knows training images only
(logistic regression) judges the samples. """


@experiment(
    "C10",
    "Autoencoders lead to generative models",
    TFLEARN,
    HANDS_ON,
    context=_SAMPLES
    + """A generative model makes new images that look like the data. Supported if for samples of the variational
    autoencoder the classifier's confidence is at most 10 percentage points below that for test images, the classes
    named are nearly as varied (class entropy at least 90 % of the largest possible), and samples are no copies (at
    least half as far from the nearest training image as test images are).""",
    arms=_ARMS,
    measure=samples,
    shows=_SHOWN,
    seconds=60,
)
def leads_to_generative_models(measured: Measured) -> Judgement:
    _, vae = measured.arms
    confidence = paired(measured.of(vae, "confidence"), measured.of(vae, "real_confidence"))
    diversity = mean(measured.of(vae, "diversity"))
    new = mean(measured.of(vae, "distance") / measured.of(vae, "real_distance"))
    reason = (
        f"Compared with test images, the classifier's confidence in samples is {signed(confidence, percent=True)}; the "
        f"class entropy is {diversity.value:.0%} of the largest possible; their distance to the nearest training "
        "image is "
        f"{new.value:.2f} times that of test images"
    )
    return judgement(
        "C10",
        "Autoencoders lead to generative models",
        [larger(shifted(confidence, 0.1))[0], larger(shifted(diversity, -0.9))[0], larger(shifted(new, -0.5))[0]],
        reason,
        measured,
        [
            ("confidence, samples minus test images", confidence),
            ("class entropy", diversity),
            ("relative distance", new),
        ],
        depends="what is asked of a generative model",
        means="Of the variational autoencoder",
    )


@experiment(
    "C39",
    "The autoencoder reconstructs better, the variational one samples better",
    HANDS_ON,
    context=_SAMPLES
    + """Supported if the plain autoencoder has a test error that is smaller by at least 5 %, and samples of the
    variational one are harder to tell from test images (AUROC of a logistic regression that tries, cross-validated;
    0.5 is chance).""",
    arms=_ARMS,
    measure=samples,
    shows=_SHOWN,
    seconds=60,
)
def each_is_better_at_something(measured: Measured) -> Judgement:
    plain, vae = measured.arms
    reconstructs = mean(1 - measured.of(plain, "mse") / measured.of(vae, "mse"))
    samples_better = paired(measured.of(plain, "told"), measured.of(vae, "told"))
    reason = (
        f"The plain autoencoder's test error is smaller by {relative(reconstructs)}; its samples are told from test "
        f"images with an AUROC of {measured.of(plain, 'told').mean():.3f}, those of the variational one with "
        f"{measured.of(vae, 'told').mean():.3f} (difference {signed(samples_better)})"
    )
    return judgement(
        "C39",
        "The autoencoder reconstructs better, the variational one samples better",
        [larger(reconstructs, 0.05)[0], larger(samples_better)[0]],
        reason,
        measured,
        [("relative error saved", reconstructs), ("AUROC, plain minus variational", samples_better)],
        depends="which half of it",
        means="β = 1; a smaller β moves the variational autoencoder towards the plain one",
    )


@experiment(
    "C40",
    "An autoencoder has learned the distribution of its data",
    HANDS_ON,
    context=_SAMPLES
    + """If the distribution were learned, samples could not be told from test images. A logistic regression tries,
    cross-validated: its AUROC is 0.5 for chance and 1 if it always can. Supported if it is below 0.6 for both
    networks.""",
    arms=_ARMS,
    measure=samples,
    shows=_SHOWN,
    seconds=60,
)
def learned_the_distribution(measured: Measured) -> Judgement:
    told = {name: mean(measured.of(name, "told")) for name in measured.arms}
    said = "; ".join(f"{name}: {one.value:.3f} ± {one.margin:.3f}" for name, one in told.items())
    return judgement(
        "C40",
        "An autoencoder has learned the distribution of its data",
        [larger(shifted(negated(one), 0.6))[0] for one in told.values()],
        f"AUROC with which samples are told from test images: {said}",
        measured,
        [(f"AUROC, {name}", one) for name, one in told.items()],
        depends="the network",
        means="A better classifier could tell more of them: a small AUROC would not prove the claim",
    )
