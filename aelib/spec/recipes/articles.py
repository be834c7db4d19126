"""The networks of the five articles, as they stand there."""

from __future__ import annotations

from typing import Any

from aelib.spec.images import PIXELS
from aelib.spec.recipes.recipe import DEEP_INSIDE, HANDS_ON, KERAS_BLOG, STUDY_NOTES, TFLEARN, recipe

# Ten draws among the 784 pixels.
TEN_PIXELS = 10 / PIXELS

# What the libraries of the articles begin with; TensorFlow 1's Xavier initializer was given the biases, too.
_KERAS_START: dict[str, Any] = {"output_start": "zero"}
_TFLEARN_START: dict[str, Any] = {"weight_start": "truncated-normal", "output_start": "zero"}
_TENSORFLOW_START: dict[str, Any] = {"weight_start": "xavier-biases", "output_start": "zero"}
_ADADELTA: dict[str, Any] = {"optimizer": "adadelta", "learning_rate": 1.0, "loss": "bce"}

# Networks that two recipes train, each in its own way.
_DEEP_32: dict[str, Any] = {"widths": (128, 64), "code_size": 32}
_CONV_POOL: dict[str, Any] = {"family": "conv-pool", "widths": (16, 8, 8)}
_CONV_DENOISE: dict[str, Any] = {
    "family": "conv-pool",
    "widths": (32, 32),
    "corruption": "gaussian",
    "corruption_level": 0.5,
}

_COMPILED_ONCE = (
    "The notebook compiles and trains only its first network: optimizer, loss and number of epochs are taken from "
    "there."
)
_MEAN_PIXEL = (
    "The output bias starts at the mean brightness of the images: from zero, as in the article, training with Adam and "
    "the mean squared error usually collapses to a blank output."
)
_SOONER = (
    "The output bias starts at the mean brightness of the images instead of zero: the error falls sooner and ends "
    "about the same."
)


def _open_budget(epochs: int) -> str:
    return (
        f"The article gives no number of epochs: the author's repository trains {epochs} epochs in batches of 128, "
        "this recipe 20 epochs in batches of 256."
    )


