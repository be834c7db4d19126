"""What a short code keeps of an image, beside PCA and JPEG."""

from __future__ import annotations

from aelib.analysis.claims import Outcome
from aelib.analysis.denoising.quality import Mean
from aelib.analysis.experiments.codes import flat_map
from aelib.analysis.experiments.reconstructing import principal_angles, rate_distortion, readability, reconstruction
from aelib.analysis.reconstructions import compression
from aelib.analysis.reconstructions.measurements import JpegMeasured, Means
from aelib.analysis.reconstructions.measurements import Measured as OfNetwork
from aelib.experiments.experiment import Effect, Judgement, Measured, Shown, arm, experiment
from aelib.experiments.judging import equals, judgement, larger, mean, paired, relative, shifted, signed
from aelib.spec.recipes.recipe import DEEP_INSIDE, HANDS_ON, KERAS_BLOG, STUDY_NOTES, TFLEARN

_PSNR = Shown("psnr", "PSNR of reconstructions", unit="dB")
# What counts: differences of PSNR in dB, of accuracy, of an error relative to another.
_DB, _POINTS, _RELATIVE = 0.5, 0.05, 0.1


@experiment(
    "C1",
    "An autoencoder reduces the dimension of the data, and the code can be looked at",
    TFLEARN,
    DEEP_INSIDE,
    STUDY_NOTES,
    context="""Articles call autoencoders a tool for reducing dimensions and for visualization. Here 784 pixels become
    two numbers, which are drawn as a map. A map shows something if images of a class lie together: on it, the five
    nearest neighbours of an image should name its class. PCA with two components is the map that needs no network.
    Supported if the map of the code is at least 5 percentage points more accurate than PCA's.""",
    arms=[
        arm(
            "code of two numbers",
            "multilayer-64",
            steps=500,
            widths=(256, 64),
            code_size=2,
            hidden_activation="elu",
            code_activation="linear",
        )
    ],
    measure=flat_map,
    shows=[
        Shown("map", "5-NN accuracy on the map of the code", percent=True),
        Shown("pca", "5-NN accuracy on PCA's map", percent=True),
    ],
    seconds=30,
)
def can_be_looked_at(measured: Measured) -> Judgement:
    only = next(iter(measured.arms))
    lead = paired(measured.of(only, "map"), measured.of(only, "pca"))
    outcome, why = larger(lead, _POINTS)
    reason = (
        f"On two numbers 5-NN is {measured.of(only, 'map').mean():.1%} accurate, {signed(lead, percent=True)} compared "
        f"with the first two principal components; always naming the most frequent class would reach "
        f"{measured.first(only, 'chance'):.1%}"
    )
    return judgement("C1", "The code can be looked at", outcome, reason, measured, [("accuracy", lead)], why=why)


@experiment(
    "C2",
    "An autoencoder does what PCA does, and more where the data are curved",
    TFLEARN,
    HANDS_ON,
    DEEP_INSIDE,
    context="""A linear autoencoder can match PCA but not beat it (Baldi & Hornik 1989); nonlinear layers can follow a
    curved surface. Both networks have a code of 32 numbers and are compared with PCA of 32 components, all outputs
    clipped to [0, 1]. Supported if the linear network is within 0.5 dB of PCA, and the nonlinear one more than 0.5 dB
    better.""",
    arms=[
        arm("linear", "linear-32", steps=800),
        arm("nonlinear (128–64–32)", "deep-32", steps=1_200, learning_rate=2e-3, loss="mse", output_start="mean-pixel"),
    ],
    measure=reconstruction,
    shows=[_PSNR, Shown("pca_psnr", "PSNR of PCA with 32 components", unit="dB")],
    seconds=50,
)
def like_pca_and_more(measured: Measured) -> Judgement:
    linear, nonlinear = (paired(measured.of(name, "psnr"), measured.of(name, "pca_psnr")) for name in measured.arms)
    outcomes = [equals(linear, _DB)[0], larger(nonlinear, _DB)[0]]
    reason = (
        f"Compared with PCA, the linear network reaches {signed(linear, 'dB')}, the nonlinear one "
        f"{signed(nonlinear, 'dB')}"
    )
    return judgement(
        "C2",
        "An autoencoder does what PCA does, and more where the data are curved",
        outcomes,
        reason,
        measured,
        [("linear minus PCA (dB)", linear), ("nonlinear minus PCA (dB)", nonlinear)],
        depends="how long it is trained",
    )


