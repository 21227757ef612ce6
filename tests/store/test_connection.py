from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator

import pytest

from service.errors import InvariantBroken, ServerUnusable, StoreUnavailable
from service.model import Outcome
from service.store.connection import Connection, identify, translated
from service.store.store import Store
from tests import servers
from tests.servers import RealServer
from tests.store.builders import STORY, admit, article, commit_of, event_ids

OLD = "redis_version:6.2.14\r\nrun_id:abc\r\n"


@pytest.fixture
def fragile() -> Iterator[RealServer]:
    """A server of this test alone, to be killed."""
    server = RealServer(servers.valkey()).start()
    yield server
    server.stop()


@pytest.fixture
async def old_server() -> AsyncIterator[str]:
    """Speaks just enough to say that it is Redis 6.2."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            if line.startswith(b"*"):
                words = []
                for _ in range(int(line[1:])):
                    await reader.readline()
                    words.append((await reader.readline()).strip().upper())
                body = f"${len(OLD)}\r\n{OLD}\r\n".encode() if words[0] == b"INFO" else b"+OK\r\n"
                writer.write(body)
        writer.close()

    listening = await asyncio.start_server(answer, "127.0.0.1", 0)
    yield f"redis://127.0.0.1:{listening.sockets[0].getsockname()[1]}/0"
    listening.close()


async def test_a_server_below_7_is_refused(old_server: str) -> None:
    with pytest.raises(ServerUnusable, match=r"6\.2\.14.*needs 7\.0") as refused:
        await Store.open(old_server)

    assert "unset REDIS_URL" in refused.value.hint


def test_what_the_servers_say_of_themselves_is_read() -> None:
    valkey = identify("redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:9.1.2\r\nrun_id:abc\r\n")
    redis = identify("redis_version:7.0.15\r\nrun_id:def\r\n")

    assert (valkey.family, valkey.version, valkey.run_id) == ("valkey", "9.1.2", "abc")
    assert (redis.family, redis.version) == ("redis", "7.0.15")
    with pytest.raises(ServerUnusable):
        identify("nothing of the kind")


async def test_every_family_found_is_known(store: Store, server: RealServer) -> None:
    identity = await store.server()
    await store.ping()

    assert (identity.family, identity.version) == (server.binary.family, server.binary.version)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/", "what"])
async def test_an_address_that_is_none_is_told(url: str) -> None:
    with pytest.raises(ServerUnusable) as refused:
        await Store.open(url)

    assert "redis://" in refused.value.hint


async def test_no_server_is_told_with_what_to_do_and_without_the_password() -> None:
    with pytest.raises(ServerUnusable, match=r"no Redis answers at redis://127\.0\.0\.1:1/0:") as refused:
        await Store.open("redis://me:secret@127.0.0.1:1/0", wait_s=0.05)

    assert "REDIS_URL" in refused.value.hint


async def test_a_server_that_comes_late_is_waited_for(fragile: RealServer) -> None:
    fragile.kill()
    opening = asyncio.create_task(Store.open(fragile.url, wait_s=20))
    await asyncio.sleep(0)
    fragile.start()

    await (await opening).close()


@pytest.mark.parametrize("given", ["", "?password=wrong"])
async def test_a_wrong_password_is_told_at_once(valkey: RealServer, given: str) -> None:
    valkey.tell("CONFIG", "SET", "requirepass", "right")
    try:
        with pytest.raises(ServerUnusable, match="refuses us") as refused:
            await Store.open(valkey.url + given, wait_s=60)
        assert "wrong" not in refused.value.message
    finally:
        await _with_password(valkey)


async def _with_password(valkey: RealServer) -> None:
    store = await Store.open(f"{valkey.url}?password=right")
    await store._connection.run("CONFIG", "SET", "requirepass", "")
    await store.close()


async def test_a_server_that_is_gone_is_unavailable_and_then_usable_again(fragile: RealServer) -> None:
    store = await Store.open(fragile.url)
    await store.ensure_group(STORY)
    reading = asyncio.create_task(store.take([STORY], "w", 1, 2))
    await store.ping()
    fragile.kill()

    with pytest.raises(StoreUnavailable):
        await reading
    with pytest.raises(StoreUnavailable):
        await store.admit(STORY, article(1), "poll-1", 60)
    with pytest.raises(StoreUnavailable):
        await store.wire_records(STORY, ["w-1"])

    fragile.start()
    await admit(store, 1)
    assert await store.backlog(STORY) == 1
    await store.close()


async def test_a_full_server_is_a_pause_and_nothing_is_written(store: Store, server: RealServer) -> None:
    await admit(store, 2)
    commit = commit_of(await store.state(STORY))
    before = server.dump()
    server.tell("CONFIG", "SET", "maxmemory", 1)
    try:
        for call in (
            store.admit(STORY, article(3), "poll-1", 60),
            store.commit(commit),
            store.put_finding(STORY, 1, b"found"),
            store.dead_letter(STORY, 1, "1-0", "why", "", "w"),
        ):
            with pytest.raises(StoreUnavailable, match=r"OOM|memory"):
                await call
        await store.beat("w", 5)
        await store.head(STORY)
    finally:
        server.tell("CONFIG", "SET", "maxmemory", 0)
    after = {key: content for key, content in server.dump().items() if key != "claimwire:workers"}
    assert after == before

    assert await store.commit(commit)
    assert await event_ids(store) == ["e-1"]


async def test_a_replica_and_a_busy_server_are_asked_again_later(valkey: RealServer) -> None:
    store = await Store.open(valkey.url)
    valkey.tell("REPLICAOF", "127.0.0.1", 1)
    try:
        with pytest.raises(StoreUnavailable):
            await admit(store, 1)
    finally:
        valkey.tell("REPLICAOF", "NO", "ONE")
    await admit(store, 1)
    await store.close()


@pytest.mark.parametrize("error", [AttributeError("reader"), TypeError("None"), OSError(), RuntimeError("closed")])
def test_the_last_words_of_a_dying_connection_mean_unavailable(error: Exception) -> None:
    with pytest.raises(StoreUnavailable), translated():
        raise error


def test_other_failures_stay_what_they_are() -> None:
    with pytest.raises(ValueError, match="ours"), translated():
        raise ValueError("ours")


async def test_a_command_that_fails_is_told_and_those_around_it_are_carried_out(server: RealServer) -> None:
    connection = Connection(server.url)

    with pytest.raises(InvariantBroken, match="WRONGTYPE"):
        await connection.pipeline([("SET", "a", "1"), ("LPUSH", "a", "x"), ("SET", "b", "2")])

    assert await connection.pipeline([("GET", "a"), ("GET", "b")]) == [b"1", b"2"], "no reply is left behind"
    await connection.close()


async def test_whatever_is_a_string_or_a_number_arrives(server: RealServer) -> None:
    connection = Connection(server.url)
    sent = (b"\xff\x00", "é", "lone \ud800", 7, 2.5, Outcome.COPY)

    await connection.run("RPUSH", "sent", *sent)

    arrived = await connection.run("LRANGE", "sent", 0, -1)
    assert arrived == [b"\xff\x00", "é".encode(), b"lone \xed\xa0\x80", b"7", b"2.5", b"copy"]
    await connection.close()