ARTICLES = (
    recipe(
        "tanh-l1",
        "M1",
        "Tanh autoencoder with L1 penalty on weights",
        TFLEARN,
        "With the article's learning rate of 0.01 training is unstable: the error jumps and gets "
        "stuck on plateaus, differently for every seed. With 0.001 the same network trains steadily.",
        "The article gives no number of epochs: 10 is our choice.",
        widths=(500,),
        code_size=100,
        hidden_activation="tanh",
        code_activation="tanh",
        output_activation="linear",
        regularizer="l1-weights",
        regularizer_weight=1e-4,
        learning_rate=0.01,
        epochs=10,
        **_TFLEARN_START,
    ),
    recipe(
        "simple-128",
        "M2",
        "Linear hidden layers, sigmoid output, 128-D",
        TFLEARN,
        "Only the output is nonlinear. From the small initial weights of tflearn the error ends above the PCA "
        "baseline; choose “Glorot uniform” as the weight initialization, and it drops far below.",
        widths=(256,),
        code_size=128,
        hidden_activation="linear",
        code_activation="linear",
        epochs=20,
        **_TFLEARN_START,
    ),
    recipe(
        "denoise-256",
        "M3",
        "Denoising autoencoder, 10 pixel draws",
        TFLEARN,
        "In each image ten random pixels are set to black or white, of which about 5.5 visibly change. The noise is "
        "drawn once for all epochs. The target is the clean image: switch on “Reconstruct the corrupted input” to "
        "train it "
        "as in the article.",
        "The target is the clean image; in the article it is the corrupted one, as with “Reconstruct the corrupted "
        "input”.",
        widths=(512,),
        code_size=256,
        hidden_activation="linear",
        code_activation="linear",
        corruption="pixel-draws",
        corruption_level=TEN_PIXELS,
        frozen_noise=True,
        epochs=20,
        **_TFLEARN_START,
    ),
    recipe(
        "single-32",
        "M4",
        "Single hidden layer, 32-D",
        f"{KERAS_BLOG}, F. Chollet 2016",
        "The source says a single layer learns roughly what PCA does: see whether the error ends at the PCA baseline "
        "or below it. Adam trains several times faster than Adadelta.",
        widths=(),
        code_size=32,
        epochs=50,
        **_ADADELTA,
        **_KERAS_START,
    ),
    recipe(
        "single-32-l1",
        "M5",
        "Sparse autoencoder (L1), 32-D",
        f"{KERAS_BLOG}, F. Chollet 2016",
        "The activations of the code are penalized: fewer units are active, and the reconstructions get slightly "
        "worse.",
        _COMPILED_ONCE,
        widths=(),
        code_size=32,
        regularizer="l1",
        epochs=50,
        **_ADADELTA,
        **_KERAS_START,
    ),
    recipe(
        "deep-32",
        "M6",
        "Deep autoencoder (3 + 3 layers), 32-D",
        f"{KERAS_BLOG}, F. Chollet 2016",
        "The code has as many dimensions as that of the single hidden layer. Compare the two with the same optimizer: "
        "with Adam for both, the deeper network ends with the smaller error; with Adadelta, with the larger one.",
        "The notebook compiles and trains only its first network, with Adadelta: this recipe uses Adam at 0.001; "
        "the recipe “Deep autoencoder with Adadelta” is the notebook's.",
        "The notebook gives no number of epochs for this network: 20 is our choice.",
        loss="bce",
        epochs=20,
        **_DEEP_32,
        **_KERAS_START,
    ),
    recipe(
        "deep-32-adadelta",
        "M6b",
        "Deep autoencoder with Adadelta",
        f"{KERAS_BLOG}, F. Chollet 2016",
        "The same network with the only optimizer that the notebook compiles: it ends with a larger error than the "
        "single hidden layer.",
        _COMPILED_ONCE,
        epochs=50,
        **_DEEP_32,
        **_ADADELTA,
        **_KERAS_START,
    ),
    recipe(
        "relu-128",
        "M7",
        "ReLU output layer, 128-D",
        HANDS_ON,
        "Even the output is a ReLU: where its input is negative, a pixel is 0 and gets no gradient. Only a few of the "
        "pixels are 0 in every image for that reason. Change the output activation to leaky ReLU, sigmoid or linear, "
        "as a reader suggested.",
        widths=(784, 256),
        decoder_widths=(128, 256),
        code_size=128,
        output_activation="relu",
        optimizer="rmsprop-tf1",
        epochs=4,
        max_steps=1_000,
        **_TENSORFLOW_START,
    ),
    recipe(
        "vanilla-64",
        "M8",
        "Vanilla autoencoder, 64-D",
        DEEP_INSIDE,
        "A single hidden layer of 64 units: clearly better than PCA with 64 components.",
        _SOONER,
        _open_budget(5),
        widths=(),
        code_size=64,
        epochs=20,
    ),
    recipe(
        "multilayer-64",
        "M9",
        "Multilayer autoencoder (128-64-128)",
        DEEP_INSIDE,
        "A hidden layer on either side of the code. It has more weights than the single hidden layer, and its error is "
        "not smaller.",
        _SOONER,
        _open_budget(5),
        widths=(128,),
        code_size=64,
        epochs=20,
    ),
    recipe(
        "conv-pool",
        "M10",
        "Convolutional autoencoder",
        DEEP_INSIDE,
        "Three convolutions, each with pooling, reduce the image to 8 feature maps of 4×4. Set “Output bias "
        "initialization” to zero, as in the article, and the output usually collapses to blank images.",
        _MEAN_PIXEL,
        "The article gives no number of epochs: 5 is our choice.",
        epochs=5,
        **_CONV_POOL,
    ),
    recipe(
        "conv-pool-adadelta",
        "M10b",
        "Convolutional autoencoder with Adadelta",
        f"{DEEP_INSIDE}, the author's repository",
        "The text of the article says Adam and mean squared error, which usually collapse from zero. The author's "
        "repository trains the same network with Adadelta and binary cross-entropy, which works.",
        epochs=3,
        **_CONV_POOL,
        **_ADADELTA,
        **_KERAS_START,
    ),
    recipe(
        "sparse-64",
        "M11",
        "Sparse autoencoder (L1), 64-D",
        DEEP_INSIDE,
        "The vanilla autoencoder with an L1 penalty on its code: on average about a fifth of the units are inactive "
        "per image, instead of hardly any. See which under “Latent space”.",
        _open_budget(15),
        widths=(),
        code_size=64,
        regularizer="l1",
        epochs=20,
        **_KERAS_START,
    ),
    recipe(
        "conv-denoise",
        "M12",
        "Convolutional denoiser with pooling",
        DEEP_INSIDE,
        "The code is overcomplete: it has twice as many numbers as the image has pixels, so it could copy. The noise "
        "prevents that.",
        _MEAN_PIXEL,
        "The article gives neither noise level nor number of epochs: 0.5 and 3 are those of the author's repository.",
        epochs=3,
        **_CONV_DENOISE,
    ),
    recipe(
        "conv-denoise-adadelta",
        "M12b",
        "Convolutional denoiser with Adadelta",
        f"{DEEP_INSIDE}, the author's repository",
        "The text of the article says Adam and mean squared error, which usually collapse from zero. The author's "
        "repository trains the same network with Adadelta and binary cross-entropy, which works.",
        epochs=3,
        **_CONV_DENOISE,
        **_ADADELTA,
        **_KERAS_START,
    ),
    recipe(
        "conv-dense-20",
        "M13",
        "Convolutional autoencoder, 20-D",
        STUDY_NOTES,
        "The notes call the reconstructions from 20 numbers remarkable: compare them with PCA under “Reconstructions”.",
        _SOONER,
        "The notes give no number of epochs: 5 is our choice.",
        family="conv-dense",
        widths=(32, 32),
        code_size=20,
        code_activation="linear",
        epochs=5,
    ),
    recipe(
        "fully-conv",
        "M14",
        "Fully convolutional denoiser",
        STUDY_NOTES,
        "It learns to remove noise rather than to redraw digits, so it also works on other scripts.",
        "The output bias starts at the mean brightness of the images: from zero, as in the notes, training usually "
        "collapses to a blank output.",
        "The notes give neither noise level nor number of epochs: 0.5 and 3 are our choice.",
        family="conv-stride",
        widths=(32, 32, 32),
        corruption="gaussian",
        corruption_level=0.5,
        epochs=3,
    ),
)
