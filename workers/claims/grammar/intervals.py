"""What a time expression comes to: one function for each form, from its match and the anchor to an interval.

Times are UTC days: a dateline's time zone is not known.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from workers.claims.grammar.words import word_map

Interval = tuple[datetime | None, datetime | None]


@dataclass(frozen=True, slots=True)
class Anchor:
    """From when a relative time counts."""

    at: datetime
    basis: Literal["relative_to_publication", "relative_to_first_seen"]
    future: bool = False
    """the clause speaks of what is to come: "on Tuesday" is the next one"""


MONTHS = {name.lower(): number for number, name in enumerate(calendar.month_name) if name}
MONTHS |= {name.lower(): number for number, name in enumerate(calendar.month_abbr) if name} | {"sept": 9}
WEEKDAYS = {name.lower(): number for number, name in enumerate(calendar.day_name)}
SEASONS = {"spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 2)}
"""northern, as the English-language press uses them without saying so"""
DAYS = {"hour": 1 / 24, "day": 1.0, "week": 7.0, "month": 30.44, "year": 365.25, "decade": 3652.5, "minute": 1 / 1440}

AT_LEAST = frozenset({"more than", "over", "at least", "just over"})
VAGUE = {"several": (3, 7), "few": (2, 5), "couple of": (2, 3), "many": (5, 30), "some": (2, 10), "dozen": (11, 13)}
"""how many "several" may be. Source: usage; the bounds only have to be wide enough to hold the truth"""


def _count(words: str) -> tuple[float, float]:
    lowered = re.sub(r"\s+", " ", words.lower())
    for name, bounds in VAGUE.items():
        if lowered.endswith(name):
            return bounds
    if not lowered:
        return (2, 10)
    if lowered in {"a", "an"}:
        return (1, 1)
    if lowered.startswith("half"):
        return (0.5, 0.5)
    value = float(word_map("marks.number").get(lowered, 0)) if not lowered[0].isdigit() else float(lowered)
    return (value, value)


def _day(at: datetime) -> datetime:
    return datetime.combine(at.date(), time.min, UTC)


def end_of_day(at: datetime) -> datetime:
    """The last second of a day."""
    return _day(at) + timedelta(days=1) - timedelta(seconds=1)


def _month(year: int, month: int, first: int = 1, last: int | None = None) -> Interval:
    last = last or calendar.monthrange(year, month)[1]
    return datetime(year, month, first, tzinfo=UTC), end_of_day(datetime(year, month, last, tzinfo=UTC))


def _year(year: int) -> Interval:
    return datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)


def ago(match: re.Match[str], anchor: Anchor) -> Interval:
    """ "ten days ago" is that day; "about ten days ago" a day and a half around it; "a week ago" a day around it."""
    low, high = _count(match["n"])
    if match.groupdict().get("half"):
        low, high = low + 0.5, high + 0.5
    unit = DAYS[match["unit"].lower()]
    if unit < 1:
        return anchor.at - timedelta(days=unit * (high + 0.5)), anchor.at - timedelta(days=unit * max(low - 0.5, 0))
    about = (match["about"] or "").lower()
    slack = max(0.15 * high, 1.0 if unit == 1 else 0.25) * unit if about else 0.0
    margin = slack + (0.0 if unit == 1 else min(0.15 * unit * high, 0.5 * unit))
    early = anchor.at - timedelta(days=high * unit * (2 if about in AT_LEAST else 1) + margin)
    late = anchor.at - timedelta(days=max(low * unit - (0 if about in AT_LEAST else margin), 0))
    return _day(early), min(end_of_day(late), end_of_day(anchor.at))


def ahead(match: re.Match[str], anchor: Anchor) -> Interval:
    """ "in two weeks", "within 48 hours"."""
    low, high = _count(match["n"])
    unit = DAYS[match["unit"].lower()]
    span = timedelta(days=unit)
    if match["in"].lower() == "within":
        return anchor.at, end_of_day(anchor.at + span * high)
    if not anchor.future and unit >= 1 and match["in"].lower() == "in":
        return None, None
    return _day(anchor.at + span * low - timedelta(days=unit / 4 if unit > 1 else 0)), end_of_day(
        anchor.at + span * high + timedelta(days=unit / 4 if unit > 1 else 0)
    )


def past(match: re.Match[str], anchor: Anchor) -> Interval:
    """ "in the past three weeks", "in recent days", "over the last month"."""
    _, high = _count(match["n"]) if match["n"] else (1, 1)
    return _day(anchor.at - timedelta(days=high * DAYS[match["unit"].lower()])), end_of_day(anchor.at)


def recent(match: re.Match[str], anchor: Anchor) -> Interval:
    """ "in recent weeks", "in the coming days": up to seven of the unit."""
    span = timedelta(days=7 * DAYS[match["unit"].lower()])
    if match["way"].lower() in {"coming", "next", "following"}:
        return anchor.at, end_of_day(anchor.at + span)
    return _day(anchor.at - span), end_of_day(anchor.at)


def _nearest_year(month: int, day: int, anchor: Anchor) -> int:
    """The year of a date without one: the last such date before publication, the next one for what is to come."""
    year = anchor.at.year
    reached = (month, day) <= (anchor.at.month, anchor.at.day)
    if anchor.future:
        return year if (month, day) >= (anchor.at.month, anchor.at.day) else year + 1
    return year if reached else year - 1


def date(match: re.Match[str], anchor: Anchor) -> Interval:
    """A day of a month, in the nearest year that fits when none is stated."""
    month, day = MONTHS[match["month"].lower().rstrip(".")], int(match["day"])
    stated = match.groupdict().get("year")
    year = int(stated) if stated else _nearest_year(month, day, anchor)
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None, None
    at = datetime(year, month, day, tzinfo=UTC)
    return at, end_of_day(at)


def iso(match: re.Match[str], anchor: Anchor) -> Interval:
    """2031-05-14."""
    try:
        at = datetime(int(match["year"]), int(match["mm"]), int(match["dd"]), tzinfo=UTC)
    except ValueError:
        return None, None
    return at, end_of_day(at)


def _part_of(part: str, length: int) -> tuple[int, int]:
    lowered = part.lower()
    if "half" in lowered:
        return (1, length // 2) if "first" in lowered else (length // 2 + 1, length)
    if "early" in lowered or "start" in lowered or "beginning" in lowered:
        return 1, max(length // 3, 1)
    if "mid" in lowered:
        return length // 3 + 1, 2 * length // 3
    return 2 * length // 3 + 1, length


def in_month(match: re.Match[str], anchor: Anchor) -> Interval:
    """A month or a third of one."""
    month = MONTHS[match["month"].lower().rstrip(".")]
    stated = match.groupdict().get("year")
    year = int(stated) if stated else _nearest_year(month, 31 if anchor.future else 1, anchor)
    part = match.groupdict().get("part")
    first, last = _part_of(part, calendar.monthrange(year, month)[1]) if part else (1, None)
    start, end = _month(year, month, first, last)
    return (
        (start, min(end, end_of_day(anchor.at)))
        if not anchor.future and not stated and end and start and start <= anchor.at
        else (start, end)
    )


def in_year(match: re.Match[str], anchor: Anchor) -> Interval:
    """A year or a part of one."""
    year, part = int(match["year"]), match.groupdict().get("part")
    if not part:
        return _year(year)
    first, last = _part_of(part, 12)
    return _month(year, first)[0], _month(year, last)[1]


def in_season(match: re.Match[str], anchor: Anchor) -> Interval:
    """A season, of this year unless another is stated."""
    first, last = SEASONS[match["season"].lower()]
    stated, which = match.groupdict().get("year"), (match.groupdict().get("which") or "").lower()
    year = int(stated) if stated else anchor.at.year
    if not stated:
        started = anchor.at.month >= first
        year += 1 if anchor.future and anchor.at.month > last else 0
        year -= (
            1 if (not anchor.future and not started) or (which == "last" and anchor.at.month <= last and started) else 0
        )
    end_year = year + 1 if last < first else year
    return _month(year, first)[0], _month(end_year, last)[1]


def weekday(match: re.Match[str], anchor: Anchor) -> Interval:
    """The last such day before publication, the next one for what is to come."""
    wanted, which = WEEKDAYS[match["weekday"].lower()], (match.groupdict().get("which") or "").lower()
    ahead = anchor.future or which in {"next", "coming"}
    if which in {"last", "past"}:
        ahead = False
    distance = (wanted - anchor.at.weekday()) % 7 if ahead else -((anchor.at.weekday() - wanted) % 7)
    if which in {"next", "last"} and distance == 0:
        distance = 7 if ahead else -7
    at = anchor.at + timedelta(days=distance)
    return _day(at), end_of_day(at)


def named_day(match: re.Match[str], anchor: Anchor) -> Interval:
    """ "yesterday", "tonight", "overnight"."""
    word = match["name"].lower()
    shift = (
        -1
        if word.startswith(("yesterday", "last night", "overnight", "the day before"))
        else 1
        if word.startswith("tomorrow")
        else 0
    )
    at = anchor.at + timedelta(days=shift)
    return _day(at), end_of_day(anchor.at) if word == "overnight" else end_of_day(at)


def named_span(match: re.Match[str], anchor: Anchor) -> Interval:
    """ "last week", "later this year", "the weekend", "the end of the month"."""
    which, unit, part = match["which"].lower(), match["unit"].lower(), (match.groupdict().get("part") or "").lower()
    shift = {"last": -1, "past": -1, "previous": -1, "next": 1, "coming": 1}.get(which, 0)
    start, end = _calendar(unit, shift, anchor.at)
    if unit == "weekend" and not which and not anchor.future and start is not None and start > anchor.at:
        start, end = _calendar(unit, -1, anchor.at)
    if start is None or end is None:
        return start, end
    if part.startswith("earlier"):
        return start, min(end, anchor.at) if shift == 0 else end
    if part.startswith("later"):
        return max(start, anchor.at), end
    if part:
        days = (end - start).days + 1
        first, last = _part_of(part, days)
        return start + timedelta(days=first - 1), end_of_day(start + timedelta(days=last - 1))
    return start, end


def _calendar(unit: str, shift: int, at: datetime) -> Interval:
    if unit == "year":
        return _year(at.year + shift)
    if unit == "month":
        number = at.year * 12 + at.month - 1 + shift
        return _month(number // 12, number % 12 + 1)
    if unit == "quarter":
        number = at.year * 4 + (at.month - 1) // 3 + shift
        return _month(number // 4, number % 4 * 3 + 1)[0], _month(number // 4, number % 4 * 3 + 3)[1]
    if unit == "decade":
        first = at.year // 10 * 10 + 10 * shift
        return _year(first)[0], _year(first + 9)[1]
    monday = _day(at) - timedelta(days=at.weekday())
    if unit == "weekend":
        # On Monday "the weekend" is the one before; "this weekend" on Wednesday the one ahead.
        saturday = monday + timedelta(days=5 + 7 * shift)
        return saturday, end_of_day(saturday + timedelta(days=1))
    return monday + timedelta(days=7 * shift), end_of_day(monday + timedelta(days=6 + 7 * shift))


def years(match: re.Match[str], anchor: Anchor) -> Interval:
    """ "between 2016 and 2021"."""
    return _year(int(match["year"]))[0], _year(int(match["last"]))[1]


def unknown(match: re.Match[str], anchor: Anchor) -> Interval:
    """What counts from another event than the publication."""
    return None, None


def quarter(match: re.Match[str], anchor: Anchor) -> Interval:
    """A quarter of a year."""
    which = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "final": 4}.get(
        match["which"].lower(), 0
    ) or int(match["which"][-1])
    stated = match.groupdict().get("year")
    year = int(stated) if stated else anchor.at.year
    return _month(year, 3 * which - 2)[0], _month(year, 3 * which)[1]


def recently(match: re.Match[str], anchor: Anchor) -> Interval:
    """The thirty days before publication."""
    return _day(anchor.at - timedelta(days=30)), end_of_day(anchor.at)


def soon(match: re.Match[str], anchor: Anchor) -> Interval:
    """The thirty days after publication."""
    return anchor.at, end_of_day(anchor.at + timedelta(days=30))


def now(match: re.Match[str], anchor: Anchor) -> Interval:
    """The day of publication."""
    return _day(anchor.at), end_of_day(anchor.at)


def decade(match: re.Match[str], anchor: Anchor) -> Interval:
    """ "the 1990s"."""
    year = int(match["year"])
    return _year(year)[0], _year(year + 9)[1]
