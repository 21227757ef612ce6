"""The way to the server: two clients, the scripts, and every failure named by what to do next."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from redis import exceptions
from redis.asyncio import BlockingConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff, NoBackoff

from service.errors import InvariantBroken, ServerUnusable, StoreUnavailable
from service.store.exchange import SILENCE_S, AtHand, Crowd, exchange, packed
from service.store.exchange import Arg as Arg
from service.store.exchange import encode as encode
from service.store.values import ServerIdentity

OLDEST = (7, 0)
BLOCK_CAP_S = 2.0
"""A blocking read returns at least so often: the client gives up on a silent socket after `SILENCE_S`."""
_AGAIN = re.compile("(^|error: )(OOM|LOADING|READONLY|BUSY|MISCONF|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|NOREPLICAS) ")
"""the error alone, or as a pipeline reports it"""
_GONE = (
    exceptions.ConnectionError,
    exceptions.TimeoutError,
    exceptions.ReadOnlyError,
    exceptions.OutOfMemoryError,
    exceptions.InvalidResponse,
    OSError,
    # a connection that dies while it is read loses its reader first (redis-py #4287)
    AttributeError,
    TypeError,
)
_CREDENTIALS = "Correct user and password in REDIS_URL."
_DENIED = re.compile("authentication required|invalid username-password|NOAUTH|WRONGPASS", re.IGNORECASE)
_FORBIDDEN = (exceptions.AuthenticationError, exceptions.AuthorizationError, exceptions.NoPermissionError)


def decode(raw: bytes) -> str:
    """Inverse of `encode`."""
    return raw.decode("utf-8", "surrogatepass")


def _lua(name: str) -> str:
    return files("service.store").joinpath("scripts", f"{name}.lua").read_text("utf-8")


class Script:
    """A Lua file of `scripts/`, known to servers by its hash; behind those that it builds upon."""

    def __init__(self, name: str, *behind: str) -> None:
        first, rest = _lua(name).split("\n", 1)  # what a script may do must stand in its first line
        self.source = "\n".join([first, *map(_lua, behind), rest])
        self.sha = hashlib.sha1(self.source.encode(), usedforsecurity=False).hexdigest()


class Connection:
    """Commands and scripts on one server. A failure is StoreUnavailable (call again) or InvariantBroken (stop)."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            # Sent again at once: every script gives the same answer twice (a reply can be lost after the effect).
            self._pool = AtHand(_pool(url, Retry(ExponentialBackoff(cap=0.2, base=0.02), 2), 16, None))
            # A read that is retried would hand entries to a reader that is gone, and hides an outage.
            self._blocking = _pool(url, Retry(NoBackoff(), 0), 256, SILENCE_S)
            self._crowd = Crowd(self._pool)
        except ValueError as error:
            raise ServerUnusable(
                f"{without_password(url)!r} is not the address of a Redis: {error}",
                "Use redis://host:port/0, rediss://host:port/0 or unix:///path/to/socket.",
            ) from error

    async def close(self) -> None:
        """Gives up all connections."""
        await self._crowd.close()
        await self._pool.aclose()
        await self._blocking.aclose()

    async def run(self, *command: Arg) -> Any:
        """One command that may be sent twice without harm. Raw replies: bytes, ints, lists."""
        return (await self.pipeline((command,)))[0]

    async def pipeline(self, commands: Sequence[Sequence[Arg]]) -> list[Any]:
        """Commands in one round trip, not in one transaction. All are carried out; the first that fails is told."""
        if not commands:
            return []
        with translated():
            return await _exchange(self._pool, commands)

    async def block(self, *command: Arg) -> Any:
        """One blocking read, never retried, on a connection of its own."""
        with translated():
            return (await _exchange(self._blocking, (command,)))[0]

    async def script(self, script: Script, keys: Sequence[str], args: Sequence[Arg] = ()) -> Any:
        """Runs a script; sends its text if the server has forgotten it."""
        rest = (len(keys), *keys, *args)
        with translated():
            try:
                return (await _exchange(self._pool, (("EVALSHA", script.sha, *rest),)))[0]
            except exceptions.NoScriptError:
                return (await _exchange(self._pool, (("EVAL", script.source, *rest),)))[0]

    async def ask(self, *command: Arg) -> Any:
        """As `run`, for questions that come in crowds: those that come while one is under way share the next trip."""
        with translated():
            return await self._crowd.call(command)

    async def together(self, script: Script, keys: Sequence[str], args: Sequence[Arg] = ()) -> Any:
        """As `script`, for calls that come in crowds: those that come while one is under way share the next trip."""
        rest = (len(keys), *keys, *args)
        with translated():
            try:
                return await self._crowd.call(("EVALSHA", script.sha, *rest))
            except exceptions.NoScriptError:
                return await self._crowd.call(("EVAL", script.source, *rest))

    async def identity(self) -> ServerIdentity:
        """Which server answers.

        Raises:
            ServerUnusable: it is older than 7.0.
        """
        return identify(decode(await self.run("INFO", "server")))

    async def wait(self, wait_s: float) -> ServerIdentity:
        """Waits until the server answers.

        Raises:
            ServerUnusable: it did not within `wait_s`, or cannot be used.
        """
        deadline_s = time.monotonic() + wait_s
        while True:
            try:
                return await self.identity()
            except StoreUnavailable as error:
                if time.monotonic() >= deadline_s:
                    raise ServerUnusable(
                        f"no Redis answers at {without_password(self.url)}: {error.message}",
                        "Start it, correct REDIS_URL, or unset REDIS_URL: `claimwire up` then starts a server itself.",
                    ) from error
                await asyncio.sleep(0.1)


