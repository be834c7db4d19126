"""What gives way while a hand moves."""

from __future__ import annotations

from aelib.ui.server.hand import REST_SECONDS, Hand


def test_a_hand_that_never_moved_rests() -> None:
    assert Hand().rests


def test_a_hand_rests_when_it_has_not_moved_for_a_while() -> None:
    now = 10.0
    hand = Hand(lambda: now)
    hand.moves()
    assert not hand.rests
    now += 2 * REST_SECONDS
    assert hand.rests


def test_each_name_is_interrupted_once_by_what_was_given_last() -> None:
    heard: list[str] = []
    hand = Hand()
    hand.interrupts("a", lambda: heard.append("old"))
    hand.interrupts("a", lambda: heard.append("new"))
    hand.interrupts("b", lambda: heard.append("b"))
    hand.moves()
    hand.moves()
    assert sorted(heard) == ["b", "new"]
