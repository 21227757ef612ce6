"""A listing whose entries stand in other documents: an index of sitemaps, read together with the newest of them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

from yarl import URL

from service.feeds.listing import FeedUnreadable, Listing

MAX_PARTS = 3
"""an index of a large site lists thousands, one for each day since its beginning"""


def own_parts(address: str, parts: Sequence[str]) -> tuple[str, ...]:
    """The parts to be read: the first few of the feed's own origin. A login is meant for that, and so is a way in."""
    return tuple(part for part in parts if _origin(part) == _origin(address))[:MAX_PARTS]


async def with_parts(listing: Listing, parts: Sequence[str], read: Callable[[str], Awaitable[Listing]]) -> Listing:
    """`listing` with the entries of its parts; one that cannot be read is told, and the others are read.

    Args:
        listing: of the index.
        parts: addresses.
        read: gives the listing at an address.
    """
    for address in parts:
        try:
            part = await read(address)
        except FeedUnreadable as failure:
            listing = replace(listing, problem=f"{address} cannot be read: {failure.words}")
            continue
        listing = replace(
            listing,
            entries=(*listing.entries, *part.entries),
            words=(),
            refused=(*listing.refused, *part.refused),
            problem=listing.problem or part.problem,
        )
    return listing


def _origin(address: str) -> URL | None:
    try:
        return URL(address).origin()
    except ValueError:
        return None
