"""What is remembered of a feed after a look at it: pure, from what was remembered and what was seen."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.feeds.listing import FeedUnreadable
from service.feeds.look import Look, Memory
from service.feeds.moved import NEVER, Moved, believed, sighted
from service.feeds.news import Pace, pace_after, wait_s
from service.feeds.schedule import Rhythm, due_after_failure, due_after_success
from service.feeds.skipping import skip_mask
from service.store.values import FeedState

_TRUSTED_304S = 24
"""“not modified” is believed so many times in a row; then the feed is asked in full, once"""
_MOST_304S = 384
_WARY_304S = 6
"""for a server that said “not modified” of what it had modified"""
_NAMELESS_EVERY = 4
"""of so many failures in a row, the look behind the last names no version: some servers fail over what was named"""
_BACKUP_S = 3_600.0
"""between two looks at a feed whose hub sends what is new, if its list allows that. Source: reasoned, not measured"""
_UNWATCHED = 4.0
"""A look that comes later than so many times the wait planned: nobody watched the feed meanwhile."""


def memory_of(state: FeedState) -> Memory:
    """What a look may say that we have.

    A server can hold on to a version for ever: one that says “not modified” for long is asked as if we had nothing. So
    is one that fails again and again.
    """
    fails_over_it = state.failures > 0 and state.failures % _NAMELESS_EVERY == 0
    if fails_over_it or state.same_304s >= (state.trusted_304s or _TRUSTED_304S):
        return Memory(fingerprint=state.fingerprint, churn=state.churn)
    return Memory(state.etag, state.last_modified, state.fingerprint, state.churn)


def moved_to(state: FeedState, address: str, interval_s: float, now_s: float) -> str:
    """Where the feed is to be asked in place of `address`; the empty string: there."""
    return believed(_moved(state), address, interval_s, now_s) if state.moved_to else ""


def after_look(
    state: FeedState, rhythm: Rhythm, now_s: float, look: Look, address: str, pushed: bool = False
) -> FeedState:
    """After a good look, taken of `address` or of where that has moved.

    Args:
        pushed: a hub sends what is new: looks are only for what it misses.
    """
    listing = look.listing
    ttl_s = listing.ttl_s if listing is not None else state.ttl_s
    skip = skip_mask(listing.skip_hours, listing.skip_days) if listing is not None else state.skip
    news = listing is not None and bool(listing.entries or listing.refused)
    pace = pace_after(Pace(state.gap_s, state.news_at), now_s, news=news, watched=_was_watched(state, now_s))
    due = due_after_success(
        rhythm,
        now_s,
        asked_s=max(look.asked_s, ttl_s),
        pace_s=max(wait_s(pace, now_s), _BACKUP_S if pushed else 0.0),
        skip=skip,
        first=state.last_success <= 0,
    )
    return replace(
        state,
        etag=look.memory.etag,
        last_modified=look.memory.last_modified,
        fingerprint=look.memory.fingerprint,
        churn=look.memory.churn,
        next_due=due,
        last_checked=now_s,
        last_success=now_s,
        failures=0,
        gone=0,
        error=(listing.problem or "") if listing is not None else "",
        ttl_s=ttl_s,
        skip=skip,
        same_304s=state.same_304s + 1 if look.not_modified else 0,
        trusted_304s=_trust(state, look),
        gap_s=pace.gap_s,
        news_at=pace.news_at,
        hub=look.hub if listing is not None else state.hub,
        topic=look.topic if listing is not None else state.topic,
        revision=state.revision + 1,
        **_fields(_moved_after(state, now_s, look, address)),
    )


def after_push(state: FeedState, now_s: float, *, news: bool) -> FeedState:
    """After something that the feed's hub sent. The next look comes when it would have come."""
    pace = pace_after(Pace(state.gap_s, state.news_at), now_s, news=news, watched=state.failures == 0)
    return replace(state, pushed_at=now_s, gap_s=pace.gap_s, news_at=pace.news_at, revision=state.revision + 1)


def is_pushed(state: FeedState) -> bool:
    """Whether the feed's hub has sent something since it last missed something."""
    return state.pushed_at > state.missed_at


def after_failure(state: FeedState, rhythm: Rhythm, now_s: float, failure: FeedUnreadable) -> FeedState:
    """After a bad look. What it was told of a move is forgotten: a feed that fails is asked where it always was."""
    failures, gone = state.failures + 1, state.gone + 1 if failure.gone else 0
    due = due_after_failure(
        rhythm,
        now_s,
        failures=failures,
        retry_after_s=failure.retry_after_s,
        gone=gone,
        asked_s=state.ttl_s,
        skip=state.skip,
    )
    return replace(
        state,
        next_due=due,
        last_checked=now_s,
        failures=failures,
        gone=gone,
        error=failure.words,
        revision=state.revision + 1,
        **_fields(Moved()),
    )


def spared(state: FeedState, now_s: float) -> FeedState:
    """After a look that our own network spoilt: nothing is held against the feed, and it is due."""
    return replace(state, next_due=0.0, last_checked=now_s, revision=state.revision + 1)


def _trust(state: FeedState, look: Look) -> int:
    allowed = state.trusted_304s or _TRUSTED_304S
    if look.not_modified or state.same_304s < allowed:
        return state.trusted_304s
    if look.listing is None:
        return min(allowed * 2, _MOST_304S)
    told = (look.memory.etag, look.memory.last_modified)
    return _WARY_304S if any(told) and told == (state.etag, state.last_modified) else state.trusted_304s


def _was_watched(state: FeedState, now_s: float) -> bool:
    return state.failures == 0 and now_s - state.last_checked <= _UNWATCHED * max(
        state.next_due - state.last_checked, 0.0
    )


def _moved(state: FeedState) -> Moved:
    return Moved(state.moved_mark, state.moved_to, state.moved_since, state.moved_seen, state.moved_times)


def _moved_after(state: FeedState, now_s: float, look: Look, address: str) -> Moved:
    if not look.asked_moved:
        return sighted(_moved(state), address, look.moved_to, now_s) if look.moved_to else NEVER
    return Moved() if look.redirected else _moved(state)  # where it moved, it is to answer itself


def _fields(moved: Moved) -> dict[str, Any]:
    return {
        "moved_mark": moved.mark,
        "moved_to": moved.to,
        "moved_since": moved.since,
        "moved_seen": moved.seen,
        "moved_times": moved.times,
    }
