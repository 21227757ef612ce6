"""The registry's record of a claim: how it is made of a first clause, and what a further appearance adds to it.

Records are values: every function returns a new one.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from service.contract.data import (
    Claim,
    Document,
    Evidence,
    Link,
    Support,
    TextPositionSelector,
    TextQuoteSelector,
    When,
    Why,
)
from workers.claims.grammar.words import word_set
from workers.claims.memory import ladder
from workers.claims.memory.registry import Context
from workers.claims.model import Clause, Known
from workers.claims.sameness.figures import apart, conflicting
from workers.claims.sameness.kept import of_claim
from workers.claims.sameness.lens import Lens

WORDINGS = 8
"""wordings kept of one claim: enough that a paraphrase finds a near one, few enough that a claim cannot drift"""
DOCUMENTS = 200
"""uris kept of one claim; its support counts them all"""
CREDITS = 50
"""credits kept of one claim"""
TIMES = 12
"""times kept of one claim"""
RELATIVE = ("relative_to_publication", "relative_to_first_seen")
SURROUNDINGS = 32
"""characters of prefix and suffix of a quote selector (W3C Web Annotation recommends a short context)"""


@dataclass(frozen=True, slots=True)
class Voice:
    """Who says a clause: the keys that the ladder counts."""

    origin: str
    sources: tuple[str, ...]
    publisher: str


def voice(clause: Clause, context: Context, lens: Lens) -> Voice:
    """The voice behind a clause of this article."""
    return Voice(
        origin=ladder.origin(clause.attribution, context.document),
        sources=ladder.sources(clause.attribution, lens),
        publisher=context.document.publisher,
    )


def evidence(clause: Clause, context: Context) -> tuple[Evidence, ...]:
    """The exact words of the clause with what stands around them."""
    start, end, text = clause.start, clause.end, context.text
    quote = TextQuoteSelector(
        exact=text[start:end],
        prefix=text[max(0, start - SURROUNDINGS) : start],
        suffix=text[end : end + SURROUNDINGS],
    )
    return (Evidence(source=context.document.uri, selector=(quote, TextPositionSelector(start=start, end=end))),)


def claim_id(clause: Clause, context: Context) -> str:
    """'c1-' and 16 hex digits: the same for the same words of the same article, whoever reads it when."""
    key = "\0".join((context.story.id, context.article_id, clause.text, str(clause.start)))
    return "c1-" + hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def born(
    clause: Clause, context: Context, says: Voice, why: Why, *, links: Sequence[Link], unsure: bool, vector: bytes
) -> Known:
    """The record of a claim that nobody made before."""
    credits = _credits((), clause, context)
    support = ladder.climb(
        Support(),
        publishers=(says.publisher,),
        origins=(says.origin,),
        keys=says.sources,
        credits=credits,
        documents=1,
        copies=0,
    )
    return Known(
        claim=Claim(
            id=claim_id(clause, context),
            text=clause.text,
            about=context.story.id,
            frame=clause.frame,
            polarity=clause.polarity,
            modality=clause.modality,
            quantities=clause.quantities,
            when=clause.when,
            novelty="background" if clause.kind == "background" else "new",
            confidence="low" if unsure or clause.presupposed else "high",
        ),
        appearance_document=context.document,
        evidence=evidence(clause, context),
        attribution=clause.attribution,
        support=support,
        links=tuple(links),
        why=why,
        kind=clause.kind,
        vectors=(base64.b64encode(vector).decode("ascii"),),
        frames=(clause.frame,),
        wordings=(clause.text,),
        publishers=(says.publisher,),
        origins=(says.origin,),
        sources=says.sources,
        credits=credits,
        wire_stories=(context.wire_story,),
        documents=(context.document.uri,),
        articles=(context.article_id,),
        last_seen=context.document.first_seen,
        whens=(clause.when,) if clause.when else (),
        when_sources=(context.document.uri,) if clause.when else (),
    )


def told_again(known: Known, clause: Clause, context: Context, says: Voice, *, vector: bytes, teaches: bool) -> Known:
    """The record after one more appearance. `teaches`: its wording is kept, so that later ones are found by it."""
    fresh = context.document.uri not in known.documents
    update: dict[str, object] = {
        "publishers": _with(known.publishers, says.publisher),
        "origins": _with(known.origins, says.origin) if independent(known, clause, context, says) else known.origins,
        "sources": tuple(dict.fromkeys((*known.sources, *says.sources))),
        "credits": _credits(known.credits, clause, context),
        "wire_stories": _with(known.wire_stories, context.wire_story),
        **_seen(known, context.document, context.article_id),
        **_times(known, clause, context.document.uri),
    }
    if teaches and clause.text not in known.wordings and len(known.wordings) < WORDINGS:
        update["wordings"] = (*known.wordings, clause.text)
        update["frames"] = (*known.frames, clause.frame)
        update["vectors"] = (*known.vectors, base64.b64encode(vector).decode("ascii"))
    return _climbed(known.model_copy(update=update), known.support.documents + fresh, known.support.copies)


def copied(known: Known, document: Document, article_id: str = "") -> Known:
    """The record after a copy of a text that carries the claim: a document and perhaps a publisher, never an origin."""
    if document.uri in known.documents:
        return known
    update: dict[str, object] = {
        "publishers": _with(known.publishers, document.publisher),
        **_seen(known, document, article_id),
    }
    when = known.claim.when
    if when is not None and _outdated(when, known.appearance_document, document):
        update["claim"] = known.claim.model_copy(update={"when": when.model_copy(update={"stale": True})})
    return _climbed(known.model_copy(update=update), known.support.documents + 1, known.support.copies + 1)


def independent(known: Known, clause: Clause, context: Context, says: Voice) -> bool:
    """Whether this appearance is a voice of its own: another text, from another origin, not the same words again."""
    if context.wire_story in known.wire_stories or says.origin in known.origins:
        return False
    credits = ladder.credit(clause.attribution, context.document)
    if credits is not None and ladder.is_circular(known.credits, credits):
        return False
    return not any(_verbatim(clause.text, wording) for wording in known.wordings)


def pointed_at(known: Known, *, denied_by: str | None = None, no_comment: str | None = None) -> Known:
    """The record with the claim that denies it, or that withholds a comment on it."""
    support = known.support
    update = {
        "denied_by": _with(support.denied_by, denied_by) if denied_by else support.denied_by,
        "no_comment": _with(support.no_comment, no_comment) if no_comment else support.no_comment,
    }
    return known.model_copy(update={"support": support.model_copy(update=update)})


@of_claim
def as_clause(known: Known) -> Clause:
    """A known claim in the form in which it was read."""
    return Clause(
        start=0,
        end=0,
        text=known.claim.text,
        frame=known.claim.frame,
        polarity=known.claim.polarity,
        modality=known.claim.modality,
        kind=known.kind,
        attribution=known.attribution,
        language=known.appearance_document.language or "en",
    )


def _credits(before: tuple[ladder.Credit, ...], clause: Clause, context: Context) -> tuple[ladder.Credit, ...]:
    added = ladder.credit(clause.attribution, context.document)
    return before if added is None or added in before else (*before, added)[:CREDITS]


def _seen(known: Known, document: Document, article_id: str) -> dict[str, object]:
    """The documents with one more, and their articles beside them."""
    update: dict[str, object] = {"last_seen": document.first_seen}
    if document.uri not in known.documents and len(known.documents) < DOCUMENTS:
        articles = (*known.articles, *[""] * (len(known.documents) - len(known.articles)))
        update |= {"documents": (*known.documents, document.uri), "articles": (*articles, article_id)}
    return update


def _climbed(known: Known, documents: int, copies: int) -> Known:
    support = ladder.climb(
        known.support,
        publishers=known.publishers,
        origins=known.origins,
        keys=known.sources,
        credits=known.credits,
        documents=documents,
        copies=copies,
    )
    return known.model_copy(update={"support": support})


def _times(known: Known, clause: Clause, uri: str) -> dict[str, object]:
    """Times that cannot be the same stay visible, each with its words; one that is only printed again is marked."""
    when = clause.when
    if when is None or when in known.whens or len(known.whens) >= TIMES:
        return {}
    shown = known.claim.when or when
    if _printed_again(known, when):
        shown = shown.model_copy(update={"stale": True})
        if any(clause.text == wording or _verbatim(clause.text, wording) for wording in known.wordings):
            return {"claim": known.claim.model_copy(update={"when": shown})}
    whens, sources = (*known.whens, when), (*known.when_sources, uri)
    others = conflicting(shown, list(zip(whens, sources, strict=False)))
    update = {"conflicts_with": tuple(others), "conflict_sources": tuple(others.values())}
    shown = shown.model_copy(update=update)
    return {"whens": whens, "when_sources": sources, "claim": known.claim.model_copy(update={"when": shown})}


def _outdated(when: When, first: Document, copy: Document) -> bool:
    """Whether words of time that were counted from the day of the first print would mean other days in a copy."""
    if when.basis not in RELATIVE or when.earliest is None or when.latest is None:
        return False
    if when.basis == "relative_to_publication":
        if first.published is None or copy.published is None:
            return False
        later = copy.published.value - first.published.value
    else:
        later = copy.first_seen - first.first_seen
    return abs(later) > when.latest - when.earliest


def _printed_again(known: Known, when: When) -> bool:
    """ "About a week ago", again in a later text: who printed it again did not count anew.

    If the whole sentence is printed again that is certain; else the later time stays visible beside the first.
    """
    return any(
        when.basis in RELATIVE and other.basis in RELATIVE and _counted(other) == _counted(when) and apart(other, when)
        for other in known.whens
    )


def _counted(when: When) -> list[str]:
    """The words of a time without those that say how exact it is: "roughly ten days ago" as "ten days ago"."""
    return [word for word in when.text.casefold().split() if word not in word_set("marks.bound")]


VERBATIM_WORDS = 9
"""words in one run that two reports share only if one has them from the other (or both from one text).
Source: the wire room's shingles are shorter; runs of 9 did not occur between independent wordings of our stories."""


def _verbatim(left: str, right: str) -> bool:
    runs = _runs(left)
    return bool(runs) and not runs.isdisjoint(_runs(right))


@lru_cache(maxsize=2_000)
def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = "".join(c if c.isalnum() else " " for c in text.casefold()).split()
    return frozenset(tuple(words[at : at + VERBATIM_WORDS]) for at in range(len(words) - VERBATIM_WORDS + 1))


def _with(keys: tuple[str, ...], key: str) -> tuple[str, ...]:
    return keys if key in keys else (*keys, key)
