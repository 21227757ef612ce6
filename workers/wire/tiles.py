"""Which words of a text a wire story has too: its text laid over the other in tiles. In Python; see `pure`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

from workers.wire.alignment import places, texts
from workers.wire.pure import COVER, NEAR, NOVEL_RUN, hashes, is_novel, numbers, stretches, unreached
from workers.wire.scanning import scanned

Cover = tuple[bytes, list[tuple[int, int]], tuple[tuple[int, int], ...]]
"""1 or 0 for each word; sentences that are not reached, as words; stretches that are, as code points"""


def cover(text: str, parts: tuple[str, ...], most: int) -> Cover:
    """For each word of a text whether the wire story has it in the same words; what that leaves; the stretches covered.

    From the first word on, the longest run that the wire story has is laid like a tile, then the next. A tile of
    NOVEL_RUN words counts. A shorter one counts if the words of the wire story that it lies on are not, for the
    greater part, those of longer tiles: what is there once is copied once, and a phrase that recurs in new text is
    part of the new text. Source: greedy string tiling (Wise 1993), read once from the left instead of again and again.
    """
    starts, ends, _, spelled, _, sentences, scale = scanned(text)
    known = texts(parts)
    marks = _marks(numbers(spelled, "Q"), COVER * known.scale, numbers(known.words[2], "Q"))
    return marks, unreached(marks, sentences, scale), stretches(marks, starts, ends, most)


def _marks(mine: Sequence[int], width: int, theirs: Sequence[int]) -> bytes:
    marks, taken = bytearray(len(mine)), bytearray(len(theirs))
    whole = width * NOVEL_RUN // COVER
    for at, place, length in sorted(_tiles(mine, width, theirs), key=lambda tile: -min(tile[2], whole)):
        if length >= whole or 2 * sum(taken[place : place + length]) < length:
            marks[at : at + length] = taken[place : place + length] = b"\1" * length
    return bytes(marks)


def _tiles(mine: Sequence[int], width: int, theirs: Sequence[int]) -> list[tuple[int, int, int]]:
    """Of each tile where it begins in the text, where in the wire story, and how many words it has."""
    there, values = places(enumerate(hashes(theirs, width))), hashes(mine, width)
    tiles: list[tuple[int, int, int]] = []
    at = after = 0
    while at < len(values):
        found = there.get(values[at], ())
        laid = [(_same(mine, at, theirs, place, width), after <= place < after + NEAR, -place) for place in found]
        if laid:
            length, _, place = max(laid)
            tiles.append((at, -place, length))
            after = length - place
        at += tiles[-1][2] if laid else 1
    return tiles


def _same(mine: Sequence[int], at: int, theirs: Sequence[int], place: int, length: int) -> int:
    """How many words are the same from two places on; `length` are known to be."""
    most = min(len(mine) - at, len(theirs) - place)
    while length < most and mine[at + length] == theirs[place + length]:
        length += 1
    return length


def retold(text: str, parts: tuple[str, ...], marks: bytes, asked: list[tuple[int, int]]) -> list[bool]:
    """For each span of words asked for whether it is new even if the words count that its nearest sentence has left
    over: that with which it shares most pairs of words, the last that has a pair counting."""
    _, _, _, packed, _, _, scale = scanned(text)
    known = texts(parts)
    mine, theirs = numbers(packed, "Q"), numbers(known.words[2], "Q")
    unused = Counter(theirs)
    unused.subtract(word for word, mark in zip(mine, marks, strict=True) if mark)
    near = {pair: number for number, span in enumerate(known.sentences) for pair in pairwise(theirs[slice(*span)])}
    found = []
    for first, last in asked:
        votes = Counter(near[pair] for pair in pairwise(mine[first:last]) if pair in near)
        here = marks[first:last]
        if votes:
            sentence = theirs[slice(*known.sentences[votes.most_common(1)[0][0]])]
            here = _with_left_over(mine[first:last], here, Counter(sentence), unused)
        found.append(is_novel(here, scale))
    return found


def _with_left_over(mine: Sequence[int], marks: bytes, left: Counter[int], unused: Counter[int]) -> bytes:
    left.subtract(word for word, mark in zip(mine, marks, strict=True) if mark)
    marked = bytearray(marks)
    for index, word in enumerate(mine):
        if not marks[index]:
            marked[index] = min(left[word], unused[word]) > 0
            left[word] -= 1
    return bytes(marked)
