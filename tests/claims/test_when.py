"""Time expressions as intervals, read on Wednesday 14 May 2031."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.claims.grammar.intervals import Anchor
from workers.claims.grammar.when import _ODD, _rules, _rules_for, _telling, when

PUBLISHED = datetime(2031, 5, 14, 15, tzinfo=UTC)
PAST = Anchor(PUBLISHED, "relative_to_publication")
FUTURE = Anchor(PUBLISHED, "relative_to_publication", future=True)


def days(words: str, anchor: Anchor = PAST) -> tuple[str | None, str | None]:
    found = when(f"The board met {words} in the town.", anchor)
    assert found is not None
    return tuple(end and f"{end:%Y-%m-%d}" for end in (found.earliest, found.latest))  # type: ignore[return-value]


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("yesterday", "2031-05-13", "2031-05-13"),
        ("overnight", "2031-05-13", "2031-05-14"),
        ("on Tuesday", "2031-05-13", "2031-05-13"),
        ("on Friday", "2031-05-09", "2031-05-09"),
        ("over the weekend", "2031-05-10", "2031-05-11"),
        ("last week", "2031-05-05", "2031-05-11"),
        ("earlier this month", "2031-05-01", "2031-05-14"),
        ("last month", "2031-04-01", "2031-04-30"),
        ("last year", "2030-01-01", "2030-12-31"),
        ("ten days ago", "2031-05-04", "2031-05-04"),
        ("about ten days ago", "2031-05-03", "2031-05-06"),
        ("a week ago", "2031-05-06", "2031-05-08"),
        ("several days ago", "2031-05-07", "2031-05-11"),
        ("late April", "2031-04-21", "2031-04-30"),
        ("in mid-December", "2030-12-11", "2030-12-20"),
        ("on June 3", "2030-06-03", "2030-06-03"),
        ("on 3 May 2029", "2029-05-03", "2029-05-03"),
        ("in March", "2031-03-01", "2031-03-31"),
        ("in March 2029", "2029-03-01", "2029-03-31"),
        ("in late 2029", "2029-09-01", "2029-12-31"),
        ("between 2024 and 2027", "2024-01-01", "2027-12-31"),
        ("since 2024", "2024-01-01", "2031-05-14"),
        ("since last week", "2031-05-05", "2031-05-14"),
        ("in the second quarter of 2030", "2030-04-01", "2030-06-30"),
        ("in the summer of 2030", "2030-06-01", "2030-08-31"),
        ("in the past three weeks", "2031-04-23", "2031-05-14"),
        ("in recent days", "2031-05-07", "2031-05-14"),
    ],
)
def test_what_was(words: str, first: str, last: str) -> None:
    assert days(words) == (first, last)


@pytest.mark.parametrize(
    ("words", "first", "last"),
    [
        ("on Friday", "2031-05-16", "2031-05-16"),
        ("next week", "2031-05-19", "2031-05-25"),
        ("next month", "2031-06-01", "2031-06-30"),
        ("on June 3", "2031-06-03", "2031-06-03"),
        ("in January", "2032-01-01", "2032-01-31"),
        ("within 48 hours", "2031-05-14", "2031-05-16"),
        ("by June", None, "2031-06-30"),
        ("until May 20", None, "2031-05-20"),
        ("by the end of the year", None, "2031-12-31"),
    ],
)
def test_what_is_to_come(words: str, first: str | None, last: str) -> None:
    assert days(words, FUTURE) == (first, last)


def test_times_of_one_event_that_conflict_stay_apart() -> None:
    ten_days, a_week = days("about ten days ago"), days("a week ago")
    assert ten_days[1] is not None
    assert a_week[0] is not None
    assert ten_days[1] <= a_week[0]


def test_what_counts_from_another_event_is_unresolved() -> None:
    found = when("Two days later the board met.", PAST)
    assert found is not None
    assert (found.text, found.earliest, found.basis) == ("Two days later", None, "unresolved")


def test_a_stated_year_needs_no_anchor() -> None:
    stated, relative = when("in March 2029", PAST), when("in March", PAST)
    assert stated is not None
    assert relative is not None
    assert (stated.basis, relative.basis) == ("stated", "relative_to_publication")


def test_the_anchor_tells_where_it_comes_from() -> None:
    found = when("yesterday", Anchor(PUBLISHED, "relative_to_first_seen"))
    assert found is not None
    assert found.basis == "relative_to_first_seen"


@pytest.mark.parametrize("text", ["The firm may march on.", "It fell 14 percent.", "A second plant.", "", "For years."])
def test_what_is_no_time(text: str) -> None:
    assert when(text, PAST) is None


PIECES = "on in by the about 2019 1990s 3 two of days weeks month ago may May Marchſ Sept. last next this mid- first"
PIECES += " quarter Friday today summer weekend since until soon now lately late over half a İn mınutes earlier past"


@given(st.lists(st.sampled_from([*PIECES.split(), *PIECES.upper().split()]), max_size=9).map(" ".join))
def test_no_rule_that_finds_something_is_passed_over(text):
    tried = _rules_for(_telling(text))
    for rule in _rules():
        months = [found.groupdict().get("month") for found in rule[0].finditer(text)]
        assert rule in tried or _ODD.search(text) or all(month and month[0].islower() for month in months)
