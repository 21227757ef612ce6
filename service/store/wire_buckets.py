"""The layout of one generation of the wire index: read, counted and changed here, without a server.

A generation is one hash. Its fields:

    size        "<pairs> <buckets>": changes whenever a bucket does, and so says which state was read
    <bucket>    pairs of six bytes: bits 8 to 31 of a fingerprint, and a wire story's ordinal modulo 2^24
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

from service.errors import InvariantBroken

BASE, MEAN, PAIR, CHUNK = 256, 40, 6, 16
ORDINALS = 2**24
_LOW = 0xFFFFFFFF
_SPLITS = 64
"""of one write: a generation that was left behind catches up over several"""


class Asked:
    """The distinct fingerprints of a question: 32 low bits of each (sketches keep small hashes, the high ones are
    alike), and what a bucket holds of them.
    """

    def __init__(self, fingerprints: Iterable[int]) -> None:
        self.numbers = tuple(dict.fromkeys([fingerprint & _LOW for fingerprint in fingerprints]))
        packed = struct.pack(f">{len(self.numbers)}I", *self.numbers)
        self.tails = [packed[at : at + 3] for at in range(0, len(packed), 4)]

    def buckets(self, count: int) -> list[int]:
        """The bucket of each fingerprint, of so many buckets."""
        power = _power(count)
        mask = 2 * power - 1
        return [bucket if (bucket := number & mask) < count else bucket - power for number in self.numbers]


class Excerpt:
    """Some buckets of a generation, as they stood together."""

    def __init__(self, size: bytes | None, contents: dict[int, bytes]) -> None:
        self.pairs, self.buckets = parsed(size)
        self.contents = contents

    @property
    def size(self) -> bytes:
        """As it stands in the hash; empty for a generation that is not there yet."""
        return b"%d %d" % (self.pairs, self.buckets) if self.pairs else b""

    def holds(self, asked: Asked) -> bool:
        """Whether the bucket of every fingerprint is among these."""
        return all(bucket in self.contents for bucket in asked.buckets(self.buckets))

    def voters(self, asked: Asked) -> Iterator[tuple[int, list[bytes]]]:
        """The marks of the wire stories that have a fingerprint, for each that any has."""
        contents = self.contents
        for number, tail, bucket in zip(asked.numbers, asked.tails, asked.buckets(self.buckets), strict=True):
            if (at := contents[bucket].find(tail)) >= 0 and (marks := _marks(contents[bucket], tail, at)):
                yield number, marks

    def add(self, asked: Asked, ordinal: int, crowd: int) -> dict[int, bytes]:
        """From now on the fingerprints vote for a wire story; those that a crowd has already do not.

        Returns:
            the buckets that changed.
        """
        mark = mark_of(ordinal)
        changed: dict[int, bytes] = {}
        for tail, bucket in zip(asked.tails, asked.buckets(self.buckets), strict=True):
            content = self.contents[bucket]
            marks = _marks(content, tail, content.find(tail))
            if mark not in marks and len(marks) < crowd:
                self.contents[bucket] = changed[bucket] = content + tail + mark
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


def mark_of(ordinal: int) -> bytes:
    """A wire story as it stands in a pair."""
    return (ordinal % ORDINALS).to_bytes(3, "big")


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


def _marks(bucket: bytes, tail: bytes, at: int) -> list[bytes]:
    """The marks beside a tail; `at` is where it first stands, in step with the pairs or not, or -1."""
    marks: list[bytes] = []
    while at >= 0:
        if at % PAIR == 0:
            marks.append(bucket[at + 3 : at + PAIR])
        at = bucket.find(tail, at + 1)
    return marks


def _divided(bucket: bytes, power: int) -> tuple[bytes, bytes]:
    """The pairs whose fingerprint has not that bit, and those that have it."""
    byte, bit = 2 - (power.bit_length() - 9) // 8, 1 << (power.bit_length() - 9) % 8
    pairs = [bucket[at : at + PAIR] for at in range(0, len(bucket), PAIR)]
    return b"".join([p for p in pairs if not p[byte] & bit]), b"".join([p for p in pairs if p[byte] & bit])
