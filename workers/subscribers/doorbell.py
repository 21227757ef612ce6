"""Says that a stream has something new: one blocking read for all who wait in this process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog

from service.errors import StoreUnavailable
from service.store.store import Store

RING_S = 1.0
"""One who waits looks by himself so often: a bell that is late costs a second, never an event."""

log = structlog.get_logger(__name__)


class Doorbell:
    """Wakes everybody who waits when an entry comes onto any of the streams."""

    def __init__(self, store: Store, streams: Sequence[str]) -> None:
        self._store = store
        self._streams = streams
        self._rung = asyncio.Condition()
        self._rings = 0

    async def run(self) -> None:
        """Listens until cancelled."""
        positions: dict[str, str] = {}
        while True:
            try:
                if not positions:
                    positions = {stream: await self._store.last_id(stream) for stream in self._streams}
                elif rung := await self._store.read(positions, block_s=2 * RING_S, count=1):
                    positions |= {entry.stream: await self._store.last_id(entry.stream) for entry in rung}
                else:
                    continue
            except StoreUnavailable as error:
                log.warning("store.unavailable", error=error.message)
                await asyncio.sleep(RING_S)
            await self.ring()

    @property
    def rings(self) -> int:
        """How often it has rung. To be noted before one looks: a ring that comes meanwhile is not missed then."""
        return self._rings

    async def ring(self) -> None:
        """Wakes everybody."""
        async with self._rung:
            self._rings += 1
            self._rung.notify_all()

    async def wait(self, seen: int, most_s: float = RING_S) -> None:
        """Returns when it has rung since it had rung `seen` times, or after `most_s`."""
        try:
            async with asyncio.timeout(most_s), self._rung:
                await self._rung.wait_for(lambda: self._rings != seen)
        except TimeoutError:
            return
