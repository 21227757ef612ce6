"""JSON Feed 1.0 and 1.1, read by hand: feedparser reads neither.

Source: https://www.jsonfeed.org/version/1.1/
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Literal

from service.articles.clean import writable_entry
from service.articles.identity import entry_key, entry_uri
from service.feeds.dates import published_of_iso
from service.feeds.document import Document
from service.feeds.listing import FeedUnreadable, Listing, Refused
from service.model import Entry, EntryResult

_VERSION = "https://jsonfeed.org/version/1"


def is_json(document: Document) -> bool:
    """Whether the body is to be read as JSON: its first character says so, whatever the Content-Type claims."""
    return document.body.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{"


def read_json_feed(document: Document) -> Listing:
    """The listing of a JSON Feed.

    Raises:
        FeedUnreadable: the body is not JSON, or not a JSON Feed.
    """
    feed = _parsed(document.body)
    items = feed.get("items")
    if not str(feed.get("version", "")).replace("http://", "https://").startswith(_VERSION) or not isinstance(
        items, list
    ):
        raise FeedUnreadable("it is JSON, but not a JSON Feed")
    read = [_entry(document, feed, item) if isinstance(item, dict) else None for item in items]
    refused = tuple(
        Refused(f"item {number}", EntryResult.UNREADABLE, "not a JSON object, or without id, link and text")
        for number, entry in enumerate(read, start=1)
        if entry is None
    )
    return Listing(tuple(entry for entry in read if entry is not None), refused)


def _parsed(body: bytes) -> Mapping[str, Any]:
    try:
        feed = json.loads(body.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        raise FeedUnreadable("it begins like JSON and is not: cut off or ill-formed") from error
    return feed if isinstance(feed, dict) else {}


def _entry(document: Document, feed: Mapping[str, Any], item: Mapping[str, Any]) -> Entry | None:
    markup: Literal["html", "plain"] = "html" if _words(item, "content_html") else "plain"
    body = _words(item, "content_html") or _words(item, "content_text") or _words(item, "summary")
    headline, link = _words(item, "title"), _words(item, "url") or _words(item, "external_url")
    guid = str(item["id"]) if isinstance(item.get("id"), str | int | float) else ""
    if not (body or headline):
        return None
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
        published=published_of_iso(_words(item, "date_published")),
    )
    return writable_entry(entry)


def _words(record: Mapping[str, Any], name: str) -> str:
    value = record.get(name)
    return value.strip() if isinstance(value, str) else ""
