"""Times of a clause as intervals, anchored on the article's own publication time.

A small grammar of the expressions that news uses. An interval says no more than the words do: "about ten days ago" is
wider than "ten days ago". Times are UTC days: a dateline's time zone is not known.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Literal

from service.contract.data import When
from workers.claims.words import word_map

Basis = Literal["stated", "relative_to_publication", "relative_to_first_seen", "unresolved"]
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

_M = r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
_BY = r"(?:(?:on|by|until|since|before|after|from)\s+)?"
_W = r"(?P<weekday>Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_Y = r"(?P<year>(?:1[6-9]|20)\d\d)\b"
_D = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b"
_ABOUT = r"(?:(?P<about>about|around|roughly|approximately|some|nearly|almost|more than|over|at least|up to|just over|under|less than|an estimated)\s+)?"
_N = r"(?P<n>\d+(?:\.\d+)?|an?(?:\s+(?:few|couple\s+of))?|(?:a\s+)?(?:several|few|couple\s+of|dozen)|{words}|many|some)"
_U = r"(?P<unit>minute|hour|day|week|month|year|decade)s?"
_S = r"(?P<season>spring|summer|autumn|fall|winter)"
_PART = r"(?P<part>early|mid|middle of|late|the (?:start|beginning|end|middle) of|beginning of|start of|end of)"

VAGUE = {"several": (3, 7), "few": (2, 5), "couple of": (2, 3), "many": (5, 30), "some": (2, 10), "dozen": (11, 13)}
"""how many "several" may be. Source: usage; the bounds only have to be wide enough to hold the truth"""


def _numbers() -> str:
    return "|".join(sorted(word_map("marks.number"), key=len, reverse=True))


def _count(words: str) -> tuple[float, float]:
    lowered = re.sub(r"\s+", " ", words.lower())
    for name, bounds in VAGUE.items():
        if lowered.endswith(name):
            return bounds
    if lowered in {"a", "an"}:
        return (1, 1)
    value = float(word_map("marks.number").get(lowered, 0)) if not lowered[0].isdigit() else float(lowered)
    return (value, value)


def _day(at: datetime) -> datetime:
    return datetime.combine(at.date(), time.min, UTC)


def _end(at: datetime) -> datetime:
    return _day(at) + timedelta(days=1) - timedelta(seconds=1)


def _month(year: int, month: int, first: int = 1, last: int | None = None) -> Interval:
    last = last or calendar.monthrange(year, month)[1]
    return datetime(year, month, first, tzinfo=UTC), _end(datetime(year, month, last, tzinfo=UTC))


def _year(year: int) -> Interval:
    return datetime(year, 1, 1, tzinfo=UTC), datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)


def _ago(match: re.Match[str], anchor: Anchor) -> Interval:
    low, high = _count(match["n"])
    unit = DAYS[match["unit"].lower()]
    rough = match["about"] is not None or low != high
    slack = max(0.2 * high, 1.0) if match["about"] else 0.0
    if unit < 1:
        span = timedelta(days=unit)
        return anchor.at - span * (high + slack + 0.5), anchor.at - span * max(low - slack - 0.5, 0)
    # "a week ago" is a day or two around it, "two months ago" a fortnight: half a unit, but never more than needed.
    margin = 0.0 if unit == 1 and not rough else {1.0: 0.0, 7.0: 2.0, 30.44: 15.0}.get(unit, unit / 2)
    early = anchor.at - timedelta(days=(high + slack) * unit + margin)
    late = anchor.at - timedelta(days=max((low - slack) * unit - margin, 0))
    return _day(early), min(_end(late), _end(anchor.at))


def _ahead(match: re.Match[str], anchor: Anchor) -> Interval:
    low, high = _count(match["n"])
    unit = DAYS[match["unit"].lower()]
    span = timedelta(days=unit)
    if match["in"].lower() == "within":
        return anchor.at, _end(anchor.at + span * high)
    if not anchor.future and unit >= 1 and match["in"].lower() == "in":
        return None, None
    return _day(anchor.at + span * low - timedelta(days=unit / 4 if unit > 1 else 0)), _end(
        anchor.at + span * high + timedelta(days=unit / 4 if unit > 1 else 0)
    )


def _past(match: re.Match[str], anchor: Anchor) -> Interval:
    """ "in the past three weeks", "in recent days", "over the last month"."""
    _, high = _count(match["n"]) if match["n"] else (1, 1)
    return _day(anchor.at - timedelta(days=high * DAYS[match["unit"].lower()])), _end(anchor.at)


def _recent(match: re.Match[str], anchor: Anchor) -> Interval:
    span = timedelta(days=7 * DAYS[match["unit"].lower()])
    if match["way"].lower() in {"coming", "next", "following"}:
        return anchor.at, _end(anchor.at + span)
    return _day(anchor.at - span), _end(anchor.at)


def _nearest_year(month: int, day: int, anchor: Anchor) -> int:
    """The year of a date without one: the last such date before publication, the next one for what is to come."""
    year = anchor.at.year
    reached = (month, day) <= (anchor.at.month, anchor.at.day)
    if anchor.future:
        return year if (month, day) >= (anchor.at.month, anchor.at.day) else year + 1
    return year if reached else year - 1


def _date(match: re.Match[str], anchor: Anchor) -> Interval:
    month, day = MONTHS[match["month"].lower().rstrip(".")], int(match["day"])
    stated = match.groupdict().get("year")
    year = int(stated) if stated else _nearest_year(month, day, anchor)
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None, None
    at = datetime(year, month, day, tzinfo=UTC)
    return at, _end(at)


def _iso(match: re.Match[str], anchor: Anchor) -> Interval:
    try:
        at = datetime(int(match["year"]), int(match["mm"]), int(match["dd"]), tzinfo=UTC)
    except ValueError:
        return None, None
    return at, _end(at)


def _part_of(part: str, length: int) -> tuple[int, int]:
    lowered = part.lower()
    if "early" in lowered or "start" in lowered or "beginning" in lowered:
        return 1, max(length // 3, 1)
    if "mid" in lowered:
        return length // 3 + 1, 2 * length // 3
    return 2 * length // 3 + 1, length


def _in_month(match: re.Match[str], anchor: Anchor) -> Interval:
    month = MONTHS[match["month"].lower().rstrip(".")]
    stated = match.groupdict().get("year")
    year = int(stated) if stated else _nearest_year(month, 31 if anchor.future else 1, anchor)
    part = match.groupdict().get("part")
    first, last = _part_of(part, calendar.monthrange(year, month)[1]) if part else (1, None)
    start, end = _month(year, month, first, last)
    return (
        (start, min(end, _end(anchor.at)))
        if not anchor.future and not stated and end and start and start <= anchor.at
        else (start, end)
    )


def _in_year(match: re.Match[str], anchor: Anchor) -> Interval:
    year, part = int(match["year"]), match.groupdict().get("part")
    if not part:
        return _year(year)
    first, last = _part_of(part, 12)
    return _month(year, first)[0], _month(year, last)[1]


def _in_season(match: re.Match[str], anchor: Anchor) -> Interval:
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


def _weekday(match: re.Match[str], anchor: Anchor) -> Interval:
    wanted, which = WEEKDAYS[match["weekday"].lower()], (match.groupdict().get("which") or "").lower()
    ahead = anchor.future or which in {"next", "coming"}
    if which in {"last", "past"}:
        ahead = False
    distance = (wanted - anchor.at.weekday()) % 7 if ahead else -((anchor.at.weekday() - wanted) % 7)
    if which in {"next", "last"} and distance == 0:
        distance = 7 if ahead else -7
    at = anchor.at + timedelta(days=distance)
    return _day(at), _end(at)


def _named_day(match: re.Match[str], anchor: Anchor) -> Interval:
    word = match["name"].lower()
    shift = (
        -1
        if word.startswith(("yesterday", "last night", "overnight", "the day before"))
        else 1
        if word.startswith("tomorrow")
        else 0
    )
    at = anchor.at + timedelta(days=shift)
    return _day(at), _end(anchor.at) if word == "overnight" else _end(at)


def _named_span(match: re.Match[str], anchor: Anchor) -> Interval:
    which, unit, part = match["which"].lower(), match["unit"].lower(), (match.groupdict().get("part") or "").lower()
    shift = {"last": -1, "past": -1, "previous": -1, "next": 1, "coming": 1}.get(which, 0)
    start, end = _calendar(unit, shift, anchor.at)
    if start is None or end is None:
        return start, end
    if part.startswith("earlier"):
        return start, min(end, anchor.at) if shift == 0 else end
    if part.startswith("later"):
        return max(start, anchor.at), end
    if part in {"early", "mid", "late"}:
        days = (end - start).days + 1
        first, last = _part_of(part, days)
        return start + timedelta(days=first - 1), _end(start + timedelta(days=last - 1))
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
        return saturday, _end(saturday + timedelta(days=1))
    return monday + timedelta(days=7 * shift), _end(monday + timedelta(days=6 + 7 * shift))


def _quarter(match: re.Match[str], anchor: Anchor) -> Interval:
    which = {"first": 1, "second": 2, "third": 3, "fourth": 4, "last": 4, "final": 4}.get(
        match["which"].lower(), 0
    ) or int(match["which"][-1])
    stated = match.groupdict().get("year")
    year = int(stated) if stated else anchor.at.year
    return _month(year, 3 * which - 2)[0], _month(year, 3 * which)[1]


def _recently(match: re.Match[str], anchor: Anchor) -> Interval:
    return _day(anchor.at - timedelta(days=30)), _end(anchor.at)


def _soon(match: re.Match[str], anchor: Anchor) -> Interval:
    return anchor.at, _end(anchor.at + timedelta(days=30))


def _now(match: re.Match[str], anchor: Anchor) -> Interval:
    return _day(anchor.at), _end(anchor.at)


def _decade(match: re.Match[str], anchor: Anchor) -> Interval:
    year = int(match["year"])
    return _year(year)[0], _year(year + 9)[1]


Rule = tuple[str, Callable[[re.Match[str], Anchor], Interval], bool]
"""pattern, reading, whether the words alone say when (a year is stated)"""


def _rules() -> tuple[tuple[re.Pattern[str], Callable[[re.Match[str], Anchor], Interval], bool], ...]:
    n = _N.replace("{words}", _numbers())
    rules: tuple[Rule, ...] = (
        (r"(?P<year>(?:1[6-9]|20)\d\d)-(?P<mm>\d\d)-(?P<dd>\d\d)", _iso, True),
        (rf"{_BY}{_M}\s+{_D},?\s+{_Y}", _date, True),
        (rf"{_D}\s+(?:of\s+)?{_M},?\s+{_Y}", _date, True),
        (rf"{_ABOUT}{n}\s+{_U}\s+(?:ago|earlier|previously)\b", _ago, False),
        (rf"(?P<in>in|within)\s+(?:the\s+next\s+)?{_ABOUT}{n}\s+{_U}(?:'s?\s+time)?\b", _ahead, False),
        (rf"(?:in|over|during|for|within)?\s*the\s+(?:past|last|previous)\s+(?:{n}\s+)?{_U}\b", _past, False),
        (
            r"(?:in|over|during|within)?\s*(?:the\s+)?(?P<way>recent|coming|next|following|past|last)\s+(?P<unit>day|week|month|year)s\b",
            _recent,
            False,
        ),
        (rf"(?:in\s+)?{_PART}[\s-]+{_M}(?:,?\s+(?:of\s+)?{_Y})", _in_month, True),
        (rf"(?:in\s+)?{_PART}[\s-]+{_M}(?!\s+\d)", _in_month, False),
        (rf"{_BY}{_M}\s+{_D}(?![\d:])", _date, False),
        (rf"{_D}\s+(?:of\s+)?{_M}(?![a-z])", _date, False),
        (rf"{_M},?\s+(?:of\s+)?{_Y}", _in_month, True),
        (
            rf"(?:in\s+)?(?:the\s+)?(?P<which>first|second|third|fourth|last|final|Q[1-4])(?:\s+quarter)?(?:\s+of)?\s+{_Y}",
            _quarter,
            True,
        ),
        (r"(?:in\s+)?the\s+(?P<which>first|second|third|fourth)\s+quarter\b", _quarter, False),
        (rf"(?:in\s+)?(?:the\s+)?(?:early|mid|late)?[\s-]*{_S}\s+(?:of\s+)?{_Y}", _in_season, True),
        (
            r"(?:(?P<part>earlier|later|early|mid|late)\s+)?(?P<which>this|last|next|past|previous|coming)\s+(?P<unit>week|month|year|weekend|quarter|decade)(?!\w)",
            _named_span,
            False,
        ),
        (rf"(?P<which>this|last|next|the|past|coming)\s+(?:early |late |mid-?)?{_S}\b", _in_season, False),
        (rf"(?:on\s+)?(?:(?P<which>last|next|this|past|coming)\s+)?{_W}\b", _weekday, False),
        (
            r"\b(?P<name>yesterday|today|tonight|tomorrow|this morning|this afternoon|this evening|last night|earlier today|later today|overnight)\b",
            _named_day,
            False,
        ),
        (r"\b(?:over\s+|at\s+)?the\s+(?P<unit>weekend)(?P<which>)\b", _named_span, False),
        (rf"(?:in|since|during|last|by|until|before|after|from|for|of|this|next)\s+{_M}(?!\w)", _in_month, False),
        (rf"(?:in\s+)?{_PART}[\s-]+{_Y}", _in_year, True),
        (r"(?:in\s+)?the\s+(?P<year>(?:1[6-9]|20)\d0)s\b", _decade, True),
        (rf"(?:in|since|during|by|until|before|after|from|of|for|year)\s+{_Y}", _in_year, True),
        (r"\b(?:recently|lately|of late)\b", _recently, False),
        (r"\b(?:soon|shortly)\b", _soon, False),
        (r"\b(?:as of now|as of today|currently|at present|right now)\b", _now, False),
    )
    return tuple((re.compile(rf"(?<!\w)(?:{pattern})", re.I), read, stated) for pattern, read, stated in rules)


_RULES: list[tuple[re.Pattern[str], Callable[[re.Match[str], Anchor], Interval], bool]] = []


def when(text: str, anchor: Anchor) -> When | None:
    """The first time expression of a clause, earliest rule first among those that begin at one place; none if there is none."""
    if not _RULES:
        _RULES.extend(_rules())
    best: tuple[int, int] | None = None
    chosen: When | None = None
    for pattern, read, stated in _RULES:
        for match in pattern.finditer(text):
            if _is_common_word(match):
                continue
            key = (match.start(), -match.end())
            if best is None or key < best or (best[0] >= match.start() and match.end() > -best[1]):
                start, end = read(match, anchor)
                best, chosen = (
                    key,
                    _when(text, match, _with_relation(text, match, (start, end), anchor), anchor, stated),
                )
            break
    return chosen


def _is_common_word(match: re.Match[str]) -> bool:
    """ "may" and "march" in small letters are verbs."""
    month = match.groupdict().get("month")
    return month is not None and not month[:1].isupper()


def _with_relation(text: str, match: re.Match[str], interval: Interval, anchor: Anchor) -> Interval:
    """ "since X" runs from X until now, "by X" ends with it."""
    start, end = interval
    lead = (text[max(0, match.start() - 12) : match.start()] + match.group()).lower()
    if (
        re.search(
            r"\bsince\s+(?:at least\s+|the\s+|early\s+|late\s+|mid-?)*\S*$",
            lead.split(match.group().lower()[-4:])[0] + " x",
        )
        or "since " in match.group().lower()
        or lead.startswith("since")
        or re.search(r"\bsince\s*$", text[: match.start()].lower())
    ):
        return start, _end(anchor.at)
    if re.match(r"(?:by|until|before)\s", match.group(), re.I) or re.search(
        r"\b(?:by|until|before)\s+(?:the\s+)?$", text[: match.start()].lower()
    ):
        return None, end
    if re.match(r"after\s", match.group(), re.I):
        return start, None
    return start, end


def _when(text: str, match: re.Match[str], interval: Interval, anchor: Anchor, stated: bool) -> When:
    words = match.group().strip(" ,")
    before = re.search(
        r"\b(?:(?:as early as|as late as|since|by|until|before|from|on|in|earlier|later)\s+(?:the\s+)?)$",
        text[: match.start()],
        re.I,
    )
    if before:
        words = before.group() + words
    start, end = interval
    basis: Basis = "unresolved" if start is None and end is None else "stated" if stated else anchor.basis
    return When(text=" ".join(words.split()), earliest=start, latest=end, basis=basis)
