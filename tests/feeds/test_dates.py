from __future__ import annotations

import time
from datetime import datetime

import pytest
from feedparser.datetimes import _parse_date
from hypothesis import given
from hypothesis import strategies as st

from service.feeds.dates import published_of, published_of_iso, usual_date


@pytest.mark.parametrize(
    "written",
    ["0001-01-01", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", "1899-12-31T23:00:00Z", "2101-01-01"],
)
def test_a_date_of_no_likely_year_is_no_date(written: str) -> None:
    assert published_of_iso(written) is None


@pytest.mark.parametrize(("year", "known"), [(1, False), (1899, False), (1900, True), (2100, True), (9999, False)])
def test_a_feeds_date_of_no_likely_year_is_no_date(year: int, known: bool) -> None:
    parsed = time.struct_time((year, 1, 1, 12, 0, 0, 0, 1, 0))
    assert (published_of(parsed, "12:00") is not None) is known
    assert (published_of_iso(f"{year:04}-01-01T12:00:00Z") is not None) is known


NAMES = (
    "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun",
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
)  # fmt: skip


@given(
    st.datetimes(datetime(1970, 1, 2), datetime(2099, 12, 30)),  # noqa: DTZ001
    st.sampled_from(["GMT", "+0000", "-0730", "+0545", "-1200", "+1259"]),
    st.integers(0, 6),
)
def test_the_usual_dates_are_read_as_feedparser_reads_them(at: datetime, zone: str, weekday: int) -> None:
    colon = "Z" if zone == "GMT" else f"{zone[:3]}:{zone[3:]}"
    month = NAMES[6 + at.month]
    for written in (
        f"{NAMES[weekday]}, {at:%d} {month} {at:%Y %H:%M:%S} {zone}",
        f"{at:%Y-%m-%dT%H:%M:%S}{colon}",
    ):
        usual = usual_date(written)
        assert usual is not None
        assert usual[:6] == _parse_date(written)[:6], written  # type: ignore[no-untyped-call]


@pytest.mark.parametrize(
    "written",
    ["Tue, 31 Feb 2031 10:00:00 GMT", "Tue, 04 May 2031 24:00:00 GMT", "2031-02-31T10:00:00Z", "2031-05-04 10:00:00Z"],
)
def test_a_date_that_is_none_or_written_otherwise_is_left_to_feedparser(written: str) -> None:
    assert usual_date(written) is None
