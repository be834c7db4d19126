"""What is wrong with a network that trained without an error message: told from what was measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from aelib.analysis.decode.variational import IN_USE
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.images import PIXELS
from aelib.spec.phases import phases
from aelib.spec.regularizers import REGULARIZERS, gaussian_divergence
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from torch import Tensor

    from aelib.spec.state import State
    from aelib.train.resident import Data

# An error this much above that of the start is no chance of a last batch.
RISEN = 1.1
# Outputs that differ by less than this share of what the images do look the same.
CONSTANT = 0.05
# A network that is this near to one that ignores its input has learnt nothing yet.
NOTHING_LEARNT = 0.98
# So near an end of its range, a sigmoid or tanh passes hardly any gradient: below a twenty-fifth of the most.
NEAR_LIMIT = 0.01
LIMITS = {"sigmoid": (0.0, 1.0), "tanh": (-1.0, 1.0)}
# From this share on it is the code's fault, and not that of a few units.
MOST_UNITS = 0.5
MOST_ACTIVATIONS = 0.9
# A pixel is used where so large a share of the test images has ink; and so little of it is black.
USED_PIXEL = 0.01
BLACK = 1 / 255
# A code of so few numbers gets hidden layers where it is worse than PCA, see `_against_pca`.
SMALL_CODE = 2
DEEPEN = "deepen"
REMEDIES = (DEEPEN,)
# Fewer batches than this may simply have been too few.
FEW_STEPS = 200


@dataclass(frozen=True)
class Finding:
    """One sentence or two. `serious`: something to repair, where others only describe the network. `hardest`: the class
    of the test images with the largest error, whose name is for others to say. `remedy`: what a press of a button
    changes, one of `REMEDIES`."""

    text: str
    serious: bool = True
    hardest: int | None = None
    remedy: str = ""


@dataclass(frozen=True)
class Measures:
    """A network on the `images` probe images, corrupted as in training.

    `error`, `mean_error`, `black_error`: mean squared error of its outputs, of the mean training image and of black
    ones. `variation`: standard deviation over the images of an output's pixel, as a share of the images' own; `level`:
    the mean output. Of `units` code units (or feature map positions), `dead` are 0 for all images, `stuck` are at the
    same limit of their activation for all, and `used_units` tell more than `IN_USE` nats (None unless the code is a
    distribution). `saturated`: share of all activations that are near a limit, where the activation has any. Of
    `pixels` that are used, `dead_pixels` are black in every output. `hardest`: the class with the largest error; None
    where there are no classes.
    """

    images: int
    steps: int
    error: float
    mean_error: float
    black_error: float
    variation: float
    level: float
    units: int
    dead: int
    stuck: int
    saturated: float
    used_units: int | None
    pixels: int
    dead_pixels: int
    hardest: int | None = None


def complete(config: RunConfig, train_count: int, step: int) -> bool:
    """Do all layers learn together by now? What is not trained yet would be blamed for nothing."""
    return phases(config, train_count)[-1].begin < max(step, 1)


def measure(link: Slice, data: Data) -> Measures:
    """See `Measures`."""
    return measure_state(link.state, data)


def measure_state(state: State, data: Data) -> Measures:
    """See `Measures`."""
    import torch

    from aelib.train.inference import corrupted_test_images, decode, encode, posterior, target

    config = state.config
    clean, corrupted = corrupted_test_images(data.probe, config.corruption, config.corruption_level, config.seed)
    wanted = target(clean, data.probe_labels, config, data)
    codes = encode(state, corrupted)
    output = decode(state, codes).clamp(0, 1)
    codes = codes.flatten(1)
    mean = data.kept.get(("mean image", config.colour), lambda: _mean_image(config, data))
    activation = plan(config).encoder[-1].activation
    low, high = (abs(codes - limit) < NEAR_LIMIT for limit in LIMITS.get(activation, (torch.inf, torch.inf)))
    used = None
    if config.variational:
        used = int((gaussian_divergence(*posterior(state, corrupted)).mean(0) > IN_USE).sum())
    inked = (wanted > 0.5).float().mean(0) > USED_PIXEL
    return Measures(
        images=len(clean),
        steps=state.step,
        error=_error(output, wanted),
        mean_error=_error(mean, wanted),
        black_error=_error(mean * 0, wanted),
        variation=float(output.std(0, correction=0).mean() / wanted.std(0, correction=0).mean().clamp(min=1e-6)),
        level=float(output.mean()),
        units=codes.shape[1],
        dead=int((codes == 0).all(0).sum()),
        stuck=int((low.all(0) | high.all(0)).sum()),
        saturated=float((low | high).float().mean()),
        used_units=used,
        pixels=int(inked.sum()),
        dead_pixels=int(((output < BLACK).all(0) & inked).sum()),
        hardest=_hardest((output - wanted).square().mean(1), data.probe_labels),
    )


def _error(output: Tensor, wanted: Tensor) -> float:
    return float((output - wanted).square().mean())


def _hardest(errors: Tensor, labels: Tensor) -> int | None:
    """The class whose images have the largest mean error."""
    classes: list[int] = labels.unique().tolist()
    return max(classes, key=lambda one: float(errors[labels == one].mean())) if len(classes) > 1 else None


def _mean_image(config: RunConfig, data: Data) -> Tensor:
    """The mean of all training targets, [1, pixels]."""
    import torch

    from aelib.train.inference import target

    total = torch.zeros(1, config.planes * PIXELS, device=data.train.device)
    for images, labels in zip(data.train.split(2_000), data.train_labels.split(2_000), strict=True):
        total += target(images.float().div(255), labels, config, data).sum(0, keepdim=True)
    return total / len(data.train)


def findings(
    measured: Measures, config: RunConfig, first_error: float | None, pca_error: float | None = None
) -> tuple[Finding, ...]:
    """What there is to say of a network of `config` that began with an error of `first_error`, where PCA with as many
    components as the code has numbers reaches `pca_error` on the same images (None: not known)."""
    error, images = f"{measured.error:.4f}", f"{measured.images:,} test images"
    advice = _advice(config, measured)
    found: list[Finding] = []
    if first_error is not None and measured.error > RISEN * first_error:
        found.append(Finding(f"The test error is {error}, above the {first_error:.4f} at the start. {advice}"))
    elif NOTHING_LEARNT * measured.mean_error < measured.error:
        others = f"{measured.mean_error:.4f}, and a blank image {measured.black_error:.4f}"
        text = f"The test error is {error}; the mean training image, put out for every input, has {others}. {advice}"
        found.append(Finding(text))
    constant = measured.variation < CONSTANT
    if constant:
        what = "blank" if measured.level < BLACK else "almost the same"
        share = f"{_percent(measured.variation)} of the images' own standard deviation"
        found.append(Finding(f"The outputs for all {images} are {what}: their standard deviation is {share}."))
    found += _of_the_code(measured, config)
    if measured.dead_pixels and not constant:
        text = (
            f"{measured.dead_pixels:,} of the {measured.pixels:,} output pixels that have ink in more than "
            f"{USED_PIXEL:.0%} of the {images} are 0 (blank) in all outputs."
        )
        if config.output_activation == "relu":
            found.append(Finding(f"{text} A ReLU passes no gradient there; leaky ReLU or sigmoid does."))
        else:
            found.append(Finding(text, serious=False))
    if pca_error is not None:
        found = [*_against_pca(measured, config, pca_error), *found]
    # What is to be repaired is said first.
    return tuple(sorted(found, key=lambda finding: not finding.serious))


def _against_pca(measured: Measures, config: RunConfig, pca_error: float) -> list[Finding]:
    units = f"PCA with {measured.units:,} dimensions"
    share = measured.error / pca_error - 1
    compared = f"{abs(share):.0%} {'below' if share < 0 else 'above'} {units}"
    if abs(share) < 0.005:
        compared = f"as large as that of {units}"
    found = [Finding(f"The test error is {measured.error:.4f}, {compared}.", serious=False, hardest=measured.hardest)]
    shallow = config.family == "dense" and not config.widths and config.code_activation == "relu"
    if shallow and measured.units <= SMALL_CODE and share > 0:
        text = (
            "Worse than PCA: without hidden layers, a code unit is a weighted sum of the pixels, like a principal "
            "component, but ReLU sets its negative values to 0."
        )
        found.insert(0, Finding(text, remedy=DEEPEN))
    return found


def _of_the_code(measured: Measures, config: RunConfig) -> list[Finding]:
    images, units = f"all {measured.images:,} test images", f"{measured.units:,} code units"
    found = []
    if measured.dead:
        text = f"{measured.dead:,} of the {units} are 0 for {images}: they carry no information."
        sparse = REGULARIZERS[config.regularizer].sparse and measured.dead < measured.units
        found.append(Finding(text, serious=measured.dead >= MOST_UNITS * measured.units and not sparse))
    if measured.stuck:
        text = f"{measured.stuck:,} of the {units} are saturated at the same limit for {images}."
        found.append(Finding(text, serious=measured.stuck >= MOST_UNITS * measured.units))
    elif measured.saturated > MOST_ACTIVATIONS and config.code_activation == "tanh":
        text = f"{_percent(measured.saturated)} of the code's values are saturated, within {NEAR_LIMIT} of -1 or 1"
        found.append(Finding(f"{text}, where tanh passes hardly any gradient."))
    if measured.used_units is not None and measured.used_units < measured.units:
        idle = measured.units - measured.used_units
        text = (
            f"{idle:,} of the {measured.units:,} code dimensions tell less than {IN_USE} nats about an image: their "
            "distributions hardly differ from the prior (posterior collapse)."
        )
        found.append(Finding(text, serious=measured.used_units == 0))
    return found


def _advice(config: RunConfig, measured: Measures) -> str:
    lost = measured.stuck + measured.dead >= MOST_UNITS * measured.units
    if not lost and measured.steps < FEW_STEPS and measured.level >= BLACK:
        return f"It has trained for {measured.steps:,} batches only: train longer."
    if not lost and config.applies("output_start") and config.output_start == "zero":
        return "Try an output bias that starts at the mean brightness, or binary cross-entropy as the loss."
    return f"The learning rate may be too large: try {config.learning_rate / 10:.2g} or less."


def _percent(share: float) -> str:
    return "less than 0.1%" if share < 0.001 else f"{share:.1%}"
