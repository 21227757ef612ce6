"""Markup off: what a person would read of an entry, as plain text whose paragraphs stand apart by blank lines.

Plain text passes unchanged, code point for code point, because every offset anywhere counts in it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, fields, replace
from functools import lru_cache
from html.parser import HTMLParser
from operator import attrgetter
from typing import Any

from service.model import Entry

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_ENTRY_FIELDS = tuple(field.name for field in fields(Entry))
_values_of = attrgetter(*_ENTRY_FIELDS)
_TAG = re.compile(r"<[a-zA-Z/!?]")
_PLAIN_TAG = re.compile(r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9]*)[^<>]*>|<[a-zA-Z/!?][^<>]*>")
_SIMPLE_TAG = re.compile(
    r"""<(?:/([a-zA-Z][a-zA-Z0-9]*)[ \n]*|([a-zA-Z][a-zA-Z0-9]*)"""
    r"""(?:[ \n]+[a-zA-Z][a-zA-Z0-9_:-]*(?:=(?:"[^"<>]*"|'[^'<>]*'))?)*[ \n]*/?)>"""
)
_PADDED_REFERENCE = re.compile(r"&#0+(?=[0-9])")
_FAR_REFERENCE = re.compile(r"&#[0-9]{8,};?")
_DROPPED = frozenset({"script", "style", "template", "svg", "iframe", "noscript", "title"})
_NEVER_WORDS = frozenset({"script", "style"})
_NOT_SIMPLE = _DROPPED | {"textarea", "xmp", "noembed", "noframes", "plaintext", "pre"}
"""what stands in these is not markup, to one version of html.parser or another; or keeps its lines"""
_LINES = frozenset({"br", "li", "tr", "dt", "dd"})
_PARAGRAPHS = (
    frozenset(
        {"address", "article", "aside", "blockquote", "body", "caption", "center", "dl", "fieldset", "figcaption"}
    )
    | frozenset({"figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "main", "nav"})
    | frozenset({"div", "ol", "p", "pre", "section", "table", "ul"})
)


@dataclass(frozen=True, slots=True)
class Readable:
    """An entry without markup."""

    headline: str
    text: str
    """the headline again where the entry has no body: what was said is all there is to quote"""


def readable(entry: Entry) -> Readable:
    """An entry's headline on one line, and its text. Whatever the markup is, this ends with words and raises nothing.

    The cost is linear for every kind of malformed markup that we know of; run it under a time limit all the same.
    """
    headline = " ".join(_text_of_html(entry.headline).split())
    if entry.markup == "plain":
        return Readable(headline, writable(entry.body) or headline)
    return Readable(headline, _text_of_html(entry.body) or headline)


def writable_entry(entry: Entry) -> Entry:
    """`entry` with every one of its strings writable: what one feed writes must not stop whoever stores or sends it."""
    strings = [value for value in _values_of(entry) if isinstance(value, str)]
    if _is_writable("".join(strings)):
        return entry
    odd: dict[str, Any] = {
        name: writable(value)
        for name, value in zip(_ENTRY_FIELDS, _values_of(entry), strict=True)
        if isinstance(value, str) and not _is_writable(value)
    }
    return replace(entry, **odd) if odd else entry


def writable(text: str) -> str:
    """`text` with NUL and lone surrogates, which UTF-8 or its readers refuse, replaced one for one."""
    return text if _is_writable(text) else _UNWRITABLE.sub("\ufffd", text)


def _is_writable(text: str) -> bool:
    try:  # many times faster than a search for surrogates
        text.encode()
    except UnicodeEncodeError:
        return False
    return "\0" not in text


def _text_of_html(markup: str) -> str:
    if "<" not in markup and "&" not in markup:
        return _tidied(markup)
    markup = _with_short_references(writable(markup))
    if not _TAG.search(markup):
        # Many "HTML" descriptions are plain text with entities; their line breaks are the writer's own.
        return _tidied(html.unescape(markup))
    return _tidied("".join(_simply(markup) or _thoroughly(markup).pieces))


def _simply(markup: str) -> list[str] | None:
    """What is read of markup in which every tag is written as it should be, as html.parser reads it; else None."""
    said, closed, opened = (parts := _SIMPLE_TAG.split(markup))[::3], parts[1::3], parts[2::3]
    if markup.count("<") != len(closed):
        return None
    tags = [end or start for end, start in zip(closed, opened, strict=True)]
    if not _NOT_SIMPLE.isdisjoint(tag.lower() for tag in set(tags)):
        return None
    if "&" in markup or "\n" in markup or "\r" in markup:
        said = [_run_together(html.unescape(words)) for words in said]
    pieces = [""] * (2 * len(tags) + 1)
    pieces[::2], pieces[1::2] = said, map(_break_at, tags)
    return pieces


@lru_cache(maxsize=256)
def _break_at(name: str) -> str:
    tag = name.lower()
    return "\n\n" if tag in _PARAGRAPHS else "\n" if tag in _LINES else ""


def _thoroughly(markup: str) -> _Words:
    markup = _with_closed_ends(markup)
    reader = _Reader()
    try:
        reader.feed(markup)
        reader.close()
    except AssertionError:  # html.parser's answer to an ill-formed marked section: <![ here
        return _stripped(markup)
    return reader.words


def _with_short_references(markup: str) -> str:
    """Without references to characters beyond Unicode: Python refuses to read a number of thousands of digits."""
    if "&#" not in markup:
        return markup
    return _FAR_REFERENCE.sub("\ufffd", _PADDED_REFERENCE.sub("&#", markup))


def _with_closed_ends(markup: str) -> str:
    """`markup` in which nothing that was opened and never closed can swallow the words after it.

    A tag that never ends is text, as html.parser decides too, at a cost that is quadratic in the number of such tags.
    """
    end = markup.rfind(">") + 1
    markup = markup[:end] + markup[end:].replace("<", "&lt;")
    lowered = markup.lower()
    for tag in sorted(_DROPPED - _NEVER_WORDS):
        if f"<{tag}" not in lowered:
            continue
        opening = re.compile(rf"<{tag}(?=[\s/>])[^>]*>", re.IGNORECASE)
        closed = max((match.end() for match in re.finditer(rf"</{tag}(?=[\s/>])", markup, re.IGNORECASE)), default=0)
        markup = markup[:closed] + opening.sub(" ", markup[closed:])
    return markup


def _stripped(markup: str) -> _Words:
    """What is read of markup that html.parser gives up: tags by a pattern that never looks beyond the next one."""
    words, at = _Words(), 0
    for tag in _PLAIN_TAG.finditer(markup):
        words.said(html.unescape(markup[at : tag.start()]))
        at = tag.end()
        if tag["name"]:
            (words.closed if tag["end"] else words.opened)(tag["name"].lower())
    words.said(html.unescape(markup[at:]))
    return words


def _tidied(text: str) -> str:
    if text.isprintable() and "  " not in text:
        return text.strip(" ")
    lines = (text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text).split("\n")
    tidied = writable("\n".join([line and _tidied_line(line) for line in lines])).strip()
    while "\n\n\n" in tidied:
        tidied = tidied.replace("\n\n\n", "\n\n")
    return tidied


def _tidied_line(line: str) -> str:
    # Of all white space only the space itself is printable; most lines are tidy, and looking costs less than splitting.
    if line.isprintable() and "  " not in line:
        return line.strip(" ")
    return " ".join(line.split())


def _run_together(words: str) -> str:
    return words.replace("\n", " ").replace("\r", " ")


class _Words:
    """Collects what a person would read."""

    def __init__(self) -> None:
        self.pieces: list[str] = []
        self._dropped: list[str] = []
        self._preformatted = 0

    def opened(self, tag: str) -> None:
        """A tag opens. Of nested dropped ones the outermost counts, so that the list stays short."""
        if tag in _DROPPED and tag not in self._dropped:
            self._dropped.append(tag)
        self._preformatted += tag == "pre"
        self.broken(tag)

    def closed(self, tag: str) -> None:
        """A tag closes."""
        if tag in self._dropped:
            del self._dropped[self._dropped.index(tag) :]
        self._preformatted -= tag == "pre" and self._preformatted > 0
        self.broken(tag)

    def broken(self, tag: str) -> None:
        """Here a line or a paragraph ends, if the tag says so."""
        self.pieces.append(_break_at(tag))

    def said(self, words: str) -> None:
        """Words between tags."""
        if not self._dropped:
            # What else is white space runs together when all is tidied.
            self.pieces.append(words if self._preformatted else _run_together(words))


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.words = _Words()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words.opened(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.words.broken(tag)

    def handle_endtag(self, tag: str) -> None:
        self.words.closed(tag)

    def handle_data(self, data: str) -> None:
        self.words.said(data)

    def updatepos(self, i: int, j: int) -> int:
        """Nobody asks in which line something stands, and counting lines took a tenth of the time."""
        return j
