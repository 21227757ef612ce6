"""What a test hangs into a worker's process: a sign of what it is doing, points at which it dies, poison, a mutant.

A worker tells its phase in a file that outlives it, so that whoever killed it knows where the blow landed.
"""

from __future__ import annotations

import asyncio
import mmap
import os
import random
import resource
import signal
import struct
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from unittest.mock import patch

from service.errors import StoreUnavailable
from service.model import Admission, Article, Outcome, StoryState
from service.store.values import Commitment, Head
from service.stories.story import Story
from tests.faults.mutants import MUTANTS, another_release, later_records
from workers.claims.extract import Extractor
from workers.claims.model import Clause
from workers.desk import draining
from workers.desk import take as desk
from workers.desk.decide import Decided
from workers.desk.draining import Draining
from workers.desk.under_way import End

IDLE, TAKEN, READING, READ, PARKED, DECIDING, COMMITTING = PHASES = (
    "idle", "taken", "reading", "read", "parked", "deciding", "committing",
)  # fmt: skip
"""All but the first lie between the reading of an article off the stream and its commit."""

Poison = Literal["exception", "loop", "memory", "exit"]
EXITED = 3
SPARE_BYTES = 96 << 20
"""that an article with poison in its memory may take"""
_LOOK_S = 0.1
"""between two looks of who waits whether his turn is still to come"""
_FORM = struct.Struct("<Bq")


@dataclass(frozen=True, slots=True)
class Shim:
    """What is to be done to one process."""

    phases: str
    """path of the file"""
    gate: str = ""
    """path of the file, if there is one"""
    dies: float = 0.0
    """how likely it dies at each point of its path"""
    seed: float = 0
    poison: Poison | None = None
    at: str = ""
    """end of the address of the poisoned article"""
    mutant: str = ""
    upgraded: bool = False
    """its scripts are of another release"""
    novel: bool = False
    """and its records of claims have a field more"""


class Phases:
    """The phase of a worker and the number of its article."""

    def __init__(self, path: str) -> None:
        with Path(path).open("w+b") as file:
            file.truncate(_FORM.size)
            self._map = mmap.mmap(file.fileno(), _FORM.size)

    def tell(self, phase: str, number: int = 0) -> None:
        self._map[:] = _FORM.pack(PHASES.index(phase), number)

    @staticmethod
    def told(path: str) -> tuple[str, int]:
        try:
            phase, number = _FORM.unpack(Path(path).read_bytes())
        except (OSError, struct.error):
            return IDLE, 0
        return PHASES[phase], number


class Gate:
    """How far a line may be committed: a number that one process moves and others wait for."""

    _FORM = struct.Struct("<q")

    def __init__(self, path: str) -> None:
        with Path(path).open("a+b") as file:
            file.truncate(self._FORM.size)
            self._map = mmap.mmap(file.fileno(), self._FORM.size)

    def open_up_to(self, number: int) -> None:
        self._map[:] = self._FORM.pack(number)

    async def passed(self, number: int, committed: Callable[[], Awaitable[int]]) -> int:
        """Waits until a number may be committed, or is not next any more; up to which the line may be.

        A server that came back older than it was has put the line back, and whoever waited here until what he decided
        may be committed would not do what is next now: were all to wait, the line would stand still for ever.
        """
        next_look_s = time.monotonic() + _LOOK_S
        while number > (open_to := self._FORM.unpack(self._map[:])[0]):
            await asyncio.sleep(0.005)
            if time.monotonic() >= next_look_s:
                next_look_s = time.monotonic() + _LOOK_S
                with suppress(StoreUnavailable):
                    if await committed() + 1 < number:
                        return number  # it is refused
        return int(open_to)


@contextmanager
def hung_in(shim: Shim) -> Iterator[None]:
    """Changes this process, which must not have opened a desk yet."""
    with ExitStack() as stack:
        stack.enter_context(patch.object(desk, "Desk", _watched(shim)))
        # About every other worker commits several in a step, however long deciding them takes.
        stack.enter_context(patch.object(draining, "TOGETHER_S", 1.0 if shim.seed < 0.5 else 0.0))
        if shim.poison is not None:
            stack.enter_context(_poisoned(shim.poison, shim.at))
        if shim.mutant:
            stack.enter_context(MUTANTS[shim.mutant]())
        if shim.upgraded:
            stack.enter_context(another_release())
            if shim.novel:
                stack.enter_context(later_records())
        yield


