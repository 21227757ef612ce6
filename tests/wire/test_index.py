"""One suite for the index in memory and for the store's: what votes for which wire story."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterable
from typing import Protocol

import pytest

from service.model import WireWrite
from service.store import keys
from service.store.store import Store
from tests.servers import RealServer
from tests.store.builders import STORY, admit, commit_next
from workers.desk.following import Following
from workers.wire import index as room
from workers.wire import pure
from workers.wire.index import CROWD, Index

DAY = 741_006


class Asked(Protocol):
    """Either index, as this suite asks it."""

    async def add(self, wire_story: str, votes: Iterable[int], day: int = DAY, scheme: str = "") -> None: ...
    async def votes(self, votes: Iterable[int], day: int = DAY, scheme: str = "", least: int = 1) -> dict[str, int]: ...


class InMemory:
    def __init__(self) -> None:
        self._index = Index()

    async def add(self, wire_story: str, votes: Iterable[int], day: int = DAY, scheme: str = "") -> None:
        self._index.add(wire_story, votes, day, scheme)

    async def votes(self, votes: Iterable[int], day: int = DAY, scheme: str = "", least: int = 1) -> dict[str, int]:
        return self._index.votes(votes, day, scheme, least)


class InStore:
    """As a worker follows it that writes nothing itself."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._following: dict[str, Following] = {}

    async def add(self, wire_story: str, votes: Iterable[int], day: int = DAY, scheme: str = "") -> None:
        await admit(self._store, 1, first=(await self._store.state(STORY)).admitted + 1)
        write = WireWrite(tuple(votes), wire_story, b"record", day, scheme)
        await commit_next(self._store, wire_story=wire_story, wire=write)

    async def votes(self, votes: Iterable[int], day: int = DAY, scheme: str = "", least: int = 1) -> dict[str, int]:
        following = self._following.setdefault(scheme, Following(self._store, STORY, scheme))
        await following.catch_up(day)
        return following.votes(pure.pack("Q", dict.fromkeys(votes)), day, least)


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


@pytest.fixture(params=["in memory", "in the store"])
def index(request: pytest.FixtureRequest) -> Asked:
    return InMemory() if request.param == "in memory" else InStore(request.getfixturevalue("store"))


def test_both_have_the_same_measures() -> None:
    assert (room.GENERATIONS, room.GENERATION_DAYS) == (keys.WIRE_GENERATIONS, keys.WIRE_GENERATION_DAYS)


async def test_nothing_votes_for_nothing(index: Asked) -> None:
    assert await index.votes((1, 2)) == {}
    await index.add("w-a", (1, 2))
    assert await index.votes(()) == {}
    assert await index.votes((3,)) == {}


async def test_votes_are_counted_by_wire_story_and_told_in_the_order_of_ids(index: Asked) -> None:
    await index.add("w-b", (1, 2, 3))
    await index.add("w-a", (3, 4))
    assert list((await index.votes((1, 2, 3, 9))).items()) == [("w-a", 1), ("w-b", 3)]


async def test_few_votes_are_not_told_if_more_are_asked_for(index: Asked) -> None:
    await index.add("w-b", (1, 2, 3))
    await index.add("w-a", (3, 4))
    assert await index.votes((1, 2, 3), least=2) == {"w-b": 3}


async def test_a_fingerprint_votes_once_however_often_it_is_said(index: Asked) -> None:
    await index.add("w-a", (1, 2))
    await index.add("w-a", (1, 2, 3))
    assert await index.votes((1, 1, 3)) == {"w-a": 2}


async def test_a_fingerprint_of_two_generations_votes_once(index: Asked) -> None:
    await index.add("w-a", (1, 2))
    await index.add("w-a", (1,), DAY + 7)
    assert await index.votes((1, 2), DAY + 7) == {"w-a": 2}


async def test_what_is_older_than_the_horizon_or_later_than_the_day_is_not_seen(index: Asked) -> None:
    await index.add("w-a", (1, 2))
    seen = {weeks: await index.votes((1, 2), DAY + 7 * weeks) for weeks in (-1, 0, 1, 2, 3)}
    assert seen == {-1: {}, 0: {"w-a": 2}, 1: {"w-a": 2}, 2: {"w-a": 2}, 3: {}}