@experiment(
    "C3",
    "A single layer learns about what PCA learns",
    KERAS_BLOG,
    context="""The notebook says so of its first network: a code of 32 ReLU units and a sigmoid output. Two things can
    be the same: the error, and the subspace that the decoder's weights span, which principal angles compare with that
    of 32 components. A linear network is trained as well: there the theory holds. Supported if the notebook's network
    shares at least 90 % of the subspace, and its error is within 10 % of PCA's.""",
    arms=[
        arm("ReLU code (the notebook's)", "single-32", steps=1_200, optimizer="adam", learning_rate=3e-3),
        arm("linear", "linear-32", steps=1_000),
    ],
    measure=principal_angles,
    shows=[
        Shown("shared", "Subspace shared with PCA", percent=True),
        Shown("mse", "Test MSE", log=True),
        Shown("largest_angle", "Largest principal angle", unit="°"),
    ],
    seconds=40,
)
def single_layer_is_pca(measured: Measured) -> Judgement:
    relu, linear = measured.arms
    beyond = mean(measured.of(relu, "shared") - 0.9)
    error = mean(measured.of(relu, "mse") / measured.of(relu, "pca_mse") - 1)
    outcomes = [larger(beyond)[0], equals(error, _RELATIVE)[0]]
    linear_error = measured.of(linear, "mse").mean() / measured.of(linear, "pca_mse").mean() - 1
    reason = (
        f"With a ReLU code the two share {measured.of(relu, 'shared').mean():.0%} of the subspace, and the error is "
        f"{relative(error)} relative to PCA's; a linear network "
        f"shares {measured.of(linear, 'shared').mean():.0%} (largest angle "
        f"{measured.of(linear, 'largest_angle').mean():.0f}°), with an error {linear_error:+.0%} relative to PCA's"
    ).replace("-", "\N{MINUS SIGN}")
    return judgement(
        "C3",
        "A single layer learns about what PCA learns",
        outcomes,
        reason,
        measured,
        [("subspace shared, beyond 90 %", beyond), ("relative error", error)],
        depends="whether the error or the subspace is compared",
        means="Trained with Adam: with Adadelta, as in the notebook, it takes about ten times as long",
    )


@experiment(
    "C4",
    "A code of 16 % of the input gives blurred but readable digits",
    TFLEARN,
    context="""The article keeps 128 of 784 numbers and shows digits that are blurred but readable. Readable: a
    classifier that knows original training images only (5-NN) reads the reconstructions as well as the originals,
    within 5 percentage points. Blurred: neighbouring pixels differ less than in the originals, by more than 5 %.
    Supported if both hold.""",
    arms=[arm("784–256–128", "simple-128", steps=400, weight_start="glorot")],
    measure=readability,
    shows=[
        Shown("accuracy", "Reconstructions read correctly", percent=True),
        Shown("original_accuracy", "Originals read correctly", percent=True),
        Shown("sharpness", "Sharpness (of the originals: 100 %)", percent=True),
    ],
    seconds=40,
)
def blurred_but_readable(measured: Measured) -> Judgement:
    only = next(iter(measured.arms))
    lost = paired(measured.of(only, "accuracy"), measured.of(only, "original_accuracy"))
    blur = mean(1 - measured.of(only, "sharpness"))
    readable = larger(shifted(lost, _POINTS))[0]
    blurred, why = larger(blur, _POINTS)
    reason = (
        f"{measured.of(only, 'accuracy').mean():.1%} of the reconstructions are read correctly, "
        f"{signed(lost, percent=True)} compared with the originals; they are {signed(blur, percent=True)} less sharp"
    )
    return judgement(
        "C4",
        "Blurred but readable",
        [readable, blurred],
        reason,
        measured,
        [("accuracy, reconstructions minus originals", lost), ("sharpness lost", blur)],
        why=why,
        depends="which of the two is asked: readable yes, blurred no"
        if readable is Outcome.SUPPORTED
        else "which of the two is asked",
        means="The initial weights are Glorot's; from the article's small ones it takes several times as long",
    )


