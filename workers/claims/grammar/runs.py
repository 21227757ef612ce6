"""Sentences without end: rows of clauses, lists and tables without a stop, sources of sources.

What walks a parse takes time with the square of a sentence's length, and Python's stack with its depth. So before the
parse a run of clauses is parted where one stands alone, and what is too long all the same is not read: its tree is
replaced by one that is flat.
"""

from __future__ import annotations

from math import isqrt

from workers.claims.grammar.sheet import Doc
from workers.claims.grammar.tails import LONGEST, ends_sentence, stands_alone

LONG = 120
"""tokens without a stop, from which a clause that can stand alone does. Source: of 2,567 sentences in 60 texts of news
(PolNeAR dev) the longest have 96"""

HEAD = 300
"""tokens of a sentence that is too long which are read"""


def part(doc: Doc) -> None:
    """Lets sentences of the parse to come begin far from the last stop: where a clause stands alone, else anywhere.

    Needs tags.
    """
    start = 0
    for token in doc:
        if ends_sentence(token):
            start = token.i if token.is_sent_start else token.i + 1
        elif token.i - start > LONG and _joins(doc, token.i) and stands_alone(doc, token.i + 1):
            start = token.i + 1
            doc[start].is_sent_start = True
        elif token.i - start == LONGEST:  # a source without end: what it is the source of stands before it
            start += HEAD
            doc[start].is_sent_start = True


def _joins(doc: Doc, i: int) -> bool:
    return doc[i].text in {",", ";", ":", "—", "–", "-"} or doc[i].tag_ == "CC" or doc[i].lower_ == "because"


def flattened(heads: list[int], sentences: list[tuple[int, int]]) -> list[int]:
    """The heads of a parse, those of too long sentences replaced: then no token is deep, and none has many children.

    Args:
        heads: for every token the place of the one on which it hangs.
        sentences: first token and the one after the last.
    """
    flat = list(heads)
    for start, end in sentences:
        if end - start > LONGEST:
            step = isqrt(end - start)
            for i in range(start, end):
                leader = i - (i - start) % step
                flat[i] = start if i == leader else leader
    return flat
