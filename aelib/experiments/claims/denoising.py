"""What an autoencoder restores: noise, gaps, resolution, colour; against methods without a network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aelib.analysis.denoising import restoration as pages
from aelib.analysis.denoising.baselines import BASELINES
from aelib.analysis.experiments.codes import under_noise
from aelib.analysis.experiments.reconstructing import colouring
from aelib.analysis.experiments.restoring import restoration
from aelib.experiments.experiment import Arm, Effect, Judgement, Measured, Shown, arm, experiment
from aelib.experiments.judging import judgement, larger, mean, paired, signed
from aelib.spec.recipes.recipe import DEEP_INSIDE, STUDY_NOTES, TFLEARN

_DENSE: dict[str, Any] = {"widths": (256,), "code_size": 64, "learning_rate": 3e-3}


def _task(corruption: str, level: float, steps: int) -> list[Arm]:
    return [arm("784–256–64", "multilayer-64", steps=steps, corruption=corruption, corruption_level=level, **_DENSE)]


def _shown(task: str) -> list[Shown]:
    rivals = (baseline for baseline in BASELINES.values() if task in baseline.tasks)
    return [
        Shown("network", "PSNR of the network", unit="dB"),
        *(Shown(one.name, f"PSNR of {one.title}", unit="dB") for one in rivals),
    ]


def _restores(task: str) -> Callable[[Measured], Judgement]:
    """The judgement of the Denoising page, of networks with several seeds."""

    def judge(measured: Measured) -> Judgement:
        only = next(iter(measured.arms))
        others = {name: measured.of(only, name) for name, one in BASELINES.items() if task in one.tasks}
        network = measured.of(only, "network")
        verdict = pages.restores_best(
            task, network, others, f"networks ({measured.on}); 200 corrupted test images", "the networks"
        )
        best = max(others, key=lambda name: float(others[name].mean()))
        gain, lead = (paired(network, others[name]) for name in (pages.NOTHING, best))
        effects = (
            Effect(f"network minus {BASELINES[best].title} (dB)", lead),
            Effect("network minus no processing (dB)", gain),
        )
        return Judgement(verdict, effects)

    return judge


_HOW = """The network is trained on corrupted images and shown the clean ones as its target. Its rivals get the same
corrupted test images; where a rival has a free number, it is chosen on training images. Supported if the network has
the highest PSNR."""

experiment(
    "C5",
    "An autoencoder removes noise, better than methods without a network",
    TFLEARN,
    DEEP_INSIDE,
    STUDY_NOTES,
    context=f"Gaussian noise with σ = 0.5. {_HOW}",
    arms=_task("gaussian", 0.5, 600),
    measure=restoration,
    shows=_shown("noise"),
    seconds=45,
)(_restores("noise"))

experiment(
    "C7",
    "An autoencoder raises the resolution, better than bicubic interpolation",
    TFLEARN,
    context=f"The images are reduced to 7×7 pixels. {_HOW}",
    arms=_task("low-resolution", 0.75, 600),
    measure=restoration,
    shows=_shown("resolution"),
    seconds=30,
)(_restores("resolution"))

experiment(
    "C8",
    "An autoencoder fills gaps, better than methods without a network",
    TFLEARN,
    context=f"A square of 11×11 pixels is masked at a random place. {_HOW}",
    arms=_task("block", 0.4, 900),
    measure=restoration,
    shows=_shown("gap"),
    seconds=45,
)(_restores("gap"))


@experiment(
    "C6",
    "An autoencoder colours grey images",
    TFLEARN,
    context="""Each class has a hue. The network gets grey images and is to give them back in the hue of their class,
    which it is not told. Supported if the hue is right for at least 90 % of the test images.""",
    arms=[arm("784–256–64, colour output", "multilayer-64", steps=900, colour=True, **_DENSE)],
    measure=colouring,
    shows=[
        Shown("right", "Test images in the right hue", percent=True),
        Shown("chance", "Most frequent class", percent=True),
        Shown("mse", "Test MSE in colour", log=True),
        Shown("grey_mse", "MSE of grey images", log=True),
    ],
    seconds=40,
)
def colours(measured: Measured) -> Judgement:
    only = next(iter(measured.arms))
    beyond = mean(measured.of(only, "right") - 0.9)
    outcome, why = larger(beyond)
    reason = (
        f"{measured.of(only, 'right').mean():.1%} of the test images get the right hue (always the same hue: "
        f"{measured.first(only, 'chance'):.1%}); the MSE is {measured.of(only, 'mse').mean():.4f}, of grey images "
        f"{measured.of(only, 'grey_mse').mean():.4f}"
    )
    return judgement(
        "C6", "An autoencoder colours grey images", outcome, reason, measured, [("right beyond 90 %", beyond)], why=why
    )


@experiment(
    "C31",
    "Denoising makes codes more robust",
    DEEP_INSIDE,
    context="""The same network is trained to copy and to remove Gaussian noise (σ = 0.5). How far does noise move the
    code of an image, in units of the codes' mean distance from their centre? And do its nearest neighbours among
    clean training images still name its class? Supported if training with noise makes codes move less, and the
    neighbours of noisy codes more accurate, by at least 1 percentage point.""",
    arms=[
        arm("trained to copy", "vanilla-64", steps=800, learning_rate=3e-3),
        arm(
            "trained to denoise",
            "vanilla-64",
            steps=800,
            learning_rate=3e-3,
            corruption="gaussian",
            corruption_level=0.5,
        ),
    ],
    measure=under_noise,
    shows=[
        Shown("shift", "Shift of the code under noise"),
        Shown("noisy_accuracy", "5-NN accuracy of noisy codes", percent=True),
        Shown("pixel_accuracy", "5-NN accuracy of noisy pixels", percent=True),
    ],
    seconds=40,
)
def denoising_makes_robust(measured: Measured) -> Judgement:
    copy, denoise = measured.arms
    less = paired(measured.of(copy, "shift"), measured.of(denoise, "shift"))
    better = paired(measured.of(denoise, "noisy_accuracy"), measured.of(copy, "noisy_accuracy"))
    reason = (
        f"Noise moves the code by {measured.of(copy, 'shift').mean():.2f} without and "
        f"{measured.of(denoise, 'shift').mean():.2f} with noise in training; 5-NN on noisy codes is "
        f"{measured.of(denoise, 'noisy_accuracy').mean():.1%} accurate, {signed(better, percent=True)} compared "
        "with the "
        f"copying network; on noisy pixels it is {measured.of(copy, 'pixel_accuracy').mean():.1%} accurate"
    )
    return judgement(
        "C31",
        "Denoising makes codes more robust",
        [larger(less)[0], larger(better, 0.01)[0]],
        reason,
        measured,
        [("shift saved", less), ("accuracy gained", better)],
        depends="what is measured",
    )


@experiment(
    "C33",
    "Corrupting the inputs alone, with the corrupted image as target, already removes noise",
    TFLEARN,
    context="""The article sets about ten pixels of each training image to black or white, once for all epochs, and
    trains the network to give back what it gets. Only its bottleneck can remove noise then. The same network with the
    clean image as target shows what is possible. Supported if the PSNR of the output is at least 0.5 dB above that of
    the corrupted test image.""",
    arms=[
        arm("target: the corrupted image", "denoise-256", steps=250, weight_start="glorot", noisy_target=True),
        arm("target: the clean image", "denoise-256", steps=250, weight_start="glorot"),
    ],
    measure=restoration,
    shows=[
        Shown("network", "PSNR of the network", unit="dB"),
        Shown("nothing", "PSNR of no processing", unit="dB"),
        Shown("median", "PSNR of a median filter", unit="dB"),
    ],
    seconds=60,
)
def corrupted_targets_suffice(measured: Measured) -> Judgement:
    noisy, clean = measured.arms
    gain = paired(measured.of(noisy, "network"), measured.of(noisy, "nothing"))
    possible = paired(measured.of(clean, "network"), measured.of(clean, "nothing"))
    outcome, why = larger(gain, 0.5)
    reason = (
        f"With the corrupted image as target the output gains {signed(gain, 'dB')} over no processing, with the "
        "clean one "
        f"{signed(possible, 'dB')}"
    )
    return judgement(
        "C33",
        "Corrupting the inputs alone already removes noise",
        outcome,
        reason,
        measured,
        [("gain over no processing (dB)", gain), ("gain with a clean target (dB)", possible)],
        why=why,
        means="The initial weights are Glorot's; from the article's small ones it takes several times as long",
    )
