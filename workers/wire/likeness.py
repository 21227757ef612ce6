"""How much of a text and of a wire story is the same words: the first question, before figures and names are asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from workers.wire import kernel
from workers.wire.cover import Ground
from workers.wire.sketch import SHORT_SHINGLE, SHORT_TOKENS
from workers.wire.tokens import SHINGLE, Tokens

MIN_CONTAINMENT: Final = 0.3
"""shared shingles, figures masked, of the smaller side"""
MIN_SHARED: Final = 12
SHORT_CONTAINMENT: Final = 0.7
"""of a short text's three-word shingles; its aligned figures and names must all agree"""
TINY: Final = 6
"""words below which a text is compared only with one at most twice as long"""


@dataclass(frozen=True, slots=True)
class Likeness:
    """A wire story whose shingles a text shares."""

    known: Ground
    shared: int
    containment: float
    whole: float
    """share of the original's shingles that the text has"""


def likeness(tokens: Tokens, known: Ground) -> Likeness | None:
    """How much is shared, or None if it is too little."""
    if known.scale != tokens.scale:
        return None
    mine, theirs, short = len(tokens.kinds), len(known.parts[0].kinds), SHORT_TOKENS * tokens.scale
    shorter, longer = (mine, theirs) if mine < theirs else (theirs, mine)
    if not shorter or (shorter < TINY * tokens.scale and shorter < longer / 2):
        return None
    if shorter < short:
        width, least_shared, least_share = SHORT_SHINGLE, 1, SHORT_CONTAINMENT
    else:
        width, least_shared, least_share = SHINGLE, MIN_SHARED, MIN_CONTAINMENT
    width = min(width * tokens.scale, shorter)  # of very short texts the shingles are as long as the shorter one is
    own, shared, original, both = kernel.chosen.likeness(*tokens.words[:2], *known.words[:2], known.begin, width)
    whole = both / max(1, original)
    containment = max(shared / max(1, own), whole)
    if shared < least_shared or containment < least_share:
        return None
    return Likeness(known, shared, containment, whole)
