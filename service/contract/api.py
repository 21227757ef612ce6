"""What the HTTP API answers beside events: claims as they stand now, where they appear, what points at them."""

from __future__ import annotations

from typing import Literal

from pydantic import AwareDatetime

from service.contract.data import ClaimData, Document, Evidence, Hop, Model, Relation

Status = Literal["new", "background", "disputed", "updated", "retracted"]


class LinkFrom(Model):
    """Another claim that points at this one."""

    rel: Relation
    claim: str
    """id of the claim that points here"""
    text: str
    why: str


class ClaimShown(ClaimData):
    """A claim as it stands now; `appearance` is the first one."""

    retracted: bool = False
    status: tuple[Status, ...]
    """all that hold, the gravest first; `new` if nothing else does"""
    first_seen: AwareDatetime
    last_seen: AwareDatetime
    """of the last document that carries it"""
    linked_from: tuple[LinkFrom, ...] = ()
    """at most 50, in the order in which those claims were made"""


class AppearanceShown(Model):
    """One document that carries a claim."""

    article: str
    """id of the article, for the text while it is kept; the empty string if it is not known"""
    document: Document | None
    """null for a document that was read before appearances were kept: then its address is all that is known"""
    uri: str
    kind: Literal["first", "further", "copy"]
    """copy: a text that was known already; its words are those of the original where none are given"""
    evidence: tuple[Evidence, ...] = ()
    attribution: tuple[Hop, ...] = ()


class ClaimDetail(ClaimShown):
    """A claim with every appearance."""

    appearances: tuple[AppearanceShown, ...]
    """in the order in which they were decided"""
    appearances_left_out: int = 0
    """documents beyond those whose appearances are kept; the support counts them"""


class FeedShown(Model):
    """How a feed is."""

    feed: str
    condition: Literal["silent", "gone", "failing", "new", "well"]
    last_success: AwareDatetime | None = None
    last_checked: AwareDatetime | None = None
    next_due: AwareDatetime | None = None
    failures: int = 0
    """in a row"""
    error: str | None = None
    newest_entry: AwareDatetime | None = None
    entries_per_day: float = 0.0
    lag_seconds: float | None = None
    """from publication to our look, of what it brought last"""
