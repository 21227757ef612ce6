"""One quotation in several wordings: what stands between quotation marks in a claim's exact words, grouped. Pure.

Texts quote one utterance in words of their own. Two quotations are wordings of one if most words of the shorter have
their like in the other; words are alike if they begin alike (reject, rejection). Differences are told by words, against
the first wording.

Source: the thresholds were reasoned, on quotations that agencies shortened and re-translated; nothing was tuned.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from service.contract.api import AppearanceShown, Quotation, QuotationWording

LEAST_WORDS = 6
"""fewer are a phrase that anybody may use"""
SHARE = 0.5
"""of the words of the shorter one"""
LEAST_SHARED = 4
"""words of more than three letters that both have"""
MOST = 20
"""quotations, and wordings of one"""
MOST_WORDS = 80
_STEM = 5
_QUOTED = re.compile(r"“([^“”]+)”|\"([^\"]+)\"|«([^«»]+)»|„([^„“”]+)[“”]")
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\S)")
_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")


def quotations(appearances: Sequence[AppearanceShown]) -> tuple[Quotation, ...]:
    """The quotations that stand there in more than one wording, in the order of appearance."""
    families: list[dict[str, tuple[str, list[str]]]] = []
    for text, uri in _quoted(appearances):
        key = " ".join(_words(text))
        family = next((one for one in families if any(_alike(key, other) for other in one)), None)
        if family is None:
            if len(families) == MOST:
                continue
            family = {}
            families.append(family)
        if key in family or len(family) < MOST:
            _, having = family.setdefault(key, (text, []))
            having += [uri] if uri not in having else []
    return tuple(_told(family) for family in families if len(family) > 1)


def _quoted(appearances: Sequence[AppearanceShown]) -> Iterator[tuple[str, str]]:
    """(sentence of a quotation, uri)"""
    for one in appearances:
        for item in one.evidence:
            for found in _QUOTED.finditer(item.selector[0].exact):
                quoted = " ".join(next(filter(None, found.groups())).split())
                for sentence in _SENTENCE.split(quoted):
                    if LEAST_WORDS <= len(_words(sentence)) <= MOST_WORDS:
                        yield sentence, one.uri


def _words(text: str) -> list[str]:
    return [word.replace("’", "'") for word in _WORD.findall(text.casefold())]


def _alike(left: str, right: str) -> bool:
    one, other = ({word[:_STEM] for word in key.split()} for key in (left, right))
    shared = one & other
    long = sum(len(word) > 3 for word in shared)
    return long >= LEAST_SHARED and len(shared) >= SHARE * min(len(one), len(other))


def _told(family: dict[str, tuple[str, list[str]]]) -> Quotation:
    first = next(iter(family)).split()
    return Quotation(
        wordings=tuple(
            QuotationWording(text=text, sources=tuple(uris), differs=tuple(_differences(first, text)))
            for text, uris in family.values()
        )
    )


def _differences(first: Sequence[str], text: str) -> Iterator[tuple[int, int]]:
    """Spans of the text whose words are not those of the first wording, in their order."""
    words, places = _words(text), [found.span() for found in _WORD.finditer(text)]
    same = {at for before, at in _aligned(first, words) if first[before] == words[at]}
    until = None
    for at, (start, end) in enumerate(places):
        if at in same:
            if until is not None:
                yield until
            until = None
        else:
            until = (start if until is None else until[0], end)
    if until is not None:
        yield until


def _aligned(first: Sequence[str], words: Sequence[str]) -> list[tuple[int, int]]:
    """Pairs of places of words that begin alike, as many as there can be in one order.

    Source: the longest common subsequence (Wagner and Fischer 1974).
    """
    left, right = [word[:_STEM] for word in first], [word[:_STEM] for word in words]
    longest = [[0] * (len(right) + 1) for _ in range(len(left) + 1)]
    for row in range(len(left) - 1, -1, -1):
        for column in range(len(right) - 1, -1, -1):
            longest[row][column] = (
                longest[row + 1][column + 1] + 1
                if left[row] == right[column]
                else max(longest[row + 1][column], longest[row][column + 1])
            )
    pairs, row, column = list[tuple[int, int]](), 0, 0
    while row < len(left) and column < len(right):
        if left[row] == right[column]:
            pairs.append((row, column))
            row, column = row + 1, column + 1
        elif longest[row + 1][column] >= longest[row][column + 1]:
            row += 1
        else:
            column += 1
    return pairs
