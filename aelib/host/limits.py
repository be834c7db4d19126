"""What one run may ask of this server. A config beyond a limit makes sense, and may be trained where there is room."""

from __future__ import annotations

from dataclasses import replace

from aelib.host.settings import MAX_EPOCHS, MAX_MEMORY, MAX_WEIGHTS
from aelib.spec.architecture import plan
from aelib.spec.config import RunConfig
from aelib.spec.fields import Constraint
from aelib.spec.images import PROBES

_FLOAT_BYTES = 4
_MEGABYTE = 2**20
# A budget in steps has no data set: it may be as long as that of MNIST.
LARGE_DATASET = 60_000
# Weights and their gradients, the optimizer's two averages, and all of them as they were before and as they are kept.
_COPIES_OF_WEIGHTS = 12
# Of the weights in a state: they, and the optimizer's two averages.
_COPIES_IN_STATE = 3
# What a layer gives, before and after its activation, and the gradient; of the watched images only what it gives.
_COPIES_OF_ACTIVITIES = 3


def megabytes(config: RunConfig) -> float:
    """About what training `config` needs on a worker, beside torch and the data set.

    An upper bound, by the copies that are made; `python -m benchmarks memory` compares it with what processes take.
    """
    network = plan(config)
    activities = sum(layer.units for layer in network.layers) * (_COPIES_OF_ACTIVITIES * config.batch_size + PROBES)
    return _FLOAT_BYTES * (_COPIES_OF_WEIGHTS * network.weights + activities) / _MEGABYTE


def megabytes_in_all(config: RunConfig) -> float:
    """As `megabytes`, and what the server keeps of a run that trains: a state while it is being saved, once more in the
    task that goes on from there. (Of a run that rests it keeps none: the store has its state.)"""
    return megabytes(config) + 2 * megabytes_of_state(config)


def megabytes_of_state(config: RunConfig) -> float:
    """About the size of a state of a run."""
    return _FLOAT_BYTES * _COPIES_IN_STATE * plan(config).weights / _MEGABYTE


def constraints() -> tuple[Constraint, ...]:
    """The limits as they are set now, in the order in which they have to be met. Raises `InvalidInput` for a setting
    that cannot be used."""
    epochs, weights, memory = MAX_EPOCHS.value, MAX_WEIGHTS.value, MAX_MEMORY.value

    def fits(config: RunConfig) -> bool:
        return megabytes(config) <= memory

    def small(config: RunConfig) -> bool:
        return plan(config).weights <= weights and fits(replace(config, batch_size=1))

    size = f"a network of at most {weights:,} parameters whose training needs at most {memory:,} MB on this server"

    def largest_batch(config: RunConfig) -> int:
        fixed = megabytes(replace(config, batch_size=0))
        each = megabytes(replace(config, batch_size=1)) - fixed
        return max(1, int((memory - fixed) / each))

    return (
        Constraint("epochs", f"at most {epochs:,} on this server", lambda c: c.epochs <= epochs, lambda c: epochs),
        Constraint(
            "max_steps",
            f"at most as many steps as {epochs:,} epochs of {LARGE_DATASET:,} images have",
            lambda c: c.max_steps * c.batch_size <= epochs * LARGE_DATASET,
            lambda c: epochs * LARGE_DATASET // c.batch_size,
        ),
        # Before the widths: a decoder of its own may be too large whatever the encoder is.
        Constraint("decoder_widths", size, lambda c: c.decoder_widths is None or small(c), lambda c: None),
        Constraint("widths", size, small, lambda c: (16, 16) if c.convolutional else (128,)),
        Constraint(
            "batch_size",
            f"a smaller batch: training this network must fit into {memory:,} MB on this server",
            fits,
            largest_batch,
        ),
    )
