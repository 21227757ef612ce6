"""How much of a text and of a wire story is the same words: the first question, before figures and names are asked."""

from __future__ import annotations

from typing import Final, NamedTuple

from workers.wire import kernel, pure
from workers.wire.sketch import SHORT_TOKENS

MIN_CONTAINMENT: Final = pure.MIN_CONTAINMENT
"""shared shingles, figures masked, of the smaller side"""
MIN_SHARED: Final = pure.MIN_SHARED
SHORT_CONTAINMENT: Final = pure.SHORT_CONTAINMENT
"""of a short text's three-word shingles; its aligned figures and names must all agree, and neither may lack a name
that the other has"""
BRIEF_CONTAINMENT: Final = pure.BRIEF_CONTAINMENT
"""the same where MIN_SHARED shingles are shared. Source: of summaries of 30 to 40 words with 15 % of their words edited
22 % were found with 0.7 and 94 % with this; of 8,000 beginnings of Reuters texts, 25 words each, two pairs more fell
together, both about one matter"""
TINY: Final = pure.TINY
"""words below which a text is compared only with one at most twice as long"""


class Likeness(NamedTuple):
    """How much a text shares with a wire story."""

    words: int
    """of the text"""
    original: int
    """words of the wire story's original"""
    scale: int
    """words that say as much as one spaced word does, of both"""
    shared: int
    """shingles"""
    containment: float
    whole: float
    """share of the original's shingles that the text has"""

    @property
    def is_short(self) -> bool:
        """Whether the rule for short texts applies."""
        return min(self.words, self.original) < SHORT_TOKENS * self.scale


def likenesses(text: str, stories: list[tuple[str, ...]]) -> list[Likeness | None]:
    """How much of a text is shared with each wire story's texts, or None if it is too little."""
    return [shares and Likeness(*shares) for shares in kernel.chosen.alike(text, stories)]
