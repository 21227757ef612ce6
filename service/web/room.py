"""How many connections may be open at once: whoever connects for nothing has no claim to a place.

A connection costs a file, of which a process has a limit; without files the service could neither answer nor ask. So
there is an end to them well before, and the place of whoever comes next is that of who has asked for nothing longest.
"""

from __future__ import annotations

import resource
from contextlib import suppress
from typing import Protocol

import structlog

MOST = 10_000
"""however many files there may be"""
TOLD_S = 60.0
"""least seconds between two lines of the log about it"""

log = structlog.get_logger(__name__)


class Guest(Protocol):
    """A connection."""

    def is_idle(self) -> bool:
        """Whether nothing is asked on it that could be answered."""
        ...

    def let_go(self) -> None:
        """Ends it at once."""
        ...


class Room:
    """The connections that are open, the oldest first.

    Args:
        most: how many there may be.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._open: dict[Guest, None] = {}
        self._told_s = -TOLD_S

    def enter(self, guest: Guest, now_s: float) -> None:
        """One more: where there is no place, the oldest that is idle goes, else the new one."""
        self._open[guest] = None
        if len(self._open) <= self._most:
            return
        leaving = next((one for one in self._open if one.is_idle()), guest)
        self.leave(leaving)
        leaving.let_go()
        if now_s - self._told_s >= TOLD_S:
            self._told_s = now_s
            log.warning("connections.full", most=self._most, went="the oldest that asked for nothing")

    def leave(self, guest: Guest) -> None:
        """One less."""
        self._open.pop(guest, None)


def places() -> int:
    """Half of the files that the process may have, for which it asks as many as it needs: the rest is for feeds, Redis
    and the log."""
    files, at_most = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 2 * MOST if at_most == resource.RLIM_INFINITY else min(2 * MOST, at_most)
    if files != resource.RLIM_INFINITY and files < wanted:
        with suppress(OSError, ValueError):  # a system may have a limit of its own
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, at_most))
            files = wanted
    return MOST if files == resource.RLIM_INFINITY else min(MOST, files // 2)
