"""Which paragraphs of an article are about other matters: the weather in a briefing that also carries the story.

Not every sentence of a story names its actors ("Nine people were killed, the fire service said"), so a paragraph
without them is kept unless the article as a whole is mixed. Cohesion is told by words in common with the headline, with
what the story file says and with the paragraphs that are the story's, as in Hearst's TextTiling (1997), without its
smoothing: news paragraphs are short.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass

from service.stories.story import Story
from workers.claims.grammar.sentences import Layout
from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.words import word_set
from workers.claims.sources.actors import Cast

SHARED_WORDS = 2
"""nouns and verbs in common with the story's paragraphs that make a paragraph one of them; one happens by chance
("office")"""

ELSEWHERE = 2
"""paragraphs in a row that make an article mixed: a story has a stray one now and then, its lead among them.
Source: of 195 articles about one matter 31 were mixed when one stray lead was enough, and 48 of the 81 paragraphs that
were passed over had claims of the story"""

_TELLING = frozenset({"NOUN", "VERB"})
_WORD = re.compile(r"[^\W\d_]{3,}")
_CALENDAR = {name.lower() for name in (*calendar.day_name, *calendar.month_name)} - {""}
_GOES_ON = {"he", "she", "it", "they", "his", "her", "its", "their", "this", "that", "these", "those", "we", "i", "our"}


@dataclass(frozen=True, slots=True)
class _Paragraph:
    number: int
    anchored: bool
    goes_on: bool
    words: frozenset[str]
    """nouns and verbs, by lemma"""
    names: frozenset[str]


def described(story: Story) -> str:
    """What the story file says the story is about."""
    return f"{story.title}. {story.about}" if story.about.strip() else story.title


def elsewhere(doc: Doc, layout: Layout, cast: Cast, about: str) -> frozenset[int]:
    """Numbers of the paragraphs that are about other matters; none in an article of one matter.

    Args:
        about: the headline, if it names an actor, and what the story file says that the story is about.
    """
    paragraphs = _paragraphs(doc, layout, cast)
    if not any(paragraph.anchored for paragraph in paragraphs):
        return frozenset()
    linked = _linked(paragraphs, frozenset(_WORD.findall(about.lower())))
    if not _is_mixed(linked):
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
        words=frozenset(token.lemma_.lower() for token in tokens if token.pos_ in _TELLING and len(token.text) > 2)
        - word_set("attribution.say")
        - word_set("acts.function"),
        names=frozenset(token.lower_ for token in tokens if token.pos_ == "PROPN" and token.is_alpha) - _CALENDAR,
    )


def _linked(paragraphs: Sequence[_Paragraph], about: frozenset[str]) -> list[bool]:
    """Which paragraphs are the story's: what is linked to one that is, is too."""
    linked = [paragraph.anchored for paragraph in paragraphs]
    words, names = set(about), set[str]()
    before = -1
    while before != sum(linked):
        before = sum(linked)
        for paragraph, kept in zip(paragraphs, linked, strict=True):
            if kept:
                words |= paragraph.words
                names |= paragraph.names
        for at, paragraph in enumerate(paragraphs):
            linked[at] = (
                linked[at]
                or len(paragraph.words & words) >= SHARED_WORDS
                or not paragraph.names.isdisjoint(names)
                or (paragraph.goes_on and at > 0 and linked[at - 1])
            )
    return linked


def _is_mixed(linked: Sequence[bool]) -> bool:
    """Whether paragraphs in a row are about something else, or both the first and the last."""
    if not linked[0] and not linked[-1]:
        return True
    run = 0
    for kept in linked:
        run = 0 if kept else run + 1
        if run >= ELSEWHERE:
            return True
    return False
