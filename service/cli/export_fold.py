"""What was known of a story at a time: its events folded, one after the other, into claims. Pure.

Everything comes from the events, so an export of yesterday says today what it said yesterday. Its reach is that of the
stream: what is past the retention, or was taken down, is not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.contract.types import EventType

_TOLD = {EventType.CLAIM_NEW, EventType.CLAIM_CORROBORATED}
"""events that show the claim in a document; those of a denial or an update show the other claim's"""
_MARKS = {EventType.CLAIM_DISPUTED: "disputed", EventType.CLAIM_UPDATED: "updated"}


@dataclass(slots=True)
class Exported:
    """A claim as it stood."""

    story: str
    claim: Mapping[str, Any]
    attribution: list[Mapping[str, Any]]
    """of its first appearance"""
    first_told: str
    sequence: int
    """of the event that told it first"""
    last_changed: str = ""
    support: Mapping[str, Any] = field(default_factory=dict)
    links: list[Mapping[str, Any]] = field(default_factory=list)
    linked_from: list[dict[str, str]] = field(default_factory=list)
    appearances: list[dict[str, Any]] = field(default_factory=list)
    marks: set[str] = field(default_factory=set)
    merged_into: str | None = None

    @property
    def status(self) -> list[str]:
        """All that holds, the gravest first: retracted, merged, disputed, updated, background; else new."""
        found: list[str] = [mark for mark in ("retracted", "merged", "disputed", "updated") if mark in self.marks]
        if self.claim["novelty"] == "background":
            found.append("background")
        return found or ["new"]

    def record(self) -> dict[str, Any]:
        """As JSON lines have it; names as in the events."""
        return {
            "story": self.story,
            **{name: value for name, value in self.claim.items() if name != "about"},
            "status": self.status,
            "mergedInto": self.merged_into,
            "firstTold": self.first_told,
            "lastChanged": self.last_changed,
            "sequence": self.sequence,
            "attribution": self.attribution,
            "support": self.support,
            "links": self.links,
            "linkedFrom": self.linked_from,
            "appearances": self.appearances,
        }


class Fold:
    """Events of one story, in the order of their stream."""

    def __init__(self, story: str, as_of: datetime | None = None) -> None:
        self.story = story
        self._as_of = as_of
        self._claims: dict[str, Exported] = {}
        self._withdrawn: set[str] = set()
        self.first_sequence = 0
        """of the first event there is; above 1 the beginning is past the retention"""

    def add(self, event: Mapping[str, Any]) -> None:
        """The next event, a CloudEvent in structured form. What came after the time asked for is left out."""
        sequence = int(event["sequence"])
        self.first_sequence = self.first_sequence or sequence
        if self._as_of is not None and datetime.fromisoformat(event["time"]) > self._as_of:
            return
        body, type_ = event["data"], event["type"]
        if type_ == EventType.DOCUMENT_WITHDRAWN:
            self._withdrawn |= set(body["withdrawn"])
            for claim_id in body.get("claimsRemoved", ()):
                self._claims.pop(claim_id, None)
        elif "claim" in body:
            self._change(event, body, type_, sequence)

    def claims(self) -> list[Exported]:
        """In the order in which they were told."""
        claims = sorted(self._claims.values(), key=lambda one: one.sequence)
        for one in claims:
            one.linked_from = []
            for appearance in one.appearances:
                appearance["withdrawn"] = appearance["document"]["uri"] in self._withdrawn
        for one in claims:
            for link in one.links:
                if (target := self._claims.get(link["target"])) is not None:
                    target.linked_from.append({"rel": link["rel"], "claim": one.claim["id"]})
        return claims

    def _change(self, event: Mapping[str, Any], body: Mapping[str, Any], type_: str, sequence: int) -> None:
        claim = body["claim"]
        one = self._claims.get(claim["id"])
        if one is None:
            one = Exported(self.story, claim, list(body.get("attribution", ())), event["time"], sequence)
            self._claims[claim["id"]] = one
        one.claim, one.last_changed = claim, event["time"]
        one.support = body.get("support", one.support)
        one.links = list(body.get("links", one.links))
        if type_ in _TOLD:
            appearance = body["appearance"]
            one.appearances.append({**appearance, "attribution": list(body["attribution"])})
        elif type_ == EventType.CLAIM_RETRACTED:
            one.marks.add("retracted")
        elif type_ in _MARKS:
            one.marks.add(_MARKS[EventType(type_)])
        elif "status" in body:
            one.marks -= {"retracted", "merged"}
            one.marks |= {body["status"]} - {"stands"}
            one.merged_into = body.get("mergedInto")


def folded(story: str, events: Iterable[Mapping[str, Any]], as_of: datetime | None = None) -> list[Exported]:
    """The claims of a story as they stood."""
    fold = Fold(story, as_of)
    for event in events:
        fold.add(event)
    return fold.claims()
