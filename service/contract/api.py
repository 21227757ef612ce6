"""What the HTTP API answers beside events: claims as they stand now, where they appear, what points at them."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import AwareDatetime, Field

from service.contract.data import ClaimData, Document, Evidence, Hop, Model, Relation
from service.contract.edits import Edit

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


class QuotationWording(Model):
    """One wording of a quotation."""

    text: str
    sources: tuple[str, ...]
    """uris of the documents that have it"""
    differs: tuple[tuple[int, int], ...] = ()
    """spans of the text, in code points, whose words are not those of the first wording"""


class Quotation(Model):
    """What several documents quote in different words."""

    wordings: tuple[QuotationWording, ...]
    """two or more, in the order of appearance"""


class ClaimDetail(ClaimShown):
    """A claim with every appearance."""

    appearances: tuple[AppearanceShown, ...]
    """in the order in which they were decided"""
    appearances_left_out: int = 0
    """documents beyond those whose appearances are kept; the support counts them"""
    quotations: tuple[Quotation, ...] = ()
    """those that its appearances have in more than one wording"""


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


class Problem(Model):
    """An error (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str | None = None
    """what is wrong, and what to do about it"""


class Streams(Model):
    """Where a story's events stand in Redis."""

    new_claims: str
    events: str


class StoryShown(Model):
    """A followed story and where it stands."""

    id: str
    title: str
    language: str
    focus: tuple[tuple[str, ...], ...]
    """an article concerns the story when it names an actor of every group"""
    actors: dict[str, str]
    """name → state, organisation, person or place"""
    admitted: int
    """articles that concern it"""
    committed: int
    """of these, decided"""
    sequence: int
    """of its last event"""
    streams: Streams
    claims: str
    """address of its claims"""
    events: str
    """address of its events, as they happen"""


class StoriesAnswer(Model):
    """The stories followed."""

    stories: tuple[StoryShown, ...]


class StoryDetail(StoryShown):
    """A story with a count of what is known of it."""

    counts: dict[Status | Literal["all"], int]
    sides: tuple[str, ...]
    """those that speak for any of its claims"""


class ClaimsAnswer(Model):
    """A page of claims."""

    story: str
    claims: tuple[ClaimShown, ...]
    next: str | None
    """what `after` is on the next page; null on the last"""


class ClaimPlace(Model):
    """A claim in a document."""

    claim: str
    text: str | None
    """null for a claim that is not told any more"""
    evidence: tuple[Evidence, ...] = ()
    attribution: tuple[Hop, ...] = ()
    copied: bool = False


class DocumentShown(Model):
    """A document and the claims that it carries; its text is not given."""

    article: str
    document: Document
    claims: tuple[ClaimPlace, ...]


class EventShown(Model):
    """An event as its stream has it."""

    id: str
    """of the stream's entry: a `Last-Event-ID`"""
    event: dict[str, Any] = Field(json_schema_extra={"description": "a CloudEvent in structured form"})


class TimelineAnswer(Model):
    """A page of events, the newest first."""

    story: str
    events: tuple[EventShown, ...]
    next: str | None
    """what `before` is on the next page; null on the last"""


class EditShown(Model):
    """A person's edit, and what became of it."""

    id: str
    story: str
    state: Literal["waiting", "applied", "refused"]
    """waiting: it stands in the story's line, and no worker has come to it yet"""
    number: int
    """in that line"""
    edit: Edit | None = None
    """null while it waits"""
    at: AwareDatetime | None = None
    """when it was asked for"""
    why: str = ""
    """it was refused for"""
    changed: tuple[str, ...] = ()
    """ids of the claims that it changed or removed"""
    articles: tuple[str, ...] = ()
    """of a takedown: ids of the articles that had the address"""


class EditsAnswer(Model):
    """A page of the edits of a story that were decided, in the order of its line."""

    edits: tuple[EditShown, ...]
    next: str | None
    """what `after` is on the next page; null on the last"""


class FeedsAnswer(Model):
    """The feeds that this service watches, in the order of its lists."""

    feeds: tuple[FeedShown, ...]
