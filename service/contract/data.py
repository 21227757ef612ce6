"""The data of every event type, as pydantic models.

Names come from schema.org/Claim, the W3C Web Annotation model, ninjs and PROV. Additive change stays inside `.v1`.
There is no field that says whether a claim is true, and there never will be one.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel


class Model(BaseModel):
    """Base of the contract: camelCase on the wire, frozen, unknown fields refused on our side of the door."""

    model_config = ConfigDict(
        alias_generator=to_camel,
        populate_by_name=True,
        frozen=True,
        extra="forbid",
        serialize_by_alias=True,
        use_attribute_docstrings=True,
    )


class Frame(Model):
    """Who does what to whom, in the words of the source; a slot that the text leaves open is null."""

    actor: str | None = None
    action: str | None = None
    target: str | None = None


class When(Model):
    """When the claimed thing happened or will happen, as an interval."""

    text: str
    """the words of the source: "about ten days ago" """
    earliest: AwareDatetime | None = None
    latest: AwareDatetime | None = None
    basis: Literal["stated", "relative_to_publication", "relative_to_first_seen", "unresolved"] = "unresolved"
    conflicts_with: tuple[str, ...] = ()
    """times that other sources give for the same claim, in their words"""
    conflict_sources: tuple[str, ...] = ()
    """uris of the documents that give them, in the same order"""
    stale: bool = False
    """a later text repeats these words of time as they first stood; they are counted from the first print"""


class Quantity(Model):
    """A figure of the claim with what it counts."""

    text: str
    value: float | None = None
    unit: str | None = None


Polarity = Literal["affirmed", "denied"]
Modality = Literal["asserted", "reported", "possible", "expected", "conditional", "demanded", "unconfirmed"]


class Claim(Model):
    """One thing said to be so."""

    id: str
    text: str
    """a sentence that can be read on its own"""
    about: str
    """id of the story"""
    frame: Frame
    polarity: Polarity = "affirmed"
    modality: Modality = "asserted"
    quantities: tuple[Quantity, ...] = ()
    when: When | None = None
    novelty: Literal["new", "background"] = "new"
    confidence: Literal["high", "low"] = "high"


class PublishedTime(Model):
    """When the source says it published; absent rather than guessed."""

    value: AwareDatetime
    precision: Literal["second", "minute", "hour", "day"]
    basis: Literal["feed", "text", "listing"]


class Document(Model):
    """The article that carries the words."""

    uri: str
    version: int = 1
    publisher: str
    headline: str = ""
    language: str | None = None
    """of its text, as BCP 47 has it: by its own words if they are clear, else by what its feed says; `und` if neither
    tells. Claims are read from `en` and from the languages that have a reader"""
    published: PublishedTime | None = None
    first_seen: AwareDatetime
    pub_status: Literal["usable", "withheld", "canceled"] = "usable"
    wire_story: str | None = None
    copy_of: str | None = None
    """uri of the first article seen with this text, if that is another one"""
    text_from: Literal["feed", "page"] = "feed"
    """which text the evidence quotes: what the feed gives, or that of the article's page"""
    page_problem: str | None = None
    """why it is not the page's, although the feed list asks for full texts"""


class TextQuoteSelector(Model):
    """The exact words with their surroundings (W3C Web Annotation)."""

    type: Literal["TextQuoteSelector"] = "TextQuoteSelector"
    exact: str
    prefix: str = ""
    suffix: str = ""


class TextPositionSelector(Model):
    """Where the words stand, in code points of the document's text: text[start:end] == exact, always."""

    type: Literal["TextPositionSelector"] = "TextPositionSelector"
    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start > self.end:
            raise ValueError("start lies behind end")
        return self


class Evidence(Model):
    """A span of a document."""

    source: str
    """uri of the document"""
    selector: tuple[TextQuoteSelector, TextPositionSelector]


class Appearance(Model):
    """A claim in a document."""

    document: Document
    evidence: tuple[Evidence, ...]


