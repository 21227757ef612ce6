"""A feed document becomes a listing of entries.

    decode    whatever was sent, as UTF-8
    scan      one pass: refuse what is a bomb, find the items, count those beyond the limit
    read      RSS, Atom, CDF, JSON Feed, news sitemaps, ninjs and NewsML-G2, each by its own reader; of a known feed
              only what is new
    doubt     where fewer items were read than there are, a second opinion
    limit     an item that is cut off or too long is refused alone

Runs in a parser process (feeds/parser_pool.py): feedparser can be made to take minutes and gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from urllib.parse import urljoin

from service.feeds.delta import Fresh, fresh
from service.feeds.document import Document, unfolded
from service.feeds.encoding import as_utf8
from service.feeds.json_feed import is_json, read_json
from service.feeds.listing import FeedUnreadable, Listing, Refused
from service.feeds.mend import mended
from service.feeds.newsml import read_newsml
from service.feeds.plain import plain_items
from service.feeds.reading import Channel, Reading
from service.feeds.scan import Scanned, Shape, count_items, scan
from service.feeds.sitemap import read_sitemap, read_sitemap_index
from service.feeds.syndication import read_syndication
from service.model import EntryResult

_CUT_OFF = "the document is cut off"
_HEAD_BYTES = 1_000
_PAGE_HEAD_BYTES = 100_000
_LINK = re.compile(rb"<link\s[^<>]{1,1000}>", re.IGNORECASE)
_OF_A_FEED = re.compile(rb"type\s*=\s*[\"']?application/(?:rss\+xml|atom\+xml|feed\+json)", re.IGNORECASE)
_HREF = re.compile(rb"\shref\s*=\s*[\"']?([^\"'\s<>]{1,300})", re.IGNORECASE)
_SHOWN = re.compile(r"https?://[\w.:-]{1,100}/[!-;=?-~]{0,200}", re.ASCII)
"""an address without login that may stand in a log"""
_MAX_BYTES = 40_000_000
"""of a document after decoding: twice what a body may have"""
_ROOTS = frozenset({"rss", "feed", "channel"})
"""what a document that may be empty begins with"""
_EMPTY_RDF = re.compile(
    rb"purl\.org/(?:rss|net/rss)|netscape\.com/(?:rdf|publish)|<(?:[\w.-]{1,40}:)?channel[\s>]", re.I
)
"""what tells one of RSS from any other in RDF"""
_ROOT_END = re.compile(rb"</(?:[\w.-]+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_LOOKS_LIKE_A_FEED = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:rss|rdf|feed|channel)[\s>]", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:[\w.-]+:)?(?:item|entry)\s*>", re.IGNORECASE)


def parse(document: Document) -> Listing:
    """Every item of a feed document, in its order.

    Raises:
        FeedUnreadable: the body is not a feed, or is made to exhaust its reader.
    """
    document = unfolded(document)
    body = as_utf8(document.body, document.content_type, _MAX_BYTES)
    if not body.strip():
        raise FeedUnreadable("it is empty")
    scanned = Scanned(body, Shape(True, "json")) if is_json(body) else scan(body, document.max_items)
    reader = _READERS.get(scanned.shape.root, _read_syndication)
    plain = plain_items if reader is _read_syndication else None
    cut_off = not scanned.shape.whole and not scanned.over and _is_cut_off(scanned.body)
    known = replace(document, known=b"") if cut_off else document
    found = fresh(known, scanned, partial(reader, document), plain)
    if not (found.reading.version or found.reading.entries or found.unchanged or _may_be_empty(scanned)):
        raise FeedUnreadable(_what_it_is(document, body))
    listing = _listing(document, found, scanned)
    return _within_limits(document, _less_cut_off(listing, scanned.body) if cut_off else listing)


def _listing(document: Document, found: Fresh, scanned: Scanned) -> Listing:
    channel = found.reading.channel
    return Listing(
        entries=found.reading.entries,
        refused=(*found.reading.refused, *_over(document, scanned.over + found.reading.over)),
        problem=_CUT_OFF if found.reading.cut_off else None,
        ttl_s=channel.ttl_s,
        skip_hours=channel.skip_hours,
        skip_days=channel.skip_days,
        hub=channel.hub,
        topic=channel.topic,
        parts=channel.parts,
        unchanged=found.unchanged,
        known=found.known,
        renamed=found.renamed,
        embargoed=found.reading.embargoed,
    )


def _less_cut_off(listing: Listing, body: bytes) -> Listing:
    whole = len(_ITEM_END.findall(body))
    cut = tuple(Refused(entry.uri, EntryResult.UNREADABLE, "cut off") for entry in listing.entries[whole:])
    return replace(
        listing,
        entries=listing.entries[:whole],
        refused=(*cut, *listing.refused),
        problem=_CUT_OFF,
        known=b"",
    )


def _read_syndication(document: Document, body: bytes) -> Reading:
    try:
        reading = _read(document, body)
    except _ParserFailedError as failure:
        if not count_items(body):
            return Reading((), Channel(), "", False)
        second = _second_opinion(document, body)
        if second is None:
            raise FeedUnreadable(f"the parser failed on it: {failure}") from failure
        return second
    if (reading.strict and reading.entries) or not _LOOKS_LIKE_A_FEED.search(body):
        return reading
    second = _second_opinion(document, body) if len(reading.entries) < count_items(body) else None
    return second if second is not None and len(second.entries) > len(reading.entries) else reading


class _ParserFailedError(Exception):
    """Feedparser raised what it should not; the words are the kind of that."""


def _read(document: Document, body: bytes) -> Reading:
    try:
        return read_syndication(document, body)
    except MemoryError:
        raise
    except Exception as error:  # on some documents, well-formed ones too, and any exception can come
        raise _ParserFailedError(type(error).__name__) from error


def _second_opinion(document: Document, body: bytes) -> Reading | None:
    again = mended(body)
    if again is None:
        return None
    try:
        # A lenient reading: what is known of its items' bytes says nothing of the next document's.
        return replace(_read(document, again), strict=False)
    except _ParserFailedError:
        return None


_READERS: Mapping[str, Callable[[Document, bytes], Reading]] = {
    "json": read_json,
    "urlset": read_sitemap,
    "sitemapindex": read_sitemap_index,
    "newsmessage": read_newsml,
    "newsitem": read_newsml,
    "nitf": read_newsml,
}
"""local name of a document's first element, or json → who reads it, where that is not feedparser"""