async def test_a_crowd_is_silent(index: Asked) -> None:
    # given a fingerprint of one wire story less than a crowd
    for number in range(CROWD - 1):
        await index.add(f"w-{number}", (1, 100 + number))
    assert len(await index.votes((1,))) == CROWD - 1

    # when one more has it, and another
    await index.add("w-last", (1, 200))
    await index.add("w-late", (1, 300))

    # then it votes for none, and what else they have still does
    assert await index.votes((1,)) == {}
    assert await index.votes((1, 200, 103)) == {"w-3": 1, "w-last": 1}


async def test_copies_make_no_crowd(index: Asked) -> None:
    for _ in range(2 * CROWD):
        await index.add("w-a", (1, 2))
    assert await index.votes((1, 2)) == {"w-a": 2}


async def test_a_crowd_gathers_over_generations(index: Asked) -> None:
    for number in range(CROWD):
        await index.add(f"w-{number}", (1,), DAY + 7 * (number % 3))
    assert await index.votes((1,), DAY + 14) == {}
    assert await index.votes((1,), DAY) == {"w-0": 1, "w-3": 1, "w-6": 1}


async def test_schemes_do_not_mix(index: Asked) -> None:
    await index.add("w-a", (1, 2), scheme="one")
    await index.add("w-b", (1, 2), scheme="other")
    assert await index.votes((1, 2), scheme="one") == {"w-a": 2}
    assert await index.votes((1, 2)) == {}


async def test_both_say_the_same_of_a_random_history(store: Store) -> None:
    dice = random.Random(4)
    one, other = InMemory(), InStore(store)
    for number in range(60):
        votes, day = dice.sample(range(40), dice.randrange(1, 9)), DAY + dice.randrange(12)
        for each in (one, other):
            await each.add(f"w-{number % 30:02}", votes, day)
        asked = dice.sample(range(40), 12)
        assert await one.votes(asked, day) == await other.votes(asked, day)


async def test_what_agrees_in_its_low_bits_is_one_fingerprint(index: Asked) -> None:
    await index.add("w-a", (5, 5 + 2**32, 5 + 2**31))
    assert await index.votes((5,)) == {"w-a": 1}
    assert await index.votes((5 + 2**40,)) == {"w-a": 1}
    assert await index.votes((5 + 2**31,)) == {"w-a": 1}
    assert await index.votes((6,)) == {}


def test_old_generations_are_dropped_whole() -> None:
    index = Index()
    for week in range(20):
        index.add(f"w-{week}", range(100 * week, 100 * week + 100), DAY + 7 * week)
        index.add("w-always", (1_000_000 + week,), DAY + 7 * week)
    assert len(index) == 101 * room.GENERATIONS
    assert index.wire_stories == 2 * room.GENERATIONS
    assert len(index._ids) == 1 + room.GENERATIONS
    assert index.votes((1_000_018, 1_000_019, 1_800), DAY + 7 * 19) == {"w-18": 1, "w-always": 2}


def test_a_late_text_drops_nothing_that_is_looked_at() -> None:
    index = Index()
    for week in range(3):
        index.add(f"w-{week}", (week,), DAY + 7 * week)
    index.add("w-late", (9,), DAY - 70)
    assert index.votes((0, 1, 2), DAY + 14) == {"w-0": 1, "w-1": 1, "w-2": 1}
    assert index.votes((9,), DAY - 70) == {"w-late": 1}


def test_what_is_dropped_can_come_back() -> None:
    index = Index()
    for generation in (1, 2):
        index.enlist("w-a", pure.pack("Q", (1, generation)), "", generation)
    index.enlist("w-b", pure.pack("Q", (1,)), "", 1)
    index.drop("", 1)
    index.drop("", 1)
    assert index.votes((1, 2), 20) == {"w-a": 2}
    index.enlist("w-b", pure.pack("Q", (1,)), "", 1)
    assert index.votes((1, 2), 20) == {"w-a": 2, "w-b": 1}
