from __future__ import annotations

from service.feeds.moved import Moved, believed, sighted

HOUR, DAY = 3_600.0, 86_400.0
OLD, NEW, START = "https://old.example/feed", "https://new.example/feed", 1_900_000_000.0


def after_sightings(times: int, apart_s: float, to: str = NEW) -> Moved:
    moved = Moved()
    for number in range(times):
        moved = sighted(moved, OLD, to, START + number * apart_s)
    return moved


def test_a_redirect_is_believed_once_it_was_seen_often_and_for_days() -> None:
    assert believed(after_sightings(1, 0), OLD, 300, START) == ""
    assert believed(after_sightings(500, 60), OLD, 300, START + 500 * 60) == ""  # often, within hours
    assert believed(after_sightings(5, DAY), OLD, 300, START + 5 * DAY) == ""  # for days, seldom
    assert believed(after_sightings(10, DAY / 4), OLD, 300, START + 10 * DAY / 4) == NEW


def test_a_redirect_that_changes_begins_anew() -> None:
    moved = sighted(after_sightings(100, HOUR), OLD, "https://third.example/", START + 100 * HOUR)
    assert (moved.times, believed(moved, OLD, 300, START + 100 * HOUR)) == (1, "")
    assert sighted(moved, OLD, None, START) == Moved()


def test_a_redirect_is_checked_weekly() -> None:
    moved, last = after_sightings(100, HOUR), START + 99 * HOUR
    assert believed(moved, OLD, 300, last + 6.9 * DAY) == NEW
    assert believed(moved, OLD, 300, last + 7.1 * DAY) == ""
    again = sighted(moved, OLD, NEW, last + 7.1 * DAY)
    assert believed(again, OLD, 300, last + 8 * DAY) == NEW


def test_what_another_address_said_counts_for_nothing() -> None:
    assert believed(after_sightings(100, HOUR), "https://other.example/", 300, START + 100 * HOUR) == ""


def test_a_clock_that_stepped_back_believes_nothing() -> None:
    assert believed(after_sightings(100, HOUR), OLD, 300, START - DAY) == ""
