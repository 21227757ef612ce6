"""A replay: every source read once, all entries in order of publication, under the articles' own clock."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from itertools import islice

import structlog

from service.articles.clean import Readable
from service.articles.identity import told_apart
from service.errors import AdmissionsLost, ClaimwireError, StoreUnavailable
from service.feeds.config import Feed
from service.feeds.intake import Admitter, Followed, Intake, Poll
from service.feeds.listing import FeedUnreadable, Listing, Refused
from service.feeds.look import Looker, Memory
from service.feeds.order import Timed, in_order
from service.feeds.parser_pool import ParserPool
from service.model import Entry

log = structlog.get_logger(__name__)

_PAUSE_S = 0.2
_POLL = "replay"


async def admit_all(
    feeds: Sequence[Feed],
    looker: Looker,
    parsers: ParserPool,
    admitter: Admitter,
    followed: Sequence[Followed],
    *,
    doc_ttl_s: int,
    backlog_cap: int,
    told: Callable[[int, int], None] = lambda done, total: None,
) -> Poll:
    """Admit everything that the feeds hold, in order, waiting while the workers are behind.

    May be repeated after any death, on the same store with the same sources: what was admitted is recognised, and the
    rest follows in the same order.

    Args:
        feeds: the sources.
        looker: reads them; its limits apply.
        parsers: where entries are made readable.
        admitter: the store.
        followed: the stories.
        doc_ttl_s: how long texts are kept.
        backlog_cap: articles of a story in the hands of the workers, above which admission waits.
        told: called with the number of entries done and their total.

    Returns:
        What became of the entries.

    Raises:
        AdmissionsLost: it is to be repeated, so that what is lost comes before what follows.
        ClaimwireError: a source cannot be read; a replay of less than what was asked for would mislead.
    """
    listings = [await _listing(looker, feed) for feed in feeds]
    timed = in_order(_told_apart(listings))
    words = await parsers.readable([one.entry for one in timed])
    intake = Intake(admitter, followed, doc_ttl_s=doc_ttl_s, backlog_cap=backlog_cap, traced=False)
    poll = Poll(_POLL)
    for feed, listing in zip(feeds, listings, strict=True):
        intake.refuse(listing, poll, feed.name)
    for done, (one, readable) in enumerate(zip(timed, words, strict=True), start=1):
        await _admit(intake, one, readable, poll)
        told(done, len(timed))
    return poll


async def _listing(looker: Looker, feed: Feed) -> Listing:
    try:
        look = await looker.look(feed, Memory(), datetime.now(UTC), settled=True)
    except FeedUnreadable as failure:
        raise ClaimwireError(f"{feed.shown}: {failure.words}", "Correct the source, or leave it out.") from failure
    listing = look.listing or Listing()
    if listing.problem is not None:
        log.warning("feed.damaged", feed=feed.name, error=listing.problem)
    return listing


def _told_apart(listings: Sequence[Listing]) -> list[list[Entry]]:
    """One item that two sources give in different words is two articles here.

    As revisions of each other, both would be admitted anew by every repetition of the replay.
    """
    apart = iter(told_apart([entry for listing in listings for entry in listing.entries]))
    return [list(islice(apart, len(listing.entries))) for listing in listings]


async def _admit(intake: Intake, one: Timed, readable: Readable | Refused, poll: Poll) -> None:
    while True:
        try:
            await intake.admit(one.entry, readable, one.clock, poll)
            return
        except AdmissionsLost:
            raise
        except StoreUnavailable as error:
            log.warning("store.unavailable", error=error.message)
            await asyncio.sleep(_PAUSE_S)
