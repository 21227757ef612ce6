"""What a person's edit does to the registry's records, and how it is undone. Records are values, as in `known`."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from service.contract.data import Claim, Document, Evidence, Frame, Hop, Support, Why
from workers.claims.memory import ladder
from workers.claims.memory.known import DOCUMENTS, TIMES, WORDINGS
from workers.claims.model import Known, Lent, Mark
from workers.claims.sameness.lens import Lens

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Part:
    """A claim in one document: what moves when a claim is split."""

    document: Document
    article: str
    """the article's id"""
    wire_story: str
    evidence: tuple[Evidence, ...]
    attribution: tuple[Hop, ...]
    """the publisher first"""
    copy: bool


def merge(target: Known, gone: Known, edit: str) -> tuple[Known, Known]:
    """`gone` becomes part of `target`, which from now on is found by the wordings of both and counts both voices."""
    lent = Lent(
        publishers=_beyond(gone.publishers, target.publishers),
        origins=_beyond(gone.origins, target.origins),
        sources=_beyond(gone.sources, target.sources),
        wire_stories=_beyond(gone.wire_stories, target.wire_stories),
        wordings=_beyond(gone.wordings, target.wordings)[: 2 * WORDINGS - len(target.wordings)],
        documents=_beyond(gone.documents, target.documents)[: DOCUMENTS - len(target.documents)],
        denied_by=_beyond(gone.support.denied_by, (*target.support.denied_by, target.claim.id)),
        no_comment=_beyond(gone.support.no_comment, (*target.support.no_comment, target.claim.id)),
        whens=tuple(when for when in gone.whens if when not in target.whens)[: TIMES - len(target.whens)],
        documents_counted=gone.support.documents - len(set(gone.documents) & set(target.documents)),
        copies_counted=gone.support.copies,
    )
    words = {text: (gone.vectors[at], gone.frames[at]) for at, text in enumerate(gone.wordings)}
    articles = dict(zip(gone.documents, gone.articles, strict=False))
    sources = dict(zip(gone.whens, gone.when_sources, strict=False))
    update = {
        "publishers": (*target.publishers, *lent.publishers),
        "origins": (*target.origins, *lent.origins),
        "sources": (*target.sources, *lent.sources),
        "wire_stories": (*target.wire_stories, *lent.wire_stories),
        "wordings": (*target.wordings, *lent.wordings),
        "vectors": (*target.vectors, *(words[text][0] for text in lent.wordings)),
        "frames": (*target.frames, *(words[text][1] for text in lent.wordings)),
        "documents": (*target.documents, *lent.documents),
        "articles": (*_padded(target), *(articles.get(uri, "") for uri in lent.documents)),
        "whens": (*target.whens, *lent.whens),
        "when_sources": (*target.when_sources, *(sources.get(when, "") for when in lent.whens)),
        "last_seen": max(filter(None, (target.last_seen, gone.last_seen)), default=None),
        "support": _pointed(
            target.support,
            (*target.support.denied_by, *lent.denied_by),
            (*target.support.no_comment, *lent.no_comment),
        ),
    }
    grown = counted(target.model_copy(update=update), lent.documents_counted, lent.copies_counted)
    mark = Mark(edit=edit, action="merge", other=target.claim.id, lent=lent, retracted=gone.retracted)
    return grown, gone.model_copy(update={"retracted": True, "marks": (*gone.marks, mark)})


def unmerge(target: Known, gone: Known) -> tuple[Known, Known]:
    """Undoes the last merge of `gone` into `target`; what came to the target since stays with it."""
    mark = gone.marks[-1]
    lent = mark.lent or Lent()
    words = [at for at, text in enumerate(target.wordings) if text not in lent.wordings]
    files = [at for at, uri in enumerate(target.documents) if uri not in lent.documents]
    times = [at for at, when in enumerate(target.whens) if when not in lent.whens]
    articles = _padded(target)
    update = {
        "publishers": _beyond(target.publishers, lent.publishers),
        "origins": _beyond(target.origins, lent.origins),
        "sources": _beyond(target.sources, lent.sources),
        "wire_stories": _beyond(target.wire_stories, lent.wire_stories),
        "wordings": _at(target.wordings, words),
        "vectors": _at(target.vectors, words),
        "frames": _at(target.frames, words),
        "documents": _at(target.documents, files),
        "articles": _at(articles, files),
        "whens": _at(target.whens, times),
        "when_sources": tuple(target.when_sources[at] for at in times if at < len(target.when_sources)),
        "support": _pointed(
            target.support,
            _beyond(target.support.denied_by, lent.denied_by),
            _beyond(target.support.no_comment, lent.no_comment),
        ),
    }
    shrunk = counted(target.model_copy(update=update), -lent.documents_counted, -lent.copies_counted)
    return shrunk, gone.model_copy(update={"retracted": mark.retracted, "marks": gone.marks[:-1]})


