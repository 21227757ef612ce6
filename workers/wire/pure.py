"""What the compiled kernel does, in Python: the reference that it equals bit for bit, and what runs without it.

Sequences of numbers travel as bytes, packed as the machine packs them: "I" for indices, "Q" for hashes. Every function
is pure; what each means is told where it is used (`tokens`, `sketch`, `cover`).
"""

from __future__ import annotations

from array import array
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final, Literal

from workers.wire.forms import code
from workers.wire.scanning import FIGURE, scan, spans

VERSION: Final = 8
"""of the functions below; a kernel that was compiled from another is not used"""
SHINGLE: Final = 5
SHORT_SHINGLE: Final = 3
COVER: Final = 3
NEAR: Final = 40
SHORT_TOKENS: Final = 40
MAX_FINGERPRINTS: Final = 512
PER_SENTENCE: Final = 2
PER_SHORT_TEXT: Final = 12
WINDOW: Final = 32
VOTING_WORDS: Final = 3
NOVEL_LEAST: Final = 3
NOVEL_RUN: Final = 8
NOVEL_FIFTHS: Final = 3

_MASK: Final = (1 << 64) - 1
_ODD: Final = 0x9E3779B97F4A7C15
_SHORT_SALT: Final = 0x2545F4914F6CDD1D
_FIGURE: Final = code("#")

Kind = Literal["I", "Q"]
_LEXICON: Final[tuple[Kind, ...]] = ("Q", "I", "I", "Q", "I")
Lexicon = tuple[bytes, bytes, bytes, bytes, bytes]
"""words Q (distinct, ascending), counts I, word of each token I; pairs of words Q (ascending), sentence of each I"""


def numbers(packed: bytes, kind: Kind) -> memoryview[int]:
    """The numbers that bytes hold, unpacked as they are asked for."""
    return memoryview(packed).cast(kind)


def pack(kind: Kind, values: Iterable[int]) -> bytes:
    """Inverse of `numbers`."""
    return array(kind, values).tobytes()


def hashes(words: Sequence[int], width: int) -> list[int]:
    """The hash of every run of `width` words, in order: len(words) - width + 1 of them, or none."""
    if not width:
        return []
    leaving = pow(_ODD, width, 1 << 64)
    out: list[int] = []
    rolled = 0
    for index, word in enumerate(words):
        rolled = rolled * _ODD + word
        if index >= width:
            rolled -= words[index - width] * leaving
        rolled &= _MASK
        if index >= width - 1:
            out.append(mix(rolled))
    return out


