"""The wire index: which wire stories share a text's fingerprints, and their records.

Fingerprints live in generations of seven days of the articles' own clock; the current one and the two before it are
looked at, and a whole generation is dropped at once. `wire_buckets` has the layout of a generation. The server only
looks up and keeps: the buckets come to whoever asks, and he counts the votes and makes the buckets anew. What he made
of them is written by `commit`, in one step with everything else, if the generation is still as he read it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.model import WireWrite
from service.store import keys
from service.store.connection import Arg, Connection, decode
from service.store.wire_buckets import Asked, Excerpt, chunk_of, due, id_in, parsed

CROWD = 8
"""A fingerprint that so many wire stories have is a phrase of the trade and stops voting (WIRE.md, measured)."""

_SAMPLES = 50
"""fields looked at when the server is asked for a generation's size: a few microseconds, some percent of error"""

_REMEMBERED = 1_000


class WireSize(NamedTuple):
    """What the wire index of a story takes."""

    wire_stories: int
    """in the generations that still stand; one in two generations counts twice"""
    size_bytes: int
    """of the fingerprint index as the server estimates it, without the records"""


@dataclass(frozen=True, slots=True)
class WireChange:
    """What a commit does to a generation of the wire index."""

    ordinal: int
    """of the wire story, if it has a record already; a new one's is the number of its commit"""
    size: bytes
    """of the generation that the change was made of"""
    fields: tuple[Arg, ...]
    """field, content, field, content …; empty if there are no votes"""


@dataclass(slots=True)
class _Look:
    """What the last question about a story read of the generation that a commit will write to."""

    generation: str
    asked: Asked
    excerpt: Excerpt
    ordinals: dict[str, int]


