"""Who does what to whom, compared: the guard that keeps role inversions apart, and how far two wordings agree."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from service.contract.data import Frame
from workers.claims.grammar.words import REMEMBERED
from workers.claims.sameness.lens import Lens

Slot = Literal["same", "open", "other"]
"""open: at least one text leaves it open; other: others by name, though both may belong to one party"""

Agreement = Literal["both", "one", "none", "crossed", "conflict", "inverted"]


@dataclass(frozen=True, slots=True)
class Roles:
    """One wording's slots, resolved to the story's actors."""

    actor: frozenset[str]
    target: frozenset[str]
    actor_words: frozenset[str]
    """content words of a slot that names no actor of the story"""
    target_words: frozenset[str]
    named: frozenset[str]
    """every actor that the wording names"""
    acting: frozenset[str]
    """the parties of `actor`"""
    suffering: frozenset[str]
    """the parties of `target`"""


def roles(lens: Lens, frame: Frame, text: str) -> Roles:
    """Reads a frame. An open slot has neither actors nor words."""
    actor, named = lens.actors(frame.actor), lens.actors(frame.target)
    target = named - actor or named
    return Roles(
        actor=actor,
        target=target,
        actor_words=_words(frame.actor) if not actor else frozenset(),
        target_words=_words(frame.target) if not target else frozenset(),
        named=lens.actors(text) | actor | target,
        acting=lens.parties(actor),
        suffering=lens.parties(target),
    )


def agreement(left: Roles, right: Roles) -> Agreement:
    """How the roles of two wordings stand to each other.

    inverted: each one's actor is the other's target. conflict: another actor acts, or somebody else is acted upon.
    crossed: other targets, but each wording names both. both / one: so many slots are filled with the same.
    none: nothing is known to agree, nothing to differ.
    """
    one_party = not left.acting.isdisjoint(right.acting)
    if not one_party and inverted(left, right):
        return "inverted"
    actor = _slot(left.actor, right.actor, left.actor_words, right.actor_words)
    if actor == "other" and not one_party:
        return "conflict"
    target = _slot(left.target, right.target, left.target_words, right.target_words)
    if target == "other" and left.suffering.isdisjoint(right.suffering):
        # Where each wording names the other's target elsewhere, it may be another reading of one and the same sentence.
        return "crossed" if left.target <= right.named and right.target <= left.named else "conflict"
    agreed = (actor == "same") + (target == "same")
    return "both" if agreed == 2 else "one" if agreed == 1 else "none"


def inverted(left: Roles, right: Roles) -> bool:
    """Whether who acts in the one is acted upon in the other, and the other way round."""
    return (
        not left.acting.isdisjoint(right.suffering)
        and not right.acting.isdisjoint(left.suffering)
        and left.acting.isdisjoint(right.acting)
    )


def _slot(left: frozenset[str], right: frozenset[str], left_words: frozenset[str], right_words: frozenset[str]) -> Slot:
    if left and right:
        return "other" if left.isdisjoint(right) else "same"
    return "same" if left_words and right_words and _alike(left_words, right_words) else "open"


def _alike(left: frozenset[str], right: frozenset[str]) -> bool:
    """Whether two phrases are about the same thing: equal, or two words and more than half of the shorter in common."""
    shared = len(left & right)
    return bool(left) and (left == right or (shared >= 2 and shared > 0.5 * min(len(left), len(right))))


@lru_cache(maxsize=REMEMBERED)
def _words(slot: str | None) -> frozenset[str]:
    words = (word.strip(".,;:'’\"“”()").casefold() for word in (slot or "").split())
    return frozenset(word for word in words if len(word) > 3)
