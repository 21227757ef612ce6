"""The words of the house as code: what travels from a feed's entry to a worker's commit.

Values only: no I/O, no clock. Times are aware UTC datetimes; offsets are code points of `Article.text`.
"""

from __future__ import annotations

import hashlib
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, Literal

from service.errors import LaterRelease

Precision = Literal["second", "minute", "hour", "day"]
PublishedBasis = Literal["feed", "text", "listing"]


class EntryResult(StrEnum):
    """What became of a feed's entry at the door. A closed set: each is a label of a metric, zeros visible."""

    ADMITTED = "admitted"
    REVISION = "revision"
    SEEN_BEFORE = "seen_before"
    OFF_STORY = "off_story"
    UNREADABLE = "unreadable"
    OVER_LIMIT = "over_limit"
    TAKEN_DOWN = "taken_down"
    """a person had the document taken down: it does not come back"""


class FeedCondition(StrEnum):
    """How a feed is. A closed set, the worst first: each is a label of a metric, zeros visible."""

    SILENT = "silent"
    """not read for long, or quiet far beyond its habit; it was told"""
    GONE = "gone"
    """its server says that it will not come back"""
    FAILING = "failing"
    """the last look failed"""
    NEW = "new"
    """not looked at yet"""
    WELL = "well"


class Outcome(StrEnum):
    """How an admitted article's path ended. A closed set: every admitted article gets exactly one."""

    ANNOUNCED = "announced"
    """at least one new claim was pushed"""
    CORROBORATES = "corroborates"
    """no new claim, but a known one gained a further independent source or side"""
    HELD = "held"
    """claims something that nobody had claimed, all of which waits for a second article or for its time"""
    NOTHING_NEW = "nothing_new"
    """a text of its own that claims nothing new"""
    ELSEWHERE = "elsewhere"
    """names the story's actors and is about another matter: nothing of it is new to the story"""
    COPY = "copy"
    """carries a known wire story, and its new passages (if any) claim nothing new"""
    WITHDRAWN = "withdrawn"
    """a kill or withdrawal notice of the source"""
    NOT_ITS_OWN = "not_its_own"
    """a kill or withdrawal notice for a text that other sources sent: it withdraws nothing"""
    OVER_LIMIT = "over_limit"
    """longer than is read: its beginning had its effect, claims included, and the rest was not looked at"""
    EDITED = "edited"
    """a person's edit, applied"""
    EDIT_REFUSED = "edit_refused"
    """a person's edit that no longer fitted what is known"""
    PARKED = "parked"
    """could not be decided; stands in the dead-letter stream"""


@dataclass(frozen=True, slots=True)
class Published:
    """When the source says it published, how exactly, and how we know."""

    value: datetime
    precision: Precision
    basis: PublishedBasis
    """feed: the entry's own date; text: stated in the text; listing: given in the feed list beside the text"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One item exactly as a feed gave it."""

    feed: str
    """the feed's name"""
    source: str
    """the outlet; the seed's own name where the outlet is not known"""
    key: str
    """identity within the source: guid, else link, else the fingerprint of the content"""
    uri: str
    """link, or text:<folder>/<stem> for a text file; never an absolute path"""
    headline: str
    body: str
    """markup as given; the empty string if there is none"""
    markup: Literal["html", "plain"]
    language: str | None
    published: Published | None


@dataclass(frozen=True, slots=True)
class Article:
    """An entry made readable. What a worker gets of it, apart from the admission number and the version."""

    id: str
    source: str
    uri: str
    headline: str
    text: str
    """never edited after admission: every offset anywhere counts code points of this string"""
    language: str | None
    published: Published | None
    first_seen: datetime
    """the clock at admission: the wall's in the running mode, the articles' own in a replay"""
    version: int = 1
    traceparent: str | None = None
    text_from: Literal["feed", "page"] = "feed"
    """whether the text is what the feed gives, or that of the article's page"""
    page_problem: str | None = None
    """why it is not the page's, although the feed list asks for that"""

    def content_hash(self) -> str:
        """What decides between seen before and a revision: headline and text, nothing else."""
        return hashlib.sha256(f"{self.headline}\0{self.text}".encode("utf-8", "surrogatepass")).hexdigest()[:32]

    def to_json(self) -> str:
        """The article without its text, which is stored beside the stream entry."""
        # Not asdict, which copies deeply: ten times the cost of all the rest.
        record = {name: getattr(self, name) for name in self.__slots__ if name != "text"}
        record["first_seen"] = self.first_seen.isoformat()
        if (at := self.published) is not None:
            record["published"] = {"value": at.value.isoformat(), "precision": at.precision, "basis": at.basis}
        return json.dumps(record, ensure_ascii=False, sort_keys=True)

    @classmethod
    def from_json(cls, record: str, text: str) -> Article:
        """Inverse of `to_json`.

        Raises:
            KeyError, TypeError, ValueError: the record was not written by `to_json`.
            LaterRelease: it was, by a release that knows more of an article.
        """
        fields: dict[str, Any] = json.loads(record)
        if unknown := sorted(fields.keys() - cls.__slots__):
            raise LaterRelease(f"an article's record, with {', '.join(unknown)},")
        fields["first_seen"] = datetime.fromisoformat(fields["first_seen"])
        if fields["published"] is not None:
            published = fields["published"]
            fields["published"] = Published(
                datetime.fromisoformat(published["value"]), published["precision"], published["basis"]
            )
        return cls(text=text, **fields)


