from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import StoreUnavailable
from service.feeds.config import Feed
from service.feeds.health import learned, silence, told
from service.feeds.listing import Listing
from service.feeds.news import Habit, Pace, heard, pace_after, wait_s
from service.feeds.parser_pool import ParserPool
from service.model import Entry, Published
from service.net.client import Client
from service.store import keys
from service.store.store import Store
from service.store.values import FeedState
from tests.feeds.house import Breaking, House, url_feed

HOUR, DAY = 3_600.0, 86_400.0
NOW = datetime(2031, 5, 5, 9, tzinfo=UTC)
"""a Monday"""
NOW_S = NOW.timestamp()
PACE_FROM_S = 1_900_000_000.0
FEED = Feed("gazette", "url", "https://gazette.example/feed", 300.0)


def office_hours(days: int) -> list[float]:
    """An entry an hour from 9 to 17, Monday to Friday, the last on Friday at 17."""
    began = NOW - timedelta(days=days)
    hours = (began + timedelta(hours=hour) for hour in range(days * 24))
    return [at.timestamp() for at in hours if at.weekday() < 5 and 9 <= at.hour <= 17]


def listing(*times: float | None) -> Listing:
    return Listing(tuple(entry(str(number), at) for number, at in enumerate(times)))


def entry(key: str, at_s: float | None) -> Entry:
    published = Published(datetime.fromtimestamp(at_s, UTC), "second", "feed") if at_s is not None else None
    return Entry("gazette", "The Gazette", key, f"https://gazette.example/{key}", key, "", "plain", None, published)


@given(st.lists(st.floats(0, 2 * NOW_S), max_size=60))
def test_a_habit_survives_being_written_down(times: list[float]) -> None:
    habit = heard(Habit(), times, NOW_S)
    again = Habit.from_text(habit.to_text())
    assert again.days == habit.days
    assert abs(again.newest_s - habit.newest_s) <= 0.5
    assert len(habit.days) <= 15
    assert habit.newest_s <= NOW_S


@given(st.lists(st.floats(1, NOW_S), min_size=1, max_size=30))
def test_what_was_heard_before_changes_nothing(times: list[float]) -> None:
    habit = heard(Habit(), times, NOW_S)
    assert heard(habit, times, NOW_S) == habit


def test_a_weekend_is_no_silence_once_one_was_seen_and_a_dead_week_is() -> None:
    habit = heard(Habit(), office_hours(14), NOW_S)
    assert habit.longest_gap_s == 64 * HOUR
    assert not 0 < habit.quiet_at_s < NOW_S
    assert not 0 < habit.quiet_at_s < NOW_S + DAY
    assert 0 < habit.quiet_at_s < NOW_S + 4 * DAY


def test_a_feed_that_runs_day_and_night_is_quiet_after_hours() -> None:
    habit = heard(Habit(), [NOW_S - minutes * 600 for minutes in range(2_000)], NOW_S)
    assert not 0 < habit.quiet_at_s < NOW_S + 5 * HOUR
    assert 0 < habit.quiet_at_s < NOW_S + 7 * HOUR


def test_of_a_feed_known_for_a_day_a_weekend_is_believed() -> None:
    habit = heard(Habit(), [NOW_S - minutes * 600 for minutes in range(100)], NOW_S)
    assert not 0 < habit.quiet_at_s < NOW_S + 2.9 * DAY
    assert 0 < habit.quiet_at_s < NOW_S + 3.1 * DAY


@pytest.mark.parametrize("times", [[], [NOW_S - 1_000 * DAY], [NOW_S - n for n in range(5)]])
def test_of_a_feed_that_brought_little_nothing_is_known(times: list[float]) -> None:
    assert heard(Habit(), times, NOW_S).quiet_at_s == 0


def test_entries_a_day_are_counted_over_the_days_remembered() -> None:
    habit = heard(Habit(), [NOW_S - hours * HOUR for hours in range(24 * 30)], NOW_S)
    assert 23 < habit.per_day <= 24


def test_the_lag_is_that_of_new_entries_alone() -> None:
    first = learned(FeedState(), listing(NOW_S - 5 * DAY, NOW_S - DAY), NOW_S)
    assert first.lag_s == 0
    second = learned(first, listing(NOW_S - 5 * DAY, NOW_S - DAY, NOW_S - 30, NOW_S - 90, NOW_S + DAY), NOW_S)
    assert second.lag_s == 90


def test_a_changed_listing_without_dates_is_news_of_now() -> None:
    assert Habit.from_text(learned(FeedState(), listing(None, None), NOW_S).habit).newest_s == NOW_S
    assert learned(FeedState(), None, NOW_S).habit == ""


def test_a_silence_is_told_once_and_its_end_once() -> None:
    # given a feed of ten entries an hour
    state = learned(FeedState(last_success=NOW_S), listing(*(NOW_S - n * 360 for n in range(900))), NOW_S)
    events = []
    # when it is read well for a week and brings nothing, and then something
    for hour in range(24 * 7):
        now = NOW + timedelta(hours=hour)
        before, state = state, replace(state, last_success=now.timestamp())
        state, event = told(FEED, before, state, now)
        events += [event] if event is not None else []
    assert [event.attributes["type"] for event in events] == ["claimwire.feed.silent.v1"]
    assert '"reason":"nothing_new"' in events[0].data
    later = NOW + timedelta(days=7)
    state, back = told(FEED, state, learned(state, listing(later.timestamp()), later.timestamp()), later)
    # then both are told, and the end of this silence is no other's
    assert back is not None
    assert back.attributes["type"] == "claimwire.feed.recovered.v1"
    assert state.silent == ""
    assert told(FEED, state, state, later) == (state, None)


