"""Which words of a text and of a wire story belong together, in Python; see `pure`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, pairwise
from typing import Final, NamedTuple

from workers.wire.forms import code
from workers.wire.pure import (
    BRIEF_CONTAINMENT,
    MIN_CONTAINMENT,
    MIN_SHARED,
    SHINGLE,
    SHORT_CONTAINMENT,
    SHORT_SHINGLE,
    SHORT_TOKENS,
    TINY,
    hashes,
    masked,
    numbers,
)
from workers.wire.scanning import FIGURE, WORD, scanned, spans

PLACES: Final = 16
SLOT_WORDS: Final = 2
_SLOT: Final = (0, code("#"), code("@"))

Words = tuple[bytes, bytes, bytes]
"""codes Q, kinds B, spelled Q of each token"""
Differing = list[tuple[int, int]]
Shares = tuple[int, int, int, int, float, float]
"""words of the text; of the original; the scale of both; shingles shared; containment; share of the original"""


def places(found: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Of each hash the first PLACES at which it is, given (place, hash) in order of places."""
    listed: dict[int, list[int]] = {}
    for place, value in found:
        if len(at := listed.setdefault(value, [])) < PLACES:
            at.append(place)
    return listed


class Texts(NamedTuple):
    """The texts of a wire story beside each other, the original first: their words, numbered through all of them."""

    words: Words
    parts: list[tuple[int, int]]
    """first and past-the-last word of each text"""
    sentences: list[tuple[int, int]]
    """and of each sentence"""
    scale: int
    """that of the original"""


def texts(parts: tuple[str, ...]) -> Texts:
    """Reads them; there is one at least."""
    read = [scanned(part) for part in parts]
    words: Words = (
        b"".join(each[2] for each in read),
        b"".join(each[4] for each in read),
        b"".join(each[3] for each in read),
    )
    begin = [0, *accumulate(len(each[4]) for each in read)]
    sentences = [base + at for base, each in zip(begin[:-1], read, strict=True) for at in numbers(each[5], "I")]
    return Texts(words, list(pairwise(begin)), spans(sentences, begin[-1]), read[0][6])


def alike(text: str, stories: list[tuple[str, ...]]) -> list[Shares | None]:
    """How much of a text each of the wire stories has, and how much of its original the text has; None if too little.

    Shingles have five words, three where one of the two is short, and are no longer than the shorter one; figures are
    masked, and each is counted once.
    """
    _, _, codes, _, kinds, _, scale = scanned(text)
    mine = masked(codes, kinds)
    return [_shares(mine, scale, texts(parts)) for parts in stories]


def _shares(mine: list[int], scale: int, known: Texts) -> Shares | None:
    words, original = len(mine), known.parts[0][1]
    shorter, longer = sorted((words, original))
    if known.scale != scale or (shorter < TINY * scale and 2 * shorter < longer):
        return None
    short = shorter < SHORT_TOKENS * scale
    width = min(scale * (SHORT_SHINGLE if short else SHINGLE), shorter)
    theirs = masked(*known.words[:2])
    own, each = set(hashes(mine, width)), [set(hashes(theirs[first:last], width)) for first, last in known.parts]
    shared, both = len(own.intersection(set().union(*each))), len(own & each[0])
    if not shared or shared < min(1 if short else MIN_SHARED, max(len(own), len(each[0]))):
        return None  # two texts that say one thing over and over have no more than that
    whole = both / len(each[0]) if each[0] else 0.0
    containment = max(shared / len(own), whole)
    least = MIN_CONTAINMENT if not short else SHORT_CONTAINMENT if shared < MIN_SHARED else BRIEF_CONTAINMENT
    if containment < least:
        return None
    return words, original, scale, shared, containment, whole


def slots(words: Words, first: int, last: int, scale: int) -> Iterator[tuple[int, int]]:
    """Shingles of words[first:last] with figures and names masked that hold one, and enough plain words: where each
    begins, and its hash."""
    width, kinds = SHINGLE * scale, words[1][first:last]
    slotted = [_SLOT[kind] or word for word, kind in zip(numbers(words[0], "Q")[first:last], kinds, strict=True)]
    plain = sum(kind == WORD for kind in kinds[: width - 1])
    for index, value in enumerate(hashes(slotted, width)):
        plain += kinds[index + width - 1] == WORD
        if SLOT_WORDS * scale <= plain < width:
            yield first + index, value
        plain -= kinds[index] == WORD


def agreement(text: str, parts: tuple[str, ...]) -> tuple[bool, int, int, int, int, Differing]:
    """Whether a text has the words of the original one for one; of its figures and names how many stand in the same
    words as one of the wire story, and how many agree with it; the same of figures; and (token, token of the wire
    story) of each that differs."""
    words, known = scanned(text)[2:5], texts(parts)
    mine, theirs = numbers(words[1], "Q"), numbers(known.words[2], "Q")
    here = dict(slots((words[0], words[2], words[1]), 0, len(mine), known.scale))
    there = places(slot for part in known.parts for slot in slots(known.words, *part, known.scale))
    aligned, agreed, figures_aligned, figures_agreed = 0, 0, 0, 0
    differing: list[tuple[int, Counter[int]]] = []
    consumed: set[int] = set()
    for index, kind in enumerate(words[2]):
        found = _aligned(index, here, there, known.scale) if kind != WORD else None
        if not found:
            continue
        same = [place for place in found if theirs[place] == mine[index]]
        aligned += 1
        figures_aligned += kind == FIGURE
        if same:
            agreed += 1
            figures_agreed += kind == FIGURE
            consumed.update(same)
        else:
            differing.append((index, found))
    left = [(index, _best(found, consumed)) for index, found in differing if not found.keys() <= consumed]
    return words[0] == scanned(parts[0])[2], aligned, agreed, figures_aligned, figures_agreed, left


def _best(found: Counter[int], consumed: set[int]) -> int:
    """The place in the most of the same words at which no agreeing token stands."""
    return max(found.keys() - consumed, key=lambda place: (found[place], -place))


def _aligned(index: int, here: Mapping[int, int], there: Mapping[int, Sequence[int]], scale: int) -> Counter[int]:
    """Tokens of the wire story that stand in the same words as token `index`, with a word on either side of it, and
    in how many shingles."""
    found: Counter[int] = Counter()
    for offset in range(1, SHINGLE * scale - 1):
        value = here.get(index - offset)
        if value is not None:
            found.update(place + offset for place in there.get(value, ()))
    return found
