"""The way to the servers: commands, scripts, and every failure named by what to do next."""

from __future__ import annotations

import asyncio
import hashlib
import re
import time
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

from redis import exceptions

from service.errors import InvariantBroken, ServerUnusable, StoreUnavailable
from service.store.addresses import FORMS
from service.store.addresses import without_password as without_password
from service.store.exchange import Arg as Arg
from service.store.exchange import encode as encode
from service.store.servers import Server, Servers, slot_of
from service.store.travel import at_server, server_of, travel, travel_in_crowd
from service.store.values import ServerIdentity
from service.store.wrong_type import kind_of, told

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
    exceptions.ClusterDownError,
    exceptions.AskError,
    exceptions.TryAgainError,
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
        self._kind = "_RO" if "no-writes" in first else ""  # asks for no right to write its keys

    def by_hash(self, *rest: Arg) -> tuple[Arg, ...]:
        """The call, for a server that knows the script."""
        return (f"EVALSHA{self._kind}", self.sha, *rest)

    def in_full(self, *rest: Arg) -> tuple[Arg, ...]:
        """The call for any server."""
        return (f"EVAL{self._kind}", self.source, *rest)


Call = tuple[Script, Sequence[str], Sequence[Arg]]
"""a script, its keys and its arguments"""


class Connection:
    """Commands and scripts on the servers. A failure is StoreUnavailable (call again) or InvariantBroken (stop)."""

    def __init__(self, url: str) -> None:
        self.url = url
        try:
            self._servers = Servers(url)
        except ValueError as error:
            raise ServerUnusable(f"{without_password(url)!r} is not the address of a Redis: {error}", FORMS) from error

    @property
    def is_one_server(self) -> bool:
        """Whether one command may name keys of several stories."""
        return self._servers.address.kind != "cluster"

    def apart(self, names: Iterable[str]) -> list[list[str]]:
        """Keys, those together that one command may name."""
        if self.is_one_server:
            return [list(names)]
        by_slot: dict[int | None, list[str]] = {}
        for name in names:
            by_slot.setdefault(slot_of(("", name)), []).append(name)
        return list(by_slot.values())

    async def close(self) -> None:
        """Gives up all connections."""
        await self._servers.close()

    async def run(self, *command: Arg) -> Any:
        """One command that may be sent twice without harm. Raw replies: bytes, ints, lists."""
        return (await self.pipeline((command,)))[0]

    async def pipeline(self, commands: Sequence[Sequence[Arg]]) -> list[Any]:
        """Commands in as few round trips as there are servers, not in one transaction. All are carried out; the first
        that fails is told. A command without a key goes where the others go.
        """
        replies = await self.replies(commands)
        await self._tell_failed(replies, commands)
        return replies

    async def _tell_failed(self, replies: Sequence[Any], commands: Sequence[Sequence[Arg]]) -> None:
        """Raises the first failure, if there is one; where a key is of another type, which one it is."""
        failed = next(((at, reply) for at, reply in enumerate(replies) if isinstance(reply, Exception)), None)
        if failed is None:
            return
        at, error = failed
        if "WRONGTYPE" in str(error):
            named = {word: kind for word in commands[at] if isinstance(word, str) and (kind := kind_of(word))}
            found = await self.replies([("TYPE", key) for key in named])
            for (key, kind), reply in zip(named.items(), found, strict=True):
                if isinstance(reply, bytes) and decode(reply) not in (kind, "none"):
                    raise InvariantBroken(told(key, decode(reply), kind)) from error
        with translated():
            raise error

    async def replies(self, commands: Sequence[Sequence[Arg]]) -> list[Any]:
        """As `pipeline`; in the place of a reply to a command that fails, the client's exception."""
        if not commands:
            return []
        with translated():
            return await travel(self._servers, commands)

    async def server_of(self, command: Sequence[Arg]) -> Server:
        """Who has a command's keys, as far as is known."""
        return await server_of(self._servers, command)

    async def once(self, commands: Sequence[Sequence[Arg]]) -> list[Any]:
        """As `replies`, and never sent again when a reply is lost: for reads that hand something out."""
        if not commands:
            return []
        with translated():
            return await travel(self._servers, commands, blocking=True)

    async def block(self, *command: Arg) -> Any:
        """One blocking read, never retried, on a connection of its own."""
        with translated():
            (reply,) = await travel(self._servers, (command,), blocking=True)
            if isinstance(reply, Exception):
                raise reply
            return reply

    async def script(self, script: Script, keys: Sequence[str], args: Sequence[Arg] = ()) -> Any:
        """Runs a script; sends its text if the server has forgotten it."""
        return (await self.scripts(script, ((keys, args),)))[0]

    async def scripts(self, script: Script, calls: Sequence[tuple[Sequence[str], Sequence[Arg]]]) -> list[Any]:
        """Runs a script so many times, in as few round trips as there are servers."""
        return await self.in_order([(script, *call) for call in calls])

    async def in_order(self, calls: Sequence[Call]) -> list[Any]:
        """Runs scripts one behind the other, in as few round trips as there are servers. Where a server does not know
        one of them, that and all behind it run again: each must bear to be run twice."""
        rest = [(script, (len(keys), *keys, *args)) for script, keys, args in calls]
        replies = await self.replies([script.by_hash(*each) for script, each in rest])
        unknown = (at for at, reply in enumerate(replies) if isinstance(reply, exceptions.NoScriptError))
        if (first := next(unknown, None)) is not None:
            replies[first:] = await self.replies([script.in_full(*each) for script, each in rest[first:]])
        await self._tell_failed(replies, [each for _, each in rest])
        return replies

    async def durable(
        self, script: Script, keys: Sequence[str], args: Sequence[Arg], replicas: int, within_s: float
    ) -> Any:
        """As `script`, and waits until so many replicas have what it wrote.

        WAIT tells of the connection that it is sent on (redis-py hands out another one for the next command), so both
        travel together; and of what was written on it, so a script that finds its work done must still write something.

        Raises:
            StoreUnavailable: fewer have it in time. It is written, and may yet be lost: the same call asks again.
        """
        rest = (len(keys), *keys, *args)
        wait = ("WAIT", replicas, max(1, int(within_s * 1000)))
        with translated():
            reply, have = await travel(self._servers, (script.by_hash(*rest), wait))
            if isinstance(reply, exceptions.NoScriptError):
                reply, have = await travel(self._servers, (script.in_full(*rest), wait))
            for each in (reply, have):
                if isinstance(each, Exception):
                    raise each
        if have < replicas:
            raise StoreUnavailable(f"{have} of {replicas} replicas have what was written, after {within_s:g} s")
        return reply

    async def ask(self, *command: Arg) -> Any:
        """As `run`, for questions that come in crowds: those that come while one is under way share the next trip."""
        with translated():
            return await travel_in_crowd(self._servers, command)

    async def together(self, script: Script, keys: Sequence[str], args: Sequence[Arg] = ()) -> Any:
        """As `script`, for calls that come in crowds: those that come while one is under way share the next trip."""
        rest = (len(keys), *keys, *args)
        with translated():
            try:
                return await travel_in_crowd(self._servers, script.by_hash(*rest))
            except exceptions.NoScriptError:
                return await travel_in_crowd(self._servers, script.in_full(*rest))

    async def everywhere(self, *command: Arg) -> list[Any]:
        """A command without keys, on each server that has keys."""
        with translated():
            replies = [(await at_server(server, (command,)))[0] for server in await self._servers.all()]
            if failed := next((reply for reply in replies if isinstance(reply, Exception)), None):
                raise failed
        return replies

    async def scan(self, pattern: str, count: int) -> AsyncIterator[list[str]]:
        """The names of keys on all servers, each at least once, in pages."""
        with translated():
            servers = await self._servers.all()
        for server in servers:
            cursor: Any = "0"
            while True:
                with translated():
                    (reply,) = await at_server(server, (("SCAN", cursor, "MATCH", pattern, "COUNT", count),))
                    if isinstance(reply, Exception):
                        raise reply
                cursor, names = reply
                yield sorted(map(decode, names))
                if int(cursor) == 0:
                    break

    async def rewrite_logs(self) -> bool:
        """Asks every server to write its log on disk anew, without what was deleted; False if one may not be asked."""
        with translated():
            servers = await self._servers.all()
            replies = [(await at_server(server, (("BGREWRITEAOF",),)))[0] for server in servers]
        return not any(isinstance(reply, exceptions.NoPermissionError) for reply in replies)

    async def identity(self) -> ServerIdentity:
        """Which server answers; of a cluster one of them.

        Raises:
            ServerUnusable: it is older than 7.0, or of another kind than the address says.
        """
        told = await self.run("INFO")
        identity = identify(decode(told))
        if self.is_one_server and b"cluster_enabled:1" in told:
            raise ServerUnusable(
                f"the server at {without_password(self.url)} is a node of a cluster",
                "Write redis+cluster://host:port,host:port in REDIS_URL, with some of its nodes.",
            )
        return identity

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
