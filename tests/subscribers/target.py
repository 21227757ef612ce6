"""Other people's server, on loopback: it takes webhooks, or does what such servers do instead."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import web
from aiohttp.test_utils import TestServer
from standardwebhooks.webhooks import Webhook as Verifier

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

Turn = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Got:
    headers: dict[str, str]
    body: bytes
    at_s: float

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def verified(self, secret: str = SECRET) -> dict[str, object]:
        """Raises WebhookVerificationError."""
        verified: dict[str, object] = Verifier(secret).verify(self.body, self.headers)
        return verified


class Target:
    """Answers 204 on every path, after the turns that were laid out for it."""

    def __init__(self) -> None:
        self.got: dict[str, list[Got]] = defaultdict(list)
        self.turns: dict[str, list[Turn]] = defaultdict(list)
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._answer)
        self.server = TestServer(app, host="127.0.0.1")

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.server.port}{path}"

    def ids(self, path: str) -> list[str]:
        return [got.id for got in self.got[path]]

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.got[request.path].append(Got(headers, await request.read(), asyncio.get_running_loop().time()))
        turns = self.turns[request.path]
        return await turns.pop(0)(request) if turns else web.Response(status=204)


def says(status: int, body: str = "", **headers: str) -> Turn:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(
            status=status, text=body, headers={name.replace("_", "-"): v for name, v in headers.items()}
        )

    return answer


async def hangs(_: web.Request) -> web.Response:
    await asyncio.sleep(60)
    return web.Response()


async def never_ends(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"x" * 65_536)
