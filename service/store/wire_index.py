"""The wire index: which wire stories share a text's fingerprints, and their records.

Fingerprints live in generations of seven days of the articles' own clock; the current one and the two before it are
looked at, and a whole generation is dropped at once. A fingerprint is 8 bytes, a wire story's ordinal 4: a pair costs
about 17 bytes in a bucket's compact encoding.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence

from service.store import keys
from service.store.connection import Connection, Script, decode

_WIRE_VOTES = Script("wire_votes")

CROWD = 8
"""A fingerprint that so many wire stories have is a phrase of the trade and stops voting (WIRE.md, measured)."""


class WireIndex:
    """The read side of the wire index; `commit` writes it."""

    _connection: Connection

    async def wire_votes(self, story: str, fingerprints: Sequence[int], day: int) -> dict[str, int]:
        """How many of the fingerprints (u64) each wire story has, as seen from `day`. One round trip, ids in order."""
        last = day // keys.WIRE_GENERATION_DAYS
        generations = range(last, last - keys.WIRE_GENERATIONS, -1)
        distinct = list(dict.fromkeys(fingerprints))
        if not distinct:
            return {}
        names = [keys.wire_ids(story, generation) for generation in generations]
        names += [keys.wire_bucket(story, generation, vote) for vote in distinct for generation in generations]
        reply = await self._connection.script(
            _WIRE_VOTES, names, (len(generations), CROWD, *(packed(vote) for vote in distinct))
        )
        return dict(sorted((decode(reply[i]), int(reply[i + 1])) for i in range(0, len(reply), 2)))

    async def wire_records(self, story: str, ids: Iterable[str]) -> dict[str, bytes]:
        """The records of those wire stories that are still known, in the order asked for."""
        wanted = list(dict.fromkeys(ids))
        replies = await self._connection.pipeline(
            [("HGET", keys.wire_record(story, wire_story), "record") for wire_story in wanted]
        )
        return {wire_story: record for wire_story, record in zip(wanted, replies, strict=True) if record is not None}


def packed(fingerprint: int) -> bytes:
    """A fingerprint as a field of its bucket: 8 bytes, big-endian."""
    return struct.pack(">Q", fingerprint)
