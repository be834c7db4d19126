"""What a drawing pad sends is read with distrust."""

from __future__ import annotations

import base64

import numpy as np
import pytest

from aelib.ui.components.drawing_pad.drawing import SIDE, decode, mark


def encoded(grey: np.ndarray) -> str:
    return base64.b64encode(grey.astype(np.uint8).tobytes()).decode()


def test_a_drawing_arrives_as_it_was_drawn() -> None:
    grey = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), np.uint8)
    assert np.array_equal(decode(encoded(grey)), grey)  # type: ignore[arg-type]


WHITE = encoded(np.full((SIDE, SIDE), 255))


@pytest.mark.parametrize(
    "sent",
    [
        *(None, "", 7, [1, 2], {"a": 1}, b"bytes", float("nan"), "é" * len(WHITE), "*" * len(WHITE)),
        *(WHITE[:-4], WHITE + "AAAA", WHITE[:-1] + "!", encoded(np.zeros((SIDE, SIDE))), "A" * 10**6),
    ],
)
def test_anything_else_is_an_empty_pad(sent: object) -> None:
    assert decode(sent) is None


def test_a_drawing_is_known_by_its_ink() -> None:
    """As the pad counts it, in JavaScript: the sum of all its bytes."""
    assert mark(decode(WHITE)) == str(255 * SIDE**2)  # type: ignore[arg-type]
