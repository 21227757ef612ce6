"""RSS, Atom and CDF: what feedparser reads of a document, as entries. Its only door."""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import urljoin

import feedparser
from feedparser.api import PREFERRED_XML_PARSERS

from service.articles.clean import writable_entry
from service.articles.identity import entry_key, entry_uri
from service.feeds.dates import published_of
from service.feeds.document import Document
from service.feeds.reading import Channel, Reading
from service.model import Entry

# The reader of XML that feedparser would rather have is looked for at each document, and never there.
PREFERRED_XML_PARSERS.clear()
_PERIODS_S = {"hourly": 3_600, "daily": 86_400, "weekly": 604_800, "monthly": 2_592_000, "yearly": 31_536_000}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_SKIPPED = re.compile(r"<(skip(?:hours|days))\s*>(.{0,2000}?)</\1\s*>", re.IGNORECASE | re.DOTALL)
_SKIPPED_ONE = re.compile(r"<(?:hour|day)\s*>\s*(\w{1,12})\s*</", re.IGNORECASE)
_ABSOLUTE = re.compile(r"https?://[\w.-]+(?::\d+)?/[\w./:@%+,~=&-]*(?:\?[\w./:@%+,~=&-]+)?", re.ASCII)
"""what joining with another address leaves as it is"""
_HEAD_CHARS = 20_000
"""of a document's beginning and end, in which skipHours and skipDays are looked for"""


def read_syndication(document: Document, body: bytes) -> Reading:
    """What feedparser finds.

    Args:
        document: what is known beside the body.
        body: in UTF-8.
    """
    # Always a stream: given a string, feedparser would open it as a file name or a URL.
    parsed = feedparser.parse(  # type: ignore[attr-defined, no-untyped-call]
        io.BytesIO(body),
        sanitize_html=False,
        resolve_relative_uris=False,
        response_headers={"content-type": "application/xml; charset=utf-8"},
    )
    channel = _channel(parsed.feed, body)
    entries = tuple(entry_of(document, channel, item) for item in parsed.entries)
    return Reading(entries, channel, parsed.get("version") or "", not parsed.bozo)


def entry_of(document: Document, channel: Channel, item: Mapping[str, Any]) -> Entry:
    """The entry that an item of feedparser's is."""
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
        language=channel.language or document.language,
        published=published_of(*_date(item)),
    )
    return writable_entry(entry)


def _link(document: Document, guid: str, item: Mapping[str, Any]) -> str:
    link = str(item.get("link") or "").strip()
    # feedparser takes a guid for the link of an item that has none. Of "1" the feed's address would make a page that
    # is not there, the same for two feeds of one host; so links are made absolute here and not by feedparser.
    if not link or (item.get("guidislink") and link == guid):
        return link
    if _ABSOLUTE.fullmatch(link):
        return link
    try:
        return urljoin(document.url, link)
    except ValueError:
        return link


def _source(document: Document, channel: Channel, item: Mapping[str, Any]) -> str:
    # An item that names its outlet could name any: what it says is believed only where the list asks for that.
    named = (item.get("source") or {}).get("title") if document.aggregator else None
    return document.source or _one_line(named) or channel.title or document.feed


def _body(item: Mapping[str, Any]) -> tuple[str, Literal["html", "plain"]]:
    for content in item.get("content") or ():
        if content.get("value", "").strip():
            return content["value"], "plain" if content.get("type") == "text/plain" else "html"
    return item.get("summary") or "", "html"


def _date(item: Mapping[str, Any]) -> tuple[Any, str]:
    # `in` first: feedparser answers a missing "updated" with "published" and a warning.
    for name in ("published", "updated"):
        if name in item and item.get(f"{name}_parsed") is not None:
            return item[f"{name}_parsed"], str(item[name])
    return None, ""


def _channel(channel: Any, body: bytes) -> Channel:
    links = {str(link.get("rel")): str(link.get("href") or "") for link in reversed(channel.get("links") or ())}
    ends = (body[:_HEAD_CHARS] + b"\n" + body[_HEAD_CHARS:][-_HEAD_CHARS:]).decode("utf-8", "replace")
    return Channel(
        title=_one_line(channel.get("title")),
        language=str(channel.get("language") or ""),
        ttl_s=_ttl_s(channel),
        skip_hours=_skipped(ends, "skiphours", _hour),
        skip_days=_skipped(ends, "skipdays", _day),
        hub=links.get("hub", ""),
        topic=links.get("self", ""),
    )


def _ttl_s(channel: Any) -> float:
    minutes = _number(channel.get("ttl"), 0)
    period_s = _PERIODS_S.get(str(channel.get("sy_updateperiod") or "").strip().lower(), 0)
    return max(minutes * 60.0, period_s / max(_number(channel.get("sy_updatefrequency"), 1), 1))


def _number(written: object, otherwise: int) -> int:
    digits = str(written or "").strip()
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 8 else otherwise


def _skipped(words: str, name: str, value: Callable[[str], int | None]) -> tuple[int, ...]:
    lists = [listed for found, listed in _SKIPPED.findall(words) if found.lower() == name]
    values = {value(one) for listed in lists for one in _SKIPPED_ONE.findall(listed)}
    return tuple(sorted(one for one in values if one is not None))


def _hour(written: str) -> int | None:
    hour = _number(written, 99)
    return hour % 24 if hour <= 24 else None  # RSS 0.91 counts to 24


def _day(written: str) -> int | None:
    day = written.lower()
    return _DAYS.index(day) if day in _DAYS else None


def _one_line(words: object) -> str:
    return " ".join(str(words or "").split())
