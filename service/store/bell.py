"""The bell: whoever admits an article says of which story, so that workers need not ask each of thousands.

It is one stream for all stories and not in their slots, so it rings behind the admission and not with it. A ring that
is lost (the ingester dies between the two, the server loses the entry) is made up for by looking at all stories now and
then.
"""

from __future__ import annotations

from contextlib import suppress

from service.errors import StoreUnavailable
from service.store import keys
from service.store.connection import BLOCK_CAP_S, Connection, decode

_AT_ONCE = 1000


class Bell:
    """Rings, and listens."""

    _connection: Connection
    _heard: str | None
    """the entry up to which was listened; None: never"""

    async def ring(self, story: str) -> None:
        """Says that there is something to do in a story. Fails in silence: the admission stands."""
        with suppress(StoreUnavailable):
            await self._connection.ask("XADD", keys.bell(), "MAXLEN", "~", keys.BELL_LENGTH, "*", "story", story)

    async def listen(self, block_s: float) -> list[str]:
        """The stories that were rung for since the last call, in their order; waits up to `block_s` (at most 2 s).

        The first call tells of none, and those after it of all since: to be made before the stories are looked at.
        """
        try:
            return await self._listen(block_s)
        except StoreUnavailable:
            self._heard = None  # another server may have fewer entries, and give their numbers again
            raise

    async def _listen(self, block_s: float) -> list[str]:
        if self._heard is None:
            newest = await self._connection.run("XREVRANGE", keys.bell(), "+", "-", "COUNT", 1)
            self._heard = decode(newest[0][0]) if newest else "0-0"
            return []
        block = ("BLOCK", max(1, int(min(block_s, BLOCK_CAP_S) * 1000))) if block_s > 0 else ()
        command = ("XREAD", "COUNT", _AT_ONCE, *block, "STREAMS", keys.bell(), self._heard)
        reply = await self._connection.block(*command)
        rung = reply[0][1] if reply else []
        if rung:
            self._heard = decode(rung[-1][0])
        return list(dict.fromkeys(decode(flat[1]) for _, flat in rung))
