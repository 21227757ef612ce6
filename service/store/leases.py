"""Which replica polls a feed: one at a time, by leases that the server's clock ends, and the replicas alive.

The clock may be set back: what then lies ahead by more than its own length is over, so that nobody who died is waited
for longer than twice what he asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence

from service.store import keys
from service.store.connection import Connection, Script, decode, encode
from service.store.feed_values import PollOpening

_OPEN_POLL = Script("open_poll")
_KEEP_LEASES = Script("keep_leases")
_REPLICA_BEAT = Script("replica_beat")


class Leases:
    """Lends feeds to replicas. A lease keeps others from polling; the fence is the compare-and-set of `close_poll`."""

    _connection: Connection

    async def open_poll(
        self, feed: str, expected_revision: int, replica: str, lease_s: float, asked_at: float
    ) -> PollOpening:
        """Lends a feed to `replica` for one poll. The same replica may open it again.

        Args:
            expected_revision: of the state that the poll is to begin with; 0 for a feed never looked at.
            lease_s: after which, unless it is kept, anybody may poll the feed.
            asked_at: seconds since 1970; remembered, so that a poll that dies is not repeated early.
        """
        args = (expected_revision, encode(replica), _ms(lease_s), asked_at)
        lent, taken_ms = await self._connection.together(_OPEN_POLL, (keys.feed(feed),), args)
        return PollOpening(lent == 1, taken_ms / 1000)

    async def keep_leases(self, feeds: Sequence[str], replica: str, lease_s: float, asked_at: float) -> list[bool]:
        """Prolongs the leases of `replica`; for each feed, whether it is still its own.

        Args:
            asked_at: as for `open_poll`: a poll may wait long before it asks.
        """
        if not feeds:
            return []
        named = [keys.feed(feed) for feed in feeds]
        kept = await self._connection.together(_KEEP_LEASES, named, (encode(replica), _ms(lease_s), asked_at))
        return [one == 1 for one in kept]

    async def give_back(self, feeds: Sequence[str], replica: str) -> None:
        """Ends the leases of `replica` before their time; those of others stand."""
        await self.keep_leases(feeds, replica, 0, 0)

    async def replica_beat(self, replica: str, incarnation: str, ttl_s: float, feeds: str) -> tuple[str, list[str]]:
        """Says that `replica` is alive for the next `ttl_s` seconds; 0 takes leave.

        Args:
            feeds: names the feeds that it has: those who have the same share them.

        Returns:
            Which incarnation said so before under this name (the empty string: none), and who shares them, sorted.
        """
        args = (encode(replica), incarnation, _ms(ttl_s), feeds)
        before, *alive = await self._connection.script(_REPLICA_BEAT, (keys.replicas(),), args)
        return decode(before), sorted(map(decode, alive))

    async def replicas_alive(self) -> list[str]:
        """The names of the replicas that gave a sign of life within their time, sorted; changes nothing."""
        (now_s, micro_s), flat = await self._connection.pipeline([("TIME",), ("HGETALL", keys.replicas())])
        now_ms = int(now_s) * 1000 + int(micro_s) // 1000
        return sorted(decode(name) for name, said in zip(flat[::2], flat[1::2], strict=True) if _lives(said, now_ms))


def _lives(said: bytes, now_ms: int) -> bool:
    until_ms, _, *more = said.split(b" ")
    said_ms = float(more[0]) if len(more) > 1 else math.inf  # a release before this one did not write it
    return 0 <= int(until_ms) - now_ms <= 2 * said_ms


def _ms(seconds: float) -> int:
    return round(seconds * 1000)
