"""The wire index of a story as one worker follows it: votes and records in memory, read on from the store's logs.

What was read is exact at a token of the story. A generation is read when an article first looks at it, and then on from
where it ended; what the worker writes itself it need not read. Whatever the server cannot confirm is read anew: a
generation that was dropped, and all of them when the server lost what was read (see scripts/wire_since.lua).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import structlog

from service.model import WireWrite
from service.store.store import Cursor, Store
from service.store.wire_index import Position, WireDelta, WireNews, unpacked
from workers.desk.records import MOST_BYTES, Records
from workers.wire import pure
from workers.wire.index import GENERATION_DAYS, GENERATIONS, Index, seen_from
from workers.wire.sketch import SCHEME

MOST_WIRE_STORIES: Final = 200_000
"""followed by a worker before it forgets the story not looked at for longest, to read it again when it must. Some 600
bytes each (`python -m tests.benchmarks.wire_index`). One story is followed whole, however large."""

_BESIDE: Final = GENERATIONS
"""generations kept that an article before looked at, for clocks that go to and fro"""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Read:
    """A generation."""

    position: Position
    token: str | None = None
    """at which it is exact; None while there is more to read"""


class Following:
    """One story's fingerprints, and the records asked for lately. Not for use from more than one task."""

    def __init__(self, store: Store, story: str, scheme: str = SCHEME) -> None:
        self._store = store
        self._story = story
        self._scheme = scheme
        self._index = Index()
        self._cursor: Cursor | None = None
        self._read: OrderedDict[int, _Read] = OrderedDict()
        """by generation, the one looked at last behind"""
        self._records = Records()
        """exact at the cursor"""

    @property
    def wire_stories(self) -> int:
        """That are kept; one that goes on into another week counts in both."""
        return self._index.wire_stories

    async def catch_up(self, day: int, token: str | None = None) -> Cursor | None:
        """Reads what is seen from `day`, up to now; nothing if that is known at `token`.

        Returns:
            What the votes are exact at; None if that is not `token`: the story has moved on.
        """
        wanted = self._look_at(day)
        # A server that came back older than it was may be where a generation not looked at since was read.
        while token is None or not self._stands_at(token) or any(self._read[each].token != token for each in wanted):
            positions = [self._read[each].position for each in wanted]
            delta = await self._store.wire_since(self._story, self._scheme, self._cursor, positions)
            self._take(delta)
            if not any(news.left for news in delta.news):
                return delta.cursor if token in (None, delta.cursor.token) else None
        return self._cursor

    def votes(self, fingerprints: bytes, day: int, least: int = 1) -> dict[str, int]:
        """How many of the fingerprints (Q) each wire story has, as seen from `day`; ids in order.

        Args:
            least: wire stories with fewer votes are not told.
        """
        return dict(sorted(self._index.votes_packed(fingerprints, day, self._scheme, least)))

    async def records(self, ids: Iterable[str]) -> dict[str, bytes] | None:
        """The records of those wire stories that are still known, exact at what `catch_up` told last. No round trip if
        all are remembered.

        Returns:
            None if the story has moved on.
        """
        found = {wire_story: self._records.get(wire_story) for wire_story in ids}
        asked = [wire_story for wire_story, record in found.items() if record is None]
        if asked:
            token, told = await self._store.wire_records_at(self._story, asked, self._scheme)
            if self._cursor is None or token != self._cursor.token:
                return None
            for wire_story, record in told.items():
                self._records.put(wire_story, record)
            found |= told
        return {wire_story: record for wire_story, record in found.items() if record is not None}

    @property
    def records_bytes(self) -> int:
        """Of the records that are remembered."""
        return self._records.size_bytes

    def wrote(self, write: WireWrite, upon: str, cursor: Cursor) -> None:
        """Takes over what this worker's own commit wrote upon a token, so that it need not be read back."""
        if self._cursor is None or self._cursor.token != upon:
            return
        self._cursor = cursor
        if write.wire_story and write.scheme == self._scheme:
            self._records.put(write.wire_story, write.record)
        if write.votes and write.scheme == self._scheme:
            self._append(write, upon, cursor.number)
        for read in self._read.values():
            if read.token == upon:
                read.token = cursor.token

    def _append(self, write: WireWrite, upon: str, number: int) -> None:
        generation = write.day // GENERATION_DAYS
        read = self._read.get(generation)
        if read is not None and read.token == upon:  # otherwise there is more to read before it
            self._index.enlist(write.wire_story, pure.pack("Q", write.votes), self._scheme, generation)
            read.position = Position(generation, number, read.position.held + 1)

    def _stands_at(self, token: str) -> bool:
        return self._cursor is not None and self._cursor.token == token

    def _look_at(self, day: int) -> range:
        wanted = seen_from(day)
        for generation in reversed(wanted):
            self._read.setdefault(generation, _Read(Position(generation)))
            self._read.move_to_end(generation)
        for generation in list(self._read)[: -GENERATIONS - _BESIDE]:
            self._forget(generation)
        return wanted

    def _take(self, delta: WireDelta) -> None:
        self._forget_records(delta)
        if delta.lost:
            if self._cursor is not None:
                log.info("wire_index.read_anew", story=self._story, number=self._cursor.number)
            for generation in list(self._read):
                self._forget(generation)
        self._cursor = delta.cursor
        for news in delta.news:
            self._take_news(news, delta.cursor.token)

    def _forget_records(self, delta: WireDelta) -> None:
        """Those that others have changed since; all, unless the logs name a wire story for each commit since."""
        before = self._cursor
        if before is None or (delta.cursor.token == before.token and not delta.lost):
            return
        named = [wire_story for news in delta.news for wire_story, _ in news.entries]
        read_on = all(
            not news.anew and not news.left and self._read[news.position.generation].token == before.token
            for news in delta.news
        )
        if not delta.lost and read_on and len(named) == delta.cursor.number - before.number:
            self._records.forget(named)
        else:
            self._records.clear()

    def _take_news(self, news: WireNews, token: str) -> None:
        generation = news.position.generation
        if news.anew:
            self._index.drop(self._scheme, generation)
        for wire_story, fingerprints in news.entries:
            self._index.enlist(wire_story, pure.pack("Q", unpacked(fingerprints)), self._scheme, generation)
        self._read[generation] = _Read(news.position, None if news.left else token)

    def _forget(self, generation: int) -> None:
        self._index.drop(self._scheme, generation)
        del self._read[generation]


class Followed:
    """The stories that a worker follows, the one not asked for longest forgotten first."""

    def __init__(self, store: Store, most: int = MOST_WIRE_STORIES, most_bytes: int = 2 * MOST_BYTES) -> None:
        self._store = store
        self._most = most
        self._most_bytes = most_bytes
        """of records, of all stories together"""
        self._kept: OrderedDict[str, Following] = OrderedDict()
        self._uncounted = 0

    def of(self, story: str) -> Following:
        """A story's index as it is known, or one that knows nothing."""
        if story not in self._kept:
            self._kept[story] = Following(self._store, story)
        self._kept.move_to_end(story)
        self._uncounted += 1
        if self._uncounted > len(self._kept) // 8:  # of many, counting takes longer than following one
            self._uncounted = 0
            while len(self._kept) > 1 and self._too_much():
                self._kept.popitem(last=False)
        return self._kept[story]

    def _too_much(self) -> bool:
        kept = self._kept.values()
        return (
            sum(each.wire_stories for each in kept) > self._most
            or sum(each.records_bytes for each in kept) > self._most_bytes
        )
