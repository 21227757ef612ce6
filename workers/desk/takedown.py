"""A document is taken down: what of it is known goes, claim by claim; what others say stands, in their words. Pure.

Claims that persons merged are taken apart before and put together afterwards, since each has its own words, and the
words of both stand in the mark of the merge.

Purging streams and texts is the store's part (`service.store.audit`); this decides what takes their place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from service.contract.data import Claim, Document, Frame, When, Why, WithdrawnData
from service.model import Article, WireWrite
from workers.claims.edits import Part, carried, counted
from workers.claims.model import Known
from workers.claims.sameness.lens import Lens
from workers.desk.merging import merge, uncounted, unmerge
from workers.wire.match import Member, WireStory
from workers.wire.sketch import SCHEME

Vector = Callable[[str, str], str]
"""(text, language) → base64 of the encoder's vector"""

SIGNAL = "takedown"


def touches(known: Known, uri: str) -> bool:
    """Whether a claim has anything of a document."""
    return uri in known.documents or uri in known.when_sources or known.appearance_document.uri == uri


def apart(claims: Mapping[str, Known], touched: Iterable[str]) -> tuple[dict[str, Known], list[tuple[str, str, str]]]:
    """The touched claims and all that were merged with them, each with what is its own; and what `together` needs."""
    into = {one.claim.id: one.merged_into for one in claims.values() if one.merged_into in claims}
    family = _family(into, touched)
    each = {claim_id: claims[claim_id] for claim_id in sorted(family) if claim_id in claims}
    left = {gone: target for gone, target in into.items() if gone in family and target is not None}
    merges: list[tuple[str, str, str]] = []
    while ready := sorted(pair for pair in left.items() if pair[1] not in left):  # of a chain the last was made last
        for gone, target in ready:
            merges.append((gone, target, each[gone].marks[-1].edit))
            each[target], each[gone] = unmerge(each[target], each[gone], each)
            del left[gone]
    return each, merges


def together(each: dict[str, Known], merges: Sequence[tuple[str, str, str]]) -> None:
    """Merges again, under the same edits, the claims that are left of `apart`; whose other is gone stands alone."""
    for gone, target, edit in reversed(merges):
        if gone in each and target in each:
            each[target], each[gone] = merge(each[target], each[gone], edit, each)


def unanswered(claims: Mapping[str, Known], removed: Iterable[str]) -> dict[str, Known]:
    """Those of the claims that the removed ones denied, or declined to comment on: nobody can read that any more."""
    gone = set(removed)
    return {
        claim_id: uncounted(known, gone)
        for claim_id, known in claims.items()
        if not gone.isdisjoint((*known.support.denied_by, *known.support.no_comment))
    }


def _family(into: Mapping[str, str | None], touched: Iterable[str]) -> set[str]:
    near: dict[str, list[str]] = {}
    for gone, target in into.items():
        if target is not None:
            near.setdefault(gone, []).append(target)
            near.setdefault(target, []).append(gone)
    found, left = set(touched), list(touched)
    while left:
        fresh = [claim_id for claim_id in near.get(left.pop(), ()) if claim_id not in found]
        found.update(fresh)
        left += fresh
    return found


def without(known: Known, uri: str, parts: list[Part], lens: Lens, vector: Vector) -> Known | None:
    """The claim as the other documents have it; None if no other makes it.

    Args:
        parts: where it stands, in the order in which that was seen.
        vector: of a text in a language.
    """
    left = [part for part in parts if part.document.uri != uri]
    first = next((part for part in left if part.evidence), None)
    if first is None:  # a copy that has the claim in other words does not show it
        return None
    own = known.appearance_document.uri == uri
    text = first.evidence[0].selector[0].exact if own else known.claim.text
    times = [(when, of) for when, of in zip(known.whens, known.when_sources, strict=False) if of != uri]
    update: dict[str, Any] = {
        "claim": _claim(known, text, uri, [when for when, _ in times], own=own),
        "why": Why(rule=known.why.rule, nearest=known.why.nearest, score=known.why.score),
        "links": tuple(link.model_copy(update={"why": ""}) for link in known.links) if own else known.links,
        "wordings": (text,),
        "vectors": (vector(text, first.document.language or "en"),),
        "frames": (Frame() if own else known.frames[0],),
        "whens": tuple(when for when, _ in times),
        "when_sources": tuple(of for _, of in times),
        **carried(left, lens),
    }
    if own:
        update |= {
            "appearance_document": first.document,
            "evidence": first.evidence,
            "attribution": first.attribution[1:],
        }
    gone = len(known.documents) - len({part.document.uri for part in left})
    copies = sum(part.copy for part in parts if part.document.uri == uri)
    return counted(known.model_copy(update=update), -gone, -copies)


def _claim(known: Known, text: str, uri: str, whens: list[When], *, own: bool) -> Claim:
    """With figures and times of its own only if another document gave them."""
    when = known.claim.when
    if when is not None and (own or uri in when.conflict_sources):
        when = whens[0] if whens else None
    update: dict[str, Any] = {"text": text, "when": when}
    return known.claim.model_copy(update={**update, "frame": Frame(), "quantities": ()} if own else update)


def withdrawn(
    article: Article,
    uri: str,
    reason: str,
    records: Mapping[str, Any],
    claims: tuple[str, ...],
    copies: tuple[str, ...],
) -> WithdrawnData:
    """The event: the address, who published it, why it is gone; none of its words."""
    publisher = next((record["publisher"] for record in records.values() if record.get("publisher")), "unknown")
    notice = Document(uri=uri, publisher=publisher, first_seen=article.first_seen, pub_status="canceled")
    return WithdrawnData(
        document=notice,
        withdrawn=(uri,),
        copies_with_old_text=copies,
        signal=SIGNAL,
        reason=reason,
        claims_removed=claims,
    )


def stub(record: Mapping[str, Any]) -> str:
    """What is kept of the document's record: that there was one."""
    kept = {name: record[name] for name in ("uri", "version", "publisher", "wire_story") if name in record}
    return json.dumps({**kept, "taken_down": True}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def emptied(wire_id: str, day: int) -> WireWrite:
    """A wire story's record without words: nothing is a copy of it."""
    empty = WireStory(wire_id, (Member("", "", "", ""),), ("",))
    return WireWrite((), wire_id, empty.to_bytes(), day, SCHEME)
