"""What the store hands out and takes in, beside the words of `service.model`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Literal, NamedTuple

from service.model import Article, StoryState
from service.store.ids import EntryId

_TOMBSTONE = b"\x00claimwire.tombstone\x00"


@dataclass(frozen=True, slots=True)
class ServerIdentity:
    """Which server answers."""

    family: str
    """valkey or redis"""
    version: str
    """of its family: 9.1.2, 7.0.15"""
    run_id: str
    """changes with every start of the server"""


@dataclass(frozen=True, slots=True)
class FeedState:
    """What is remembered of a feed between two looks at it. Times in seconds since 1970."""

    etag: str = ""
    last_modified: str = ""
    next_due: float = 0.0
    last_success: float = 0.0
    """0: never"""
    last_checked: float = 0.0
    last_asked: float = 0.0
    """when the poll that is open now, or was never closed, last was about to ask; 0: none is. The store sets it"""
    replica: str = ""
    """which one opened the last poll. The store sets it"""
    failures: int = 0
    """in a row"""
    gone: int = 0
    """how often in a row the server said that it will not come back"""
    error: str = ""
    fingerprint: str = ""
    """of the body last read, for feeds without validators"""
    habit: str = ""
    """how often it brings something: `service.feeds.news`"""
    quiet_at: float = 0.0
    """from then on it is quiet far beyond that, if nothing comes; 0: too little is known of it"""
    lag_s: float = 0.0
    """from publication to our look, of what it brought last; 0: not known"""
    silent: str = ""
    """since when and why it is silent, if that was told"""
    same_304s: int = 0
    """“not modified” in a row since a body came"""
    trusted_304s: int = 0
    """how many are believed before a body is asked for; 0: as many as of any feed"""
    ttl_s: float = 0.0
    """how long the document asks not to be fetched again"""
    skip: int = 0
    """hours and days that it asks to be left out, as bits"""
    gap_s: float = 0.0
    """the usual time between two looks that bring something new; 0: not known"""
    news_at: float = 0.0
    """when something new was last seen; 0: never"""
    churn: str = ""
    """of a feed whose items get new guids at each look: its last listing, as `service.feeds.known` packs it (base64)"""
    hub: str = ""
    """where changes of it can be subscribed to (WebSub); the empty string: nowhere"""
    topic: str = ""
    """its name there"""
    pushed_at: float = 0.0
    """when its hub last sent something; 0: never"""
    missed_at: float = 0.0
    """when a look last found something that its hub had not sent; 0: never"""
    moved_mark: str = ""
    """of the address that redirects for good"""
    moved_to: str = ""
    moved_since: float = 0.0
    moved_seen: float = 0.0
    """last"""
    moved_times: int = 0
    revision: int = 0
    """counts the looks that were closed; the store sets it"""


@dataclass(frozen=True, slots=True)
class Head:
    """Where a story stands, and the finding whose turn it is if it is there."""

    state: StoryState
    finding: bytes | None
    """None too while the line is paused"""
    paused: str = ""
    """why the line stands still until somebody resumes it; the empty string if it does not"""
    mark: str = ""
    """of the admission that the finding is of"""
    slowed: str = ""
    """which group of subscribers the line waits for; the empty string if for none"""
    behind: tuple[tuple[bytes, str], ...] = ()
    """the findings that have their turn behind it, with the marks of their admissions, if they were asked for"""

    @property
    def turns(self) -> tuple[tuple[bytes, str], ...]:
        """The finding whose turn it is and those behind it, with their marks."""
        return () if self.finding is None else ((self.finding, self.mark), *self.behind)


class Look(NamedTuple):
    """What there is to do in a story."""

    paused: bool
    """its line stands still: nothing else is told"""
    unread: bool
    """entries that no worker was given"""
    mine: bool
    """entries that the asking worker was given, and has not ended"""
    stale: bool
    """entries that nobody gave a sign of life for"""
    turn: bool
    """the finding whose turn it is"""
    slowed: bool = False
    """it waits for a group of subscribers: nothing is to be taken but now and then"""


class Commitment(IntEnum):
    """How a commit ended. True if the commit stands."""

    STALE = 0
    """nothing was written: not its turn, or decided upon another state"""
    WRITTEN = 1
    STANDS = 2
    """written before: by a call whose reply was lost, or by another worker that decided the same"""


@dataclass(frozen=True, slots=True)
class Cursor:
    """How far a reader of the registry has read: a commit's number and the token it left."""

    number: int
    token: str


