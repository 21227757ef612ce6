"""Hours and days in which a document asks not to be fetched (RSS `skipHours` and `skipDays`), as one number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

_HOUR_S = 3_600.0
_DAY_S = 86_400.0
_HOURS = 24


def skip_mask(hours: Iterable[int], days: Iterable[int]) -> int:
    """Bits 0 to 23 for the hours (UTC), 24 to 30 for the days from Monday. What is out of range asks for nothing."""
    mask = sum(1 << hour for hour in set(hours) if 0 <= hour < _HOURS)
    return mask + sum(1 << (_HOURS + day) for day in set(days) if 0 <= day < 7)


def after_skipped(due_s: float, now_s: float, mask: int) -> float:
    """`due_s`, or the first hour after it that is not skipped; at most a day after `now_s`. Seconds since 1970."""
    if not mask:
        return due_s
    latest_s = max(now_s + _DAY_S, due_s)
    while due_s < latest_s and _is_skipped(due_s, mask):
        due_s = (due_s // _HOUR_S + 1) * _HOUR_S
    return min(due_s, latest_s)


def _is_skipped(at_s: float, mask: int) -> bool:
    at = datetime.fromtimestamp(0, UTC) + timedelta(seconds=at_s)
    return bool(mask >> at.hour & 1 or mask >> (_HOURS + at.weekday()) & 1)
