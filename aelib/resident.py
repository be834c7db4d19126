"""What stays on the workers while runs train. The app holds futures of it and knows the types by name: Dask tells it
the type of every result, and importing this loads no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Data:
    """A data set on the device. Images are uint8 [N, 784], labels int64 [N]; `probe` are the test images watched
    live. `hues`: float32 [classes, 3], the RGB of each class in coloured pictures."""

    name: str
    train: Tensor
    test: Tensor
    probe: Tensor
    train_labels: Tensor
    test_labels: Tensor
    probe_labels: Tensor
    hues: Tensor
    mean_pixel: float


@dataclass(frozen=True)
class Basis:
    """PCA of the training pictures in [0, 1]: `mean` [784], `axes` [784, 784], one axis a row, strongest first."""

    mean: np.ndarray
    axes: np.ndarray

    def reconstruct(self, pictures: np.ndarray, code_size: int) -> np.ndarray:
        """Pictures [N, 784] through the first `code_size` axes and back."""
        axes = self.axes[:code_size]
        return np.asarray((pictures - self.mean) @ axes.T @ axes + self.mean)
