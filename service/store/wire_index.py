"""The wire index: which wire stories share a text's fingerprints, and their records.

Fingerprints live in generations of seven days of the articles' own clock; the current one and the two before it are
looked at, and a whole generation is dropped at once. The layout of a generation stands in `wire_buckets`. The server
looks up and keeps, which it does in a tenth of the time that counting would take it: the buckets come to whoever asks,
and he counts the votes. What is read at a token of the story is exact if the commit at that token succeeds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import NamedTuple

from service.store import keys
from service.store.connection import Connection, decode
from service.store.wire_buckets import Asked, bucket_count, chunk_of, id_in

CROWD = 8
"""A fingerprint that so many wire stories have is a phrase of the trade and stops voting (WIRE.md, measured)."""

_SAMPLES = 50
"""fields looked at when the server is asked for a generation's size: a few microseconds, some percent of error"""

_REMEMBERED = 1_000

Counted = dict[int, tuple[int, str]]
"""ordinal of a wire story → votes, and the generation that knows its id"""


_Read = tuple[str, list[list[int]], dict[int, bytes | None]]
"""a generation, the buckets of each question, and their contents"""


class WireSize(NamedTuple):
    """What the wire index of a story takes."""

    wire_stories: int
    """in the generations that still stand; one in two generations counts twice"""
    size_bytes: int
    """of the fingerprint index as the server estimates it, without the records"""


class WireIndex:
    """The read side of the wire index; `commit` writes it."""

    _connection: Connection

    def __init__(self) -> None:
        self._pairs: dict[str, int] = {}
        """generation → the pairs it held when it was last read: says which buckets to ask for, nothing else"""

    async def wire_votes(
        self, story: str, fingerprints: Sequence[int], day: int, scheme: str = "", least: int = 1
    ) -> dict[str, int]:
        """How many of the fingerprints (u64) each wire story has, as seen from `day`; ids in order.

        One round trip, and another for the ids if there are any.

        Args:
            scheme: of the sketch; what another scheme has indexed is not seen.
            least: wire stories with fewer votes are not told.
        """
        if not fingerprints:
            return {}
        last = day // keys.WIRE_GENERATION_DAYS
        names = [keys.wire_generation(story, scheme, last - back) for back in range(keys.WIRE_GENERATIONS)]
        (counted,) = await self.wire_counts(names, [Asked(fingerprints)], least)
        asked = [("HGET", name, chunk_of(ordinal)) for ordinal, (_, name) in counted.items()]
        votes: dict[str, int] = {}
        for (ordinal, (count, _)), chunk in zip(counted.items(), await self._connection.pipeline(asked), strict=True):
            if (wire_story := id_in(chunk, ordinal)) is not None:
                votes[decode(wire_story)] = count
        return dict(sorted(votes.items()))

    async def wire_counts(self, names: Sequence[str], asks: Sequence[Asked], least: int) -> list[Counted]:
        """The votes in these generations, for several texts at once. One round trip, unless a generation has more
        buckets than is known.
        """
        voters: list[dict[int, list[bytes]]] = [{} for _ in asks]
        homes: dict[bytes, str] = {}
        for name, wanted, contents in await self._read(names, asks):
            for asked, buckets, of_text in zip(asks, wanted, voters, strict=True):
                for fingerprint, marks in asked.voters(buckets, contents):
                    of_text[fingerprint] = [*dict.fromkeys(of_text.get(fingerprint, []) + marks)]
                    homes.update(dict.fromkeys(marks, name))
        return [_counted(of_text, homes, least) for of_text in voters]

    async def _read(self, names: Sequence[str], asks: Sequence[Asked]) -> list[_Read]:
        """What the generations that hold anything have in the buckets of the questions."""
        read: list[_Read] = []
        waiting = list(names)
        if len(self._pairs) > _REMEMBERED:
            self._pairs.clear()
        while waiting:
            known = [self._pairs.get(name, 0) for name in waiting]
            wanted = [[asked.buckets(pairs) for asked in asks] for pairs in known]
            fields = [list(set(chain.from_iterable(each))) for each in wanted]
            replies = await self._connection.pipeline(
                [("HMGET", name, "pairs", *each) for name, each in zip(waiting, fields, strict=True)]
            )
            again: list[str] = []
            for at, (name, (held, *contents)) in enumerate(zip(waiting, replies, strict=True)):
                pairs = self._pairs[name] = int(held or 0)
                moved = bucket_count(pairs) != bucket_count(known[at])
                if moved and [asked.buckets(pairs) for asked in asks] != wanted[at]:
                    again.append(name)
                elif pairs:
                    read.append((name, wanted[at], dict(zip(fields[at], contents, strict=True))))
            waiting = again
        return read

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


def _counted(voters: dict[int, list[bytes]], homes: dict[bytes, str], least: int) -> Counted:
    votes: dict[bytes, int] = {}
    for marks in voters.values():
        for mark in marks if len(marks) < CROWD else ():
            votes[mark] = votes.get(mark, 0) + 1
    return {int.from_bytes(mark, "big"): (count, homes[mark]) for mark, count in votes.items() if count >= least}
