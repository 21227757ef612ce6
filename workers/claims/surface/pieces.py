"""Sentences of a text and what stands in quotation marks, found by punctuation alone. Offsets are the Reading's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workers.claims.grammar.clean import Reading
from workers.claims.surface.tongue import Tongue

MARKS = {"“": "”", "«": "»", "„": "“", '"': '"'}
LONGEST = 2_500
"""characters; a longer sentence is a list without stops and is not read"""
_END = re.compile(r"[.!?…]+[”»\")\]]*(?=\s+[“«\"(¿¡—–-]*[^\W\d_a-zß-ÿ]|\s+[“«\"(¿¡—–-]*\d|\s*$)")
_LAST_WORD = re.compile(r"(\w+)$")


@dataclass(frozen=True, slots=True)
class Piece:
    """One sentence."""

    start: int
    end: int
    paragraph: int
    text: str
    quotes: tuple[tuple[int, int], ...]
    """parts of it that stand in quotation marks, marks included, from its own start"""

    @property
    def wholly_quoted(self) -> bool:
        """Whether nothing of it stands outside a quotation."""
        return len(self.quotes) == 1 and self.quotes[0][0] == 0 and self.quotes[0][1] >= len(self.text.rstrip(" ."))

    def outside(self) -> str:
        """The text with what is quoted blanked: its own words stand where they stood."""
        text = self.text
        for start, end in self.quotes:
            text = text[:start] + "\x00" * (end - start) + text[end:]
        return text


def paragraphs(reading: Reading) -> Iterator[tuple[int, int]]:
    """Where each begins and ends."""
    yield from zip(reading.starts, [*(start - 1 for start in reading.starts[1:]), len(reading.text)], strict=True)


def pieces(reading: Reading, tongue: Tongue) -> list[Piece]:
    """The sentences in the order of the text."""
    found: list[Piece] = []
    spans = list(paragraphs(reading))
    for number, (start, end) in enumerate(spans):
        opens_next = number + 1 < len(spans) and reading.text[spans[number + 1][0]] in MARKS
        quoted = _quotations(reading.text, start, end, opens_next=opens_next)
        found.extend(
            _piece(reading.text, number, *span, quoted) for span in _sentences(reading.text, start, end, tongue)
        )
    return [piece for piece in found if 0 < len(piece.text.strip()) <= LONGEST]


def _piece(text: str, paragraph: int, start: int, end: int, quoted: list[tuple[int, int]]) -> Piece:
    inside = ((max(a, start) - start, min(b, end) - start) for a, b in quoted if a < end and b > start)
    return Piece(start, end, paragraph, text[start:end], tuple(inside))


def _quotations(text: str, start: int, end: int, *, opens_next: bool) -> list[tuple[int, int]]:
    """A mark without a partner opens one only if the next paragraph opens with a mark too."""
    found: list[tuple[int, int]] = []
    opened: int | None = None
    for at in range(start, end):
        if opened is not None and text[at] == MARKS[text[opened]]:
            found.append((opened, at + 1))
            opened = None
        elif opened is None and text[at] in MARKS:
            opened = at
    return [*found, (opened, end)] if opened is not None and opens_next else found


def _sentences(text: str, start: int, end: int, tongue: Tongue) -> Iterator[tuple[int, int]]:
    short = set(tongue.words("abbreviations"))
    at = start
    for stop in _END.finditer(text, start, end):
        word = _LAST_WORD.search(text, at, stop.start())
        if stop.group() == "." and word and (word[1].casefold() in short or (len(word[1]) == 1 and word[1].isupper())):
            continue
        yield at, stop.end()
        at = stop.end() + len(text[stop.end() : end]) - len(text[stop.end() : end].lstrip())
    if text[at:end].strip():
        yield at, end
