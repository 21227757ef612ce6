"""A cluster of three primaries and three replicas: the same code, the same events, and what is moved under it."""

from __future__ import annotations

import asyncio
import pickle
import signal
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from redis.crc import key_slot

from service.errors import InvariantBroken, ServerUnusable, StoreUnavailable
from service.model import EntryResult
from service.store import keys
from service.store.connection import Script
from service.store.store import FeedState, Store
from service.store.travel import at_server
from tests.cluster.lines import (
    Found,
    Workers,
    Written,
    admit,
    alone,
    articles,
    committed,
    opened,
    read,
    stories,
    written,
)
from tests.cluster.nodes import Cluster, Node, free_port
from tests.cluster.tls import is_native
from tests.servers import RealServer, families, until
from tests.servers import valkey as valkey_binary
from tests.store.builders import STORY, TTL_S, article, commit_next

STORIES, ARTICLES = 4, 10
OF = articles(ARTICLES)
_GROUP = (keys.state("line-1"), keys.articles("line-1"))


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, Path]:
    clauses = read(OF)
    path = tmp_path_factory.mktemp("found") / "clauses"
    path.write_bytes(pickle.dumps(clauses))
    return clauses, path


@pytest.fixture(scope="module")
def quiet(found: tuple[Found, Path]) -> dict[str, Written]:
    """What one desk writes on one server, undisturbed."""
    server = RealServer(valkey_binary()).start()
    try:
        return asyncio.run(alone(server.url, STORIES, OF, found[0]))
    finally:
        server.stop()


@pytest.fixture
def workers(cluster: Cluster, found: tuple[Found, Path]) -> Iterator[Workers]:
    working = Workers(cluster.url, STORIES, found[1]).start("one", "two")
    yield working
    working.stop()


async def of_all(store: Store) -> dict[str, Written]:
    return {story: await written(store, story) for story in stories(STORIES)}


