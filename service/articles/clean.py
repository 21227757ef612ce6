"""Markup off: what a person would read of an entry, as plain text whose paragraphs stand apart by blank lines.

Plain text passes unchanged, code point for code point, because every offset anywhere counts in it.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser

from service.model import Entry

_UNWRITABLE = re.compile("[\x00\ud800-\udfff]")
_TAG = re.compile(r"<[a-zA-Z/!?]")
_DROPPED = frozenset({"script", "style", "template", "svg", "iframe", "noscript", "head", "title"})
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
    """An entry's headline on one line, and its text.

    The cost is linear for ordinary markup and can be far worse for hostile markup: run it under a time limit.
    """
    headline = " ".join(_text_of_html(entry.headline).split())
    if entry.markup == "plain":
        return Readable(headline, writable(entry.body) or headline)
    return Readable(headline, _text_of_html(entry.body) or headline)


def writable(text: str) -> str:
    """`text` with NUL and lone surrogates, which UTF-8 or its readers refuse, replaced one for one."""
    return _UNWRITABLE.sub("\ufffd", text)


def _text_of_html(markup: str) -> str:
    if not _TAG.search(markup):
        # Many "HTML" descriptions are plain text with entities; their line breaks are the writer's own.
        return _tidied(html.unescape(writable(markup)))
    reader = _Reader()
    reader.feed(writable(markup))
    reader.close()
    return _tidied("".join(reader.pieces))


def _tidied(text: str) -> str:
    text = re.sub(r"[^\S\n]+", " ", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = re.sub(r" ?\n ?", "\n", writable(text))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.pieces: list[str] = []
        self._dropped: list[str] = []
        self._preformatted = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _DROPPED:
            self._dropped.append(tag)
        self._preformatted += tag == "pre"
        self._break(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._break(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in self._dropped:
            del self._dropped[self._dropped.index(tag) :]
        self._preformatted -= tag == "pre" and self._preformatted > 0
        self._break(tag)

    def handle_data(self, data: str) -> None:
        if not self._dropped:
            self.pieces.append(data if self._preformatted else re.sub(r"\s+", " ", data))

    def _break(self, tag: str) -> None:
        if tag in _PARAGRAPHS:
            self.pieces.append("\n\n")
        elif tag in _LINES:
            self.pieces.append("\n")
