"""Deep networks: are they better, slower, harder to train, and what do their layers hold?"""

from __future__ import annotations

from typing import Any

from aelib.analysis.experiments.classifying import linear_probe
from aelib.analysis.experiments.codes import neighbours
from aelib.analysis.experiments.reconstructing import reconstruction
from aelib.experiments.experiment import Judgement, Measured, Shown, arm, experiment
from aelib.experiments.judging import judgement, larger, mean, negated, paired, relative, shifted, signed, within_holm
from aelib.spec.recipes.recipe import DEEP_INSIDE, HANDS_ON, KERAS_BLOG, TFLEARN

_MSE = Shown("mse", "Test MSE", log=True)
_SECONDS = Shown("seconds", "Seconds of training", unit="s")
_ADAM: dict[str, Any] = {"optimizer": "adam", "learning_rate": 3e-3}
_SINGLE = arm("single layer, Adam", "single-32", steps=500, **_ADAM)
_DEEP = arm("deep (128–64–32), Adam", "deep-32", steps=500, learning_rate=3e-3)


@experiment(
    "C17",
    "A deeper network gives better images, and trains more slowly",
    KERAS_BLOG,
    context="""The notebook compares a single layer with a deep network, and changes nothing else. Here both are trained
    with the same number of batches and the same optimizer, once with Adam and once with the notebook's Adadelta; and
    the single layer once more with Adam, for three times as many batches, because its batches take less time. Supported
    if the deep network has the smaller test error with both optimizers, by at least 3 %.""",
    arms=[
        _SINGLE,
        _DEEP,
        arm("single layer, Adadelta", "single-32", steps=500),
        arm("deep (128–64–32), Adadelta", "deep-32-adadelta", steps=500),
        arm("single layer, Adam, 3× the batches", "single-32", steps=1_500, **_ADAM),
    ],
    measure=reconstruction,
    shows=[_MSE, _SECONDS],
    seconds=60,
)
def deeper_is_better_and_slower(measured: Measured) -> Judgement:
    adam, deep_adam, adadelta, deep_adadelta, longer = measured.arms
    gains = {
        "Adam": mean(1 - measured.of(deep_adam, "mse") / measured.of(adam, "mse")),
        "Adadelta": mean(1 - measured.of(deep_adadelta, "mse") / measured.of(adadelta, "mse")),
    }
    at_equal_time = mean(1 - measured.of(deep_adam, "mse") / measured.of(longer, "mse"))
    slower = measured.of(deep_adam, "seconds").mean() / measured.of(adam, "seconds").mean()
    reason = (
        f"The deep network's error is smaller by {relative(gains['Adam'])} with Adam and by "
        f"{relative(gains['Adadelta'])} with Adadelta, after equally many batches, which took {slower:.1f} times "
        "as long; "
        f"compared with a single layer that was trained on three times as many, by {relative(at_equal_time)}"
    )
    return judgement(
        "C17",
        "A deeper network gives better images, and trains more slowly",
        [larger(gain, 0.03)[0] for gain in gains.values()],
        reason,
        measured,
        [(f"relative gain with {name}", gain) for name, gain in gains.items()]
        + [("relative gain compared with three times the batches", at_equal_time)],
        depends="the optimizer and how long it is trained",
        means="The deep network also has 4.4 times as many weights",
    )


_HALF: dict[str, Any] = {"widths": (128, 64), "code_size": 16, "loss": "mse", "epochs": 20}
_SGD: dict[str, Any] = {"optimizer": "sgd", "learning_rate": 0.5}
_PRETRAINED: dict[str, Any] = {"method": "stacked", "pretrain_epochs": 1}
_BOLTZMANN: dict[str, Any] = {"method": "rbm", "pretrain_epochs": 1}


