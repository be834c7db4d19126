"""A room as JSON and back, checked value by value: a file may be damaged, or written by somebody else."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from typing import Any, TypeVar

from aelib.spec.fields import Real, Whole
from aelib.spec.serialization import from_json, to_json
from aelib.workshop.codes import CODE_LETTERS, LETTERS, PSEUDONYMS
from aelib.workshop.polls import LARGEST_NUMBER, MOST_CHOICES, MOST_POLLS, QUESTION_CHARACTERS, Poll, problem
from aelib.workshop.pooled import LEAST_VALUES, MOST_RUNS, MOST_VALUES, SETTINGS, Pooled, PooledRun
from aelib.workshop.room import (
    MOST_EXPERIMENTS,
    MOST_OWNERS,
    MOST_PARTICIPANTS,
    TITLE_CHARACTERS,
    Freeze,
    Offer,
    Participant,
    Room,
    Spotlight,
)

T = TypeVar("T")

FORMAT = 1
ID = re.compile(r"[A-Za-z0-9_-]{16}")
_OWNER_CHARACTERS = 100
_SECRET = re.compile(r"[A-Za-z0-9_-]{16,86}")
_CODE = re.compile(f"[{LETTERS}]{{{CODE_LETTERS}}}")
# Seconds since 1970, up to the year 2100.
_MOMENT = Real(0, 4_102_444_800)
_NUMBER = Real(-LARGEST_NUMBER, LARGEST_NUMBER)
# Everybody may have started some runs that were paused.
_MOST_PAUSED = 10 * MOST_PARTICIPANTS


class Damaged(ValueError):
    """A value that no room can have; the message says which."""


def to_bytes(room: Room) -> bytes:
    facts = {"format": FORMAT, **asdict(room)}
    if room.offer is not None:
        facts["offer"]["config"] = to_json(room.offer.config)
    for written, pooled in zip(facts["experiments"], room.experiments, strict=True):
        written["config"] = to_json(pooled.config)
    return json.dumps(facts).encode()


def from_bytes(text: bytes) -> Room:
    """Raises `ValueError`, `LookupError`, `TypeError` or `RecursionError` where it is no room."""
    facts = json.loads(text)
    if not isinstance(facts, Mapping) or facts.get("format") != FORMAT:
        raise Damaged("format")
    return Room(
        id=_matching(facts, "id", ID),
        code=_matching(facts, "code", _CODE),
        title=_text(facts, "title", TITLE_CHARACTERS),
        leader=_text(facts, "leader", _OWNER_CHARACTERS),
        lead_key=_matching(facts, "lead_key", _SECRET),
        projector_key=_matching(facts, "projector_key", _SECRET),
        join_key=_matching(facts, "join_key", _SECRET),
        created=_MOMENT.parse("created", facts["created"]),
        ends=_MOMENT.parse("ends", facts["ends"]),
        ended=_moment(facts, "ended"),
        closed=_flag(facts, "closed"),
        board_shown=_flag(facts, "board_shown"),
        offer=_part(facts, "offer", _offer),
        spotlight=_part(facts, "spotlight", _spotlight),
        freeze=_part(facts, "freeze", _freeze),
        participants=tuple(map(_participant, _rows(facts, "participants", MOST_PARTICIPANTS))),
        # An earlier version had neither.
        polls=tuple(map(_poll, _rows({"polls": [], **facts}, "polls", MOST_POLLS))),
        experiments=tuple(map(_pooled, _rows({"experiments": [], **facts}, "experiments", MOST_EXPERIMENTS))),
    )


def _offer(facts: Mapping[str, Any]) -> Offer:
    return Offer(_matching(facts, "id", ID), from_json(facts["config"]), _MOMENT.parse("sent", facts["sent"]))


def _spotlight(facts: Mapping[str, Any]) -> Spotlight:
    return Spotlight(_matching(facts, "participant", ID), _matching(facts, "run_id", ID), _flag(facts, "offered"))


def _freeze(facts: Mapping[str, Any]) -> Freeze:
    return Freeze(_MOMENT.parse("since", facts["since"]), _texts(facts, "paused", _MOST_PAUSED))


def _participant(facts: Mapping[str, Any]) -> Participant:
    name = _text(facts, "name", TITLE_CHARACTERS)
    if name not in PSEUDONYMS:
        raise Damaged("name")
    return Participant(
        id=_matching(facts, "id", ID),
        owners=_texts(facts, "owners", MOST_OWNERS),
        name=name,
        joined=_MOMENT.parse("joined", facts["joined"]),
        return_digest=_matching(facts, "return_digest", _SECRET),
        run_id=None if facts["run_id"] is None else _matching(facts, "run_id", ID),
        hand=_moment(facts, "hand"),
        left=_flag(facts, "left"),
        removed=_flag(facts, "removed"),
    )


def _pooled(facts: Mapping[str, Any]) -> Pooled:
    config, setting, values = from_json(facts["config"]), facts["setting"], facts["values"]
    if setting not in SETTINGS or not isinstance(values, list) or not LEAST_VALUES <= len(values) <= MOST_VALUES:
        raise Damaged("values")
    place, dealt = Whole(0, len(values) - 1), facts["dealt"]
    if not isinstance(dealt, list) or len(dealt) > MOST_PARTICIPANTS:
        raise Damaged("dealt")
    return Pooled(
        id=_matching(facts, "id", ID),
        config=config,
        setting=setting,
        values=tuple(_NUMBER.parse("values", value) for value in values),
        began=_MOMENT.parse("began", facts["began"]),
        dealt=tuple((_matching({"dealt": who}, "dealt", ID), place.parse("dealt", at)) for who, at in dealt),
        runs=tuple(_pooled_run(row, place) for row in _rows(facts, "runs", MOST_RUNS)),
        closed=_flag(facts, "closed"),
    )


def _pooled_run(facts: Mapping[str, Any], place: Whole) -> PooledRun:
    return PooledRun(
        participant=_matching(facts, "participant", ID),
        run_id=_matching(facts, "run_id", ID),
        place=place.parse("place", facts["place"]),
        late=_flag(facts, "late"),
        error=None if facts["error"] is None else _NUMBER.parse("error", facts["error"]),
        pca=None if facts["pca"] is None else _NUMBER.parse("pca", facts["pca"]),
        changed=_flag(facts, "changed"),
    )


def _poll(facts: Mapping[str, Any]) -> Poll:
    choices = _texts(facts, "choices", MOST_CHOICES)
    poll = Poll(
        id=_matching(facts, "id", ID),
        question=_text(facts, "question", QUESTION_CHARACTERS),
        choices=choices,
        low=_NUMBER.parse("low", facts["low"]),
        high=_NUMBER.parse("high", facts["high"]),
        revealed=_flag(facts, "revealed"),
        closed=_flag(facts, "closed"),
    )
    pairs = facts["answers"]
    if problem(poll.question, choices, poll.low, poll.high) or not isinstance(pairs, list):
        raise Damaged("polls")
    answers = tuple((_text({"answers": who}, "answers", 16), _NUMBER.parse("answers", value)) for who, value in pairs)
    if len(answers) > MOST_PARTICIPANTS or not all(poll.takes(value) for _, value in answers):
        raise Damaged("answers")
    return replace(poll, answers=answers)


def _text(facts: Mapping[str, Any], name: str, longest: int) -> str:
    value = facts[name]
    if not isinstance(value, str) or len(value) > longest:
        raise Damaged(name)
    return value


def _matching(facts: Mapping[str, Any], name: str, pattern: re.Pattern[str]) -> str:
    value = facts[name]
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise Damaged(name)
    return value


def _flag(facts: Mapping[str, Any], name: str) -> bool:
    value = facts[name]
    if not isinstance(value, bool):
        raise Damaged(name)
    return value


def _moment(facts: Mapping[str, Any], name: str) -> float | None:
    return None if facts[name] is None else _MOMENT.parse(name, facts[name])


def _part(facts: Mapping[str, Any], name: str, read: Callable[[Mapping[str, Any]], T]) -> T | None:
    value = facts[name]
    if value is None:
        return None
    if not isinstance(value, Mapping):
        raise Damaged(name)
    return read(value)


def _rows(facts: Mapping[str, Any], name: str, most: int) -> list[Mapping[str, Any]]:
    rows = facts[name]
    if not isinstance(rows, list) or len(rows) > most or not all(isinstance(row, Mapping) for row in rows):
        raise Damaged(name)
    return rows


def _texts(facts: Mapping[str, Any], name: str, most: int) -> tuple[str, ...]:
    """Names of owners or of runs."""
    values = facts[name]
    if not isinstance(values, list) or len(values) > most:
        raise Damaged(name)
    return tuple(_text({name: value}, name, _OWNER_CHARACTERS) for value in values)
