"""The guarded way out: one POST to an address that somebody named, through the same guard as what is fetched.

No redirect is followed: a body that was signed for one target is handed to no other. Of the answer the status counts;
of its body only the beginning is read, for people.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import aiohttp

from service.net.access import PUBLIC, Access
from service.net.addresses import is_public
from service.net.target import target_of
from service.net.transport import FAILURES, Transport, failure_of

USER_AGENT = "Claimwire/0.1 (webhooks)"

_EXCERPT_BYTES = 1_000
_EXCERPT_S = 1.0
"""An answer that has said its status is not waited for."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """names in lower case; of several fields of one name the first"""
    excerpt: str
    """the beginning of the body"""


class Poster:
    """Posts. Use as an async context manager; one per event loop. How many at once is for the caller to bound.

    Args:
        total_s: from the first connect to the status.
        connect_s: for a name's addresses, and again for a connection.
        allows: whether a numeric address may be connected to for a target that did not opt in to private ones.
    """

    def __init__(
        self,
        total_s: float = 15.0,
        connect_s: float = 5.0,
        user_agent: str = USER_AGENT,
        allows: Callable[[str], bool] = is_public,
    ) -> None:
        self._total_s = total_s
        self._connect_s = connect_s
        self._user_agent = user_agent
        self._allows = allows
        self._transport: Transport

    async def __aenter__(self) -> Self:
        self._transport = Transport(0, self._connect_s, self._user_agent, self._allows)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.close()

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, access: Access = PUBLIC) -> Answer:
        """POST `body` to `url`; a login in the address is sent as Authorization.

        Raises:
            FetchFailure: there is no status within the time, or the address may not be connected to.
        """
        target = target_of(url)
        sent = {**headers, "Accept-Encoding": "identity"}
        if target.authorization is not None:
            sent["Authorization"] = target.authorization
        try:
            async with asyncio.timeout(self._total_s):
                response = await self._transport.ask("POST", target.url, sent, access, target.url, body)
        except FAILURES as error:
            raise failure_of(error) from error
        async with response:
            fields = {name.lower(): value for name, value in reversed(list(response.headers.items()))}
            return Answer(response.status, fields, await _excerpt(response))


async def _excerpt(response: aiohttp.ClientResponse) -> str:
    """The beginning of a body. Where more follows, leaving the response closes its connection."""
    read = bytearray()
    try:
        async with asyncio.timeout(_EXCERPT_S):
            while len(read) <= _EXCERPT_BYTES and (chunk := await response.content.read(_EXCERPT_BYTES)):
                read += chunk
    except FAILURES:  # cut off, or slow: the status was said
        response.close()
    if len(read) > _EXCERPT_BYTES:
        response.close()
    return bytes(read[:_EXCERPT_BYTES]).decode("utf-8", "replace")
