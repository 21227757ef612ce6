"""The order in which entries go through the door: that of publication, as far as it is known. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from service.model import Entry

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Timed:
    """An entry and the moment that stands for its publication."""

    entry: Entry
    clock: datetime
    place: int
    """in its listing"""


def in_order(listings: Sequence[Sequence[Entry]]) -> tuple[Timed, ...]:
    """All entries in order of publication.

    An undated entry has the clock of the one before it in its listing and stays right behind it; one with none before
    it has the clock of the first dated one after it, else 1970. Equal clocks keep the order of the listings.
    """
    return tuple(sorted(chain.from_iterable(map(_timed, listings)), key=lambda timed: timed.clock))


def _timed(listing: Sequence[Entry]) -> list[Timed]:
    clock = next((entry.published.value for entry in listing if entry.published is not None), _EPOCH)
    timed = []
    for place, entry in enumerate(listing):
        clock = entry.published.value if entry.published is not None else clock
        timed.append(Timed(entry, clock, place))
    return timed
