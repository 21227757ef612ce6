"""Sentences of a parsed article, joined where a quotation is open, with what stands in quotation marks."""

from __future__ import annotations

from dataclasses import dataclass

from workers.claims.grammar.clean import Reading
from workers.claims.grammar.sheet import Doc, Token

OPENING = frozenset("“„«")
CLOSING = frozenset("”»")
EITHER = frozenset({'"', "''"})
"""marks that open and close alike"""
MAX_JOINED = 8
"""sentences of one evidence span: a longer quotation is read in pieces, so that evidence stays something to look at"""


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of the parser and the evidence that carries it."""

    start: int
    """first token"""
    end: int
    """after the last token"""
    evidence: tuple[int, int]
    """code points of the article, trimmed"""
    paragraph: int
    group: int
    """number of the joined quotation; sentences of one number share their evidence"""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything stands."""

    sentences: tuple[Sentence, ...]
    quoted: tuple[int, ...]
    """for every token the number of the quotation it stands in, or 0"""
    resumed: frozenset[int]
    """quotations that go on with one that a paragraph before left open"""


def layout(doc: Doc, reading: Reading) -> Layout:
    """Sentences with evidence, and quotations."""
    paragraphs = _paragraph_of(doc, reading)
    quoted, resumed = _quotations(doc, paragraphs)
    spans = [(sent.start, sent.end) for sent in doc.sents if any(not token.is_space for token in sent)]
    groups = _groups(spans, quoted, paragraphs, doc)
    sentences: list[Sentence] = []
    for number, members in enumerate(groups):
        evidence = _evidence(doc, reading, members[0][0], members[-1][1])
        sentences.extend(Sentence(start, end, evidence, paragraphs[start], number) for start, end in members)
    return Layout(tuple(sentences), quoted, resumed)


def _paragraph_of(doc: Doc, reading: Reading) -> list[int]:
    starts, number, found = reading.starts, -1, []
    for token in doc:
        while number + 1 < len(starts) and token.idx >= starts[number + 1]:
            number += 1
        found.append(max(number, 0))
    return found


def _quotations(doc: Doc, paragraphs: list[int]) -> tuple[tuple[int, ...], frozenset[int]]:
    """Numbers quotations. A mark without a partner opens one only if the next paragraph opens with a mark too."""
    quoted = [0] * len(doc)
    resumed: set[int] = set()
    number, at, left_open = 0, 0, False
    while at < len(doc):
        end = at
        while end < len(doc) and paragraphs[end] == paragraphs[at]:
            end += 1
        opens_next = end < len(doc) and (doc[end].text in EITHER or doc[end].text[:1] in OPENING)
        starts_with_mark = doc[at].text in EITHER or doc[at].text[:1] in OPENING
        pairs, open_from = _pairs(doc, at, end)
        if open_from is not None and opens_next:
            pairs.append((open_from, end))
        for begin, finish in pairs:
            number += 1
            quoted[begin:finish] = [number] * (finish - begin)
            if left_open and starts_with_mark and begin == at:
                resumed.add(number)
        left_open = open_from is not None and opens_next
        at = end
    return tuple(quoted), frozenset(resumed)


def _pairs(doc: Doc, start: int, end: int) -> tuple[list[tuple[int, int]], int | None]:
    pairs: list[tuple[int, int]] = []
    opened: int | None = None
    for i in range(start, end):
        mark = doc[i].text
        if mark in OPENING or (mark in EITHER and opened is None):
            opened = i if opened is None else opened
        elif opened is not None and (mark in CLOSING or mark in EITHER):
            pairs.append((opened, i + 1))
            opened = None
    return pairs, opened


def _groups(
    spans: list[tuple[int, int]], quoted: tuple[int, ...], paragraphs: list[int], doc: Doc
) -> list[list[tuple[int, int]]]:
    groups: list[list[tuple[int, int]]] = []
    for start, end in spans:
        last = groups[-1][-1] if groups else None
        if last is not None and len(groups[-1]) < MAX_JOINED and _same_quotation(doc, quoted, paragraphs, last, start):
            groups[-1].append((start, end))
        else:
            groups.append([(start, end)])
    return groups


def _same_quotation(
    doc: Doc, quoted: tuple[int, ...], paragraphs: list[int], last: tuple[int, int], start: int
) -> bool:
    before = _last_word(doc, *last)
    return (
        paragraphs[last[0]] == paragraphs[start]
        and quoted[start] != 0
        and before is not None
        and quoted[before.i] == quoted[start]
    )


def _last_word(doc: Doc, start: int, end: int) -> Token | None:
    for i in range(end - 1, start - 1, -1):
        if not doc[i].is_space:
            return doc[i]
    return None


def _evidence(doc: Doc, reading: Reading, start: int, end: int) -> tuple[int, int]:
    while start < end - 1 and doc[start].is_space:
        start += 1
    while end > start + 1 and doc[end - 1].is_space:
        end -= 1
    last = doc[end - 1]
    return reading.original(doc[start].idx, last.idx + len(last.text))
