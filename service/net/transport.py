"""One request over one connection. The only door of aiohttp's client.

Every address is checked at the moment of connecting, so that neither a redirect nor a name that resolves anew slips
past. Behind a proxy it is the proxy that connects: then the target is resolved and checked before the proxy is asked.
No cookies are kept, no proxy and no password is taken from the environment.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, Mapping
from ipaddress import ip_address
from typing import Any

import aiohttp
from yarl import URL

from service.net.access import Access
from service.net.addresses import neighbourhood_of
from service.net.body import ACCEPT_ENCODING
from service.net.failures import FailureKind, FetchFailure
from service.net.resolver import Resolver
from service.net.tls import context_of

_DNS_CACHE_S = 60
_MAX_HEADERS = 128
_MAX_HEADER_BYTES = 8_190
"""of one field; a server that needs more is out of its mind or has designs on ours"""

FAILURES = (aiohttp.ClientError, OSError, ValueError, asyncio.IncompleteReadError)

_AddressToConnect = tuple[int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]]


class _AddressRefusedError(OSError):
    """Raised in place of a socket. One text for all addresses, so that a host with several gives one error."""

    def __init__(self) -> None:
        super().__init__("not a public address")


class Transport:
    """A pair of aiohttp sessions: one that connects to public addresses only, one that connects anywhere.

    Args:
        connections_per_host: kept to one host at most.
        connect_s: how long to wait for a name's addresses, and again for a connection.
        user_agent: how we introduce ourselves.
        allows: whether a numeric address may be connected to for a source that did not opt in to private ones.
    """

    def __init__(
        self, connections_per_host: int, connect_s: float, user_agent: str, allows: Callable[[str], bool]
    ) -> None:
        self._allows = allows
        self._connect_s = connect_s
        self._resolver = Resolver(connect_s)
        self._sessions = {
            guarded: self._session(guarded, connections_per_host, user_agent) for guarded in (False, True)
        }

    async def close(self) -> None:
        """Closes all connections."""
        for session in self._sessions.values():
            await session.close()
        await self._resolver.close()

    def _session(self, guarded: bool, connections_per_host: int, user_agent: str) -> aiohttp.ClientSession:
        connector = aiohttp.TCPConnector(
            limit=0,
            limit_per_host=connections_per_host,
            ttl_dns_cache=_DNS_CACHE_S,
            resolver=self._resolver,
            socket_factory=self._guarded_socket if guarded else None,
        )
        return aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=self._connect_s),
            headers={"User-Agent": user_agent, "Accept-Encoding": ACCEPT_ENCODING},
            max_headers=_MAX_HEADERS,
            max_line_size=_MAX_HEADER_BYTES,
            max_field_size=_MAX_HEADER_BYTES,
        )

    def _guarded_socket(self, address: _AddressToConnect) -> socket.socket:
        family, kind, protocol, _, endpoint = address
        if not self._allows(str(endpoint[0])):
            raise _AddressRefusedError
        return socket.socket(family=family, type=kind, proto=protocol)

    async def get(self, url: URL, headers: Mapping[str, str], access: Access, home: URL) -> aiohttp.ClientResponse:
        """GET one address. As `ask`."""
        return await self.ask("GET", url, headers, access, home)

    async def ask(
        self, method: str, url: URL, headers: Mapping[str, str], access: Access, home: URL, body: bytes | None = None
    ) -> aiohttp.ClientResponse:
        """Asks one address, following nothing. The answer is to be left through its own context manager.

        Args:
            method: GET or POST.
            url: where.
            headers: beside those of every request.
            access: what the source at `home` may do that others may not.
            home: the source's own address. The opt-in to private addresses reaches as far as the network that it is
                in: no redirect leads from there into another.

        Raises:
            FetchFailure: the address may not be asked.
            FAILURES: what `failure_of` understands; reading the answer raises the same.
        """
        options: dict[str, Any] = {"allow_redirects": False}
        if access.tls is not None:
            options["ssl"] = context_of(access.tls)
        private = access.allow_private and (url.raw_host == home.raw_host or await self._are_neighbours(url, home))
        if access.proxy is not None:
            options["proxy"] = access.proxy
            if not private:
                await self._check(url)
        # The proxy may stand in a private network; its operator named it.
        session = self._sessions[not private and access.proxy is None]
        return await session.request(method, url, headers=headers, data=body, **options)

    async def _check(self, url: URL) -> None:
        """Refuses a target that a proxy would be asked for, unless every address of it may be connected to."""
        for address in await self._addresses(url.raw_host or ""):
            if not self._allows(address):
                raise FetchFailure(FailureKind.ADDRESS_REFUSED)

    async def _are_neighbours(self, url: URL, home: URL) -> bool:
        theirs, ours = [
            {neighbourhood_of(address) for address in await self._addresses(at.raw_host or "")} for at in (url, home)
        ]
        return "" not in theirs and theirs <= ours

    async def _addresses(self, host: str) -> list[str]:
        try:
            return [str(ip_address(host))]
        except ValueError:
            pass
        try:
            return [found["host"] for found in await self._resolver.resolve(host)]
        except OSError as error:
            raise FetchFailure(FailureKind.UNREACHABLE, error.strerror or "") from error


def failure_of(error: Exception) -> FetchFailure:
    """The kind of what aiohttp or the system raised. The order goes from the narrow to the wide."""
    cause = getattr(error, "os_error", error)
    if isinstance(cause, _AddressRefusedError):
        return FetchFailure(FailureKind.ADDRESS_REFUSED)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return FetchFailure(FailureKind.UNREACHABLE, "no connection in time")
    if isinstance(error, TimeoutError):
        return FetchFailure(FailureKind.TIMED_OUT)
    if isinstance(error, aiohttp.InvalidURL):
        return FetchFailure(FailureKind.BAD_URL)
    if isinstance(error, aiohttp.ClientSSLError):
        return FetchFailure(FailureKind.TLS)
    if isinstance(error, aiohttp.ClientConnectorError):
        return FetchFailure(FailureKind.UNREACHABLE, _said(error.os_error))
    if isinstance(error, aiohttp.ClientHttpProxyError):
        return FetchFailure(FailureKind.UNREACHABLE, f"the proxy answers {error.status}")
    return FetchFailure(FailureKind.BROKEN, type(error).__name__)


def _said(error: OSError) -> str:
    """In the system's words: asyncio puts its own in their place, with the address. Resolvers count below zero."""
    number = error.errno or 0
    return os.strerror(number) if number > 0 else error.strerror or ""
