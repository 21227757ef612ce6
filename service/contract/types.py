"""Every type of event there is, with the model of its data. A closed table: what is not in it is never written."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from service.contract.data import ClaimData, EditedData, FeedData, Model, RetractedData, RevisedData, WithdrawnData


class EventType(StrEnum):
    """Names of events. Additive change stays inside a version; a breaking one gets the next, both for a time."""

    CLAIM_NEW = "claimwire.claim.new.v1"
    CLAIM_CORROBORATED = "claimwire.claim.corroborated.v1"
    CLAIM_DISPUTED = "claimwire.claim.disputed.v1"
    CLAIM_UPDATED = "claimwire.claim.updated.v1"
    CLAIM_RETRACTED = "claimwire.claim.retracted.v1"
    CLAIM_EDITED = "claimwire.claim.edited.v1"
    DOCUMENT_REVISED = "claimwire.document.revised.v1"
    DOCUMENT_WITHDRAWN = "claimwire.document.withdrawn.v1"
    FEED_SILENT = "claimwire.feed.silent.v1"
    FEED_RECOVERED = "claimwire.feed.recovered.v1"


TYPES: Mapping[str, type[Model]] = {
    EventType.CLAIM_NEW: ClaimData,
    EventType.CLAIM_CORROBORATED: ClaimData,
    EventType.CLAIM_DISPUTED: ClaimData,
    EventType.CLAIM_UPDATED: ClaimData,
    EventType.CLAIM_RETRACTED: RetractedData,
    EventType.CLAIM_EDITED: EditedData,
    EventType.DOCUMENT_REVISED: RevisedData,
    EventType.DOCUMENT_WITHDRAWN: WithdrawnData,
    EventType.FEED_SILENT: FeedData,
    EventType.FEED_RECOVERED: FeedData,
}

FEED_TYPES = frozenset({EventType.FEED_SILENT, EventType.FEED_RECOVERED})
"""these stand on the stream of feeds; all others on their story's"""

MEANINGS: Mapping[str, str] = {
    EventType.CLAIM_NEW: "Somebody claims what nobody had claimed; background where the claim is of long ago.",
    EventType.CLAIM_CORROBORATED: "A known claim gained a further independent source or side, never by a copy.",
    EventType.CLAIM_DISPUTED: "A known claim was denied or contradicted; the denial is a claim of its own.",
    EventType.CLAIM_UPDATED: "A known claim was updated, narrowed or corrected by another claim.",
    EventType.CLAIM_RETRACTED: "Its source withdrew the only text the claim rests on. Copies of it may still stand.",
    EventType.CLAIM_EDITED: "A person merged, split or retracted a claim, marked it as background, or undid that.",
    EventType.DOCUMENT_REVISED: "A source changed or corrected a text.",
    EventType.DOCUMENT_WITHDRAWN: "A source killed a text, or a person had it taken down from here.",
    EventType.FEED_SILENT: "A feed cannot be read for long, or brings nothing new far beyond its habit.",
    EventType.FEED_RECOVERED: "A silent feed is read again, and brings something.",
}