class WireIndex:
    """The wire index; `commit` writes it."""

    _connection: Connection

    def __init__(self) -> None:
        self._sizes: dict[str, tuple[int, int]] = {}
        """generation → its size when it was last read: says which buckets to ask for, and is not relied upon"""
        self._looks: dict[str, _Look] = {}

    async def wire_votes(
        self,
        story: str,
        fingerprints: Sequence[int],
        day: int,
        scheme: str = "",
        least: int = 1,
        beside: Iterable[int] = (),
    ) -> dict[str, int]:
        """How many of the fingerprints (u64) each wire story has, as seen from `day`; ids in order.

        One round trip; another for the ids if there are any.

        Args:
            scheme: of the sketch; what another scheme has indexed is not seen.
            least: wire stories with fewer votes are not told.
            beside: fingerprints that do not vote and may be written: a commit that brings none but these and those
                that were asked for need not read the index again.
        """
        if not fingerprints:
            return {}
        asked = Asked((*fingerprints, *beside))
        last = day // keys.WIRE_GENERATION_DAYS
        names = [keys.wire_generation(story, scheme, last - back) for back in range(keys.WIRE_GENERATIONS)]
        excerpts = await self.wire_excerpts(names, asked)
        homes = counted(excerpts, Asked(fingerprints) if len(asked.given) > len(fingerprints) else asked, least)
        named = await self._ids({ordinal: names[at] for ordinal, (_, at) in homes.items()})
        ordinals = {wire_story: ordinal for ordinal, wire_story in named.items()}
        self._looks[story] = _Look(names[0], asked, excerpts[0], ordinals)
        return dict(sorted((named[ordinal], count) for ordinal, (count, _) in homes.items() if ordinal in named))

    async def wire_excerpts(self, names: Sequence[str], asked: Asked) -> list[Excerpt]:
        """The buckets of these fingerprints in each generation, and of the first also those that will be divided
        next. One round trip if no generation has grown beyond what is known of it.
        """
        found: dict[str, Excerpt] = {}
        while missing := [name for name in names if name not in found]:
            wanted = {name: list(dict.fromkeys(asked.buckets(self._size(name)[1]))) for name in missing}
            if names[0] in wanted:
                wanted[names[0]] += due(self._size(names[0]), len(asked.numbers))
            replies = await self._connection.pipeline(
                [("HMGET", name, "size", *buckets) for name, buckets in wanted.items()]
            )
            for (name, buckets), (size, *contents) in zip(wanted.items(), replies, strict=True):
                held = {bucket: content or b"" for bucket, content in zip(buckets, contents, strict=True)}
                excerpt = Excerpt(size, held)
                self._remember(name, excerpt)
                if excerpt.holds(asked):
                    found[name] = excerpt
        return [found[name] for name in names]

    async def wire_change(self, story: str, number: int, write: WireWrite, *, anew: bool = False) -> WireChange:
        """What the commit of that number does to the index. No round trip if the last question has read it all.

        Args:
            anew: what was read does not hold any more.
        """
        look = self._looks.pop(story, None)
        if not write.wire_story:
            return WireChange(number, b"", ())
        ordinal = look.ordinals.get(write.wire_story, number) if look else number
        if anew:
            record = keys.wire_record(story, write.scheme, write.wire_story)
            ordinal = int(await self._connection.run("HGET", record, "ordinal") or number)
        name = keys.wire_generation(story, write.scheme, write.day // keys.WIRE_GENERATION_DAYS)
        if not write.votes:
            return WireChange(ordinal, b"", ())
        asked = look.asked if look and look.asked.given == write.votes else Asked(write.votes)
        if look and look.generation == name and not anew and look.excerpt.holds(asked):
            return self.change_of(name, look.excerpt, asked, ordinal)
        return self.change_of(name, (await self.wire_excerpts([name], asked))[0], asked, ordinal)

    def change_of(self, name: str, excerpt: Excerpt, asked: Asked, ordinal: int) -> WireChange:
        """The fingerprints vote for a wire story; the excerpt is as the generation will be."""
        size = excerpt.size
        changed = excerpt.add(asked, ordinal, CROWD)
        self._remember(name, excerpt)
        fields: list[Arg] = ["size", excerpt.size]
        for bucket, content in changed.items():
            fields += (bucket, content)
        return WireChange(ordinal, size, tuple(fields))

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
        names = [keys.wire_named(story, name) for name in held]
        sizes = await self._connection.pipeline([("MEMORY", "USAGE", name, "SAMPLES", _SAMPLES) for name in names])
        standing = [(count, size) for count, size in zip(held.values(), sizes, strict=True) if size is not None]
        return WireSize(sum(count for count, _ in standing), sum(size for _, size in standing))

    async def _ids(self, homes: dict[int, str]) -> dict[int, str]:
        """Ordinal → id, of those that their generation knows."""
        chunks = await self._connection.pipeline([("HGET", name, chunk_of(each)) for each, name in homes.items()])
        ids = {ordinal: id_in(chunk, ordinal) for ordinal, chunk in zip(homes, chunks, strict=True)}
        return {ordinal: decode(found) for ordinal, found in ids.items() if found is not None}

    def _size(self, name: str) -> tuple[int, int]:
        return self._sizes.get(name) or parsed(None)

    def _remember(self, name: str, excerpt: Excerpt) -> None:
        if len(self._sizes) >= _REMEMBERED:
            self._sizes.clear()
        self._sizes[name] = excerpt.pairs, excerpt.buckets


def counted(excerpts: Sequence[Excerpt], asked: Asked, least: int) -> dict[int, tuple[int, int]]:
    """Ordinal → votes, and which generation of those given knows its id. A fingerprint of a crowd has no vote."""
    found: dict[int, list[bytes]] = {}
    homes: dict[bytes, int] = {}
    for at, excerpt in enumerate(excerpts):
        for number, marks in excerpt.voters(asked) if excerpt.pairs else ():
            found[number] = [*dict.fromkeys(found[number] + marks)] if number in found else marks
            for mark in marks:
                homes.setdefault(mark, at)
    votes: dict[bytes, int] = {}
    for marks in found.values():
        for mark in marks if len(marks) < CROWD else ():
            votes[mark] = votes.get(mark, 0) + 1
    return {int.from_bytes(mark, "big"): (count, homes[mark]) for mark, count in votes.items() if count >= least}
