"""Which other sites' pages may read the API in a browser. None, unless a setting names them; nobody may write so."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from aiohttp import web
from aiohttp.typedefs import Middleware

from service.web.problems import Handler

_READ = ("/v1/", "/schemas/", "/openapi.json", "/asyncapi.json")
_MAX_AGE_S = 600


@dataclass(frozen=True, slots=True)
class Cors:
    """The origins allowed; `*` allows all."""

    origins: Collection[str] = ()

    @property
    def middleware(self) -> Middleware:
        """Answers what browsers ask before they ask; goes before every other middleware: it asks for no token."""

        @web.middleware
        async def cors(request: web.Request, handler: Handler) -> web.StreamResponse:
            asked = request.headers.get("Access-Control-Request-Method")
            if request.method != "OPTIONS" or asked not in ("GET", "HEAD") or not self._allows(request):
                return await handler(request)
            return web.Response(
                status=204,
                headers={
                    "Access-Control-Allow-Methods": "GET, HEAD",
                    "Access-Control-Allow-Headers": "Authorization, Last-Event-ID",
                    "Access-Control-Max-Age": str(_MAX_AGE_S),
                },
            )

        return cors

    async def add_headers(self, request: web.Request, response: web.StreamResponse) -> None:
        """Says to the browser that the page may read the answer. Without credentials: a page has to bring a token."""
        if not self.origins or not request.path.startswith(_READ):
            return
        response.headers.add("Vary", "Origin")
        if self._allows(request):
            response.headers["Access-Control-Allow-Origin"] = "*" if "*" in self.origins else request.headers["Origin"]

    def _allows(self, request: web.Request) -> bool:
        origin = request.headers.get("Origin")
        readable = request.path.startswith(_READ) and request.method in ("GET", "HEAD", "OPTIONS")
        return origin is not None and readable and ("*" in self.origins or origin in self.origins)
