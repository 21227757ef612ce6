"""Permanent redirects: believed once they have stood for days, checked weekly, forgotten when they break.

A server that answers 301 by mistake, or a hotel's sign-in page, takes it back within hours. A redirect that is believed
too soon loses the feed; one that is never believed asks an old server for ever.

Source: Feedbin believes a permanent redirect after 576 sightings, which at its interval are two days.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache

_DAY_S = 86_400.0
_SIGHTINGS = 10
_STABLE_INTERVALS = 576
_STABLE_S = 3 * _DAY_S
_CHECK_S = 7 * _DAY_S


@dataclass(frozen=True, slots=True)
class Moved:
    """What was seen of a feed's permanent redirect. Times in seconds since 1970."""

    mark: str = ""
    """of the address that redirects: what another address said counts for nothing"""
    to: str = ""
    since: float = 0.0
    seen: float = 0.0
    times: int = 0


NEVER = Moved()


@lru_cache(maxsize=4_096)
def mark_of(address: str) -> str:
    """Tells addresses apart and shows nothing of them."""
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def sighted(moved: Moved, address: str, to: str | None, now_s: float) -> Moved:
    """After a good look at `address` itself, which led for good to `to`, or not (None)."""
    if not to:
        return NEVER
    mark = mark_of(address)
    if (moved.mark, moved.to) != (mark, to):
        return Moved(mark, to, now_s, now_s, 1)
    return Moved(mark, to, moved.since, now_s, moved.times + 1)


def believed(moved: Moved, address: str, interval_s: float, now_s: float) -> str:
    """Where to ask in place of `address`; the empty string: there."""
    if not moved.to:
        return ""
    stable_s = min(_STABLE_INTERVALS * interval_s, _STABLE_S)
    stood = moved.times >= _SIGHTINGS and moved.seen - moved.since >= stable_s
    fresh = 0 <= now_s - moved.seen < _CHECK_S
    return moved.to if stood and fresh and moved.mark == mark_of(address) else ""
