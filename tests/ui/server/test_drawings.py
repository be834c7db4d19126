"""What visitors draw on the pages of a run, and who sees it."""

from __future__ import annotations

import numpy as np

from aelib.runs import Runs
from aelib.ui.components.live import placing
from aelib.ui.server.channel import Channel
from aelib.ui.server.drawings import MOST_DRAWINGS, Drawings


def image(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (28, 28), np.uint8)


def test_all_who_look_at_a_run_see_what_was_drawn_there_last(runs: Runs) -> None:
    drawings, one, other = Drawings(), Channel(runs), Channel(runs)
    drawings.put("run", one, image(0))
    drawings.put("run", other, image(1))
    drawings.put("another", other, image(2))
    names = [drawing.name for drawing in drawings.of("run")]
    assert names == [drawings.name("run", one), drawings.name("run", other)] and len(set(names)) == 2
    # Nobody else's token is told.
    assert one.token not in names
    drawings.put("run", one, image(3))
    newest = {drawing.name: drawing.image for drawing in drawings.of("run")}
    np.testing.assert_array_equal(newest[names[0]], image(3))
    drawings.put("run", one, None)
    assert [drawing.name for drawing in drawings.of("run")] == names[1:]


def test_the_same_drawing_is_no_news(runs: Runs) -> None:
    drawings, channel = Drawings(), Channel(runs)
    drawings.put("run", channel, image(0))
    before = drawings.of("run")
    drawings.put("run", channel, image(0))
    assert drawings.of("run") == before
    drawings.put("run", channel, image(1))
    assert drawings.of("run") != before


def test_what_a_closed_tab_drew_is_gone(runs: Runs) -> None:
    there = [True]
    drawings, channel = Drawings(), Channel(runs, lambda: there[0])
    drawings.put("run", channel, image(0))
    there[0] = False
    assert drawings.of("run") == ()


def test_only_so_many_drawings_are_kept(runs: Runs) -> None:
    drawings, channels = Drawings(), [Channel(runs) for _ in range(MOST_DRAWINGS + 5)]
    for channel in channels:
        drawings.put("run", channel, image(0))
    assert len(drawings.of("run")) == MOST_DRAWINGS
    assert drawings.name("run", channels[-1])


def test_places_that_make_no_sense_are_not_asked_for() -> None:
    assert placing._read('{"a": [1, -2.5]}') == {"a": (1, -2.5)}
    for message in ("", "[]", "7", '{"a": [1]}', '{"a": [1, NaN]}', '{"a": [1, 1e999]}', '{"a": "no"}', "[" * 5_000):
        assert placing._read(message) is None
