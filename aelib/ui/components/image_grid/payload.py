"""What a grid of images is sent (packed as `aelib.ui.components.packing` says)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Literal

import numpy as np

from aelib.spec.images import PIXELS
from aelib.ui.components.packing import Packer, signed_bytes

Kind = Literal["grey", "colour", "signed"]
_WIDTH = {"grey": PIXELS, "colour": 3 * PIXELS, "signed": PIXELS}
LEGEND = ("−1 too little ink", "too much ink +1")


@dataclass(frozen=True, eq=False)
class Row:
    """Images that stand in a row.

    `images`: "grey" uint8 [N, 784], strokes bright; "colour" uint8 [N, 2352], three planes; "signed" float
    differences [N, 784] in [-1, 1]. `captions`: one short line under each image, or none; `note`: small text at
    the label, of one line or two. `mask`: bool [N, 784], the pixels that were removed, which are hatched.
    """

    label: str
    images: np.ndarray
    captions: Sequence[str] = ()
    kind: Kind = "grey"
    note: str = ""
    mask: np.ndarray | None = None


@dataclass(frozen=True)
class Follows:
    """Whose hand a grid follows: that called `name`, by the channel of this `token`. `at`: what the hand had done when
    these rows were made, as the component under it says it."""

    token: str
    name: str
    at: str


def payload(
    rows: Sequence[Row],
    *,
    titles: Sequence[str] = (),
    selectable: bool = False,
    marked: int | None = None,
    legend: tuple[str, str] | None = LEGEND,
    across: bool = False,
    follows: Follows | None = None,
) -> bytes:
    """See `aelib.ui.components.image_grid`. Raises `ValueError` for images that are not of their row's kind."""
    packer = Packer()
    signed = any(row.kind == "signed" for row in rows)
    header = {
        "rows": [
            {
                "label": row.label,
                "note": row.note,
                "signed": row.kind == "signed",
                "captions": list(row.captions),
                "count": len(row.images),
                "images": packer.add_images(_pixels(row)),
                "mask": None if (mask := _mask(row)) is None else packer.add_images(mask),
            }
            for row in rows
        ],
        "titles": list(titles),
        "selectable": selectable,
        "marked": marked,
        "legend": list(legend) if signed and legend is not None else None,
        "across": across,
        "follows": None if follows is None else asdict(follows),
    }
    return packer.pack(header)


def _mask(row: Row) -> np.ndarray | None:
    """None where no pixel was removed."""
    return row.mask if row.mask is not None and row.mask.any() else None


def _pixels(row: Row) -> np.ndarray:
    images = np.asarray(row.images)
    wanted = _WIDTH[row.kind]
    if images.ndim != 2 or images.shape[1] != wanted:
        raise ValueError(f"{row.label}: {row.kind} images are [N, {wanted}], not {list(images.shape)}")
    if row.kind == "signed":
        return signed_bytes(images)
    if images.dtype != np.uint8:
        raise ValueError(f"{row.label}: {row.kind} images are uint8, not {images.dtype}")
    return images