async def test_every_room_of_the_store_works_on_a_cluster(cluster: Cluster) -> None:
    async with opened(cluster.url) as store:
        many = [f"f{n}" for n in range(50)]
        for story in (STORY, "lighthouse"):
            await store.admit(story, article(1), "poll", TTL_S)
        taken = await store.take([STORY, "lighthouse"], "w", 10, 1)
        await commit_next(store)
        assert await store.close_poll("f1", 0, FeedState(etag="e"), {EntryResult.ADMITTED: 1}, "poll")
        await store.replica_beat("r", "i", 10, "feeds")
        await store.keep_leases(many, "r", 10, 0)
        await store.beat("w", 10)
        read_ = await store.read({keys.events(STORY): "0", keys.outcomes("lighthouse"): "0"}, 0.1, 10)
        states = await store.feed_states(many)

        assert sorted(admission.story for admission in taken) == [STORY, "lighthouse"]
        assert [entry.fields["id"] for entry in read_] == ["e-1"]
        assert [name for name, state in states.items() if state] == ["f1"]
        assert await store.replicas_alive() == ["r"]
        assert await store.check_keys([STORY, "lighthouse"]) == {}
        assert (
            len({key_slot(key.encode()) * 3 // 16384 for key in (keys.state(STORY), keys.bell(), keys.workers())}) > 1
        )


async def test_workers_of_a_cluster_write_what_one_writes_on_one_server(
    cluster: Cluster, workers: Workers, quiet: dict[str, Written]
) -> None:
    async with opened(cluster.url) as store:
        await admit(store, STORIES, OF)
        await committed(store, STORIES, ARTICLES)

        assert await of_all(store) == quiet
        assert sum(len(each.events) for each in quiet.values()) > 10 * STORIES, "there is something to compare"


async def test_a_primary_is_killed(cluster: Cluster, workers: Workers, quiet: dict[str, Written]) -> None:
    async with opened(cluster.url, replicas=1) as store:
        admitting = asyncio.create_task(admit(store, STORIES, OF, pause_s=0.02))
        await committed(store, 1, 3)
        victim = cluster.primary_of(keys.state("line-1"))
        victim.kill()
        began_s = time.monotonic()
        await _served_again(store, "line-1")
        took_s = time.monotonic() - began_s
        await asyncio.sleep(0.5)
        victim.start()  # comes back empty, as a replica of the one that took over
        await admitting
        await committed(store, STORIES, ARTICLES)

        assert await of_all(store) == quiet
        assert took_s <= 60, "seconds until the story's keys could be written again"


async def test_a_primary_that_freezes_is_left_for_the_one_that_takes_over(cluster: Cluster) -> None:
    """It takes connections and answers nothing; what was asked of it is not waited for."""
    async with opened(cluster.url) as store:
        await admit(store, 1, OF[:1])
        victim = cluster.primary_of(keys.state("line-1"))
        await store._connection.durable(Script("ensure_group"), _GROUP, (keys.GROUP,), 1, 5)
        victim.signal(signal.SIGSTOP)
        try:
            began_s = time.monotonic()
            await admit(store, 1, OF[1:2])
            assert time.monotonic() - began_s < 90
            assert (await store.state("line-1")).admitted == 2
        finally:
            victim.signal(signal.SIGCONT)


async def test_a_replica_that_is_frozen_holds_admissions_up_and_loses_nothing(
    cluster: Cluster, workers: Workers, quiet: dict[str, Written]
) -> None:
    """The primary is killed while its replica has not had what was written last: that was never admitted."""
    async with opened(cluster.url, replicas=1) as store:
        await admit(store, STORIES, OF[:4])
        victim = cluster.primary_of(keys.state("line-1"))
        replica = cluster.cut_off_replica_of(victim)
        admitting = asyncio.create_task(admit(store, STORIES, OF[4:]))
        async with opened(cluster.url) as other:
            while (await other.state("line-1")).admitted < 5:  # its primary alone has the fifth
                await asyncio.sleep(0.02)
        victim.kill()
        replica.signal(signal.SIGCONT)
        await asyncio.to_thread(cluster.failed_over, keys.state("line-1"), victim)
        victim.start()
        assert await admitting > 0, "some admissions were not confirmed"
        await committed(store, STORIES, ARTICLES)

        assert await of_all(store) == quiet


async def test_without_waiting_for_replicas_it_would_be_lost(cluster: Cluster) -> None:
    """The negative control of the setting."""
    async with opened(cluster.url) as store:
        victim = cluster.primary_of(keys.state("line-1"))
        await admit(store, 1, OF[:3])
        await store._connection.durable(Script("ensure_group"), _GROUP, (keys.GROUP,), 1, 5)
        replica = cluster.cut_off_replica_of(victim)
        await admit(store, 1, OF[3:6])
        victim.kill()
        replica.signal(signal.SIGCONT)
        await asyncio.to_thread(cluster.failed_over, keys.state("line-1"), victim)
        await _served_again(store, "line-1")

        assert (await store.state("line-1")).admitted == 3
        victim.start()


async def test_a_slot_is_handed_over_under_load(cluster: Cluster, workers: Workers, quiet: dict[str, Written]) -> None:
    slot = key_slot(keys.state("line-1").encode())
    async with opened(cluster.url) as store:
        admitting = asyncio.create_task(admit(store, STORIES, OF, pause_s=0.01))
        await committed(store, 1, 2)
        for _ in range(2):
            source = cluster.primary_of_slot(slot)
            to = next(each for each in _primaries(cluster) if each is not source)
            handing = threading.Thread(target=cluster.migrate, args=(slot, to, 0.05))
            handing.start()
            await asyncio.to_thread(handing.join)
            assert cluster.primary_of(keys.state("line-1")) is to
        await admitting
        await committed(store, STORIES, ARTICLES)

        assert await of_all(store) == quiet


async def test_a_repeated_admission_is_confirmed_by_what_it_writes(cluster: Cluster) -> None:
    """It comes on another connection; a WAIT behind nothing written there would be confirmed at once."""
    async with opened(cluster.url, replicas=1) as store:
        primary = cluster.primary_of(keys.state("line-1"))
        replica = cluster.cut_off_replica_of(primary)
        try:
            for _ in range(2):
                async with opened(cluster.url, replicas=1) as other:
                    with pytest.raises(StoreUnavailable, match="0 of 1 replicas"):
                        await other.admit("line-1", OF[0], "poll", TTL_S)
        finally:
            replica.signal(signal.SIGCONT)
        until(lambda: "state=online" in primary.tell("INFO", "replication"))

        assert await store.admit("line-1", OF[0], "poll", TTL_S) is EntryResult.ADMITTED
        assert (await store.state("line-1")).admitted == 1


async def test_a_node_that_is_part_of_the_cluster_no_more_is_forgotten(cluster: Cluster) -> None:
    async with opened(cluster.url) as store:
        await store.state("line-1")
        servers = store._connection._servers
        stranger = RealServer(valkey_binary(), ("--port", str(port := free_port()))).start()
        try:
            gone = f"127.0.0.1:{port}"
            assert await at_server(servers.at(gone), [("PING",)]) == [b"PONG"]
            servers._learned_s = 0.0
            await servers.learn()
            await asyncio.to_thread(until, lambda: "connected_clients:1" in stranger.tell("INFO", "clients"))
        finally:
            stranger.stop()
        assert gone not in servers._known
        assert {node.host for node in cluster.nodes} <= {*servers._named}, "replicas are known before they are needed"
        assert (await store.state("line-1")).admitted == 0


async def test_a_cluster_speaks_tls() -> None:
    """Where a server at hand was built with it, plainly elsewhere. Its nodes are named to us by their safe ports."""
    native = next(filter(is_native, families()), None)
    cluster = Cluster(native or valkey_binary(), replicas=0, safe=native is not None)
    try:
        async with opened(cluster.start().url) as store:
            await admit(store, STORIES, OF[:2])
            assert [(await store.state(story)).admitted for story in stories(STORIES)] == [2] * STORIES
            assert len(await store._connection._servers.all()) == 3
        if native is not None:
            with pytest.raises(ServerUnusable, match="certificate verify failed"):
                await Store.open(cluster.url.partition("?")[0])
    finally:
        cluster.stop()


async def test_keys_of_two_slots_in_one_command_are_our_fault(cluster: Cluster) -> None:
    async with opened(cluster.url) as store:
        with pytest.raises(InvariantBroken, match=r"same slot|CROSSSLOT"):
            await store._connection.run("DEL", keys.state("line-1"), keys.state("line-2"))


async def test_a_node_of_a_cluster_is_not_taken_for_a_server(cluster: Cluster) -> None:
    with pytest.raises(ServerUnusable, match="node of a cluster") as refused:
        await Store.open(f"redis://{cluster.nodes[0].host}/0")

    assert "redis+cluster://" in refused.value.hint


def _primaries(cluster: Cluster) -> list[Node]:
    return [node for node in cluster.nodes if node.answers() and "role:master" in node.tell("INFO", "replication")]


async def _served_again(store: Store, story: str, within_s: float = 90) -> None:
    end_s = time.monotonic() + within_s
    while True:
        try:
            await store.ensure_group(story)
            return
        except StoreUnavailable:
            assert time.monotonic() < end_s
            await asyncio.sleep(0.05)
