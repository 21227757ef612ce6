"""The layout of one generation of the wire index, and its reading: scripts/wire_insert.lua writes it.

A generation is one hash. Its fields:

    pairs       how many pairs it holds
    <bucket>    pairs of six bytes: bits 8 to 31 of a fingerprint, and a wire story's ordinal modulo 2^24
    i<chunk>    ids of sixteen ordinals: ordinal modulo 16, length, id

Buckets grow by linear hashing (Litwin 1980): the number of pairs says how many buckets there are, and each bucket
beyond the first BASE is split off one other. The lowest eight bits of a fingerprint are told by its bucket.

Thirty-two bits of a fingerprint are told apart. With 150,000 wire stories of 28 fingerprints in three generations a
text meets 28 * 4.2e6 / 2^32 = 0.03 pairs that are not its own, and two of one wire story, which would cost an idle
verification, once in some hundred million texts: every candidate is verified against its record.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping

BASE, MEAN, PAIR, CHUNK = 256, 40, 6, 16


def packed(fingerprints: Iterable[int]) -> bytes:
    """Fingerprints as the script takes them: the low 32 bits of each, once, big-endian.

    The low bits, because sketches keep small hashes: the high ones are alike.
    """
    distinct = dict.fromkeys([fingerprint & 0xFFFFFFFF for fingerprint in fingerprints])
    return struct.pack(f">{len(distinct)}I", *distinct)


class Asked:
    """The distinct fingerprints of a question: which buckets they are in, and what of them stands there."""

    __slots__ = ("_numbers", "_tails")

    def __init__(self, fingerprints: Iterable[int]) -> None:
        whole = packed(fingerprints)
        self._numbers = struct.unpack(f">{len(whole) // 4}I", whole)
        self._tails = [whole[at : at + 3] for at in range(0, len(whole), 4)]

    def buckets(self, pairs: int) -> list[int]:
        """The bucket of each fingerprint in a generation that holds so many pairs."""
        count = bucket_count(pairs)
        power = 1 << count.bit_length() - 1  # the largest that is not more
        mask = 2 * power - 1
        return [at if (at := number & mask) < count else at - power for number in self._numbers]

    def voters(self, buckets: Iterable[int], contents: Mapping[int, bytes | None]) -> Iterator[tuple[int, list[bytes]]]:
        """Which fingerprint, and the marks of the wire stories that have it, for each that any has."""
        for at, (tail, bucket) in enumerate(zip(self._tails, buckets, strict=True)):
            content = contents[bucket]
            if content and (hit := content.find(tail)) >= 0 and (marks := _marks(content, tail, hit)):
                yield at, marks


def bucket_count(pairs: int) -> int:
    """Buckets of a generation that holds so many pairs."""
    return max(BASE, -(-pairs // MEAN))


def chunk_of(ordinal: int) -> str:
    """The field that holds the id of an ordinal."""
    return f"i{ordinal // CHUNK}"


def id_in(chunk: bytes | None, ordinal: int) -> bytes | None:
    """The id of an ordinal, if the chunk has it."""
    at = 0
    while chunk and at < len(chunk):
        low, length = chunk[at : at + 2]
        if low == ordinal % CHUNK:
            return chunk[at + 2 : at + 2 + length]
        at += 2 + length
    return None


def _marks(content: bytes, tail: bytes, hit: int) -> list[bytes]:
    """The marks beside a tail that stands at `hit`, and perhaps further on, in step with the pairs or not."""
    marks: list[bytes] = []
    while hit >= 0:
        if hit % PAIR == 0:
            marks.append(content[hit + 3 : hit + PAIR])
        hit = content.find(tail, hit + 1)
    return marks
