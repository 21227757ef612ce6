from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feeds.schedule import Rhythm, due_after_failure, due_after_success, due_s, pause_s
from service.feeds.skipping import skip_mask

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
    assert within(due_after_failure(FEED, 0, failures=1, gone=1), 600)
    assert within(due_after_failure(FEED, 0, failures=7, gone=1), 4 * HOUR)
    assert within(due_after_failure(FEED, 0, failures=2, gone=2), 30 * DAY)
    assert within(due_after_failure(FEED, 0, failures=9, gone=9), 30 * DAY)


def test_a_feed_that_hardly_publishes_is_asked_less_but_no_less_than_its_list_says() -> None:
    assert within(due_after_success(FEED, 0, pace_s=60), 300)
    assert within(due_after_success(FEED, 0, pace_s=HOUR), HOUR)
    assert within(due_after_success(FEED, 0, pace_s=90 * DAY), DAY)
    impatient = replace(FEED, slowest_s=900.0)
    assert within(due_after_success(impatient, 0, pace_s=HOUR), 900)
    assert within(due_after_success(impatient, 0, pace_s=HOUR, asked_s=2 * HOUR), 2 * HOUR)


def test_what_a_document_asked_for_holds_also_when_it_fails() -> None:
    assert within(due_after_failure(FEED, 0, failures=1, asked_s=2 * HOUR), 2 * HOUR)
    assert due_after_failure(FEED, 0, failures=1, skip=skip_mask([0], [])) == HOUR


def test_a_herd_added_together_is_spread_over_its_interval_at_once() -> None:
    herd = [replace(FEED, name=f"feed {number}", phase=number / 20) for number in range(20)]
    dues = sorted(due_after_success(rhythm, 0, first=True) for rhythm in herd)
    assert dues[0] >= 300
    assert dues[-1] - dues[0] >= 250
    assert max(sum(1 for due in dues if start <= due < start + 30) for start in range(300, 600, 10)) <= 6
    # later looks are not put off
    assert all(within(due_after_success(rhythm, 0), 300) for rhythm in herd)


def test_an_interval_that_grew_counts_from_the_last_look() -> None:
    assert due_s(FEED, next_due_s=1_010, last_checked_s=1_000) == 1_300
    assert due_s(FEED, next_due_s=5_000, last_checked_s=1_000) == 5_000
    assert due_s(FEED, next_due_s=0, last_checked_s=1_000) == 0  # what was spoilt by our own network


def test_who_waited_for_a_host_comes_back_spread() -> None:
    herd = [replace(FEED, name=f"feed {number}", phase=number / 10) for number in range(10)]
    back = [due_s(rhythm, next_due_s=1_000, last_checked_s=500, held_until_s=2_000) for rhythm in herd]
    assert back == [2_000 + 30 * number for number in range(10)]
    assert due_s(FEED, next_due_s=2_001, last_checked_s=500, held_until_s=2_000) == 2_001


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
    assert max(good, bad) <= DAY
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
