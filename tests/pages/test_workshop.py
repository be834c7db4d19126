"""The Workshop page without a browser: the seats, who gets in, and what reaches a participant."""

from __future__ import annotations

from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from aelib.runs import Run, Runs
from aelib.ui.server.visitors import Visitor
from aelib.ui.session import workshop
from aelib.workshop import Room, Rooms
from aelib.workshop.codes import PSEUDONYMS
from tests.pages.conftest import VISITOR
from tests.pages.visit import opened, query, sound

PAGE = "pages/workshop.py"
NAMES = sorted(PSEUDONYMS)


@pytest.fixture
def rooms(runs: Runs) -> Rooms:
    return workshop.server_rooms()


@pytest.fixture
def room(rooms: Rooms) -> Room:
    return rooms.open("Saturday <b>x</b> [y](http://e.vil)", "leader")


def now(rooms: Rooms, room: Room) -> Room:
    found = rooms.get(room.id)
    assert found is not None
    return found


def keys(app: AppTest) -> set[str]:
    return {str(button.key) for button in app.button}


def at(**query: str) -> AppTest:
    """The Workshop page by an address, which switching pages forgets."""
    app = opened(PAGE, **query)
    for name, value in query.items():
        app.query_params[name] = value
    return sound(app.run())


def strip() -> AppTest:
    """The line above every page, alone: AppTest runs app.py only once a visit."""

    def script() -> None:
        from aelib.ui.panels.room_strip import room_strip
        from aelib.ui.session.session import enter

        enter()
        room_strip()

    return sound(AppTest.from_function(script, default_timeout=60).run())


def test_whoever_opens_a_room_leads_it(rooms: Rooms) -> None:
    app = opened(PAGE)
    app.text_input[1].set_value("Saturday")
    sound(next(button for button in app.button if button.label == "Open the room").click().run())
    (room,) = rooms.all()
    assert (room.title, room.leader) == ("Saturday", VISITOR)
    assert "workshop.end" in keys(app)
    assert query(app)["lead"] == room.lead_key


def test_a_code_and_a_pseudonym_let_a_visitor_in(rooms: Rooms, room: Room) -> None:
    app = opened(PAGE)
    app.text_input[0].set_value("CCCCCC" if room.code != "CCCCCC" else "DDDDDD")
    sound(app.button[0].click().run())
    assert "No open room" in app.warning[0].value
    app.text_input[0].set_value(room.code.lower())
    sound(app.button[0].click().run())
    chosen = app.radio(key="workshop.name").value
    sound(app.button(key="workshop.join").click().run())
    found = rooms.of((VISITOR,))
    assert found is not None and found[1].name == chosen
    assert str(chosen) in app.success[0].value
    assert "workshop.end" not in keys(app)
    assert keys(strip()) == {"room.hand"}


def test_the_rooms_link_leads_to_its_door_and_a_wrong_one_nowhere(rooms: Rooms, room: Room) -> None:
    assert "workshop.join" in keys(at(join=room.join_key))
    app = at(join="x" * 22)
    assert "workshop.join" not in keys(app) and "no open room" in app.warning[0].value


@pytest.mark.parametrize("seat", ["lead", "projector"])
def test_only_the_right_key_leads_to_a_seat(rooms: Rooms, room: Room, seat: str) -> None:
    right = {"lead": room.lead_key, "projector": room.projector_key}
    for key in (room.join_key, room.code, room.id, *(right[other] for other in right if other != seat)):
        app = at(**{seat: key})
        assert "workshop.end" not in keys(app) and any(one.value == "Join a room" for one in app.subheader)
    app = at(**{seat: right[seat]})
    assert ("workshop.end" in keys(app)) == (seat == "lead")
    assert all(one.value != "Join a room" for one in app.subheader)


def test_names_are_shown_letter_by_letter(rooms: Rooms, room: Room) -> None:
    app = at(join=room.join_key)
    (title,) = [one.value for one in app.subheader]
    assert "<b>" not in title and "](" not in title


def test_a_participant_takes_the_settings_that_the_leader_sends(rooms: Rooms, room: Room) -> None:
    rooms.join(room.id, (VISITOR,), NAMES[0])
    app = strip()
    mine = app.session_state["config"]
    sent = replace(mine, code_size=7)
    rooms.send(room.id, sent)
    sound(app.run())
    assert any("7 latent dimensions" in one.value for one in app.markdown)
    assert app.session_state["config"] == mine
    # There is no Train page here to go to.
    app.button(key="room.take").click().run()
    assert app.session_state["config"] == sent
    assert keys(sound(app.run())) == {"room.hand"}


