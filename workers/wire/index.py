"""Which wire stories share a text's fingerprints: the votes that the desk and the shelf of the wire room decide upon.

Fingerprints live in generations of seven days of the articles' own clock; the current one and the two before it are
looked at, and older ones are dropped whole. A fingerprint that many wire stories have is a phrase of the trade and
stops voting.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from workers.wire import kernel, pure

GENERATION_DAYS: Final = 7
GENERATIONS: Final = 3
CROWD: Final = 8
"""wire stories (not articles) that have a fingerprint before it stops voting (measured in the design)"""


class _Generation:
    """Seven days."""

    __slots__ = ("ordinals", "postings")

    def __init__(self) -> None:
        self.postings = kernel.chosen.Postings(CROWD)
        self.ordinals: dict[str, int] = {}
        """of the wire stories that it has votes for"""


class Index:
    """Votes by fingerprint. Not safe for threads; the generations bound it, nothing else does."""

    def __init__(self) -> None:
        self._ids: dict[int, str] = {}
        self._opened = 0
        """ordinals given out; none is given twice"""
        self._generations: dict[tuple[str, int], _Generation] = {}
        self._seen: dict[tuple[str, int], tuple[kernel.Postings, ...]] = {}
        """by scheme and generation: those to look at; emptied when one is opened or dropped"""

    def __len__(self) -> int:
        """Fingerprints kept, those of several generations once each."""
        return sum(len(each.postings) for each in self._generations.values())

    @property
    def wire_stories(self) -> int:
        """That there are votes for; one that goes on into another week counts in both."""
        return sum(len(each.ordinals) for each in self._generations.values())

    def add(self, wire_story: str, fingerprints: Iterable[int], day: int = 0, scheme: str = "") -> None:
        """From now on the fingerprints (u64) vote for a wire story; `day` is a count of days, any beginning."""
        self.add_packed(wire_story, pure.pack("Q", fingerprints), day, scheme)

    def add_packed(self, wire_story: str, packed: bytes, day: int, scheme: str) -> None:
        """The same of a sketch's packed fingerprints."""
        generation = day // GENERATION_DAYS
        if (scheme, generation) not in self._generations:
            newest = max((each for _, each in self._generations), default=generation)
            for old in [key for key in self._generations if key[1] <= max(newest, generation) - GENERATIONS]:
                self.drop(*old)
        self.enlist(wire_story, packed, scheme, generation)

    def enlist(self, wire_story: str, packed: bytes, scheme: str, generation: int) -> None:
        """The same in a generation that is named; no other is dropped for it."""
        kept = self._generations.get((scheme, generation))
        if kept is None:
            self._seen.clear()
            kept = self._generations[scheme, generation] = _Generation()
        ordinal = kept.ordinals.get(wire_story)
        if ordinal is None:
            ordinal = kept.ordinals[wire_story] = self._ordinal(wire_story)
        kept.postings.enlist(packed, ordinal)

    def drop(self, scheme: str, generation: int) -> None:
        """Forgets a generation, whether there is one or not."""
        dropped = self._generations.pop((scheme, generation), None)
        if dropped is None:
            return
        self._seen.clear()
        for wire_story, ordinal in dropped.ordinals.items():
            if not any(wire_story in each.ordinals for each in self._generations.values()):
                del self._ids[ordinal]

    def votes(self, fingerprints: Iterable[int], day: int = 0, scheme: str = "", least: int = 1) -> dict[str, int]:
        """How many of the fingerprints each wire story has, as seen from `day`; ids in order.

        Args:
            scheme: of the sketch; what another scheme has indexed is not seen.
            least: wire stories with fewer votes are not told.
        """
        return dict(sorted(self.votes_packed(pure.pack("Q", dict.fromkeys(fingerprints)), day, scheme, least)))

    def votes_packed(self, packed: bytes, day: int, scheme: str, least: int) -> list[tuple[str, int]]:
        """The same of a sketch's packed fingerprints, in the order in which the wire stories came."""
        looked_at = self._seen.get((scheme, day // GENERATION_DAYS))
        if looked_at is None:
            looked_at = self._seen_from(scheme, day)
        if not looked_at:
            return []
        counted = looked_at[0].tally(packed, least, looked_at[1:])
        return [(self._ids[ordinal], count) for ordinal, count in counted] if counted else []

    def _seen_from(self, scheme: str, day: int) -> tuple[kernel.Postings, ...]:
        kept = [self._generations.get((scheme, generation)) for generation in seen_from(day)]
        seen = tuple(each.postings for each in kept if each is not None)
        self._seen[scheme, day // GENERATION_DAYS] = seen
        return seen

    def _ordinal(self, wire_story: str) -> int:
        """The one that another generation has for it, or the next."""
        for each in self._generations.values():
            if (known := each.ordinals.get(wire_story)) is not None:
                return known
        self._opened += 1
        self._ids[self._opened] = wire_story
        return self._opened


def seen_from(day: int) -> range:
    """The generations that are looked at from a day, the newest first."""
    newest = day // GENERATION_DAYS
    return range(newest, newest - GENERATIONS, -1)
