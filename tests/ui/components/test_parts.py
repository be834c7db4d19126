"""Which parts of what a component shows are sent."""

from __future__ import annotations

from aelib.ui.components.parts import Parts

CONTENT = {"count": 3}


def test_the_content_of_a_part_comes_once_for_each_key() -> None:
    parts = Parts()
    first = parts.part("map", ("run", 1), lambda: CONTENT)
    again = parts.part("map", ("run", 1), lambda: CONTENT)
    other = parts.part("map", ("run", 2), lambda: CONTENT)
    assert [one and one["content"] for one in (first, again, other)] == [CONTENT, None, CONTENT]
    assert first and again and other and first["key"] == again["key"] != other["key"]


def test_a_part_that_was_taken_off_is_sent_again() -> None:
    parts = Parts()
    parts.part("map", 1, lambda: CONTENT)
    assert parts.part("map", None, lambda: CONTENT) is None
    assert parts.part("map", 1, lambda: CONTENT) == {"key": "1", "content": CONTENT}


def test_another_scene_and_a_tab_that_lost_everything_are_sent_every_part() -> None:
    parts = Parts()
    for lose in (lambda: parts.scene("other", lambda: CONTENT), parts.forget):
        parts.scene("scene", lambda: CONTENT)
        parts.part("map", 1, lambda: CONTENT)
        lose()
        assert parts.part("map", 1, lambda: CONTENT) == {"key": "1", "content": CONTENT}
