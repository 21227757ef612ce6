"""One pass of expat over a document before anybody builds anything of it: is it a bomb, and where are its items?

Feedparser takes minutes for an element of 50,000 attributes and for 200,000 tiny items; expat reads either in
milliseconds. What is ill-formed ends the pass where it is, and is left to feedparser's lenient reader under the
parser process's limits; only what can be told of it without parsing is looked at.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from xml.parsers import expat

from service.feeds.listing import FeedUnreadable
from service.feeds.references import with_references

MAX_ATTRIBUTES = 64
MAX_DEPTH = 128
MAX_ELEMENTS = 200_000
"""feedparser takes 20 µs for each; 2,000 items of real feeds have 40,000"""
MAX_ENTITY_CHARS = 1_000
_TOO_MANY = f"it has more than {MAX_ELEMENTS:,} elements"
_ITEMS = frozenset({"item", "entry"})
_OF_THE_CHANNEL = frozenset({"title", "language"})
_ITEM_START = re.compile(rb"<(?:[\w.-]{1,40}:)?(?:item|entry)(?=[\s/>])", re.IGNORECASE)
_NO_MARKUP = re.compile(rb"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)", re.DOTALL)
_LONG_TAG = re.compile(rb"<[A-Za-z][^<>]{400,}")
_VALUE = re.compile(rb"=\s*[\"']")
_TAG_ENDS = frozenset({b">", b" ", b"\t", b"\n", b"\r"})
_REFERENCE = re.compile(r"[&%](?!#)(?!(?:amp|lt|gt|quot|apos);)")


@dataclass(frozen=True, slots=True)
class Shape:
    """What one pass saw. Offsets are bytes of the document that was scanned."""

    whole: bool
    """well-formed from beginning to end, or as far as the last item that is read"""
    root: str = ""
    """local name of the first element, in lower case"""
    items: tuple[tuple[int, int], ...] = ()
    """start and end of each outermost item, in document order; of a document that is whole"""
    alike: bool = False
    """the items are siblings of one name: one can be cut out without touching another"""
    frame: bytes = b""
    """the start tags around the items"""
    plain: bool = True
    """no document type, no entity that is not declared: expat and feedparser see the same"""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A document that may be parsed."""

    body: bytes
    """the document, without the items beyond the limit"""
    shape: Shape
    over: int = 0
    """items beyond the limit, which `body` has no more"""


def scan(body: bytes, max_items: int) -> Scanned:
    """Look a document through.

    Args:
        body: in UTF-8, without an XML declaration.
        max_items: the rest is counted and cut off.

    Raises:
        FeedUnreadable: an element has too many attributes, elements are too many or nested too deeply, or entities
            are declared that could grow.
    """
    scanned = _passed_through(body, max_items)
    if not (scanned.shape.whole and scanned.shape.plain):
        # References out of order are all that most ill-formed feeds have against them.
        ordered = with_references(body)
        scanned = _passed_through(ordered, max_items) if ordered != body else scanned
    if not scanned.shape.whole:
        _refuse_tags(scanned.body)
    return scanned


def count_items(body: bytes) -> int:
    """The start tags of items outside comments and CDATA, of whatever is not well-formed."""
    return len(_ITEM_START.findall(_NO_MARKUP.sub(b" ", body)))


class _EnoughError(Exception):
    """The limit of items is reached."""