@experiment(
    "C21",
    "Pretraining helped, and better optimizers made it needless",
    KERAS_BLOG,
    context="""Deep networks of sigmoid units could once not be trained from random weights: each layer was
    pretrained, for instance as a restricted Boltzmann machine. Here 784–128–64–16 is trained with equally many
    batches, those of pretraining included: with SGD and sigmoids, with Adam and sigmoids, with Adam and ReLU; from
    random weights and pretrained. Supported if pretraining reduces the test error with SGD and sigmoids, and no
    longer with Adam and ReLU, by at least 5 %.""",
    arms=[
        arm("SGD, sigmoid, random start", "rbm", steps=400, images=12_000, method="backprop", **_HALF, **_SGD),
        arm("SGD, sigmoid, RBMs", "rbm", steps=400, images=12_000, **_HALF, **_SGD, **_BOLTZMANN),
        arm("Adam, sigmoid, random start", "rbm", steps=400, images=12_000, method="backprop", **_HALF),
        arm("Adam, sigmoid, RBMs", "rbm", steps=400, images=12_000, **_HALF, **_BOLTZMANN),
        arm("Adam, ReLU, random start", "multilayer-64", steps=400, images=12_000, **_HALF),
        arm("Adam, ReLU, stacked", "multilayer-64", steps=400, images=12_000, **_HALF, **_PRETRAINED),
    ],
    measure=reconstruction,
    shows=[_MSE, _SECONDS],
    seconds=60,
)
def pretraining_helped_once(measured: Measured) -> Judgement:
    names = list(measured.arms)
    gains = {
        title: mean(1 - measured.of(names[first + 1], "mse") / measured.of(names[first], "mse"))
        for title, first in (("SGD and sigmoids", 0), ("Adam and sigmoids", 2), ("Adam and ReLU", 4))
    }
    helped = larger(gains["SGD and sigmoids"], 0.05)[0]
    needless = larger(shifted(negated(gains["Adam and ReLU"]), 0.05))[0]
    said = "; ".join(f"{title}: {relative(gain)}" for title, gain in gains.items())
    return judgement(
        "C21",
        "Pretraining helped, and better optimizers made it needless",
        [helped, needless],
        f"Test error saved by pretraining, with {said}",
        measured,
        [(f"relative gain, {title}", gain) for title, gain in gains.items()],
        depends="which half of it: it helped, and still helps"
        if gains["Adam and ReLU"].low > 0
        else "which half of it",
        means="12,000 training images; the learning rates (0.5 and 0.001) are not each network's best",
    )


@experiment(
    "C29",
    "Any hidden layer can serve as the features",
    DEEP_INSIDE,
    context="""The encoder 784–256–128–32 has two layers before its code. In each of them, and in the pixels, the five
    nearest neighbours of an image name its class (test images, five-fold cross-validation). Supported if no layer is
    more than 1 percentage point less accurate than the pixels.""",
    arms=[arm("784–256–128–32", "deep-32", steps=500, widths=(256, 128), output_start="mean-pixel")],
    measure=neighbours,
    shows=[
        Shown("pixels", "5-NN in the pixels", percent=True),
        Shown("layer_1", "5-NN in the first layer (256)", percent=True),
        Shown("layer_2", "5-NN in the second layer (128)", percent=True),
        Shown("code", "5-NN in the code (32)", percent=True),
    ],
    seconds=45,
)
def any_layer_serves(measured: Measured) -> Judgement:
    only = next(iter(measured.arms))
    leads = {
        title: paired(measured.of(only, name), measured.of(only, "pixels"))
        for name, title in (("layer_1", "first layer"), ("layer_2", "second layer"), ("code", "code"))
    }
    outcomes = within_holm({title: shifted(lead, 0.01) for title, lead in leads.items()})
    said = "; ".join(f"{title}: {signed(lead, percent=True)}" for title, lead in leads.items())
    return judgement(
        "C29",
        "Any hidden layer can serve as the features",
        list(outcomes.values()),
        f"5-NN compared with pixels: {said}",
        measured,
        [(f"accuracy, {title} minus pixels", lead) for title, lead in leads.items()],
        depends="the layer",
        means="After Holm's correction for three tests",
    )


@experiment(
    "C37",
    "A linear classifier reads the class less easily from a deeper code",
    KERAS_BLOG,
    context="""In a deeper code, says the notebook, what an image shows is more entangled. A linear probe tells:
    logistic regression that learns from the codes of 100 labelled images per class. Both codes have 32 numbers and
    are trained on equally many batches with Adam. Supported if the probe is at least 1 percentage point less accurate
    on the deep code.""",
    arms=[_SINGLE, _DEEP],
    measure=linear_probe,
    shows=[
        Shown("code_many", "Linear probe, 100 labels per class", percent=True),
        Shown("code_few", "Linear probe, 10 labels per class", percent=True),
    ],
    seconds=45,
)
def deeper_is_harder_to_decode(measured: Measured) -> Judgement:
    single, deep = measured.arms
    lost = paired(measured.of(single, "code_many"), measured.of(deep, "code_many"))
    few = paired(measured.of(single, "code_few"), measured.of(deep, "code_few"))
    outcome, why = larger(lost, 0.01)
    reason = (
        f"The probe is {measured.of(single, 'code_many').mean():.1%} accurate on the single layer's code and "
        f"{measured.of(deep, 'code_many').mean():.1%} on the deep one ({signed(lost, percent=True)}); with 10 "
        "labels per "
        f"class the difference is {signed(few, percent=True)}"
    )
    return judgement(
        "C37",
        "A linear classifier reads the class less easily from a deeper code",
        outcome,
        reason,
        measured,
        [("accuracy, single minus deep, 100 labels", lost), ("accuracy, single minus deep, 10 labels", few)],
        why=why,
    )


