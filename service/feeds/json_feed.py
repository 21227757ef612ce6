"""JSON Feed 1.0 and 1.1, read by hand: feedparser reads neither. Beside it, ninjs (ninjs.py).

A document whose version is not the one of the specification is read all the same if its items look like items: what
is strict here is an item, which has an id, an address or words.

Source: https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal

from service.articles.clean import writable_entry
from service.articles.identity import entry_key, entry_uri
from service.feeds.dates import published_of_iso
from service.feeds.document import Document
from service.feeds.listing import FeedUnreadable, Refused
from service.feeds.ninjs import is_ninjs, read_ninjs
from service.feeds.reading import Channel, Reading
from service.model import Entry, EntryResult

_VERSION = "jsonfeed.org/version/1"
_ITEMS = re.compile(r'"items"\s*:\s*\[\s*')
_COMMA = re.compile(r"\s*,\s*")
_OF_AN_ITEM = frozenset({"id", "url", "external_url", "content_html", "content_text", "summary", "title"})


def is_json(body: bytes) -> bool:
    """Whether the body is to be read as JSON: its first character says so, whatever the Content-Type claims."""
    return body.lstrip()[:1] in (b"{", b"[")


def read_json(document: Document, body: bytes) -> Reading:
    """What a JSON Feed or a collection of ninjs holds.

    Raises:
        FeedUnreadable: the body is not JSON, or neither of the two.
    """
    try:
        parsed = json.loads(body, strict=False)
    except (ValueError, RecursionError) as error:
        parsed = _whole_part(body.decode("utf-8", "replace"))
        if not parsed.get("items"):
            raise FeedUnreadable("it begins like JSON and is not: cut off or ill-formed") from error
        return replace(read_json(document, json.dumps(parsed).encode()), cut_off=True)
    if is_ninjs(parsed):
        return read_ninjs(document, parsed)
    feed = parsed if isinstance(parsed, dict) else {}
    items = feed.get("items")
    if not isinstance(items, list) or not _is_feed(feed, items):
        raise FeedUnreadable("it is JSON, but not a JSON Feed")
    return _reading(document, feed, items)


def _whole_part(words: str) -> dict[str, Any]:
    """Of a feed that is cut off, what stands before its items and the items that are whole."""
    opening = _ITEMS.search(words)
    if opening is None:
        return {}
    decoder, items, at = json.JSONDecoder(strict=False), [], opening.end()
    try:
        head = decoder.decode(words[: opening.start()].rstrip(", \t\r\n") + "}")
        while words[at : at + 1] not in ("", "]"):
            item, at = decoder.raw_decode(words, at)
            items.append(item)
            between = _COMMA.match(words, at)
            at = between.end() if between is not None else len(words)
    except (ValueError, RecursionError):
        pass
    return {**head, "items": items} if items else {}


def _is_feed(feed: Mapping[str, Any], items: Sequence[object]) -> bool:
    if _VERSION in str(feed.get("version", "")):
        return True
    return any(isinstance(item, dict) and not _OF_AN_ITEM.isdisjoint(item) for item in items)


def _reading(document: Document, feed: Mapping[str, Any], items: Sequence[object]) -> Reading:
    entries, refused = [], []
    for number, item in enumerate(items[: document.max_items], start=1):
        if isinstance(item, dict):
            entries.append(_entry(document, feed, item))
        else:
            refused.append(Refused(f"item {number}", EntryResult.UNREADABLE, "not a JSON object"))
    over = max(len(items) - document.max_items, 0)
    return Reading(tuple(entries), _channel(feed), "json", True, tuple(refused), over)


def _channel(feed: Mapping[str, Any]) -> Channel:
    hubs = feed.get("hubs")
    websub = [hub for hub in hubs if isinstance(hub, dict)] if isinstance(hubs, list) else []
    hub = next((_words(one, "url") for one in websub if _words(one, "type").lower() == "websub"), "")
    return Channel(_words(feed, "title"), _words(feed, "language"), hub=hub, topic=_words(feed, "feed_url"))


def _entry(document: Document, feed: Mapping[str, Any], item: Mapping[str, Any]) -> Entry:
    markup: Literal["html", "plain"] = "html" if _words(item, "content_html") else "plain"
    body = _words(item, "content_html") or _words(item, "content_text") or _words(item, "summary")
    headline, link = _words(item, "title"), _words(item, "url") or _words(item, "external_url")
    guid = str(item["id"]) if isinstance(item.get("id"), str | int | float) else ""
    key = entry_key(guid, link, headline, body)
    entry = Entry(
        feed=document.feed,
        source=document.source or _words(feed, "title") or document.feed,
        key=key,
        uri=entry_uri(document.feed, key, link),
        headline=headline,
        body=body,
        markup=markup,
        language=_words(item, "language") or _words(feed, "language") or document.language,
        published=published_of_iso(_words(item, "date_published") or _words(item, "date_modified")),
    )
    return writable_entry(entry)


def _words(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return value.strip() if isinstance(value, str) else ""
