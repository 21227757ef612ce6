"""The servers behind REDIS_URL and which of them has which keys: one, a cluster, or whom the sentinels name.

One server is a cluster that has one. What differs is only who is asked for the servers, and when: a cluster's nodes and
sentinels are asked at first and whenever a server is gone, or says that a key is not his (any more).
"""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

from redis import exceptions
from redis.asyncio import BlockingConnectionPool, Sentinel
from redis.asyncio.connection import parse_url
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import MasterNotFoundError
from redis.backoff import ExponentialBackoff, NoBackoff
from redis.crc import REDIS_CLUSTER_HASH_SLOTS, key_slot

from service.store.addresses import parsed
from service.store.exchange import SILENCE_S, AtHand, Crowd, exchange, packed

_ASK_S = 1.0
"""how long one server may take to say who has what: another one may know it"""
_ONE_OF_MANY_S = 4.0
"""how long one of many servers may be silent: another may have taken over. Longer than a read blocks"""
_CONNECTIONS = 16
"""to one server at most, beside those whose reads block"""
_BROKEN = (exceptions.ConnectionError, ConnectionError)
_AT_MOST_EVERY_S = 0.1
"""asked anew: many tasks find out about one server's end at once"""

Parts = Sequence[tuple[int, int, str]]
"""first and last slot, and the `host:port` of who has them"""


class Server:
    """The connections to one server."""

    def __init__(self, url: str, silence_s: float | None = None) -> None:
        self.silence_s = silence_s
        # Sent again at once: every script gives the same answer twice (a reply can be lost after the effect). Who was
        # silent is not asked again: another may have taken over.
        again = Retry(ExponentialBackoff(cap=0.2, base=0.02), 2, _BROKEN)  # type: ignore[arg-type]  # as its default
        self.pool = AtHand(_pool(url, again, _CONNECTIONS), _CONNECTIONS)
        # A read that is retried would hand entries to a reader that is gone, and hides an outage.
        self.blocking = _pool(url, Retry(NoBackoff(), 0), 256)
        self.crowd = Crowd(self.pool, silence_s)

    async def close(self) -> None:
        """Gives up all connections."""
        await self.crowd.close()
        await self.pool.aclose()
        await self.blocking.aclose()


class Servers:
    """All that we talk to.

    Raises:
        ValueError: the address is none.
    """

    def __init__(self, url: str) -> None:
        self.address = parsed(url)
        self.only = Server(url) if self.address.kind == "one" else None
        """the one server, if there is but one: nobody has to be asked"""
        self._known: dict[str, Server] = {}
        self._named: tuple[str, ...] = ()
        """all nodes of the cluster, replicas too, as it was last told"""
        self._table: list[Server] = []
        self._learning = asyncio.Lock()
        self._learned_s = 0.0
        if self.only is None:
            parse_url(self.address.of_server(self.address.hosts[0]))

    async def close(self) -> None:
        """Gives up all connections."""
        for server in [*self._known.values(), *([self.only] if self.only else [])]:
            await server.close()

    async def of(self, slot: int) -> Server:
        """Who has a slot."""
        if self.only is not None:
            return self.only
        if not self._table:
            await self.learn()
        return self._table[slot]

    async def all(self) -> list[Server]:
        """Everyone who has keys, each once."""
        await self.of(0)
        return [self.only] if self.only is not None else list(dict.fromkeys(self._table))

    def at(self, host: str) -> Server:
        """The server at `host:port`, known or not."""
        if host not in self._known:
            self._known[host] = Server(self.address.of_server(host), _ONE_OF_MANY_S)
        return self._known[host]

    def moved(self, slot: int, host: str) -> Server:
        """A server says that somebody else has a slot."""
        if self._table:
            self._table[slot] = self.at(host)
        return self.at(host)

    async def learn(self) -> None:
        """Asks who has what, unless somebody just did.

        Raises:
            redis.ConnectionError: nobody answers.
        """
        if self.only is not None:
            return
        asked_s = time.monotonic()
        async with self._learning:
            if self._table and self._learned_s > asked_s - _AT_MOST_EVERY_S:
                return
            parts = await (self._of_cluster() if self.address.kind == "cluster" else self._of_sentinels())
            table = [self.at(host) for first, last, host in parts for _ in range(first, last + 1)]
            if len(table) != REDIS_CLUSTER_HASH_SLOTS:
                raise exceptions.ConnectionError(f"{REDIS_CLUSTER_HASH_SLOTS - len(table)} slots are nobody's")
            self._table, self._learned_s = table, time.monotonic()
            await self._forget()

    async def _forget(self) -> None:
        """Gives up servers that are part of this no more; what is under way to them fails, and is asked of others."""
        serving, named = set(self._table), {*self._named, *self.address.hosts}
        for host in [host for host, server in self._known.items() if server not in serving and host not in named]:
            await self._known.pop(host).close()

    async def _of_cluster(self) -> Parts:
        hosts = dict.fromkeys([*self._named, *self.address.hosts])
        asking = [asyncio.create_task(self._slots(host), name="store.slots") for host in hosts]
        told: Exception | None = None
        try:
            for answer in asyncio.as_completed(asking):
                try:
                    return await answer
                except (exceptions.RedisError, OSError, TimeoutError) as error:
                    told = error
        finally:
            for task in asking:
                task.cancel()
            await asyncio.gather(*asking, return_exceptions=True)
        if isinstance(told, exceptions.AuthenticationError | exceptions.NoPermissionError):
            raise told
        raise exceptions.ConnectionError(f"no server of the cluster answers: {type(told).__name__}: {told}")

    async def _slots(self, host: str) -> Parts:
        async with asyncio.timeout(_ASK_S):
            (reply,) = await exchange(self.at(host).pool, [packed(("CLUSTER", "SLOTS"))])
        if isinstance(reply, Exception):
            raise reply
        parts = [(first, last, _announced(primary, host)) for first, last, primary, *_ in reply]
        if not parts:
            raise exceptions.ConnectionError(f"{host} knows of no slots")
        self._named = tuple(dict.fromkeys(_announced(node, host) for _, _, *nodes in reply for node in nodes))
        return sorted(parts)

    async def _of_sentinels(self) -> Parts:
        ways = {name: value for name, value in parse_url(self.address.of_server("h:1")).items() if "ssl" in name}
        ways |= {"ssl": True} if self.address.scheme == "rediss" else {}
        ways |= self.address.of_sentinels
        sentinels = Sentinel(  # type: ignore[no-untyped-call]
            [_host_and_port(host) for host in self.address.hosts],
            sentinel_kwargs={
                "socket_timeout": _ASK_S,
                "socket_connect_timeout": _ASK_S,
                "protocol": 2,
                "retry": Retry(NoBackoff(), 0),  # one that is gone must not be waited for: the next one is asked
                **ways,
            },
        )
        try:
            host, port = await sentinels.discover_master(self.address.service)
        except MasterNotFoundError as error:
            raise _not_found(str(error)) from error
        finally:
            await sentinels.aclose()
        return [(0, REDIS_CLUSTER_HASH_SLOTS - 1, _joined(host, port))]


