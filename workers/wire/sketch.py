"""A text's sketch: the few hashed word shingles under which an index finds its copies.

The hash is easy to do again in C: a word is its UTF-8 bytes behind a 0x01, read as one big-endian number modulo the
Mersenne prime 2^61 - 1 (injective up to seven bytes); a shingle is the polynomial of its words in an odd 64-bit
constant modulo 2^64 (it rolls), finished by the mixer of splitmix64, so that "smallest" is a fair draw.

Source: winnowing (Schleimer, Wilkerson, Aiken 2003) with the sentence as the window: a copied sentence yields the same
fingerprints whatever surrounds it. Five words, two a sentence: measured in the design's comparison of sketches.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from workers.wire.tokens import FIGURE, Tokens, read

SCHEME: Final = "words5-least2.v1"
"""changes whenever the same text would give other fingerprints; an index never mixes two"""
SHINGLE: Final = 5
"""words in a shingle; twice as many tokens in scripts without spaces"""
SHORT_SHINGLE: Final = 3
SHORT_TOKENS: Final = 40
"""a text of fewer words is short: it is matched by a rule of its own"""
MAX_FINGERPRINTS: Final = 512
"""of a longer text the smallest are kept, which is a fair sample of its sentences"""
_PER_SENTENCE: Final = 2
_PER_SHORT_TEXT: Final = 12
_WINDOW: Final = 32
"""shingles; a sentence of more than two windows (no full stops, a table) is winnowed by windows of this many"""
_MIN_WORDS: Final = 3
"""words beside figures that a shingle needs to vote: rows of figures find everything"""

_MASK: Final = (1 << 64) - 1
_PRIME: Final = (1 << 61) - 1
_ODD: Final = 0x9E3779B97F4A7C15
_SHORT_SALT: Final = 0x2545F4914F6CDD1D


@dataclass(frozen=True, slots=True)
class Sketch:
    """What an index keeps and asks for."""

    scheme: str
    fingerprints: tuple[int, ...]
    """unsigned 64 bit, ascending, distinct, at most MAX_FINGERPRINTS"""
    shingles: int
    """distinct masked shingles of the text"""
    tokens: int
    """tokens read"""

    def to_json(self) -> str:
        """A JSON object; integers may exceed 2^53."""
        return json.dumps([self.scheme, self.shingles, self.tokens, self.fingerprints], separators=(",", ":"))

    @classmethod
    def from_json(cls, record: str) -> Sketch:
        """Inverse of `to_json`.

        Raises:
            ValueError, TypeError: the record was not written by `to_json`.
        """
        scheme, shingles, tokens, fingerprints = json.loads(record)
        return cls(scheme, tuple(fingerprints), shingles, tokens)


def sketch(text: str) -> Sketch:
    """The sketch of a text. Any string is accepted; bounded as `tokens.read` is."""
    return of_tokens(read(text))


def of_tokens(tokens: Tokens) -> Sketch:
    """The sketch of a text that has been read."""
    masked = tokens.masked()
    hashes = shingles(masked, SHINGLE * tokens.scale)
    chosen: set[int] = set()
    if hashes:
        voters = _voters(tokens, hashes)
        for first, last in _windows(tokens):
            chosen.update(_least(voters[first : last - SHINGLE * tokens.scale + 1]))
    if is_short(tokens):
        chosen.update(_short(masked, tokens.scale))
    fingerprints = tuple(sorted(chosen)[:MAX_FINGERPRINTS])
    return Sketch(SCHEME, fingerprints, len(set(hashes)), len(tokens))


def is_short(tokens: Tokens) -> bool:
    """Whether the rule for short texts applies."""
    return len(tokens) < SHORT_TOKENS * tokens.scale


def shingles(words: Sequence[str], width: int) -> list[int]:
    """The hash of every run of `width` words, in order: len(words) - width + 1 of them, or none."""
    leaving = pow(_ODD, width, 1 << 64)
    coded = [_word(word) for word in words]
    out: list[int] = []
    rolled = 0
    for index, code in enumerate(coded):
        rolled = rolled * _ODD + code
        if index >= width:
            rolled -= coded[index - width] * leaving
        rolled &= _MASK
        if index >= width - 1:
            mixed = ((rolled ^ (rolled >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
            mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & _MASK
            out.append(mixed ^ (mixed >> 31))
    return out


@lru_cache(maxsize=1 << 16)
def _word(word: str) -> int:
    return int.from_bytes(b"\x01" + word.encode("utf-8", "surrogatepass"), "big") % _PRIME


def _voters(tokens: Tokens, hashes: list[int]) -> list[int]:
    """The hashes, with all ones in the place of those that hold too few words beside figures."""
    width = SHINGLE * tokens.scale
    figures = 0
    voters = []
    for index, kind in enumerate(tokens.kinds):
        figures += kind == FIGURE
        if index >= width:
            figures -= tokens.kinds[index - width] == FIGURE
        if index >= width - 1:
            voters.append(hashes[index - width + 1] if width - figures >= _MIN_WORDS else _MASK)
    return voters


def _windows(tokens: Tokens) -> list[tuple[int, int]]:
    """Sentences as token spans; one too short for a shingle is read together with the next, the last is left out."""
    width = SHINGLE * tokens.scale
    spans: list[tuple[int, int]] = []
    first = 0
    for _, last in tokens.sentence_spans():
        if last - first >= width:
            spans.append((first, last))
            first = last
    return spans


def _least(hashes: list[int]) -> set[int]:
    """The smallest two of a sentence; of a very long one the smallest of every window."""
    if len(hashes) <= 2 * _WINDOW:
        chosen = set(sorted(set(hashes))[:_PER_SENTENCE])
    else:
        chosen = {min(hashes[at : at + _WINDOW]) for at in range(len(hashes) - _WINDOW + 1)}
    chosen.discard(_MASK)
    return chosen


def _short(masked: list[str], scale: int) -> list[int]:
    """Further fingerprints of a short text: salted three-word shingles, or the whole text if it is shorter."""
    width = min(SHORT_SHINGLE * scale, len(masked))
    if not width:
        return []
    return sorted({value ^ _SHORT_SALT for value in shingles(masked, width)})[:_PER_SHORT_TEXT]
