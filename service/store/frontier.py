"""Where a story stands, read at one moment, and whether all of that belongs together. Judging is pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from service.model import Outcome
from service.store import keys
from service.store.connection import decode
from service.store.ids import EntryId

ADMITTING = ("entry:admitted", "entry:revision", "entry:retry")
"""the counters of what gives a number"""


class Ends(NamedTuple):
    """A stream whose ids are numbers of commits."""

    length: int
    first: int
    """0: empty"""
    last: int
    token: str = ""
    """of the last entry, where it has one"""


@dataclass(frozen=True, slots=True)
class Frontier:
    """What is open in a story, and what its last commit left."""

    state: Mapping[str, str]
    counts: Mapping[str, int]
    findings: Sequence[str]
    starts: Sequence[str]
    articles: Mapping[int, tuple[str, str]]
    """number → article id and version"""
    delivered: int | None
    """the last number that was handed out; None: there is no group"""
    pending: frozenset[int]
    log: Ends
    outcomes: Ends
    has_events: bool

    @property
    def admitted(self) -> int:
        """The last number given."""
        return int(self.state.get("admitted", "0"))

    @property
    def committed(self) -> int:
        """The last number decided."""
        return int(self.state.get("committed", "0"))

    @property
    def sequence(self) -> int:
        """Of the last event."""
        return int(self.state.get("sequence", "0"))

    @property
    def token(self) -> str:
        """That the next commit must be decided upon."""
        return self.state.get("token", "")

    def open(self) -> range:
        """The numbers that wait for their decision."""
        return range(self.committed + 1, self.admitted + 1)


def frontier(reply: Sequence[Any]) -> Frontier:
    """Reads the script's reply."""
    state, counts, findings, starts, articles, delivered, pending, log, outcomes, events = reply
    return Frontier(
        state=_flat(state),
        counts={name: int(value) for name, value in _flat(counts).items()},
        findings=sorted(map(decode, findings)),
        starts=sorted(map(decode, starts)),
        articles={EntryId.of(each[0]).ms: (decode(each[1]), decode(each[2])) for each in articles},
        delivered=EntryId.of(delivered).ms if delivered else None,
        pending=frozenset(EntryId.of(each).ms for each in pending),
        log=Ends(log[0], EntryId.of(log[1]).ms, EntryId.of(log[2]).ms, decode(log[3])),
        outcomes=Ends(outcomes[0], EntryId.of(outcomes[1]).ms, EntryId.of(outcomes[2]).ms),
        has_events=events == 1,
    )


def judge(found: Frontier) -> Iterator[str]:
    """What does not belong together, in plain words."""
    yield from _sums(found)
    yield from _open(found)
    yield from _last_commit(found)


def _sums(found: Frontier) -> Iterator[str]:
    if found.committed > found.admitted:
        yield f"{found.committed} articles are committed, but only {found.admitted} admitted"
    admissions = sum(found.counts.get(name, 0) for name in ADMITTING)
    if admissions != found.admitted:
        yield f"{found.admitted} articles are admitted, but {admissions} admissions were counted"
    ended = sum(found.counts.get(f"outcome:{outcome}", 0) for outcome in Outcome)
    if ended != found.committed:
        yield f"{found.committed} articles are committed, but {ended} outcomes were counted"
    told = sum(value for name, value in found.counts.items() if name.startswith("event:"))
    if told != found.sequence:
        yield f"the last event has sequence {found.sequence}, but {told} events were counted"
    if found.sequence and not found.has_events:
        yield f"{found.sequence} events were written, and their stream is gone"


def _open(found: Frontier) -> Iterator[str]:
    waiting = found.open()
    for name, fields in (("a finding", found.findings), ("a count of starts", found.starts)):
        for field in fields:
            bare = field.removeprefix("dead:")
            if not bare.isdigit() or int(bare) not in waiting:
                yield f"there is {name} for number {field}, which is not open ({_span(waiting)})"
    for number in sorted(found.pending):
        if number not in waiting:
            yield f"number {number} is in the hands of a worker, but not open ({_span(waiting)})"
    parked = set(found.findings)
    for number in waiting:
        if str(number) not in parked:
            yield from _reachable(found, number)


def _reachable(found: Frontier, number: int) -> Iterator[str]:
    """Somebody will read it: it is still to be handed out, or it is in somebody's hands."""
    ungrouped = found.delivered is None  # workers make the group again, behind what is committed
    reached = ungrouped or number > (found.delivered or 0) or number in found.pending
    if number not in found.articles and number not in found.pending:
        yield f"number {number} is open, but its entry is gone: its story's line will stop there"
    elif not reached:
        yield f"number {number} is open, was handed out, and is in nobody's hands: its story's line will stop there"


def _last_commit(found: Frontier) -> Iterator[str]:
    for name, ends in (("log of claims", found.log), ("stream of outcomes", found.outcomes)):
        if ends.last != found.committed:
            yield f"the {name} ends at number {ends.last}, but {found.committed} are committed"
        elif ends.length and ends.length != ends.last - ends.first + 1:
            yield f"the {name} has {ends.length} entries from {ends.first} to {ends.last}: some are missing"
    if found.committed == 0 and found.token and not found.state.get("renewed"):
        yield "there is a token, but nothing is committed"
    renewed = found.state.get("renewed") == f"{found.committed} {found.token}"
    if found.log.length and found.log.last == found.committed and found.log.token != found.token and not renewed:
        yield f"the token is {found.token or 'empty'}, but the last commit left {found.log.token}"


def _span(waiting: range) -> str:
    return f"open are {waiting[0]} to {waiting[-1]}" if waiting else "none is open"


def _flat(flat: Sequence[bytes]) -> dict[str, str]:
    return {decode(flat[i]): decode(flat[i + 1]) for i in range(0, len(flat), 2)}


def frontier_keys(story: str) -> list[str]:
    """As the script numbers them."""
    named = (keys.state, keys.counts, keys.findings, keys.starts, keys.articles, keys.claims_log, keys.outcomes)
    return [*(key(story) for key in named), keys.events(story)]
