"""What stays on the workers while runs train. The app holds futures of it and knows the types by name: Dask tells it
the type of every result, and importing this loads no torch."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor


# So much of what was made of a data set is kept beside it.
KEPT_BYTES = 200 * 2**20


class Kept:
    """Tensors that were made of a data set and can be made again, by what they depend on: the newest ones, up to
    `KEPT_BYTES` or at least one. They stay on their worker and go when the data set goes."""

    def __init__(self) -> None:
        self._tensors: dict[Hashable, Tensor] = {}
        # Two threads may want the same one.
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Tensor]) -> Tensor:
        """The tensor of this key, made if it is not there."""
        with self._lock:
            tensor = self._tensors.pop(key, None)
            if tensor is None:
                tensor = make()
            self._tensors[key] = tensor
            while len(self._tensors) > 1 and sum(one.nbytes for one in self._tensors.values()) > KEPT_BYTES:
                del self._tensors[next(iter(self._tensors))]
            return tensor

    def __reduce__(self) -> tuple[type[Kept], tuple[()]]:
        return Kept, ()


@dataclass(frozen=True)
class Data:
    """A data set on the device. Images are uint8 [N, 784], labels int64 [N]; `probe` are the test images watched
    live. `hues`: float32 [classes, 3], the RGB of each class in coloured images."""

    name: str
    train: Tensor
    test: Tensor
    probe: Tensor
    train_labels: Tensor
    test_labels: Tensor
    probe_labels: Tensor
    hues: Tensor
    mean_pixel: float
    kept: Kept = field(init=False, default_factory=Kept, compare=False, repr=False)


@dataclass(frozen=True)
class Basis:
    """PCA of the training images in [0, 1]: `mean` [784], `axes` [up to 784, 784], one axis a row, strongest first."""

    mean: np.ndarray
    axes: np.ndarray

    def encode(self, images: np.ndarray, code_size: int) -> np.ndarray:
        """The first `code_size` principal components of images [N, 784]: [N, code_size], or all there are."""
        return np.asarray((images - self.mean) @ self.axes[:code_size].T)

    def decode(self, components: np.ndarray) -> np.ndarray:
        """Images [N, 784] of their first components [N, K], clipped to [0, 1]: no pixel can show more."""
        return np.asarray((components @ self.axes[: components.shape[1]] + self.mean).clip(0, 1))

    def reconstruct(self, images: np.ndarray, code_size: int) -> np.ndarray:
        """Images [N, 784] projected onto the first `code_size` axes, clipped to [0, 1]."""
        return self.decode(self.encode(images, code_size))
