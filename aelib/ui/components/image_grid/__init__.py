"""A grid of images: rows below one another, drawn crisp and updated in place."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from aelib.ui.components.component import component
from aelib.ui.components.image_grid.payload import LEGEND, Follows, Kind, Row, payload

__all__ = ["LEGEND", "Follows", "Kind", "Row", "image_grid"]

_COMPONENT = component(Path(__file__).parent)


def image_grid(
    rows: Sequence[Row],
    *,
    key: str,
    titles: Sequence[str] = (),
    selectable: bool = False,
    marked: int | None = None,
    legend: tuple[str, str] | None = LEGEND,
    across: bool = False,
    follows: Follows | None = None,
) -> int | None:
    """Draws rows of images; every column shows the same image. Wraps columns where the screen is narrow.

    `titles`: short names above the columns. `selectable` columns react to click, touch, and arrow keys with Enter;
    `marked` is the one in a frame. `legend`: the ends of the scale of signed rows, shown where there are any.
    `across` puts the rows beside one another instead: for one or two images. `follows`: whose hand has the rows drawn
    again while it moves, see `aelib.ui.server.preview.offer`. Returns the column clicked last.
    """
    data = payload(
        rows, titles=titles, selectable=selectable, marked=marked, legend=legend, across=across, follows=follows
    )
    result = _COMPONENT(key=key, data=data, on_column_change=_rerun)
    column = result.column
    count = max((len(row.images) for row in rows), default=0)
    # What a browser says is not to be trusted.
    return column if isinstance(column, int) and not isinstance(column, bool) and 0 <= column < count else None


def _rerun() -> None:
    """That it changed is enough for the page to be drawn again."""
