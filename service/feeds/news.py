"""How often a feed brings something new, learned from what it brought. Pure. Two things are asked of that, and one
measure would not do for both:

    pace    when to look again: from what looks found, as dates may be an archive's, which can begin to live at any time
    habit   whether it is quiet far beyond what is usual: from the dates, as a feed that sleeps a weekend is not silent

The wait that suits a pace is a small part of the usual gap: what appears is late by that part of it at most. A day's
record holds how many entries it brought and the longest gap between two that ended on it: nights and weekends are in
it, which an average gap would not show.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

_DAY_S = 86_400
_DAYS = 15
"""remembered: two weekends"""
_LEAST_GAPS = 5
"""before so many, nothing is known of a feed's habit"""
_KNOWN_DAYS = 7
"""a habit of fewer days may not have seen a weekend"""
_TIMES, _LEAST_QUIET_S = 2.0, 6 * 3_600.0
_TIMES_UNKNOWN, _LEAST_QUIET_UNKNOWN_S = 3.0, 3 * _DAY_S
"""Source: reasoned, not measured. A gap of twice the longest of two weeks has no precedent in them; three days span a
weekend with a holiday."""

_LOOKS_A_GAP = 20
"""An article that breaks a silence of an hour is seen within three minutes, one that breaks a day's within 72."""
_WEIGHT = 0.3
"""of the last gap, against all before it, in a geometric mean: one weekend among gaps of minutes hardly counts"""
_SILENCE = 10
"""A silence says as much as gaps a tenth as long: a feed that fell silent is not given up before its pace is long
broken, and one that ended is asked less and less. Source: reasoned, not measured, as are the two above."""


@dataclass(frozen=True, slots=True)
class Day:
    """What one day brought."""

    number: int
    """days since 1970"""
    entries: int
    longest_gap_s: int
    """of those that ended on this day"""


@dataclass(frozen=True, slots=True)
class Habit:
    """What is known of how often a feed brings something."""

    newest_s: float = 0.0
    """when its newest entry came, in seconds since 1970; 0: none came"""
    days: tuple[Day, ...] = ()
    """that brought something, in order, the last `_DAYS` at most"""

    @property
    def per_day(self) -> float:
        """Entries a day, over the days remembered."""
        if not self.days:
            return 0.0
        return sum(day.entries for day in self.days) / (self.days[-1].number - self.days[0].number + 1)

    @property
    def longest_gap_s(self) -> float:
        """The longest gap remembered."""
        return float(max((day.longest_gap_s for day in self.days), default=0))

    @property
    def quiet_after_s(self) -> float | None:
        """Without a new entry for so long, the feed is quiet far beyond its habit; None: too little is known of it."""
        if sum(day.entries for day in self.days) <= _LEAST_GAPS:
            return None
        if self.days[-1].number - self.days[0].number >= _KNOWN_DAYS:
            return max(_TIMES * self.longest_gap_s, _LEAST_QUIET_S)
        return max(_TIMES_UNKNOWN * self.longest_gap_s, _LEAST_QUIET_UNKNOWN_S)

    @property
    def quiet_at_s(self) -> float:
        """From then on the feed is quiet far beyond its habit, if nothing comes, in seconds since 1970; 0: never."""
        after_s = self.quiet_after_s
        return self.newest_s + after_s if after_s is not None else 0.0

    def to_text(self) -> str:
        """For the store: 'newest day:entries:gap …'; the empty string for one that knows nothing."""
        if not self.newest_s:
            return ""
        days = (f"{day.number}:{day.entries}:{day.longest_gap_s}" for day in self.days)
        return " ".join([f"{self.newest_s:.0f}", *days])

    @classmethod
    def from_text(cls, text: str) -> Habit:
        """Inverse of `to_text`."""
        if not text:
            return cls()
        newest, *days = text.split(" ")
        return cls(float(newest), tuple(Day(*map(int, day.split(":"))) for day in days))


def heard(habit: Habit, came_s: Sequence[float], now_s: float) -> Habit:
    """What is known after entries came at these times.

    Args:
        habit: what was known.
        came_s: when they were published, in seconds since 1970, in any order; what is not newer than the newest known
            was heard before, and what lies in the future came now.
        now_s: likewise.
    """
    newest_s, days = habit.newest_s, {day.number: [day.entries, day.longest_gap_s] for day in habit.days}
    for at_s in sorted(min(at_s, now_s) for at_s in came_s):
        if at_s <= newest_s:
            continue
        day = days.setdefault(int(at_s // _DAY_S), [0, 0])
        day[0] += 1
        day[1] = max(day[1], round(at_s - newest_s) if newest_s else 0)
        newest_s = at_s
    before = max(days, default=0) - _DAYS
    return Habit(newest_s, tuple(Day(number, *of) for number, of in days.items() if number > before))


@dataclass(frozen=True, slots=True)
class Pace:
    """What is known of a feed's gaps."""

    gap_s: float = 0.0
    """the usual one; 0: not known yet"""
    news_at: float = 0.0
    """when something new was last seen, in seconds since 1970; 0: never"""


def pace_after(pace: Pace, now_s: float, *, news: bool, watched: bool) -> Pace:
    """The pace after one good look.

    Args:
        pace: before it.
        now_s: the time of the look.
        news: whether it brought anything new.
        watched: False if the feed was left unwatched before it: the gap is then of our making.
    """
    if pace.news_at <= 0 or not watched or now_s < pace.news_at:
        return Pace(pace.gap_s, now_s)
    if not news:
        return pace
    gap_s = max(now_s - pace.news_at, 1.0)
    return Pace(gap_s if pace.gap_s <= 0 else pace.gap_s * (gap_s / pace.gap_s) ** _WEIGHT, now_s)


def wait_s(pace: Pace, now_s: float) -> float:
    """How long to wait for something new, by the pace alone; 0: it asks for no wait."""
    silence_s = max(now_s - pace.news_at, 0.0) if pace.news_at > 0 else 0.0
    return max(pace.gap_s, silence_s / _SILENCE) / _LOOKS_A_GAP
