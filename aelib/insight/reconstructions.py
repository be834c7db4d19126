"""How well pictures survive the code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from aelib.slices import Slice

if TYPE_CHECKING:
    from aelib.training import Data


def errors(link: Slice, data: Data) -> np.ndarray:
    """Mean squared error of each test picture, shown clean: float32 [test pictures]."""
    from aelib.training import reconstruct

    clean = data.test.float().div_(255)
    _, output = reconstruct(link.state, clean)
    found: np.ndarray = (output - clean).square_().mean(1).cpu().numpy()
    return found
