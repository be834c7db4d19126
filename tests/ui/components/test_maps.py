"""What the three maps are sent, and the words and the table beside them."""

from __future__ import annotations

import json
from typing import Any

import numpy as np

from aelib.analysis.latent_space.embeddings import Flattening, Quality, Reference
from aelib.ui.components.maps.payload import Panel, Part, Shown, Value, Viewer
from aelib.ui.pages.latent_space.encoder_layers import EncoderLayer, encoder_layers
from aelib.ui.pages.latent_space.map_words import comparison, duration, verdicts
from aelib.ui.pages.latent_space.three_maps import Asked, code_title
from tests.samples import settings

HIDDEN, CODE = encoder_layers(settings(widths=(128,), code_size=8))
POINTS = np.arange(8, dtype=np.float32).reshape(4, 2)


def shown(step: int = 1, scene: str = "digits/4", **changes: Any) -> Shown:
    panels = {
        "code": Panel("Code", "", "", Part(("run", step), {"points": POINTS + step}), (Value("5-NN", "90%", "why"),)),
        "pca": Panel("PCA", "", "", Part("pca", {"points": POINTS})),
        "tsne": Panel("t-SNE", "", "press", None),
    }
    looks = Part(step, {"errors": np.zeros(4, np.float32)}, {"reconstructions": np.zeros((4, 3 * 784), np.uint8)})
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
    np.testing.assert_array_equal(array(block, said["scene"]["content"]["indices"]), [0, 5, 10, 15])
    assert said["scene"]["content"]["classes"] == ["0", "1", "2", "3"]
    np.testing.assert_array_equal(array(block, said["parts"]["code"]["content"]["arrays"]["points"]), POINTS + 1)
    np.testing.assert_array_equal(array(block, said["parts"]["pca"]["content"]["arrays"]["points"]), POINTS)
    assert said["parts"]["code"]["content"]["dims"] == 2
    assert said["parts"]["tsne"] is None
    assert said["panels"]["code"]["values"] == [{"label": "5-NN", "value": "90%", "help": "why"}]
    assert set(said["parts"]["looks"]["content"]["arrays"]) == {"errors"}
    assert array(block, said["scene"]["content"]["images"]).shape == (4, 1, 28, 28)
    assert array(block, said["parts"]["looks"]["content"]["images"]["reconstructions"]).shape == (4, 3, 28, 28)


def test_later_only_what_changed_is_sent() -> None:
    viewer = Viewer()
    viewer.payload(shown())
    said = header(viewer.payload(shown(step=2)))
    assert said["scene"]["content"] is said["parts"]["pca"]["content"] is None
    assert said["parts"]["code"]["content"] and said["parts"]["looks"]["content"]


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
    assert said["scene"]["content"] and said["parts"]["pca"]["content"]


def test_what_was_taken_off_and_comes_back_is_sent_again() -> None:
    viewer = Viewer()
    viewer.payload(shown())
    assert header(viewer.payload(shown(looks=None)))["parts"]["looks"] is None
    assert header(viewer.payload(shown()))["parts"]["looks"]["content"]


def test_a_table_says_what_its_columns_are_of() -> None:
    panels = {"code": Panel("Hidden layer 1 (PCA)", "", "", None, column=HIDDEN.column)}
    assert header(Viewer().payload(shown(panels=panels)))["panels"]["code"]["column"] == "hidden_layer_1"


def test_a_title_says_what_is_shown_and_how_it_came_into_the_map() -> None:
    def title(layer: EncoderLayer, dims: int, *flattening: Any) -> str:
        return code_title(Asked(layer, 500, dims, Flattening(*flattening), None))

    two, three = (encoder_layers(settings(widths=(), code_size=size))[-1] for size in (2, 3))
    assert title(two, 2, "pca") == title(two, 3, "tsne") == "Code (2-D)"
    assert title(three, 3, "pca") == "Code (3-D)"
    assert title(three, 2, "pca") == "Code (PCA)"
    assert title(CODE, 2, "units", (4, 0)) == "Code: units 5, 1"
    assert title(HIDDEN, 2, "pca") == "Hidden layer 1 (PCA)"
    assert title(HIDDEN, 2, "tsne") == "Hidden layer 1 (t-SNE)"


def right(accuracy: float) -> np.ndarray:
    return np.arange(1_000) < 1_000 * accuracy


def quality(accuracy: float | None) -> Quality:
    return Quality(0.9, 0.9, None if accuracy is None else right(accuracy), 500)


def test_accuracies_are_told_in_words() -> None:
    maps = {"pixels": quality(0.88), "code": quality(0.93)}
    said = comparison(Reference(right(0.9), right(0.95), 8), CODE, quality(0.4), maps, 2, 1_000)
    for words in ("**90%** in all 784 pixels", "**95%** in the 8-D code", "**40%** with 2 principal components"):
        assert words in said
    assert "**88%** on the t-SNE map of the pixels, **93%** on the t-SNE map of the code" in said
    found = Reference(right(0.95), right(0.9), 8, right(0.92))
    assert "**92%** in the 128 units of hidden layer 1" in comparison(found, HIDDEN, None, {}, 2, 1_000)


def judged(
    found: Reference | None, layer: EncoderLayer, shown: Quality | None, pca: Quality | None, **maps: Quality | None
) -> list[str]:
    return [f"{one.claim} {one.answer}" for one in verdicts(found, layer, shown, pca, maps, "1,000 images")]


def test_claims_are_judged_as_their_figures_come() -> None:
    codes = Reference(right(0.9), right(0.95), 8)
    assert judged(codes, CODE, quality(0.3), quality(0.4)) == ["C23 supported", "C2 refuted"]
    maps = {"pixels": quality(0.88), "code": quality(0.93)}
    assert judged(codes, CODE, None, None, **maps) == ["C23 supported", "C20 supported"]
    assert judged(codes, CODE, None, None, pixels=quality(0.88)) == ["C23 supported"]
    hidden = Reference(right(0.95), right(0.9), 8, right(0.92))
    assert judged(hidden, HIDDEN, quality(0.5), quality(0.4)) == ["C29 undecided", "C2 supported"]


def test_without_classes_nothing_is_compared() -> None:
    none = Reference(None, None, 2)
    for found in (None, none):
        assert comparison(found, CODE, quality(None), {}, 2, 1_000) == ""
        assert judged(found, CODE, quality(None), quality(None), pixels=quality(None), code=quality(None)) == []


def test_durations_are_as_long_as_they_can_bear() -> None:
    assert [duration(s) for s in (0.0034, 0.25, 3.14159, 12.3)] == ["3 ms", "0.25 s", "3.1 s", "12 s"]