class _Pass:
    def __init__(self, body: bytes, max_items: int) -> None:
        self.items: list[tuple[int, int]] = []
        self.root = ""
        self.plain = True
        self.alike = True
        self.open: list[str] = []
        self.stopped_at = -1
        self._body = body
        self._max_items = max_items
        self._elements = 0
        self._item_depth = 0
        self._item_start = 0
        self._frames: list[int] = []
        self._first: tuple[str, ...] = ()
        self.frame = b""
        self._parser = parser = expat.ParserCreate("utf-8")
        parser.ordered_attributes = True
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.EntityDeclHandler = self._declared
        parser.StartDoctypeDeclHandler = self._unusual
        parser.SkippedEntityHandler = self._unusual
        # Entities that nobody declared are then passed over, not an error: feeds are full of &nbsp;.
        parser.UseForeignDTD(True)
        parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE)

    def run(self) -> None:
        self._parser.Parse(self._body, True)

    def _start(self, name: str, attributes: Sequence[str]) -> None:
        if len(attributes) > 2 * MAX_ATTRIBUTES:
            raise FeedUnreadable(f"an element in it has more than {MAX_ATTRIBUTES} attributes")
        if not self.open:
            self.root = _local(name)
        self.open.append(name)
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise FeedUnreadable(_TOO_MANY)
        if len(self.open) > MAX_DEPTH:
            raise FeedUnreadable(f"its elements are nested more than {MAX_DEPTH} deep")
        if _local(name) in _ITEMS:
            self._item_opens()
        elif not self._item_depth and not self.items:
            del self._frames[len(self.open) - 1 :]
            self._frames.append(self._parser.CurrentByteIndex)
        # Feedparser forgets to end a base that is the first one of the document, and believes a title behind an item.
        first_base = self._item_depth and "xml:base" in attributes and b"xml:base" not in self.frame
        late = self.items and not self._item_depth and _local(name) in _OF_THE_CHANNEL
        if first_base or late:
            self.alike = False

    def _item_opens(self) -> None:
        if self._item_depth:
            self.alike = False
            return
        start = self._parser.CurrentByteIndex
        if len(self.items) >= self._max_items:
            self.open.pop()
            self.stopped_at = start
            raise _EnoughError
        if not self.items:
            self._first = tuple(self.open)
            self.frame = b"".join(_tag_at(self._body, at) for at in self._frames[: len(self.open) - 1])
        self.alike = self.alike and tuple(self.open) == self._first
        self._item_depth, self._item_start = len(self.open), start

    def _end(self, name: str) -> None:
        if self._item_depth == len(self.open):
            self._item_closes(name)
        self.open.pop()

    def _item_closes(self, name: str) -> None:
        at, tag = self._parser.CurrentByteIndex, f"</{name}".encode()
        # Of `<item/>` expat gives the end; of `</item>` the beginning.
        closed_apart = self._body.startswith(tag, at) and self._body[at + len(tag) : at + len(tag) + 1] in _TAG_ENDS
        self.items.append((self._item_start, self._body.find(b">", at) + 1 if closed_apart else at))
        self._item_depth = 0

    def _declared(self, name: str, parameter: bool, value: str | None, *_: object) -> None:
        if value is not None and (len(value) > MAX_ENTITY_CHARS or _REFERENCE.search(value)):
            raise FeedUnreadable("it declares entities that could grow beyond all bounds")
        # A default handler keeps expat from putting their values into the text.
        self._parser.DefaultHandler = self._unusual

    def _unusual(self, *_: object) -> None:
        self.plain = False


def _passed_through(body: bytes, max_items: int) -> Scanned:
    passing = _Pass(body, max_items)
    try:
        passing.run()
    except _EnoughError:
        closed = b"".join(f"</{name}>".encode() for name in reversed(passing.open))
        kept = body[: passing.stopped_at] + closed
        return Scanned(kept, _shape(passing), count_items(body[passing.stopped_at :]))
    except (expat.ExpatError, UnicodeError):
        return _loosely(body, Shape(False, passing.root, plain=False), max_items)
    return Scanned(body, _shape(passing))


def _shape(passing: _Pass) -> Shape:
    return Shape(True, passing.root, tuple(passing.items), passing.alike, passing.frame, passing.plain)


def _loosely(body: bytes, shape: Shape, max_items: int) -> Scanned:
    blanked = _NO_MARKUP.sub(lambda found: b" " * len(found.group()), body) if b"<!" in body else body
    starts = [match.start() for match in _ITEM_START.finditer(blanked)]
    if len(starts) <= max_items:
        return Scanned(body, shape)
    return Scanned(body[: starts[max_items]], shape, len(starts) - max_items)


def _refuse_tags(body: bytes) -> None:
    if body.count(b"<") > 2 * MAX_ELEMENTS:
        raise FeedUnreadable(_TOO_MANY)
    for tag in _LONG_TAG.finditer(body):
        if len(_VALUE.findall(tag.group())) > MAX_ATTRIBUTES:
            raise FeedUnreadable(f"an element in it has more than {MAX_ATTRIBUTES} attributes")


@lru_cache(maxsize=512)
def _local(name: str) -> str:
    return name.rpartition(":")[2].lower()


def _tag_at(body: bytes, at: int) -> bytes:
    return body[at : body.find(b">", at) + 1]