def article_id(source: str, key: str) -> str:
    """Identity of an article across polls, restarts and machines: 'a1-' and 16 hex digits."""
    return "a1-" + hashlib.sha256(f"{source}\0{key}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Admission:
    """One numbered entry of a story's `articles` stream, as a worker takes it."""

    story: str
    number: int
    """1, 2, 3 … without gaps within a story: the order in which decisions commit"""
    entry_id: str
    """id of the stream entry"""
    article: Article
    mark: str = ""
    """tells this admission from any other that ever had its number, on a server that lost some"""


@dataclass(frozen=True, slots=True)
class Event:
    """A CloudEvent ready to be written: attributes and data as JSON text. Deterministic, id included."""

    attributes: Mapping[str, str]
    """specversion id source type subject time datacontenttype dataschema sequence [traceparent]"""
    data: str
    new_claim: bool
    """also goes to the `new-claims` stream"""


@dataclass(frozen=True, slots=True)
class WireWrite:
    """What a commit adds to the wire index of its story."""

    votes: tuple[int, ...] = ()
    """fingerprints (unsigned 64 bit) that vote for the wire story from now on"""
    wire_story: str = ""
    record: bytes = b""
    """the wire story's record after this article; opaque to the store"""
    day: int = 0
    """of the article's clock, as a proleptic Gregorian ordinal: says in which generation the votes are dropped"""
    scheme: str = ""
    """of the sketch that the fingerprints come from; an index never mixes two"""


@dataclass(frozen=True, slots=True)
class Commit:
    """All that deciding one article changes; written in one atomic step or not at all."""

    story: str
    number: int
    entry_id: str
    token: str
    """the state it was decided upon"""
    article_id: str
    uri: str
    outcome: Outcome
    wire_story: str | None
    events: tuple[Event, ...] = ()
    claims: Mapping[str, str] = field(default_factory=dict)
    """claim id → the registry's record (JSON), new or changed; empty: the claim was held, and is dropped"""
    documents: Mapping[str, str] = field(default_factory=dict)
    """article id → the document's record (JSON), new or changed"""
    wire: WireWrite = field(default_factory=WireWrite)
    counts: Mapping[str, int] = field(default_factory=dict)
    """further counters of the story, by the names in service.numbers.metrics"""
    furniture: Mapping[str, str] = field(default_factory=dict)
    """source → what its pages have in common (JSON), changed"""
    mark: str = ""
    """of the admission that was decided, as `Head.mark`; nothing is written if the number is another's by now"""
    _next: str = field(default="", init=False, repr=False, compare=False)
    """the next token, once it was asked for: who decides and who writes ask both"""

    def next_token(self) -> str:
        """The state's token after this commit: a hash chain over all that was ever committed to the story.

        The number is in it, so that no earlier state can come back under the same token, and no worker and no time
        is, so that two runs of the same articles agree.
        """
        if not self._next:
            object.__setattr__(self, "_next", self._hashed())
        return self._next

    def marked(self, mark: str) -> Commit:
        """The same, of a certain admission."""
        marked = replace(self, mark=mark)
        object.__setattr__(marked, "_next", self._next)  # of which the mark is no part
        return marked

    def _hashed(self) -> str:
        digest = hashlib.sha256(f"{self.token}\0{self.number}\0{self.article_id}\0{self.outcome}".encode())
        for event in self.events:
            digest.update(event.attributes["id"].encode() + event.data.encode("utf-8", "surrogatepass"))
        for part in (*self.claims.items(), *self.documents.items(), *self.furniture.items()):
            digest.update("\0".join(part).encode("utf-8", "surrogatepass"))
        wire = self.wire
        digest.update(f"{wire.scheme}\0{wire.wire_story}\0{wire.day}\0".encode() + wire.record)
        digest.update(struct.pack(f"<{len(wire.votes)}Q", *wire.votes))
        return digest.hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class StoryState:
    """Where a story stands."""

    admitted: int
    committed: int
    sequence: int
    """of the last event"""
    token: str


def utc(value: datetime) -> str:
    """RFC 3339 in UTC with a Z, seconds precision unless there are microseconds: the one form of time in events."""
    return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
