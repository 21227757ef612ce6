"""Three sentinels, a primary and its replica: the run goes on when the primary is killed."""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.errors import ServerUnusable, StoreUnavailable
from service.store.binaries import Binary
from service.store.store import Store
from tests.cluster.lines import Workers, admit, alone, articles, committed, opened, read, stories, written
from tests.cluster.nodes import Watched
from tests.servers import RealServer, families, family_id, until, valkey

STORIES, ARTICLES = 2, 8
OF = articles(ARTICLES)


def passwords() -> list[tuple[Binary, str]]:
    """The first family's sentinels have one of their own, those of the next have none."""
    return list(zip(families(), ("a secret", ""), strict=False))


@pytest.fixture(params=passwords(), ids=lambda row: family_id(row[0]))
def watched(request: pytest.FixtureRequest) -> Iterator[Watched]:
    servers = Watched(*request.param)
    try:
        yield servers.start()
    finally:
        servers.stop()


async def test_a_run_goes_on_with_the_server_that_sentinels_promote(watched: Watched, tmp_path: Path) -> None:
    found = read(OF)
    (tmp_path / "clauses").write_bytes(pickle.dumps(found))
    quiet_server = RealServer(valkey()).start()
    quiet = await alone(quiet_server.url, STORIES, OF, found)
    quiet_server.stop()
    workers = Workers(watched.url, STORIES, tmp_path / "clauses").start("one", "two")
    try:
        async with opened(watched.url, replicas=1) as store, opened(watched.url) as unwaiting:
            admitting = asyncio.create_task(admit(store, STORIES, OF[:5], pause_s=0.02))
            await committed(store, 1, 2)
            await admitting
            watched.primary.kill()
            began_s = time.monotonic()
            await admit(unwaiting, STORIES, OF[5:])  # there is no replica any more to wait for
            took_s = time.monotonic() - began_s
            await committed(store, STORIES, ARTICLES)

            assert {story: await written(store, story) for story in stories(STORIES)} == quiet
            assert took_s < 90, "seconds until articles were admitted again"
    finally:
        workers.stop()


async def test_sentinels_that_know_no_such_service_or_ask_for_a_password_are_told(watched: Watched) -> None:
    with pytest.raises(ServerUnusable, match="No master found for 'olds'"):
        await Store.open(watched.url.replace("/news", "/olds"))

    for sentinel in watched.sentinels:  # both kinds, on servers of each family
        sentinel.tell("ACL", "SETUSER", "default", "resetpass", ">another")
        sentinel.password = "another"
    for url in (watched.unnamed, f"{watched.unnamed}?sentinel_password=wrong"):
        with pytest.raises(ServerUnusable, match="the server refuses us: the sentinels have a password of their own"):
            await Store.open(url)
    async with opened(f"{watched.unnamed}?sentinel_password=another") as store:
        await store.ping()


async def test_a_server_that_was_the_primary_is_left(watched: Watched) -> None:
    """Sentinels demote it while it lives: connections to it are of no use, and must not go on being used."""
    async with opened(watched.url) as store:
        await admit(store, 1, OF[:1])
        watched.sentinels[0].tell("SENTINEL", "FAILOVER", "news")
        await asyncio.to_thread(until, lambda: watched.primary.role() == "slave")
        while True:
            try:
                await admit(store, 1, OF[1:2])
                break
            except StoreUnavailable:
                await asyncio.sleep(0.05)
        assert watched.replica.role() == "master"
        assert (await store.state("line-1")).admitted == 2
