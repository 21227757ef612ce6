"""From what comparing decided to the events that subscribers get: in order, numbered, every exact word checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC

from service.contract.data import (
    Appearance,
    ClaimData,
    Document,
    EditedData,
    Evidence,
    Hop,
    Model,
    PublishedTime,
    RetractedData,
    TextPositionSelector,
    WithdrawnData,
)
from service.contract.envelope import event
from service.errors import InvariantBroken
from service.model import Article, Event, Published
from workers.claims.compare import Effect
from workers.claims.model import Known

TYPES = {
    "new": "claimwire.claim.new.v1",
    "background": "claimwire.claim.new.v1",
    "corroborated": "claimwire.claim.corroborated.v1",
    "disputed": "claimwire.claim.disputed.v1",
    "updated": "claimwire.claim.updated.v1",
}


class Announcer:
    """Builds the events of one article. Ids depend on story, claim, type and article alone."""

    def __init__(self, story: str, article: Article, sequence: int) -> None:
        self._story = story
        self._article = article
        self._sequence = sequence
        self.events: list[Event] = []

    def effects(self, effects: Iterable[Effect], changed: Mapping[str, Known], document: Document) -> None:
        """One event for each effect, with the claim as it stands after the article.

        What was held until now appears where it was made.
        """
        for effect in effects:
            known, shown = changed[effect.claim_id], effect.document or document
            body = ClaimData(
                claim=known.claim,
                appearance=Appearance(document=shown, evidence=self._checked(effect.evidence)),
                attribution=chain(shown, effect.attribution),
                support=known.support,
                links=known.links,
                why=known.why,
            )
            self._add(TYPES[effect.type], body, known.claim.id, new_claim=effect.type == "new")

    def retracted(self, known: Known, document: Document, reason: str) -> None:
        """The source withdrew the only text that the claim rests on; copies of it may still stand."""
        body = RetractedData(claim=known.claim, document=document, reason=reason)
        self._add("claimwire.claim.retracted.v1", body, known.claim.id)

    def edited(self, body: EditedData) -> None:
        """A person changed what is known of a claim."""
        self._add("claimwire.claim.edited.v1", body, body.claim.id)

    def withdrawn(self, body: WithdrawnData) -> None:
        """A person had a document taken down."""
        self._add("claimwire.document.withdrawn.v1", body, body.document.uri)

    def document(self, kind: str, body: Model) -> None:
        """`kind` is revised or withdrawn."""
        self._add(f"claimwire.document.{kind}.v1", body, self._article.uri)

    def _add(self, type_: str, body: Model, subject: str, *, new_claim: bool = False) -> None:
        self._sequence += 1
        self.events.append(
            event(
                story=self._story,
                type_=type_,
                data=body,
                cause=f"{self._article.id}:{self._article.version}",
                subject=subject,
                time=self._article.first_seen,
                sequence=self._sequence,
                traceparent=self._article.traceparent,
                new_claim=new_claim,
            )
        )

    def _checked(self, evidence: tuple[Evidence, ...]) -> tuple[Evidence, ...]:
        for item in evidence:
            if item.source != self._article.uri:
                continue  # of a held claim's first appearance, checked when that article was decided
            quote, position = item.selector
            if self._article.text[position.start : position.end] != quote.exact or not quote.exact:
                raise InvariantBroken(f"evidence {position} of {self._article.id} is not the text's own words")
        return evidence


def chain(document: Document, hops: tuple[Hop, ...]) -> tuple[Hop, ...]:
    """Who published a document, then what the text says; an outlet that credits itself is one hop, not two."""
    first = Hop(kind="publisher", name=document.publisher, named=True, relation="wasDerivedFrom")
    return (first, *(hop for hop in hops if hop.kind != "outlet" or not _same(hop.name, document.publisher)))


def _same(name: str | None, publisher: str) -> bool:
    return name is not None and name.casefold() == publisher.casefold()


def position(span: tuple[int, int]) -> TextPositionSelector:
    """A span as the contract writes it."""
    return TextPositionSelector(start=span[0], end=span[1])


def published(value: Published | None) -> PublishedTime | None:
    """A publication time as the contract writes it: in UTC."""
    if value is None:
        return None
    return PublishedTime(value=value.value.astimezone(UTC), precision=value.precision, basis=value.basis)
