"""Hosts that said that we ask too much of them: all their feeds wait, in all replicas, also after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Protocol

_BELIEVED_S = 1.0


class HostMemory(Protocol):
    """What the store knows of hosts. May raise StoreUnavailable."""

    async def slow_host(self, host: str, until_s: float, now_s: float) -> None:
        """Leaves a host alone until then (seconds since 1970), or for longer if that was said before."""

    async def slow_hosts(self, now_s: float) -> Mapping[str, float]:
        """Until when hosts are left alone, also those whose time was over a short while ago."""


class SlowHosts:
    """What one process knows of them, never older than a second."""

    def __init__(self, store: HostMemory) -> None:
        self._store = store
        self._until: Mapping[str, float] = {}
        self._read_at = float("-inf")
        self._reading = asyncio.Lock()

    async def until(self, host: str, now_s: float) -> float:
        """Until when a host wants to be left alone, in seconds since 1970; 0: it does not.

        Raises:
            StoreUnavailable: the store cannot be asked.
        """
        if not self._is_fresh(now_s):
            async with self._reading:  # nobody goes by what is not known yet
                if not self._is_fresh(now_s):
                    self._until, self._read_at = await self._store.slow_hosts(now_s), now_s
        return self._until.get(host, 0.0)

    def _is_fresh(self, now_s: float) -> bool:
        return 0 <= now_s - self._read_at < _BELIEVED_S

    async def slow(self, host: str, until_s: float, now_s: float) -> None:
        """Leaves a host alone.

        Raises:
            StoreUnavailable: likewise.
        """
        await self._store.slow_host(host, until_s, now_s)
        self._read_at = float("-inf")
