"""All rooms of this server: opened, joined, led, and kept on disk, a file a room."""

from __future__ import annotations

import hmac
import logging
import math
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from aelib.host.files import remove_parts, replacing
from aelib.runs import Run, Runs, Unreadable
from aelib.runs.status import Status
from aelib.spec.config import RunConfig
from aelib.workshop import codes
from aelib.workshop.attempts import Attempts
from aelib.workshop.polls import MOST_POLLS, Poll, problem
from aelib.workshop.pooled import MOST_RUNS, Pooled, PooledRun, parsed
from aelib.workshop.room import (
    KEPT_SECONDS,
    LEAST_HOURS,
    MOST_EXPERIMENTS,
    MOST_HOURS,
    MOST_OWNERS,
    MOST_PARTICIPANTS,
    TITLE_CHARACTERS,
    USUAL_HOURS,
    Freeze,
    Offer,
    Participant,
    Room,
    Spotlight,
)
from aelib.workshop.room_file import ID, from_bytes, to_bytes

log = logging.getLogger(__name__)

MOST_ROOMS, MOST_OF_LEADER = 200, 5
# Wrong codes: of one visitor, of all visitors together, and wrong return codes of one room. With 15^6 codes and one
# more try a second, guessing the code of a room takes two months on average.
BY_VISITOR, BY_ALL, BY_ROOM = (10, 30.0), (200, 1.0), (60, 10.0)

UNKNOWN_CODE = "No open room has this code. Check the six letters on the projector."
TOO_MANY = "Too many wrong codes were entered. Scan the QR code, open the room's link, or wait a minute."
REMOVED = "The leader has removed you from this room."
CLOSED = "This room is closed to newcomers. Ask its leader."
OVER = "This room has ended."
FULL = f"This room is full ({MOST_PARTICIPANTS} participants)."
TAKEN = "Somebody else has just taken this pseudonym. Choose another."
UNKNOWN_RETURN = "Nobody in this room has this return code."


class Refused(Exception):
    """What a visitor may not do; the message is one sentence for the user."""


@dataclass(frozen=True)
class Presence:
    """What is known of a participant whose pages are open, in seconds of `time.monotonic`. `progress_at`: when the
    person last changed to another run, or the run had trained further. `reached`: that run and its step."""

    seen_at: float
    progress_at: float
    reached: tuple[str, int] | None


