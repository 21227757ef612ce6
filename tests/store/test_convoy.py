"""Commits that are sent while those before them are on their way: each upon the one before, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest

from service.errors import StoreUnavailable
from service.model import Commit
from service.store import convoy
from service.store.store import Convoy, Store
from service.store.values import Commitment
from tests.servers import RealServer
from tests.store.builders import STORY, admit, event_ids
from tests.store.test_committing import line_of

COUNT = 6


async def sent(store: Store, commits: Sequence[Commit], way: Convoy) -> list[Commitment]:
    told = await asyncio.gather(*(store.commit_on([commit], 1, 0, way) for commit in commits))
    return [ended for ended, _ in told]


async def test_each_is_upon_the_one_before_though_that_is_not_answered(store: Store, server: RealServer) -> None:
    await admit(store, COUNT)
    line = line_of(await store.state(STORY), COUNT)
    server.tell("SCRIPT", "FLUSH")  # the first is not known, nor are those that were sent behind it
    async with store.convoy() as way:
        assert await sent(store, line[:3], way) == [Commitment.WRITTEN] * 3
        assert await sent(store, line[3:], way) == [Commitment.WRITTEN] * 3
    assert await event_ids(store) == [f"e-{number}" for number in range(1, COUNT + 1)]


async def test_all_are_sent_before_one_is_answered(store: Store, server: RealServer) -> None:
    await admit(store, COUNT)
    line = line_of(await store.state(STORY), COUNT)
    await store.commit(line[0])
    async with store.convoy() as way:
        server.tell("CLIENT", "PAUSE", 60_000, "WRITE")
        under_way = asyncio.create_task(sent(store, line[1:], way))
        await _arrived(server)
        server.tell("CLIENT", "UNPAUSE")
        assert await under_way == [Commitment.WRITTEN] * (COUNT - 1)
    assert len(await event_ids(store)) == COUNT


async def test_what_is_upon_a_refused_one_is_refused(store: Store, server: RealServer) -> None:
    await admit(store, COUNT)
    line = line_of(await store.state(STORY), COUNT)
    odd = [line[0], replace(line[1], mark="another admission"), *line[2:]]
    async with store.convoy() as way:
        assert await sent(store, odd, way) == [Commitment.WRITTEN] + [Commitment.STALE] * (COUNT - 1)
    assert await event_ids(store) == ["e-1"]


async def test_a_lost_connection_neither_loses_nor_repeats(store: Store, server: RealServer) -> None:
    await admit(store, COUNT)
    line = line_of(await store.state(STORY), COUNT)
    await store.commit(line[0])
    async with store.convoy() as way:
        server.tell("CLIENT", "PAUSE", 60_000, "WRITE")
        under_way = asyncio.create_task(sent(store, line[1:4], way))
        await _arrived(server)
        server.tell("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes")
        server.tell("CLIENT", "UNPAUSE")
        assert await under_way == [Commitment.WRITTEN] * 3
        assert await sent(store, line[4:], way) == [Commitment.WRITTEN] * 2, "the ordinary way"
    assert await event_ids(store) == [f"e-{number}" for number in range(1, COUNT + 1)]


async def test_who_is_cancelled_while_it_waits_takes_no_other_along(store: Store, server: RealServer) -> None:
    await admit(store, COUNT)
    line = line_of(await store.state(STORY), COUNT)
    await store.commit(line[0])
    async with store.convoy() as way:
        server.tell("CLIENT", "PAUSE", 60_000, "WRITE")
        first, second = (asyncio.create_task(store.commit_on([commit], 1, 0, way)) for commit in line[1:3])
        await _arrived(server)
        second.cancel()
        await asyncio.wait([second])
        server.tell("CLIENT", "UNPAUSE")
        ended, _ = await first
    assert second.cancelled()
    assert ended, "the one before it is told how it ended"
    assert (await event_ids(store))[:2] == ["e-1", "e-2"]


async def test_who_is_silent_is_not_asked_again(
    store: Store, server: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await admit(store, COUNT)
    line = line_of(await store.state(STORY), COUNT)
    await store.commit(line[0])
    monkeypatch.setattr(convoy, "SILENCE_S", 0.2)
    async with store.convoy() as way:
        server.tell("CLIENT", "PAUSE", 60_000, "WRITE")
        asked = [store.commit_on([commit], 1, 0, way) for commit in line[1:]]
        told = await asyncio.gather(*asked, return_exceptions=True)
        server.tell("CLIENT", "UNPAUSE")
    assert [type(each) for each in told] == [StoreUnavailable] * (COUNT - 1)
    assert (await store.commit_on(line[1:]))[0], "as if it had been sent at once"
    assert await event_ids(store) == [f"e-{number}" for number in range(1, COUNT + 1)]


async def _arrived(server: RealServer) -> None:
    """Waits until a script has reached the server that is paused."""
    while server.tell("CLIENT", "LIST").count("cmd=evalsha") < 1:
        await asyncio.sleep(0.01)


async def test_who_is_cancelled_while_a_lost_connection_is_closed_gives_it_back(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    closing = asyncio.Event()

    async def never(*_: object, **__: object) -> None:
        closing.set()
        await asyncio.Event().wait()

    await admit(store, 1)
    (commit,) = line_of(await store.state(STORY), 1)
    released = list[object]()

    async def lost(way: Convoy) -> None:
        async with way:
            await store.commit_on([commit], 1, 0, way)
            way._sound = False
            assert way._lent is not None
            assert way._server is not None
            monkeypatch.setattr(way._lent, "disconnect", never)
            give_back = way._server.pool.release

            async def release(connection: object) -> None:
                released.append(connection)
                await give_back(connection)

            monkeypatch.setattr(way._server.pool, "release", release)

    way = store.convoy()
    task = asyncio.create_task(lost(way))
    await asyncio.wait_for(closing.wait(), 60)
    task.cancel()
    await asyncio.wait([task])
    monkeypatch.undo()
    assert task.cancelled()
    assert released == [way._lent]