@dataclass(frozen=True, slots=True)
class ClaimsDelta:
    """What changed in the registry since a cursor, exact at `cursor`."""

    full: bool
    """`records` is the whole registry: forget what you had"""
    records: Mapping[str, str]
    """claim id → record (JSON)"""
    cursor: Cursor


class StreamEntry(NamedTuple):
    """One entry of a stream."""

    stream: str
    id: str
    fields: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StreamEdges:
    """From where to where a stream of events goes; positions are ids as numbers."""

    first: EntryId
    """of its first entry; behind the newest if it has none"""
    newest: EntryId
    """the last id that it ever gave; (0, 0) if it never gave one"""
    deleted: EntryId
    """the last id that was taken out by itself"""
    first_sequence: str
    """of its first event; the empty string if it has none"""

    @property
    def lost(self) -> bool:
        """Whether events before the first are gone."""
        return int(self.first_sequence) > 1 if self.first_sequence else self.newest > (0, 0)


@dataclass(frozen=True, slots=True)
class GroupState:
    """How far a consumer group has come."""

    name: str
    pending: int
    """handed out and not acknowledged"""
    lag: int | None
    """not yet handed out; None if the server cannot say"""
    counts: Mapping[str, int] = field(default_factory=dict)
    """deliveries by how they ended, and starts; empty for a group that nothing of ours reads"""


@dataclass(frozen=True, slots=True)
class Caps:
    """How far a group of subscribers may be behind, in events of one story."""

    soft: int = 10_000
    """above: the story's line is slowed while the group reads"""
    hard: int = 100_000
    """above: nothing is kept for it beyond the time of retention"""


@dataclass(frozen=True, slots=True)
class GroupWeight:
    """How far a group of subscribers is behind."""

    story: str
    stream: str
    """events or new-claims"""
    group: str
    behind: int
    """entries not handed out, or not acknowledged"""
    lapsed: bool
    slows: bool


@dataclass(frozen=True, slots=True)
class Gap:
    """Events that a group had not read when they were dropped."""

    story: str
    stream: str
    group: str
    first: str
    """sequence"""
    last: str


@dataclass(frozen=True, slots=True)
class Trimmed:
    """What was dropped from a story."""

    entries: Mapping[str, int]
    """stream → how many"""
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Durability:
    """What an article must have come through before it counts as admitted."""

    replicas: int = 0
    """that have it; 0: the server that was asked is enough"""
    within_s: float = 2.0
    """else the admission is repeated"""
    in_place: bool = False
    """nothing gets the number of an article that the server has lost: AdmissionsLost is raised instead"""


@dataclass(frozen=True, slots=True)
class DeadLimit:
    """When a story's line pauses: more than `most` of the last `of` articles became dead letters."""

    most: int = 20
    """0: it never pauses"""
    of: int = 100


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """An article that could not be decided."""

    story: str
    number: int
    """of its admission: names the dead letter within its story"""
    id: str
    """of the entry in `dead`"""
    at: datetime
    article: Article | None
    """without its text; None if its entry could not be read"""
    article_id: str
    uri: str
    version: int
    reason: str
    traceback: str
    """the empty string if there is none"""
    worker: str
    starts: int
    """how often reading it was begun"""


DeadHow = Literal["retried", "dropped", "unknown", "superseded", "taken_down", "unreadable", "past_horizon"]


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """What became of a dead letter, or why nothing could."""

    how: DeadHow
    """retried and dropped have ended it; otherwise nothing was written"""
    number: int = 0
    """retried: under which number; superseded: the number of the later version"""
    at: datetime | None = None
    uri: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ParkedDelivery:
    """An event that a group of subscribers gave up. It names the event, which stands on its stream for its time."""

    stream: str
    """the key"""
    group: str
    id: str
    """of the dead letter: names it within its group"""
    at: datetime
    entry_id: str
    """of the event on its stream"""
    event_id: str
    type: str
    subject: str
    starts: int
    """how often handling it was begun"""
    consumer: str
    reason: str
    detail: str
    """a traceback, or what a target answered"""


@dataclass(frozen=True, slots=True)
class Tombstone:
    """The finding of an article that nobody could read: it keeps the article's place in the order of commits."""

    number: int
    entry_id: str
    article_id: str
    uri: str
    version: int
    reason: str

    def to_bytes(self) -> bytes:
        """As it stands among the findings."""
        return _TOMBSTONE + json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, finding: bytes) -> Tombstone | None:
        """The tombstone, or None if the finding is a worker's own."""
        if not finding.startswith(_TOMBSTONE):
            return None
        return cls(**json.loads(finding[len(_TOMBSTONE) :]))
