from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from service.feeds.fetch import conditional_headers, max_age_s, retry_after_s, status_words

NOW = datetime(2031, 5, 4, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("120", 120.0),
        (" 7 ", 7.0),
        ("Sun, 04 May 2031 12:10:00 GMT", 600.0),
        ("Sun, 04 May 2031 11:00:00 GMT", 0.0),
        ("999999999999", 86_400.0),
        ("Sun, 04 May 2099 12:10:00 GMT", 86_400.0),
        ("Sunday, 04-May-31 12:10:00 GMT", 600.0),
        ("Sun May  4 12:10:00 2031", 600.0),
        ("soon", None),
        ("-5", None),
        ("", None),
    ],
)
def test_retry_after_is_read_in_both_forms(written: str, seconds: float | None) -> None:
    assert retry_after_s({"retry-after": written}, NOW) == seconds


@pytest.mark.parametrize(("served", "seconds"), [(-600, 4_200.0), (0, 3_600.0), (600, 3_600.0)])
def test_a_clock_that_differs_from_ours_makes_us_no_earlier(served: int, seconds: float) -> None:
    date = format_datetime(NOW + timedelta(seconds=served), usegmt=True)
    until = format_datetime(NOW + timedelta(hours=1), usegmt=True)
    assert retry_after_s({"retry-after": until, "date": date}, NOW) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0),
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": 'MAX-AGE="600"'}, 600),
        ({"cache-control": "max-age=600", "age": "100"}, 500),
        ({"cache-control": "max-age=600", "age": "1000"}, 0),
        ({"cache-control": "no-cache, max-age=600"}, 0),
        ({"cache-control": "max-age=lots"}, 0),
        ({"cache-control": "max-age=99999999999"}, 86_400),
        ({"expires": "Sun, 04 May 2031 12:10:00 GMT"}, 600),
        ({"expires": "Sun, 04 May 2031 12:10:00 GMT", "date": "Sun, 04 May 2031 12:05:00 GMT"}, 300),
        ({"expires": "0"}, 0),
        ({"expires": "Sun, 04 May 2031 12:10:00 GMT", "cache-control": "max-age=5"}, 5),
    ],
)
def test_freshness_is_max_age_else_expires(headers: dict[str, str], seconds: float) -> None:
    assert max_age_s(headers, NOW) == seconds


def test_validators_are_echoed_byte_for_byte_or_not_at_all() -> None:
    odd = 'W/"  a,b "'
    assert conditional_headers(odd, "yesterday-ish") == {"If-None-Match": odd, "If-Modified-Since": "yesterday-ish"}
    assert conditional_headers("", "") == {}
    assert conditional_headers('"caf\u00e9\t1"', "") == {"If-None-Match": '"caf\u00e9\t1"'}
    assert conditional_headers("caf\udce9", "a\r\nEvil: header") == {}


def test_a_status_is_told_in_words() -> None:
    assert status_words(404) == "the server answers 404 Not Found"
    assert status_words(599) == "the server answers 599"
