"""One sample of the data of every type, about an invented story."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.contract.data import (
    Appearance,
    Claim,
    ClaimData,
    Document,
    EditedData,
    EditMark,
    Evidence,
    FeedData,
    Frame,
    Hop,
    Link,
    Model,
    PublishedTime,
    Quantity,
    RetractedData,
    RevisedData,
    SourceCount,
    Span,
    Support,
    TextPositionSelector,
    TextQuoteSelector,
    When,
    WithdrawnData,
)
from service.contract.data import Why as Reason
from service.contract.types import EventType

NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def document() -> Document:
    return Document(
        uri="https://nordnytt.example/skerry",
        publisher="Nordnytt",
        headline="Skerry sells its lighthouse",
        published=PublishedTime(value=NOON, precision="day", basis="feed"),
        first_seen=NOON,
        wire_story="w1-0011223344556677",
    )


@pytest.fixture
def claim_data(document: Document) -> ClaimData:
    quote = "Skerry sold its lighthouse for 3 million crowns, the mayor’s office said"
    return ClaimData(
        claim=Claim(
            id="c1-0011223344556677",
            text="Skerry sold its lighthouse for 3 million crowns.",
            about="lighthouse-sale",
            frame=Frame(actor="Skerry", action="sell", target="lighthouse"),
            quantities=(Quantity(text="3 million crowns", value=3e6, unit="crowns"),),
            when=When(text="on Friday", earliest=NOON, latest=NOON, basis="relative_to_publication"),
        ),
        appearance=Appearance(
            document=document,
            evidence=(
                Evidence(
                    source=document.uri,
                    selector=(
                        TextQuoteSelector(exact=quote, prefix="", suffix="."),
                        TextPositionSelector(start=0, end=len(quote)),
                    ),
                ),
            ),
        ),
        attribution=(
            Hop(kind="publisher", name="Nordnytt", named=True, relation="wasDerivedFrom"),
            Hop(
                kind="unnamed",
                descriptor="the mayor’s office",
                named=False,
                side="Skerry",
                cue="said",
                relation="wasAttributedTo",
                span=Span(start=49, end=67),
            ),
        ),
        support=Support(sources=SourceCount(min=1, max=1), sides=("Skerry",)),
        links=(Link(rel="updates", target="c1-7766554433221100", why="another figure"),),
        why=Reason(rule="nothing near", nearest="c1-7766554433221100", score=0.4142),
    )


@pytest.fixture
def samples(claim_data: ClaimData, document: Document) -> dict[str, Model]:
    retracted = RetractedData(claim=claim_data.claim, document=document, reason="every text was withdrawn")
    edited = EditedData(
        edit=EditMark(id="e1-0011223344556677", action="merge", reason="one and the same", by="Signe", at=NOON),
        claim=claim_data.claim,
        status="merged",
        merged_into="c1-7766554433221100",
        support=claim_data.support,
    )
    revised = RevisedData(
        document=document,
        previous="https://nordnytt.example/skerry?old",
        signal="CORRECTION",
        additions=(TextPositionSelector(start=3, end=9),),
        corrections=(("2 million", "3 million"),),
    )
    withdrawn = WithdrawnData(document=document, withdrawn=(document.uri,), signal="KILL")
    feed = FeedData(feed="nordnytt", source="Nordnytt", last_success=NOON, error="timeout")
    return {
        EventType.CLAIM_NEW: claim_data,
        EventType.CLAIM_CORROBORATED: claim_data,
        EventType.CLAIM_DISPUTED: claim_data,
        EventType.CLAIM_UPDATED: claim_data,
        EventType.CLAIM_RETRACTED: retracted,
        EventType.CLAIM_EDITED: edited,
        EventType.DOCUMENT_REVISED: revised,
        EventType.DOCUMENT_WITHDRAWN: withdrawn,
        EventType.FEED_SILENT: feed,
        EventType.FEED_RECOVERED: feed,
    }
