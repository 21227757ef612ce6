"""Calls that are sent while the replies to those before them are still on their way."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Self

from redis.asyncio.connection import AbstractConnection

from service.store.connection import Call, Connection, translated
from service.store.exchange import SILENCE_S, packed, reply_of
from service.store.servers import Server


class Convoy:
    """Trips to the server of one story, on one connection: they arrive in the order in which they are begun, each in a
    task of its own.

    What does not come through (a reply is lost, a script is not known, a key has moved) goes the ordinary way once the
    trip before it has ended. Once a reply is lost, so does all that comes behind it.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._server: Server | None = None
        self._lent: AbstractConnection | None = None
        self._sound = True
        """what comes off the connection is what is waited for"""
        self._silent = False
        self._sending = asyncio.Lock()
        self._last: asyncio.Future[None] | None = None

    @property
    def lost_a_reply(self) -> bool:
        """Whether a reply was lost here: what is found done afterwards may be our own work."""
        return not self._sound

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._server is not None and self._lent is not None:
            try:
                if not self._sound:
                    await self._lent.disconnect(nowait=True)
            finally:  # whoever uses one that was not closed finds it out; one that is not given back is gone for good
                await self._server.pool.release(self._lent)

    async def in_order(self, calls: Sequence[Call]) -> list[Any]:
        """As `Connection.in_order`."""
        before, ended = self._last, asyncio.get_running_loop().create_future()
        self._last = ended
        try:
            with translated():
                replies = await self._tried(calls, before)
            came = next((at for at, reply in enumerate(replies) if isinstance(reply, Exception)), len(replies))
            if came < len(calls):
                if before is not None:
                    await asyncio.shield(before)  # who is cancelled here cancels itself alone
                replies[came:] = await self._connection.in_order(calls[came:])
            return replies
        finally:
            ended.set_result(None)

    async def _tried(self, calls: Sequence[Call], before: asyncio.Future[None] | None) -> list[Any]:
        """Replies; in the place of one, the client's exception. None at all if the connection cannot be used."""
        commands = [script.by_hash(len(keys), *keys, *args) for script, keys, args in calls]
        octets = b"".join(map(packed, commands))
        try:
            async with self._sending:
                connection = await self._connected(commands[0])
                if not self._sound:
                    return []
                async with asyncio.timeout(self._patience_s):
                    await connection.send_packed_command(octets)
            if before is not None:
                await asyncio.shield(before)
            if self._silent:
                raise TimeoutError("it was silent before")
            if not self._sound:
                return []
            async with asyncio.timeout(self._patience_s):
                return [await reply_of(connection) for _ in calls]
        except TimeoutError:  # who was silent is not asked again
            self._sound, self._silent = False, True
            raise
        except Exception:  # the ordinary way tells what it is, if it is still so
            self._sound = False
            return []
        except BaseException:
            self._sound = False
            raise

    @property
    def _patience_s(self) -> float:
        silence_s = None if self._server is None else self._server.silence_s
        return SILENCE_S if silence_s is None else silence_s

    async def _connected(self, command: Sequence[Any]) -> AbstractConnection:
        if self._server is None or self._lent is None:
            self._server = await self._connection.server_of(command)
            self._lent = await self._server.pool.get_connection()
        return self._lent
