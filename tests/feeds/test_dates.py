from __future__ import annotations

import time

import pytest

from service.feeds.dates import published_of, published_of_iso


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
