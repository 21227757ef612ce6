"""A second opinion on documents in which feedparser finds less than there is, or on which it fails.

What a forgiving XML parser makes of the document is written out again as plain RSS or Atom, for feedparser to read:
of each item what we need of it, and nothing that could trip a reader again.
"""

from __future__ import annotations

from collections.abc import Iterator

from lxml import etree

from service.feeds.trees import bare, local, markup, tree_of

_ITEMS = frozenset({"item", "entry"})
_NEEDED = frozenset(
    {"title", "link", "guid", "id", "description", "summary", "content", "encoded", "source"}
) | frozenset({"pubdate", "published", "updated", "date", "modified", "issued", "created"})
_NAMES = {"pubdate": "pubDate", "date": "pubDate", "encoded": "description"}
"""as they are written where names have no prefix"""
_ATOM = "http://www.w3.org/2005/Atom"


def mended(body: bytes) -> bytes | None:
    """The items of `body` as a well-formed document, or None if there are none to be found.

    Args:
        body: in UTF-8.
    """
    root = tree_of(b"<everything>" + body + b"</everything>")
    items = list(_outermost(root)) if root is not None else []
    if not items:
        return None
    try:
        return _document(root, items)
    except ValueError:  # a name or a character that was recovered and cannot be written
        return None


def _outermost(element: etree._Element) -> Iterator[etree._Element]:
    for child in element:
        if local(child) in _ITEMS:
            yield child
        else:
            yield from _outermost(child)


def _document(root: etree._Element, items: list[etree._Element]) -> bytes:
    is_atom = local(items[0]) == "entry"
    title = _title(root)
    channel = etree.Element("feed" if is_atom else "channel")
    if title is not None:
        channel.append(_plain(title))
    for item in items:
        etree.SubElement(channel, local(item)).extend(map(_plain, _needed(item)))
    words: str = etree.tostring(channel, encoding="unicode")
    if is_atom:
        return words.replace("<feed>", f'<feed xmlns="{_ATOM}">', 1).encode()
    return f'<rss version="2.0">{words}</rss>'.encode()


def _title(element: etree._Element) -> etree._Element | None:
    """The first title that is no item's."""
    for child in element:
        found = child if local(child) == "title" else None if local(child) in _ITEMS else _title(child)
        if found is not None:
            return found
    return None


def _needed(item: etree._Element) -> list[etree._Element]:
    """Its elements that we read. Full words stand in for a description, where there are both."""
    needed = [child for child in item if local(child) in _NEEDED]
    if any(local(child) == "encoded" for child in needed):
        return [child for child in needed if local(child) != "description"]
    return needed


def _plain(element: etree._Element) -> etree._Element:
    """Without elements in it: markup becomes text, as it is in most feeds. An Atom source alone keeps its title."""
    plain = bare(element)
    plain.tag = _NAMES.get(plain.tag, plain.tag)
    if len(plain) and plain.tag != "source":
        inner = markup(plain)
        attributes = {name: value for name, value in plain.items() if name != "type"}
        plain = etree.Element(plain.tag, attributes, type="html")
        plain.text = inner
    return plain
