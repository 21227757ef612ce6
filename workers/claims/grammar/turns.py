"""Turns of a transcript: "LUND: The quay is safe." """

from __future__ import annotations

from collections.abc import Iterable

from workers.claims.grammar.sheet import Doc, Token
from workers.claims.grammar.speech import Speech
from workers.claims.grammar.words import word_set

LABEL = 5
"""words of a speaker's label at most"""
TURNS = 2
"""labelled paragraphs that make a text a transcript: one alone is a heading"""
SHARE = 3
"""at least every third paragraph of a transcript has a label, or somebody speaks twice: else it is a list of titles"""


def labels(doc: Doc, starts: Iterable[int]) -> list[int]:
    """The colons behind the speakers' labels, in order; none in a text that is no transcript. Needs no parse."""
    begins = set(starts)
    found = [colon for token in doc if token.idx in begins and (colon := _colon(token)) is not None]
    if len(found) < TURNS:
        return []
    whose = {doc[colon - 1].lower_ for colon in found}
    return found if len(whose) < len(found) or SHARE * len(found) >= len(begins) else []


def separate(doc: Doc, starts: Iterable[int]) -> None:
    """Lets a sentence of the parse to come begin behind every label."""
    for colon in labels(doc, starts):
        doc[colon + 1].is_sent_start = True


def turns(doc: Doc, starts: tuple[int, ...]) -> dict[int, Speech]:
    """Paragraph → who speaks in it; a paragraph without a label belongs to the one before."""
    colons = labels(doc, starts)
    spoken: dict[int, Speech] = {}
    speech: Speech | None = None
    at = 0
    for number, start in enumerate(starts):
        end = starts[number + 1] if number + 1 < len(starts) else len(doc.text)
        if at < len(colons) and start <= doc[colons[at]].idx < end:
            mark, who = doc[colons[at]], doc[colons[at] - 1]
            speech = Speech(mark, None if who.lower_ in {"q", "a"} else who)
            at += 1
        if speech is not None:
            spoken[number] = speech
    return spoken


def _colon(first: Token) -> int | None:
    doc = first.doc
    for i in range(first.i, min(first.i + LABEL + 1, len(doc) - 1)):
        token = doc[i]
        if token.text == ":":
            return i if i > first.i and not doc[i + 1].is_space and _is_label(doc[first.i : i]) else None
        if not (token.text[:1].isupper() or token.text in {".", "-", "’s", "'s"}):
            return None
    return None


def _is_label(words: Iterable[Token]) -> bool:
    heads = word_set("cleaning.heading")
    return all(token.lower_ not in heads and not token.like_num for token in words)