@experiment(
    "C38",
    "Narrowing step by step, symmetrically, is a good default",
    KERAS_BLOG,
    context="""The usual network narrows from layer to layer and widens again in the same steps. It is compared with
    others around the same code of 32 numbers: layers of equal width, layers that widen first, and a decoder of a
    single layer. All are trained with Adam on equally many batches. Supported if none of them has a test error that
    is smaller by at least 3 %.""",
    arms=[
        arm("narrowing (128–64)", "deep-32", steps=500, learning_rate=3e-3),
        arm("equal widths (112–112)", "deep-32", steps=500, learning_rate=3e-3, widths=(112, 112)),
        arm("widening (64–128)", "deep-32", steps=500, learning_rate=3e-3, widths=(64, 128)),
        arm("narrowing, single-layer decoder", "deep-32", steps=500, learning_rate=3e-3, decoder_widths=()),
    ],
    measure=reconstruction,
    shows=[_MSE, _SECONDS],
    seconds=60,
)
def narrowing_is_a_good_default(measured: Measured) -> Judgement:
    narrowing, *others = measured.arms
    # How much better than the others it would have to be at least, were it no good default.
    leads = {name: shifted(mean(measured.of(name, "mse") / measured.of(narrowing, "mse") - 1), 0.03) for name in others}
    said = "; ".join(f"{name}: {relative(shifted(lead, -0.03))}" for name, lead in leads.items())
    return judgement(
        "C38",
        "Narrowing step by step, symmetrically, is a good default",
        list(within_holm(leads).values()),
        f"Test error compared with the narrowing network's: {said}",
        measured,
        [(f"relative error, {name}", shifted(lead, -0.03)) for name, lead in leads.items()],
        depends="what it is compared with",
        means="After Holm's correction for three tests. The networks have between 62,000 and 200,000 weights",
    )


@experiment(
    "C34",
    "Recirculation, a more biological method, learns to reconstruct",
    TFLEARN,
    context="""Recirculation (Hinton & McClelland 1988) changes each weight by what its two ends know, without sending a
    gradient back. Does it learn? It is compared with the mean training image, the best answer that ignores the input,
    and with backpropagation (Adam) on the same network. Supported if its test error is at most half of the mean
    image's.""",
    arms=[
        arm("recirculation", "recirculation", steps=500),
        arm("backpropagation", "vanilla-64", steps=500, code_activation="sigmoid"),
    ],
    measure=reconstruction,
    shows=[_MSE, Shown("mean_mse", "MSE of the mean image", log=True)],
    seconds=40,
)
def recirculation_learns(measured: Measured) -> Judgement:
    recirculation, backprop = measured.arms
    left = mean(measured.of(recirculation, "mse") / measured.of(recirculation, "mean_mse"))
    outcome, why = larger(shifted(negated(left), 0.5))
    reason = (
        f"Its test MSE is {measured.of(recirculation, 'mse').mean():.4f}, {left.value:.0%} of the mean image's; "
        f"backpropagation reaches {measured.of(backprop, 'mse').mean():.4f} after equally many batches"
    )
    effects = [("error left, relative to the mean image", left)]
    claim = "Recirculation, a more biological method, learns to reconstruct"
    return judgement("C34", claim, outcome, reason, measured, effects, why=why)


@experiment(
    "C41",
    "Outputs that can be negative help",
    HANDS_ON,
    context="""In the book's network even the output is a ReLU: a pixel whose input is negative is 0 and gets no
    gradient. A reader proposed other output activations. The book's network is trained with each of them. Supported
    if each has a test error that is smaller by at least 3 %, outputs clipped to [0, 1], after Holm's correction for
    three tests.""",
    arms=[
        arm("ReLU output (the book's)", "relu-128", steps=120),
        arm("leaky ReLU output", "relu-128", steps=120, output_activation="leaky-relu"),
        arm("sigmoid output", "relu-128", steps=120, output_activation="sigmoid"),
        arm("linear output", "relu-128", steps=120, output_activation="linear"),
    ],
    measure=reconstruction,
    shows=[_MSE],
    seconds=60,
)
def negative_outputs_help(measured: Measured) -> Judgement:
    relu, *others = measured.arms
    gains = {name: mean(1 - measured.of(name, "mse") / measured.of(relu, "mse")) for name in others}
    said = "; ".join(f"{name}: {relative(gain)}" for name, gain in gains.items())
    return judgement(
        "C41",
        "Outputs that can be negative help",
        list(within_holm(gains, 0.03).values()),
        f"Test error saved compared with a ReLU: {said}",
        measured,
        [(f"relative gain, {name}", gain) for name, gain in gains.items()],
        depends="the output activation",
    )
