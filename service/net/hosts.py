"""Politeness to a host: few connections at once, and a little time between the beginnings of requests."""

from __future__ import annotations

import asyncio

_FORGET_ABOVE = 1_000
_FORGET_EVERY_S = 10.0


class _Lane:
    def __init__(self, connections: int) -> None:
        self.slots = asyncio.Semaphore(connections)
        self.free_at = 0.0
        self.users = 0


class _Turn:
    def __init__(self, hosts: Hosts, lane: _Lane) -> None:
        self._hosts = hosts
        self._lane = lane

    async def __aenter__(self) -> None:
        await self._hosts.enter(self._lane)

    async def __aexit__(self, *_: object) -> None:
        self._hosts.leave(self._lane)


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
        self._forget_at = 0.0

    def turn(self, host: str) -> _Turn:
        """An async context manager: waits for a turn at `host`, and holds it."""
        lane = self._lanes.get(host)
        if lane is None:
            lane = self._lanes[host] = _Lane(self._connections)
        return _Turn(self, lane)

    async def enter(self, lane: _Lane) -> None:
        """Waits for a turn, and takes it."""
        lane.users += 1
        try:
            await lane.slots.acquire()
            try:
                await self._space(lane)
            except BaseException:
                lane.slots.release()
                raise
        except BaseException:
            lane.users -= 1
            raise

    def leave(self, lane: _Lane) -> None:
        """Ends a turn."""
        lane.slots.release()
        lane.users -= 1
        if len(self._lanes) > _FORGET_ABOVE:
            self._forget_idle()

    async def _space(self, lane: _Lane) -> None:
        now = asyncio.get_running_loop().time()
        starts_at = max(now, lane.free_at)
        lane.free_at = starts_at + self._spacing_s
        if starts_at > now:
            await asyncio.sleep(starts_at - now)

    def _forget_idle(self) -> None:
        now = asyncio.get_running_loop().time()
        if now < self._forget_at:
            return
        self._forget_at = now + _FORGET_EVERY_S
        self._lanes = {host: lane for host, lane in self._lanes.items() if lane.users or lane.free_at > now}
