"""ninjs 1 to 3: news items of agencies as JSON, alone, in an array, or under `items` of a collection.

What is cancelled becomes its own withdrawal, in the words by which agencies withdraw; what is withheld must not be
used and is refused, and so is what is under embargo, until its time.

Source: https://iptc.org/std/ninjs/ (schemas 1.6, 2.2 and 3.1)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from service.articles.clean import writable_entry
from service.articles.identity import entry_key, entry_uri
from service.feeds.dates import embargo_words, published_of_iso
from service.feeds.document import Document
from service.feeds.listing import Refused
from service.feeds.reading import Channel, Reading
from service.model import Entry, EntryResult

WITHDRAWN = "WITHDRAWN: "
_MARKS = frozenset(
    {"pubstatus", "versioncreated", "headlines", "bodies", "body_text", "body_html", "representationtype"}
)
"""one of these, in any case, is a news item's and nobody else's"""


def is_ninjs(parsed: object) -> bool:
    """Whether this is one news item of ninjs, or several."""
    return any(_is_item(item) for item in _items(parsed))


def read_ninjs(document: Document, parsed: object) -> Reading:
    """The news items of a ninjs document; only for what `is_ninjs` says so of."""
    collection = _lowered(parsed) if isinstance(parsed, dict) else {}
    items = _items(parsed)
    entries, refused, embargoed = [], [], False
    for number, given in enumerate(items[: document.max_items], start=1):
        item = _lowered(given) if isinstance(given, dict) else {}
        held = _embargo(document, item)
        embargoed = embargoed or bool(held)
        why = _why_not(item) or held
        if why:
            refused.append(Refused(_words(item.get("uri")) or f"item {number}", EntryResult.UNREADABLE, why))
        else:
            entries.append(_entry(document, item))
    channel = Channel(title=_words(collection.get("title")) if "items" in collection else "")
    over = max(len(items) - document.max_items, 0)
    return Reading(tuple(entries), channel, "ninjs", True, tuple(refused), over, embargoed)


def _items(parsed: object) -> Sequence[object]:
    if isinstance(parsed, list):
        return parsed
    if not isinstance(parsed, dict):
        return ()
    held = parsed.get("items")
    return held if isinstance(held, list) else (parsed,)


def _is_item(item: object) -> bool:
    return isinstance(item, dict) and "uri" in item and not _MARKS.isdisjoint(map(str.lower, item))


def _why_not(item: Mapping[str, Any]) -> str:
    if "uri" not in item:
        return "not a news item"
    return "withheld by its source" if _words(item.get("pubstatus")).lower() == "withheld" else ""


def _embargo(document: Document, item: Mapping[str, Any]) -> str:
    return embargo_words(_words(item.get("embargoed")) or None, document.now_s)


def _entry(document: Document, item: Mapping[str, Any]) -> Entry:
    guid, headline = _words(item.get("uri")), _headline(item)
    body, markup = _body(item)
    key = entry_key(guid, "", headline, body)
    entry = Entry(
        feed=document.feed,
        source=document.source or _outlet(document, item) or document.feed,
        key=key,
        uri=entry_uri(document.feed, key, guid),
        headline=headline,
        body=body,
        markup=markup,
        language=_words(item.get("language")) or document.language,
        published=published_of_iso(_words(item.get("firstcreated")) or _words(item.get("versioncreated"))),
    )
    return writable_entry(entry)


def _headline(item: Mapping[str, Any]) -> str:
    said = _words(item.get("headline")) or _said(item.get("headlines"))[0] or _words(item.get("title"))
    cancelled = _words(item.get("pubstatus")).lower() in ("canceled", "cancelled")
    return f"{WITHDRAWN}{said}" if cancelled else said


def _body(item: Mapping[str, Any]) -> tuple[str, Literal["html", "plain"]]:
    if _words(item.get("body_html")) or _words(item.get("body_xhtml")):
        return _words(item.get("body_html")) or _words(item.get("body_xhtml")), "html"
    if _words(item.get("body_text")):
        return _words(item.get("body_text")), "plain"
    words, kind = _said(item.get("bodies"))
    if not words:
        words, kind = _said(item.get("descriptions"))
    return words or _words(item.get("description_text")), "html" if "html" in kind or "xml" in kind else "plain"


def _said(roles: object) -> tuple[str, str]:
    """The words and the content type of the main one of several, which stands first or is called so."""
    given = [_lowered(one) for one in roles if isinstance(one, dict)] if isinstance(roles, list) else []
    with_words = [one for one in given if _words(one.get("value"))]
    main = next((one for one in with_words if _words(one.get("role")).lower() == "main"), None)
    chosen: Mapping[str, Any] = main or (with_words[0] if with_words else {})
    return _words(chosen.get("value")), _words(chosen.get("contenttype")).lower()


def _outlet(document: Document, item: Mapping[str, Any]) -> str:
    # As with RSS's <source>: an item may name its outlet only in a list that lets it.
    return _words(item.get("copyrightholder")) if document.aggregator else ""


def _lowered(item: Mapping[str, Any]) -> dict[str, Any]:
    """With names as ninjs 1 and 2 write them; 3 has capitals in the middle."""
    return {name.lower(): value for name, value in item.items()}


def _words(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
