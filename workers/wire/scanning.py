"""The words of a text, found and folded in Python: the part of `pure` that reads.

Offsets count code points of the raw text. A token is a word, the initials of a name, a figure, or one character of a
script without spaces. A sentence ends at a stop before what is not lower-case, at a line's end before the same, and at
a paragraph's end; not at the dot of a title or of a single capital.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from workers.wire.forms import (
    ABBREVIATION,
    DECIMAL,
    HARD_SPACES,
    INVISIBLE,
    LETTER,
    MARKS,
    MAX_FORM,
    OPENING,
    SPACELESS,
    folded,
)
from workers.wire.recent import Recent

MAX_CHARS: Final = 500_000
MAX_TOKENS: Final = 50_000
WORD: Final = 0
FIGURE: Final = 1
NAME: Final = 2
_RUN: Final = rf"(?:{LETTER}+[{MARKS}{INVISIBLE}]*)+"
_THOUSANDS: Final = rf"\d{{1,3}}(?:[{HARD_SPACES}]\d{{3}}(?!\d))+|(?<!\d )\d{{1,3}} \d{{3}}(?!\d| \d)"
"""set apart by spaces; three digits behind a plain one may be the next of a row of figures"""
_PATTERN: Final = re.compile(
    rf"(?P<initials>[A-Z](?:\.[A-Z])+(?!{LETTER})\.?)"
    rf"|(?P<word>{_RUN}(?:['’ʼ]{_RUN})*)"
    rf"|(?P<figure>(?:{_THOUSANDS}|\d)(?:\d|[.,:٫٬](?=\d)|[{INVISIBLE}]{{1,4}}(?=\d))*)"
    rf"|(?P<character>[{SPACELESS}])"
    rf"|(?P<stop>[.!?…]{{1,4}}[\"'”’)\]»]{{0,3}}(?=[\s{INVISIBLE}])|[。！？؟۔।])"
    r"|(?P<paragraph>\n[ \t\r]{0,8}\n)"
    r"|(?P<line>\n)"
)

Scanned = tuple[bytes, bytes, bytes, bytes, bytes, bytes, int]
"""starts I, ends I, codes Q, spelled Q, kinds B, sentences I, scale"""


def scan(text: str) -> Scanned:
    """Words, figures and sentences of a text."""
    starts, ends, codes, spelled, kinds, sentences = array("I"), array("I"), array("Q"), array("Q"), [], array("I")
    characters, hard, soft, abbreviated = 0, True, False, False
    for found in _PATTERN.finditer(text, 0, min(len(text), MAX_CHARS)):
        group, (start, end) = found.lastgroup, found.span()
        if group == "stop":
            soft = soft or not (abbreviated and ends[-1] == start and text[start] == ".")
            continue
        if group in ("paragraph", "line"):
            soft, hard = True, hard or group == "paragraph"
            continue
        if len(starts) == MAX_TOKENS:
            break
        if hard or (soft and not text[start].islower()):
            sentences.append(len(starts))
        hard = soft = False
        form, spelling, flags = folded(text[start : min(end, start + MAX_FORM)])
        abbreviated = bool(flags & ABBREVIATION) or (end - start == 1 and text[start].isupper())
        starts.append(start)
        ends.append(end)
        codes.append(form)
        spelled.append(spelling)
        kinds.append(FIGURE if group == "figure" or flags & DECIMAL else WORD)
        characters += group == "character"
    _mark_names(text, starts, kinds, sentences)
    scale = 1 if 2 * characters <= len(starts) else 2
    return (*(each.tobytes() for each in (starts, ends, codes, spelled)), bytes(kinds), sentences.tobytes(), scale)  # type: ignore[return-value]


scanned: Final = Recent(scan, lambda read: 100 + len(read[4]), 8_000)
"""scan(text), remembered, for texts are asked for several times over"""


def _mark_names(text: str, starts: Sequence[int], kinds: list[int], sentences: Sequence[int]) -> None:
    """Turns capitalised words into names, except where capitals say nothing: openings of sentences and quotations,
    headings."""
    for first, last in spans(sentences, len(kinds)):
        capitals = [index for index in range(first, last) if kinds[index] == WORD and text[starts[index]].isupper()]
        if 5 * len(capitals) > 3 * (last - first) and last - first >= 4:
            continue
        for index in capitals:
            if index != first and text[starts[index] - 1] not in OPENING:
                kinds[index] = NAME


def spans(sentences: Sequence[int], length: int) -> list[tuple[int, int]]:
    """First and past-the-last token of each sentence."""
    return list(pairwise([*sentences, length])) if length else []
