"""All numbers at one moment, as they were read: what the page of numbers is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.model import FeedCondition


@dataclass(frozen=True, slots=True)
class GroupNumbers:
    """How far one consumer group of one stream has come."""

    stream: str
    group: str
    pending: int
    lag: int | None
    """None: the server cannot say"""
    deliveries: Mapping[str, int] = field(default_factory=dict)
    """by how they ended, and starts; empty for a group that nothing of ours reads"""


@dataclass(frozen=True, slots=True)
class WebhookNumbers:
    """How a webhook is."""

    failures: int
    """in a row"""
    disabled: bool


@dataclass(frozen=True, slots=True)
class StoryNumbers:
    """What Redis knows of one story."""

    counts: Mapping[str, int]
    """`entry:<result>`, `outcome:<outcome>`, `event:<type>`, and those of the commits"""
    latency: Mapping[str, int]
    """upper bound in ms or +Inf → commits with events, not cumulative; and `sum_ms`"""
    lengths: Mapping[str, int]
    """stream → entries"""
    backlog: int
    groups: Sequence[GroupNumbers] = ()
    wire_stories: int = 0
    """in the wire index"""
    wire_index_bytes: int = 0
    """of its fingerprints, without the records; the server's estimate"""
    paused: bool = False
    """the line stands still: too many of the last articles became dead letters"""
    far_behind: Sequence[tuple[str, str, str]] = ()
    """stream and name of groups of subscribers, and what comes of it: slows, lapsed"""


@dataclass(frozen=True, slots=True)
class FeedNumbers:
    """What Redis knows of one feed."""

    counts: Mapping[str, int]
    """entry result → entries; and `polls`"""
    since_success_s: float | None
    """None: never"""
    failures: int
    condition: FeedCondition = FeedCondition.NEW
    lag_s: float = 0.0
    """0: not known"""


@dataclass(frozen=True, slots=True)
class FollowerNumbers:
    """Who follows events over HTTP at this service, and since it began."""

    now: int = 0
    sent: int = 0
    cut_off: int = 0
    gaps: int = 0


@dataclass(frozen=True, slots=True)
class Snapshot:
    """All numbers at one moment. Without Redis there are none."""

    redis_up: bool
    stories: Mapping[str, StoryNumbers] = field(default_factory=dict)
    feeds: Mapping[str, FeedNumbers] = field(default_factory=dict)
    workers: int = 0
    lists_usable: bool = True
    """whether the feed lists can be used as they are now"""
    webhooks: Mapping[str, WebhookNumbers] = field(default_factory=dict)
    followers: FollowerNumbers = FollowerNumbers()
    latency_bounds_ms: Sequence[int] = ()
