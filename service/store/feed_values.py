"""What the store keeps beside the state of a feed: its subscription, the turn at it, the pages behind its entries."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Subscription:
    """What was asked of a feed's hub (WebSub), and what it confirmed. Times in seconds since 1970."""

    hub: str
    topic: str
    token: str
    """the end of the callback's address: whoever knows it can speak to us"""
    secret: str = field(repr=False)
    """with which the hub signs what it sends"""
    asked_for: str = ""
    """subscribe or unsubscribe; the empty string: nothing"""
    asked_at: float = 0.0
    asked_times: int = 0
    """since the hub last confirmed"""
    lease_s: float = 0.0
    lease_until: float = 0.0
    """0: it was not confirmed, or has ended"""
    denied_at: float = 0.0
    """0: it was not"""

    @property
    def is_asked(self) -> bool:
        """Whether anything was asked for."""
        return bool(self.asked_for)


@dataclass(frozen=True, slots=True)
class PollOpening:
    """The answer to a replica that wants to poll a feed."""

    lent: bool
    """False: another has it, or the state is not the expected one"""
    taken_s: float
    """for how long another has it at most"""


@dataclass(frozen=True, slots=True)
class KeptPage:
    """What is known of the page behind an article."""

    version: str
    """of the entry's own words that it was fetched for"""
    text: str | None
    """what is to be admitted; None: it was"""
    problem: str = ""
    """why that is not the page's text; the empty string: it is"""
    stories: tuple[str, ...] = ()
    """to which it was admitted"""
