from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feeds.schedule import Rhythm, due_after_failure, due_after_success, pause_s

HOUR, DAY = 3_600.0, 86_400.0
FEED = Rhythm("harbour", 300.0, local=False)
FOLDER = Rhythm("texts", 0.5, local=True)


def within(due_s: float, delay_s: float) -> bool:
    return delay_s <= due_s <= delay_s * 1.1


def test_a_good_look_is_followed_after_the_longest_of_what_was_asked() -> None:
    assert within(due_after_success(FEED, 0), 300)
    assert within(due_after_success(FEED, 0, asked_s=60), 300)
    assert within(due_after_success(FEED, 0, asked_s=HOUR), HOUR)
    assert within(due_after_success(FEED, 0, asked_s=30 * DAY), DAY)


def test_failures_are_followed_later_and_later_and_never_given_up() -> None:
    delays = [due_after_failure(FEED, 0, failures=failures) for failures in range(1, 2_000)]
    assert delays == sorted(delays)
    assert within(delays[0], 600)
    assert within(delays[-1], 4 * HOUR)


def test_a_server_that_says_when_is_believed_up_to_a_day() -> None:
    assert within(due_after_failure(FEED, 0, failures=1, retry_after_s=2 * HOUR), 2 * HOUR)
    assert within(due_after_failure(FEED, 0, failures=1, retry_after_s=1), 600)
    assert within(due_after_failure(FEED, 0, failures=1, retry_after_s=90 * DAY), DAY)


def test_a_feed_is_gone_when_it_was_said_twice() -> None:
    assert within(due_after_failure(FEED, 0, failures=1, gone=True), 600)
    assert within(due_after_failure(FEED, 0, failures=2, gone=True), 30 * DAY)


def test_a_folder_is_exact_and_soon_back() -> None:
    assert due_after_success(FOLDER, 7) == 7.5
    assert due_after_failure(FOLDER, 0, failures=100) == 5


@given(st.text(), st.floats(1, DAY), st.floats(0, 1e9), st.integers(1, 10**6), st.none() | st.floats(0, 1e9))
def test_never_earlier_than_the_interval_and_the_same_each_time(
    name: str, interval_s: float, asked_s: float, failures: int, retry_s: float | None
) -> None:
    rhythm = Rhythm(name, interval_s, local=False)
    good = due_after_success(rhythm, 0, asked_s=asked_s)
    bad = due_after_failure(rhythm, 0, failures=failures, retry_after_s=retry_s)
    assert min(good, bad) >= interval_s
    assert max(good, bad) <= 1.1 * DAY + 1e-6
    assert good == due_after_success(rhythm, 0, asked_s=asked_s)


@pytest.mark.parametrize("other", ["harbour-2", "lighthouse"])
def test_feeds_added_together_drift_apart(other: str) -> None:
    assert due_after_success(FEED, 0) != due_after_success(Rhythm(other, 300.0, local=False), 0)


@pytest.mark.parametrize(
    ("now_s", "pause"),
    [
        (1_000.0, 60.0),
        (1_290.0, 10.0),
        (1_300.0, 0.0),
        (9_999.0, 0.0),
        (998.0, 60.0),  # two clocks that differ a little
        (990.0, 0.0),  # a clock that stepped back
        (-1e9, 0.0),
    ],
)
def test_a_clock_that_steps_back_holds_no_feed(now_s: float, pause: float) -> None:
    assert pause_s(300.0, next_due_s=1_300.0, last_checked_s=1_000.0, now_s=now_s) == pause


def test_nothing_sleeps_longer_than_its_own_interval() -> None:
    assert pause_s(0.5, next_due_s=1e9, last_checked_s=0.0, now_s=0.0) == 0.5
    assert pause_s(86_400.0, next_due_s=1e9, last_checked_s=0.0, now_s=0.0) == 60.0
