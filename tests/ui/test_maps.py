"""What the three maps are sent, and the words and the table beside them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from aelib.insight.latent import Flattening, Quality, Reference
from aelib.ui.latent.encoder_layers import EncoderLayer, encoder_layers
from aelib.ui.latent.map_words import comparison, duration
from aelib.ui.latent.maps.payload import Panel, Part, Shown, Value, Viewer
from aelib.ui.latent.three_maps import Asked, code_title
from tests.samples import settings

HIDDEN, CODE = encoder_layers(settings(widths=(128,), code_size=8))
POINTS = np.arange(8, dtype=np.float32).reshape(4, 2)


def shown(step: int = 1, scene: str = "digits/4", **changes: Any) -> Shown:
    panels = {
        "code": Panel("Code", "", "", Part(("run", step), {"points": POINTS + step}), (Value("5-NN", "90%", "why"),)),
        "pca": Panel("PCA", "", "", Part("pca", {"points": POINTS})),
        "tsne": Panel("t-SNE", "", "press", None),
    }
    looks = Part(step, {"reconstructions": np.zeros((4, 784), np.uint8), "errors": np.zeros(4, np.float32)})
    settings: dict[str, Any] = {"looks": looks, "colour": None, "colour_title": "", "panels": panels} | changes
    return Shown(scene, np.zeros((4, 784), np.uint8), np.arange(4) * 5, np.arange(4), ("0", "1", "2", "3"), **settings)


def header(block: bytes) -> dict[str, Any]:
    length = int.from_bytes(block[:4], "little")
    said: dict[str, Any] = json.loads(block[4 : 4 + length])
    return said


def array(block: bytes, place: list[Any]) -> np.ndarray:
    offset, dtype, shape = place
    start = 4 + int.from_bytes(block[:4], "little") + offset
    return np.frombuffer(block, dtype, int(np.prod(shape)), start).reshape(shape)


def test_the_first_payload_has_everything() -> None:
    block = Viewer().payload(shown())
    said = header(block)
    np.testing.assert_array_equal(array(block, said["pictures"]["indices"]), [0, 5, 10, 15])
    assert said["pictures"]["classes"] == ["0", "1", "2", "3"]
    np.testing.assert_array_equal(array(block, said["parts"]["code"]["arrays"]["points"]), POINTS + 1)
    np.testing.assert_array_equal(array(block, said["parts"]["pca"]["arrays"]["points"]), POINTS)
    assert said["parts"]["code"]["dims"] == 2
    assert said["parts"]["tsne"] == {"id": None}
    assert said["panels"]["code"]["values"] == [{"label": "5-NN", "value": "90%", "help": "why"}]
    assert set(said["parts"]["looks"]["arrays"]) == {"reconstructions", "errors"}


def test_later_only_what_changed_is_sent() -> None:
    viewer = Viewer()
    viewer.payload(shown())
    said = header(viewer.payload(shown(step=2)))
    assert "pictures" not in said
    assert "arrays" in said["parts"]["code"]
    assert "arrays" in said["parts"]["looks"]
    assert set(said["parts"]["pca"]) == {"id"}


def test_where_nothing_changed_the_same_bytes_are_given() -> None:
    viewer = Viewer()
    viewer.payload(shown())
    again = viewer.payload(shown())
    assert viewer.payload(shown()) is again


def test_a_tab_that_lost_it_gets_everything_anew() -> None:
    viewer = Viewer()
    first = viewer.payload(shown())
    viewer.payload(shown())
    viewer.forget()
    assert viewer.payload(shown()) == first


def test_another_scene_is_sent_whole() -> None:
    viewer = Viewer()
    viewer.payload(shown())
    said = header(viewer.payload(shown(scene="mnist/4")))
    assert "pictures" in said
    assert "arrays" in said["parts"]["pca"]


def test_what_was_taken_off_and_comes_back_is_sent_again() -> None:
    viewer = Viewer()
    viewer.payload(shown())
    assert header(viewer.payload(shown(looks=None)))["parts"]["looks"] == {"id": None}
    assert "arrays" in header(viewer.payload(shown()))["parts"]["looks"]


def test_a_table_says_what_its_columns_are_of() -> None:
    panels = {"code": Panel("Hidden layer 1, by PCA", "", "", None, column=HIDDEN.column)}
    assert header(Viewer().payload(shown(panels=panels)))["panels"]["code"]["column"] == "hidden_layer_1"


def test_a_title_says_what_is_shown_and_how_it_came_into_the_map() -> None:
    def title(layer: EncoderLayer, dims: int, *flattening: Any) -> str:
        return code_title(Asked(layer, 500, dims, Flattening(*flattening), None))

    two, three = (encoder_layers(settings(widths=(), code_size=size))[-1] for size in (2, 3))
    assert title(two, 2, "pca") == title(two, 3, "tsne") == "Code: its 2 numbers"
    assert title(three, 3, "pca") == "Code: its 3 numbers"
    assert title(three, 2, "pca") == "Code, by PCA"
    assert title(CODE, 2, "units", (4, 0)) == "Code: units 5, 1"
    assert title(HIDDEN, 2, "pca") == "Hidden layer 1, by PCA"
    assert title(HIDDEN, 2, "tsne") == "Hidden layer 1, by t-SNE"


def quality(accuracy: float | None) -> Quality:
    return Quality(0.9, 0.9, accuracy, 500)


def test_accuracies_are_compared_in_words() -> None:
    said = comparison(
        Reference(0.9, 0.95, 8),
        CODE,
        quality(0.7),
        quality(0.4),
        {"pixels": quality(0.88), "code": quality(0.93)},
        2,
        1_000,
    )
    for words in ("**90%** in all 784 pixels", "**95%** in the code of 8 numbers", "**40%** with PCA's first 2 axes"):
        assert words in said
    assert "The map of the code keeps the classes apart better than PCA’s." in said
    assert "better than the pixels it was made from" in said
    assert "Going through the code before t-SNE helped." in said


@pytest.mark.parametrize(
    ("accuracy", "said"),
    [
        (0.955, "about as well as the pixels, and better than the code"),
        (0.98, "better than the pixels and the code"),
        (0.9, "less well than the pixels, and about as well as the code"),
        (0.5, "less well than the pixels and the code"),
    ],
)
def test_a_hidden_layer_is_compared_with_pixels_and_code(accuracy: float, said: str) -> None:
    found = Reference(0.95, 0.9, 8, accuracy)
    words = comparison(found, HIDDEN, quality(0.5), quality(0.4), {"code": quality(0.8)}, 2, 5_000)
    assert f"**{accuracy:.0%}** in the 128 numbers of hidden layer 1, **90%** in the code of 8 numbers" in words
    assert f"The 128 numbers of hidden layer 1 tell the classes apart {said}." in words
    assert "The map of hidden layer 1 keeps the classes apart better than PCA’s." in words
    assert "**80%** on the t-SNE map of hidden layer 1" in words


def test_where_pca_is_better_it_is_said() -> None:
    said = comparison(Reference(0.9, 0.3, 2), CODE, quality(0.3), quality(0.4), {}, 2, 1_000)
    assert "PCA’s map keeps the classes apart better than that of the code." in said
    assert "The code tells the classes apart less well than the pixels it was made from." in said
    assert "about equally well" in comparison(Reference(0.9, 0.3, 2), CODE, quality(0.4), quality(0.405), {}, 2, 1_000)


def test_what_chance_may_do_is_called_no_difference() -> None:
    maps: dict[str, Quality | None] = {"pixels": quality(0.55), "code": quality(0.65)}
    few, many = (
        comparison(Reference(0.49, 0.60, 8), CODE, quality(0.39), quality(0.5), maps, 2, n) for n in (27, 5_000)
    )
    assert "about as well as the pixels it was made from" in few
    assert "about equally well" in few
    assert "made no clear difference" in few
    assert "better than the pixels it was made from" in many
    assert "PCA’s map keeps the classes apart better" in many
    assert "before t-SNE helped" in many


def test_without_classes_nothing_is_compared() -> None:
    assert comparison(None, CODE, None, None, {}, 2, 1_000) == ""
    assert comparison(Reference(None, None, 2), CODE, quality(None), quality(None), {}, 2, 1_000) == ""


def test_durations_are_as_long_as_they_can_bear() -> None:
    assert [duration(s) for s in (0.0034, 0.25, 3.14159, 12.3)] == ["3 ms", "0.25 s", "3.1 s", "12 s"]
