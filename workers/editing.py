"""One edit of a person, and what is known, in; one commit out. Pure, like `workers.decide`, whose place it takes.

An edit that no longer fits what is known (the claim was merged meanwhile) is refused with a reason, and keeps its
number: the line goes on.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from service.contract.data import Document, EditedData, EditMark, Evidence, Hop
from service.contract.edits import Edit, from_article
from service.model import Article, Commit, Outcome, StoryState
from service.stories.story import Story
from workers.announce import Announcer
from workers.claims import edits
from workers.claims.edits import Part
from workers.claims.lens import Lens, lens
from workers.claims.model import Known, Mark
from workers.claims.registry import Registry
from workers.decide import Decided
from workers.finding import Finding


@dataclass(frozen=True, slots=True)
class EditView:
    """What an edit is decided upon."""

    state: StoryState
    registry: Registry
    records: Mapping[str, str]
    """article id → the document's record, of the articles in which the claim stands"""


class _Refused(Exception):
    """The edit does not fit what is known; the words say why."""


def decide_edit(story: Story, number: int, finding: Finding, article: Article, view: EditView) -> Decided:
    """The commit of one edit."""
    changed: dict[str, Known] = {}
    why = ""
    try:
        edit = from_article(article)
        changed = _ACTIONS[edit.action](_Desk(edit, article.id, view, lens(story)))
    except _Refused as refused:
        why = str(refused)
    announcer = Announcer(story.id, article, view.state.sequence)
    for known in changed.values():
        _announce(announcer, known, edit, article)
    record = {
        "edit": json.loads(article.text),
        "at": article.first_seen.isoformat(),
        "number": number,
        "refused": why,
        "claims": list(changed),
    }
    commit = Commit(
        story=story.id,
        number=number,
        entry_id=finding.entry_id,
        token=view.state.token,
        article_id=article.id,
        uri=article.uri,
        outcome=Outcome.EDIT_REFUSED if why else Outcome.EDITED,
        wire_story=None,
        events=tuple(announcer.events),
        claims={claim_id: known.model_dump_json() for claim_id, known in changed.items()},
        documents={article.id: json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))},
    )
    return Decided(commit, changed, "edit", commit.next_token(), why=why)


@dataclass(frozen=True, slots=True)
class _Desk:
    edit: Edit
    id: str
    view: EditView
    lens: Lens

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


def _merge(desk: _Desk) -> dict[str, Known]:
    gone, target = desk.claim(desk.edit.claim), desk.claim(desk.edit.into)
    target, gone = edits.merge(target, gone, desk.id)
    return {gone.claim.id: gone, target.claim.id: target}


def _split(desk: _Desk) -> dict[str, Known]:
    known = desk.claim(desk.edit.claim)
    parts = _parts(known, desk.view.records)
    wanted = set(desk.edit.documents)
    missing = sorted(wanted - {part.document.uri for part in parts})
    if missing:
        raise _Refused(f"the claim is not known to stand in {missing[0]}")
    moved = [part for part in parts if part.document.uri in wanted]
    left = [part for part in parts if part.document.uri not in wanted]
    if not left:
        raise _Refused("no document would be left to the claim")
    rest, fresh = edits.split(known, moved, left, desk.id, desk.lens, _encoder(desk))
    fresh = fresh.model_copy(update={"encoder": desk.view.registry.encoder.name})
    return {rest.claim.id: rest, fresh.claim.id: fresh}


def _retract(desk: _Desk) -> dict[str, Known]:
    known = desk.claim(desk.edit.claim)
    return {known.claim.id: edits.retract(known, desk.id)}


def _background(desk: _Desk) -> dict[str, Known]:
    known = desk.claim(desk.edit.claim)
    if known.kind == "background":
        raise _Refused(f"{known.claim.id} is background already")
    return {known.claim.id: edits.to_background(known, desk.id)}


def _undo(desk: _Desk) -> dict[str, Known]:
    claims = desk.view.registry.claims
    found = [known for known in claims.values() if any(mark.edit == desk.edit.undoes for mark in known.marks)]
    if not found:
        raise _Refused(f"{desk.edit.undoes} changed nothing that still stands")
    known = found[0]
    mark = known.marks[-1]
    if mark.edit != desk.edit.undoes:
        raise _Refused(f"{mark.edit} changed the claim afterwards; undo that first")
    if mark.action not in ("merge", "split"):
        return {known.claim.id: edits.undone(known)}
    other = claims[mark.other]
    if (into := other.merged_into) is not None:
        raise _Refused(f"{other.claim.id} was merged into {into} afterwards; undo that first")
    if mark.action == "merge":
        target, gone = edits.unmerge(other, known)
    else:
        target, gone = edits.merge(other, known, desk.id)
    return {gone.claim.id: gone, target.claim.id: target}


_ACTIONS: Mapping[str, Callable[[_Desk], dict[str, Known]]] = {
    "merge": _merge,
    "split": _split,
    "retract": _retract,
    "background": _background,
    "undo": _undo,
}


def _mark(known: Known, action: str) -> Mark | None:
    return next((mark for mark in reversed(known.marks) if mark.action == action), None)


def _announce(announcer: Announcer, known: Known, edit: Edit, article: Article) -> None:
    """The claim as it stands after the edit; a retraction is told as such, too."""
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
        notice = Document(uri=article.uri, publisher=edit.by, headline=edit.reason[:200], first_seen=article.first_seen)
        announcer.retracted(known, notice, edit.reason)


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


def _encoder(desk: _Desk) -> Callable[[str, str], str]:
    def vector(text: str, language: str) -> str:
        raw = desk.view.registry.vectors([(desk.lens.content(text), language)])[0]
        return base64.b64encode(raw).decode("ascii")

    return vector
