"""Which paragraphs of an article are about other matters: the weather in a briefing that also carries the story.

Not every sentence of a story names its actors ("Nine people were killed, the fire service said"), so a paragraph
without them is kept unless the article as a whole is mixed. Cohesion is told by words in common with the paragraphs
that do name an actor, as in Hearst's TextTiling (1997), without its smoothing: news paragraphs are short.
"""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass

from workers.claims.actors import Cast
from workers.claims.sentences import Layout
from workers.claims.sheet import Doc, Token

SHARED_NOUNS = 2
"""nouns in common with the story's paragraphs that make a paragraph one of them; one happens by chance ("office")"""

LEADING = 1
"""paragraphs before the first that names an actor, which make an article mixed: a story's own lead names its actors"""

ELSEWHERE = 2
"""paragraphs in a row that do so further down: a story has a stray one now and then"""

_CALENDAR = {name.lower() for name in (*calendar.day_name, *calendar.month_name)} - {""}
_GOES_ON = {"he", "she", "it", "they", "his", "her", "its", "their", "this", "that", "these", "those", "we", "i", "our"}


@dataclass(frozen=True, slots=True)
class _Paragraph:
    number: int
    anchored: bool
    goes_on: bool
    nouns: frozenset[str]
    names: frozenset[str]


def elsewhere(doc: Doc, layout: Layout, cast: Cast) -> frozenset[int]:
    """Numbers of the paragraphs that are about other matters; none in an article of one matter."""
    paragraphs = _paragraphs(doc, layout, cast)
    first = next((place for place, paragraph in enumerate(paragraphs) if paragraph.anchored), None)
    if first is None:
        return frozenset()
    linked = _linked(paragraphs)
    if not _is_mixed(linked, first):
        return frozenset()
    return frozenset(p.number for p, kept in zip(paragraphs, linked, strict=True) if not kept)


def _paragraphs(doc: Doc, layout: Layout, cast: Cast) -> list[_Paragraph]:
    tokens: dict[int, list[Token]] = {}
    for sentence in layout.sentences:
        tokens.setdefault(sentence.paragraph, []).extend(doc[sentence.start : sentence.end])
    return [_paragraph(number, words, cast) for number, words in sorted(tokens.items())]


def _paragraph(number: int, tokens: Sequence[Token], cast: Cast) -> _Paragraph:
    opening = next((token for token in tokens if token.is_alpha), None)
    return _Paragraph(
        number,
        anchored=cast.involved(tokens) is not None,
        goes_on=tokens[0].text[:1] in {'"', "“", "‘"} or (opening is not None and opening.lower_ in _GOES_ON),
        nouns=frozenset(token.lemma_.lower() for token in tokens if token.pos_ == "NOUN" and len(token.text) > 2),
        names=frozenset(token.lower_ for token in tokens if token.pos_ == "PROPN" and token.is_alpha) - _CALENDAR,
    )


def _linked(paragraphs: Sequence[_Paragraph]) -> list[bool]:
    nouns = frozenset().union(*(paragraph.nouns for paragraph in paragraphs if paragraph.anchored))
    names = frozenset().union(*(paragraph.names for paragraph in paragraphs if paragraph.anchored))
    linked: list[bool] = []
    for paragraph in paragraphs:
        linked.append(
            paragraph.anchored
            or len(paragraph.nouns & nouns) >= SHARED_NOUNS
            or not paragraph.names.isdisjoint(names)
            or (paragraph.goes_on and bool(linked) and linked[-1])
        )
    return linked


def _is_mixed(linked: Sequence[bool], first: int) -> bool:
    if linked[:first].count(False) >= LEADING:
        return True
    run = 0
    for kept in linked[first:]:
        run = 0 if kept else run + 1
        if run >= ELSEWHERE:
            return True
    return False