def test_a_feed_that_cannot_be_read_for_an_hour_is_silent_and_one_accident_is_none() -> None:
    state = FeedState(last_success=NOW_S - 3_700, failures=1, error="the server answers 404 Not Found")
    assert silence(FEED, state, NOW_S) is None
    state = replace(state, failures=2)
    assert silence(FEED, state, NOW_S) == "unreadable"
    assert silence(replace(FEED, interval_s=3_600), state, NOW_S) is None
    _, event = told(FEED, state, state, NOW)
    assert event is not None
    assert "404" in event.data


def test_a_folder_is_never_quiet_beyond_its_habit() -> None:
    state = learned(FeedState(last_success=NOW_S), listing(*(NOW_S - n * 360 for n in range(900))), NOW_S)
    assert silence(FEED, state, NOW_S + 30 * DAY) == "nothing_new"
    assert silence(replace(FEED, kind="folder"), state, NOW_S + 30 * DAY) is None


@pytest.fixture
def house(store: Store, client: Client, parsers: ParserPool) -> House:
    return House(store, client, parsers)


def dated(*times: float) -> bytes:
    items = "".join(
        f"<item><guid>{at:.0f}</guid><title>pier {at:.0f}</title><pubDate>{format_datetime(utc(at))}</pubDate></item>"
        for at in times
    )
    return f"<rss version='2.0'><channel><title>Harbour</title>{items}</channel></rss>".encode()


def utc(at_s: float) -> datetime:
    return datetime.fromtimestamp(at_s, UTC)


async def test_the_watcher_tells_of_a_silence_and_its_end_once_whatever_redis_does(house: House, origin: Any) -> None:
    # given a feed that brought something every hour for ten days
    times = [NOW_S - hours * HOUR for hours in range(240)]
    feed = url_feed(origin.gives("/feed", dated(*times), ETag='"1"'))
    house.now = NOW
    state = await house.poll(feed)
    # when it brings nothing for a day, and Redis is lost while that is told
    breaking = Breaking(house.store)
    for hours in (6, 12, 13, 24):
        house.now = NOW + timedelta(hours=hours)
        breaking.lose_close = 1
        with pytest.raises(StoreUnavailable):
            await house.watcher(feed, admitter=breaking).poll(feed, state)
        state = await house.poll(feed)
    # and then something
    house.now = NOW + timedelta(hours=25)
    origin.gives("/feed", dated(NOW_S + 25 * HOUR, *times), ETag='"2"')
    state = await house.poll(feed)
    # then
    events = [dict(entry.fields) for entry in await house.store.range(keys.feed_events())]
    assert [event["type"].split(".")[2] for event in events] == ["silent", "recovered"]
    assert [int(event["sequence"]) for event in events] == [1, 2]
    assert len({event["id"] for event in events}) == 2
    assert state.silent == ""
    assert 20 < Habit.from_text(state.habit).per_day < 21


# Pace


def watched(gaps_s: list[float]) -> tuple[Pace, float]:
    """What is known of a feed that brought something after each of these gaps."""
    pace, now = pace_after(Pace(), PACE_FROM_S, news=True, watched=True), PACE_FROM_S
    for gap_s in gaps_s:
        now += gap_s
        pace = pace_after(pace, now, news=True, watched=True)
    return pace, now


def test_the_wait_is_a_small_part_of_the_usual_gap() -> None:
    for gap_s in (600.0, HOUR, DAY, 7 * DAY):
        pace, now = watched([gap_s] * 10)
        assert abs(wait_s(pace, now) - gap_s / 20) < 1


def test_a_feed_of_which_nothing_is_known_asks_for_no_wait() -> None:
    assert wait_s(Pace(), PACE_FROM_S) == 0
    assert wait_s(watched([])[0], PACE_FROM_S) == 0


def test_a_lively_feed_that_sleeps_over_a_weekend_is_asked_as_before() -> None:
    pace, now = watched([600.0] * 50)
    assert wait_s(pace, now + 2 * DAY) < 900
    awake, now = watched([600.0] * 50 + [2.5 * DAY])
    assert wait_s(awake, now) < 300


def test_a_feed_that_ended_is_asked_less_and_less() -> None:
    pace, now = watched([600.0] * 50)
    waits = [wait_s(pace, now + days * DAY) for days in (1, 10, 100, 400)]
    assert waits == sorted(waits)
    assert waits[-1] > DAY


def test_a_feed_that_begins_again_is_soon_asked_as_often_as_it_publishes() -> None:
    pace, now = watched([30 * DAY] + [600.0] * 20)
    assert wait_s(pace, now) < 300


def test_a_gap_in_which_nobody_watched_says_nothing() -> None:
    pace, now = watched([600.0] * 10)
    after = pace_after(pace, now + 30 * DAY, news=True, watched=False)
    assert (after.gap_s, wait_s(after, now + 30 * DAY)) == (pace.gap_s, pace.gap_s / 20)


@given(st.lists(st.tuples(st.floats(-DAY, 90 * DAY), st.booleans(), st.booleans()), max_size=30))
def test_a_wait_is_never_negative_or_longer_than_what_was_seen(looks: list[tuple[float, bool, bool]]) -> None:
    pace, now, latest = Pace(), PACE_FROM_S, PACE_FROM_S
    for gap_s, news, was_watched in looks:
        now += gap_s
        latest = max(latest, now)
        pace = pace_after(pace, now, news=news, watched=was_watched)
        assert 0 <= wait_s(pace, now) <= (latest - PACE_FROM_S + 31 * DAY) / 20 + 90 * DAY
