"""Keras' own `fit` on the networks of the recipes, as the articles call it. Run by `benchmarks.throughput`
in an environment of its own: `python keras_fit.py images.npy RECIPE` prints images a second.

Gaussian and salt-and-pepper noise are left out: Keras would have to draw them beforehand.
"""

import sys
import time

import numpy as np
from keras import Input, Model, Sequential, layers, optimizers

BATCH = 256


def dense(widths: list[int], activation: str) -> Model:
    return Sequential([Input((784,)), *(layers.Dense(w, activation) for w in widths), layers.Dense(784, "sigmoid")])


def conv(filters: int, **settings: object) -> layers.Layer:
    return layers.Conv2D(filters, 3, activation="relu", **{"padding": "same", **settings})


def conv_pool() -> Model:
    def pool() -> layers.Layer:
        return layers.MaxPooling2D(2, padding="same")

    return Sequential(
        [
            Input((28, 28, 1)),
            *(conv(16), pool(), conv(8), pool(), conv(8), pool()),
            *(conv(8), layers.UpSampling2D(2), conv(8), layers.UpSampling2D(2)),
            *(conv(16, padding="valid"), layers.UpSampling2D(2)),
            layers.Conv2D(1, 3, activation="sigmoid", padding="same"),
        ]
    )


def conv_dense() -> Model:
    return Sequential(
        [
            Input((28, 28, 1)),
            *(conv(32), layers.MaxPooling2D(2), conv(32), layers.MaxPooling2D(2), layers.Flatten()),
            layers.Dense(20),
            layers.Dense(784, "sigmoid"),
        ]
    )


def fully_conv() -> Model:
    def up(stride: int) -> layers.Layer:
        return layers.Conv2DTranspose(32, 3, strides=stride, activation="relu", padding="same")

    return Sequential(
        [
            Input((28, 28, 1)),
            *(conv(32), conv(32, strides=2), conv(32, strides=2)),
            *(up(2), up(1), up(2)),
            layers.Conv2D(1, 3, activation="sigmoid", padding="same"),
        ]
    )


NETWORKS = {
    "vanilla-64": lambda: dense([64], "relu"),
    "multilayer-64": lambda: dense([128, 64, 128], "relu"),
    "simple-128": lambda: dense([256, 128, 256], "linear"),
    "denoise-256": lambda: dense([512, 256, 512], "linear"),
    "conv-pool": conv_pool,
    "conv-dense-20": conv_dense,
    "fully-conv": fully_conv,
}


def main() -> None:
    images = np.load(sys.argv[1]).astype(np.float32) / 255
    model = NETWORKS[sys.argv[2]]()
    x = images.reshape(-1, *model.input_shape[1:])
    y = images.reshape(-1, *model.output_shape[1:])
    model.compile(optimizers.Adam(1e-3), "mse")
    model.fit(x[: 4 * BATCH], y[: 4 * BATCH], batch_size=BATCH, verbose=0)
    began = time.perf_counter()
    model.fit(x, y, batch_size=BATCH, epochs=1, verbose=0)
    print(len(x) / (time.perf_counter() - began))


if __name__ == "__main__":
    main()
