from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import AsyncIterator
from typing import Any

import pytest

from service.net.resolver import Resolver


@pytest.fixture
async def resolver() -> AsyncIterator[Resolver]:
    resolver = Resolver(wait_s=2.0)
    yield resolver
    await resolver.close()


async def test_a_name_becomes_numeric_addresses(resolver: Resolver) -> None:
    found = await resolver.resolve("localhost", 80, socket.AF_INET)
    assert [(address["host"], address["port"]) for address in found] == [("127.0.0.1", 80)]


async def test_names_whose_server_is_silent_are_given_up_and_hold_nobody(
    resolver: Resolver, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a name server that answers for one name alone
    answered, ask = threading.Event(), socket.getaddrinfo

    def silent(host: Any, *more: Any, **named: Any) -> Any:
        if host == "silent.example":
            answered.wait(300)
        return ask("127.0.0.1", *more, **named)

    monkeypatch.setattr(socket, "getaddrinfo", silent)
    try:
        # when several wait for the others, and files are read in the loop's own threads
        waiting = [asyncio.create_task(resolver.resolve("silent.example")) for _ in range(8)]
        async with asyncio.timeout(60):
            assert await resolver.resolve("good.example")
            assert await asyncio.to_thread(int, "7") == 7
            # then they are told so in time
            given_up = await asyncio.gather(*waiting, return_exceptions=True)
    finally:
        answered.set()
    assert {str(error) for error in given_up} == {"[Errno None] its name could not be resolved in time"}
