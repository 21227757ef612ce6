"""The full text behind an entry's summary, for feeds that ask for it.

concerned    only what concerns a story by its summary is asked for: pages are not ours to crawl
remembered   what was admitted is not asked for again as long as the feed gives the same words
allowed      robots.txt, asked once a day; then a turn at the host, as for a feed
read         in a parser process, bounded
or else      the summary, with the reason
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog
from yarl import URL

from service.articles.clean import Readable, writable
from service.articles.identity import is_web_link
from service.feeds.config import Feed
from service.feeds.fetch import status_words
from service.feeds.listing import FeedUnreadable
from service.feeds.page import Page
from service.feeds.parser_pool import ParserPool
from service.feeds.robots import Robots
from service.model import Entry, article_id
from service.net.access import Access
from service.net.client import Client, Response
from service.net.failures import FetchFailure
from service.store.feed_values import KeptPage

log = structlog.get_logger(__name__)

_ACCEPT = "text/html, application/xhtml+xml;q=0.9"
_PAGES = ("text/html", "application/xhtml+xml")


class PageStore(Protocol):
    """What the store keeps of pages. May raise StoreUnavailable."""

    async def page(self, article: str) -> KeptPage | None:
        """What is known of the page behind an article."""

    async def keep_page(self, article: str, page: KeptPage) -> None:
        """Keeps it, text included, until its article is admitted."""

    async def page_admitted(self, article: str, stories: Sequence[str]) -> None:
        """Drops the text: it stands in the article now."""


@dataclass(frozen=True, slots=True)
class FullText:
    """What an article is made of."""

    words: Readable
    page_problem: str | None
    """None: the text is the page's; else why it is still the feed's"""


class Pages:
    """Fetches the pages behind entries.

    Args:
        client: the guarded client.
        parsers: where pages are read.
        kept: the store.
        feeds: those that ask for full texts are known by `full_text`.
    """

    def __init__(self, client: Client, parsers: ParserPool, kept: PageStore, feeds: Iterable[Feed]) -> None:
        self._client = client
        self._parsers = parsers
        self._kept = kept
        self._robots = Robots(client)
        self._feeds: dict[str, Feed] = {}
        self.watch(feeds)

    def watch(self, feeds: Iterable[Feed]) -> None:
        """These feeds are watched from now on."""
        self._feeds = {feed.name: feed for feed in feeds if feed.full_text}

    def are_wanted(self, entry: Entry) -> bool:
        """Whether the entry's feed asks for full texts."""
        return entry.feed in self._feeds

    async def of(self, entry: Entry, words: Readable, stories: Sequence[str]) -> FullText | None:
        """The text to admit; None: this version of the entry was admitted to all of `stories`.

        Raises:
            StoreUnavailable: nothing was admitted; ask again.
        """
        article, version = article_id(entry.source, entry.key), _version(words)
        kept = await self._kept.page(article)
        if kept is not None and kept.version == version and kept.text is None and set(stories) <= set(kept.stories):
            return None
        if kept is None or kept.version != version or kept.text is None:
            kept = await self._fetched(entry, words, version)
            # Before the article is admitted: whoever repeats this must give it the same words.
            await self._kept.keep_page(article, kept)
        assert kept.text is not None
        return FullText(Readable(words.headline, kept.text), kept.problem or None)

    async def admitted(self, entry: Entry, stories: Sequence[str]) -> None:
        """The article is in the streams of these stories."""
        await self._kept.page_admitted(article_id(entry.source, entry.key), stories)

    async def _fetched(self, entry: Entry, words: Readable, version: str) -> KeptPage:
        try:
            text = await self._page(entry, self._feeds[entry.feed])
            if len(text) <= len(words.text):
                raise _NoPage("it says no more than the feed")
            return KeptPage(version, text)
        except _NoPage as reason:
            log.info("page.left", feed=entry.feed, uri=entry.uri, why=str(reason))
            return KeptPage(version, words.text, str(reason))

    async def _page(self, entry: Entry, feed: Feed) -> str:
        if not is_web_link(entry.uri):
            raise _NoPage("it has no address on the web")
        access = _access(feed, entry.uri)
        if objection := await self._robots.objection(entry.uri, access):
            raise _NoPage(objection)
        try:
            response = await self._client.fetch(entry.uri, {"Accept": _ACCEPT}, access=access)
        except FetchFailure as failure:
            raise _NoPage(str(failure)) from failure
        kind, _, parameters = response.headers.get("content-type", "").lower().partition(";")
        if response.status != 200:
            raise _NoPage(status_words(response.status))
        if kind.strip() not in _PAGES:
            raise _NoPage("it is no web page")
        return await self._text(entry, response, parameters.partition("charset=")[2].strip(" \"';"))

    async def _text(self, entry: Entry, response: Response, charset: str) -> str:
        try:
            text = await self._parsers.page(Page(response.final_url, response.body, charset, entry.headline))
        except FeedUnreadable as failure:
            raise _NoPage(failure.words) from failure
        if not text:
            raise _NoPage("no text is found in it")
        return writable(text)


class _NoPage(Exception):
    """Why the feed's own words are taken."""


def _access(feed: Feed, url: str) -> Access:
    """How a page is reached: what the list allows of the feed's own host is allowed of no other that a feed names.

    The feed's login is for the feed: no page gets it.
    """
    home = URL(feed.address)
    at_home = (URL(url).raw_host, URL(url).port) == (home.raw_host, home.port)
    return Access(feed.allow_private and at_home, None, feed.proxy, feed.tls if at_home else None)


def _version(words: Readable) -> str:
    return hashlib.sha256(f"{words.headline}\0{words.text}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
