"""Connections kept at hand: as good as the pool's own, whatever became of them."""

from __future__ import annotations

import asyncio

import pytest

from service.errors import StoreUnavailable
from service.store import exchange
from service.store.connection import Connection
from tests.servers import RealServer, until

BUSY = "local n = 0 while n < tonumber(ARGV[1]) do n = n + redis.call('EXISTS', 'x') + 1 end return 'late'"


async def test_more_tasks_than_connections_are_all_served(valkey: RealServer) -> None:
    connection = Connection(valkey.url)
    for _ in range(3):
        numbers = await asyncio.gather(*(connection.run("ECHO", n) for n in range(200)))
        assert numbers == [str(n).encode() for n in range(200)]
    await connection.close()


async def test_no_task_waits_for_ever_while_others_are_served(valkey: RealServer) -> None:
    connection = Connection(valkey.url)
    served = [0] * 50

    async def ask(number: int) -> None:
        while max(served) < 40:
            await connection.run("PING")
            served[number] += 1

    await asyncio.gather(*map(ask, range(50)))

    assert min(served) >= 20, served
    await connection.close()


async def test_who_stops_waiting_takes_no_connection_with_him(valkey: RealServer) -> None:
    connection = Connection(valkey.url)
    for _ in range(10):
        asking = [asyncio.create_task(connection.run("PING")) for _ in range(100)]
        for after, task in enumerate(asking):
            if after % 3 == 0:
                asyncio.get_running_loop().call_later(after / 20_000, task.cancel)
        await asyncio.gather(*asking, return_exceptions=True)

    assert await asyncio.gather(*(connection.run("ECHO", n) for n in range(50))) == [b"%d" % n for n in range(50)]
    await connection.close()


async def test_where_none_can_be_made_nobody_waits_for_one(valkey: RealServer) -> None:
    connection = Connection(valkey.url)
    valkey.kill()
    failed = await asyncio.gather(*(connection.run("PING") for _ in range(40)), return_exceptions=True)
    assert [type(each) for each in failed] == [StoreUnavailable] * 40

    valkey.start()
    until(lambda: valkey.tell("PING"))
    assert await asyncio.gather(*(connection.run("PING") for _ in range(40))) == [b"PONG"] * 40
    await connection.close()


async def test_a_reply_that_nobody_waited_for_is_nobody_elses(valkey: RealServer) -> None:
    connection = Connection(valkey.url)
    assert await connection.run("ECHO", "first") == b"first"
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(connection.run("EVAL", BUSY, 0, 200_000), 0.005)

    assert await connection.run("ECHO", "second") == b"second"
    await connection.close()


async def test_a_connection_that_died_at_hand_is_replaced(valkey: RealServer) -> None:
    connection = Connection(valkey.url)
    assert await connection.run("PING") == b"PONG"
    valkey.kill()
    valkey.start()
    until(lambda: valkey.tell("PING"))

    assert await connection.run("PING") == b"PONG"
    await connection.close()


async def test_a_silent_server_is_not_waited_for_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exchange, "SILENCE_S", 0.05)
    monkeypatch.setattr("service.store.servers.SILENCE_S", 0.05)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(1 << 16):
            pass
        writer.close()

    listening = await asyncio.start_server(silent, "127.0.0.1", 0)
    connection = Connection(f"redis://127.0.0.1:{listening.sockets[0].getsockname()[1]}/0")
    with pytest.raises(StoreUnavailable):
        await connection.run("PING")
    with pytest.raises(StoreUnavailable):
        await connection.block("PING")
    await connection.close()
    listening.close()