_VANILLA = [arm("vanilla, 64 numbers", "vanilla-64", steps=1_000, learning_rate=3e-3)]
_CURVES = [
    Shown("network", "Network, own data", unit="dB"),
    Shown("jpeg", "JPEG, own data", unit="dB"),
    Shown("pca", "PCA, own data", unit="dB"),
    Shown("foreign_network", "Network, foreign data", unit="dB"),
    Shown("foreign_jpeg", "JPEG, foreign data", unit="dB"),
    Shown("foreign_pca", "PCA, foreign data", unit="dB"),
]


@experiment(
    "C18",
    "JPEG compresses better",
    KERAS_BLOG,
    DEEP_INSIDE,
    context="""Articles say that an autoencoder hardly compresses better than a basic algorithm like JPEG. The
    network's 64 numbers are rounded to one byte each; JPEG gets about as many bytes, of which headers and tables, the
    same for all images, are not counted. Both are measured on test images like those that the network was trained on,
    and on those of another script. Supported if JPEG has the higher PSNR on both.""",
    arms=_VANILLA,
    measure=rate_distortion,
    shows=_CURVES,
    seconds=45,
)
def jpeg_compresses_better(measured: Measured) -> Judgement:
    networks = f"{len(measured.seeds)} networks ({measured.on})"
    verdict = compression.verdicts(
        _on_data(measured, ""), [_on_data(measured, "foreign_")], networks, paired_over="the networks"
    )[0]
    return Judgement(
        verdict,
        tuple(
            Effect(f"JPEG minus network on {data} (dB)", _jpeg_lead(measured, prefix))
            for data, prefix in ((measured.dataset, ""), (measured.foreign, "foreign_"))
        ),
    )


def _on_data(measured: Measured, prefix: str) -> compression.OnData:
    """What the Reconstructions page measures of images, of networks with several seeds."""
    only = next(iter(measured.arms))

    def means(name: str) -> Means:
        each = measured.of(only, prefix + name)
        return Means(float(each.mean()), 0.0, float(each.mean()), 0.0, each)

    count, units = (int(measured.first(only, name)) for name in (f"{prefix}count", "units"))
    jpeg, size = means("jpeg"), measured.first(only, f"{prefix}jpeg_bytes")
    return compression.OnData(
        measured.foreign if prefix else measured.dataset,
        OfNetwork(count, units, means("network"), means("pca"), units),
        JpegMeasured(count, jpeg.psnr, 0.0, size, jpeg.each),
    )


def _jpeg_lead(measured: Measured, prefix: str) -> Mean:
    only = next(iter(measured.arms))
    return paired(measured.of(only, f"{prefix}jpeg"), measured.of(only, f"{prefix}network"))


@experiment(
    "C19",
    "An autoencoder is good only on data like its training data",
    DEEP_INSIDE,
    context="""A network that was trained on digits knows digits. How much worse are its reconstructions of another
    script? Some images are harder for any method, so the loss is compared with JPEG's, which learns nothing, and
    PCA's, which learns from the same training images. Supported if the network loses at least 1 dB more than
    JPEG.""",
    arms=_VANILLA,
    measure=rate_distortion,
    shows=_CURVES,
    seconds=45,
)
def only_on_like_data(measured: Measured) -> Judgement:
    only = next(iter(measured.arms))
    losses = {
        name: measured.of(only, name) - measured.of(only, f"foreign_{name}") for name in ("network", "jpeg", "pca")
    }
    beyond_jpeg, beyond_pca = (paired(losses["network"], losses[name]) for name in ("jpeg", "pca"))
    outcome, why = larger(beyond_jpeg, 1.0)
    reason = (
        f"On {measured.foreign} the network loses {losses['network'].mean():.1f} dB, JPEG "
        f"{losses['jpeg'].mean():.1f} dB "
        f"and PCA {losses['pca'].mean():.1f} dB: {signed(beyond_jpeg, 'dB')} compared with JPEG, "
        f"{signed(beyond_pca, 'dB')} compared with PCA"
    )
    return judgement(
        "C19",
        "An autoencoder is good only on data like its training data",
        outcome,
        reason,
        measured,
        [("loss beyond JPEG's (dB)", beyond_jpeg), ("loss beyond PCA's (dB)", beyond_pca)],
        why=why,
    )


