"""One edit of a person, and what is known, in; one commit out. Pure, like `workers.desk.decide`, whose place it takes.

An edit that no longer fits what is known (the claim was merged meanwhile) is refused with a reason, and keeps its
number: the line goes on.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from service.contract.data import Document, EditedData, EditMark, Evidence, Hop, WithdrawnData
from service.contract.edits import Edit, from_article
from service.model import Article, Outcome, WireWrite
from service.stories.story import Story
from workers.claims import edits
from workers.claims.compare import Context, Effect, compare
from workers.claims.edits import Part
from workers.claims.model import Known, Mark
from workers.claims.sameness.lens import Lens, lens
from workers.desk import merging, takedown
from workers.desk.announce import Announcer
from workers.desk.decide import Decided, counted, headed
from workers.desk.finding import Finding
from workers.desk.view import EditView, day


@dataclass(frozen=True, slots=True)
class Applied:
    """What an edit changes."""

    changed: Mapping[str, Known] = field(default_factory=dict)
    removed: tuple[str, ...] = ()
    """claims that are forgotten"""
    documents: Mapping[str, str] = field(default_factory=dict)
    """article id → record"""
    wire: WireWrite = field(default_factory=WireWrite)
    withdrawn: WithdrawnData | None = None
    effects: tuple[Effect, ...] = ()
    """what subscribers are to hear of the claims instead of that they were edited"""
    counts: Mapping[str, int] = field(default_factory=dict)


class _Refused(Exception):
    """The edit does not fit what is known; the words say why."""


def decide_edit(story: Story, number: int, finding: Finding, article: Article, view: EditView) -> Decided:
    """The commit of one edit."""
    edit, why, applied = from_article(article), "", Applied()
    try:
        applied = _ACTIONS[edit.action](_Desk(edit, article, view, story, lens(story)))
    except _Refused as refused:
        why = str(refused)
    announcer = Announcer(story.id, article, view.state.sequence)
    if applied.withdrawn is not None:
        announcer.withdrawn(applied.withdrawn)
    announcer.effects(applied.effects, applied.changed, _notice(article, edit))
    for known in applied.changed.values() if edit.action != "due" else ():
        if known.held is None:
            _announce(announcer, known, edit, article)
    records = {claim_id: known.model_dump_json() for claim_id, known in applied.changed.items()}
    commit = headed(story, number, finding, article, view.state)(
        outcome=Outcome.EDIT_REFUSED if why else Outcome.EDITED,
        wire_story=None,
        events=tuple(announcer.events),
        claims=records | dict.fromkeys(applied.removed, ""),
        documents={**applied.documents, article.id: _audit(article, number, why, applied)},
        wire=applied.wire,
        counts={name: count for name, count in applied.counts.items() if count},
    )
    changed = dict(applied.changed)
    return Decided(commit, changed, "edit", commit.next_token(), dropped=frozenset(applied.removed), why=why)


def _audit(article: Article, number: int, why: str, applied: Applied) -> str:
    """The record of an edit: what was asked for, and what came of it."""
    record = {
        "edit": json.loads(article.text),
        "at": article.first_seen.isoformat(),
        "number": number,
        "refused": why,
        "claims": [*applied.changed, *applied.removed],
        "articles": list(applied.documents),
    }
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class _Desk:
    edit: Edit
    article: Article
    view: EditView
    story: Story
    lens: Lens

    @property
    def id(self) -> str:
        """The edit's."""
        return self.article.id

    def vector(self, text: str, language: str) -> str:
        """Of a text's content, as the registry keeps it."""
        raw = self.view.registry.vectors([(self.lens.content(text), language)])[0]
        return base64.b64encode(raw).decode("ascii")

    def claim(self, claim_id: str | None) -> Known:
        """A claim that an edit may change."""
        known = self.view.registry.claims.get(claim_id or "")
        if known is None:
            held = claim_id in self.view.registry.held
            raise _Refused(
                f"{claim_id} is held, and nobody was told of it" if held else f"there is no claim {claim_id}"
            )
        into = known.merged_into
        if into is not None:
            raise _Refused(f"{claim_id} is part of {into} since it was merged")
        if known.retracted:
            raise _Refused(f"{claim_id} is retracted")
        return known


def _merge(desk: _Desk) -> Applied:
    gone, target = desk.claim(desk.edit.claim), desk.claim(desk.edit.into)
    target, gone = merging.merge(target, gone, desk.id, desk.view.registry.claims)
    return Applied({gone.claim.id: gone, target.claim.id: target})


def _split(desk: _Desk) -> Applied:
    known = desk.claim(desk.edit.claim)
    part = next((one for one in desk.view.registry.claims.values() if one.merged_into == known.claim.id), None)
    if part is not None:
        raise _Refused(f"{part.claim.id} is part of the claim since {part.marks[-1].edit}; undo that first")
    parts = _parts(known, desk.view.records)
    wanted = set(desk.edit.documents)
    missing = sorted(wanted - {part.document.uri for part in parts})
    if missing:
        raise _Refused(f"the claim is not known to stand in {missing[0]}")
    moved = [part for part in parts if part.document.uri in wanted]
    left = [part for part in parts if part.document.uri not in wanted]
    if not left:
        raise _Refused("no document would be left to the claim")
    rest, fresh = edits.split(known, moved, left, desk.id, desk.lens, desk.vector)
    fresh = fresh.model_copy(update={"encoder": desk.view.registry.encoder.name})
    return Applied({rest.claim.id: rest, fresh.claim.id: fresh})


def _retract(desk: _Desk) -> Applied:
    known = desk.claim(desk.edit.claim)
    return Applied({known.claim.id: edits.retract(known, desk.id)})


