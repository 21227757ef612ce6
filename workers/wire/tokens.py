"""Words of a text with their offsets, folded so that house style does not part two copies.

Tokens are found in the raw text, so every offset counts code points of it; only the *form* of a token is folded (see
`forms`). Scripts written without spaces give one token a character.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from workers.wire import kernel, pure, scanning
from workers.wire.alignment import Words
from workers.wire.forms import MAX_FORM, fold
from workers.wire.recent import Recent, once

MAX_CHARS: Final = scanning.MAX_CHARS
"""code points read of one text; the rest is not looked at"""
MAX_TOKENS: Final = scanning.MAX_TOKENS
"""tokens read of one text; the rest is not looked at"""
SHINGLE: Final = pure.SHINGLE
"""words in a shingle; twice as many tokens in scripts without spaces"""
COVER: Final = pure.COVER
"""words in the runs by which a cover is told; twice as many tokens in scripts without spaces"""
_REMEMBERED: Final = 8_000
"""tokens of texts read lately that are kept, for one article is read several times over: about half a megabyte, which
stays in the processor's cache"""

WORD: Final = scanning.WORD
FIGURE: Final = scanning.FIGURE
NAME: Final = scanning.NAME
"""kinds of token; a name is a capitalised word that neither begins its sentence nor stands in a heading"""


@dataclass(eq=False)
class Tokens:
    """The words of one text, packed (see `pure.numbers`); nobody changes them. What is derived is derived once."""

    text: str
    packed_starts: bytes
    packed_ends: bytes
    codes: bytes
    """Q: what stands for each form"""
    spelled: bytes
    """Q: the same with the two spellings of English folded"""
    kinds: bytes
    """WORD, FIGURE or NAME, a byte each"""
    packed_sentences: bytes
    scale: int
    """tokens that say as much as one spaced word does: 1, or 2 where most tokens are single characters"""

    def __len__(self) -> int:
        return len(self.kinds)

    @once
    def starts(self) -> Sequence[int]:
        """Code points of `text`: a token is text[start:end]."""
        return pure.numbers(self.packed_starts, "I")

    @once
    def ends(self) -> Sequence[int]:
        """Past the end of each token."""
        return pure.numbers(self.packed_ends, "I")

    @property
    def sentences(self) -> list[int]:
        """Index of the first token of each sentence, ascending; the first is 0 unless there are no tokens."""
        return pure.numbers(self.packed_sentences, "I").tolist()

    @property
    def forms(self) -> list[str]:
        """Each token folded; figures as digits."""
        return [
            fold(self.text[start : min(end, start + MAX_FORM)])
            for start, end in zip(self.starts, self.ends, strict=True)
        ]

    def sentence_spans(self) -> list[tuple[int, int]]:
        """First and past-the-last token of each sentence."""
        return scanning.spans(self.sentences, len(self))

    @property
    def words(self) -> Words:
        """What is compared of each token."""
        return self.codes, self.kinds, self.spelled


def _read(text: str) -> Tokens:
    return Tokens(text, *kernel.chosen.scan(text))


read: Final = Recent(_read, lambda tokens: 100 + len(tokens), _REMEMBERED)
"""read(text) -> Tokens: at most MAX_TOKENS, from at most MAX_CHARS code points. Any string is accepted."""
