"""Commands to the servers that have their keys, and after them where they were moved to."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

from redis import exceptions

from service.store.exchange import Arg, exchange, packed
from service.store.servers import Server, Servers, learn_quietly, slot_of

FOLLOWED_S = 3.0
"""how long a command is sent after its keys; while a slot is handed over, those of many keys wait for all of them"""
_PAUSE_S = 0.02

_ELSEWHERE = (exceptions.AskError, exceptions.TryAgainError)
"""MOVED is an ASK to redis-py"""
_LOST = (exceptions.ConnectionError, exceptions.TimeoutError, OSError)
_UNSETTLED = (exceptions.ClusterDownError, exceptions.ReadOnlyError)
_ASKING = packed(("ASKING",))


async def travel(servers: Servers, commands: Sequence[Sequence[Arg]], *, blocking: bool = False) -> list[Any]:
    """Raw replies, in order; of a command that fails, the client's exception. All are sent again if a reply is lost.

    Commands of one server make one round trip, one without keys among them.

    Raises:
        redis.RedisError, OSError: a server is gone. What stands behind it is looked for before.
    """
    octets = [packed(command) for command in commands]
    if servers.only is not None:
        return await exchange(servers.only.blocking if blocking else servers.only.pool, octets)
    slots = [slot_of(command) for command in commands]
    whole = None in slots and len(slots) > 1
    keyed = next((slot for slot in slots if slot is not None), 0)
    trips = _Trips(servers, octets, [keyed if slot is None else slot for slot in slots], blocking)
    until_s = time.monotonic() + FOLLOWED_S
    left = list(range(len(octets)))
    while True:
        await trips.go(left)
        again = [at for at in left if isinstance(trips.replies[at], _ELSEWHERE)]
        if not again or time.monotonic() >= until_s:
            return trips.replies
        await trips.look_after(again, whole)
        left = list(range(len(octets))) if whole else again


async def server_of(servers: Servers, command: Sequence[Arg]) -> Server:
    """Who has a command's keys, as far as is known."""
    return servers.only or await servers.of(slot_of(command) or 0)


async def travel_in_crowd(servers: Servers, command: Sequence[Arg]) -> Any:
    """The raw reply to one command, which shares its trip with others; raises what the client raises."""
    try:
        return await (await server_of(servers, command)).crowd.call(command)
    except _ELSEWHERE:
        (reply,) = await travel(servers, (command,))
        if isinstance(reply, Exception):
            raise reply from None
        return reply
    except (*_LOST, *_UNSETTLED):
        await learn_quietly(servers)
        raise


async def at_server(server: Server, commands: Sequence[Sequence[Arg]]) -> list[Any]:
    """As `travel`, to one server whatever it has."""
    return await exchange(server.pool, [packed(command) for command in commands], server.silence_s)


class _Trips:
    """Commands under way, and what came back."""

    def __init__(self, servers: Servers, octets: Sequence[bytes], slots: Sequence[int], blocking: bool) -> None:
        self.replies: list[Any] = [None] * len(octets)
        self._servers = servers
        self._octets = octets
        self._slots = slots
        self._blocking = blocking
        self._asked: dict[int, str] = {}
        """command → `host:port` that is to be asked for it, this once"""

    async def go(self, which: Sequence[int]) -> None:
        """One trip to each server that some of these are for."""
        trips: dict[tuple[Server, bool], list[int]] = {}
        try:
            for at in which:
                host = self._asked.get(at)
                server = self._servers.at(host) if host else await self._servers.of(self._slots[at])
                trips.setdefault((server, host is not None), []).append(at)
            ended = await asyncio.gather(*(self._trip(*to, some) for to, some in trips.items()), return_exceptions=True)
            if failed := next((error for error in ended if error is not None), None):
                raise failed
        except _LOST:
            await learn_quietly(self._servers)
            raise
        self._asked.clear()
        if any(isinstance(self.replies[at], _UNSETTLED) for at in which):
            await learn_quietly(self._servers)

    async def look_after(self, which: Sequence[int], whole: bool) -> None:
        """Where the keys of these are now; waits a little where that is being changed. `whole`: all go together."""
        learnt = pause = False
        for at in which:
            error = self.replies[at]
            if isinstance(error, exceptions.TryAgainError):
                pause = True
            elif isinstance(error, exceptions.MovedError):
                learnt = True
                if error.host:
                    self._servers.moved(error.slot_id, f"{error.host}:{error.port}")
            else:
                together = range(len(self._octets)) if whole else (at,)
                self._asked |= dict.fromkeys(together, f"{error.host}:{error.port}")
        if learnt:
            await learn_quietly(self._servers)
        if pause:
            await asyncio.sleep(_PAUSE_S)

    async def _trip(self, server: Server, asking: bool, which: Sequence[int]) -> None:
        pool = server.blocking if self._blocking else server.pool
        octets = [self._octets[at] for at in which]
        if asking:
            octets = [part for each in octets for part in (_ASKING, each)]
        replies = await exchange(pool, octets, server.silence_s)
        for at, reply in zip(which, replies[1::2] if asking else replies, strict=True):
            self.replies[at] = reply
