"""A document is taken down: what of it is known goes, claim by claim; what others say stands, in their words. Pure.

Purging streams and texts is the store's part (`service.store.audit`); this decides what takes their place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from service.contract.data import Claim, Document, Frame, When, Why, WithdrawnData
from service.model import Article, WireWrite
from workers.claims.edits import Part, carried, counted
from workers.claims.lens import Lens
from workers.claims.model import Known
from workers.wire.match import Member, WireStory
from workers.wire.sketch import SCHEME

Vector = Callable[[str, str], str]
"""(text, language) → base64 of the encoder's vector"""

SIGNAL = "takedown"


def touches(known: Known, uri: str) -> bool:
    """Whether a claim has anything of a document."""
    return uri in known.documents or uri in known.when_sources or known.appearance_document.uri == uri


def without(known: Known, uri: str, parts: list[Part], lens: Lens, vector: Vector) -> Known | None:
    """The claim as the other documents have it; None if no other makes it.

    Args:
        parts: where it stands, in the order in which that was seen.
        vector: of a text in a language.
    """
    left = [part for part in parts if part.document.uri != uri and part.evidence]
    if not left:
        return None
    own = known.appearance_document.uri == uri
    text = left[0].evidence[0].selector[0].exact if own else known.claim.text
    times = [(when, of) for when, of in zip(known.whens, known.when_sources, strict=False) if of != uri]
    update: dict[str, Any] = {
        "claim": _claim(known, text, uri, [when for when, _ in times], own=own),
        "why": Why(rule=known.why.rule, nearest=known.why.nearest, score=known.why.score),
        "links": tuple(link.model_copy(update={"why": ""}) for link in known.links) if own else known.links,
        "wordings": (text,),
        "vectors": (vector(text, left[0].document.language or "en"),),
        "frames": (Frame() if own else known.frames[0],),
        "whens": tuple(when for when, _ in times),
        "when_sources": tuple(of for _, of in times),
        **carried(left, lens),
    }
    if own:
        update |= {
            "appearance_document": left[0].document,
            "evidence": left[0].evidence,
            "attribution": left[0].attribution[1:],
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
