"""A room as plain data: who is in it, and what its leader has set."""

from __future__ import annotations

from dataclasses import dataclass, replace

from aelib.spec.config import RunConfig
from aelib.workshop.polls import Poll
from aelib.workshop.pooled import Pooled

MOST_PARTICIPANTS = 200
# So many cookies or logins may stand for one person: several devices, and tabs opened at once at a first visit.
MOST_OWNERS = 8
MOST_EXPERIMENTS = 20
TITLE_CHARACTERS = 80
LEAST_HOURS, MOST_HOURS, USUAL_HOURS = 1, 72, 6
# What was collected in a room that has ended can be exported for so long.
KEPT_SECONDS = 7 * 24 * 60 * 60


@dataclass(frozen=True)
class Participant:
    """`owners`: the names under which this person's runs are kept. `run_id`: the run that the person looked at last.
    `hand`: when it was raised (seconds since 1970), or None. One who `left` may come back; one who was `removed` may
    not."""

    id: str
    owners: tuple[str, ...]
    name: str
    joined: float
    return_digest: str
    run_id: str | None = None
    hand: float | None = None
    left: bool = False
    removed: bool = False

    @property
    def present(self) -> bool:
        return not (self.left or self.removed)


@dataclass(frozen=True)
class Offer:
    """Settings that the leader sent to everybody, at `sent` (seconds since 1970)."""

    id: str
    config: RunConfig
    sent: float


@dataclass(frozen=True)
class Spotlight:
    """The run of a participant that the projector shows. `offered`: may the participants see it, too?"""

    participant: str
    run_id: str
    offered: bool = False


@dataclass(frozen=True)
class Freeze:
    """Training pauses in the room `since` then. `paused`: the runs that were training, which go on afterwards."""

    since: float
    paused: tuple[str, ...] = ()


@dataclass(frozen=True)
class Room:
    """`leader`: the owner who opened it. `code` is typed; the three keys are parts of links, to the leader's seat, the
    projector and the room's door. `created`, `ends`, `ended`: seconds since 1970. `closed`: to newcomers."""

    id: str
    code: str
    title: str
    leader: str
    lead_key: str
    projector_key: str
    join_key: str
    created: float
    ends: float
    ended: float | None = None
    closed: bool = False
    board_shown: bool = False
    offer: Offer | None = None
    spotlight: Spotlight | None = None
    freeze: Freeze | None = None
    participants: tuple[Participant, ...] = ()
    polls: tuple[Poll, ...] = ()
    experiments: tuple[Pooled, ...] = ()

    @property
    def poll(self) -> Poll | None:
        """The question that is on everybody's screen."""
        return self.polls[-1] if self.polls and not self.polls[-1].closed else None

    @property
    def experiment(self) -> Pooled | None:
        """The pooled experiment that goes on."""
        return self.experiments[-1] if self.experiments and not self.experiments[-1].closed else None

    @property
    def open(self) -> bool:
        return self.ended is None

    @property
    def present(self) -> tuple[Participant, ...]:
        """Those who are in the room, in the order in which they joined."""
        return tuple(person for person in self.participants if person.present)

    def participant(self, id: str) -> Participant | None:
        return next((person for person in self.participants if person.id == id), None)

    def of(self, owners: tuple[str, ...]) -> Participant | None:
        """The participant who has one of these names, present or not."""
        return next((person for person in self.participants if set(owners) & set(person.owners)), None)

    def with_participant(self, changed: Participant) -> Room:
        people = tuple(changed if person.id == changed.id else person for person in self.participants)
        return replace(self, participants=people)
