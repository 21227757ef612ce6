"""What a person may do to claims (merge, split, retract, mark as background, undo) and to a document (take it down,
lift that); and what the service asks for by itself (see to what is held and due).

An edit goes the way of an article: it gets a number in its story's line, and is decided and committed in its turn. So
there is one writer, one sequence, and no edit that half happened.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from service.contract.data import Model
from service.model import Article

EDIT_ID = r"^e1-[0-9a-f]{16}$"
CLAIM_ID = r"^c1-[0-9a-f]{16}$"

ClaimId = Annotated[str, StringConstraints(pattern=CLAIM_ID)]
EditId = Annotated[str, StringConstraints(pattern=EDIT_ID)]
Action = Literal["merge", "split", "retract", "background", "undo", "takedown", "lift", "due"]

_NEEDED: dict[str, tuple[str, ...]] = {
    "merge": ("claim", "into"),
    "split": ("claim", "documents"),
    "retract": ("claim",),
    "background": ("claim",),
    "undo": ("undoes",),
    "takedown": ("uri",),
    "lift": ("uri",),
    "due": (),
}


class Edit(Model):
    """One decision of a person about claims of a story, with its reason."""

    action: Action
    claim: ClaimId | None = None
    """the claim that is changed"""
    into: ClaimId | None = None
    """merge: the claim that both are from now on"""
    documents: Annotated[tuple[str, ...], Field(max_length=200)] = ()
    """split: uris of the documents in which it is another claim"""
    undoes: EditId | None = None
    """undo: the edit that is taken back"""
    uri: Annotated[str, StringConstraints(max_length=4000)] | None = None
    """takedown: of the document whose words are forgotten; that cannot be undone. lift: of one that was taken down and
    may come again"""
    ahead: bool | None = None
    """takedown: true bars an address under which nothing is known yet, instead of refusing that"""
    reason: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1000)]
    by: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
    """who decided it"""

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        needed = _NEEDED[self.action]
        for name in ("claim", "into", "documents", "undoes", "uri"):
            given = bool(getattr(self, name))
            if given != (name in needed):
                raise ValueError(f"{self.action} {'needs' if not given else 'has no'} {name}")
        if self.ahead is not None and self.action != "takedown":
            raise ValueError(f"{self.action} has no ahead")
        if self.claim is not None and self.claim == self.into:
            raise ValueError("a claim cannot be merged into itself")
        return self


def edit_id(story: str, key: str) -> str:
    """'e1-' and 16 hex digits: the same for the same key, so that a request that is repeated is one edit."""
    return "e1-" + hashlib.sha256(f"{story}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def is_edit(article_id: str) -> bool:
    """Whether what stands in a story's line under this id is an edit."""
    return article_id.startswith("e1-")


def as_article(edit: Edit, id_: str, at: datetime) -> Article:
    """The form in which an edit is admitted: its text is the edit itself."""
    return Article(
        id=id_,
        source=edit.by,
        uri=f"edit:{id_}",
        headline=edit.action,
        text=edit.model_dump_json(exclude_none=True),
        language=None,
        published=None,
        first_seen=at,
    )


def from_article(article: Article) -> Edit:
    """Inverse of `as_article`.

    Raises:
        ValueError: the text is no edit.
    """
    return Edit.model_validate_json(article.text)
