"""Which wire stories have a fingerprint, one generation of them, in Python: what the compiled `Postings` equals."""

from __future__ import annotations

from collections import Counter
from typing import Final

from workers.wire.pure import numbers

LOW: Final = 0xFFFFFFFF
"""The bits of a fingerprint that are told apart: the low ones, because sketches keep small hashes. A text of 28
fingerprints meets 0.03 that are not its own among those of 150,000 wire stories, and two of one wire story, which would
cost an idle verification, once in some hundred million texts: every candidate is verified against its record."""

_ORDINALS: Final = 1 << 31
_CROWDS: Final = range(2, 65)


class Postings:
    """Fingerprint (its low bits) → ordinals of the wire stories that have it, no more than a crowd of them."""

    def __init__(self, crowd: int, /) -> None:
        if crowd not in _CROWDS:
            raise ValueError("no such crowd")
        self._crowd = crowd
        self._kept: dict[int, tuple[int, ...]] = {}

    def __len__(self) -> int:
        """Fingerprints kept."""
        return len(self._kept)

    def enlist(self, fingerprints: bytes, ordinal: int, /) -> None:
        """From now on the fingerprints Q lead to `ordinal` too.

        Raises:
            OverflowError: the ordinal has more than 31 bits.
        """
        if not 0 <= ordinal < _ORDINALS:
            raise OverflowError("an ordinal has 31 bits")
        for each in numbers(fingerprints, "Q"):
            kept = self._kept.get(each & LOW, ())
            if ordinal not in kept and len(kept) < self._crowd:
                self._kept[each & LOW] = (*kept, ordinal)

    def tally(self, fingerprints: bytes, least: int, older: tuple[Postings, ...], /) -> list[tuple[int, int]]:
        """Ordinals to which at least so many of the fingerprints Q lead, here and in older generations, and how many.

        Ascending. A fingerprint counts once for an ordinal, however many generations say so, and not at all if it leads
        to a crowd.
        """
        votes: Counter[int] = Counter()
        for each in numbers(fingerprints, "Q"):
            found = {ordinal for postings in (self, *older) for ordinal in postings._kept.get(each & LOW, ())}
            if len(found) < self._crowd:
                votes.update(found)
        return sorted(item for item in votes.items() if item[1] >= least)