def _may_be_empty(scanned: Scanned) -> bool:
    root = scanned.shape.root
    return root in _ROOTS or (root == "rdf" and bool(_EMPTY_RDF.search(scanned.body[:_HEAD_BYTES])))


def _what_it_is(document: Document, body: bytes) -> str:
    start = body[:_HEAD_BYTES].lower()
    if b"<html" in start or b"<!doctype html" in start:
        return "it is a web page, not a feed" + _named_by(document, body)
    return "it is neither RSS nor Atom nor JSON Feed"


def _named_by(document: Document, page: bytes) -> str:
    """What a page says of where its feed is, to be told; nothing is asked there unless the list says so."""
    for link in _LINK.findall(page[:_PAGE_HEAD_BYTES]):
        href = _HREF.search(link) if _OF_A_FEED.search(link) else None
        if href is not None:
            with suppress(ValueError):  # what is no address is not told
                address = urljoin(document.url, href.group(1).decode("utf-8", "replace").replace("&amp;", "&"))
                return f"; it names one: {address}" if _SHOWN.fullmatch(address) else ""
    return ""


def _is_cut_off(body: bytes) -> bool:
    last = 0
    for last_end in _ITEM_END.finditer(body):
        last = last_end.end()
    return not _ROOT_END.search(body, last)


def _over(document: Document, count: int) -> list[Refused]:
    words = f"beyond item {document.max_items:,}"
    return [Refused(document.feed, EntryResult.OVER_LIMIT, words, count)] if count > 0 else []


def _within_limits(document: Document, listing: Listing) -> Listing:
    kept, refused = [], [*listing.refused]
    for entry in listing.entries[: document.max_items]:
        if len(entry.body) <= document.max_item_chars:
            kept.append(entry)
        else:
            words = f"longer than {document.max_item_chars:,} characters"
            refused.append(Refused(entry.uri, EntryResult.OVER_LIMIT, words))
    more = len(listing.entries) - document.max_items  # an item may hold others, which no scan counts
    return replace(listing, entries=tuple(kept), refused=(*refused, *_over(document, more)))
