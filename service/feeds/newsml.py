"""NewsML-G2 and NITF: news items of agencies as XML, alone or in a message.

What is cancelled becomes its own withdrawal, in the words by which agencies withdraw; what is withheld must not be
used and is refused, and so is what is under embargo, until its time.

Source: https://iptc.org/std/NewsML-G2/ (2.35) and https://iptc.org/std/NITF/ (3.6)
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from lxml import etree

from service.articles.clean import writable_entry
from service.articles.identity import entry_key, entry_uri
from service.feeds.dates import embargo_words, published_of_iso
from service.feeds.document import Document
from service.feeds.listing import Refused
from service.feeds.ninjs import WITHDRAWN
from service.feeds.reading import Channel, Reading
from service.feeds.trees import attribute, children, local, markup, tree_of, words
from service.model import Entry, EntryResult

_LANGUAGE = "{http://www.w3.org/XML/1998/namespace}lang"


def read_newsml(document: Document, body: bytes) -> Reading:
    """The news items of a NewsML-G2 message, of one item alone, or of a NITF document."""
    root = tree_of(body)
    if root is None:
        return Reading((), Channel(), "", False)
    entries, refused, embargoed = [], [], False
    items = list(_items(root))
    for item in items[: document.max_items]:
        held = embargo_words(_embargo(item), document.now_s)
        embargoed = embargoed or bool(held)
        why = "withheld by its source" if _status(item) == "withheld" else held
        if why:
            refused.append(Refused(attribute(item, "guid") or "a news item", EntryResult.UNREADABLE, why))
        else:
            entries.append(_nitf_entry(document, item) if local(item) == "nitf" else _entry(document, item))
    over = max(len(items) - document.max_items, 0)
    return Reading(tuple(entries), Channel(), "newsml", True, tuple(refused), over, embargoed)


def _items(root: etree._Element) -> Iterator[etree._Element]:
    if local(root) in ("newsitem", "nitf"):
        yield root
    else:
        yield from children(root, "itemset", "newsitem")


def _embargo(item: etree._Element) -> str | None:
    if local(item) == "nitf":
        release = attribute(item, "norm", "head", "docdata", "date.release")
        return release if published_of_iso(release) is not None else None
    given = next(children(item, "itemmeta", "embargoed"), None)
    return None if given is None else words(given)


def _status(item: etree._Element) -> str:
    return attribute(item, "qcode", "itemmeta", "pubstatus").rpartition(":")[2].lower()


def _entry(document: Document, item: etree._Element) -> Entry:
    said = words(item, "contentmeta", "headline") or words(item, "itemmeta", "title")
    body, kind = _body(item)
    created = words(item, "itemmeta", "firstcreated") or words(item, "itemmeta", "versioncreated")
    return _made(
        document,
        guid=attribute(item, "guid"),
        headline=f"{WITHDRAWN}{said}" if _status(item) in ("canceled", "cancelled") else said,
        body=body,
        kind=kind,
        language=attribute(item, "tag", "contentmeta", "language") or attribute(item, _LANGUAGE),
        created=created,
    )


def _nitf_entry(document: Document, nitf: etree._Element) -> Entry:
    said = words(nitf, "body", "body.head", "hedline", "hl1") or words(nitf, "head", "title")
    return _made(
        document,
        guid=attribute(nitf, "id-string", "head", "docdata", "doc-id"),
        headline=said,
        body=_nitf_body(nitf),
        kind="html",
        language=attribute(nitf, _LANGUAGE),
        created=attribute(nitf, "norm", "head", "docdata", "date.issue"),
    )


def _made(
    document: Document,
    *,
    guid: str,
    headline: str,
    body: str,
    kind: Literal["html", "plain"],
    language: str,
    created: str,
) -> Entry:
    key = entry_key(guid, "", headline, body)
    entry = Entry(
        feed=document.feed,
        source=document.source or document.feed,
        key=key,
        uri=entry_uri(document.feed, key, guid),
        headline=headline,
        body=body,
        markup=kind,
        language=language or document.language,
        published=published_of_iso(created),
    )
    return writable_entry(entry)


def _body(item: etree._Element) -> tuple[str, Literal["html", "plain"]]:
    for inline in children(item, "contentset", "inlinexml"):
        for content in inline:
            body = _nitf_body(content) if local(content) == "nitf" else _html_body(content)
            if body.strip():
                return body, "html"
    for inline in children(item, "contentset", "inlinedata"):
        given = "".join(inline.itertext()).strip()
        if given:
            return given, "html" if "html" in attribute(inline, "contenttype").lower() else "plain"
    return words(item, "contentmeta", "description"), "plain"


def _nitf_body(nitf: etree._Element) -> str:
    return "".join(map(markup, children(nitf, "body", "body.content")))


def _html_body(page: etree._Element) -> str:
    return "".join(map(markup, children(page, "body"))) or markup(page)
