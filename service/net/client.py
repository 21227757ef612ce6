"""The guarded HTTP client: the one way by which Claimwire asks a server that somebody else named.

Every address is checked at the moment of connecting, so that neither a redirect nor a name that resolves anew slips
past; redirects are followed here, hop by hop; the whole exchange has one time limit (a slow drip is ended by nothing
else); bytes are capped on the wire and after decoding; no cookies are kept and no proxy is taken from the environment.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

import aiohttp
from yarl import URL

from service.net.addresses import is_public
from service.net.body import ACCEPT_ENCODING, Body
from service.net.failures import FailureKind, FetchFailure
from service.net.hosts import Hosts

USER_AGENT = "Claimwire/0.1 (feed watcher)"
_PERMANENT = frozenset({301, 308})
_REDIRECTS = _PERMANENT | {302, 303, 307}
_CHUNK_BYTES = 65_536

_AddressToConnect = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost. The defaults suit feeds."""

    total_s: float = 30.0
    """from the first connect to the last byte, all hops together; waiting for a turn at the host is not counted"""
    max_wire_bytes: int = 10_000_000
    max_bytes: int = 20_000_000
    """after decoding"""
    max_redirects: int = 5
    connections: int = 64
    """fetches under way at once, over all hosts"""
    connections_per_host: int = 2
    spacing_s: float = 0.1
    """least time between the beginnings of two fetches from one host"""


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """names in lower case; several fields of one name joined by ', '"""
    body: bytes
    """decoded"""
    final_url: str
    permanent_redirect: str | None
    """where the address has moved for good: set when every hop said so (301, 308)"""


@dataclass(frozen=True, slots=True)
class _Hop:
    status: int
    headers: Mapping[str, str]
    body: bytes
    location: str | None


class _AddressRefusedError(OSError):
    """Raised in place of a socket. One text for all addresses, so that a host with several gives one error."""

    def __init__(self) -> None:
        super().__init__("not a public address")


class Client:
    """An aiohttp session pair: one that connects to public addresses only, one for sources that opted in.

    Use as an async context manager; one per event loop.

    Args:
        limits: what one fetch may cost.
        user_agent: how we introduce ourselves.
        allows: whether a numeric address may be connected to for a source that did not opt in to private ones.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        user_agent: str = USER_AGENT,
        allows: Callable[[str], bool] = is_public,
    ) -> None:
        self._limits = limits or Limits()
        self._user_agent = user_agent
        self._allows = allows
        self._hosts = Hosts(self._limits.connections_per_host, self._limits.spacing_s)
        self._slots = asyncio.Semaphore(self._limits.connections)
        self._sessions: dict[bool, aiohttp.ClientSession] = {}

    async def __aenter__(self) -> Self:
        self._sessions = {allow_private: self._session(allow_private) for allow_private in (False, True)}
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in self._sessions.values():
            await session.close()
        self._sessions = {}

    def _session(self, allow_private: bool) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0,
            limit_per_host=self._limits.connections_per_host,
            socket_factory=None if allow_private else self._guarded_socket,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None),
            headers={"User-Agent": self._user_agent, "Accept-Encoding": ACCEPT_ENCODING},
        )

    def _guarded_socket(self, address: _AddressToConnect) -> socket.socket:
        family, kind, protocol, _, endpoint = address
        if not self._allows(str(endpoint[0])):
            raise _AddressRefusedError
        return socket.socket(family=family, type=kind, proto=protocol)

    async def fetch(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        allow_private: bool = False,
    ) -> Response:
        """GET `url`, following redirects.

        Args:
            url: http or https.
            headers: sent with every hop.
            allow_private: whether private and special addresses may be connected to, at any hop.

        Raises:
            FetchFailure: there is no complete response within the limits.
        """
        target = _http_url(url, FailureKind.BAD_URL)
        # The host's turn first: those who wait for a slow host must not keep others from theirs.
        async with self._hosts.turn(target.raw_host or ""), self._slots:
            try:
                async with asyncio.timeout(self._limits.total_s):
                    return await self._follow(target, headers or {}, allow_private)
            except (aiohttp.ClientError, OSError, ValueError, asyncio.IncompleteReadError) as error:
                raise _failure(error) from error

    async def _follow(self, url: URL, headers: Mapping[str, str], allow_private: bool) -> Response:
        permanent = True
        for hops in range(self._limits.max_redirects + 1):
            hop = await self._hop(url, headers, allow_private)
            if hop.location is None:
                moved_to = str(url) if hops and permanent else None
                return Response(hop.status, hop.headers, hop.body, str(url), moved_to)
            permanent = permanent and hop.status in _PERMANENT
            url = _http_url(str(url.join(URL(hop.location))), FailureKind.BAD_REDIRECT)
        raise FetchFailure(FailureKind.BAD_REDIRECT, f"more than {self._limits.max_redirects} redirects")

    async def _hop(self, url: URL, headers: Mapping[str, str], allow_private: bool) -> _Hop:
        session = self._sessions[allow_private]
        async with session.get(url, headers=headers, allow_redirects=False) as response:
            received = {name.lower(): ", ".join(response.headers.getall(name)) for name in response.headers}
            if response.status in _REDIRECTS and response.headers.get("Location"):
                response.close()
                return _Hop(response.status, received, b"", response.headers["Location"])
            return _Hop(response.status, received, await self._read(response, received), None)

    async def _read(self, response: aiohttp.ClientResponse, headers: Mapping[str, str]) -> bytes:
        limit = self._limits.max_wire_bytes
        if response.content_length is not None and response.content_length > limit:
            raise FetchFailure(FailureKind.TOO_LARGE, f"{response.content_length:,} bytes announced, {limit:,} allowed")
        body = Body(headers.get("content-encoding", ""), limit, self._limits.max_bytes)
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body.feed(chunk)
        return body.finish()


def _http_url(url: str, otherwise: FailureKind) -> URL:
    try:
        parsed = URL(url)
    except ValueError as error:
        raise FetchFailure(otherwise, str(error)) from error
    if parsed.scheme not in ("http", "https") or not parsed.raw_host:
        raise FetchFailure(otherwise, f"{parsed.scheme or 'no scheme'}:")
    return parsed.with_fragment(None)


def _failure(error: Exception) -> FetchFailure:
    """The kind of what aiohttp or the system raised. The order goes from the narrow to the wide."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, _AddressRefusedError):
        return FetchFailure(FailureKind.ADDRESS_REFUSED)
    if isinstance(error, TimeoutError):
        return FetchFailure(FailureKind.TIMED_OUT)
    if isinstance(error, aiohttp.InvalidURL):
        return FetchFailure(FailureKind.BAD_URL)
    if isinstance(error, aiohttp.ClientSSLError):
        return FetchFailure(FailureKind.TLS)
    if isinstance(error, aiohttp.ClientConnectorError):
        return FetchFailure(FailureKind.UNREACHABLE, error.strerror or "")
    return FetchFailure(FailureKind.BROKEN, type(error).__name__)
