"""Alive, started, ready, and the numbers: what an orchestrator and Prometheus ask."""

from __future__ import annotations

from dataclasses import asdict

from aiohttp import web

from service.numbers.exposition import render
from service.web.state import State


class Health:
    """The probes. /livez never touches Redis: a restart of ours does not bring Redis back."""

    def __init__(self, state: State) -> None:
        self._state = state

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this room."""
        return [
            web.get("/livez", self.alive),
            web.get("/healthz", self.alive),  # what Kubernetes called it before; a restart is what it asks for
            web.get("/startupz", self.started),
            web.get("/readyz", self.ready),
            web.get("/metrics", self.metrics),
        ]

    async def alive(self, _: web.Request) -> web.Response:
        """200 as long as the event loop turns."""
        return web.json_response({"alive": True})

    async def started(self, _: web.Request) -> web.Response:
        """200 once everything is open, 503 before."""
        return web.json_response({"started": self._state.started}, status=200 if self._state.started else 503)

    async def ready(self, _: web.Request) -> web.Response:
        """200 if every condition holds, else 503; either way each condition with its reason."""
        checks = await self._state.readiness()
        ready = all(check.ok for check in checks.values())
        body = {"ready": ready, "checks": {name: asdict(check) for name, check in checks.items()}}
        return web.json_response(body, status=200 if ready else 503)

    async def metrics(self, request: web.Request) -> web.Response:
        """Every number, in the form that Prometheus asks for."""
        page, content_type = render(await self._state.numbers(), request.headers.get("Accept", ""))
        return web.Response(body=page, headers={"Content-Type": content_type})
