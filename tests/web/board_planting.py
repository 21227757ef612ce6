"""A story with claims of every kind, put into the store by the store's own calls: what the board is tried on."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from service.contract.data import (
    Appearance,
    Claim,
    ClaimData,
    Document,
    EditedData,
    EditMark,
    Evidence,
    Frame,
    Hop,
    Link,
    PublishedTime,
    SourceCount,
    Support,
    TextPositionSelector,
    TextQuoteSelector,
    When,
    Why,
    WithdrawnData,
)
from service.contract.envelope import event
from service.model import Article, Commit, EntryResult, Event, Outcome, WireWrite
from service.store.store import Store
from workers.claims.model import Held, Known, Mark

STORY = "lighthouse-sale"
NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
BODY = "It rained on Sunday. {words} The ferry left on time, and nobody asked about the price of oil."


@dataclass(frozen=True)
class Told:
    """One claim to be planted, in an article of its own."""

    number: int
    words: str
    """the exact words, as the article has them"""
    text: str = ""
    """of the claim; as the words if it is not given"""
    publisher: str = "Nordnytt"
    headline: str = "Skerry sells"
    uri: str = ""
    hops: tuple[Hop, ...] = ()
    support: Support = field(default_factory=Support)
    links: tuple[Link, ...] = ()
    background: bool = False
    retracted: bool = False
    low: bool = False
    when: When | None = None
    type: str = "claimwire.claim.new.v1"
    further: tuple[Further, ...] = ()
    merged_into: int = 0
    other: Mapping[str, Any] = field(default_factory=dict)
    """whatever else is to stand in its record"""
    claim: int = 0
    """number of the claim, where an article brings several; 0: as that of the article"""

    @property
    def id(self) -> str:
        return f"c1-{self.claim or self.number:016x}"


@dataclass(frozen=True)
class Further:
    """One more document that carries a claim."""

    number: int
    publisher: str
    words: str = ""
    """empty: a copy, without words of its own"""
    body: str = BODY
    hops: tuple[Hop, ...] = ()


def named(name: str, side: str | None = None, descriptor: str | None = None) -> Hop:
    return Hop(
        kind="person", name=name, descriptor=descriptor, named=True, side=side, cue="said", relation="wasAttributedTo"
    )


def unnamed(descriptor: str, side: str | None = None) -> Hop:
    return Hop(kind="unnamed", descriptor=descriptor, named=False, side=side, cue="told", relation="wasAttributedTo")


def outlet(name: str) -> Hop:
    return Hop(kind="outlet", name=name, named=True, relation="wasDerivedFrom")


def denies(target: int) -> Link:
    return Link(rel="denies", target=f"c1-{target:016x}", why="she denies it in so many words")


def held(number: int, words: str, band: Literal["wait", "doubt"] = "wait", hour: int = 18) -> Told:
    """A claim that waits until half past the hour."""
    until = NOON.replace(hour=hour, minute=30)
    waits = Held(since=NOON, until=until, band=band, score=0.4)
    return Told(number, words, hops=(named("Ada Brandt", "Skerry", "mayor"),), other={"held": waits})


def text_of(told: Told) -> str:
    return BODY.format(words=told.words)


def article_of(told: Told) -> Article:
    return Article(
        id=f"a1-{told.number:016x}",
        source=told.publisher,
        uri=told.uri or f"https://nordnytt.example/{told.number}",
        headline=told.headline,
        text=text_of(told),
        language="en",
        published=None,
        first_seen=NOON + timedelta(minutes=told.number),
    )


def document_of(article: Article, copy_of: str | None = None) -> Document:
    return Document(
        uri=article.uri,
        publisher=article.source,
        headline=article.headline,
        language="en",
        published=PublishedTime(value=NOON, precision="day", basis="feed"),
        first_seen=article.first_seen,
        copy_of=copy_of,
    )


def evidence_of(article: Article, words: str) -> tuple[Evidence, ...]:
    start = article.text.index(words)
    end = start + len(words)
    quote = TextQuoteSelector(exact=words, prefix=article.text[max(0, start - 32) : start], suffix=" The ferry")
    return (Evidence(source=article.uri, selector=(quote, TextPositionSelector(start=start, end=end))),)


def known_of(told: Told) -> Known:
    article = article_of(told)
    more = [_further_article(told, one) for one in told.further]
    known = Known(
        claim=Claim(
            id=told.id,
            text=told.text or told.words,
            about=STORY,
            frame=Frame(actor="Skerry", action="sell", target="lighthouse"),
            novelty="background" if told.background else "new",
            confidence="low" if told.low else "high",
            when=told.when,
        ),
        appearance_document=document_of(article),
        evidence=evidence_of(article, told.words),
        attribution=told.hops,
        support=told.support,
        links=told.links,
        why=Why(rule="new", detail="nothing near"),
        kind="background" if told.background else "claim",
        vectors=("AAAA",),
        frames=(Frame(actor="Skerry"),),
        origins=("outlet:" + told.publisher.casefold(),),
        sources=(),
        documents=(article.uri, *(one.uri for one in more)),
        articles=(article.id, *(one.id for one in more)),
        last_seen=max(one.first_seen for one in (article, *more)),
        retracted=told.retracted or bool(told.merged_into),
        marks=(Mark(edit="e1-1", action="merge", other=f"c1-{told.merged_into:016x}"),) if told.merged_into else (),
    )
    return known.model_copy(update=dict(told.other))


def _further_article(told: Told, one: Further) -> Article:
    return Article(
        id=f"a1-{one.number:016x}",
        source=one.publisher,
        uri=f"https://{one.publisher.casefold().replace(' ', '-')}.example/{one.number}",
        headline=f"As {one.publisher} has it",
        text=one.body.format(words=one.words or told.words),
        language="en",
        published=None,
        first_seen=NOON + timedelta(minutes=one.number),
    )


def event_of(told: Told, sequence: int) -> Event:
    item, article = known_of(told), article_of(told)
    body = ClaimData(
        claim=item.claim,
        appearance=Appearance(document=item.appearance_document, evidence=item.evidence),
        attribution=item.attribution,
        support=item.support,
        links=item.links,
        why=item.why,
    )
    new = told.type == "claimwire.claim.new.v1"
    return event(STORY, told.type, body, f"{article.id}:1", told.id, article.first_seen, sequence, None, new)


class Planting:
    """Admits articles and commits them, each with its claims."""

    def __init__(self, store: Store, story: str = STORY) -> None:
        self._store = store
        self._story = story

    async def tell(self, *told: Told) -> None:
        """Each claim by its own article, and the further documents that carry it."""
        for one in told:
            await self._commit(article_of(one), [one], {})
            for further in one.further:
                article = _further_article(one, further)
                await self._commit(article, [], {one.id: _kept(article, further, one)})

    async def tell_at_once(self, told: Sequence[Told]) -> None:
        """Many claims by the article of the first."""
        await self._commit(article_of(told[0]), told, {})

    async def count(self, told: Told, number: int) -> None:
        """A claim's record as a copy leaves it: counted, and no event."""
        copy = replace(article_of(told), id=f"a1-{number:016x}", uri=f"https://copy.example/{number}")
        await self._commit(copy, [], {}, (), {told.id: known_of(told).model_dump_json()})

    async def hold(self, *told: Told) -> None:
        """Claims that nobody is told of."""
        for one in told:
            await self.count(one, one.number + 500)

    async def tell_of_edit(self, told: Told, number: int, action: Literal["merge", "background"], reason: str) -> None:
        """That a person edited a claim, whose record says so already."""
        notice = replace(article_of(told), id=f"e1-{number:016x}", uri=f"edit:{number}")
        mark = EditMark(id=notice.id, action=action, reason=reason, by="Ann <b>", at=NOON)
        status: Literal["merged", "stands"] = "merged" if action == "merge" else "stands"
        body = EditedData(edit=mark, claim=known_of(told).claim, status=status, support=told.support)
        sequence = (await self._store.head(self._story)).state.sequence + 1
        type_ = "claimwire.claim.edited.v1"
        edited = event(STORY, type_, body, notice.id, told.id, NOON, sequence, None, False)
        await self._commit(notice, [], {}, (edited,))

    async def take_down(self, told: Told, number: int, *, stands: bool = False) -> None:
        """The document of a claim, as a takedown leaves it; and the claim, unless it `stands` in others' words."""
        removed = () if stands else (told.id,)
        notice = replace(article_of(told), id=f"e1-{number:016x}", uri=f"edit:{number}")
        gone = Document(uri=article_of(told).uri, publisher=told.publisher, first_seen=NOON, pub_status="canceled")
        body = WithdrawnData(
            document=gone, withdrawn=(gone.uri,), signal="takedown", reason="asked for", claims_removed=removed
        )
        type_ = "claimwire.document.withdrawn.v1"
        sequence = (await self._store.head(self._story)).state.sequence + 1
        withdrawn = event(STORY, type_, body, notice.id, gone.uri, NOON, sequence, None, False)
        await self._store.bar(STORY, gone.uri, "asked for")
        await self._commit(notice, [], {}, (withdrawn,), dict.fromkeys(removed, ""))
        await self._store.purge(STORY, gone.uri, [article_of(told).id], [told.id])

    async def _commit(
        self,
        article: Article,
        told: Sequence[Told],
        kept: Mapping[str, Any],
        events: tuple[Event, ...] = (),
        claims: Mapping[str, str] | None = None,
    ) -> None:
        store = self._store
        assert await store.admit(self._story, article, f"poll-{article.id}", 60) is EntryResult.ADMITTED
        state = (await store.head(self._story)).state
        number, sequence = state.committed + 1, state.sequence
        copy_of = next((one["copy_of"] for one in kept.values() if one.get("copy")), None)
        record = {
            "uri": article.uri, "version": 1, "publisher": article.source, "headline": article.headline,
            "wire_story": f"w1-{number:016x}", "appearances": kept,
            "document": document_of(article, copy_of).model_dump(mode="json", by_alias=True),
        }  # fmt: skip
        commit = Commit(
            story=self._story, number=number, entry_id=f"{number}-0", token=state.token,
            article_id=article.id, uri=article.uri, outcome=Outcome.ANNOUNCED, wire_story=None,
            events=events or tuple(event_of(one, sequence + place) for place, one in enumerate(told, 1)),
            claims={one.id: known_of(one).model_dump_json() for one in told} | dict(claims or {}),
            documents={article.id: json.dumps(record)},
            wire=WireWrite((number,), f"w1-{number:016x}", b"record", 741_006, "scheme"),
        )  # fmt: skip
        assert await store.commit(commit)


