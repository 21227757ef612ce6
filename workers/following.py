"""The wire index of a story as one worker follows it: the votes in memory, read on from the store's logs.

What was read is exact at a token of the story. A generation is read when an article first looks at it, and then on from
where it ended; what the worker writes itself it need not read. Whatever the server cannot confirm is read anew: a
generation that was dropped, and all of them when the server lost what was read (see scripts/wire_since.lua).
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from typing import Final

import structlog

from service.model import WireWrite
from service.store.store import Cursor, Store
from service.store.wire_index import Position, WireDelta, WireNews, unpacked
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
    """One story's fingerprints. Not for use from more than one task."""

    def __init__(self, store: Store, story: str, scheme: str = SCHEME) -> None:
        self._store = store
        self._story = story
        self._scheme = scheme
        self._index = Index()
        self._cursor: Cursor | None = None
        self._read: OrderedDict[int, _Read] = OrderedDict()
        """by generation, the one looked at last behind"""

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
        while token is None or any(self._read[each].token != token for each in wanted):
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

    def wrote(self, write: WireWrite, upon: str, cursor: Cursor) -> None:
        """Takes over what this worker's own commit wrote upon a token, so that it need not be read back."""
        if self._cursor is None or self._cursor.token != upon:
            return
        self._cursor = cursor
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

    def _look_at(self, day: int) -> range:
        wanted = seen_from(day)
        for generation in reversed(wanted):
            self._read.setdefault(generation, _Read(Position(generation)))
            self._read.move_to_end(generation)
        for generation in list(self._read)[: -GENERATIONS - _BESIDE]:
            self._forget(generation)
        return wanted

    def _take(self, delta: WireDelta) -> None:
        if delta.lost:
            if self._cursor is not None:
                log.info("wire_index.read_anew", story=self._story, number=self._cursor.number)
            for generation in list(self._read):
                self._forget(generation)
        self._cursor = delta.cursor
        for news in delta.news:
            self._take_news(news, delta.cursor.token)

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

    def __init__(self, store: Store, most: int = MOST_WIRE_STORIES) -> None:
        self._store = store
        self._most = most
        self._kept: OrderedDict[str, Following] = OrderedDict()

    def of(self, story: str) -> Following:
        """A story's index as it is known, or one that knows nothing."""
        if story not in self._kept:
            self._kept[story] = Following(self._store, story)
        self._kept.move_to_end(story)
        while len(self._kept) > 1 and sum(each.wire_stories for each in self._kept.values()) > self._most:
            self._kept.popitem(last=False)
        return self._kept[story]
