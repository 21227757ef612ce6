"""A feed document becomes a listing of entries. The only door of feedparser.

Runs in a parser process (feeds/parser_pool.py): feedparser can be made to take minutes and gigabytes.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Any, Literal
from urllib.parse import urljoin

import feedparser

from service.articles.clean import writable_entry
from service.articles.identity import entry_key, entry_uri, told_apart
from service.feeds.dates import published_of
from service.feeds.document import Document
from service.feeds.json_feed import is_json, read_json_feed
from service.feeds.listing import FeedUnreadable, Listing, Refused
from service.model import Entry, EntryResult

_ROOT_END = re.compile(rb"</(?:\w+:)?(?:rss|feed|rdf|channel)\s*>", re.IGNORECASE)
_ITEM_END = re.compile(rb"</(?:\w+:)?(?:item|entry)\s*>", re.IGNORECASE)
_PERIODS_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}


def parse(document: Document) -> Listing:
    """Every item of an RSS, Atom or JSON Feed document, in its order.

    An item that is cut off, empty or beyond a limit is refused alone; its neighbours are entries.

    Raises:
        FeedUnreadable: the body is not a feed.
    """
    if not document.body.strip():
        raise FeedUnreadable("it is empty")
    listing = read_json_feed(document) if is_json(document) else _read_xml(document)
    return _within_limits(document, replace(listing, entries=told_apart(listing.entries)))


def _read_xml(document: Document) -> Listing:
    # Always a stream: given a string, feedparser would open it as a file name or a URL.
    parsed = feedparser.parse(  # type: ignore[attr-defined, no-untyped-call]
        io.BytesIO(document.body),
        sanitize_html=False,
        resolve_relative_uris=False,
        response_headers={"content-type": document.content_type} if document.content_type else {},
    )
    if not parsed.get("version") and not parsed.entries:
        raise FeedUnreadable(_what_it_is(document.body))
    cut_off = bool(parsed.bozo) and not _ROOT_END.search(document.body.replace(b"\0", b"")[-1_000:])
    whole = len(_ITEM_END.findall(document.body.replace(b"\0", b""))) if cut_off else len(parsed.entries)
    entries = [_entry(document, parsed.feed, item) for item in parsed.entries]
    return Listing(
        entries=tuple(entry for entry in entries[:whole] if entry.body or entry.headline),
        refused=tuple(_refusals(entries, whole)),
        problem="the document is cut off" if cut_off else None,
        ttl_s=_ttl_s(parsed.feed),
    )


def _what_it_is(body: bytes) -> str:
    start = body[:1_000].lower()
    if b"<html" in start or b"<!doctype html" in start:
        return "it is a web page, not a feed"
    return "it is neither RSS nor Atom nor JSON Feed"


def _refusals(entries: list[Entry], whole: int) -> list[Refused]:
    empty = [
        Refused(entry.uri, EntryResult.UNREADABLE, "without text") for entry in entries[:whole] if _is_empty(entry)
    ]
    return empty + [Refused(entry.uri, EntryResult.UNREADABLE, "cut off") for entry in entries[whole:]]


def _is_empty(entry: Entry) -> bool:
    return not (entry.body or entry.headline)


def _entry(document: Document, channel: Any, item: Any) -> Entry:
    guid, headline = (str(item.get(name) or "").strip() for name in ("id", "title"))
    link = _link(document, guid, item)
    body, markup = _body(item)
    key = entry_key(guid, link, headline, body)
    entry = Entry(
        feed=document.feed,
        source=_source(document, channel, item),
        key=key,
        uri=entry_uri(document.feed, key, link),
        headline=headline,
        body=body,
        markup=markup,
        language=channel.get("language") or document.language,
        published=published_of(*_date(item)),
    )
    return writable_entry(entry)


def _link(document: Document, guid: str, item: Any) -> str:
    link = str(item.get("link") or "").strip()
    # feedparser takes a guid for the link of an item that has none. Of "1" the feed's address would make a page that
    # is not there, the same for two feeds of one host; so links are made absolute here and not by feedparser.
    if not link or (item.get("guidislink") and link == guid):
        return link
    try:
        return urljoin(document.url, link)
    except ValueError:
        return link


def _source(document: Document, channel: Any, item: Any) -> str:
    # An item that names its outlet could name any: what it says is believed only where the list asks for that.
    named = (item.get("source") or {}).get("title") if document.aggregator else None
    return document.source or _one_line(named) or _one_line(channel.get("title")) or document.feed


def _body(item: Any) -> tuple[str, Literal["html", "plain"]]:
    for content in item.get("content") or ():
        if content.get("value", "").strip():
            return content["value"], "plain" if content.get("type") == "text/plain" else "html"
    return item.get("summary") or "", "html"


def _date(item: Any) -> tuple[Any, str]:
    # `in` first: feedparser answers a missing "updated" with "published" and a warning.
    for name in ("published", "updated"):
        if name in item and item.get(f"{name}_parsed") is not None:
            return item[f"{name}_parsed"], str(item[name])
    return None, ""


def _one_line(words: object) -> str:
    return " ".join(str(words or "").split())


def _ttl_s(channel: Any) -> float:
    ttl = str(channel.get("ttl") or "").strip()
    minutes = int(ttl) if ttl.isascii() and ttl.isdigit() and len(ttl) < 8 else 0
    period_s = _PERIODS_S.get(str(channel.get("sy_updateperiod") or "").strip().lower(), 0)
    frequency = str(channel.get("sy_updatefrequency") or "1").strip()
    times = int(frequency) if frequency.isascii() and frequency.isdigit() and len(frequency) < 8 else 1
    return max(minutes * 60.0, period_s / max(times, 1))


def _within_limits(document: Document, listing: Listing) -> Listing:
    kept, over = [], []
    for number, entry in enumerate(listing.entries, start=1):
        if number > document.max_items:
            over.append(Refused(entry.uri, EntryResult.OVER_LIMIT, f"beyond item {document.max_items:,}"))
        elif len(entry.body) > document.max_item_chars:
            over.append(
                Refused(entry.uri, EntryResult.OVER_LIMIT, f"longer than {document.max_item_chars:,} characters")
            )
        else:
            kept.append(entry)
    return replace(listing, entries=tuple(kept), refused=(*listing.refused, *over))
