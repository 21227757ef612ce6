from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import patch

import pytest
from structlog.testing import capture_logs

from service.model import Admission, Outcome
from service.store import keys
from service.store.store import Store, Tombstone
from tests.servers import RealServer, until
from tests.store.builders import STORY, TTL_S, admit, article, commit_next, commit_of


def numbers(admissions: list[Admission]) -> list[int]:
    return [admission.number for admission in admissions]


async def test_every_article_goes_to_one_worker(store: Store) -> None:
    await store.ensure_group(STORY)
    await admit(store, 6)

    one = await store.take([STORY], "one", 3, 1)
    two = await store.take([STORY], "two", 10, 1)

    assert (numbers(one), numbers(two)) == ([1, 2, 3], [4, 5, 6])
    assert one[0].article == article(1)


async def test_taking_waits_for_what_comes(store: Store) -> None:
    await store.ensure_group(STORY)
    taking = asyncio.create_task(store.take([STORY, "lighthouse"], "w", 1, 2))
    await store.admit("lighthouse", article(1), "poll-1", TTL_S)

    assert [admission.story for admission in await taking] == ["lighthouse"]


async def test_a_worker_that_comes_back_finds_what_it_had(store: Store) -> None:
    await store.ensure_group(STORY)
    await admit(store, 4)
    await store.take([STORY], "w", 4, 1)
    await store.put_finding(STORY, 2, b"found")

    assert numbers(await store.own_pending(STORY, "w")) == [1, 3, 4]
    assert numbers(await store.own_pending(STORY, "somebody else")) == []


async def test_a_dead_worker_is_relieved_but_not_of_what_it_parked(store: Store) -> None:
    await store.ensure_group(STORY)
    await admit(store, 3)
    await store.take([STORY], "dead", 3, 1)
    await store.put_finding(STORY, 1, b"found")

    assert numbers(await store.reclaim(STORY, "heir", 0)) == [2, 3]
    assert numbers(await store.own_pending(STORY, "dead")) == []


async def test_who_gives_signs_of_life_keeps_its_article(store: Store, server: RealServer) -> None:
    await store.ensure_group(STORY)
    await admit(store, 2)
    one, _two = await store.take([STORY], "alive", 2, 1)
    idle = ("XPENDING", keys.articles(STORY), keys.GROUP, "IDLE", 500, "-", "+", 10)
    until(lambda: len(server.tell(*idle)) == 2)

    await store.heartbeat([one], "alive")

    assert numbers(await store.reclaim(STORY, "heir", 0.5)) == [2]


async def test_a_deleted_group_loses_nothing_and_repeats_nothing(store: Store, server: RealServer) -> None:
    await store.ensure_group(STORY)
    await admit(store, 4)
    await store.take([STORY], "w", 4, 1)
    await store.put_finding(STORY, 1, b"one")
    await commit_next(store)
    await store.put_finding(STORY, 3, b"three")

    server.tell("XGROUP", "DESTROY", keys.articles(STORY), keys.GROUP)

    assert numbers(await store.take([STORY], "w", 10, 0)) == [2, 4]


@pytest.mark.parametrize(
    "deletion", [("XGROUP", "DESTROY", keys.articles(STORY), keys.GROUP), ("DEL", keys.articles(STORY))], ids=str
)
async def test_what_is_deleted_under_a_worker_that_waits_is_made_again(
    store: Store, server: RealServer, deletion: tuple[str, ...]
) -> None:
    await store.ensure_group(STORY)
    await admit(store, 1)
    (held,) = await store.take([STORY], "w", 1, 1)
    waiting = asyncio.create_task(store.take([STORY], "w", 10, 2))
    await asyncio.to_thread(until, lambda: "cmd=xread" in server.tell("CLIENT", "LIST"))

    server.tell(*deletion)

    await store.heartbeat([held], "w")
    assert [group.name for group in await store.groups(keys.articles(STORY))] == [keys.GROUP]
    await admit(store, 1, first=2)
    assert numbers(await waiting)[-1] == 2


async def test_signs_of_life_survive_a_deleted_group(store: Store, server: RealServer) -> None:
    await store.ensure_group(STORY)
    await admit(store, 1)
    held = await store.take([STORY], "w", 1, 1)
    server.tell("XGROUP", "DESTROY", keys.articles(STORY), keys.GROUP)

    await store.heartbeat(held, "w")

    assert numbers(await store.take([STORY], "w", 1, 1)) == [1]


async def test_starts_are_counted_over_all_workers_until_the_commit(store: Store) -> None:
    await admit(store, 1)

    assert [await store.begin(STORY, 1) for _ in range(3)] == [1, 2, 3]

    await commit_next(store)
    assert await store.begin(STORY, 1) == 0


async def test_the_first_finding_stands(store: Store) -> None:
    await admit(store, 1)

    assert await store.put_finding(STORY, 1, b"first")
    assert not await store.put_finding(STORY, 1, b"second")
    assert (await store.head(STORY)).finding == b"first"

    await commit_next(store)
    assert not await store.put_finding(STORY, 1, b"late")