def mix(value: int) -> int:
    """Spreads 64 bits evenly; injective. Source: the finisher of splitmix64."""
    value = ((value ^ (value >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
    value = ((value ^ (value >> 27)) * 0x94D049BB133111EB) & _MASK
    return value ^ (value >> 31)


def masked(codes: bytes, kinds: bytes) -> list[int]:
    """The codes, with one and the same in the place of every figure."""
    return [_FIGURE if kind == FIGURE else word for word, kind in zip(numbers(codes, "Q"), kinds, strict=True)]


def sketch(text: str) -> tuple[bytes, int]:
    """Fingerprints Q of a text, ascending and distinct, and how many tokens it has."""
    _, _, codes, _, kinds, sentences, scale = scan(text)
    words, width = masked(codes, kinds), SHINGLE * scale
    all_hashes = hashes(words, width)
    chosen: set[int] = set()
    voters = _voters(kinds, all_hashes, width)
    for first, last in _windows(numbers(sentences, "I"), len(kinds), width):
        chosen.update(_least(voters[first : last - width + 1]))
    if len(kinds) < SHORT_TOKENS * scale:
        short = {value ^ _SHORT_SALT for value in hashes(words, min(SHORT_SHINGLE * scale, len(words)))}
        chosen.update(sorted(short)[:PER_SHORT_TEXT])
    return pack("Q", sorted(chosen)[:MAX_FINGERPRINTS]), len(kinds)


def _voters(kinds: bytes, values: list[int], width: int) -> list[int]:
    """The hashes, with all ones in the place of those that hold too few words beside figures."""
    figures = sum(kind == FIGURE for kind in kinds[: width - 1])
    voters = []
    for index, value in enumerate(values):
        figures += kinds[index + width - 1] == FIGURE
        voters.append(value if width - figures >= VOTING_WORDS else _MASK)
        figures -= kinds[index] == FIGURE
    return voters


def _windows(sentences: Sequence[int], length: int, width: int) -> list[tuple[int, int]]:
    """Sentences as token spans; one too short for a shingle is read together with the next, the last is left out."""
    windows: list[tuple[int, int]] = []
    first = 0
    for _, last in spans(sentences, length):
        if last - first >= width:
            windows.append((first, last))
            first = last
    return windows


def _least(values: list[int]) -> set[int]:
    """The smallest two of a sentence; of a very long one the smallest of every window."""
    if len(values) <= 2 * WINDOW:
        chosen = set(sorted(set(values))[:PER_SENTENCE])
    else:
        chosen = {min(values[at : at + WINDOW]) for at in range(len(values) - WINDOW + 1)}
    chosen.discard(_MASK)
    return chosen


def stretches(marks: bytes, starts: bytes, ends: bytes, most: int) -> tuple[tuple[int, int], ...]:
    """The stretches of marked tokens, the first `most`: where each begins and ends in the text, given starts I and ends
    I of all tokens."""
    found: list[tuple[int, int]] = []
    begin, end = numbers(starts, "I"), numbers(ends, "I")
    first = marks.find(1)
    while first >= 0 and len(found) < most:
        last = marks.find(0, first)
        last = len(marks) if last < 0 else last
        found.append((begin[first], end[last - 1]))
        first = marks.find(1, last)
    return tuple(found)


def unreached(marks: bytes, sentences: bytes, scale: int) -> list[tuple[int, int]]:
    """Sentences that a cover does not reach."""
    return [span for span in spans(numbers(sentences, "I"), len(marks)) if is_novel(marks[span[0] : span[1]], scale)]


def is_novel(marks: Sequence[int], scale: int) -> bool:
    """Whether enough of a sentence's words are without cover: a share of them, or many in a row."""
    missing = len(marks) - sum(marks)
    if missing < NOVEL_LEAST * scale:
        return False
    if 5 * missing >= NOVEL_FIFTHS * len(marks):
        return True
    run = 0
    for mark in marks:
        run = 0 if mark else run + 1
        if run >= NOVEL_RUN * scale:
            return True
    return False


def lexicon(spelled: bytes, sentences: bytes) -> Lexicon:
    """The words of a wire story and, for two words in a row, the last sentence that has them (all mixed)."""
    codes = [mix(each) for each in numbers(spelled, "Q")]
    counts = Counter(codes)
    words = sorted(counts)
    rank = {word: index for index, word in enumerate(words)}
    ranks = [rank[each] for each in codes]
    pairs = {
        mix(one << 32 | other): number
        for number, (first, last) in enumerate(spans(numbers(sentences, "I"), len(ranks)))
        for one, other in pairwise(ranks[first:last])
    }
    keys = sorted(pairs)
    return (
        pack("Q", words),
        pack("I", (counts[word] for word in words)),
        pack("I", ranks),
        pack("Q", keys),
        pack("I", (pairs[key] for key in keys)),
    )


def retold(
    spelled: bytes, marks: bytes, asked: Sequence[tuple[int, int]], known: Lexicon, sentences: bytes, scale: int
) -> list[bool]:
    """For each span asked for whether it is new even if the words count that its nearest sentence has left over."""
    words, counts, ranks, keys, at = (numbers(each, kind) for each, kind in zip(known, _LEXICON, strict=True))
    rank = {word: index for index, word in enumerate(words)}
    mine = [rank.get(mix(each), -1) for each in numbers(spelled, "Q")]
    unused = Counter(dict(enumerate(counts)))
    unused.subtract(each for each, mark in zip(mine, marks, strict=True) if mark)
    pairs = dict(zip(keys, at, strict=True))
    sentence = spans(numbers(sentences, "I"), len(ranks))
    return [
        is_novel(_retold(mine[first:last], marks[first:last], pairs, sentence, ranks, unused), scale)
        for first, last in asked
    ]


def _retold(
    mine: list[int],
    marks: bytes,
    pairs: dict[int, int],
    sentences: list[tuple[int, int]],
    ranks: Sequence[int],
    unused: Counter[int],
) -> Sequence[int]:
    votes = Counter(
        pairs[key] for one, other in pairwise(mine) if min(one, other) >= 0 and (key := mix(one << 32 | other)) in pairs
    )
    if not votes:
        return marks
    first, last = sentences[votes.most_common(1)[0][0]]
    left = Counter(ranks[first:last])
    left.subtract(each for each, mark in zip(mine, marks, strict=True) if mark)
    marked = []
    for each, mark in zip(mine, marks, strict=True):
        marked.append(mark or min(left[each], unused[each]) > 0)
        left[each] -= not mark
    return marked
