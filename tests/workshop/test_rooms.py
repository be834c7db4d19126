"""Rooms: who may come in, what is kept over a restart, and what freezing gives back."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from aelib.runs import Run, Runs
from aelib.runs.status import Status
from aelib.spec.config import RunConfig
from aelib.workshop import Refused, Room, Rooms
from aelib.workshop.codes import ADJECTIVES, ANIMALS, LETTERS, PSEUDONYMS, spaced
from aelib.workshop.room import KEPT_SECONDS
from aelib.workshop.rooms import BY_ALL, BY_VISITOR
from tests.runs.waiting import wait_for, wait_until

CONFIG = RunConfig(dataset="digits", widths=(), code_size=4, epochs=500)
NAMES = sorted(PSEUDONYMS)


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def rooms(runs: Runs, home: Path, clock: Clock) -> Rooms:
    return Rooms(home, runs, clock)


@pytest.fixture
def room(rooms: Rooms) -> Room:
    return rooms.open("Saturday", "leader")


def now(rooms: Rooms, room: Room) -> Room:
    found = rooms.get(room.id)
    assert found is not None
    return found


# ---- coming in ------------------------------------------------------------------------------------------------------


def test_a_code_has_six_letters_none_of_which_is_mistaken_for_another(room: Room) -> None:
    assert len(room.code) == 6 and set(room.code) <= set(LETTERS)
    assert not set(LETTERS) & set("AEIOUBLNQSW")


def test_a_code_may_be_typed_in_any_case_and_with_spaces(rooms: Rooms, room: Room) -> None:
    for text in (room.code, room.code.lower(), spaced(room.code), f" {room.code[:3]}-{room.code[3:]} "):
        assert rooms.coded(text, "visitor").id == room.id


def test_pseudonyms_are_the_rooms_own_and_unique(rooms: Rooms, room: Room) -> None:
    assert len(PSEUDONYMS) == len(ADJECTIVES) * len(ANIMALS) > 2_000
    rooms.join(room.id, ("one",), NAMES[0])
    for name in (NAMES[0], "<b>Anna</b>", ""):
        with pytest.raises(Refused):
            rooms.join(room.id, ("two",), name)


def test_whoever_comes_again_is_the_same_person(rooms: Rooms, room: Room) -> None:
    person, _ = rooms.join(room.id, ("one",), NAMES[0])
    rooms.leave(room.id, person.id)
    assert rooms.of(("one",)) is None
    again = rooms.admit_again(room.id, ("one", "another cookie"))
    assert again is not None and (again.id, again.name) == (person.id, person.name)
    assert len(now(rooms, room).participants) == 1


def test_a_return_code_makes_another_device_the_same_person(rooms: Rooms, room: Room) -> None:
    person, code = rooms.join(room.id, ("laptop",), NAMES[0])
    assert rooms.come_back(room.id, spaced(code).lower(), "phone").id == person.id
    for owner in ("laptop", "phone"):
        found = rooms.of((owner,))
        assert found is not None and found[1].id == person.id
    # It is nowhere to be read.
    assert code not in repr(now(rooms, room))


def test_a_closed_room_takes_no_newcomers_and_keeps_its_people(rooms: Rooms, room: Room) -> None:
    person, _ = rooms.join(room.id, ("one",), NAMES[0])
    rooms.set(room.id, closed=True)
    with pytest.raises(Refused, match="closed"):
        rooms.join(room.id, ("two",), NAMES[1])
    rooms.leave(room.id, person.id)
    assert rooms.admit_again(room.id, ("one",)) is not None


def test_who_was_removed_is_out_and_stays_out(rooms: Rooms, room: Room) -> None:
    person, code = rooms.join(room.id, ("one",), NAMES[0])
    rooms.remove(room.id, person.id)
    assert rooms.of(("one",)) is None
    with pytest.raises(Refused, match="removed"):
        rooms.join(room.id, ("one",), NAMES[1])
    with pytest.raises(Refused, match="removed"):
        rooms.come_back(room.id, code, "phone")


def test_thirty_who_join_at_once_are_thirty_and_a_pseudonym_goes_to_one(rooms: Rooms, room: Room, home: Path) -> None:
    start = threading.Barrier(30)

    def join(number: int) -> bool:
        start.wait()
        try:
            # Always two want the same name.
            rooms.join(room.id, (f"owner {number}",), NAMES[number // 2])
        except Refused:
            return False
        return True

    with ThreadPoolExecutor(30) as threads:
        assert sum(threads.map(join, range(30))) == 15
    names = [person.name for person in now(rooms, room).participants]
    assert sorted(names) == NAMES[:15]
    assert len(json.loads((home / "rooms" / f"{room.id}.json").read_bytes())["participants"]) == 15


# ---- guessing -------------------------------------------------------------------------------------------------------


def test_a_visitor_who_guesses_is_stopped_and_neighbours_are_not(rooms: Rooms, room: Room) -> None:
    most = BY_VISITOR[0]
    for _ in range(most):
        with pytest.raises(Refused, match="No open room"):
            rooms.coded("CCCCCC" if room.code != "CCCCCC" else "DDDDDD", "guesser")
    with pytest.raises(Refused, match="Too many"):
        rooms.coded(room.code, "guesser")
    assert rooms.coded(room.code, "neighbour").id == room.id


def test_a_guesser_who_deletes_cookies_is_stopped_and_links_let_people_in(rooms: Rooms, room: Room) -> None:
    for number in range(BY_ALL[0] + 1):
        with pytest.raises(Refused):
            rooms.coded("CCCCCC" if room.code != "CCCCCC" else "DDDDDD", f"guesser {number}")
    with pytest.raises(Refused, match="QR code"):
        rooms.coded(room.code, "somebody of the class")
    found = rooms.joined_with(room.join_key)
    assert found is not None
    rooms.join(found.id, ("somebody of the class",), NAMES[0])


def test_each_link_leads_to_one_seat(rooms: Rooms, room: Room) -> None:
    keys = {room.lead_key, room.projector_key, room.join_key}
    assert len(keys) == 3 and min(map(len, keys)) >= 22
    seats = (rooms.led_with, rooms.projected_with, rooms.joined_with)
    for key in (*keys, room.code, room.id, "", room.lead_key[:-1], "é"):
        assert sum(seat(key) is not None for seat in seats) == (key in keys)


# ---- over a restart -------------------------------------------------------------------------------------------------


def test_a_restart_changes_nothing(rooms: Rooms, runs: Runs, home: Path, clock: Clock) -> None:
    room = rooms.open("Übung 1 <b>", "leader", 3)
    person, code = rooms.join(room.id, ("one", "two"), NAMES[0])
    run = runs.create(CONFIG, "one", train=False)
    rooms.note(room.id, person.id, run.id)
    rooms.raise_hand(room.id, person.id, True)
    rooms.send(room.id, CONFIG)
    rooms.spotlight(room.id, person.id, offered=True)
    rooms.freeze(room.id)
    rooms.set(room.id, closed=True, board_shown=True)
    again = Rooms(home, runs, clock)
    assert again.get(room.id) == rooms.get(room.id)
    assert again.come_back(room.id, code, "three").name == NAMES[0]


POLL = {"id": "x" * 16, "question": "?", "choices": ["a", "b"], "low": 0, "high": 1, "answers": [], "revealed": False}
POLL |= {"closed": False}
DAMAGES: list[Any] = [
    b"",
    b"{",
    b"[" * 100_000,
    b"[]",
    {"format": 2},
    {"title": 1},
    {"title": "x" * 100},
    {"code": "AAAAAA"},
    {"lead_key": ""},
    {"ends": float("nan")},
    {"closed": "no"},
    {"participants": [{}]},
    {"participants": {"a": 1}},
    {"offer": {"id": "x" * 16, "config": {"epochs": -1}, "sent": 0}},
    {"freeze": []},
    {"polls": [{}]},
    {"polls": [POLL | {"choices": ["a"]}]},
    {"polls": [POLL | {"answers": [["x", 2]]}]},
    {"polls": [POLL | {"answers": {"x": 1}}]},
    {"id": "another-16-chars"},
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: str(damage)[:30])
def test_a_damaged_room_is_set_aside_and_others_stay(
    rooms: Rooms, room: Room, runs: Runs, home: Path, damage: Any
) -> None:
    other = rooms.open("Sunday", "leader")
    file = home / "rooms" / f"{room.id}.json"
    file.write_bytes(
        damage if isinstance(damage, bytes) else json.dumps(json.loads(file.read_text()) | damage).encode()
    )
    again = Rooms(home, runs)
    assert [found.id for found in again.all()] == [other.id]
    assert not file.exists() and len(list((home / "damaged").iterdir())) == 1


def test_a_room_of_an_earlier_version_is_read(rooms: Rooms, room: Room, runs: Runs, home: Path) -> None:
    file = home / "rooms" / f"{room.id}.json"
    facts = json.loads(file.read_text())
    del facts["polls"]
    file.write_text(json.dumps(facts))
    assert Rooms(home, runs).all() == [room]


def test_a_participant_with_a_made_up_name_is_damage(rooms: Rooms, room: Room, runs: Runs, home: Path) -> None:
    rooms.join(room.id, ("one",), NAMES[0])
    file = home / "rooms" / f"{room.id}.json"
    file.write_text(file.read_text().replace(NAMES[0], "<script>"))
    assert Rooms(home, runs).all() == []


def test_what_a_full_disk_does_not_take_is_written_later(
    rooms: Rooms, room: Room, runs: Runs, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("aelib.workshop.rooms.replacing", full)
        rooms.join(room.id, ("one",), NAMES[0])
    assert len(now(rooms, room).participants) == 1
    assert Rooms(home, runs).all()[0].participants == ()
    rooms.sweep()
    assert len(Rooms(home, runs).all()[0].participants) == 1


# ---- the end --------------------------------------------------------------------------------------------------------


def test_a_room_ends_by_itself_and_is_deleted_later(rooms: Rooms, clock: Clock, home: Path) -> None:
    room = rooms.open("", "leader", 1)
    rooms.join(room.id, ("one",), NAMES[0])
    rooms.extend(room.id)
    clock.now += 3600
    rooms.sweep()
    assert rooms.of(("one",)) is not None
    clock.now += 3600
    rooms.sweep()
    assert rooms.of(("one",)) is None
    assert rooms.joined_with(room.join_key) is None
    assert [found.open for found in rooms.led_by(["leader"])] == [False]
    with pytest.raises(Refused, match="ended"):
        rooms.join(room.id, ("two",), NAMES[1])
    clock.now += KEPT_SECONDS
    rooms.sweep()
    assert rooms.all() == [] and list((home / "rooms").iterdir()) == []


def test_a_leader_opens_no_more_rooms_than_are_allowed(rooms: Rooms) -> None:
    for _ in range(5):
        rooms.open("x", "leader")
    with pytest.raises(Refused, match="5 open rooms"):
        rooms.open("x", "leader")
    rooms.open("x", "another")


# ---- training -------------------------------------------------------------------------------------------------------


@pytest.fixture
def training(runs: Runs) -> Run:
    run = runs.create(CONFIG, "one", train=True)
    wait_for(run, lambda view: view.step > 0)
    return run


def test_only_ones_own_run_is_noted(rooms: Rooms, room: Room, runs: Runs, training: Run) -> None:
    other, _ = rooms.join(room.id, ("two",), NAMES[1])
    rooms.note(room.id, other.id, training.id)
    assert now(rooms, room).participants[0].run_id is None
    person, _ = rooms.join(room.id, ("one",), NAMES[0])
    rooms.note(room.id, person.id, training.id)
    assert now(rooms, room).participants[1].run_id == training.id
    rooms.note(room.id, person.id, "x" * 16)
    assert now(rooms, room).participants[1].run_id == training.id


def test_freezing_pauses_what_trains_and_releasing_gives_it_back(
    rooms: Rooms, room: Room, runs: Runs, training: Run
) -> None:
    resting = runs.create(CONFIG, "two", train=False)
    for owner, run, name in (("one", training, NAMES[0]), ("two", resting, NAMES[1])):
        person, _ = rooms.join(room.id, (owner,), name)
        rooms.note(room.id, person.id, run.id)
    rooms.freeze(room.id)
    assert training.status == Status.PAUSED
    # Whoever trains nevertheless is paused at the next look.
    training.train()
    rooms.note(room.id, now(rooms, room).participants[0].id, training.id)
    assert training.status == Status.PAUSED
    step = training.trained_steps
    rooms.release(room.id)
    wait_for(training, lambda view: view.step > step)
    wait_until(lambda: resting.status == Status.PAUSED)
    assert resting.trained_steps == 0
    assert now(rooms, room).freeze is None
    training.pause()


@pytest.mark.parametrize("way", ["leave", "remove", "end", "delete"])
def test_nobody_stays_frozen_who_is_out_of_the_room(rooms: Rooms, room: Room, training: Run, way: str) -> None:
    person, _ = rooms.join(room.id, ("one",), NAMES[0])
    rooms.note(room.id, person.id, training.id)
    rooms.freeze(room.id)
    assert not training.trains
    getattr(rooms, way)(*((room.id,) if way in ("end", "delete") else (room.id, person.id)))
    assert training.trains
    training.pause()