async def test_an_article_is_buried_once_and_keeps_its_place(store: Store) -> None:
    await store.ensure_group(STORY)
    await admit(store, 2)
    first, _ = await store.take([STORY], "w", 2, 1)
    await store.begin(STORY, 1)

    buried = [
        await store.dead_letter(STORY, 1, first.entry_id, "it hangs", "trace", worker) for worker in ("w", "other")
    ]

    assert buried == [True, False]
    finding = (await store.head(STORY)).finding
    assert finding is not None
    tombstone = Tombstone.from_bytes(finding)
    assert tombstone == Tombstone(1, "1-0", article(1).id, article(1).uri, 1, "it hangs")
    (dead,) = await store.range(keys.dead(STORY))
    assert (dead.fields["number"], dead.fields["reason"], dead.fields["starts"]) == ("1", "it hangs", "1")

    await commit_next(store, outcome=Outcome.PARKED, events=(), claims={})
    assert not await store.dead_letter(STORY, 1, first.entry_id, "again", "", "w")
    assert (await store.counts(STORY))["outcome:parked"] == 1


async def test_a_finding_that_cannot_be_decided_is_replaced_by_its_tombstone(store: Store) -> None:
    await admit(store, 1)
    await store.put_finding(STORY, 1, b"found")

    assert await store.dead_letter(STORY, 1, "1-0", "deciding failed", "", "w", finding=b"the desk's own")

    assert (await store.head(STORY)).finding == b"the desk's own"


async def test_an_entry_that_cannot_be_read_is_buried_and_its_neighbours_live(store: Store, server: RealServer) -> None:
    await store.ensure_group(STORY)
    await admit(store, 3)
    server.tell("DEL", keys.doc(STORY, article(1).id))
    server.tell("HSET", keys.doc(STORY, article(2).id), 1, "not compressed")

    assert numbers(await store.take([STORY], "w", 10, 1)) == [3]
    assert [entry.fields["number"] for entry in await store.range(keys.dead(STORY))] == ["1", "2"]


async def test_an_entry_deleted_by_hand_blocks_nobody(store: Store, server: RealServer) -> None:
    await store.ensure_group(STORY)
    await admit(store, 2)
    await store.take([STORY], "w", 2, 1)
    server.tell("XDEL", keys.articles(STORY), "1-0")

    assert numbers(await store.own_pending(STORY, "w")) == [2]
    assert await store.commit(commit_of(await store.state(STORY), outcome=Outcome.PARKED))


@pytest.mark.parametrize(("admitted", "taken"), [(3, 0), (1, 0), (3, 3)])
async def test_one_that_was_deleted_before_or_after_it_was_taken_is_given_up_in_its_turn(
    store: Store, server: RealServer, admitted: int, taken: int
) -> None:
    await store.ensure_group(STORY)
    await admit(store, admitted)
    if taken:
        await store.take([STORY], "w", taken, 1)
    server.tell("XDEL", keys.articles(STORY), "1-0")
    if not taken:
        await store.take([STORY], "w", admitted, 1)

    looks = await store.looks([STORY], "w", 0)
    assert looks[STORY].stale
    with capture_logs() as logs:
        assert numbers(await store.reclaim(STORY, "w", 0)) == [number for number in (2, 3) if number <= admitted]
        assert numbers(await store.reclaim(STORY, "w", 0)) == [number for number in (2, 3) if number <= admitted]

    (letter,) = await store.dead_letters(STORY)
    assert (letter.number, letter.article) == (1, None)
    assert "deleted" in letter.reason
    assert [line["event"] for line in logs] == ["article.parked"]
    assert (await store.head(STORY)).finding is not None
    assert await store.commit(commit_of(await store.state(STORY), article_id="", outcome=Outcome.PARKED))
    assert (await store.counts(STORY))["outcome:parked"] == 1


async def test_one_that_cannot_be_read_is_given_up_under_its_own_number_only(store: Store, server: RealServer) -> None:
    """The server comes back older than it was between the look and the answer, and gives the number to another."""
    await store.ensure_group(STORY)
    await admit(store, 1)
    server.tell("DEL", keys.doc(STORY, article(1).id))
    give_up = store.dead_letter

    async def late(*asked: Any, **named: Any) -> bool:
        server.tell("FLUSHALL")
        await admit(store, 1, first=2)
        return await give_up(*asked, **named)

    with patch.object(store, "dead_letter", late):
        assert await store.take([STORY], "w", 1, 0) == []
    assert await store.dead_letters(STORY) == [], "the innocent one"


async def test_forgotten_scripts_are_sent_again(store: Store, server: RealServer) -> None:
    await admit(store, 1)
    server.tell("SCRIPT", "FLUSH")

    await admit(store, 1, first=2)

    assert await store.backlog(STORY) == 2
