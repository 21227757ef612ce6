"""Subscribers that are behind: who slows the line, who has lapsed, and what nobody will get is told."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from service.store import keys
from service.store.store import Store
from service.store.values import Caps, Gap, GroupWeight
from tests.servers import RealServer, until
from tests.store.builders import STORY, admit, commit_next

EVENTS = keys.events(STORY)
CAPS = Caps(soft=2, hard=4)


def subscribe(server: RealServer, group: str, *, asks: bool = True) -> None:
    server.tell("XGROUP", "CREATE", EVENTS, group, "0", "MKSTREAM")
    if asks:
        read(server, group, 1)


def read(server: RealServer, group: str, count: int) -> list[str]:
    told = server.tell("XREADGROUP", "GROUP", group, "me", "COUNT", count, "STREAMS", EVENTS, ">") or [[0, []]]
    return [entry_id for entry_id, _ in told[0][1]]


async def committed(store: Store, count: int) -> None:
    first = (await store.state(STORY)).admitted + 1
    await admit(store, count, first=first)
    for _ in range(count):
        await commit_next(store)


async def weight(store: Store, **how: Any) -> GroupWeight:
    (only,) = await store.weigh([STORY], CAPS, **how)
    return only


async def test_a_group_that_reads_and_is_behind_slows_the_line_until_it_has_caught_up(
    store: Store, server: RealServer
) -> None:
    await committed(store, 1)
    subscribe(server, "slow")
    await committed(store, 2)
    assert await weight(store) == GroupWeight(STORY, "events", "slow", behind=3, lapsed=False, slows=True)

    assert (await store.head(STORY)).slowed == "events slow is 3 behind"
    await admit(store, 1, first=4)
    assert (await store.looks([STORY], "w", 1))[STORY].slowed

    server.tell("XACK", EVENTS, "slow", *read(server, "slow", 10))
    assert not (await weight(store)).slows
    assert (await store.head(STORY)).slowed == ""


async def test_a_group_that_nobody_reads_with_slows_nobody(store: Store, server: RealServer) -> None:
    await committed(store, 3)
    subscribe(server, "forgotten", asks=False)

    assert await weight(store) == GroupWeight(STORY, "events", "forgotten", behind=3, lapsed=False, slows=False)
    read(server, "forgotten", 1)
    assert not (await weight(store, reads_s=0)).slows, "it asked once, long ago"
    assert (await weight(store)).slows


async def test_a_group_too_far_behind_has_lapsed_until_it_has_caught_up(store: Store, server: RealServer) -> None:
    await committed(store, 1)
    subscribe(server, "slow")
    await committed(store, 4)
    assert await weight(store) == GroupWeight(STORY, "events", "slow", behind=5, lapsed=True, slows=False)
    assert (await store.head(STORY)).slowed == ""

    server.tell("XACK", EVENTS, "slow", "0-1", *read(server, "slow", 2))
    assert (await weight(store)).lapsed, "three behind is still above the soft cap"
    server.tell("XACK", EVENTS, "slow", *[entry[0] for entry in server.tell("XRANGE", EVENTS, "-", "+")])
    read(server, "slow", 9)
    assert not (await weight(store)).lapsed


async def test_what_a_group_within_its_cap_has_not_had_is_kept_and_for_one_that_lapsed_it_goes(
    store: Store, server: RealServer
) -> None:
    await committed(store, 1)
    subscribe(server, "quick")
    subscribe(server, "slow")
    server.tell("XACK", EVENTS, "quick", *[entry[0] for entry in server.tell("XRANGE", EVENTS, "-", "+")])
    await committed(store, 2)
    await _a_little_later(store, server)
    await store.weigh([STORY], CAPS)
    assert (await store.trim(STORY, keep_s=0, hold_s=3600)).entries["events"] == 0, "slow has not had them"

    await committed(store, 2)
    server.tell("XACK", EVENTS, "quick", *read(server, "quick", 9))
    await _a_little_later(store, server)
    await store.weigh([STORY], CAPS)
    trimmed = await store.trim(STORY, keep_s=0, hold_s=3600)

    assert trimmed.entries["events"] == 4, "all but the last that was read"
    assert trimmed.gaps == (Gap(STORY, "events", "slow", "1", "4"),)
    (told,) = await store.range(keys.gaps(STORY))
    assert told.fields == {"stream": "events", "group": "slow", "from": "1", "to": "4"}
    assert (await store.trim(STORY, keep_s=0, hold_s=3600)).gaps == (), "a gap is told once"
    assert await store.check_keys([STORY]) == {}


async def test_what_is_dropped_for_its_age_is_told_too(store: Store, server: RealServer) -> None:
    await committed(store, 2)
    subscribe(server, "forgotten", asks=False)
    await _a_little_later(store, server)

    trimmed = await store.trim(STORY, keep_s=0, hold_s=0)

    assert trimmed.gaps == (Gap(STORY, "events", "forgotten", "1", "2"),)
    assert await store.length(EVENTS) == 0


async def test_where_an_event_was_deleted_the_sequence_says_how_far_behind_a_group_is(
    store: Store, server: RealServer
) -> None:
    await committed(store, 1)
    subscribe(server, "slow")
    await committed(store, 4)
    server.tell("XDEL", EVENTS, (await store.range(EVENTS))[3].id)
    assert server.tell("XINFO", "GROUPS", EVENTS)[0][-1] is None, "the server cannot say"

    assert (await weight(store)).behind == 5


async def test_a_full_server_still_weighs_and_trims(store: Store, server: RealServer) -> None:
    await committed(store, 2)
    subscribe(server, "forgotten", asks=False)
    await _a_little_later(store, server)
    server.tell("CONFIG", "SET", "maxmemory", 1)
    try:
        await store.weigh([STORY], replace(CAPS, hard=1))
        assert (await store.trim(STORY, keep_s=0, hold_s=3600)).entries["events"] == 2
        ((used, most),) = await store.memory()
        assert used > most == 1
    finally:
        server.tell("CONFIG", "SET", "maxmemory", 0)


async def _a_little_later(store: Store, server: RealServer) -> None:
    """The clock of the server has gone on since the last event."""
    newest = int((await store.last_id(EVENTS)).partition("-")[0])
    await asyncio.to_thread(
        until, lambda: int(server.tell("TIME")[0]) * 1000 + int(server.tell("TIME")[1]) / 1000 > newest + 1
    )


@pytest.mark.parametrize("behind", [CAPS.soft, CAPS.soft + 1])
async def test_the_soft_cap_itself_slows_nobody(store: Store, server: RealServer, behind: int) -> None:
    await committed(store, 1)
    subscribe(server, "g")
    await committed(store, behind - 1)

    assert (await weight(store)).slows == (behind > CAPS.soft)
