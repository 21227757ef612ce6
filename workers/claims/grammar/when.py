"""Times of a clause as intervals, anchored on the article's own publication time.

A small grammar of the expressions that news uses. An interval says no more than the words do: "about ten days ago" is
wider than "ten days ago", and what only counts from another event ("two days later") stays unresolved.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from functools import cache, lru_cache
from typing import Literal

from service.contract.data import When
from workers.claims.grammar import intervals as read
from workers.claims.grammar.intervals import Anchor, Interval, end_of_day
from workers.claims.grammar.words import word_map

Basis = Literal["stated", "relative_to_publication", "relative_to_first_seen", "unresolved"]
Reading = Callable[[re.Match[str], Anchor], Interval]
Needs = tuple[frozenset[str], ...]
Rule = tuple[re.Pattern[str], Reading, bool, Needs]
"""pattern, reading, whether the words alone say when (a year is stated), words of which all that it matches has one of
each set"""

_MONTH = (
    r"(?P<month>January|February|March|April|May|June|July|August|September|October|November|December"
    r"|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?"
)
_DAY_NAME = r"(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_BY = (
    r"(?:(?:on|in|of|by|until|till|since|before|after|from)\s+)?"
    rf"(?:(?:the\s+)?(?:night|morning|evening|week)\s+of\s+)?(?:{_DAY_NAME},?\s+)?"
)
_IN = r"(?:(?:in|of|by|until|till|since|before|after|from|during|for)\s+)?"
_WEEKDAY = rf"(?P<weekday>{_DAY_NAME})"
_YEAR = r"(?P<year>(?:1[6-9]|20)\d\d)\b"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?\b"
_ABOUT = (
    r"(?:(?P<about>about|around|roughly|approximately|some|nearly|almost|more than|over|at least|up to|just over|under"
    r"|less than|an estimated)\s+)?"
)
_COUNT = (
    r"(?P<n>\d+(?:\.\d+)?|half\s+an?|an?(?:\s+(?:few|couple\s+of))?|(?:a\s+)?(?:several|few|couple\s+of|dozen)|{words}"
    r"|many|some)"
)
_UNIT = r"(?P<unit>minute|hour|day|week|month|year|decade)s?"
_SEASON = r"(?P<season>spring|summer|autumn|fall|winter)"
_PART = r"(?P<part>early|mid|middle of|late|(?:the\s+)?(?:start|beginning|end|middle|first half|second half)\s+of)"
_NAMED_DAY = (
    r"(?P<name>yesterday|today|tonight|tomorrow|this morning|this afternoon|this evening|last night|earlier today"
    r"|later today|overnight)"
)
_LEADS = frozenset({"since", "by", "until", "till", "before", "after", "from"})
_LEAD = re.compile(
    r"\b(?P<word>since|by|until|till|before|after|from)(?:\s+(?:the|at least|about|around|early|late|mid-?))*\s*$", re.I
)
_TAKEN = re.compile(
    r"\b(?:as early as|as late as|since|by|until|till|before|after|from|on|in|earlier|later)\s+(?:the\s+)?$", re.I
)


def when(text: str, anchor: Anchor) -> When | None:
    """The first time expression of a clause, the longest reading of it; none if the clause has none."""
    found = _first(text)
    if found is None:
        return None
    match, reading, stated = found
    lead = _lead(text, match)
    if lead in {"by", "until", "till"}:
        anchor = replace(anchor, future=True)
    start, end = _bounded(lead, _read(reading, match, anchor), anchor)
    before = _TAKEN.search(text[: match.start()])
    words = " ".join(((before.group() if before else "") + match.group()).split()).strip(" ,")
    basis: Basis = "unresolved" if start is None and end is None else "stated" if stated else anchor.basis
    return When(text=words, earliest=start, latest=end, basis=basis)


_ODD = re.compile("[\u0130\u0131\u017f\u212a]")
"""letters that a pattern takes for i, s and k, and that stay others in small letters"""
_BEGINNING, _LONGEST = 600, 200
"""characters of a text that are looked through first; more than any expression has"""
_WORD = re.compile(r"\w+")
_A_YEAR, _A_FIGURE = "0000", "0"
"""stand among the words of a text that has any year, any figure"""
_FIGURE = re.compile(r"\d")
_IS_YEAR = re.compile(r"(?<!\w)(?:1[6-9]|20)\d\d[sS]?(?!\w)")


def _any(words: str) -> frozenset[str]:
    return frozenset(words.split())


_YEARS, _FIGURES = _any(_A_YEAR), _any(_A_FIGURE)
_MONTHS = _any(
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec"
)
_PARTS = _any("early mid middle late start beginning end half")
_SEASONS = frozenset(
    part + season for part in ("", "early", "mid", "late") for season in _any("spring summer autumn fall winter")
)
_SINGLE = _any("minute hour day week month year decade weekend quarter")
_PLURAL = frozenset(f"{unit}s" for unit in _SINGLE)
_SPANS = _SINGLE | _PLURAL
_WAYS = _any("recent coming next following past last previous")
_WHICH = _WAYS | {"this", "the"}
_BACK, _BESIDE = _any("ago earlier previously"), _any("later after before")
_WEEKDAYS = _any("monday tuesday wednesday thursday friday saturday sunday")
_NAMED_DAYS = _any("yesterday today tonight tomorrow morning afternoon evening night overnight")
_NOW = _any("now today currently present")

_FROM_TODAY = frozenset({read.ago, read.weekday, read.named_day, read.recently, read.now})


def without_time(text: str) -> str:
    """The text without its first time expression, if that counts from today: "ten days ago", "on Monday".

    A calendar date stays, everybody tells it alike; how long something lasted stays, it may be the news.
    """
    found = _first(text)
    if found is None or found[1] not in _FROM_TODAY:
        return text
    before = _TAKEN.search(text[: found[0].start()])
    start = before.start() if before else found[0].start()
    return f"{text[:start]} {text[found[0].end() :]}"


def _first(text: str) -> tuple[re.Match[str], Reading, bool] | None:
    """The first expression, looked for in ever longer beginnings: most texts tell a time early."""
    end = _BEGINNING
    while True:
        found = _first_in(text, end)
        if end >= len(text) or (found is not None and found[0].end() + _LONGEST <= end):
            return found
        end *= 4


def _first_in(text: str, end: int) -> tuple[re.Match[str], Reading, bool] | None:
    best: tuple[re.Match[str], Reading, bool] | None = None
    for pattern, reading, stated, _ in _rules() if _ODD.search(text) else _rules_for(_telling(text[:end])):
        for match in pattern.finditer(text, 0, end):
            month = match.groupdict().get("month")
            if month is not None and not month[:1].isupper():
                continue  # "may" and "march" in small letters are verbs
            if best is None or (match.start(), -match.end()) < (best[0].start(), -best[0].end()):
                best = match, reading, stated
            break
    return best


def _telling(text: str) -> frozenset[str]:
    """The words of a text that some rule needs, in small letters."""
    written = _WORD.findall(text)
    found = _needed().intersection(map(str.lower, written))
    if not _MONTHS.isdisjoint(found) and not any(word[:1].isupper() and word.lower() in _MONTHS for word in written):
        found -= _MONTHS
    if _FIGURE.search(text):
        found |= _FIGURES | (_YEARS if _IS_YEAR.search(text) else frozenset())
    return found


@cache
def _needed() -> frozenset[str]:
    """Words of which an expression needs some, whatever rule reads it."""
    return frozenset().union(*(words for *_, needs in _rules() for words in needs)) - _YEARS - _FIGURES


@lru_cache(maxsize=4_096)
def _rules_for(telling: frozenset[str]) -> tuple[Rule, ...]:
    """The rules that may find something in a text with those words."""
    return tuple(rule for rule in _rules() if not any(telling.isdisjoint(words) for words in rule[3]))


def _read(reading: Reading, match: re.Match[str], anchor: Anchor) -> Interval:
    """What the expression comes to; nothing where it leaves the calendar ("3000 years ago")."""
    try:
        return reading(match, anchor)
    except (OverflowError, ValueError):
        return None, None


def _lead(text: str, match: re.Match[str]) -> str:
    first = match.group().split()[0].lower()
    if first in _LEADS:
        return first
    before = _LEAD.search(text[: match.start()])
    return before["word"].lower() if before else ""


def _bounded(lead: str, interval: Interval, anchor: Anchor) -> Interval:
    """ "since X" runs from X until now, "by X" ends with it, "after X" begins with it."""
    start, end = interval
    if lead == "since" or (lead == "from" and start is not None and start <= anchor.at):
        return start, end_of_day(anchor.at)
    if lead in {"by", "until", "till", "before"}:
        return None, end
    return (start, None) if lead in {"after", "from"} else (start, end)


@cache
def _rules() -> tuple[Rule, ...]:
    n = _COUNT.replace("{words}", "|".join(sorted(word_map("marks.number"), key=len, reverse=True)))
    written: tuple[tuple[str, Reading, bool, Needs], ...] = (
        (rf"{_BY}(?P<year>(?:1[6-9]|20)\d\d)-(?P<mm>\d\d)-(?P<dd>\d\d)", read.iso, True, (_YEARS,)),
        (rf"{_BY}{_MONTH}\s+{_DAY},?\s+{_YEAR}", read.date, True, (_MONTHS, _YEARS)),
        (rf"{_BY}(?:the\s+)?{_DAY}\s+(?:of\s+)?{_MONTH},?\s+{_YEAR}", read.date, True, (_MONTHS, _YEARS)),
        (rf"{_BY}{_MONTH}\s+{_DAY}(?![\d:])", read.date, False, (_MONTHS, _FIGURES)),
        (rf"{_BY}(?:the\s+)?{_DAY}\s+(?:of\s+)?{_MONTH}(?![a-z])", read.date, False, (_MONTHS, _FIGURES)),
        (
            rf"(?:between|from)\s+{_YEAR}\s+(?:and|to|until)\s+(?P<last>(?:1[6-9]|20)\d\d)\b",
            read.years,
            True,
            (_YEARS,),
        ),
        (
            rf"{_ABOUT}{n}\s+{_UNIT}(?P<half>\s+and\s+a\s+half)?\s+(?:ago|earlier|previously)\b",
            read.ago,
            False,
            (_BACK, _SPANS),
        ),
        (r"(?P<n>)(?P<about>)(?P<unit>day|week|month|year|decade)s\s+ago\b", read.ago, False, (_any("ago"), _PLURAL)),
        (
            rf"(?P<in>in|within)\s+(?:the\s+next\s+)?{_ABOUT}{n}\s+{_UNIT}(?:['’]s?\s+time)?\b",
            read.ahead,
            False,
            (_any("in within"), _SPANS),
        ),
        (
            rf"{n}\s+{_UNIT}\s+(?:later|after|before)\b|the\s+(?:day|week|month|year)\s+(?:before|after)\b",
            read.unknown,
            False,
            (_BESIDE, _SPANS),
        ),
        (
            rf"(?:(?:in|over|during|for|within)\s+)?the\s+(?:past|last|previous)\s+(?:{n}\s+)?{_UNIT}\b",
            read.past,
            False,
            (_WAYS, _SPANS),
        ),
        (
            r"(?:(?:in|over|during|within)\s+)?(?:the\s+)?(?P<way>recent|coming|next|following|past|last)\s+"
            r"(?P<unit>day|week|month|year)s\b",
            read.recent,
            False,
            (_WAYS, _PLURAL),
        ),
        (rf"{_IN}{_PART}[\s-]+{_MONTH},?\s+(?:of\s+)?{_YEAR}", read.in_month, True, (_MONTHS, _YEARS)),
        (rf"{_IN}{_PART}[\s-]+{_MONTH}(?!\s+\d)", read.in_month, False, (_PARTS, _MONTHS)),
        (rf"{_IN}{_MONTH},?\s+(?:of\s+)?{_YEAR}", read.in_month, True, (_MONTHS, _YEARS)),
        (
            rf"(?:in|since|during|last|by|until|before|after|from|for|of|this|next)\s+{_MONTH}(?!\w)",
            read.in_month,
            False,
            (_MONTHS,),
        ),
        (
            rf"{_IN}(?:the\s+)?(?P<which>first|second|third|fourth|last|final|Q[1-4])(?:\s+quarter)?(?:\s+of)?\s+{_YEAR}",
            read.quarter,
            True,
            (_YEARS,),
        ),
        (rf"{_IN}the\s+(?P<which>first|second|third|fourth)\s+quarter\b", read.quarter, False, (_any("quarter"),)),
        (
            rf"{_IN}(?:the\s+)?(?:early|mid|late)?[\s-]*{_SEASON}\s+(?:of\s+)?{_YEAR}",
            read.in_season,
            True,
            (_SEASONS, _YEARS),
        ),
        (
            rf"(?P<which>this|last|next|the|past|coming)\s+(?:early |late |mid-?)?{_SEASON}\b",
            read.in_season,
            False,
            (_SEASONS, _WHICH),
        ),
        (
            r"(?:(?P<part>earlier|later|early|mid|late)\s+)?(?P<which>this|last|next|past|previous|coming)\s+"
            r"(?P<unit>week|month|year|weekend|quarter|decade)(?!\w)",
            read.named_span,
            False,
            (_WHICH, _SINGLE),
        ),
        (
            rf"{_IN}{_PART}\s+(?P<which>the|this|next|last)\s+(?P<unit>week|month|year|quarter|decade)(?!\w)",
            read.named_span,
            False,
            (_PARTS, _WHICH, _SINGLE),
        ),
        (rf"(?:on\s+)?(?:(?P<which>last|next|this|past|coming)\s+)?{_WEEKDAY}\b", read.weekday, False, (_WEEKDAYS,)),
        (rf"\b{_NAMED_DAY}\b", read.named_day, False, (_NAMED_DAYS,)),
        (r"\b(?:over\s+|at\s+)?the\s+(?P<unit>weekend)(?P<which>)\b", read.named_span, False, (_any("weekend"),)),
        (rf"{_IN}{_PART}[\s-]+{_YEAR}", read.in_year, True, (_PARTS, _YEARS)),
        (r"(?:in\s+)?the\s+(?P<year>(?:1[6-9]|20)\d0)s\b", read.decade, True, (_YEARS,)),
        (rf"(?:in|since|during|by|until|before|after|from|of|for|year)\s+{_YEAR}", read.in_year, True, (_YEARS,)),
        (r"\b(?:recently|lately|of late)\b", read.recently, False, (_any("recently lately late"),)),
        (r"\b(?:soon|shortly)\b", read.soon, False, (_any("soon shortly"),)),
        (
            r"\b(?:as of now|as of today|currently|at present|right now)\b",
            read.now,
            False,
            (_NOW,),
        ),
    )
    return tuple((re.compile(rf"(?<!\w)(?:{rule[0]})", re.I), *rule[1:]) for rule in written)
