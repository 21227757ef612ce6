"""redis-py sends a command again when its reply was lost (redis-py #3554): no effect may come twice."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from service.model import EntryResult
from service.store import keys
from service.store.store import FeedState, Store
from tests.servers import RealServer
from tests.store.builders import STORY, TTL_S, admit, article, commit_of, event_ids


class Thief:
    """Stands between client and server; carries a command to the server and steals the reply."""

    def __init__(self, server: RealServer) -> None:
        self._server = server
        self.stolen = 0
        self._armed = False

    def arm(self) -> None:
        self._armed = True

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server_reader, server_writer = await asyncio.open_unix_connection(self._server.socket)
        try:
            while asked := await reader.read(1 << 20):
                steal = self._armed and b"EVALSHA" in asked
                server_writer.write(asked)
                answer = await server_reader.read(1 << 20)
                if steal:
                    self._armed, self.stolen = False, self.stolen + 1
                    return
                writer.write(answer)
        finally:
            server_writer.close()
            writer.close()


@pytest.fixture
async def thief(server: RealServer) -> AsyncIterator[tuple[Thief, Store]]:
    thief = Thief(server)
    listening = await asyncio.start_server(thief.serve, "127.0.0.1", 0)
    store = await Store.open(f"redis://127.0.0.1:{listening.sockets[0].getsockname()[1]}/0")
    warm = await Store.open(server.url)  # so that every script is known, and the first call of each is the one stolen
    await _use(warm, "warm")
    await warm.close()
    server.tell("FLUSHALL")
    yield thief, store
    await store.close()
    listening.close()


async def _use(store: Store, feed: str) -> None:
    await store.admit(STORY, article(1), "poll-1", TTL_S)
    await store.begin(STORY, 1)
    await store.dead_letter(STORY, 1, "1-0", "why", "", "w")
    await store.retry_dead((await store.dead_letters(STORY))[0])
    await store.put_finding(STORY, 1, b"found")
    await store.commit(commit_of(await store.state(STORY)))
    await store.close_poll(feed, 0, FeedState(), {}, "poll-1")


async def test_an_article_is_admitted_once(thief: tuple[Thief, Store]) -> None:
    stealing, store = thief
    stealing.arm()

    assert await store.admit(STORY, article(1), "poll-1", TTL_S) is EntryResult.ADMITTED

    assert stealing.stolen == 1
    assert await store.backlog(STORY) == 1
    assert await store.counts(STORY) == {"entry:admitted": 1}


async def test_a_start_is_counted_once(thief: tuple[Thief, Store]) -> None:
    stealing, store = thief
    await admit(store, 1)
    stealing.arm()

    assert await store.begin(STORY, 1) == 1
    assert (stealing.stolen, await store.begin(STORY, 1)) == (1, 2)


async def test_a_finding_is_parked(thief: tuple[Thief, Store]) -> None:
    stealing, store = thief
    await admit(store, 1)
    stealing.arm()

    assert await store.put_finding(STORY, 1, b"found")
    assert stealing.stolen == 1


async def test_an_article_is_buried_once(thief: tuple[Thief, Store]) -> None:
    stealing, store = thief
    await admit(store, 1)
    stealing.arm()

    assert await store.dead_letter(STORY, 1, "1-0", "why", "", "w")

    assert (stealing.stolen, await store.length(keys.dead(STORY))) == (1, 1)


async def test_a_dead_letter_is_retried_once(thief: tuple[Thief, Store]) -> None:
    stealing, store = thief
    await admit(store, 1)
    await store.dead_letter(STORY, 1, "1-0", "why", "", "w")
    (letter,) = await store.dead_letters(STORY)
    stealing.arm()

    assert (await store.retry_dead(letter)).number == 2

    assert (stealing.stolen, await store.backlog(STORY)) == (1, 2)


async def test_a_commit_is_written_once_and_known_to_stand(thief: tuple[Thief, Store]) -> None:
    stealing, store = thief
    await admit(store, 1)
    commit = commit_of(await store.state(STORY))
    stealing.arm()

    assert await store.commit(commit)

    assert (stealing.stolen, await event_ids(store)) == (1, ["e-1"])
    assert (await store.counts(STORY))["outcome:announced"] == 1


async def test_a_poll_is_closed_once(thief: tuple[Thief, Store]) -> None:
    stealing, store = thief
    stealing.arm()

    assert await store.close_poll("f", 0, FeedState(), {EntryResult.ADMITTED: 2}, "poll-1")

    assert (stealing.stolen, (await store.feed_counts(["f"]))["f"]["admitted"]) == (1, 2)


async def test_a_bare_command_would_come_twice(thief: tuple[Thief, Store]) -> None:
    """The negative control: what the scripts are for."""
    stealing, store = thief
    stealing.arm()

    await store._connection.run("EVAL", "--EVALSHA\nreturn redis.call('XADD', KEYS[1], '*', 'a', 1)", 1, "bare")

    assert (stealing.stolen, await store.length("bare")) == (1, 2)