def retract(known: Known, edit: str) -> Known:
    """Nothing is compared with it any more."""
    mark = Mark(edit=edit, action="retract", retracted=known.retracted)
    return known.model_copy(update={"retracted": True, "marks": (*known.marks, mark)})


def to_background(known: Known, edit: str) -> Known:
    """It is known and found, and is no news."""
    mark = Mark(edit=edit, action="background", kind=known.kind)
    claim = known.claim.model_copy(update={"novelty": "background"})
    return known.model_copy(update={"kind": "background", "claim": claim, "marks": (*known.marks, mark)})


def undone(known: Known) -> Known:
    """Without its last mark, if that retracted it or made it background."""
    mark, marks = known.marks[-1], known.marks[:-1]
    if mark.action == "background":
        claim = known.claim.model_copy(update={"novelty": "new"})
        return known.model_copy(update={"kind": mark.kind, "claim": claim, "marks": marks})
    return known.model_copy(update={"retracted": mark.retracted, "marks": marks})


def split(
    known: Known,
    moved: Sequence[Part],
    left: Sequence[Part],
    edit: str,
    lens: Lens,
    vector: Callable[[str, str], str],
) -> tuple[Known, Known]:
    """What is left of the claim, and the claim that the moved parts make.

    Args:
        moved: at least one, in the order in which they were first seen.
        left: the parts that stay, at least one.
        vector: the base64 vector of a text in a language.
    """
    first = moved[0]
    text = first.evidence[0].selector[0].exact if first.evidence else known.claim.text
    fresh = known.model_copy(
        update={
            "claim": Claim(id=_new_id(edit), text=text, about=known.claim.about, frame=Frame()),
            "appearance_document": first.document,
            "evidence": first.evidence or known.evidence,
            "attribution": first.attribution[1:],
            "support": Support(),
            "links": (),
            "why": Why(rule="edit", nearest=known.claim.id, detail="split from it by a person"),
            "kind": "claim",
            "wordings": (text,),
            "vectors": (vector(text, first.document.language or "en"),),
            "frames": (Frame(),),
            "whens": (),
            "when_sources": (),
            "retracted": False,
            "marks": (Mark(edit=edit, action="split", other=known.claim.id),),
            "last_seen": moved[-1].document.first_seen,
            **carried(moved, lens),
        }
    )
    copies = sum(part.copy for part in moved)
    kept = [at for at, wording in enumerate(known.wordings) if at == 0 or wording != text]
    times = [
        at for at, uri in enumerate(known.when_sources) if at == 0 or uri not in {part.document.uri for part in moved}
    ]
    update = {
        "wordings": _at(known.wordings, kept),
        "vectors": _at(known.vectors, kept),
        "frames": _at(known.frames, kept),
        "whens": tuple(known.whens[at] for at in times if at < len(known.whens)),
        "when_sources": _at(known.when_sources, times),
        **carried(left, lens),
    }
    rest = counted(known.model_copy(update=update), -len(moved), -copies)
    return rest, counted(fresh, len(moved), copies, anew=True)


def carried(parts: Sequence[Part], lens: Lens) -> dict[str, object]:
    """Who carries it, counted anew from where it stands: fields of the record."""
    own = [part for part in parts if not part.copy]
    return {
        "publishers": _once(part.document.publisher for part in parts),
        "origins": _once(ladder.origin(part.attribution[1:], part.document) for part in own or parts[:1]),
        "sources": _once(key for part in own for key in ladder.sources(part.attribution[1:], lens)),
        "wire_stories": _once(part.wire_story for part in parts),
        "documents": _once(part.document.uri for part in parts),
        "articles": tuple({part.document.uri: part.article for part in parts}.values()),
    }


def counted(known: Known, documents: int, copies: int, *, anew: bool = False) -> Known:
    """The record with so many documents and copies more, or so many in all, and its ladder climbed again."""
    before = Support() if anew else known.support
    base = (0, 0) if anew else (before.documents, before.copies)
    support = ladder.climb(
        before,
        publishers=known.publishers,
        origins=known.origins,
        keys=known.sources,
        documents=max(1, base[0] + documents),
        copies=max(0, base[1] + copies),
    )
    return known.model_copy(update={"support": support})


def _pointed(support: Support, denied_by: tuple[str, ...], no_comment: tuple[str, ...]) -> Support:
    return support.model_copy(update={"denied_by": denied_by, "no_comment": no_comment})


def _new_id(edit: str) -> str:
    return "c1-" + hashlib.sha256(f"split\0{edit}".encode()).hexdigest()[:16]


def _padded(known: Known) -> tuple[str, ...]:
    return (*known.articles, *[""] * (len(known.documents) - len(known.articles)))


def _beyond(keys: Sequence[str], known: Sequence[str]) -> tuple[str, ...]:
    return tuple(key for key in keys if key not in known)


def _once(keys: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(keys))


def _at(values: Sequence[T], places: Sequence[int]) -> tuple[T, ...]:
    return tuple(values[at] for at in places)
