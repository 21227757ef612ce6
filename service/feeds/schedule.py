"""When to look again: pure functions of what was seen.

A feed is never looked at earlier than its interval, nor than the server asked; what fails is asked less and less
often, and never given up. Each feed has a small delay of its own on top, so that feeds added together drift apart.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from service.feeds.skipping import after_skipped

_DAY_S = 86_400.0
_BACKOFF_CAP_S = 4 * 3_600.0
"""feeds that never come back after an outage are what users of feed readers complain of most"""
_LOCAL_BACKOFF_CAP_S = 5.0
_GONE_S = 30 * _DAY_S
_GONE_TIMES = 2
_JITTER = 0.1
_NAMES = 4_096
"""of feeds whose share is remembered: it is soon reckoned again, and ten thousand would hold two megabytes"""
_LONGEST_SLEEP_S = 60.0
_HOLD_SPREAD_S = 3_600.0
_UNKNOWN_S = 30.0
"""behind the opening of a poll that was never closed: by then its request was sent, or never"""
_SKEW_S = 5.0
"""by which the clocks of two services that watch one feed may differ"""


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How a feed wants to be looked at."""

    name: str
    interval_s: float
    local: bool
    """a file or folder: nobody to be polite to"""
    slowest_s: float = _DAY_S
    """the longest wait that a feed's pace may ask for"""
    phase: float = 0.0
    """where the feed stands among those of its host, from 0 to below 1: a herd added together is spread by it"""


def due_after_success(
    rhythm: Rhythm, now_s: float, *, asked_s: float = 0.0, pace_s: float = 0.0, skip: int = 0, first: bool = False
) -> float:
    """The next look after a good one, in seconds since 1970.

    Args:
        rhythm: the feed's.
        now_s: the time of the look.
        asked_s: how long the feed asks to be left alone: the longest of max-age, Expires, ttl and update period.
        pace_s: the wait that suits the pace at which it publishes.
        skip: hours and days to be left out, as `skip_mask` has them.
        first: there was no look before.
    """
    delay_s = min(max(rhythm.interval_s, asked_s, min(pace_s, rhythm.slowest_s)), _DAY_S)
    spread_s = rhythm.phase * rhythm.interval_s if first else 0.0
    return after_skipped(now_s + min(_with_jitter(rhythm, delay_s) + spread_s, _DAY_S), now_s, skip)


def due_after_failure(
    rhythm: Rhythm,
    now_s: float,
    *,
    failures: int,
    retry_after_s: float | None = None,
    gone: int = 0,
    asked_s: float = 0.0,
    skip: int = 0,
) -> float:
    """The next look after `failures` bad ones in a row, in seconds since 1970.

    Args:
        rhythm: the feed's.
        now_s: the time of the look.
        failures: 1 for the first.
        retry_after_s: what the server asked for.
        gone: how often in a row the server said that the feed will not come back; believed when it says so twice,
            and asked monthly.
        asked_s: how long the document that was read last asks to be left alone: its ttl, its update period.
        skip: as in `due_after_success`.
    """
    if gone >= _GONE_TIMES:
        return now_s + _GONE_S * (1 + _JITTER * share_of(rhythm.name))
    cap_s = _LOCAL_BACKOFF_CAP_S if rhythm.local else _BACKOFF_CAP_S
    delay_s = min(rhythm.interval_s * 2.0 ** min(failures, 30), max(cap_s, rhythm.interval_s))
    delay_s = max(delay_s, min(max(retry_after_s or 0.0, asked_s), _DAY_S))
    return after_skipped(now_s + _with_jitter(rhythm, delay_s), now_s, skip)


def due_s(rhythm: Rhythm, *, next_due_s: float, last_checked_s: float, held_until_s: float = 0.0) -> float:
    """When a feed may be looked at, in seconds since 1970.

    Args:
        rhythm: the feed's, with the interval of today: one that grew since the last look counts from that look.
        next_due_s: what the last look decided; 0: at once.
        last_checked_s: the last look; 0 for none.
        held_until_s: until when the feed's host wants to be left alone. What waited for that comes spread.
    """
    due = max(next_due_s, last_checked_s + rhythm.interval_s) if next_due_s > 0 else 0.0
    if due <= held_until_s:
        return held_until_s + rhythm.phase * min(rhythm.interval_s, _HOLD_SPREAD_S)
    return due


def unclosed_due_s(interval_s: float, last_asked_s: float, last_checked_s: float) -> float:
    """When a feed is due whose last poll may never have been closed, in seconds since 1970; 0: it was.

    Whoever died behind the request told nobody what came; its server was asked all the same, at some time after the
    poll was opened: a turn at the host comes first.
    """
    if last_asked_s <= last_checked_s:
        return 0.0
    return last_asked_s + interval_s + min(interval_s, _UNKNOWN_S)


def pause_s(interval_s: float, *, next_due_s: float, last_checked_s: float, now_s: float) -> float:
    """For how long to leave a feed alone before the clock is looked at again; 0: it is due.

    A clock may step back by years while a feed waits; then the last look lies in the future, and the feed is due.

    Args:
        interval_s: the feed's own.
        next_due_s: when the feed is due, in seconds since 1970.
        last_checked_s: the last look, likewise; 0 for none.
        now_s: likewise.
    """
    if last_checked_s > now_s + min(interval_s, _SKEW_S):
        return 0.0
    return max(min(next_due_s - now_s, interval_s, _LONGEST_SLEEP_S), 0.0)


@lru_cache(maxsize=_NAMES)
def share_of(name: str) -> float:
    """A number from 0 to below 1, evenly spread over names and the same for one name."""
    return int.from_bytes(hashlib.sha256(name.encode("utf-8", "surrogatepass")).digest()[:4], "big") / 2**32


def _with_jitter(rhythm: Rhythm, delay_s: float) -> float:
    """Never shorter than `delay_s`, and no longer than a day."""
    if rhythm.local:
        return delay_s
    return min(delay_s * (1 + _JITTER * share_of(rhythm.name)), max(delay_s, _DAY_S))