def _kept(article: Article, further: Further, told: Told) -> dict[str, Any]:
    if not further.words:
        return {"copy": True, "copy_of": article_of(told).uri}
    evidence = evidence_of(article, further.words)
    return {
        "evidence": [one.model_dump(mode="json", by_alias=True) for one in evidence],
        "attribution": [hop.model_dump(mode="json", by_alias=True) for hop in further.hops],
    }


SOLD = Told(
    1,
    "Skerry sold its lighthouse to Fjordlys, a senior official told Nordnytt.",
    text="Skerry sold its lighthouse to Fjordlys.",
    hops=(unnamed("a senior official", "Skerry"),),
    support=Support(
        copies=1, documents=3, publishers=3, origins=2, sources=SourceCount(min=1, max=2, named=0), sides=("Skerry",),
        denied_by=("c1-0000000000000002",),
    ),
    when=When(text="last week", conflicts_with=("a month ago",), conflict_sources=("https://coast-radio.example/5",)),
    further=(
        Further(5, "Coast Radio", "The lighthouse of Skerry went to Fjordlys a month ago, two officials said."),
        Further(6, "Island Herald"),
    ),
)  # fmt: skip
DENIED = Told(
    2,
    "Fjordlys denied on Monday that it had bought the lighthouse.",
    publisher="Fjord Post",
    hops=(named("Ola Berg", "Fjordlys", "spokesman of Fjordlys"),),
    support=Support(sources=SourceCount(min=1, max=1, named=1), sides=("Fjordlys",)),
    links=(denies(1),),
)
LONG_AGO = Told(3, "The lighthouse was built in 1887.", background=True, publisher="Island Herald")
TAKEN_BACK = Told(4, "Ada Brandt resigned on Friday.", retracted=True, low=True, publisher="Coast Radio")
EVERYTHING = (SOLD, DENIED, LONG_AGO, TAKEN_BACK)
