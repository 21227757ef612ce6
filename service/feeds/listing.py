"""What one look at a feed gave: entries, and what could not become one."""

from __future__ import annotations

from dataclasses import dataclass

from service.articles.clean import Readable
from service.model import Entry, EntryResult


@dataclass(frozen=True, slots=True)
class Refused:
    """An item that never became an entry to be admitted. It is counted like every other."""

    item: str
    """file name, link or guid"""
    result: EntryResult
    """UNREADABLE or OVER_LIMIT"""
    why: str
    """in plain words"""
    count: int = 1
    """items that this stands for"""


@dataclass(frozen=True, slots=True)
class Listing:
    """The entries of a feed in its own order."""

    entries: tuple[Entry, ...] = ()
    refused: tuple[Refused, ...] = ()
    problem: str | None = None
    """what is wrong with the whole, although items could be read"""
    ttl_s: float = 0.0
    """how long the document asks not to be fetched again"""
    skip_hours: tuple[int, ...] = ()
    """hours of the day, 0 to 23 in UTC, in which the document asks not to be fetched"""
    skip_days: tuple[int, ...] = ()
    """days of the week likewise, 0 for Monday"""
    hub: str = ""
    """where changes can be subscribed to (WebSub); the empty string if nowhere"""
    topic: str = ""
    """the address that the document gives as its own"""
    parts: tuple[str, ...] = ()
    """addresses of the documents that hold the entries, where this one only lists them: the newest first"""
    unchanged: int = 0
    """items that the last listing had too; they are not among the entries"""
    known: bytes = b""
    """to be remembered of this listing once its articles are durable (known.py)"""
    renamed: int = 0
    """of those: items that only got another identity"""
    embargoed: bool = False
    """some of what was refused may be read later"""
    words: tuple[Readable, ...] = ()
    """the entries without their markup, in the same order; empty: nobody took it off yet"""

    @property
    def given(self) -> int:
        """Items that the document has."""
        return len(self.entries) + self.unchanged + sum(refused.count for refused in self.refused)


class FeedUnreadable(Exception):
    """A look that gave no listing: told in plain words, counted as a failure of the feed, retried later."""

    def __init__(
        self,
        words: str,
        retry_after_s: float | None = None,
        gone: bool = False,
        crowded: str = "",
        reached: bool | None = None,
    ) -> None:
        super().__init__(words)
        self.words = words
        self.retry_after_s = retry_after_s
        self.gone = gone
        """the server says that the feed will not come back"""
        self.crowded = crowded
        """the host that says that we ask too much of it (429)"""
        self.reached = reached
        """whether there was a way to the server; None: it was not tried"""
