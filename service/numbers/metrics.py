"""One page for all numbers: name, type, labels, meaning, and what a rise should make you do.

Everything is counted in Redis by the step that it counts, so one page tells of all workers, and a restart loses
nothing. A closed set of labels is shown whole, zeros included: what is missing here is not zero, it is unknown.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from service.contract.types import FEED_TYPES, EventType
from service.model import EntryResult, FeedCondition, Outcome
from service.numbers.deliveries import DELIVERIES
from service.numbers.number import Number as Number
from service.numbers.number import Sample
from service.numbers.snapshot import FeedNumbers, GroupNumbers, Snapshot, StoryNumbers
from service.numbers.sse import FOLLOWERS

COPIES = "copies"
FURNITURE = "furniture"
UNREADABLE = "wire:unreadable"
OTHER_LANGUAGE = "language:unread"
CLAIMS = {"new": "claims:new", "background": "claims:background"}
HELD = {
    "held": "held:held",
    "borne_out": "held:borne_out",
    "time": "held:time",
    "dropped": "held:dropped",
}
"""Counters that a commit brings in `Commit.counts`, beside `outcome:…` and `event:…`, which the store counts itself."""

ADMITTED = {"admitted": "entry:admitted", "revision": "entry:revision", "retry": "entry:retry"}
"""What gives a number: the number of the last is the sum of these, and every number gets one outcome."""

DEAD_ENDED = {"retried": "dead:retried", "dropped": "dead:dropped"}

MOST_FEEDS = 500
"""with lines of their own; more would make more series than a monitoring server wants of one process"""

STREAMS = ("articles", "events", "new-claims", "dead")


def _stories(of: Callable[[StoryNumbers], Iterator[Sample]]) -> Callable[[Snapshot], Iterator[Sample]]:
    def samples(snapshot: Snapshot) -> Iterator[Sample]:
        for story, numbers in snapshot.stories.items():
            for labels, value in of(numbers):
                yield (story, *labels), value

    return samples


def _feeds(of: Callable[[FeedNumbers], Iterator[Sample]]) -> Callable[[Snapshot], Iterator[Sample]]:
    def samples(snapshot: Snapshot) -> Iterator[Sample]:
        for feed, numbers in _feeds_told(snapshot).items():
            for labels, value in of(numbers):
                yield (feed, *labels), value

    return samples


def _feeds_told(snapshot: Snapshot) -> Mapping[str, FeedNumbers]:
    """The feeds with lines of their own: all, or where they are too many for that, those that are not well."""
    if len(snapshot.feeds) <= MOST_FEEDS:
        return snapshot.feeds
    worst_first = {condition: rank for rank, condition in enumerate(FeedCondition)}
    ill = [feed for feed, of in snapshot.feeds.items() if of.condition is not FeedCondition.WELL]
    ill.sort(key=lambda feed: worst_first[snapshot.feeds[feed].condition])
    return {feed: snapshot.feeds[feed] for feed in ill[:MOST_FEEDS]}


def _feeds_counted(snapshot: Snapshot) -> Mapping[str, Mapping[str, int]]:
    """The feeds with counters of their own; where they are too many, one sum: a counter must not come and go."""
    if len(snapshot.feeds) <= MOST_FEEDS:
        return {feed: of.counts for feed, of in snapshot.feeds.items()}
    return {"all": sum((Counter(of.counts) for of in snapshot.feeds.values()), Counter())}


def _conditions(snapshot: Snapshot) -> Iterator[Sample]:
    counted = Counter(of.condition for of in snapshot.feeds.values())
    return (((str(condition),), counted[condition]) for condition in FeedCondition)


def _counted(names: Mapping[str, str]) -> Callable[[Snapshot], Iterator[Sample]]:
    """Label value → counter of the story."""
    return _stories(lambda of: (((label,), of.counts.get(name, 0)) for label, name in names.items()))


def _grouped(value: Callable[[GroupNumbers], float]) -> Callable[[Snapshot], Iterator[Sample]]:
    return _stories(lambda of: (((group.stream, group.group), value(group)) for group in of.groups))


NUMBERS = (
    Number(
        "claimwire_redis_up",
        "gauge",
        (),
        "1 if Redis answered for this page, else 0 and nothing else is told.",
        "At 0: look at Redis; nothing is lost meanwhile, the line waits.",
        lambda snapshot: iter([((), float(snapshot.redis_up))]),
    ),
    Number(
        "claimwire_feeds",
        "gauge",
        ("condition",),
        "Feeds by how they are, in all replicas.",
        "silent, gone or failing: `claimwire feeds` says which and why.",
        _conditions,
    ),
    Number(
        "claimwire_feed_lists_usable",
        "gauge",
        (),
        "1 if the feed lists can be used as they are now, else 0: the feeds of the last good ones are watched on.",
        "At 0: /readyz and the log say which line is wrong.",
        lambda snapshot: iter([((), float(snapshot.lists_usable))]),
    ),
    Number(
        "claimwire_feed_looks",
        "counter",
        ("feed",),
        "Looks at a feed that were closed.",
        "If it stands still: see claimwire_feed_since_success_seconds.",
        lambda snapshot: (((feed,), counts.get("polls", 0)) for feed, counts in _feeds_counted(snapshot).items()),
    ),
    Number(
        "claimwire_feed_entries",
        "counter",
        ("feed", "result"),
        "Entries that feeds gave, by what became of them at the door.",
        "unreadable or over_limit: open that feed, its form has changed; off_story alone: the story's names miss it.",
        lambda snapshot: (
            ((feed, str(result)), counts.get(result, 0))
            for feed, counts in _feeds_counted(snapshot).items()
            for result in EntryResult
        ),
    ),
    Number(
        "claimwire_feed_pushes",
        "counter",
        ("feed", "what"),
        "Of feeds with a hub: entries that it sent first, entries that it missed, pushes that were not signed by it.",
        "push_missed: the hub lags or is dead, looks make up for it; push_forged: somebody knows the callback's path.",
        lambda snapshot: (
            ((feed, what), counts.get(what, 0))
            for feed, counts in _feeds_counted(snapshot).items()
            for what in ("pushed", "push_missed", "push_forged")
        ),
    ),
    Number(
        "claimwire_feed_since_success_seconds",
        "gauge",
        ("feed",),
        "Seconds since a feed was last read; +Inf if it never was.",
        "Above a few of the feed's intervals, and a minute: the feed is silent; see its error in /readyz or the log.",
        _feeds(lambda of: iter([((), float("inf") if of.since_success_s is None else of.since_success_s)])),
    ),
    Number(
        "claimwire_feed_failures",
        "gauge",
        ("feed",),
        "Looks at a feed that failed in a row.",
        "Above 0 for long: open the feed's address by hand.",
        _feeds(lambda of: iter([((), of.failures)])),
    ),
    Number(
        "claimwire_feed_lag_seconds",
        "gauge",
        ("feed",),
        "Seconds from the publication of what a feed brought last to our look that found it; NaN if that is not known.",
        "Far above the feed's interval: it is asked too seldom, or dates its entries wrong.",
        _feeds(lambda of: iter([((), of.lag_s or float("nan"))])),
    ),
    Number(
        "claimwire_admissions",
        "counter",
        ("story", "result"),
        "Articles admitted to a story: the first version, a revision, or the retry of a dead letter.",
        "Revisions that outnumber articles: a feed rewrites its entries with every look.",
        _counted(ADMITTED),
    ),
    Number(
        "claimwire_backlog_articles",
        "gauge",
        ("story",),
        "Articles admitted and not yet committed.",
        "Growing: start more workers; standing above 0: one article blocks the line, see the log of the workers.",
        _stories(lambda of: iter([((), of.backlog)])),
    ),
    Number(
        "claimwire_line_paused",
        "gauge",
        ("story",),
        "1 if a story's line stands still because too many of its last articles became dead letters, else 0.",
        "At 1: `claimwire dead list` says of what they died; mend that, then `claimwire dead resume`.",
        _stories(lambda of: iter([((), of.paused)])),
    ),
    Number(
        "claimwire_articles",
        "counter",
        ("story", "outcome"),
        "Admitted articles by how their path ended; each has exactly one outcome.",
        "parked: `claimwire dead list` says why.",
        _counted({str(outcome): f"outcome:{outcome}" for outcome in Outcome}),
    ),
    Number(
        "claimwire_dead_letters_ended",
        "counter",
        ("story", "how"),
        "Dead letters that somebody retried or dropped.",
        "Nothing to do; the others are the entries of the stream `dead`.",
        _counted(DEAD_ENDED),
    ),
    Number(
        "claimwire_copies",
        "counter",
        ("story",),
        "Articles that carry a known wire story, new passages or not.",
        "Nothing to do: a wire is being reprinted.",
        _stories(lambda of: iter([((), of.counts.get(COPIES, 0))])),
    ),
    Number(
        "claimwire_wire_index_stories",
        "gauge",
        ("story",),
        "Wire stories in the fingerprint index, each in the week that opened it.",
        "Grows for four weeks of the articles' clock and then stands still.",
        _stories(lambda of: iter([((), of.wire_stories)])),
    ),
    Number(
        "claimwire_wire_index_bytes",
        "gauge",
        ("story",),
        "Memory of the fingerprint index in Redis, sampled; the records for verification are not in it.",
        "Above 250 a wire story: sketches have become larger. The first of a week takes 4 kB.",
        _stories(lambda of: iter([((), of.wire_index_bytes)])),
    ),
    Number(
        "claimwire_wire_records_unreadable",
        "counter",
        ("story",),
        "Records of wire stories that another version wrote; they were decided upon as if they were not there.",
        "After an upgrade: copies of older texts are announced as new until the horizon has passed; else see the log.",
        _stories(lambda of: iter([((), of.counts.get(UNREADABLE, 0))])),
    ),
    Number(
        "claimwire_furniture_clauses",
        "counter",
        ("story",),
        "Clauses not read as claims because they stand in an outlet's page furniture.",
        "A jump: see `claimwire furniture list`, and reset the source if news is among it.",
        _stories(lambda of: iter([((), of.counts.get(FURNITURE, 0))])),
    ),
    Number(
        "claimwire_other_language_articles",
        "counter",
        ("story",),
        "Articles in a language from which no claims are read; they are matched as wire copy and carried.",
        "A jump: a feed changed its language; see `document.language` in the events, and docs/languages.md.",
        _stories(lambda of: iter([((), of.counts.get(OTHER_LANGUAGE, 0))])),
    ),
    Number(
        "claimwire_claims",
        "counter",
        ("story", "novelty"),
        "Claims that nobody had made before; background where they are of long ago.",
        "A jump of new without a jump of articles: known claims are no longer recognised.",
        _counted(CLAIMS),
    ),
    Number(
        "claimwire_held_claims",
        "counter",
        ("story", "step"),
        "Claims that were held, and how that ended: borne out by a second article, pushed or dropped at their time.",
        "held far above the rest: see `claimwire story show --held`; borne_out above time: hold them longer.",
        _counted(HELD),
    ),
    Number(
        "claimwire_events",
        "counter",
        ("story", "type"),
        "Events written to a story's stream.",
        "document.withdrawn or claim.retracted: tell those who used the claim.",
        _counted({str(type_): f"event:{type_}" for type_ in EventType if type_ not in FEED_TYPES}),
    ),
    Number(
        "claimwire_stream_entries",
        "gauge",
        ("story", "stream"),
        "Entries on a story's streams.",
        "events growing without end: a consumer group has stopped reading; dead: see `claimwire dead list`.",
        _stories(lambda of: (((stream,), of.lengths.get(stream, 0)) for stream in STREAMS)),
    ),
    Number(
        "claimwire_group_pending_entries",
        "gauge",
        ("story", "stream", "group"),
        "Entries handed to a consumer group and not acknowledged.",
        "Standing above 0: a consumer died or does not acknowledge.",
        _grouped(lambda group: group.pending),
    ),
    Number(
        "claimwire_group_lag_entries",
        "gauge",
        ("story", "stream", "group"),
        "Entries that a consumer group has not been handed yet; NaN where the server cannot say.",
        "Growing: add consumers to the group, or remove a group that nobody uses.",
        _grouped(lambda group: float("nan") if group.lag is None else group.lag),
    ),
    Number(
        "claimwire_group_far_behind",
        "gauge",
        ("story", "stream", "group", "what"),
        "1 for a consumer group so far behind that it slows its story, or that it has lapsed: it may miss events.",
        "Add consumers to it, or remove it if nobody uses it; the stream `gaps` says what it missed.",
        _stories(lambda of: ((each, 1) for each in of.far_behind)),
    ),
    Number(
        "claimwire_workers",
        "gauge",
        (),
        "Workers that gave a sign of life within their time.",
        "Below what you started: see the logs of the workers.",
        lambda snapshot: iter([((), snapshot.workers)]),
    ),
    *DELIVERIES,
    *FOLLOWERS,
)
