"""Events about an invented story, written onto its streams as a worker's commit writes them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import redis

from service.contract.data import (
    Appearance,
    Claim,
    ClaimData,
    Document,
    Evidence,
    Frame,
    Hop,
    SourceCount,
    Support,
    TextPositionSelector,
    TextQuoteSelector,
)
from service.contract.data import Why as Reason
from service.contract.envelope import event
from service.contract.types import EventType
from service.model import Event
from service.store import keys
from tests.servers import RealServer

STORY = "lighthouse-sale"
NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)


def claim_event(number: int, type_: str = EventType.CLAIM_NEW, text: str = "", **more: Any) -> Event:
    """The event with this sequence number, about the claim of this number unless `claim` names another."""
    of = more.pop("claim", number)
    text = text or f"Skerry sold {of} lighthouses."
    at = NOON + timedelta(minutes=number)
    document = Document(uri=f"https://nordnytt.example/{number}", publisher="Nordnytt", headline=text, first_seen=at)
    quote = TextQuoteSelector(exact=text), TextPositionSelector(start=0, end=len(text))
    body = ClaimData(
        claim=Claim(id=f"c1-{of:016x}", text=text, about=STORY, frame=Frame(), novelty=more.pop("novelty", "new")),
        appearance=Appearance(document=document, evidence=(Evidence(source=document.uri, selector=quote),)),
        attribution=(
            Hop(kind="publisher", name="Nordnytt", named=True, relation="wasDerivedFrom"),
            Hop(kind="person", name="Ada Brink", named=True, side="Skerry", cue="said", relation="wasAttributedTo"),
        ),
        support=more.pop("support", Support(sources=SourceCount(min=1, max=1, named=1), sides=("Skerry",))),
        links=more.pop("links", ()),
        why=Reason(rule="nothing near"),
    )
    new_claim = type_ == EventType.CLAIM_NEW and body.claim.novelty == "new"
    return event(STORY, type_, body, f"article-{number}", body.claim.id, at, number, None, new_claim)


def publish(server: RealServer, *events: Event) -> None:
    """Writes events onto the story's streams."""
    with redis.Redis(unix_socket_path=server.socket, protocol=2) as client, client.pipeline() as together:
        for one in events:
            for stream in (keys.events, keys.new_claims) if one.new_claim else (keys.events,):
                together.xadd(stream(STORY), {**one.attributes, "data": one.data})  # type: ignore[arg-type]
        together.execute()


def publish_new(server: RealServer, count: int, first: int = 1) -> list[str]:
    """Publishes new claims; their event ids."""
    events = [claim_event(number) for number in range(first, first + count)]
    publish(server, *events)
    return [one.attributes["id"] for one in events]
