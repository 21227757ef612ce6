"""Which words of a text and of a wire story belong together, in Python; see `pure`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

from workers.wire.forms import code
from workers.wire.pure import SHINGLE, SHORT_SHINGLE, SHORT_TOKENS, hashes, masked, numbers
from workers.wire.scanning import FIGURE, WORD, scan

PLACES: Final = 16
SLOT_WORDS: Final = 2
_SLOT: Final = (0, code("#"), code("@"))

Words = tuple[bytes, bytes, bytes]
"""codes Q, kinds B, spelled Q of each token"""
Differing = list[tuple[int, int]]


def places(found: Iterable[tuple[int, int]]) -> dict[int, list[int]]:
    """Of each hash the first PLACES at which it is, given (place, hash) in order of places."""
    listed: dict[int, list[int]] = {}
    for place, value in found:
        if len(at := listed.setdefault(value, [])) < PLACES:
            at.append(place)
    return listed


def _parts(begin: bytes, length: int) -> list[tuple[int, int]]:
    return list(pairwise([*numbers(begin, "I"), length]))


def likeness(
    codes: bytes, kinds: bytes, known_codes: bytes, known_kinds: bytes, parts: bytes, width: int
) -> tuple[int, int, int, int]:
    """How many shingles of `width` words, figures masked, a text has; how many of them a wire story has too; how many
    its first part has; how many of those the text has. Each is counted once.

    Args:
        parts: I, the first token of each part of the wire story; no shingle goes over their ends.
    """
    mine, theirs = set(hashes(masked(codes, kinds), width)), masked(known_codes, known_kinds)
    each = [set(hashes(theirs[first:last], width)) for first, last in _parts(parts, len(theirs))]
    return len(mine), len(mine.intersection(set().union(*each))), len(each[0]), len(mine & each[0])


def glance(text: str, known: str) -> tuple[int, int, int, int, int, int]:
    """Tokens of a text and of a wire story of one part; their scale; shingles of the text, of both, of the wire story.

    The shingles have five words, of short texts three, and are no longer than the shorter text is. The scale is 0 if it
    is not the same: then nothing is counted.
    """
    (_, _, codes, _, kinds, _, scale), (_, _, known_codes, _, known_kinds, _, other) = scan(text), scan(known)
    mine, theirs = len(kinds), len(known_kinds)
    if scale != other:
        return mine, theirs, 0, 0, 0, 0
    shorter = min(mine, theirs)
    width = min(scale * (SHORT_SHINGLE if shorter < SHORT_TOKENS * scale else SHINGLE), shorter)
    own, shared, original, _ = likeness(codes, kinds, known_codes, known_kinds, bytes(4), width)
    return mine, theirs, scale, own, shared, original


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


def agreement(text: Words, known: Words, parts: bytes, scale: int) -> tuple[int, int, int, int, Differing]:
    """Aligned, agreed, figures aligned, figures agreed, and (token, token of the wire story) of each that differs."""
    mine, theirs = numbers(text[2], "Q"), numbers(known[2], "Q")
    here = dict(slots(text, 0, len(mine), scale))
    there = places(slot for first, last in _parts(parts, len(theirs)) for slot in slots(known, first, last, scale))
    aligned, agreed, figures_aligned, figures_agreed = 0, 0, 0, 0
    differing: list[tuple[int, Counter[int]]] = []
    consumed: set[int] = set()
    for index, kind in enumerate(text[1]):
        found = _aligned(index, here, there, scale) if kind != WORD else None
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
    return aligned, agreed, figures_aligned, figures_agreed, left


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