def test_settings_that_are_declined_are_not_offered_again(rooms: Rooms, room: Room) -> None:
    rooms.join(room.id, (VISITOR,), NAMES[0])
    app = strip()
    mine = app.session_state["config"]
    rooms.send(room.id, replace(mine, code_size=7))
    sound(app.run())
    sound(app.button(key="room.decline").click().run())
    assert keys(sound(app.run())) == {"room.hand"} and app.session_state["config"] == mine
    rooms.send(room.id, replace(mine, code_size=9))
    assert "room.take" in keys(sound(app.run()))


def test_a_question_is_answered_and_shown_when_it_is_revealed(rooms: Rooms, room: Room) -> None:
    rooms.join(room.id, (VISITOR,), NAMES[0])
    rooms.ask(room.id, "Who <b>wins</b>?", ["PCA", "the *network*"])
    app = strip()
    assert any("<b>" not in one.value and "wins" in one.value for one in app.markdown)
    app.radio[0].set_value(1)
    sound(next(button for button in app.button if button.label == "Send").click().run())
    poll = now(rooms, room).poll
    assert poll is not None and [value for _, value in poll.answers] == [1.0]
    assert "Who" not in "".join(one.value for one in opened(PAGE).markdown)
    rooms.reveal(room.id)
    assert any("Who" in one.value for one in opened(PAGE).markdown)
    assert keys(strip()) == {"room.hand"}


def test_the_leader_asks_and_reveals(rooms: Rooms, room: Room) -> None:
    app = at(lead=room.lead_key)
    app.text_area[0].set_value("Which?")
    app.text_area[1].set_value("one\ntwo\n\n")
    sound(next(button for button in app.button if button.label == "Ask everybody").click().run())
    poll = now(rooms, room).poll
    assert poll is not None and poll.choices == ("one", "two")
    sound(app.button(key="workshop.poll.reveal").click().run())
    assert (now(rooms, room).poll or poll).revealed
    sound(app.button(key="workshop.poll.close").click().run())
    assert now(rooms, room).poll is None


def test_a_participant_trains_what_was_dealt_for_the_experiment(rooms: Rooms, room: Room, runs: Runs) -> None:
    person, _ = rooms.join(room.id, (VISITOR,), NAMES[0])
    app = strip()
    rooms.experiment(room.id, app.session_state["config"], "code_size", "5, 9")
    sound(app.run())
    assert app.button(key="room.experiment").label == "Train with 5 latent dimensions"
    # There is no Train page here to go to.
    app.button(key="room.experiment").click().run()
    experiment = now(rooms, room).experiment
    assert experiment is not None
    (noted,) = experiment.runs
    assert noted.participant == person.id
    assert runs.get(noted.run_id).settings == experiment.config_for(person.id)
    assert keys(sound(app.run())) == {"room.hand"}
    assert any("0 of 1 runs finished" in one.value for one in opened(PAGE).markdown)
    runs.delete(noted.run_id)


def test_a_raised_hand_reaches_the_leader(rooms: Rooms, room: Room) -> None:
    rooms.join(room.id, (VISITOR,), NAMES[0])
    app = strip()
    for raised in (True, False):
        sound(app.button(key="room.hand").click().run())
        assert (now(rooms, room).participants[0].hand is not None) == raised


def test_the_board_belongs_to_the_leader_until_it_is_shown(rooms: Rooms, room: Room) -> None:
    rooms.join(room.id, (VISITOR,), NAMES[0])
    assert workshop.shown_tiles(room.id) is None
    assert len(workshop.leader_tiles(room.id) or []) == 1
    rooms.set(room.id, board_shown=True)
    assert len(workshop.shown_tiles(room.id) or []) == 1
    rooms.end(room.id)
    assert workshop.shown_tiles(room.id) is None


def test_what_the_visitor_looks_at_is_noted_for_the_board(rooms: Rooms, room: Room, trained: Run) -> None:
    rooms.join(room.id, (VISITOR,), NAMES[0])
    opened(run=trained.id)
    assert now(rooms, room).participants[0].run_id == trained.id


def test_a_run_of_somebody_else_is_not(rooms: Rooms, room: Room, trained: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aelib.ui.session.session.visitor", lambda: Visitor(("another",), lasting=True))
    rooms.join(room.id, ("another",), NAMES[0])
    opened(run=trained.id)
    assert now(rooms, room).participants[0].run_id is None


def test_an_ended_room_offers_its_results_and_can_be_deleted(rooms: Rooms, room: Room, trained: Run) -> None:
    person, _ = rooms.join(room.id, (VISITOR,), NAMES[0])
    rooms.note(room.id, person.id, trained.id)
    rooms.end(room.id)
    app = at(lead=room.lead_key)
    assert any("has ended" in one.value for one in app.subheader)
    sound(app.button(key="workshop.delete").click().run())
    assert rooms.all() == []