@experiment(
    "C24",
    "Twenty numbers give remarkable reconstructions",
    STUDY_NOTES,
    context="""The notes compress each digit to 20 numbers with a convolutional encoder. “Remarkable” is a matter of
    definition; here it means: at least 1 dB better than PCA with 20 components, and read by a classifier that knows
    originals only (5-NN) within 5 percentage points of the originals. Supported if both hold.""",
    arms=[arm("convolutional encoder, 20 numbers", "conv-dense-20", steps=150)],
    measure=readability,
    shows=[
        _PSNR,
        Shown("pca_psnr", "PSNR of PCA with 20 components", unit="dB"),
        Shown("accuracy", "Reconstructions read correctly", percent=True),
        Shown("original_accuracy", "Originals read correctly", percent=True),
        Shown("pca_accuracy", "PCA's reconstructions read correctly", percent=True),
    ],
    seconds=75,
)
def twenty_numbers(measured: Measured) -> Judgement:
    only = next(iter(measured.arms))
    gain = paired(measured.of(only, "psnr"), measured.of(only, "pca_psnr"))
    lost = paired(measured.of(only, "accuracy"), measured.of(only, "original_accuracy"))
    outcomes = [larger(gain, 1.0)[0], larger(shifted(lost, _POINTS))[0]]
    reason = (
        f"{measured.of(only, 'psnr').mean():.1f} dB is {signed(gain, 'dB')} compared with PCA; "
        f"{measured.of(only, 'accuracy').mean():.1%} are read correctly, {signed(lost, percent=True)} compared "
        "with the "
        "originals"
    )
    return judgement(
        "C24",
        "Twenty numbers give remarkable reconstructions",
        outcomes,
        reason,
        measured,
        [("network minus PCA (dB)", gain), ("accuracy, reconstructions minus originals", lost)],
        depends="which of the two is asked",
    )


@experiment(
    "C43",
    "An autoencoder trains on any data without new engineering",
    DEEP_INSIDE,
    context="""The same network with the same settings is trained on several data sets. Supported if on each of them it
    keeps at least 80 % of the pixels' variance, that is, if its error is at most a fifth of that of the mean image.
    Only grey images of 28×28 pixels are tried here.""",
    arms=[
        arm("the data chosen", "vanilla-64", steps=500, learning_rate=3e-3),
        arm("handwritten digits (bundled)", "vanilla-64", steps=500, learning_rate=3e-3, dataset="digits"),
        arm("handwritten letters (bundled)", "vanilla-64", steps=500, learning_rate=3e-3, dataset="letters"),
    ],
    measure=reconstruction,
    shows=[Shown("mse", "Test MSE", log=True), Shown("pca_mse", "Test MSE of PCA with 64 components", log=True)],
    seconds=35,
)
def trains_on_any_data(measured: Measured) -> Judgement:
    beyond = {name: mean(1 - measured.of(name, "mse") / measured.of(name, "mean_mse") - 0.8) for name in measured.arms}
    kept = "; ".join(f"{name}: {difference.value + 0.8:.1%}" for name, difference in beyond.items())
    return judgement(
        "C43",
        "An autoencoder trains on any data without new engineering",
        [larger(difference)[0] for difference in beyond.values()],
        f"Variance kept: {kept}",
        measured,
        [(f"variance kept beyond 80 %, {name}", difference) for name, difference in beyond.items()],
        depends="the data",
        means="Two or three data sets of grey images cannot stand for any data",
    )
