"""Claims that nobody was told of yet, as an editor reads them: what, who says it, why it waits and until when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.contract.data import Document, Evidence, Hop

REASONS: Mapping[str, str] = {
    "wait": "may not be worth an event; pushed with low confidence at its time",
    "doubt": "is hardly worth an event; dropped at its time",
}
"""by `band` of the registry's record"""


@dataclass(frozen=True, slots=True)
class HeldShown:
    """One of them."""

    id: str
    text: str
    document: Document
    exact: str
    """the words that make it; the empty string: they are not kept"""
    attribution: tuple[Hop, ...]
    since: datetime
    until: datetime
    """by the articles' clock"""
    reason: str
    worth: float


def held_shown(known: Mapping[str, Any]) -> HeldShown:
    """Of a record of the registry that is held.

    Raises:
        ValueError: it is no such record; KeyError too.
    """
    held = known["held"]
    evidence = [Evidence.model_validate(one) for one in known["evidence"]]
    return HeldShown(
        id=known["claim"]["id"],
        text=known["claim"]["text"],
        document=Document.model_validate(known["appearance_document"]),
        exact=evidence[0].selector[0].exact if evidence else "",
        attribution=tuple(Hop.model_validate(hop) for hop in known["attribution"]),
        since=datetime.fromisoformat(held["since"]),
        until=datetime.fromisoformat(held["until"]),
        reason=REASONS.get(held["band"], held["band"]),
        worth=held["score"],
    )
