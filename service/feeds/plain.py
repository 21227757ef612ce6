"""Items so plain that they can be read without feedparser, and are certain to be read as it would read them.

Feedparser takes half a millisecond for an item, whatever is in it; most items of most feeds are a handful of elements
with words in them. Such an item is taken off a tree that a C library made; feedparser reads what is around the items,
and every item in which anything is that this module does not know. Where the document itself could make a difference
(a base for links, a prefix that means two things) nothing is plain.

Source: feedparser 6.0's mixin.py and namespaces/_base.py, whose handlers these rules follow one by one; that both read
alike is tested over every feed document of the tests, and measured over feedparser's own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from feedparser.api import StrictFeedParser
from feedparser.datetimes import _parse_date
from feedparser.util import FeedParserDict
from lxml import etree

from service.feeds.dates import usual_date

_BASE = re.compile(rb"base\s*=")
_DECLARED = re.compile(rb"""xmlns(?::([^\s="'<>]+))?\s*=\s*["']([^"']*)["']""")
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_PREFIXES: Mapping[str, str] = {uri.lower(): prefix.lower() for uri, prefix in StrictFeedParser.namespaces.items()}  # type: ignore[attr-defined]
_OWN_PREFIXES = frozenset(prefix for prefix in _PREFIXES.values() if prefix)
_HANDLED = frozenset(
    name.partition("_")[2].partition("_")[2] for name in dir(StrictFeedParser) if name.startswith(("_start_", "_end_"))
)
"""what feedparser makes more of than words under the element's own name"""
_READ = frozenset(
    {"id", "title", "link", "links", "content", "summary", "source", "published", "updated", "guidislink"}
) | frozenset({"published_parsed", "updated_parsed", "item", "entry"})
_KEPT_ELSEWHERE = frozenset(FeedParserDict.keymap) | _READ
"""names whose words could land where an entry is read from"""
_HARMLESS = frozenset(
    {
        "author",
        "dc_creator",
        "dc_author",
        "name",
        "uri",
        "email",
        "category",
        "dc_subject",
        "enclosure",
        "media_content",
    }
) | frozenset({"media_thumbnail", "media_credit", "media_keywords", "media_category", "rights", "dc_rights"})
"""handled, and nowhere near what an entry is read from"""
_DATES = {
    "pubdate": "published", "published": "published", "issued": "published", "dcterms_issued": "published",
    "updated": "updated", "modified": "updated", "dc_date": "updated", "dcterms_modified": "updated",
}  # fmt: skip
_WORDS = {
    "title": "title", "description": "summary", "summary": "summary",
    "content_encoded": "content", "content": "content", "guid": "id", "id": "id", "link": "link", "source": "source",
}  # fmt: skip
_TYPES = {"": "", "text": "plain", "text/plain": "plain", "html": "html", "text/html": "html"}
_HTML = frozenset({"html", "xhtml", "text/html", "application/xhtml+xml"})
_OF_A_LINK = frozenset({"rel", "type", "href", "title", "hreflang", "length"})
_C1 = re.compile("[\x80-\x9f]")
_PARSER_OPTIONS = {
    "remove_comments": True, "remove_pis": True, "resolve_entities": False, "load_dtd": False, "no_network": True,
}  # fmt: skip


class _OddError(Exception):
    """An item that feedparser has to read."""


def plain_items(body: bytes, count: int) -> Sequence[Mapping[str, Any] | None]:
    """Each item of a document as feedparser would give it, as far as we read that; None for those it has to read.

    Args:
        body: in UTF-8, well-formed, its items siblings of one name.
        count: of its items.

    Returns:
        Nothing at all, if no item can be told by itself.
    """
    if _BASE.search(body) or not _prefixes_are_plain(body):
        return []
    try:
        root = etree.fromstring(body, etree.XMLParser(encoding="utf-8", **_PARSER_OPTIONS))
    except etree.XMLSyntaxError:  # what expat took, libxml2 need not take
        return []
    items = list(_items(root))
    return [_read_or_none(item) for item in items] if len(items) == count else []


def _prefixes_are_plain(body: bytes) -> bool:
    """Whether every prefix means one thing, and the names by which feedparser calls vocabularies mean no other."""
    meanings: dict[str, str] = {}
    strange = []
    for declared in set(_DECLARED.findall(body)):
        prefix, meant = (part.decode("utf-8", "replace") for part in declared)
        known = _PREFIXES.get(meant.lower())
        if prefix and meanings.setdefault(prefix, meant) != meant:
            return False
        if "&" in meant or "userland.com/rss" in meant or (prefix.lower() in _OWN_PREFIXES and known != prefix.lower()):
            return False
        strange += [meant] if known is None else []
    return len(strange) == len(set(strange))


def _items(root: etree._Element) -> Iterator[etree._Element]:
    for child in root:
        if etree.QName(child).localname.lower() in ("item", "entry"):
            yield child
        elif len(child):
            yield from _items(child)


def _read_or_none(item: etree._Element) -> dict[str, Any] | None:
    try:
        return _read(item)
    except _OddError:
        return None


def _read(item: etree._Element) -> dict[str, Any]:
    entry: dict[str, Any] = {}
    if item.attrib:
        about = item.get(_RDF_ABOUT)
        if about is None or len(item.attrib) > 1:
            raise _OddError
        if about:
            entry["id"] = about
    seen: set[str] = set()
    for child in item:
        name = _name(child)
        known = _WORDS.get(name) or _DATES.get(name)
        if known is None:
            _pass_over(child, name)
        elif len(child):
            raise _OddError
        elif known == "link":
            _take_link(entry, child)
        elif known in seen:
            raise _OddError
        else:
            seen.add(known)
            _take(entry, known, name, child)
    return entry


def _take(entry: dict[str, Any], known: str, name: str, child: etree._Element) -> None:
    words = _mended((child.text or "").strip())
    if name in _DATES:
        entry[known], entry[f"{known}_parsed"] = words, usual_date(words) or _parse_date(words)  # type: ignore[no-untyped-call]
    elif known == "id":
        _take_guid(entry, words, child)
    elif known == "source":
        entry["source"] = {"title": words} if words else {}
    elif known == "content":
        _take_content(entry, name, words, child)
    else:
        _type_of(child)
        entry[known] = words


def _take_guid(entry: dict[str, Any], words: str, child: etree._Element) -> None:
    attributes = {name.lower(): value for name, value in child.attrib.items()}
    if attributes.keys() - {"ispermalink"}:
        raise _OddError
    is_link = attributes.get("ispermalink", "true") == "true"
    entry["id"] = _address(words) if is_link else words
    entry["guidislink"] = is_link and "link" not in entry
    if is_link:
        entry.setdefault("link", entry["id"])


def _take_content(entry: dict[str, Any], name: str, words: str, child: etree._Element) -> None:
    kind = _type_of(child) or ("plain" if name == "content" else "html")
    if kind == "plain" and ("<" in words or "&" in words):
        raise _OddError  # which it may take for markup all the same
    entry["content"] = [{"value": words, "type": f"text/{kind}"}]
    entry.setdefault("summary", words)


def _take_link(entry: dict[str, Any], child: etree._Element) -> None:
    attributes = {name.lower(): value for name, value in child.attrib.items()}
    if not attributes:
        words = _mended(_address((child.text or "").strip())).replace("&amp;", "&")
        entry["link"] = re.sub("&([A-Za-z0-9_]+);", r"&\g<1>", words) if "&" in words else words
        return
    if "href" not in attributes or attributes.keys() - _OF_A_LINK:
        raise _OddError
    rel = attributes.get("rel", "alternate").lower()
    if rel == "alternate" and attributes.get("type", "text/html").lower() in _HTML:
        entry["link"] = _address(attributes["href"])


def _pass_over(element: etree._Element, name: str) -> None:
    if name in _KEPT_ELSEWHERE or (name in _HANDLED and name not in _HARMLESS):
        raise _OddError
    for child in element:
        _pass_over(child, _name(child))


def _name(element: etree._Element) -> str:
    """As feedparser calls it: with its own prefix for a vocabulary that it knows."""
    tag = element.tag
    return _named(tag, element.prefix) if tag[0] == "{" else tag.lower()


@lru_cache(maxsize=1_024)
def _named(tag: str, given: str | None) -> str:
    uri, _, local = tag[1:].rpartition("}")
    prefix = _PREFIXES.get(uri.lower(), given)
    return f"{prefix}_{local}".lower() if prefix else local.lower()


def _type_of(child: etree._Element) -> str:
    """plain, html, or the empty string where nothing is said."""
    if not child.attrib:
        return ""
    said = child.get("type")
    if said is None or len(child.attrib) > 1 or said.lower() not in _TYPES:
        raise _OddError
    return _TYPES[said.lower()]


def _address(words: str) -> str:
    if ":///" in words:
        raise _OddError  # which it mends
    return words


def _mended(words: str) -> str:
    """Without what comes of reading UTF-8 as ISO 8859-1."""
    if words.isascii():
        return words
    with suppress(UnicodeError):
        words = words.encode("iso-8859-1").decode("utf-8")
    if _C1.search(words):
        raise _OddError  # which it takes for windows-1252
    return words
