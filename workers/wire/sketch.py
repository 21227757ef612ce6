"""A text's sketch: the few hashed word shingles under which an index finds its copies.

A shingle is the polynomial of its words' codes (see `forms`) in an odd 64-bit constant modulo 2^64 (it rolls), finished
by the mixer of splitmix64, so that "smallest" is a fair draw.

Source: winnowing (Schleimer, Wilkerson, Aiken 2003) with the sentence as the window: a copied sentence yields the same
fingerprints whatever surrounds it. Five words, two a sentence: measured in the design's comparison of sketches. A
sentence of more than two windows of 32 shingles (no full stops, a table) is winnowed by such windows, and a shingle
votes only with three words beside its figures: rows of figures find everything.

A text of few sentences has few such fingerprints, and an edit or a cut takes them all: one with less than
FEW_FINGERPRINTS votes by its PER_SHORT_TEXT smallest shingles of three words too. Source: measured on Reuters, texts of
one sentence and 40 to 60 words, 10 % of the words edited: 19 % found without, 99 % with; of three sentences and 60 to
130 words, 15 % edited: 64 % and 99 %. A third more candidates are compared, and 24 % more fingerprints kept.
"""

from __future__ import annotations

import json
from typing import Final, NamedTuple

from workers.wire import kernel, pure

SCHEME: Final = "words5-least2-few8.v3"
"""changes whenever the same text would give other fingerprints; an index never mixes two"""
SHORT_TOKENS: Final = pure.SHORT_TOKENS
"""a text of fewer words is short: it is matched by a rule of its own"""
MAX_FINGERPRINTS: Final = pure.MAX_FINGERPRINTS
"""of a longer text the smallest are kept, which is a fair sample of its sentences"""


class Sketch(NamedTuple):
    """What an index keeps and asks for."""

    scheme: str
    packed: bytes
    """the fingerprints: Q, ascending, distinct, at most MAX_FINGERPRINTS"""
    tokens: int
    """tokens read"""

    @property
    def fingerprints(self) -> tuple[int, ...]:
        """Unsigned 64 bit, ascending."""
        return tuple(pure.numbers(self.packed, "Q"))

    def to_json(self) -> str:
        """A JSON object; integers may exceed 2^53."""
        return json.dumps([self.scheme, self.tokens, self.fingerprints], separators=(",", ":"))

    @classmethod
    def from_json(cls, record: str) -> Sketch:
        """Inverse of `to_json`.

        Raises:
            ValueError, TypeError: the record was not written by `to_json`.
        """
        scheme, tokens, fingerprints = json.loads(record)
        try:
            packed = pure.pack("Q", fingerprints)
        except OverflowError as error:
            raise ValueError(f"not a fingerprint: {error}") from error
        return cls(scheme, packed, tokens)


def sketch(text: str) -> Sketch:
    """The sketch of a text. Any string is accepted; bounded as `tokens.read` is."""
    return Sketch(SCHEME, *kernel.chosen.sketch(text))
