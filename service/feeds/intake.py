"""The door of a story: entries become articles, and articles that concern a story are admitted to it."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

import structlog

from service.articles.build import build_article
from service.articles.clean import Readable
from service.feeds.full_text import Pages
from service.feeds.listing import Listing, Refused
from service.feeds.shares import Roster
from service.feeds.slow_hosts import HostMemory
from service.feeds.turns import Lender
from service.model import Article, Entry, EntryResult, Event
from service.store.values import FeedState
from service.tracing import span

log = structlog.get_logger(__name__)

_BACKLOG_EVERY = 16
"""articles between two questions whether the workers keep up"""
_WAIT_S = 0.05
_STRONGEST_FIRST = (EntryResult.ADMITTED, EntryResult.REVISION, EntryResult.SEEN_BEFORE, EntryResult.TAKEN_DOWN)


class Admitter(Lender, Roster, HostMemory, Protocol):
    """What the ingest side asks of the store.

    Any call may raise StoreUnavailable: nothing was written, and the same call may be made again.
    """

    async def admit(self, story: str, article: Article, poll: str, doc_ttl_s: int) -> EntryResult:
        """Number an article within a story. The same call within the same poll gives the same answer again."""

    async def backlog(self, story: str) -> int:
        """Articles admitted to a story and not yet committed."""

    async def feed_state(self, feed: str) -> FeedState | None:
        """What is remembered of a feed, or None if it was never looked at."""

    async def feed_states(self, feeds: Iterable[str]) -> Mapping[str, FeedState | None]:
        """The same of several."""

    async def close_poll(
        self,
        feed: str,
        expected_revision: int,
        state: FeedState,
        results: Mapping[EntryResult, int],
        poll: str,
        replica: str = "",
        event: Event | None = None,
        before: FeedState | None = None,
        tally: Mapping[str, int] | None = None,
    ) -> bool:
        """Remember a feed's state and count its entries, unless somebody else closed a poll of it meanwhile."""


@dataclass(frozen=True, slots=True)
class Followed:
    """A story as the ingest side sees it."""

    id: str
    concerns: Callable[[str, str], bool]
    """whether an article with this headline and this text concerns the story"""


@dataclass(slots=True)
class Poll:
    """One passage of entries through the door: its id, and what became of each entry."""

    id: str
    results: Counter[EntryResult] = field(default_factory=Counter)
    seen: set[tuple[str, str]] = field(default_factory=set)
    """id and content of each article so far: a listing may hold the same item twice"""


class Intake:
    """Admits entries to the stories they concern.

    Args:
        admitter: the store.
        followed: the stories.
        doc_ttl_s: how long texts are kept.
        backlog_cap: articles of a story in the hands of the workers, above which the door waits.
        traced: give articles a traceparent.
        pages: for feeds that ask for full texts.
    """

    def __init__(
        self,
        admitter: Admitter,
        followed: Sequence[Followed],
        *,
        doc_ttl_s: int,
        backlog_cap: int,
        traced: bool,
        pages: Pages | None = None,
    ) -> None:
        self._admitter = admitter
        self._followed = tuple(followed)
        self._doc_ttl_s = doc_ttl_s
        self._backlog_cap = backlog_cap
        self._traced = traced
        self._pages = pages
        self._admissions: Counter[str] = Counter()

    def refuse(self, listing: Listing, poll: Poll, feed: str) -> None:
        """Count what a listing could not give, and what it gave before."""
        for refused in listing.refused:
            poll.results[_told(refused, feed)] += refused.count
        if listing.unchanged:
            poll.results[EntryResult.SEEN_BEFORE] += listing.unchanged

    async def admit(self, entry: Entry, words: Readable | Refused, first_seen: datetime, poll: Poll) -> EntryResult:
        """Bring one entry through the door; exactly one result, counted in `poll`.

        Args:
            entry: as the feed gave it.
            words: the same without its markup, or why it could not be read.
            first_seen: aware, UTC: the wall's clock in the running mode, the articles' own in a replay.
            poll: the passage that the entry belongs to.

        Raises:
            StoreUnavailable: nothing was counted; the whole poll may be repeated under the same id.
        """
        if isinstance(words, Refused):
            result = _told(words, entry.feed)
        else:
            result = await self._result(entry, words, first_seen, poll)
        poll.results[result] += 1
        return result

    async def _result(self, entry: Entry, words: Readable, first_seen: datetime, poll: Poll) -> EntryResult:
        if not words.text.strip():
            return _told(Refused(entry.uri, EntryResult.UNREADABLE, "without text"), entry.feed)
        stories = [story.id for story in self._followed if story.concerns(words.headline, words.text)]
        if not stories:
            return EntryResult.OFF_STORY
        full = None
        if self._pages is not None and self._pages.are_wanted(entry):
            full = await self._pages.of(entry, words, stories)
            if full is None:
                return EntryResult.SEEN_BEFORE
            words = full.words
        article = build_article(entry, words, first_seen, traced=self._traced)
        if full is not None:
            from_page = full.page_problem is None
            article = replace(article, text_from="page" if from_page else "feed", page_problem=full.page_problem)
        version = (article.id, article.content_hash())
        if version in poll.seen:
            return EntryResult.SEEN_BEFORE
        results = {await self._admit(story, article, poll.id, entry.feed) for story in stories}
        poll.seen.add(version)
        if full is not None and self._pages is not None:
            await self._pages.admitted(entry, stories)
        return next(result for result in _STRONGEST_FIRST if result in results)

    async def _admit(self, story: str, article: Article, poll: str, feed: str) -> EntryResult:
        await self._wait_for_room(story)
        whose = {"claimwire.story": story, "claimwire.article": article.id, "claimwire.feed": feed}
        with span("article.admit", article.traceparent, whose, began=article.first_seen):  # from the look that found it
            result = await self._admitter.admit(story, article, poll, self._doc_ttl_s)
        if result is not EntryResult.SEEN_BEFORE:
            log.info(
                "article.admitted",
                article=article.id,
                story=story,
                feed=feed,
                uri=article.uri,
                result=str(result),
                **({"traceparent": article.traceparent} if article.traceparent else {}),
            )
        return result

    async def _wait_for_room(self, story: str) -> None:
        self._admissions[story] += 1
        if self._admissions[story] % _BACKLOG_EVERY != 1:
            return
        while await self._admitter.backlog(story) >= self._backlog_cap:  # noqa: ASYNC110  other processes work it off
            await asyncio.sleep(_WAIT_S)


def _told(refused: Refused, feed: str) -> EntryResult:
    log.warning("entry.refused", feed=feed, item=refused.item, result=str(refused.result), why=refused.why)
    return refused.result
