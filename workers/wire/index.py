"""Which wire stories share a text's fingerprints, in memory: what the store's wire index does in Redis.

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


class Index:
    """Votes by fingerprint. Not safe for threads; the generations bound it, nothing else does."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._ordinals: dict[str, int] = {}
        self._generations: dict[tuple[str, int], kernel.Postings] = {}
        self._seen: dict[tuple[str, int], tuple[kernel.Postings, ...]] = {}
        """by scheme and generation: those to look at; emptied when one is opened or dropped"""

    def __len__(self) -> int:
        """Fingerprints kept, those of several generations once each."""
        return sum(map(len, self._generations.values()))

    def add(self, wire_story: str, fingerprints: Iterable[int], day: int = 0, scheme: str = "") -> None:
        """From now on the fingerprints (u64) vote for a wire story; `day` is a count of days, any beginning."""
        self.add_packed(wire_story, pure.pack("Q", fingerprints), day, scheme)

    def add_packed(self, wire_story: str, packed: bytes, day: int, scheme: str) -> None:
        """The same of a sketch's packed fingerprints."""
        if (ordinal := self._ordinals.get(wire_story)) is None:
            ordinal = self._ordinals[wire_story] = len(self._ids)
            self._ids.append(wire_story)
        generation = self._generations.get((scheme, day // GENERATION_DAYS))
        if generation is None:
            generation = self._open_generation(scheme, day // GENERATION_DAYS)
        generation.enlist(packed, ordinal)

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
            looked_at = self._seen_from(scheme, day // GENERATION_DAYS)
        if not looked_at:
            return []
        counted = looked_at[0].tally(packed, least, looked_at[1:])
        return [(self._ids[ordinal], count) for ordinal, count in counted] if counted else []

    def _seen_from(self, scheme: str, last: int) -> tuple[kernel.Postings, ...]:
        keys = [(scheme, number) for number in range(last, last - GENERATIONS, -1)]
        seen = self._seen[scheme, last] = tuple(self._generations[key] for key in keys if key in self._generations)
        return seen

    def _open_generation(self, scheme: str, number: int) -> kernel.Postings:
        self._seen.clear()
        generation = self._generations[scheme, number] = kernel.chosen.Postings(CROWD)
        newest = max(each for _, each in self._generations)
        for key in [key for key in self._generations if key[1] <= newest - GENERATIONS and key[1] != number]:
            del self._generations[key]
        return generation
