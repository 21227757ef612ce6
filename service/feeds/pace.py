"""The pace at which looks at a feed bring something new, and the wait that suits it. Pure.

A feed that hardly publishes is looked at less often than its interval allows, one that publishes often at its
interval: the wait is a small part of the usual gap, so that what appears is late by that part of a gap at most. Only
what was seen to come counts, not the dates that a document gives: an archive may begin to live at any time.
"""

from __future__ import annotations

from dataclasses import dataclass

_LOOKS_A_GAP = 20
"""An article that breaks a silence of an hour is seen within three minutes, one that breaks a day's within 72."""
_WEIGHT = 0.3
"""of the last gap, against all before it, in a geometric mean: one weekend among gaps of minutes hardly counts"""
_SILENCE = 10
"""A silence says as much as gaps a tenth as long: a feed that fell silent is not given up before its pace is long
broken, and one that ended is asked less and less. Source: reasoned, not measured, as are the two above."""


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