def _watched(shim: Shim) -> type[desk.Desk]:
    """A desk that says what it does, and dies of it now and then."""
    phases, rng = Phases(shim.phases), random.Random(shim.seed)
    gate = Gate(shim.gate) if shim.gate else None

    def reach(phase: str, number: int) -> None:
        phases.tell(phase, number)
        if rng.random() < shim.dies:
            os.kill(os.getpid(), signal.SIGKILL)

    left = 0
    """of the articles taken at once"""

    class WatchedDraining(Draining):
        async def _decide(
            self, story: str, state: StoryState, found: bytes, *, ahead: bool = False
        ) -> tuple[Article, Decided | None]:
            reach(DECIDING, state.committed + 1)
            return await super()._decide(story, state, found, ahead=ahead)

        async def _ends(self, story: str, head: Head, *, ahead: bool) -> list[End] | None:
            ends = await super()._ends(story, head, ahead=ahead)
            if ends:
                reach(COMMITTING, ends[0].decided.commit.number)
            if ends and gate is not None:
                first = ends[0].decided.commit.number
                return ends[: await gate.passed(first, self._committed_of(ends[0])) - first + 1]
            return ends

        async def _commit(self, ends: Sequence[End], *way: Any) -> tuple[Commitment, Head]:
            ended = await super()._commit(ends, *way)
            phases.tell(TAKEN if left else IDLE, ends[-1].decided.commit.number)
            return ended

        def _committed_of(self, end: End) -> Callable[[], Awaitable[int]]:
            async def committed() -> int:
                return (await self._store.state(end.decided.commit.story)).committed

            return committed

    class Watched(desk.Desk):
        drains_by = WatchedDraining

        async def _turn(self) -> None:
            phases.tell(IDLE)
            await super()._turn()

        async def _take(self) -> list[Admission]:
            return self._got(await super()._take())

        async def _waiting(self) -> list[Admission]:
            return self._got(await super()._waiting())

        def _got(self, admissions: list[Admission]) -> list[Admission]:
            nonlocal left
            left = len(admissions)
            if admissions:
                reach(TAKEN, admissions[0].number)
            return admissions

        async def _put(self, admission: Admission) -> Head | None:
            nonlocal left
            left -= 1
            head = await super()._put(admission)
            reach(PARKED, admission.number)
            return head

        async def _read(self, admission: Admission) -> bytes | None:
            reach(READING, admission.number)
            found = await super()._read(admission)
            reach(READ, admission.number)
            return found

    return Watched


@contextmanager
def _poisoned(poison: Poison, at: str) -> Iterator[None]:
    extract = Extractor.extract

    def poisoned(self: Extractor, article: Article, story: Story) -> tuple[Clause, ...]:
        if article.uri.endswith(at):
            swallow(poison)
        return extract(self, article, story)

    with patch.object(Extractor, "extract", poisoned):
        yield


def swallow(poison: Poison) -> None:
    """What a poisoned article does to who reads it."""
    if poison == "exception":
        raise RuntimeError("poison")
    if poison == "exit":
        os._exit(EXITED)
    if poison == "memory":
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        size = int(Path("/proc/self/statm").read_text().split()[0]) * mmap.PAGESIZE
        resource.setrlimit(resource.RLIMIT_AS, (size + SPARE_BYTES, hard))
        hoard: list[bytes] = []
        try:
            while True:
                hoard.append(bytes(1 << 20))
        finally:
            hoard.clear()
            resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
    while True:
        time.sleep(0.001)


def is_parked(outcomes: Sequence[dict[str, Any]]) -> bool:
    """Whether exactly one article was given up."""
    return [one["outcome"] for one in outcomes].count(Outcome.PARKED.value) == 1
