"""The address at which hubs confirm subscriptions and send what is new (WebSub). Nobody else has any business there."""

from __future__ import annotations

from typing import Protocol

from aiohttp import web

from service.web.problems import problem

PATH = "/websub/{token:[0-9a-f]{48}}"
_STATUS = {"taken": 202, "forged": 202, "unknown": 410, "busy": 503}
"""A forged push is answered as a good one: who forges learns nothing. Source: WebSub, section 8"""


class Door(Protocol):
    """Who knows the subscriptions. May raise StoreUnavailable."""

    async def confirm(self, token: str, query: dict[str, str]) -> str | None:
        """What a hub wants to hear; None: it was not asked for that."""

    async def knows(self, token: str) -> bool:
        """Whether there is such a callback."""

    async def receive(self, token: str, body: bytes, content_type: str, signature: str) -> str:
        """taken, forged, unknown or busy."""


class Callbacks:
    """The two routes of a callback.

    Args:
        door: who knows the subscriptions.
        max_bytes: of a body, after decoding; larger ones are refused.
    """

    def __init__(self, door: Door, max_bytes: int) -> None:
        self._door = door
        self._max_bytes = max_bytes

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        return [web.get(PATH, self._confirm, allow_head=False), web.post(PATH, self._receive)]

    async def _confirm(self, request: web.Request) -> web.Response:
        answer = await self._door.confirm(request.match_info["token"], dict(request.query))
        if answer is None:
            return problem(404, "Not Found", "Nobody here asked for that.")
        return web.Response(text=answer, content_type="text/plain")

    async def _receive(self, request: web.Request) -> web.Response:
        if request.headers.get("Content-Encoding", "identity").lower() != "identity":
            return problem(415, "Unsupported Media Type", "A signature is of what is sent: send it as it is.")
        if not await self._door.knows(request.match_info["token"]):  # before a stranger's megabytes are read
            return web.Response(status=_STATUS["unknown"])
        body = bytearray()
        async for chunk in request.content.iter_chunked(65_536):
            body += chunk
            if len(body) > self._max_bytes:
                return problem(413, "Content Too Large", f"More than {self._max_bytes:,} bytes.")
        headers = request.headers
        receipt = await self._door.receive(
            request.match_info["token"],
            bytes(body),
            headers.get("Content-Type", ""),
            headers.get("X-Hub-Signature", ""),
        )
        return web.Response(status=_STATUS[str(receipt)])
