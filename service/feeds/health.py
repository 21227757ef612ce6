"""Whether a feed has fallen silent or come back, told once each. Pure: of its state before and after a poll."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Literal

from service.contract.data import FeedData
from service.contract.envelope import feed_event
from service.contract.types import EventType
from service.feeds.config import Feed
from service.feeds.listing import Listing
from service.feeds.news import Habit, heard
from service.model import Event, FeedCondition
from service.store.values import FeedState

Reason = Literal["unreadable", "nothing_new"]

_FAILURES = 2
"""in a row: one is an accident"""
_UNREAD_S, _UNREAD_INTERVALS = 3_600.0, 6.0
"""A feed is silent that was not read for an hour, and for six of its intervals: failures double the pause, so that at
least two looks lie in that time. Source: reasoned, not measured."""


def learned(state: FeedState, listing: Listing | None, now_s: float) -> FeedState:
    """`state` with what a look taught about the feed's habit and its lag.

    Args:
        listing: None or without entries: nothing new came.
        now_s: seconds since 1970.
    """
    if listing is None or not listing.entries:
        return state
    before = Habit.from_text(state.habit)
    dated = [entry.published.value.timestamp() for entry in listing.entries if entry.published is not None]
    # A listing without dates that changed has brought something, nobody knows how much.
    after = heard(before, dated or [now_s], now_s)
    lags = sorted(now_s - at_s for at_s in dated if before.newest_s < at_s <= now_s)
    # What a first look finds is as old as the listing is long: that is no lag.
    lag_s = round(lags[len(lags) // 2], 1) if lags and before.newest_s else state.lag_s
    return replace(state, habit=after.to_text(), quiet_at=after.quiet_at_s, lag_s=lag_s)


def condition(state: FeedState | None) -> FeedCondition:
    """How a feed is, by what its last look left."""
    if state is None or state.last_checked <= 0:
        return FeedCondition.NEW
    if state.gone > 1:  # once may be a slip of the server
        return FeedCondition.GONE
    if state.silent:
        return FeedCondition.SILENT
    return FeedCondition.FAILING if state.failures else FeedCondition.WELL


def silence(feed: Feed, state: FeedState, now_s: float) -> Reason | None:
    """Why a feed is silent, if it is.

    Args:
        feed: the feed; a file or folder is never quiet beyond its habit: archives are.
        state: after a poll.
        now_s: seconds since 1970.
    """
    unread_s = now_s - state.last_success
    if state.failures >= _FAILURES and unread_s > max(_UNREAD_S, _UNREAD_INTERVALS * feed.interval_s):
        return "unreadable"
    return "nothing_new" if feed.kind == "url" and 0 < state.quiet_at < now_s else None


def told(feed: Feed, before: FeedState, after: FeedState, now: datetime) -> tuple[FeedState, Event | None]:
    """What a poll's closing is to remember and to tell: an event where a silence begins or ends.

    Args:
        before: of the poll; its `silent` says which silence was told.
        after: of the poll.
        now: aware; the event's time.
    """
    reason = silence(feed, after, now.timestamp())
    if reason is not None and not before.silent:
        since_s = after.last_success if reason == "unreadable" else Habit.from_text(after.habit).newest_s
        after = replace(after, silent=f"{reason} {since_s:.0f}")
        return after, _event(EventType.FEED_SILENT, feed, after, now)
    if reason is None and before.silent:
        return replace(after, silent=""), _event(
            EventType.FEED_RECOVERED, feed, replace(after, silent=before.silent), now
        )
    return after, None


def _event(type_: str, feed: Feed, state: FeedState, now: datetime) -> Event:
    habit = Habit.from_text(state.habit)
    data = FeedData(
        feed=feed.name,
        source=feed.source or feed.name,
        last_success=_time(state.last_success),
        error=state.error or None,
        reason="unreadable" if state.silent.startswith("unreadable") else "nothing_new",
        newest_entry=_time(habit.newest_s),
        longest_gap_s=habit.longest_gap_s if habit.days else None,
    )
    return feed_event(type_, data, state.silent, now, 0)


def _time(at_s: float) -> datetime | None:
    return datetime.fromtimestamp(round(at_s), UTC) if at_s else None
