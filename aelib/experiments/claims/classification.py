"""What codes are good for besides reconstructing: classifiers, maps, anomalies."""

from __future__ import annotations

from aelib.analysis.anomalies import scores
from aelib.analysis.anomalies.ranking import Interval
from aelib.analysis.anomalies.verdicts import far
from aelib.analysis.claims import Outcome
from aelib.analysis.classify.classifiers import LEARNING_RATE, RATES
from aelib.analysis.classify.few_labels import Pair, starts_a_classifier
from aelib.analysis.experiments.classifying import fine_tuning, linear_probe, rate_name
from aelib.analysis.experiments.codes import anomalies, discriminants, tsne_maps
from aelib.experiments.experiment import Effect, Judgement, Measured, Shown, arm, experiment
from aelib.experiments.judging import judgement, larger, mean, paired, shifted, signed, within_holm
from aelib.spec.recipes.recipe import HANDS_ON, KERAS_BLOG, STUDY_NOTES

_CODE = Shown("code_few", "Accuracy with 10 labels per class, from the code", percent=True)
_PIXELS = Shown("pixels_few", "Accuracy with 10 labels per class, from pixels", percent=True)


@experiment(
    "C20",
    "An autoencoder is good preprocessing before t-SNE",
    KERAS_BLOG,
    context="""t-SNE lays out 1,000 test images by their codes, and by their pixels (the first 50 principal
    components, as is usual). On each map the five nearest neighbours of an image name its class. Three networks are
    tried. Supported if the map of the code is at least 1 percentage point more accurate for each, after Holm's
    correction for three tests.""",
    arms=[
        arm("vanilla, 64 numbers", "vanilla-64", steps=400),
        arm("deep, 32 numbers", "deep-32", steps=300),
        arm("sparse (L1), 64 numbers", "sparse-64", steps=400, output_start="mean-pixel"),
    ],
    measure=tsne_maps,
    shows=[
        Shown("code", "5-NN on the t-SNE map of the code", percent=True),
        Shown("pixels", "5-NN on the t-SNE map of the pixels", percent=True),
    ],
    seconds=60,
)
def good_before_tsne(measured: Measured) -> Judgement:
    leads = {name: paired(measured.of(name, "code"), measured.of(name, "pixels")) for name in measured.arms}
    said = "; ".join(f"{name}: {signed(lead, percent=True)}" for name, lead in leads.items())
    return judgement(
        "C20",
        "An autoencoder is good preprocessing before t-SNE",
        list(within_holm(leads, 0.01).values()),
        f"5-NN on the map of the code compared with that of the pixels: {said}",
        measured,
        [(f"accuracy, code minus pixels, {name}", lead) for name, lead in leads.items()],
        depends="the network",
        means="Perplexity 30; the seed is that of the network and of the map",
    )


@experiment(
    "C22",
    "The encoder can start a classifier",
    HANDS_ON,
    context="""The encoder becomes the first part of a classifier, and all of it is trained with ten labelled images
    per class. The same network from random weights is trained in the same way; once with a usual learning rate, and
    once with the best rate for each of the two. Supported if the encoder helps both times.""",
    arms=[arm("784–128–64", "multilayer-64", steps=400)],
    measure=fine_tuning,
    shows=[
        Shown(f"{side}_{rate_name(LEARNING_RATE)}", f"Accuracy, {title}", percent=True)
        for side, title in (("tuned", "starting from the encoder"), ("scratch", "from random weights"))
    ],
    seconds=40,
)
def encoder_starts_a_classifier(measured: Measured) -> Judgement:
    only = next(iter(measured.arms))
    pairs = {
        rate: Pair(*(measured.of(only, f"{side}_{rate_name(rate)}") for side in ("tuned", "scratch"))) for rate in RATES
    }
    labels = int(measured.first(only, "labels"))
    verdict = starts_a_classifier(pairs[LEARNING_RATE], pairs, labels, f"{measured.on}, 95 % intervals over the seeds")
    effects = tuple(Effect(f"accuracy gained, learning rate {rate:g}", pair.difference) for rate, pair in pairs.items())
    return Judgement(verdict, effects)


_PROBED = [
    arm("vanilla, 64 numbers", "vanilla-64", steps=500),
    arm("k-sparse, 25 of 256", "k-sparse", steps=300),
    arm("denoising, 64 numbers", "vanilla-64", steps=500, corruption="gaussian", corruption_level=0.5),
]


@experiment(
    "C23",
    "Codes may classify better than pixels",
    STUDY_NOTES,
    context="""Logistic regression learns from ten labelled images per class, from their codes and from their pixels.
    The claim says “may”: supported if the codes of at least one of three networks are better by 1 percentage point,
    after Holm's correction for three tests; refuted if none is.""",
    arms=_PROBED,
    measure=linear_probe,
    shows=[_CODE, _PIXELS],
    seconds=60,
)
def codes_may_classify_better(measured: Measured) -> Judgement:
    leads = {name: paired(measured.of(name, "code_few"), measured.of(name, "pixels_few")) for name in measured.arms}
    outcomes = within_holm(leads, 0.01)
    found = Outcome.UNDECIDED
    if Outcome.SUPPORTED in outcomes.values():
        found = Outcome.SUPPORTED
    elif all(one is Outcome.REFUTED for one in outcomes.values()):
        found = Outcome.REFUTED
    said = "; ".join(f"{name}: {signed(lead, percent=True)}" for name, lead in leads.items())
    return judgement(
        "C23",
        "Codes may classify better than pixels",
        found,
        f"Accuracy compared with pixels: {said}",
        measured,
        [(f"accuracy, code minus pixels, {name}", lead) for name, lead in leads.items()],
    )


