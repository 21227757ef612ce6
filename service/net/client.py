"""The guarded HTTP client: the one way by which Claimwire asks a server that somebody else named.

Redirects are followed here, hop by hop, each through the guard of `transport` and with a turn at its host; the whole
exchange has one time limit and a least rate; bytes are capped on the wire and after decoding. What says who we are
goes to the origin that was named, and to no other.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from service.net.access import PUBLIC, Access
from service.net.addresses import is_public
from service.net.body import Body
from service.net.failures import FailureKind, FetchFailure
from service.net.hosts import Hosts
from service.net.target import host_of, same_origin, target_of
from service.net.transport import FAILURES, Transport, failure_of

USER_AGENT = "Claimwire/0.1 (feed watcher)"
_PERMANENT = frozenset({301, 308})
_REDIRECTS = _PERMANENT | {302, 303, 307}
_CHUNK_BYTES = 65_536
_NOT_UTF_8 = re.compile("[\udc80-\udcff]")
"""bytes of a header that are none, as aiohttp gives them"""


def user_agent(contact: str | None) -> str:
    """How we introduce ourselves, with a web or mail address of those who run us if they gave one."""
    return f"{USER_AGENT.removesuffix(')')}; +{contact})" if contact else USER_AGENT


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may cost. The defaults suit feeds."""

    total_s: float = 30.0
    """from the first connect to the last byte, all hops together; waiting for a turn at a host is not counted"""
    connect_s: float = 10.0
    """for a name's addresses, and again for a connection"""
    max_wire_bytes: int = 10_000_000
    max_bytes: int = 20_000_000
    """after decoding"""
    max_redirects: int = 5
    connections: int = 64
    """fetches under way at once, over all hosts"""
    connections_per_host: int = 2
    spacing_s: float = 0.1
    """least time between the beginnings of two requests to one host"""
    drip_s: float = 10.0
    """from then on a body must have come at `least_bytes_s` at the least"""
    least_bytes_s: float = 500.0


