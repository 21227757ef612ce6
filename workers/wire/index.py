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
        self._generations: dict[tuple[str, int], pure.Generation] = {}
        self._seen: dict[tuple[str, int], list[pure.Generation]] = {}
        """by scheme and generation: those to look at; emptied when one is opened or dropped"""

    def __len__(self) -> int:
        """Fingerprints kept, those of several generations once each."""
        return sum(map(len, self._generations.values()))

    def add(self, wire_story: str, fingerprints: Iterable[int], day: int = 0, scheme: str = "") -> None:
        """From now on the fingerprints (u64) vote for a wire story; `day` is a count of days, any beginning."""
        if (ordinal := self._ordinals.get(wire_story)) is None:
            ordinal = self._ordinals[wire_story] = len(self._ids)
            self._ids.append(wire_story)
        generation = self._generation(scheme, day // GENERATION_DAYS)
        kernel.chosen.enlist(generation, tuple(fingerprints), ordinal, CROWD)

    def votes(self, fingerprints: Iterable[int], day: int = 0, scheme: str = "", least: int = 1) -> dict[str, int]:
        """How many of the fingerprints each wire story has, as seen from `day`; ids in order.

        Args:
            scheme: of the sketch; what another scheme has indexed is not seen.
            least: wire stories with fewer votes are not told.
        """
        looked_at = self._seen_from(scheme, day // GENERATION_DAYS)
        asked = tuple(dict.fromkeys(fingerprints))
        one = looked_at[0] if len(looked_at) == 1 else self._merged(looked_at, asked)
        counted = kernel.chosen.tally(one, asked, CROWD, least)
        return dict(sorted([(self._ids[ordinal], count) for ordinal, count in counted]))

    def _seen_from(self, scheme: str, last: int) -> list[pure.Generation]:
        seen = self._seen.get((scheme, last))
        if seen is None:
            keys = [(scheme, number) for number in range(last, last - GENERATIONS, -1)]
            seen = [self._generations[key] for key in keys if key in self._generations]
            self._seen[scheme, last] = seen
        return seen

    @staticmethod
    def _merged(generations: list[pure.Generation], asked: tuple[int, ...]) -> pure.Generation:
        """What several generations say of these fingerprints, as one would say it."""
        merged: pure.Generation = {}
        for each in asked:
            found: dict[int, None] = {}
            for generation in generations:
                kept = generation.get(each, ())
                found.update(dict.fromkeys((kept,) if isinstance(kept, int) else kept))
            merged[each] = tuple(found)
        return merged

    def _generation(self, scheme: str, number: int) -> pure.Generation:
        generation = self._generations.get((scheme, number))
        if generation is None:
            self._seen.clear()
            generation = self._generations[scheme, number] = {}
            newest = max(each for _, each in self._generations)
            for key in [key for key in self._generations if key[1] <= newest - GENERATIONS and key[1] != number]:
                del self._generations[key]
        return generation
