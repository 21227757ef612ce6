"""Which words of a text a wire story has too: its text laid over the other in tiles. In Python; see `pure`."""

from __future__ import annotations

from collections.abc import Sequence

from workers.wire.alignment import places
from workers.wire.pure import COVER, NEAR, NOVEL_RUN, hashes, numbers


def covered(spelled: bytes, width: int, known_spelled: bytes) -> bytes:
    """For each token whether the wire story has it in the same words.

    From the first word on, the longest run that the wire story has is laid like a tile, then the next. A tile of
    NOVEL_RUN words counts. A shorter one counts if the words of the wire story that it lies on are not, for the
    greater part, those of longer tiles: what is there once is copied once, and a phrase that recurs in new text is
    part of the new text. Source: greedy string tiling (Wise 1993), read once from the left instead of again and again.
    """
    marks, taken = bytearray(len(spelled) // 8), bytearray(len(known_spelled) // 8)
    tiles = _tiles(numbers(spelled, "Q"), width, numbers(known_spelled, "Q"))
    whole = width * NOVEL_RUN // COVER
    for at, place, length in sorted(tiles, key=lambda tile: -min(tile[2], whole)):
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
