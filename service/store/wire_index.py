"""The wire index: a log of which fingerprints vote for which wire story, and the wire stories' records.

Fingerprints live in generations of seven days of the articles' own clock; the current one and the two before it are
looked at, and a whole generation is dropped at once. A generation is a stream that `commit` appends to. Whoever decides
follows it: he keeps the votes himself, reads on from where he stands, and has what is exact at the token of the answer.
What is decided upon that is refused unless the token still stands.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from service.store import keys
from service.store.connection import Arg, Connection, Script, decode
from service.store.values import Cursor

_WIRE_SINCE = Script("wire_since", "history")
_WIRE_RECORDS = Script("wire_records")

MOST_ENTRIES = 500
"""told in one answer: some 5 ms of whoever reads them, 1 ms of the server (measured: tests.benchmarks.wire_index)"""

_SAMPLES = 50
"""nodes looked at when the server is asked for a log's size: a few microseconds, some percent of error"""


class WireSize(NamedTuple):
    """What the wire index of a story takes."""

    wire_stories: int
    """opened in the generations that still stand"""
    size_bytes: int
    """of the logs as the server estimates it, without the records"""


class Position(NamedTuple):
    """How far a reader has read the log of a generation."""

    generation: int
    number: int = 0
    """of the commit that wrote the last entry read; 0: none"""
    held: int = 0
    """entries read"""


class WireNews(NamedTuple):
    """What was written to a generation behind a position."""

    position: Position
    """behind what is told here"""
    anew: bool
    """told from the first entry: what was read before is not all there"""
    left: int
    """entries to be read behind these"""
    entries: list[tuple[str, bytes]]
    """wire stories, and the fingerprints that vote for each from now on, as `unpacked` reads them"""


class WireDelta(NamedTuple):
    """What was written to the wire index since a cursor, exact at `cursor`."""

    lost: bool
    """the server does not know the reader's cursor: forget every generation"""
    cursor: Cursor
    news: list[WireNews]


class WireIndex:
    """The read side of the wire index; `commit` writes it."""

    _connection: Connection

    async def wire_since(
        self, story: str, scheme: str, cursor: Cursor | None, positions: Sequence[Position], most: int = MOST_ENTRIES
    ) -> WireDelta:
        """What was written to generations since they were read. One round trip.

        Args:
            scheme: of the sketch; what another scheme has indexed is not seen.
            cursor: of the answer that the positions come from, or of a commit of the reader's own behind it.
            positions: where the reader stands; those that the server cannot confirm are told anew.
            most: entries told, of all generations together.
        """
        names = [keys.wire_generation(story, scheme, each.generation) for each in positions]
        args: list[Arg] = [cursor.number, cursor.token] if cursor else [0, "none"]
        args.append(most)
        for each in positions:
            args += (each.number, each.held)
        lost, committed, token, *told = await self._connection.script(
            _WIRE_SINCE, (keys.state(story), keys.claims_log(story), *names), args
        )
        news = [_news(*each) for each in zip(positions, told, strict=True)]
        return WireDelta(lost == 1, Cursor(int(committed), decode(token)), news)

    async def wire_records(self, story: str, ids: Iterable[str], scheme: str = "") -> dict[str, bytes]:
        """The records of those wire stories that are still known, in the order asked for."""
        return (await self.wire_records_at(story, ids, scheme))[1]

    async def wire_records_at(self, story: str, ids: Iterable[str], scheme: str = "") -> tuple[str, dict[str, bytes]]:
        """The same, behind the token of the state that they are exact at."""
        wanted = list(dict.fromkeys(ids))
        names = [keys.wire_record(story, scheme, wire_story) for wire_story in wanted]
        token, *records = await self._connection.script(_WIRE_RECORDS, (keys.state(story), *names))
        known = {each: record for each, record in zip(wanted, records, strict=True) if record is not None}
        return decode(token), known

    async def wire_size(self, story: str) -> WireSize:
        """What the wire index of a story takes now, without the records. Two round trips."""
        flat = await self._connection.run("HGETALL", keys.wire_opened(story))
        opened = {decode(flat[i]): int(flat[i + 1]) for i in range(0, len(flat), 2)}
        names = [keys.wire_generation(story, *name.rsplit(":", 1)) for name in opened]
        sizes = await self._connection.pipeline([("MEMORY", "USAGE", name, "SAMPLES", _SAMPLES) for name in names])
        standing = [(count, size) for count, size in zip(opened.values(), sizes, strict=True) if size is not None]
        return WireSize(sum(count for count, _ in standing), sum(size for _, size in standing))


def packed(fingerprints: Iterable[int]) -> bytes:
    """Fingerprints as a log has them: the low 32 bits of each, once.

    The low bits, because sketches keep small hashes: the high ones are alike.
    """
    whole = tuple(fingerprints)
    halves = struct.unpack(f"<{2 * len(whole)}I", struct.pack(f"<{len(whole)}Q", *whole))
    distinct = dict.fromkeys(halves[::2])
    return struct.pack(f"<{len(distinct)}I", *distinct)


def unpacked(fingerprints: bytes) -> tuple[int, ...]:
    """Inverse of `packed`, but for the bits that it left out."""
    return struct.unpack(f"<{len(fingerprints) // 4}I", fingerprints)


def _news(asked: Position, told: Sequence[Any]) -> WireNews:
    anew, left, number, *flat = told
    entries = [(decode(flat[i]), flat[i + 1]) for i in range(0, len(flat), 2)]
    held = len(entries) if anew else asked.held + len(entries)
    return WireNews(Position(asked.generation, int(number), held), anew == 1, left, entries)
