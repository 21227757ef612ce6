from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.feeds.pace import Pace, pace_after, wait_s

HOUR, DAY, START = 3_600.0, 86_400.0, 1_900_000_000.0


def watched(gaps_s: list[float]) -> tuple[Pace, float]:
    """What is known of a feed that brought something after each of these gaps."""
    pace, now = pace_after(Pace(), START, news=True, watched=True), START
    for gap_s in gaps_s:
        now += gap_s
        pace = pace_after(pace, now, news=True, watched=True)
    return pace, now


def test_the_wait_is_a_small_part_of_the_usual_gap() -> None:
    for gap_s in (600.0, HOUR, DAY, 7 * DAY):
        pace, now = watched([gap_s] * 10)
        assert abs(wait_s(pace, now) - gap_s / 20) < 1


def test_a_feed_of_which_nothing_is_known_asks_for_no_wait() -> None:
    assert wait_s(Pace(), START) == 0
    assert wait_s(watched([])[0], START) == 0


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
    pace, now, latest = Pace(), START, START
    for gap_s, news, was_watched in looks:
        now += gap_s
        latest = max(latest, now)
        pace = pace_after(pace, now, news=news, watched=was_watched)
        assert 0 <= wait_s(pace, now) <= (latest - START + 31 * DAY) / 20 + 90 * DAY
