"""`keras`: the network and its training in Keras 3, for the settings that Keras expresses in its own words."""

from __future__ import annotations

import io
from typing import Any

import numpy as np

from aelib.export.formats import Files, export_format
from aelib.export.network_code import output_padding
from aelib.export.origin import DATA_FILE
from aelib.export.pytorch import environment, title_of
from aelib.export.script import images_of
from aelib.export.subject import Subject
from aelib.spec.architecture import KERNEL, Layer, plan
from aelib.spec.config import RunConfig
from aelib.spec.corruptions import CORRUPTIONS
from aelib.spec.images import IMAGE_SIDE, PIXELS
from aelib.spec.methods import BACKPROP, METHODS
from aelib.spec.regularizers import REGULARIZERS

SCRIPT, WEIGHTS = "model_keras.py", "keras.npz"
_ACTIVATIONS = {
    "linear": "",
    "relu": '"relu"',
    "leaky-relu": "layers.LeakyReLU(negative_slope=0.01)",
    "elu": '"elu"',
    "tanh": '"tanh"',
    "sigmoid": '"sigmoid"',
}
_OPTIMIZERS = {
    "adam": "keras.optimizers.Adam({rate}, epsilon=1e-7)",
    "sgd": "keras.optimizers.SGD({rate}, momentum=0.9)",
    "rmsprop": "keras.optimizers.RMSprop({rate}, rho=0.9, epsilon=1e-7)",
    "adadelta": "keras.optimizers.Adadelta({rate}, rho=0.95, epsilon=1e-7)",
}
_STARTS = {
    "glorot": '{"kernel_initializer": "glorot_uniform"}',
    "truncated-normal": '{"kernel_initializer": keras.initializers.TruncatedNormal(stddev=0.02)}',
    "xavier-biases": '{"kernel_initializer": "glorot_uniform", "bias_initializer": XavierBiases()}',
}


def refuses(config: RunConfig) -> str:
    """Why not, in a sentence; "" where Keras has words for all of it."""
    what = ""
    if config.method != BACKPROP:
        what = f"the training method “{METHODS[config.method].title}”"
    elif config.tied:
        what = "tied weights"
    elif config.colour:
        what = "colouring by class"
    elif config.regularizer not in ("none", "l1", "l1-weights"):
        what = f"the regularization “{REGULARIZERS[config.regularizer].title}”"
    elif config.optimizer not in _OPTIMIZERS:
        what = "TensorFlow 1's RMSProp"
    elif config.corruption not in ("none", "gaussian"):
        what = f"the corruption “{CORRUPTIONS[config.corruption].title}”"
    elif config.corruption != "none" and (config.frozen_noise or config.noisy_target):
        what = "noise that is drawn once, or is the target"
    return f"Keras has no layer, loss or optimizer for {what}: export to PyTorch instead." if what else ""


@export_format("keras", "Keras", "The network and its training in Keras 3, for any backend.", refuses=refuses)
def keras(subject: Subject) -> Files:
    config, origin, network = subject.config, subject.origin, plan(subject.config)
    penalties = {
        "l1": f", activity_regularizer=keras.regularizers.L1({config.regularizer_weight!r})",
        "l1-weights": f", kernel_regularizer=keras.regularizers.L1({config.regularizer_weight!r})",
    }
    mean_pixel = config.applies("output_start") and config.output_start == "mean-pixel"
    encoder = [f"keras.Input(({PIXELS},))"]
    if config.convolutional:
        encoder.append(f"layers.Reshape(({IMAGE_SIDE}, {IMAGE_SIDE}, 1))")
    code_layer = [layer for layer in network.encoder if layer.parameters][-1]
    for layer in network.encoder:
        encoder += _layers(layer, penalties.get(config.regularizer, "") if layer is code_layer else "")
    shape = network.code_shape
    decoder = [f"keras.Input({_last(shape)})"]
    for index, layer in enumerate(network.decoder):
        output = index == len(network.decoder) - 1
        decoder += _layers(layer, ', **{**start, "bias_initializer": at_the_mean}' if output and mean_pixel else "")
    if len(network.decoder[-1].shape_out) > 1:
        decoder.append("layers.Flatten()")
    code = (
        environment()
        .get_template("keras/model_keras.py.j2")
        .render(
            c=config,
            title=title_of(config),
            data_title=origin.title,
            data_file=DATA_FILE,
            collection=origin.collection,
            classes=list(origin.numbers),
            steps=subject.steps if subject.steps is not None else config.max_steps,
            batch=config.batch(origin.train_count),
            corrupted=config.corruption != "none" and config.corruption_level > 0,
            start=_STARTS[config.weight_start],
            encoder=encoder,
            decoder=decoder,
            mean_pixel_start=mean_pixel,
            optimizer=_OPTIMIZERS[config.optimizer].format(rate=repr(config.learning_rate)),
            number=repr,
        )
    )
    return {SCRIPT: code.encode(), WEIGHTS: _weights(subject)} | images_of(subject)


def _last(shape: tuple[int, ...]) -> tuple[int, ...]:
    """With the channels last, as Keras has them."""
    return (*shape[1:], shape[0]) if len(shape) == 3 else shape


def _layers(layer: Layer, more: str) -> list[str]:
    start = "" if "**" in more else ", **start"
    activation = _ACTIVATIONS[layer.activation]
    ending = f"{', activation=' + activation if activation else ''}{more}{start})"
    match layer.kind:
        case "dense":
            return [f"layers.Dense({layer.shape_out[0]}{ending}"]
        case "conv" if layer.stride == 1:
            padding = ', padding="same"' if layer.padding else ""
            return [f"layers.Conv2D({layer.shape_out[0]}, {KERNEL}{padding}{ending}"]
        case "conv":
            # Keras would put the zeros of an even side on the right and below only.
            return [
                f"layers.ZeroPadding2D({layer.padding})",
                f"layers.Conv2D({layer.shape_out[0]}, {KERNEL}, strides={layer.stride}{ending}",
            ]
        case "conv-transpose":
            # Without padding Keras keeps the whole border, of which PyTorch cuts off a part.
            lower = layer.padding - output_padding(layer)
            cut = f"(({layer.padding}, {lower}), ({layer.padding}, {lower}))"
            return [
                f"layers.Conv2DTranspose({layer.shape_out[0]}, {KERNEL}, strides={layer.stride}{ending}",
                f"layers.Cropping2D({cut})",
            ]
        case "max-pool":
            return ['layers.MaxPooling2D(2, padding="same")']
        case "upsample":
            return ["layers.UpSampling2D(2)"]
        case "flatten":
            return ["layers.Permute((3, 1, 2))", "layers.Flatten()"]
    raise AssertionError(layer.kind)


def _weights(subject: Subject) -> bytes:
    """The arrays in the order and the layout of Keras: dense [in, out], convolutions [3, 3, in, out], transposed ones
    [3, 3, out, in]."""
    arrays: dict[str, Any] = {}
    for name, array in subject.record.state.weights.items():
        turned = {2: (1, 0), 4: (2, 3, 1, 0)}.get(array.ndim)
        arrays[name] = array if turned is None else array.transpose(turned)
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()
