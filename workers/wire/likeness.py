"""How much of a text and of a wire story is the same words: the first question, before figures and names are asked."""

from __future__ import annotations

from typing import Final, NamedTuple

from workers.wire import kernel
from workers.wire.cover import Ground, ground
from workers.wire.sketch import SHORT_SHINGLE, SHORT_TOKENS
from workers.wire.tokens import SHINGLE, read

MIN_CONTAINMENT: Final = 0.3
"""shared shingles, figures masked, of the smaller side"""
MIN_SHARED: Final = 12
SHORT_CONTAINMENT: Final = 0.7
"""of a short text's three-word shingles; its aligned figures and names must all agree"""
TINY: Final = 6
"""words below which a text is compared only with one at most twice as long"""

GLANCED: Final = 32_000
"""code points of both texts above which they are got ready at once, for the kernel keeps only short ones"""


class Likeness(NamedTuple):
    """A wire story whose shingles a text shares."""

    known: Ground
    shared: int
    containment: float
    whole: float
    """share of the original's shingles that the text has"""


def likeness(text: str, parts: tuple[str, ...]) -> Likeness | None:
    """How much of a text is shared with a wire story's texts, or None if it is too little.

    Most candidates share a phrase and no more. A wire story of one part is therefore only glanced at, and got ready for
    comparing if that tells of more.
    """
    if len(parts) == 1 and len(text) + len(parts[0]) <= GLANCED:
        mine, theirs, scale, own, shared, original = kernel.chosen.glance(text, parts[0])
        if not _are_comparable(mine, theirs, scale):
            return None
        return _weighed(parts, min(mine, theirs) < SHORT_TOKENS * scale, own, shared, original, shared)
    tokens, known = read(text), ground(parts)
    scale = tokens.scale if known.scale == tokens.scale else 0
    mine, theirs = len(tokens.kinds), len(known.parts[0].kinds)
    if not _are_comparable(mine, theirs, scale):
        return None
    shorter, short = min(mine, theirs), min(mine, theirs) < SHORT_TOKENS * scale
    width = min(scale * (SHORT_SHINGLE if short else SHINGLE), shorter)
    shares = kernel.chosen.likeness(*tokens.words[:2], *known.words[:2], known.begin, width)
    return _weighed(parts, short, *shares)


def _are_comparable(mine: int, theirs: int, scale: int) -> bool:
    shorter, longer = (mine, theirs) if mine < theirs else (theirs, mine)
    return scale > 0 and shorter > 0 and (shorter >= TINY * scale or shorter >= longer / 2)


def _weighed(
    parts: tuple[str, ...],
    short: bool,
    own: int,
    shared: int,
    original: int,
    both: int,
) -> Likeness | None:
    """Of shingles: those of the text, of them the wire story's; those of the original, of them the text's."""
    whole = both / max(1, original)
    containment = max(shared / max(1, own), whole)
    least_shared, least_share = (1, SHORT_CONTAINMENT) if short else (MIN_SHARED, MIN_CONTAINMENT)
    least_shared = min(least_shared, max(own, original))  # two texts that say one thing over and over have no more
    if shared < least_shared or containment < least_share:
        return None
    return Likeness(ground(parts), shared, containment, whole)
