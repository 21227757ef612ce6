"""Whether the service is of use now: conditions, each with its reason and what to do. Pure: judges what was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.store.values import FeedState

NAMED = 10
"""feeds at most in one reason"""

WAIT_TOLD_S = 120.0
"""The next article in line waits for milliseconds while the workers keep up; so long a wait is told."""


@dataclass(frozen=True, slots=True)
class Check:
    """One condition of readiness."""

    ok: bool
    detail: str


@dataclass(frozen=True, slots=True)
class Line:
    """The articles of a story that wait for their decision."""

    backlog: int
    first_waits_s: float
    """since the admission of the next in line; 0 if there is none"""
    paused: str = ""
    """why the line stands still; the empty string if it does not"""
    slowed: str = ""
    """which group of subscribers it waits for; the empty string if for none"""


def unanswered(reason: str) -> dict[str, Check]:
    """All conditions when Redis does not answer."""
    unknown = Check(False, "unknown while Redis does not answer")
    checks = dict.fromkeys(("redis", "backlog", "lines", "workers", "feeds"), unknown)
    return checks | {"redis": Check(False, reason)}


def answered(
    lines: Mapping[str, Line],
    cap: int,
    workers: int,
    looks: Mapping[str, FeedState | None],
    lists_problem: str = "",
    memory: Sequence[tuple[int, int]] = (),
) -> dict[str, Check]:
    """All conditions when Redis answered.

    Args:
        lines: story → what waits.
        cap: articles of a story in the hands of the workers, above which nothing is admitted.
        workers: alive.
        looks: feed → what the last look left.
        lists_problem: why the feed lists cannot be used as they are now; the empty string if they can.
        memory: of each server, bytes in use and bytes allowed (0: any).
    """
    return {
        "redis": _redis(memory),
        "backlog": _backlog(lines, cap),
        "lines": _lines(lines),
        "workers": _workers(lines, workers),
        "feeds": _feeds(looks, lists_problem),
    }


def _redis(memory: Sequence[tuple[int, int]]) -> Check:
    full = [f"{used:,} of {most:,} bytes" for used, most in memory if 0 < most <= used]
    if full:
        return Check(False, f"is full, and everything waits: {'; '.join(full)}; give it more memory or drop stories")
    return Check(True, "answers, and runs our scripts")


def _backlog(lines: Mapping[str, Line], cap: int) -> Check:
    over = [f"{story} has {line.backlog}" for story, line in lines.items() if line.backlog >= cap]
    slow = [
        f"; the next one of {story} has waited for {line.first_waits_s:.0f} s: see the workers’ log"
        for story, line in lines.items()
        if line.first_waits_s >= WAIT_TOLD_S
    ]
    if over:
        return Check(
            False, f"articles wait for workers, cap {cap}: {', '.join(over)}; start more workers{''.join(slow)}"
        )
    return Check(True, f"{sum(line.backlog for line in lines.values())} articles wait, cap {cap}{''.join(slow)}")


def _lines(lines: Mapping[str, Line]) -> Check:
    paused = [f"{story} ({line.paused})" for story, line in lines.items() if line.paused]
    if paused:
        return Check(False, f"paused: {', '.join(paused)}; see `claimwire dead list`, then `claimwire dead resume`")
    slowed = [
        f"; {story} is slowed, a subscriber is far behind: {line.slowed}"
        for story, line in lines.items()
        if line.slowed
    ]
    return Check(True, f"none is paused{''.join(slowed)}")


def _workers(lines: Mapping[str, Line], alive: int) -> Check:
    waiting = [f"{line.backlog} of {story}" for story, line in lines.items() if line.backlog]
    if waiting and not alive:
        return Check(False, f"none is alive, and articles wait: {', '.join(waiting)}; start `claimwire worker`")
    return Check(True, f"{alive} alive")


def _feeds(looks: Mapping[str, FeedState | None], lists_problem: str) -> Check:
    seen = _looked_at(looks)
    if not lists_problem:
        return seen
    return Check(seen.ok, f"the feed lists cannot be used, the last good ones are: {lists_problem}; {seen.detail}")


def _looked_at(looks: Mapping[str, FeedState | None]) -> Check:
    missing = [feed for feed, look in looks.items() if look is None or look.last_checked <= 0]
    if missing:
        return Check(False, f"not looked at yet: {_some(missing)}")
    failing = [f"{feed} ({look.error})" for feed, look in looks.items() if look is not None and look.failures]
    silent = [feed for feed, look in looks.items() if look is not None and look.silent and not look.failures]
    told = [f"failing: {_some(failing)}"] if failing else []
    told += [f"silent far beyond their habit: {_some(silent)}"] if silent else []
    return Check(True, "; ".join(told) or f"all {len(looks)} looked at")


def _some(feeds: list[str]) -> str:
    more = f" and {len(feeds) - NAMED} more; see `claimwire feeds`" if len(feeds) > NAMED else ""
    return ", ".join(feeds[:NAMED]) + more
