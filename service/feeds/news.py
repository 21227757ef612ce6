"""How often a feed brings something new, learned from what it brought; and whether it is quiet far beyond that. Pure.

A day's record holds how many entries it brought and the longest gap between two that ended on it: nights and weekends
are in it, which an average gap would not show.
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
    newest_s, days = habit.newest_s, list(habit.days)
    for at_s in sorted(min(at_s, now_s) for at_s in came_s):
        if at_s <= newest_s:
            continue
        number, gap_s = int(at_s // _DAY_S), round(at_s - newest_s) if newest_s else 0
        if days and days[-1].number == number:
            last = days.pop()
            days.append(Day(number, last.entries + 1, max(last.longest_gap_s, gap_s)))
        else:
            days.append(Day(number, 1, gap_s))
        newest_s = at_s
    return Habit(newest_s, tuple(day for day in days if days[-1].number - day.number < _DAYS))
