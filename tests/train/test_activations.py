"""What is recorded of the activations between the images shown and their reconstructions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from aelib.nn.autoencoder import build
from aelib.spec.architecture import plan
from aelib.spec.stages import Stage, cell_count, stages
from aelib.spec.state import Activations
from aelib.train.trainer import advance, init, snapshot
from tests.samples import digits, knobs_of, settings

NETWORKS: dict[str, Any] = {
    "a single layer": settings("vanilla-64"),
    "dense, with noise": settings("denoise-256", widths=(300, 40), code_size=6),
    "tied": settings("multilayer-64", tied=True),
    "convolution and pooling": settings("conv-pool", widths=(16, 8, 9)),
    "strided convolution": settings("fully-conv", widths=(6, 5, 10)),
    "convolution in, dense out": settings("conv-dense-20", widths=(6, 5)),
    "variational": settings("vae"),
    "k-sparse": settings("k-sparse"),
    "in colour": settings("multilayer-64", colour=True),
}


def hooked(model: nn.Module, run: Any) -> list[Tensor]:
    """What comes out of every module of both parts, by torch's own hooks, encoder first."""
    seen: list[Tensor] = []

    def note(module: nn.Module, arguments: object, output: Tensor) -> None:
        seen.append(output)

    handles = [m.register_forward_hook(note) for part in (model.encoder, model.decoder) for m in part]  # type: ignore[union-attr]
    run()
    for handle in handles:
        handle.remove()
    return seen


def drawn(stage: Stage, values: Tensor) -> np.ndarray:
    """Cells [12, …] of activations: the units and maps shown, maps averaged over squares."""
    values = values[:, torch.tensor(stage.shown)]
    if stage.pooling > 1:
        side = stage.pooling
        odd = -values.shape[-1] % side
        # Squares at the edge are smaller: their mean is that of what is there.
        padded = F.pad(values, (0, odd, 0, odd), value=float("nan"))
        values = padded.unfold(2, side, side).unfold(3, side, side).flatten(4).nanmean(-1)
    return values.flatten(1).numpy()


def values_of(activations: Activations, network: Any) -> list[np.ndarray]:
    """The activations of each stage, to the precision of a byte."""
    ends = np.cumsum([np.prod(stage.cells) for stage in stages(network)])
    bytes_of = np.split(activations.cells, ends[:-1].astype(int), axis=1)
    return [(part.astype(np.float64) - 128) / 127 * s for part, s in zip(bytes_of, activations.scales, strict=True)]


@pytest.mark.parametrize("name", NETWORKS)
def test_recorded_activations_are_those_of_forward_hooks(name: str) -> None:
    config, data = NETWORKS[name], digits()
    network = plan(config)
    state, _ = advance(init(config, data), data, knobs_of(config), 3)
    shown = snapshot(state, data, knobs_of(config))
    assert shown.activations is not None
    assert shown.activations.cells.shape == (12, cell_count(network)) and shown.activations.cells.dtype == np.uint8
    model = build(config, state.weights, torch.device("cpu")).requires_grad_(False)
    model.to(memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    seen = torch.tensor(shown.corrupted).float() / 255
    outputs = hooked(model, lambda: model(seen))
    encoder, decoder = outputs[: len(model.encoder)], outputs[len(model.encoder) :]
    for stage, values, scale in zip(
        stages(network), values_of(shown.activations, network), shown.activations.scales, strict=True
    ):
        # Each layer is a module and its activation. The input is known to a byte a pixel.
        expected = drawn(stage, (encoder if stage.part == "encoder" else decoder)[2 * stage.after - 1])
        exact = config.corruption == "none"
        np.testing.assert_allclose(values, expected, atol=scale * (0.51 / 127 if exact else 0.05) + 1e-6)
        assert scale == pytest.approx(np.abs(expected).max(), rel=1e-4 if exact else 0.05)


def test_layers_that_do_not_learn_yet_have_no_activations() -> None:
    config, data = settings("stacked", widths=(20, 10), code_size=5, pretrain_epochs=1), digits()
    network = plan(config)
    state, _ = advance(init(config, data), data, knobs_of(config), 2)
    shown = snapshot(state, data, knobs_of(config)).activations
    assert shown is not None
    assert [scale > 0 for scale in shown.scales] == [True, False, False, False, False]
    assert [float(np.ptp(values)) > 0 for values in values_of(shown, network)] == [True] + 4 * [False]
    state, _ = advance(state, data, knobs_of(config), 12)
    shown = snapshot(state, data, knobs_of(config)).activations
    assert shown is not None
    assert [scale > 0 for scale in shown.scales] == [True, True, False, False, True]


def test_activations_that_run_away_are_recorded_as_none() -> None:
    config, data = settings("vanilla-64"), digits()
    state = init(config, data)
    arrays = {name: np.full_like(array, np.nan) for name, array in state.arrays.items()}
    shown = snapshot(type(state).frozen(config, 0, arrays), data, knobs_of(config)).activations
    assert shown is not None and (shown.cells == 128).all() and (shown.scales == 0).all()