def identify(server_section: str) -> ServerIdentity:
    """Reads the answer to INFO server.

    Raises:
        ServerUnusable: older than 7.0, or not a Redis at all.
    """
    fields = dict(line.split(":", 1) for line in server_section.splitlines() if ":" in line)
    family = "valkey" if "valkey_version" in fields else "redis"
    version = fields.get(f"{family}_version", "0")
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    if numbers < OLDEST:
        raise ServerUnusable(
            f"the {family} server is version {version}; Claimwire needs 7.0 or later",
            "Use Valkey or Redis 7.0 or later, or unset REDIS_URL: `claimwire up` then starts a server itself.",
        )
    return ServerIdentity(family, version, fields.get("run_id", ""))


def without_password(url: str) -> str:
    """An address as it may be shown."""
    parts = urlsplit(url)
    netloc = parts.netloc.rpartition("@")[2]
    return urlunsplit(parts._replace(netloc=netloc, query=""))


@contextmanager
def translated() -> Iterator[None]:
    """Turns the client's failures into ours.

    Raises:
        StoreUnavailable: nothing was written; the same call may be made again.
        ServerUnusable: the server does not let us in.
        InvariantBroken: a key of another type, or a script that fails.
    """
    try:
        yield
    except _FORBIDDEN as error:
        raise ServerUnusable(f"the server refuses us: {error}", _CREDENTIALS) from error
    except _GONE as error:
        if _DENIED.search(str(error)):  # redis-py takes it for a lost connection
            raise ServerUnusable(f"the server refuses us: {error}", _CREDENTIALS) from error
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
    except RuntimeError as error:  # uvloop's word for a transport that was closed meanwhile
        if "closed" not in str(error):
            raise
        raise StoreUnavailable(f"{type(error).__name__}: {error}") from error
    except exceptions.RedisError as error:
        if _AGAIN.search(str(error)):
            raise StoreUnavailable(str(error)) from error
        if "DB index" in str(error):
            raise ServerUnusable(f"the server has no such database: {error}", "Correct REDIS_URL.") from error
        raise InvariantBroken(f"Redis: {error}") from error


def _pool(url: str, retry: Retry, connections: int, silence_s: float | None) -> BlockingConnectionPool:
    return BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=SILENCE_S,
        socket_timeout=silence_s,  # for every command and reply: dear, and `exchange` has one for all of them
        socket_connect_timeout=2.0,
        retry=retry,
        protocol=2,
        client_name="claimwire",
    )


async def _exchange(pool: Any, commands: Sequence[Sequence[Arg]]) -> list[Any]:
    """Raw replies, in order, over one connection."""
    replies = await exchange(pool, [packed(command) for command in commands])
    if failed := next((reply for reply in replies if isinstance(reply, Exception)), None):
        raise failed
    return replies