class Rooms:
    """Every change is on disk before it shows, if the disk takes it; where it does not, it is written with the next
    change. A room, a participant's id and an owner's name are for who may use them: whoever calls has checked that."""

    def __init__(self, home: Path, runs: Runs, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._damaged = home / "rooms", home / "damaged"
        self.runs = runs
        self._clock = clock
        self._lock = threading.RLock()
        self._by_visitor, self._by_all, self._by_room = Attempts(*BY_VISITOR), Attempts(*BY_ALL), Attempts(*BY_ROOM)
        self._presence: dict[str, Presence] = {}
        self._versions: dict[str, int] = {}
        self._unwritten: set[str] = set()
        self._rooms = self._read()

    # Finding a room.

    def get(self, room_id: str) -> Room | None:
        with self._lock:
            return self._rooms.get(room_id)

    def all(self) -> list[Room]:
        with self._lock:
            return list(self._rooms.values())

    def version(self, room_id: str) -> int:
        """Rises with every change of the room."""
        return self._versions.get(room_id, 0)

    def led_by(self, owners: Iterable[str]) -> list[Room]:
        """The rooms that a visitor with these names opened, newest first, ended ones among them."""
        names = set(owners)
        mine = [room for room in self.all() if room.leader in names]
        return sorted(mine, key=lambda room: -room.created)

    def led_with(self, key: str) -> Room | None:
        """The room whose leader's link holds this key."""
        return self._find(lambda room: _same(room.lead_key, key))

    def projected_with(self, key: str) -> Room | None:
        """The room whose projector link holds this key."""
        return self._find(lambda room: _same(room.projector_key, key))

    def joined_with(self, key: str) -> Room | None:
        """The open room whose link for participants holds this key."""
        return self._find(lambda room: room.open and _same(room.join_key, key))

    def coded(self, text: str, visitor: str) -> Room:
        """The open room of a code that a visitor typed. Raises `Refused`; wrong codes are counted."""
        code = codes.typed(text)
        if not (self._by_visitor.allowed(visitor) and self._by_all.allowed(None)):
            raise Refused(TOO_MANY)
        room = self._find(lambda room: room.open and _same(room.code, code))
        if room is None:
            self._by_visitor.failed(visitor)
            self._by_all.failed(None)
            raise Refused(UNKNOWN_CODE)
        return room

    def of(self, owners: tuple[str, ...]) -> tuple[Room, Participant] | None:
        """The open room that the visitor with these names is in, the one joined last, and who the visitor is there."""
        inside = [
            (room, person)
            for room in self.all()
            if room.open and (person := room.of(owners)) is not None and person.present
        ]
        return max(inside, key=lambda found: found[1].joined, default=None)

    # What a visitor does.

    def open(self, title: str, leader: str, hours: float = USUAL_HOURS) -> Room:
        """Opens a room for `leader`. Raises `Refused`."""
        title = " ".join(title.split())[:TITLE_CHARACTERS]
        now = self._clock()
        with self._lock:
            if len(self._rooms) >= MOST_ROOMS:
                raise Refused(f"This server has {MOST_ROOMS} rooms already. Try again later.")
            if len([room for room in self.led_by([leader]) if room.open]) >= MOST_OF_LEADER:
                raise Refused(f"You have {MOST_OF_LEADER} open rooms already. End one of them first.")
            room = Room(
                id=_new_id(),
                code=codes.new_code([room.code for room in self._rooms.values()]),
                title=title or "Workshop",
                leader=leader,
                lead_key=codes.new_key(),
                projector_key=codes.new_key(),
                join_key=codes.new_key(),
                created=now,
                ends=now + 3600 * min(max(hours, LEAST_HOURS), MOST_HOURS),
            )
            self._set(room)
        return room

    def join(self, room_id: str, owners: tuple[str, ...], name: str) -> tuple[Participant, str]:
        """Takes the visitor with these names into the room, as `name`; who that is there, and the return code, which
        is not kept. Raises `Refused`."""
        with self._lock:
            room = self._open(room_id)
            if self.admit_again(room_id, owners) is not None:
                raise Refused("You are in this room already.")
            if room.closed:
                raise Refused(CLOSED)
            if len(room.participants) >= MOST_PARTICIPANTS:
                raise Refused(FULL)
            if name not in codes.PSEUDONYMS or name in {person.name for person in room.participants}:
                raise Refused(TAKEN)
            code = codes.new_code(length=codes.RETURN_LETTERS)
            person = Participant(_new_id(), owners[:MOST_OWNERS], name, self._clock(), codes.digest(code))
            self._set(replace(room, participants=(*room.participants, person)))
        return person, code

    def admit_again(self, room_id: str, owners: tuple[str, ...]) -> Participant | None:
        """The participant that this visitor is already, back in the room where the person had left; None for
        newcomers. Raises `Refused` for one who was removed."""
        with self._lock:
            room = self._open(room_id)
            person = room.of(owners)
            if person is None:
                return None
            if person.removed:
                raise Refused(REMOVED)
            if person.left:
                person = self._change(room, person, left=False)
            return person

    def come_back(self, room_id: str, return_code: str, owner: str) -> Participant:
        """The participant of a return code, who is at another device now. Raises `Refused`; wrong codes are counted."""
        with self._lock:
            room = self._open(room_id)
            if not (self._by_room.allowed(room_id) and self._by_visitor.allowed(owner)):
                raise Refused("Too many wrong return codes were entered. Wait a minute.")
            known = codes.digest(codes.typed(return_code))
            person = next((one for one in room.participants if _same(one.return_digest, known)), None)
            if person is None:
                self._by_room.failed(room_id)
                self._by_visitor.failed(owner)
                raise Refused(UNKNOWN_RETURN)
            if person.removed:
                raise Refused(REMOVED)
            owners = tuple(dict.fromkeys((owner, *person.owners)))[:MOST_OWNERS]
            return self._change(room, person, owners=owners, left=False)

    def leave(self, room_id: str, participant_id: str) -> None:
        self._let_go(room_id, participant_id, left=True)

    def raise_hand(self, room_id: str, participant_id: str, raised: bool) -> None:
        with self._lock:
            found = self._present(room_id, participant_id)
            if found is not None and (found[1].hand is not None) != raised:
                self._change(*found, hand=self._clock() if raised else None)

    def answer(self, room_id: str, participant_id: str, poll_id: str, value: float) -> None:
        """Answers the question, or changes the answer. Raises `Refused`."""
        with self._lock:
            found = self._present(room_id, participant_id)
            poll = None if found is None else found[0].poll
            if found is None or poll is None or poll.id != poll_id or poll.revealed:
                raise Refused("This question is closed.")
            if not poll.takes(value):
                raise Refused("Choose one of the answers.")
            answers = {**dict(poll.answers), participant_id: value}
            self._change_poll(room_id, answers=tuple(answers.items()))

    def take_part(self, room_id: str, participant_id: str, run_id: str) -> None:
        """The participant has started this run for the pooled experiment."""
        with self._lock:
            found = self._present(room_id, participant_id)
            pooled = None if found is None else found[0].experiment
            place = None if pooled is None else pooled.place_of(participant_id)
            if found is None or pooled is None or place is None or len(pooled.runs) >= MOST_RUNS:
                return
            run = PooledRun(participant_id, run_id, place, late=found[1].joined > pooled.began)
            self._set_experiment(found[0], replace(pooled, runs=(*pooled.runs, run)))

    def note(self, room_id: str, participant_id: str, run_id: str | None) -> None:
        """The participant's page is open and shows this run. While training is paused in the room, the run rests."""
        now = time.monotonic()
        with self._lock:
            found = self._present(room_id, participant_id)
            if found is None:
                return
            room, person = found
            run = None if run_id is None else self.runs.find(run_id)
            if run is None and run_id is not None and run_id != person.run_id:
                run = self._run(run_id)
            if run is not None and run.owner not in person.owners:
                run = None
            if run is not None and person.run_id != run.id:
                room = room.with_participant(replace(person, run_id=run.id))
                self._set(room)
            before = self._presence.get(participant_id)
            reached = None if before is None else before.reached
            if run is not None:
                reached = run.id, run.trained_steps
            progress_at = now if before is None or reached != before.reached else before.progress_at
            self._presence[participant_id] = Presence(now, progress_at, reached)
            if room.freeze is not None and run is not None:
                room = replace(room, freeze=_pausing(room.freeze, [run]))
                self._set(room)
            if room.experiment is not None and room.experiment.place_of(participant_id) is None:
                self._set_experiment(room, room.experiment.deal([participant_id]))

    def presence(self, participant_id: str) -> Presence | None:
        """None where no page of the participant was open since the server started."""
        return self._presence.get(participant_id)

    # What the leader does.

    def set(self, room_id: str, *, closed: bool | None = None, board_shown: bool | None = None) -> None:
        """Changes what is given: whether newcomers are turned away, and whether participants see the board."""
        with self._lock:
            room = self._rooms.get(room_id)
            if room is not None and room.open:
                closed = room.closed if closed is None else closed
                self._set(
                    replace(
                        room,
                        closed=closed,
                        board_shown=room.board_shown if board_shown is None else board_shown,
                    )
                )

    def extend(self, room_id: str) -> None:
        """Lets the room go on an hour longer, but no longer than a room may last from now."""
        with self._lock:
            room = self._rooms.get(room_id)
            if room is not None and room.open:
                self._set(replace(room, ends=min(room.ends + 3600, self._clock() + 3600 * MOST_HOURS)))

    def send(self, room_id: str, config: RunConfig) -> None:
        """Offers settings to everybody."""
        with self._lock:
            self._set(replace(self._open(room_id), offer=Offer(_new_id(), config, self._clock())))

    def spotlight(self, room_id: str, participant_id: str | None, offered: bool = False) -> None:
        """Shows the run that the participant looks at on the projector; None: no run any more."""
        with self._lock:
            room = self._open(room_id)
            person = None if participant_id is None else room.participant(participant_id)
            shown = None
            if person is not None and person.present and person.run_id is not None:
                shown = Spotlight(person.id, person.run_id, offered)
            self._set(replace(room, spotlight=shown))

    def ask(
        self, room_id: str, question: str, choices: Iterable[str] = (), low: float = 0.0, high: float = 1.0
    ) -> None:
        """Asks everybody a question: with choices, or for a number from `low` to `high`. Raises `Refused`."""
        question = " ".join(question.split())
        given = tuple(text for choice in choices if (text := " ".join(choice.split())))
        wrong = problem(question, given, low, high)
        if wrong:
            raise Refused(wrong)
        with self._lock:
            room = self._open(room_id)
            if len(room.polls) >= MOST_POLLS:
                raise Refused(f"A room has room for {MOST_POLLS} questions.")
            before = tuple(replace(poll, closed=True) for poll in room.polls)
            self._set(replace(room, polls=(*before, Poll(_new_id(), question, given, low, high))))

    def reveal(self, room_id: str) -> None:
        """Shows everybody what the answers come to; they cannot be changed any more."""
        self._change_poll(room_id, revealed=True)

    def close_poll(self, room_id: str) -> None:
        """Takes the question off all screens. It stays with the room's results."""
        self._change_poll(room_id, closed=True)

    def experiment(self, room_id: str, config: RunConfig, setting: str, values: str) -> None:
        """Begins a pooled experiment, and deals everybody a value. Raises `InvalidInput` and `Refused`."""
        found = parsed(config, setting, values)
        with self._lock:
            room = self._open(room_id)
            if len(room.experiments) >= MOST_EXPERIMENTS:
                raise Refused(f"A room has room for {MOST_EXPERIMENTS} experiments.")
            before = tuple(replace(pooled, closed=True) for pooled in room.experiments)
            begun = Pooled(_new_id(), config, setting, found, self._clock()).deal(one.id for one in room.present)
            self._set(replace(room, experiments=(*before, begun)))

    def close_experiment(self, room_id: str) -> None:
        """Takes the experiment off all screens. It stays with the room's results."""
        with self._lock:
            room = self._rooms.get(room_id)
            if room is not None and room.experiment is not None:
                self._set_experiment(room, replace(room.experiment, closed=True))

    def freeze(self, room_id: str) -> None:
        """Pauses the training of everybody in the room."""
        with self._lock:
            room = self._open(room_id)
            if room.freeze is None:
                ids = (person.run_id for person in room.present if person.run_id is not None)
                runs = [run for run in map(self.runs.find, ids) if run is not None]
                self._set(replace(room, freeze=_pausing(Freeze(self._clock()), runs)))

    def release(self, room_id: str) -> None:
        """What was training when the room was frozen goes on."""
        with self._lock:
            room = self._rooms.get(room_id)
            if room is None or room.freeze is None:
                return
            self._set(replace(room, freeze=None))
        self._resume(room.freeze.paused)

    def remove(self, room_id: str, participant_id: str) -> None:
        """Sends a participant out of the room for good."""
        self._let_go(room_id, participant_id, removed=True)

    def end(self, room_id: str) -> None:
        """Ends the room: everybody is out, and keeps their runs."""
        self.release(room_id)
        with self._lock:
            room = self._rooms.get(room_id)
            if room is not None and room.open:
                self._set(replace(room, ended=self._clock(), spotlight=None, offer=None))

    def delete(self, room_id: str) -> None:
        """Forgets the room, and all that is known of who was in it."""
        self.release(room_id)
        with self._lock:
            room = self._rooms.pop(room_id, None)
            if room is None:
                return
            self._versions[room_id] = self.version(room_id) + 1
            self._unwritten.discard(room_id)
            for person in room.participants:
                self._presence.pop(person.id, None)
            (self._folder / f"{room_id}.json").unlink(missing_ok=True)

    # What the server does.

    def sweep(self) -> None:
        """Ends rooms whose time is over, deletes those that ended long ago, and writes what could not be written."""
        now = self._clock()
        for room in self.all():
            if room.open and now >= room.ends:
                self.end(room.id)
            elif room.ended is not None and now >= room.ended + KEPT_SECONDS:
                self.delete(room.id)
            elif room.open and room.experiment is not None:
                self._collect(room.id, room.experiment)
        with self._lock:
            for room_id in tuple(self._unwritten):
                self._write(self._rooms[room_id])

    # Keeping them.

    def _find(self, sought: Callable[[Room], bool]) -> Room | None:
        return next(filter(sought, self.all()), None)

    def _open(self, room_id: str) -> Room:
        room = self._rooms.get(room_id)
        if room is None or not room.open:
            raise Refused(OVER)
        return room

    def _present(self, room_id: str, participant_id: str) -> tuple[Room, Participant] | None:
        room = self._rooms.get(room_id)
        person = None if room is None else room.participant(participant_id)
        return None if room is None or person is None or not person.present else (room, person)

    def _change(self, room: Room, person: Participant, **changes: object) -> Participant:
        changed = replace(person, **changes)  # type: ignore[arg-type]
        self._set(room.with_participant(changed))
        return changed

    def _change_poll(self, room_id: str, **changes: object) -> None:
        """Of the question that is on everybody's screen."""
        with self._lock:
            room = self._rooms.get(room_id)
            if room is not None and room.poll is not None:
                changed = replace(room.poll, **changes)  # type: ignore[arg-type]
                self._set(replace(room, polls=(*room.polls[:-1], changed)))

    def _set_experiment(self, room: Room, pooled: Pooled) -> None:
        self._set(replace(room, experiments=(*room.experiments[:-1], pooled)))

    def _collect(self, room_id: str, pooled: Pooled) -> None:
        """Notes what has come out of runs that have finished."""
        finished = {
            run.run_id: _outcome(pooled, run, self._run(run.run_id)) for run in pooled.runs if run.error is None
        }
        with self._lock:
            room = self._rooms.get(room_id)
            if room is not None and room.experiment is not None and room.experiment.id == pooled.id:
                runs = tuple(finished.get(run.run_id) or run for run in room.experiment.runs)
                self._set_experiment(room, replace(room.experiment, runs=runs))

    def _let_go(self, room_id: str, participant_id: str, **how: bool) -> None:
        """The participant's runs go on, if the room is frozen: nobody else could release them."""
        with self._lock:
            found = self._present(room_id, participant_id)
            if found is None:
                return
            room, person = found
            changed = replace(person, hand=None, **how)  # type: ignore[arg-type]
            freeze, resumed = room.freeze, []
            if freeze is not None:
                resumed = [id for id in freeze.paused if (run := self._run(id)) and run.owner in person.owners]
                freeze = replace(freeze, paused=tuple(id for id in freeze.paused if id not in resumed))
            shown = room.spotlight
            if shown is not None and shown.participant == participant_id:
                shown = None
            self._set(replace(room.with_participant(changed), freeze=freeze, spotlight=shown))
        self._resume(resumed)

    def _run(self, run_id: str) -> Run | None:
        """A run, from the store too; None where there is none."""
        try:
            return self.runs.get(run_id)
        except Unreadable:
            return None

    def _resume(self, run_ids: Iterable[str]) -> None:
        for run_id in run_ids:
            run = self._run(run_id)
            # One that its owner has gone on with, or that is at its end, stays as it is.
            if run is not None and run.status in (Status.PAUSED, Status.STARTING):
                run.train()

    def _set(self, room: Room) -> None:
        if room == self._rooms.get(room.id):
            return
        self._rooms[room.id] = room
        self._write(room)
        self._versions[room.id] = self.version(room.id) + 1

    def _write(self, room: Room) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with replacing(self._folder / f"{room.id}.json") as stream:
                stream.write(to_bytes(room))
        except OSError as problem:
            if room.id not in self._unwritten:
                log.warning("The room %s… could not be saved: %s", room.id[:4], problem.strerror)
            self._unwritten.add(room.id)
        else:
            self._unwritten.discard(room.id)

    def _read(self) -> dict[str, Room]:
        """The rooms on disk. Damaged ones are set aside."""
        rooms: dict[str, Room] = {}
        if not self._folder.is_dir():
            return rooms
        remove_parts(self._folder)
        for file in sorted(self._folder.glob("*.json")):
            try:
                room = from_bytes(file.read_bytes())
                if room.id != file.stem or not ID.fullmatch(room.id):
                    raise ValueError("id")
                rooms[room.id] = room
            except OSError as problem:
                log.warning("The room %s… cannot be read: %s", file.stem[:4], problem.strerror)
            except (ValueError, LookupError, TypeError, RecursionError):
                self._set_aside(file)
        return rooms

    def _set_aside(self, file: Path) -> None:
        place = self._damaged / f"room-{file.stem}-{time.time_ns()}.json"
        try:
            self._damaged.mkdir(exist_ok=True, mode=0o700)
            os.replace(file, place)
        except OSError as problem:
            log.warning("The damaged room %s… could not be set aside: %s", file.stem[:4], problem.strerror)
        else:
            log.warning("The damaged room %s… was moved to the folder “damaged” in AELIB_HOME.", file.stem[:4])


def _pausing(freeze: Freeze, runs: Iterable[Run]) -> Freeze:
    """The freeze, with those of the runs that train paused and noted."""
    training = [run for run in runs if run.trains]
    for run in training:
        run.pause()
    noted = dict.fromkeys((*freeze.paused, *(run.id for run in training)))
    return replace(freeze, paused=tuple(noted))


def _outcome(pooled: Pooled, noted: PooledRun, run: Run | None) -> PooledRun | None:
    """What is noted of the run, once it has finished and was measured; None before."""
    if run is None or run.status != Status.FINISHED:
        return None
    view = run.view()
    measured = next((point for point in reversed(view.curve) if point.test_mse is not None), None)
    if measured is None or measured.step != view.step or not view.pca:
        return None
    asked = pooled.config_for(noted.participant)
    budget = view.config.max_steps or math.ceil(round(view.config.epochs * view.steps_per_epoch, 6))
    # Whoever presses Train once more gets the budget once more.
    changed = run.settings != asked or bool(view.annotations) or view.step != budget
    return replace(noted, error=measured.test_mse, pca=view.pca[-1].mse, changed=changed)


def _same(secret: str, said: str) -> bool:
    return hmac.compare_digest(secret.encode(), said.encode())


def _new_id() -> str:
    return secrets.token_urlsafe(12)
