"""Commands on the wire and raw replies off it, one connection at a time.

What redis-py's own clients and pools do beside takes longer than most scripts: they pack argument by argument in
Python, begin a task for every command and a clock for every reply, and make of replies what changes with their
versions.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any

from hiredis import pack_command
from redis import exceptions
from redis.asyncio.connection import AbstractConnection

Arg = bytes | str | int | float

SILENCE_S = 8.0
"""how long nothing may come from a server that was asked"""

_TOGETHER = 128
"""commands at most in one trip of a crowd: the last one waits for all of their replies"""


def encode(text: str) -> bytes:
    """UTF-8; a lone surrogate, which hostile markup can hold, passes."""
    return text.encode("utf-8", "surrogatepass")


def packed(command: Sequence[Arg]) -> bytes:
    """A command in the form of the wire."""
    octets: bytes
    words: Any = tuple(command)
    try:
        octets = pack_command(words)
    except (UnicodeEncodeError, TypeError):  # a lone surrogate, or what is a number or a string by inheritance
        words = tuple(part if isinstance(part, bytes) else encode(str(part)) for part in command)
        octets = pack_command(words)
    return octets


async def exchange(pool: Any, commands: Sequence[bytes], silence_s: float | None = None) -> list[Any]:
    """Raw replies to packed commands, in order; of one that fails, the exception.

    Args:
        silence_s: None: `SILENCE_S`.
    """
    connection: AbstractConnection = await pool.get_connection()

    async def sent() -> list[Any]:
        async with asyncio.timeout(SILENCE_S if silence_s is None else silence_s):
            await connection.send_packed_command(b"".join(commands))
            return [await reply_of(connection) for _ in commands]

    async def broken(_: Exception) -> None:
        await connection.disconnect()

    try:
        replies: list[Any] = await connection.retry.call_with_retry(sent, broken)
    except TimeoutError:
        await connection.disconnect(nowait=True)
        raise
    finally:
        await pool.release(connection)
    return replies


async def reply_of(connection: AbstractConnection) -> Any:
    """The next raw reply; of a command that fails, the exception."""
    try:
        return await connection.read_response(disable_decoding=True)
    except exceptions.ResponseError as error:  # the replies behind it are on their way
        return error


class AtHand:
    """Some of a pool's connections, lent in the order in which they are asked for, and kept: lending them takes
    redis-py two thirds of a round trip's processor time, and whoever comes by may overtake those who wait. One that has
    died meanwhile is found out by whoever uses it, and by his retry."""

    def __init__(self, pool: Any, most: int) -> None:
        self._pool = pool
        self._unmade = most
        self._idle: list[AbstractConnection] = []
        self._waiting: deque[asyncio.Future[AbstractConnection | None]] = deque()

    async def get_connection(self) -> AbstractConnection:
        """One of them.

        Raises:
            TimeoutError: none came free.
        """
        if self._idle:
            return self._idle.pop()
        if self._unmade:
            self._unmade -= 1
        elif (given := await self._turn()) is not None:
            return given
        try:
            async with asyncio.timeout(SILENCE_S):
                made: AbstractConnection = await self._pool.get_connection()
                return made
        except BaseException:
            self._pass_on(None)
            raise

    async def release(self, connection: AbstractConnection) -> None:
        """It can be used again."""
        self._pass_on(connection)

    async def aclose(self) -> None:
        """Gives them up; whoever waits for one waits no more."""
        for waiter in self._waiting:
            if not waiter.done():
                waiter.set_exception(exceptions.ConnectionError("closed"))
        self._waiting.clear()
        self._idle.clear()
        await self._pool.aclose()

    async def _turn(self) -> AbstractConnection | None:
        """What another one gives back; None: he has made none, and it is to be made."""
        waiter: asyncio.Future[AbstractConnection | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(SILENCE_S):
                return await waiter
        except (TimeoutError, asyncio.CancelledError):
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._pass_on(waiter.result())  # given in the moment in which the wait ended
            raise

    def _pass_on(self, given: AbstractConnection | None) -> None:
        """To who waits longest, if anybody does."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(given)
                return
        if given is None:
            self._unmade += 1
        else:
            self._idle.append(given)


class Crowd:
    """Commands of many tasks, in as few trips as it takes: what comes while one is under way goes with the next.

    A task that is cancelled leaves its command to be carried out. Each command must bear to be sent twice.
    """

    def __init__(self, pool: Any, silence_s: float | None = None) -> None:
        self._pool = pool
        self._silence_s = silence_s
        self._waiting: list[tuple[bytes, asyncio.Future[Any]]] = []
        self._travelling: asyncio.Task[None] | None = None

    async def call(self, command: Sequence[Arg]) -> Any:
        """The raw reply to one command; raises what the client raises."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((packed(command), answer))
        if self._travelling is None:
            self._travelling = asyncio.create_task(self._travel(), name="store.crowd")
        return await answer

    async def close(self) -> None:
        """Gives up what is under way."""
        if self._travelling is not None:
            self._travelling.cancel()
            await asyncio.gather(self._travelling, return_exceptions=True)

    async def _travel(self) -> None:
        try:
            while self._waiting:
                some, self._waiting = self._waiting[:_TOGETHER], self._waiting[_TOGETHER:]
                await self._trip(some)
        finally:
            self._travelling = None

    async def _trip(self, some: Sequence[tuple[bytes, asyncio.Future[Any]]]) -> None:
        replies: Sequence[Any]
        try:
            replies = await exchange(self._pool, [command for command, _ in some], self._silence_s)
        except Exception as error:
            replies = [error] * len(some)
        except asyncio.CancelledError:
            replies = [exceptions.ConnectionError("closed")] * (len(some) + len(self._waiting))
            some, self._waiting = [*some, *self._waiting], []
        for (_, answer), reply in zip(some, replies, strict=True):
            if answer.done():
                continue
            if isinstance(reply, Exception):
                answer.set_exception(reply)
            else:
                answer.set_result(reply)