@dataclass(frozen=True, slots=True)
class Response:
    """What a server answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """names in lower case; several fields of one name joined by ', '"""
    body: bytes
    """decoded; empty unless the status is a success"""
    final_url: str
    """without login"""
    permanent_redirect: str | None
    """where the address has moved for good: set when every hop said so (301, 308)"""


@dataclass(frozen=True, slots=True)
class _Hop:
    status: int
    headers: Mapping[str, str]
    body: bytes
    location: str | None


class Client:
    """Fetches. Use as an async context manager; one per event loop.

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
        self._transport: Transport

    async def __aenter__(self) -> Self:
        limits = self._limits
        self._transport = Transport(limits.connections_per_host, limits.connect_s, self._user_agent, self._allows)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.close()

    async def fetch(
        self,
        url: str,
        headers: Mapping[str, str] | None = None,
        *,
        access: Access = PUBLIC,
        moved_to: str = "",
    ) -> Response:
        """GET `url`, following redirects.

        Args:
            url: http or https; a login in it is sent as Authorization.
            headers: sent with every hop.
            access: how the source is reached. Its authorization goes to the origin of `url` alone.
            moved_to: where `url` is known to have moved: asked in its place.

        Raises:
            FetchFailure: there is no complete response within the limits.
        """
        home = target_of(url)
        login = access.authorization or home.authorization
        at = target_of(moved_to).url if moved_to else home.url
        permanent, seen, left_s = True, {at}, self._limits.total_s
        for hops in range(self._limits.max_redirects + 1):
            authorized = login is not None and same_origin(at, home.url)
            sent = {**(headers or {}), "Authorization": login} if authorized and login else headers or {}
            hop, took_s = await self._hop(at, sent, access, home.url, left_s)
            left_s -= took_s
            if hop.location is None:
                moved = str(at) if hops and permanent else None
                return Response(hop.status, hop.headers, hop.body, str(at), moved)
            permanent = permanent and hop.status in _PERMANENT
            at = _next(at, hop.location, authorized)
            if at in seen:
                raise FetchFailure(FailureKind.BAD_REDIRECT, "in a circle")
            seen.add(at)
        raise FetchFailure(FailureKind.BAD_REDIRECT, f"more than {self._limits.max_redirects} redirects")

    async def post(self, url: str, form: Mapping[str, str], *, access: Access, home: str) -> int:
        """POST a form, following no redirect; what is answered beside the status is not read.

        Args:
            url: http or https.
            form: sent as application/x-www-form-urlencoded.
            access: of the source at `home`, as far as it is about networks: no login is sent.
            home: whose neighbour a private address must be.

        Returns:
            The status.

        Raises:
            FetchFailure: there is no answer within the limits.
        """
        at, source = target_of(url).url, target_of(home).url
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        body = urlencode(form).encode()
        async with self._hosts.turn(host_of(at)), self._slots:
            try:
                async with (
                    asyncio.timeout(self._limits.total_s),
                    await self._transport.ask("POST", at, headers, access, source, body) as response,
                ):
                    return response.status
            except FAILURES as error:
                raise failure_of(error) from error

    async def _hop(
        self, url: URL, headers: Mapping[str, str], access: Access, home: URL, left_s: float
    ) -> tuple[_Hop, float]:
        clock = asyncio.get_running_loop().time
        # The host's turn first: those who wait for a slow host must not keep others from theirs.
        async with self._hosts.turn(host_of(url)), self._slots:
            began = clock()
            try:
                async with asyncio.timeout(left_s), await self._transport.get(url, headers, access, home) as response:
                    return await self._answer(response, began), clock() - began
            except FAILURES as error:
                raise failure_of(error) from error

    async def _answer(self, response: aiohttp.ClientResponse, began: float) -> _Hop:
        fields = response.headers
        received = {name.lower(): value for name, value in fields.items()}
        if len(received) < len(fields):
            received = {name: ", ".join(fields.getall(name)) for name in received}
        if response.status in _REDIRECTS and response.headers.get("Location"):
            return _Hop(response.status, received, b"", response.headers["Location"])
        # What else a server says stands in its headers: a refusal is heard even if its page never ends.
        body = await self._read(response, received, began) if 200 <= response.status < 300 else b""
        return _Hop(response.status, received, body, None)

    async def _read(self, response: aiohttp.ClientResponse, headers: Mapping[str, str], began: float) -> bytes:
        limits, clock = self._limits, asyncio.get_running_loop().time
        announced = response.content_length
        if announced is not None and announced > limits.max_wire_bytes:
            raise FetchFailure(
                FailureKind.TOO_LARGE, f"{announced:,} bytes announced, {limits.max_wire_bytes:,} allowed"
            )
        body = Body(headers.get("content-encoding", ""), limits.max_wire_bytes, limits.max_bytes)
        async for chunk in response.content.iter_chunked(_CHUNK_BYTES):
            body.feed(chunk)
            lasted_s = clock() - began
            if lasted_s > limits.drip_s and body.wire_bytes < lasted_s * limits.least_bytes_s:
                raise FetchFailure(FailureKind.TIMED_OUT, f"{body.wire_bytes:,} bytes in {lasted_s:.0f} s")
        return body.finish()


def _next(url: URL, location: str, authorized: bool) -> URL:
    """Where a redirect leads. A login in it is not ours, and is dropped."""
    try:
        joined = str(url.join(URL(_NOT_UTF_8.sub(_escaped, location))))
    except ValueError:
        raise FetchFailure(FailureKind.BAD_REDIRECT, "it cannot be read as an address") from None
    following = target_of(joined, FailureKind.BAD_REDIRECT).url
    if authorized and url.scheme == "https" and following.scheme == "http":
        raise FetchFailure(FailureKind.BAD_REDIRECT, "from https to http, with a login")
    return following


def _escaped(octet: re.Match[str]) -> str:
    return f"%{ord(octet.group()) - 0xDC00:02X}"
