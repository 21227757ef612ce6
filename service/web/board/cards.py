"""A claim as a card: what, who, through whom, how widely, and what other claims say to it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from service.contract.api import ClaimShown
from service.contract.data import Relation
from service.web.board.ladder import Step, steps
from service.web.board.wording import Chain, chain
from service.web.shelf import Shelf

MOST_BESIDE = 3
"""other claims shown on a card; its page has the others"""

OPPOSING: frozenset[Relation] = frozenset({"denies", "contradicts"})
POINTED_AT: Mapping[Relation, str] = {
    "denies": "Denied by",
    "contradicts": "Contradicted by",
    "updates": "Updated by",
    "narrows": "Narrowed by",
    "withholds": "No comment",
    "supports": "Supported by",
    "variantOf": "Also put as",
}
POINTING: Mapping[Relation, str] = {
    "denies": "Denies",
    "contradicts": "Contradicts",
    "updates": "Updates",
    "narrows": "Narrows",
    "withholds": "Withholds comment on",
    "supports": "Supports",
    "variantOf": "A variant of",
}
RETRACTED = ", retracted since"
_TAGS = {"retracted": "Retracted", "disputed": "Disputed", "updated": "Updated", "background": "Background"}


@dataclass(frozen=True, slots=True)
class Beside:
    """Another claim that stands beside one."""

    rel: Relation
    says: str
    """how it stands to this one: "Denied by" """
    opposing: bool
    why: str
    url: str
    text: str
    shown: ClaimShown | None
    """None: only its text is known"""
    chain: Chain | None


@dataclass(frozen=True, slots=True)
class Card:
    """A claim as the templates show it."""

    shown: ClaimShown
    url: str
    tags: tuple[tuple[str, str], ...]
    """(status, word)"""
    steps: tuple[Step, ...]
    chain: Chain
    pointed_at: tuple[Beside, ...]
    pointing: tuple[Beside, ...]
    left_out: int
    """claims that point at it and are not among these"""


def url_of(story: str, claim_id: str) -> str:
    """The page of a claim."""
    return f"/stories/{quote(story, safe='')}/claims/{quote(claim_id, safe='')}"


def card(shelf: Shelf, story: str, shown: ClaimShown, most: int = MOST_BESIDE) -> Card:
    """The card of a claim, with at most `most` claims on either side of it; the opposing ones first."""
    coming = sorted(shown.linked_from, key=lambda link: link.rel not in OPPOSING)
    pointed_at = [_beside(shelf, story, link.rel, link.claim, link.why, POINTED_AT) for link in coming[:most]]
    pointing = [_beside(shelf, story, link.rel, link.target, link.why, POINTING) for link in shown.links[:most]]
    return Card(
        shown=shown,
        url=url_of(story, shown.claim.id),
        tags=tuple(_tags(shown, merged_into(shelf.record(shown.claim.id)) is not None)),
        steps=steps(shown.support),
        chain=chain(shown.attribution),
        pointed_at=tuple(pointed_at),
        pointing=tuple(one for one in pointing if one.text),
        left_out=len(coming) - len(pointed_at),
    )


def merged_into(record: Mapping[str, Any]) -> str | None:
    """The claim that this one is part of since a person merged them."""
    return next((mark["other"] for mark in reversed(record.get("marks", ())) if mark["action"] == "merge"), None)


def _tags(shown: ClaimShown, merged: bool) -> Iterable[tuple[str, str]]:
    if merged:
        yield "merged", "Merged"
    for status in shown.status:
        if status in _TAGS and not (merged and status == "retracted"):
            yield status, _TAGS[status]
    if shown.claim.confidence == "low":
        yield "low", "Low confidence"


def _beside(shelf: Shelf, story: str, rel: Relation, claim_id: str, why: str, words: Mapping[Relation, str]) -> Beside:
    other = shelf.claim(claim_id)
    retracted = other is not None and other.retracted and merged_into(shelf.record(claim_id)) is None
    return Beside(
        rel=rel,
        says=words[rel] + RETRACTED if retracted else words[rel],
        opposing=rel in OPPOSING and not retracted,
        why=why,
        url=url_of(story, claim_id),
        text=other.claim.text if other is not None else "",
        shown=other,
        chain=chain(other.attribution) if other is not None else None,
    )
