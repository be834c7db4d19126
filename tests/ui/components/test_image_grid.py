"""What a grid of images is sent: read back as the browser reads it."""

from __future__ import annotations

import numpy as np
import pytest

from aelib.ui.components.image_grid.payload import LEGEND, Follows, Row, payload
from tests.ui.components.test_live_payload import unpack

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (3, 784), np.uint8)
COLOUR = RANDOM.integers(0, 256, (3, 2352), np.uint8)


def test_rows_arrive_as_they_were_sent() -> None:
    rows = [Row("original", GREY, ("7", "2", "1"), note="24.1 dB"), Row("colour", COLOUR[:2], kind="colour")]
    header, array = unpack(payload(rows, titles=["a", "b", "c"], selectable=True, marked=1, across=True))
    first, second = header["rows"]
    assert np.array_equal(array(first["images"]), GREY.reshape(3, 1, 28, 28))
    assert np.array_equal(array(second["images"]), COLOUR[:2].reshape(2, 3, 28, 28))
    assert (first["label"], first["note"], first["captions"], first["count"]) == (
        "original",
        "24.1 dB",
        ["7", "2", "1"],
        3,
    )
    assert (second["signed"], second["captions"], second["count"]) == (False, [], 2)
    assert (header["titles"], header["selectable"], header["marked"], header["across"]) == (
        ["a", "b", "c"],
        True,
        1,
        True,
    )


def test_a_sheet_is_told_whose_hand_it_follows() -> None:
    header, _ = unpack(payload([Row("original", GREY)], follows=Follows("token", "level", "0.5")))
    assert header["follows"] == {"token": "token", "name": "level", "at": "0.5"}
    assert unpack(payload([Row("original", GREY)]))[0]["follows"] is None


def test_differences_become_bytes_around_128() -> None:
    differences = np.zeros((1, 784), np.float32)
    differences[0, :6] = -1, -0.5, 0.5, 1, 7, np.nan
    header, array = unpack(payload([Row("error", differences, kind="signed")]))
    assert header["rows"][0]["signed"]
    assert array(header["rows"][0]["images"])[0, 0, 0, :7].tolist() == [1, 64, 192, 255, 255, 128, 128]


def test_a_legend_comes_with_differences_only() -> None:
    difference = Row("error", np.zeros((1, 784)), kind="signed")
    assert unpack(payload([difference]))[0]["legend"] == list(LEGEND)
    assert unpack(payload([difference], legend=None))[0]["legend"] is None
    assert unpack(payload([Row("original", GREY)]))[0]["legend"] is None


def test_a_mask_is_sent_only_where_pixels_were_removed() -> None:
    mask = np.zeros((3, 784), bool)
    assert unpack(payload([Row("corrupted", GREY, mask=mask)]))[0]["rows"][0]["mask"] is None
    mask[1, 30] = True
    header, array = unpack(payload([Row("corrupted", GREY, mask=mask), Row("clean", GREY)]))
    np.testing.assert_array_equal(array(header["rows"][0]["mask"]), mask.reshape(3, 1, 28, 28))
    assert header["rows"][1]["mask"] is None


def test_a_sheet_may_be_empty() -> None:
    assert unpack(payload([]))[0]["rows"] == []
    assert unpack(payload([Row("original", GREY[:0])]))[0]["rows"][0]["count"] == 0


@pytest.mark.parametrize(
    "row", [Row("grey", COLOUR), Row("colour", GREY, kind="colour"), Row("grey", GREY / 255), Row("flat", GREY[0])]
)
def test_pictures_of_another_kind_are_refused(row: Row) -> None:
    with pytest.raises(ValueError, match=row.label):
        payload([row])
