from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.feeds.order import in_order
from service.model import Entry, Published

START = datetime(2031, 5, 4, tzinfo=UTC)


def entry(name: str, day: int | None) -> Entry:
    published = None if day is None else Published(START + timedelta(days=day), "day", "feed")
    return Entry("f", "s", name, name, "", "text", "plain", None, published)


def names(*listings: list[Entry]) -> str:
    return " ".join(timed.entry.key for timed in in_order(listings))


def test_entries_come_in_order_of_publication_across_listings() -> None:
    assert names([entry("c", 3), entry("a", 1)], [entry("b", 2)]) == "a b c"


def test_an_undated_entry_stays_right_behind_the_one_before_it() -> None:
    assert (
        names([entry("b", 2), entry("b+", None), entry("b++", None), entry("a", 1)], [entry("B", 2)]) == "a b b+ b++ B"
    )


def test_an_undated_beginning_takes_the_first_clock_that_follows() -> None:
    assert names([entry("x", None), entry("c", 3)], [entry("a", 1)]) == "a x c"
    assert in_order([[entry("x", None), entry("c", 3)]])[0].clock == START + timedelta(days=3)


def test_a_listing_without_dates_has_the_epochs_clock() -> None:
    assert [timed.clock.year for timed in in_order([[entry("x", None)]])] == [1970]


@given(st.lists(st.lists(st.none() | st.integers(0, 5), max_size=8), max_size=4))
def test_nothing_is_lost_and_the_clock_never_goes_back(days: list[list[int | None]]) -> None:
    listings = [
        [entry(f"{row}.{column}", day) for column, day in enumerate(listing)] for row, listing in enumerate(days)
    ]
    timed = in_order(listings)
    assert sorted(one.entry.key for one in timed) == sorted(one.key for listing in listings for one in listing)
    assert [one.clock for one in timed] == sorted(one.clock for one in timed)