def _background(desk: _Desk) -> Applied:
    known = desk.claim(desk.edit.claim)
    if known.kind == "background":
        raise _Refused(f"{known.claim.id} is background already")
    return Applied({known.claim.id: edits.to_background(known, desk.id)})


def _undo(desk: _Desk) -> Applied:
    claims = desk.view.registry.claims
    found = [known for known in claims.values() if any(mark.edit == desk.edit.undoes for mark in known.marks)]
    if not found:
        raise _Refused(f"{desk.edit.undoes} changed nothing that still stands")
    known = found[0]
    mark = known.marks[-1]
    if mark.edit != desk.edit.undoes:
        raise _Refused(f"{mark.edit} changed the claim afterwards; undo that first")
    if mark.action not in ("merge", "split"):
        return Applied({known.claim.id: edits.undone(known)})
    other = claims.get(mark.other)
    if other is None:
        raise _Refused(f"{mark.other} is gone since its document was taken down")
    if (into := other.merged_into) is not None:
        raise _Refused(f"{other.claim.id} was merged into {into} afterwards; undo that first")
    if mark.action == "merge":
        target, gone = merging.unmerge(other, known, claims)
    else:
        target, gone = merging.merge(other, known, desk.id, claims)
    return Applied({gone.claim.id: gone, target.claim.id: target})


def _takedown(desk: _Desk) -> Applied:
    uri = desk.edit.uri or ""
    registry, records = desk.view.registry, desk.view.records
    before = registry.claims | registry.held
    touched = [claim_id for claim_id, known in before.items() if takedown.touches(known, uri)]
    each, merges = takedown.apart(before, touched)
    removed: list[str] = []
    for claim_id in [claim_id for claim_id, known in each.items() if takedown.touches(known, uri)]:
        left = takedown.without(each[claim_id], uri, _parts(each[claim_id], records), desk.lens, desk.vector)
        if left is None:
            removed.append(claim_id)
            del each[claim_id]
        else:
            each[claim_id] = left.model_copy(update={"encoder": registry.encoder.name})
    takedown.together(each, merges)
    others = {claim_id: known for claim_id, known in (before | each).items() if claim_id not in removed}
    each |= takedown.unanswered(others, removed)
    changed = {claim_id: known for claim_id, known in each.items() if known != before[claim_id]}
    gone = {article_id: json.loads(records[article_id]) for article_id in desk.view.taken_down}
    told = tuple(claim_id for claim_id in removed if claim_id in registry.claims)
    wire = next((record.get("wire_story") for record in gone.values() if record.get("wire_story")), None)
    return Applied(
        changed,
        tuple(removed),
        {article_id: takedown.stub(record) for article_id, record in gone.items()},
        WireWrite() if wire is None else takedown.emptied(wire, day(desk.article)),
        takedown.withdrawn(desk.article, uri, desk.edit.reason, gone, told, desk.view.copies),
    )


def _lift(desk: _Desk) -> Applied:
    """Nothing that is known changes: the address may come again."""
    return Applied(documents={article_id: desk.view.records[article_id] for article_id in desk.view.taken_down})


def _due(desk: _Desk) -> Applied:
    """What an article in which nothing is read does to what is held."""
    notice = _notice(desk.article, desk.edit)
    came = compare(desk.view.registry, (), Context(desk.story, notice, "", desk.id, wire_story=""))
    return Applied(came.changed, tuple(sorted(came.dropped)), effects=came.effects, counts=counted(came))


_ACTIONS: Mapping[str, Callable[[_Desk], Applied]] = {
    "merge": _merge,
    "split": _split,
    "retract": _retract,
    "background": _background,
    "undo": _undo,
    "takedown": _takedown,
    "lift": _lift,
    "due": _due,
}


def _mark(known: Known, action: str) -> Mark | None:
    return next((mark for mark in reversed(known.marks) if mark.action == action), None)


def _announce(announcer: Announcer, known: Known, edit: Edit, article: Article) -> None:
    """The claim as it stands after the edit; a retraction is told as such, too."""
    assert edit.action != "lift", "it changes no claim"
    assert edit.action != "due", "subscribers are told of new claims"
    of = EditMark(
        id=article.id,
        action=edit.action,
        reason=edit.reason,
        by=edit.by,
        at=article.first_seen,
        undoes=edit.undoes,
    )
    into, split = known.merged_into, _mark(known, "split")
    body = EditedData(
        edit=of,
        claim=known.claim,
        status="merged" if into else "retracted" if known.retracted else "stands",
        merged_into=into,
        split_from=split.other if split else None,
        support=known.support,
    )
    announcer.edited(body)
    if edit.action == "retract":
        announcer.retracted(known, _notice(article, edit), edit.reason)


def _notice(article: Article, edit: Edit) -> Document:
    return Document(uri=article.uri, publisher=edit.by, headline=edit.reason[:200], first_seen=article.first_seen)


def _parts(known: Known, records: Mapping[str, str]) -> list[Part]:
    """Where the claim stands, in the order in which that was seen."""
    parts = []
    for article_id in dict.fromkeys(known.articles):
        record: dict[str, Any] = json.loads(records.get(article_id, "{}"))
        found = record.get("appearances", {}).get(known.claim.id)
        if found is not None and "document" in record:
            parts.append(_part(article_id, record, found))
    return parts


def _part(article_id: str, record: Mapping[str, Any], found: Mapping[str, Any]) -> Part:
    return Part(
        document=Document.model_validate(record["document"]),
        article=article_id,
        wire_story=record.get("wire_story") or "",
        evidence=tuple(Evidence.model_validate(one) for one in found.get("evidence", ())),
        attribution=tuple(Hop.model_validate(hop) for hop in found.get("attribution", ())),
        copy=bool(found.get("copy")),
    )
