"""Politeness to a host: few connections at once, and a little time between the beginnings of requests."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_FORGET_ABOVE = 1_000


class _Lane:
    def __init__(self, connections: int) -> None:
        self.slots = asyncio.Semaphore(connections)
        self.free_at = 0.0
        self.users = 0


class Hosts:
    """Turns at hosts. One instance per event loop.

    Args:
        connections: requests to one host at the same time.
        spacing_s: least time between the beginnings of two requests to one host.
    """

    def __init__(self, connections: int, spacing_s: float) -> None:
        self._connections = connections
        self._spacing_s = spacing_s
        self._lanes: dict[str, _Lane] = {}

    @asynccontextmanager
    async def turn(self, host: str) -> AsyncIterator[None]:
        """Wait for a turn at `host`, and hold it."""
        lane = self._lanes.setdefault(host, _Lane(self._connections))
        lane.users += 1
        try:
            async with lane.slots:
                await self._space(lane)
                yield
        finally:
            lane.users -= 1
            self._forget_idle()

    async def _space(self, lane: _Lane) -> None:
        now = asyncio.get_running_loop().time()
        starts_at = max(now, lane.free_at)
        lane.free_at = starts_at + self._spacing_s
        if starts_at > now:
            await asyncio.sleep(starts_at - now)

    def _forget_idle(self) -> None:
        if len(self._lanes) <= _FORGET_ABOVE:
            return
        now = asyncio.get_running_loop().time()
        self._lanes = {host: lane for host, lane in self._lanes.items() if lane.users or lane.free_at > now}