async def learn_quietly(servers: Servers) -> None:
    """Looks again who has what; that nobody can say is told by the next command."""
    with suppress(exceptions.RedisError, OSError, TimeoutError):
        await servers.learn()


def slot_of(command: Sequence[Any]) -> int | None:
    """The slot of a command's keys; None if it has none.

    The keys of one command are of one slot: the server refuses it otherwise.
    """
    where = _KEY_AT.get(str(command[0]), _first)
    at = where(command)
    if at is None:
        return None
    key = command[at]
    return int(key_slot(key if isinstance(key, bytes) else str(key).encode("utf-8", "surrogatepass")))


def _first(_: Sequence[Any]) -> int | None:
    return 1


def _none(_: Sequence[Any]) -> int | None:
    return None


def _behind_streams(command: Sequence[Any]) -> int | None:
    return command.index("STREAMS") + 1


def _of_script(command: Sequence[Any]) -> int | None:
    return 3 if int(command[2]) else None


_KEY_AT: dict[str, Callable[[Sequence[Any]], int | None]] = {
    **dict.fromkeys(("EVALSHA", "EVALSHA_RO", "EVAL", "EVAL_RO"), _of_script),
    **dict.fromkeys(("XREAD", "XREADGROUP"), _behind_streams),
    **dict.fromkeys(("XINFO", "XGROUP", "MEMORY", "OBJECT"), lambda _: 2),
    **dict.fromkeys(("PING", "INFO", "TIME", "SCAN", "WAIT", "CONFIG", "SCRIPT", "CLUSTER", "FLUSHALL"), _none),
}


def _not_found(told: str) -> exceptions.ConnectionError:
    """What sentinels said, without the client's description of each connection."""
    why = ", ".join(dict.fromkeys(re.findall(r" - ([\w:]*Error\b)", told)))
    if "auth" in why.lower():
        return exceptions.AuthenticationError(
            "the sentinels have a password of their own: add ?sentinel_password=… (and &sentinel_username=…)"
        )
    return MasterNotFoundError(told.partition(" : ")[0] + (f": {why}" if why else ""))


def _announced(primary: Sequence[Any], asked: str) -> str:
    """A node's address; where it announces no host, that of the one who was asked."""
    host, port = (primary[0] or b"").decode(), int(primary[1])
    return _joined(host if host not in ("", "?") else _host_and_port(asked)[0], port)


def _host_and_port(host: str) -> tuple[str, int]:
    parts = urlsplit(f"//{host}")
    return parts.hostname or "", parts.port or 6379


def _joined(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


class _Pool(BlockingConnectionPool):
    async def get_connection(self, *args: Any, **options: Any) -> Any:
        async with asyncio.timeout(SILENCE_S):
            return await super().get_connection(*args, **options)  # type: ignore[no-untyped-call]


def _pool(url: str, retry: Retry, connections: int) -> BlockingConnectionPool:
    return _Pool.from_url(
        url,
        max_connections=connections,
        timeout=SILENCE_S,
        # One for every command would be dear, and sends by asyncio.wait_for, which loses a cancellation before Python
        # 3.12; `exchange` has one for all of them.
        socket_timeout=None,
        socket_connect_timeout=2.0,
        retry=retry,
        protocol=2,
        client_name="claimwire",
        driver_info=None,  # else every connection looks its version up, and asks what least privileges refuse
    )
