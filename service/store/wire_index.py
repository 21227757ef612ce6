"""The wire index: which wire stories share a text's fingerprints, and their records.

Fingerprints live in generations of seven days of the articles' own clock; the current one and the two before it are
looked at, and a whole generation is dropped at once. A generation is one hash, whose layout stands in
`scripts/wire_buckets.lua`: a pair of a fingerprint and a wire story costs six bytes and its share of a bucket.

Thirty-two bits of a fingerprint are told apart. With 150,000 wire stories of 28 fingerprints in three generations a
text meets 28 * 4.2e6 / 2^32 = 0.03 pairs that are not its own, and two of one wire story, which would cost an idle
verification, once in some hundred million texts: every candidate is verified against its record.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from service.store import keys
from service.store.connection import Connection, Script, decode

_WIRE_VOTES = Script("wire_votes", "wire_buckets")

CROWD = 8
"""A fingerprint that so many wire stories have is a phrase of the trade and stops voting (WIRE.md, measured)."""

_SAMPLES = 50
"""fields looked at when the server is asked for a generation's size: a few microseconds, some percent of error"""


class WireSize(NamedTuple):
    """What the wire index of a story takes."""

    wire_stories: int
    """in the generations that still stand; one in two generations counts twice"""
    size_bytes: int
    """of the fingerprint index as the server estimates it, without the records"""


class WireIndex:
    """The read side of the wire index; `commit` writes it."""

    _connection: Connection

    async def wire_votes(
        self, story: str, fingerprints: Sequence[int], day: int, scheme: str = "", least: int = 1
    ) -> dict[str, int]:
        """How many of the fingerprints (u64) each wire story has, as seen from `day`. One round trip, ids in order.

        Args:
            scheme: of the sketch; what another scheme has indexed is not seen.
            least: wire stories with fewer votes are not told.
        """
        last = day // keys.WIRE_GENERATION_DAYS
        names = [keys.wire_generation(story, scheme, last - back) for back in range(keys.WIRE_GENERATIONS)]
        if not fingerprints:
            return {}
        reply = await self._connection.script(_WIRE_VOTES, names, (CROWD, least, packed(fingerprints)))
        return dict(sorted((decode(reply[i]), int(reply[i + 1])) for i in range(0, len(reply), 2)))

    async def wire_records(self, story: str, ids: Iterable[str], scheme: str = "") -> dict[str, bytes]:
        """The records of those wire stories that are still known, in the order asked for."""
        wanted = list(dict.fromkeys(ids))
        replies = await self._connection.pipeline(
            [("HGET", keys.wire_record(story, scheme, wire_story), "record") for wire_story in wanted]
        )
        return {wire_story: record for wire_story, record in zip(wanted, replies, strict=True) if record is not None}

    async def wire_size(self, story: str) -> WireSize:
        """What the fingerprint index of a story takes now. Two round trips."""
        flat = await self._connection.run("HGETALL", keys.wire_generations(story))
        held = {decode(flat[i]): int(flat[i + 1]) for i in range(0, len(flat), 2)}
        names = [keys.wire_generation(story, *name.rsplit(":", 1)) for name in held]
        sizes = await self._connection.pipeline([("MEMORY", "USAGE", name, "SAMPLES", _SAMPLES) for name in names])
        standing = [(count, size) for count, size in zip(held.values(), sizes, strict=True) if size is not None]
        return WireSize(sum(count for count, _ in standing), sum(size for _, size in standing))


def packed(fingerprints: Iterable[int]) -> bytes:
    """Fingerprints as the scripts take them: the low 32 bits of each, once, big-endian.

    The low bits, because sketches keep small hashes: the high ones are alike.
    """
    distinct = dict.fromkeys(fingerprint & 0xFFFFFFFF for fingerprint in fingerprints)
    return struct.pack(f">{len(distinct)}I", *distinct)
