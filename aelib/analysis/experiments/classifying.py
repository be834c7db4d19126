"""What a code is worth to a classifier, see `aelib.analysis.classify`. The labelled images are drawn with the run's
seed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from aelib.analysis.classify import classifiers
from aelib.analysis.classify.classifiers import LEARNING_RATE, RATES, from_code, from_pixels, most_labels
from aelib.analysis.experiments.measurement import Values, measurement
from aelib.spec.architecture import plan
from aelib.train.slices import Slice

if TYPE_CHECKING:
    from aelib.train.resident import Basis, Data

# Labelled images of each class: few, as on the Classify page, and many.
FEW, MANY = 10, 100
# Test images to name.
_TESTED = 2_000


@measurement(1)
def linear_probe(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Accuracy of logistic regression on code and pixels, with 10 and with 100 labels of each class (or as many as
    there are); the number of weights that it has on each."""
    seed, tested = link.state.config.seed, min(_TESTED, len(data.test))
    units = plan(link.state.config).code_units
    most = most_labels(data.train_labels.cpu().numpy())
    classes = int(data.train_labels.max()) + 1
    values: Values = {"code_weights": (units + 1) * classes, "pixel_weights": (data.train.shape[1] + 1) * classes}
    for name, wanted in (("few", FEW), ("many", MANY)):
        labels = min(wanted, most)
        values |= {
            f"code_{name}": from_code(link, data, labels, seed, tested).accuracy,
            f"pixels_{name}": from_pixels(data, labels, seed, tested).accuracy,
            f"labels_{name}": labels,
        }
    return values


def rate_name(rate: float) -> str:
    """How the accuracies at a learning rate are called."""
    return f"{rate:g}"


@measurement(1)
def fine_tuning(link: Slice, data: Data, basis: Basis, foreign: Data | None) -> Values:
    """Accuracy of the encoder as the first part of a classifier that is trained with 10 labels of each class, and of
    the same network from scratch, at each learning rate."""
    config, tested = link.state.config, min(_TESTED, len(data.test))
    labels = min(FEW, most_labels(data.train_labels.cpu().numpy()))
    values: Values = {"labels": labels}
    for rate in dict.fromkeys((LEARNING_RATE, *RATES)):
        tuned = classifiers.from_pretrained(link, data, labels, config.seed, tested, rate)
        scratch = classifiers.from_scratch(config, data, labels, config.seed, tested, rate)
        values |= {f"tuned_{rate_name(rate)}": tuned.accuracy, f"scratch_{rate_name(rate)}": scratch.accuracy}
    return values
