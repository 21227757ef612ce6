"""Publication times as feeds write them: aware, UTC, and no more precise than what was written."""

from __future__ import annotations

import re
import time
from datetime import UTC, datetime

from service.model import Precision, Published

EARLIEST_YEAR, LATEST_YEAR = 1900, 2100
"""no text that we can follow was published outside; such a date is a mistake, and no calendar copes with its edges"""
_NAMES = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_MONTHS = {name: f"{number:02}" for number, name in enumerate(_NAMES, 1)}
_HOURS = "(?:[01][0-9]|2[0-3])"
_ZONE = r"[+-](?:0[0-9]|1[0-2])"
_RFC_822 = re.compile(
    rf"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), ([0-9]{{2}}) ({'|'.join(_MONTHS)}) (19[7-9][0-9]|20[0-9]{{2}})"
    rf" ({_HOURS}):([0-9]{{2}}):([0-9]{{2}}) (GMT|{_ZONE}[0-5][0-9])"
)
_RFC_3339 = re.compile(
    rf"(?:19[7-9][0-9]|20[0-9]{{2}})-[0-9]{{2}}-[0-9]{{2}}T{_HOURS}:[0-9]{{2}}:[0-9]{{2}}(?:Z|{_ZONE}:[0-5][0-9])"
)
_CLOCK = re.compile(r"\d{1,2}:\d{2}(:\d{2})?")


def published_of(parsed: time.struct_time | None, written: str) -> Published | None:
    """A date as the parser read it (UTC) and as it was written; None for none, or for one of no likely year."""
    if parsed is None:
        return None
    try:
        value = datetime(*parsed[:6], tzinfo=UTC)
    except ValueError:
        return None
    return _likely(Published(value, _precision(written), "feed"))


def published_of_iso(written: str) -> Published | None:
    """An RFC 3339 date; one without an offset is taken as UTC. None for anything else."""
    try:
        value = datetime.fromisoformat(written.strip())
        value = value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        return None
    return _likely(Published(value.replace(microsecond=0), _precision(written), "feed"))


def usual_date(written: str) -> time.struct_time | None:
    """A date in one of the two forms that nearly all feeds use, in UTC, as feedparser reads it; None for any other.

    feedparser tries its ten kinds of dates one after another, which took a twentieth of the time of a feed.
    """
    if found := _RFC_822.fullmatch(written):
        day, month, year, hour, minute, second, zone = found.groups()
        written = f"{year}-{_MONTHS[month]}-{day}T{hour}:{minute}:{second}{'+0000' if zone == 'GMT' else zone}"
    elif not _RFC_3339.fullmatch(written):
        return None
    try:
        return datetime.fromisoformat(written).utctimetuple()
    except (ValueError, OverflowError):
        return None


def embargo_words(written: str | None, now_s: float) -> str:
    """Why an item must not be read yet; the empty string if it may be.

    Args:
        written: the end of its embargo, RFC 3339; None: there is none. What cannot be read is no end.
        now_s: seconds since 1970.
    """
    if written is None:
        return ""
    end = published_of_iso(written)
    if end is None:
        return "under embargo without an end"
    return f"under embargo until {end.value:%Y-%m-%d %H:%M} UTC" if end.value.timestamp() > now_s else ""


def _likely(published: Published) -> Published | None:
    return published if EARLIEST_YEAR <= published.value.year <= LATEST_YEAR else None


def _precision(written: str) -> Precision:
    clock = _CLOCK.search(written)
    if clock is None:
        return "day"
    return "second" if clock.group(1) else "minute"
