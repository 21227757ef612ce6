"""What the compiled kernel does, in Python: the reference that it equals bit for bit, and what runs without it.

Sequences of numbers travel as bytes, packed as the machine packs them: "I" for indices, "Q" for hashes. Every function
is pure; what each means is told where it is used (`tokens`, `sketch`, `cover`).
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import Final, Literal

from workers.wire.forms import code
from workers.wire.scanning import FIGURE, scanned, spans

VERSION: Final = 10
"""of the functions below; a kernel that was compiled from another is not used"""
SHINGLE: Final = 5
SHORT_SHINGLE: Final = 3
COVER: Final = 3
NEAR: Final = 40
SHORT_TOKENS: Final = 40
MAX_FINGERPRINTS: Final = 512
PER_SENTENCE: Final = 2
FEW_FINGERPRINTS: Final = 12
PER_SHORT_TEXT: Final = 8
WINDOW: Final = 32
VOTING_WORDS: Final = 3
TINY: Final = 6
MIN_SHARED: Final = 12
MIN_CONTAINMENT: Final = 0.3
SHORT_CONTAINMENT: Final = 0.7
BRIEF_CONTAINMENT: Final = 0.5
NOVEL_LEAST: Final = 3
NOVEL_RUN: Final = 8
NOVEL_FIFTHS: Final = 3

_MASK: Final = (1 << 64) - 1
_ODD: Final = 0x9E3779B97F4A7C15
_SHORT_SALT: Final = 0x2545F4914F6CDD1D
_FIGURE: Final = code("#")

Kind = Literal["I", "Q"]


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
    _, _, codes, _, kinds, sentences, scale = scanned(text)
    words, width = masked(codes, kinds), SHINGLE * scale
    all_hashes = hashes(words, width)
    chosen: set[int] = set()
    voters = _voters(kinds, all_hashes, width)
    for first, last in _windows(numbers(sentences, "I"), len(kinds), width):
        chosen.update(_least(voters[first : last - width + 1]))
    if len(chosen) < FEW_FINGERPRINTS:
        chosen.update(_least_of_all(words, kinds, scale))
    return pack("Q", sorted(chosen)[:MAX_FINGERPRINTS]), len(kinds)


def _least_of_all(words: list[int], kinds: bytes, scale: int) -> list[int]:
    """The smallest shingles of three words, however few sentences they are in; figures say nothing, unless there is
    little else."""
    width = min(SHORT_SHINGLE * scale, len(words))
    short = {
        value ^ _SHORT_SALT
        for index, value in enumerate(hashes(words, width))
        if len(kinds) < SHORT_TOKENS * scale or FIGURE not in kinds[index : index + width]
    }
    return sorted(short)[:PER_SHORT_TEXT]


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
