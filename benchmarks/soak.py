"""`python -m benchmarks.soak [--minutes M]`: a simulated room, on this machine only, that is not gentle.

Thirty people train, pause, step, reset, reload, leave and come back by their address, and ask for nonsense; some of
them only train. In the first half one more is unfriendly (see `benchmarks.unfriendly`). It exits with 1 where a page
showed a fault, the log a complaint, a run was lost, memory kept growing, or where the unfriendly one took more from
those who only train than half of what is theirs.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from aelib.runs.lease import LEASE_SECONDS
from benchmarks.measuring import resident
from benchmarks.unfriendly import be_unfriendly
from benchmarks.visitor import Visitor
from tests.e2e.server import served

PEOPLE = 30
# Of these, so many only train.
STEADY = 3
# The unfriendly one starts so many large runs, and keeps so many uploads and connections of each kind open.
LARGE_RUNS, DOORS = 60, 25
LEAST_SHARE = 0.5
SAMPLE_SECONDS = 5.0
REOPENED = 200
# Recipes that thirty people would pick; the slow ones train a batch in a second each.
PICKED = (
    "vanilla-64",
    "simple-128",
    "multilayer-64",
    "deep-32",
    "vae",
    "rbm",
    "recirculation",
    "k-sparse",
    "conv-pool",
)
NONSENSE = ("epochs=-1", "recipe=%00", "widths=9999,9999", "run=../../etc/passwd", "seed=NaN", "batch_size=4096&run=x")
# Growth of the second half that is still noise, in megabytes: caches fill, and allocators keep what they have.
NOISE = 150.0


@dataclass
class Room:
    """What happened so far."""

    url: str
    end: float
    chance: random.Random
    runs: dict[str, int] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    acts: dict[str, int] = field(default_factory=dict)
    # For each of those who only train: (moment, step) again and again.
    steps: list[list[tuple[float, int]]] = field(default_factory=list)

    async def person(self) -> None:
        """Somebody who opens the app, plays with it, closes it, and opens it again, until the end."""
        while time.monotonic() < self.end:
            known = self.chance.choice(list(self.runs)) if self.runs and self.chance.random() < 0.3 else None
            try:
                async with Visitor(self.url) as visitor:
                    await self._visit(visitor, known)
                    self.faults += visitor.faults
            except Exception as error:  # noqa: BLE001 - whatever goes wrong is what this looks for
                self.faults.append(f"{type(error).__name__}: {error}")
            await asyncio.sleep(self.chance.uniform(0, 3))

    async def _visit(self, visitor: Visitor, known: str | None) -> None:
        chance = self.chance
        if chance.random() < 0.1:
            self._count("asks for nonsense")
            name, _, value = chance.choice(NONSENSE).partition("=")
            await visitor.open(**{name: value})
        elif known is not None:
            # By the address of a run, as after a reload or a walk: its own, or a neighbour's.
            self._count("comes back by the address")
            await visitor.open(run=known)
            await visitor.wait_for_step(0)
        else:
            self._count("trains")
            settings = {
                "recipe": chance.choice(PICKED),
                "epochs": chance.randint(1, 50),
                "seed": chance.randrange(1000),
            }
            await visitor.open(**{name: str(value) for name, value in settings.items()})
            await visitor.press("train")
        for _ in range(chance.randint(1, 4)):
            await asyncio.sleep(chance.uniform(1, 8))
            self._note(visitor)
            if time.monotonic() > self.end:
                return
            act = chance.choice(("pause", "train", "step", "reset", "look"))
            self._count(act)
            if act != "look":
                await visitor.press(act)

    async def trainee(self, seed: int) -> None:
        """Somebody who trains from the beginning to the end."""
        async with Visitor(self.url) as visitor:
            await visitor.open(recipe="vanilla-64", epochs="500", seed=str(seed))
            await visitor.press("train")
            await asyncio.sleep(max(0.0, self.end - time.monotonic()))
            self.steps.append([(sight.moment, sight.step) for sight in visitor.sights])
            self._note(visitor)
            self.faults += visitor.faults

    async def unfriendly(self, pid: int, end: float) -> None:
        for visitor in await be_unfriendly(self.url, pid, end, self.chance, LARGE_RUNS, DOORS):
            self._note(visitor)

    def share(self, middle: float) -> float:
        """What those who only train do in a second before `middle`, for each step after it."""
        before = sum(rate(steps, -np.inf, middle) for steps in self.steps)
        return before / max(sum(rate(steps, middle, np.inf) for steps in self.steps), 1e-9)

    def _note(self, visitor: Visitor) -> None:
        if visitor.run_id is not None and visitor.sights:
            self.runs[visitor.run_id] = max(self.runs.get(visitor.run_id, 0), visitor.sights[-1].step)

    def _count(self, act: str) -> None:
        self.acts[act] = self.acts.get(act, 0) + 1


@dataclass
class Memory:
    """Resident memory of the server and of its training processes, in megabytes, sample by sample."""

    pid: int
    server: list[float] = field(default_factory=list)
    workers: list[float] = field(default_factory=list)

    async def watch(self, end: float) -> None:
        while time.monotonic() < end:
            server, workers = resident(self.pid)
            self.server.append(server)
            self.workers.append(workers)
            await asyncio.sleep(SAMPLE_SECONDS)


def rate(steps: list[tuple[float, int]], begin: float, end: float) -> float:
    """Steps a second between two moments."""
    within = [(moment, step) for moment, step in steps if begin <= moment <= end]
    if len(within) < 2:
        return 0.0
    (began, first), (ended, last) = within[0], within[-1]
    return (last - first) / (ended - began)


def growth(samples: list[float]) -> float:
    """Megabytes by which a straight line through the second half rises."""
    half = np.array(samples[len(samples) // 2 :])
    return float(np.polyfit(np.arange(len(half)), half, 1)[0] * len(half))


def lost(room: Room, home: Path) -> list[str]:
    """A sentence for every run that is not in the store any more, or has gone back."""
    missing = []
    for run_id, step in room.runs.items():
        try:
            stored = json.loads((home / "runs" / run_id / "run.json").read_text("utf-8"))["step"]
        except (OSError, ValueError, KeyError) as problem:
            missing.append(f"run {run_id} was at step {step:,} and is not in the store: {problem}")
            continue
        if stored < step:
            missing.append(f"run {run_id} was at step {step:,} and is stored at {stored:,}")
    return missing


async def reopened(room: Room) -> list[str]:
    """A sentence for every run, of `REOPENED` drawn by lot, that the app does not show as far as it had come."""
    missing = []
    for run_id in room.chance.sample(sorted(room.runs), min(REOPENED, len(room.runs))):
        async with Visitor(room.url) as visitor:
            await visitor.open(run=run_id)
            seen = await visitor.wait_for_step(0) if visitor.run_id == run_id else None
            if seen is None or seen < room.runs[run_id]:
                missing.append(f"run {run_id} was at step {room.runs[run_id]:,}, the app shows {seen}: {visitor.said}")
    return missing


async def live(url: str, pid: int, minutes: float, seed: int) -> tuple[Room, Memory, float]:
    """What happened, and which share those who only train kept while somebody was unfriendly."""
    middle = time.monotonic() + 30 * minutes
    room = Room(url, middle + 30 * minutes, random.Random(seed))
    memory = Memory(pid)
    await asyncio.gather(
        memory.watch(room.end),
        room.unfriendly(pid, middle),
        *(room.trainee(number) for number in range(STEADY)),
        *(room.person() for _ in range(PEOPLE - STEADY)),
    )
    return room, memory, room.share(middle)


def main(minutes: float, seed: int) -> int:
    # In an hour these people start more runs than a server keeps unless it is told otherwise.
    with served(AELIB_MAX_STORED="1000000") as server:
        room, memory, share = asyncio.run(live(server.url, server.pid, minutes, seed))
        # Runs that nobody looks at any more fall asleep, and are stored then.
        time.sleep(LEASE_SECONDS + 10)
        missing = [*lost(room, server.home), *asyncio.run(reopened(room))]
        complaints, log = server.complaints(), server.log
    print(", ".join(f"{act} {count}×" for act, count in sorted(room.acts.items())))
    print(f"{len(room.runs)} runs; seed {seed}, {minutes:g} minutes")
    problems = [*room.faults, *missing, *complaints]
    print(f"beside somebody unfriendly, those who only train keep {share:.0%} of what they have without")
    if share < LEAST_SHARE * PEOPLE / (PEOPLE + 1):
        problems.append("One unfriendly visitor took more than half of the others' share.")
    for name, samples in (("server", memory.server), ("workers", memory.workers)):
        risen = growth(samples)
        print(f"memory of {name}: {samples[0]:,.0f} to {samples[-1]:,.0f} MB, {risen:+,.0f} MB in the second half")
        if risen > NOISE:
            problems.append(f"The memory of {name} keeps growing.")
    if complaints:
        print(log)
    for problem in problems:
        print(f"✗ {problem}")
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    sys.exit(main(given.minutes, given.seed))
