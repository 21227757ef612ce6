"""Which wire stories share a text's fingerprints, in memory: what the store's wire index does in Redis.

Fingerprints live in generations of seven days of the articles' own clock; the current one and the two before it are
looked at, and older ones are dropped whole. A fingerprint that many wire stories have is a phrase of the trade and
stops voting.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

GENERATION_DAYS: Final = 7
GENERATIONS: Final = 3
CROWD: Final = 8
"""wire stories (not articles) that have a fingerprint before it stops voting (measured in the design)"""

_Generation = dict[int, int | tuple[int, ...]]
"""fingerprint → ordinal of the wire story that has it, or of several; no more than CROWD are kept"""


class Index:
    """Votes by fingerprint. Not safe for threads; the generations bound it, nothing else does."""

    def __init__(self) -> None:
        self._ids: list[str] = []
        self._ordinals: dict[str, int] = {}
        self._generations: dict[int, _Generation] = {}

    def __len__(self) -> int:
        """Fingerprints kept, those of several generations once each."""
        return sum(map(len, self._generations.values()))

    def add(self, wire_story: str, fingerprints: Iterable[int], day: int = 0) -> None:
        """From now on the fingerprints (u64) vote for a wire story; `day` is a count of days, any beginning."""
        if (ordinal := self._ordinals.get(wire_story)) is None:
            ordinal = self._ordinals[wire_story] = len(self._ids)
            self._ids.append(wire_story)
        generation = self._generation(day // GENERATION_DAYS)
        for each in fingerprints:
            kept = generation.get(each)
            if kept is None:
                generation[each] = ordinal
            elif isinstance(kept, int):
                if kept != ordinal:
                    generation[each] = (kept, ordinal)
            elif len(kept) < CROWD and ordinal not in kept:
                generation[each] = (*kept, ordinal)

    def votes(self, fingerprints: Iterable[int], day: int = 0) -> dict[str, int]:
        """How many of the fingerprints each wire story has, as seen from `day`; ids in order."""
        last = day // GENERATION_DAYS
        looked_at = [self._generations[n] for n in range(last, last - GENERATIONS, -1) if n in self._generations]
        counted: dict[int, int] = {}
        for each in dict.fromkeys(fingerprints):
            found: tuple[int, ...] = ()
            for generation in looked_at:
                kept = generation.get(each)
                if kept is not None:
                    found += (kept,) if isinstance(kept, int) else kept
            if len(found) >= CROWD or len(looked_at) > 1:
                found = tuple(dict.fromkeys(found))
            if len(found) < CROWD:
                for ordinal in found:
                    counted[ordinal] = counted.get(ordinal, 0) + 1
        return dict(sorted((self._ids[ordinal], count) for ordinal, count in counted.items()))

    def _generation(self, number: int) -> _Generation:
        generation = self._generations.get(number)
        if generation is None:
            generation = self._generations[number] = {}
            newest = max(self._generations)
            for old in [n for n in self._generations if n <= newest - GENERATIONS and n != number]:
                del self._generations[old]
        return generation
