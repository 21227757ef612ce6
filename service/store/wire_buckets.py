"""The layout of one generation of the wire index: read, counted and changed here, without a server.

A generation is one hash. Its fields:

    size        "<pairs> <buckets>": changes whenever a bucket does, and so says which state was read
    <bucket>    of n pairs: n times bits 24 to 31 of a fingerprint; then n times its bits 8 to 23 and a wire story's
                ordinal modulo 2^24. The first are searched by the byte
    i<chunk>    ids of sixteen ordinals: ordinal modulo 16, length, id (commit.lua adds them)

Buckets grow by linear hashing (Litwin 1980): each beyond the first BASE is split off one other, when there are more
than MEAN pairs to a bucket. The lowest eight bits of a fingerprint are told by its bucket.

Thirty-two bits of a fingerprint are told apart. With 150,000 wire stories of 28 fingerprints in three generations a
text meets 28 * 4.2e6 / 2^32 = 0.03 pairs that are not its own, and two of one wire story, which would cost an idle
verification, once in some hundred million texts: every candidate is verified against its record.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from itertools import compress

from service.errors import InvariantBroken

BASE, MEAN, PAIR, CHUNK = 256, 40, 6, 16
ORDINALS = 2**24
_LOW = 0xFFFFFFFF
_SPLITS = 64
"""of one write: a generation that was left behind catches up over several"""


class Asked:
    """The distinct fingerprints of a question, in order: 32 low bits of each (sketches keep small hashes, the high
    ones are alike), and what a bucket holds of them.
    """

    __slots__ = ("_buckets", "_count", "given", "numbers", "rests", "tags")

    def __init__(self, given: Iterable[int]) -> None:
        self.given = tuple(given)
        self.numbers = tuple(dict.fromkeys([fingerprint & _LOW for fingerprint in self.given]))
        packed = struct.pack(f">{len(self.numbers)}I", *self.numbers)
        self.tags = packed[::4]
        self.rests = [packed[at : at + 2] for at in range(1, len(packed), 4)]
        self._count, self._buckets = 0, list[int]()

    def buckets(self, count: int) -> list[int]:
        """The bucket of each fingerprint, of so many buckets."""
        if count != self._count:
            power = _power(count)
            mask = 2 * power - 1
            self._count = count
            self._buckets = [at if (at := number & mask) < count else at - power for number in self.numbers]
        return self._buckets


class Excerpt:
    """Some buckets of a generation, as they stood together."""

    __slots__ = ("buckets", "contents", "pairs")

    def __init__(self, size: bytes | None, contents: dict[int, bytes]) -> None:
        self.pairs, self.buckets = parsed(size)
        self.contents = contents

    @property
    def size(self) -> bytes:
        """As it stands in the hash; empty for a generation that is not there yet."""
        return b"%d %d" % (self.pairs, self.buckets) if self.pairs else b""

    def holds(self, asked: Asked) -> bool:
        """Whether the bucket of every fingerprint is among these."""
        return self.contents.keys() >= set(asked.buckets(self.buckets))

    def voters(self, asked: Asked) -> Iterator[tuple[int, list[bytes]]]:
        """The marks of the wire stories that have a fingerprint, for each that any has."""
        contents = self.contents
        for at, (tag, bucket) in enumerate(zip(asked.tags, asked.buckets(self.buckets), strict=True)):
            content = contents[bucket]
            if content.find(tag, 0, len(content) // PAIR) >= 0 and (marks := _marks(content, tag, asked.rests[at])):
                yield asked.numbers[at], marks

    def add(self, asked: Asked, ordinal: int, crowd: int) -> dict[int, bytes]:
        """From now on the fingerprints vote for a wire story; those that a crowd has already do not.

        Returns:
            the buckets that changed.
        """
        mark = (ordinal % ORDINALS).to_bytes(3, "big")
        contents, changed = self.contents, dict[int, bytes]()
        for tag, rest, bucket in zip(asked.tags, asked.rests, asked.buckets(self.buckets), strict=True):
            content = contents[bucket]
            pairs = len(content) // PAIR
            if content.find(tag, 0, pairs) >= 0:
                marks = _marks(content, tag, rest)
                if mark in marks or len(marks) >= crowd:
                    continue
            contents[bucket] = changed[bucket] = b"%b%c%b%b%b" % (content[:pairs], tag, content[pairs:], rest, mark)
            self.pairs += 1
        self._split(changed)
        return changed

    def _split(self, changed: dict[int, bytes]) -> None:
        """Divides the buckets that have come due, as far as they are at hand."""
        for _ in range(_SPLITS):
            power = _power(self.buckets)
            old = self.contents.get(self.buckets - power)
            if old is None or self.pairs <= MEAN * self.buckets:
                return
            stay, go = _divided(old, power)
            for bucket, content in ((self.buckets - power, stay), (self.buckets, go)):
                self.contents[bucket] = changed[bucket] = content
            self.buckets += 1


def parsed(size: bytes | None) -> tuple[int, int]:
    """Pairs and buckets.

    Raises:
        InvariantBroken: that is no size of ours.
    """
    try:
        pairs, buckets = map(int, (size or b"0 %d" % BASE).split())
    except ValueError as error:
        raise InvariantBroken(f"the size of a generation of the wire index is {size!r}") from error
    return pairs, buckets


def due(size: tuple[int, int], coming: int) -> list[int]:
    """The buckets that will be divided when so many pairs have come."""
    pairs, buckets = size
    after = min(-(-(pairs + coming) // MEAN), buckets + _SPLITS)
    return [bucket - _power(bucket) for bucket in range(buckets, after)]


def chunk_of(ordinal: int) -> str:
    """The field that holds the id of an ordinal."""
    return f"i{ordinal % ORDINALS // CHUNK}"


def id_in(chunk: bytes | None, ordinal: int) -> bytes | None:
    """The id of an ordinal, if the chunk has it."""
    at = 0
    while chunk and at < len(chunk):
        low, length = chunk[at : at + 2]
        if low == ordinal % CHUNK:
            return chunk[at + 2 : at + 2 + length]
        at += 2 + length
    return None


def _power(count: int) -> int:
    """The largest power of two that is not more."""
    return 1 << count.bit_length() - 1


def _marks(content: bytes, tag: int, rest: bytes) -> list[bytes]:
    """The marks beside a fingerprint."""
    pairs, marks = len(content) // PAIR, list[bytes]()
    at = content.find(tag, 0, pairs)
    while at >= 0:
        start = pairs + 5 * at
        if content[start : start + 2] == rest:
            marks.append(content[start + 2 : start + 5])
        at = content.find(tag, at + 1, pairs)
    return marks


def _divided(content: bytes, power: int) -> tuple[bytes, bytes]:
    """The pairs whose fingerprint has not that bit, and those that have it."""
    pairs, place = len(content) // PAIR, power.bit_length() - 1 - 8
    byte, bit = (1, 1 << place) if place < 8 else (0, 1 << place - 8)
    rests = [content[at : at + 5] for at in range(pairs, len(content), 5)]
    goes = [rest[byte] & bit for rest in rests]
    stays = [not each for each in goes]
    stay, go = (bytes(compress(content, side)) + b"".join(compress(rests, side)) for side in (stays, goes))
    return stay, go