@experiment(
    "C44",
    "A code saves the classifier's parameters",
    STUDY_NOTES,
    context="""A classifier on 64 numbers has twelve times fewer weights than one on 784 pixels. Is it as good? Logistic
    regression learns from 100 labelled images per class. Supported if it is at most 1 percentage point less accurate on
    the codes, for each of three networks, after Holm's correction.""",
    arms=_PROBED,
    measure=linear_probe,
    shows=[
        Shown("code_many", "Accuracy with 100 labels per class, from the code", percent=True),
        Shown("pixels_many", "Accuracy with 100 labels per class, from pixels", percent=True),
    ],
    seconds=60,
)
def code_saves_parameters(measured: Measured) -> Judgement:
    leads = {name: paired(measured.of(name, "code_many"), measured.of(name, "pixels_many")) for name in measured.arms}
    outcomes = within_holm({name: shifted(lead, 0.01) for name, lead in leads.items()})
    weights = "; ".join(
        f"{name}: {measured.first(name, 'code_weights'):,.0f} weights, {signed(lead, percent=True)}"
        for name, lead in leads.items()
    )
    pixels = next(iter(measured.arms))
    return judgement(
        "C44",
        "A code saves the classifier's parameters",
        list(outcomes.values()),
        f"Compared with pixels ({measured.first(pixels, 'pixel_weights'):,.0f} weights): {weights}",
        measured,
        [(f"accuracy, code minus pixels, {name}", lead) for name, lead in leads.items()],
        depends="the network",
        means="The encoder's own weights are not counted",
    )


_DISTANCES = {
    scores.MEAN: "distance to the mean code",
    scores.MAHALANOBIS: "Mahalanobis distance",
    scores.NEAREST: "distance to the nearest codes",
}


@experiment(
    "C28",
    "An anomaly's encoding lies far from the others",
    STUDY_NOTES,
    context="""The network is trained on one script; the anomalies are test images of another. Three distances say how
    far an image's code lies from those of training images. A distance separates them if an anomaly is farther out
    than a normal image in at least 90 % of all pairs (AUROC of 0.9). Supported if each of the three does.""",
    arms=[arm("vanilla, 64 numbers", "vanilla-64", steps=500)],
    measure=anomalies,
    shows=[Shown(name, f"AUROC of the {title}") for name, title in _DISTANCES.items()]
    + [Shown(scores.ERROR, "AUROC of the reconstruction error"), Shown(scores.RESIDUAL, "AUROC of the PCA residual")],
    seconds=40,
)
def anomalies_lie_far(measured: Measured) -> Judgement:
    only = next(iter(measured.arms))
    means = {title: mean(measured.of(only, name)) for name, title in _DISTANCES.items()}
    error = measured.of(only, scores.ERROR).mean()
    counts = f"{measured.first(only, 'normal'):,.0f} and {measured.first(only, 'anomalous'):,.0f} images"
    verdict = far(
        {title: Interval(one.value, one.low, one.high) for title, one in means.items()},
        f"{measured.on}; {measured.foreign} as anomalies ({counts}); 95 % intervals (Student's t) over the seeds. The "
        f"reconstruction error has an AUROC of {error:.3f}.",
    )
    return Judgement(verdict, tuple(Effect(f"AUROC of the {title}", one) for title, one in means.items()))


@experiment(
    "C32",
    "An autoencoder is a nonlinear relative of LDA, too",
    KERAS_BLOG,
    context="""Linear discriminant analysis (LDA) is told the classes; an autoencoder is not. Both reduce an image to
    nine numbers, as does PCA; then the five nearest neighbours among training images name the class of test images.
    Supported if the code is at least as accurate as LDA's numbers, within 1 percentage point.""",
    arms=[
        arm(
            "784–256–64–9",
            "multilayer-64",
            steps=800,
            learning_rate=3e-3,
            widths=(256, 64),
            code_size=9,
            code_activation="linear",
        )
    ],
    measure=discriminants,
    shows=[
        Shown("code", "5-NN in the code (9)", percent=True),
        Shown("lda", "5-NN in LDA's numbers (9)", percent=True),
        Shown("pca", "5-NN in principal components (9)", percent=True),
    ],
    seconds=50,
)
def like_lda(measured: Measured) -> Judgement:
    only = next(iter(measured.arms))
    beside_lda, beside_pca = (paired(measured.of(only, "code"), measured.of(only, name)) for name in ("lda", "pca"))
    outcome, why = larger(shifted(beside_lda, 0.01))
    reason = (
        f"In nine numbers 5-NN is {measured.of(only, 'code').mean():.1%} accurate, {signed(beside_lda, percent=True)} "
        f"compared with LDA and {signed(beside_pca, percent=True)} compared with PCA"
    )
    effects = [("accuracy, code minus LDA", beside_lda), ("accuracy, code minus PCA", beside_pca)]
    claim = "An autoencoder is a nonlinear relative of LDA, too"
    return judgement("C32", claim, outcome, reason, measured, effects, why=why)