class Span(Model):
    """Code points of the document's text."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=0)]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start > self.end:
            raise ValueError("start lies behind end")
        return self


class Hop(Model):
    """One step of the chain from the outlet to who says it: publisher first, the original source last."""

    kind: Literal["publisher", "outlet", "person", "organisation", "document", "unnamed"]
    name: str | None = None
    descriptor: str | None = None
    """role and organisation of a named source; what an unnamed one is called: "two senior officials" """
    named: bool
    side: str | None = None
    cue: str | None = None
    """the words that attribute: "told", "according to" """
    relation: Literal["wasDerivedFrom", "hadPrimarySource", "wasQuotedFrom", "wasAttributedTo"]
    span: Span | None = None
    """null for the publisher, which the text need not name"""
    not_counted: Literal["unresolved", "reporter", "circular"] | None = None
    """why the ladder does not count it. unresolved: nobody is named or described ("reports indicate"); reporter: who
    speaks is of the outlet that is credited; circular: that outlet has it from this one"""


class SourceCount(Model):
    """How many source actors stand behind a claim: an interval, since two unnamed officials may be one."""

    min: int = 0
    max: int = 0
    named: int = 0


class Support(Model):
    """The ladder: how widely a claim is carried. Copies are one voice."""

    copies: int = 0
    documents: int = 1
    publishers: int = 1
    origins: int = 1
    sources: SourceCount = SourceCount()
    sides: tuple[str, ...] = ()
    credited: tuple[str, ...] = ()
    """outlets that texts credit as where they have it from, in the order in which they were seen; at most 50"""
    denied_by: tuple[str, ...] = ()
    """ids of claims that deny this one"""
    no_comment: tuple[str, ...] = ()
    """ids of claims that somebody has not confirmed or not responded"""


Relation = Literal["denies", "contradicts", "updates", "narrows", "withholds", "supports", "variantOf"]


class Link(Model):
    """How a claim stands to a known one. `target` is always a claim's id."""

    rel: Relation
    target: str
    why: str


class Why(Model):
    """The decision explained."""

    rule: str
    nearest: str | None = None
    """id of the nearest claim known before"""
    score: float | None = None
    detail: str = ""


class ClaimData(Model):
    """Data of `claimwire.claim.new.v1`, `…corroborated.v1`, `…disputed.v1` and `…updated.v1`."""

    claim: Claim
    appearance: Appearance
    attribution: tuple[Hop, ...]
    support: Support
    links: tuple[Link, ...] = ()
    why: Why


class RetractedData(Model):
    """Data of `claimwire.claim.retracted.v1`: its source withdrew the only text it rests on; copies may still stand."""

    claim: Claim
    document: Document
    """the notice that withdrew it"""
    reason: str


class EditMark(Model):
    """What a person decided about a claim."""

    id: str
    action: Literal["merge", "split", "retract", "background", "undo", "takedown"]
    reason: str
    by: str
    at: AwareDatetime
    undoes: str | None = None
    """id of the edit that is taken back"""


class EditedData(Model):
    """Data of `claimwire.claim.edited.v1`: a person changed what is known of a claim; as it stands afterwards."""

    edit: EditMark
    claim: Claim
    status: Literal["stands", "merged", "retracted"]
    merged_into: str | None = None
    """id of the claim that it is part of"""
    split_from: str | None = None
    """id of the claim that it was part of"""
    support: Support


class RevisedData(Model):
    """Data of `claimwire.document.revised.v1`: a source changed or corrected a text."""

    document: Document
    previous: str
    """uri of the document that carried the older text"""
    signal: str
    """what told us: a feed's revision, an aligned figure that changed, the headline's cue"""
    additions: tuple[TextPositionSelector, ...] = ()
    corrections: tuple[tuple[str, str], ...] = ()
    """(old, new) of aligned figures or names"""
    copies_with_old_text: tuple[str, ...] = ()
    """uris"""


class WithdrawnData(Model):
    """Data of `claimwire.document.withdrawn.v1`: a source killed a text."""

    document: Document
    """the notice"""
    withdrawn: tuple[str, ...]
    """uris of the documents withdrawn"""
    copies_with_old_text: tuple[str, ...] = ()
    """uris of the copies that other publishers still carry"""
    signal: str
    """what told us: the notice's cue, or `takedown` where a person had its words removed from here"""
    reason: str | None = None
    """of a takedown"""
    claims_removed: tuple[str, ...] = ()
    """ids of claims that no other document made: a takedown removes them, and the events that told of them"""


class FeedData(Model):
    """Data of `claimwire.feed.silent.v1` and `…recovered.v1`."""

    feed: str
    source: str
    last_success: AwareDatetime | None = None
    error: str | None = None
    reason: Literal["unreadable", "nothing_new"] | None = None
    """why it is, or was, silent: it cannot be read, or it can and brings nothing far beyond its habit"""
    newest_entry: AwareDatetime | None = None
    longest_gap_s: float | None = None
    """the longest time between two entries in the last two weeks that brought any"""
