"""What a reader of one format makes of a document, before limits and memory have their say."""

from __future__ import annotations

from dataclasses import dataclass

from service.feeds.listing import Refused
from service.model import Entry


@dataclass(frozen=True, slots=True)
class Channel:
    """What a document says of itself."""

    title: str = ""
    language: str = ""
    ttl_s: float = 0.0
    skip_hours: tuple[int, ...] = ()
    skip_days: tuple[int, ...] = ()
    hub: str = ""
    """where changes can be subscribed to (WebSub); the empty string if nowhere"""
    topic: str = ""
    """the address that the document gives as its own"""
    parts: tuple[str, ...] = ()
    """addresses of the documents that hold the entries, where this one only lists them: the newest first"""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a document."""

    entries: tuple[Entry, ...]
    """every item, those without words too, in document order"""
    channel: Channel
    version: str
    """rss20, atom10, json …; the empty string: it is not known as a feed"""
    strict: bool
    """read by the rules of its format, not leniently"""
    refused: tuple[Refused, ...] = ()
    """what stands where an item should, and is none"""
    over: int = 0
    """items beyond the limit, which were only counted"""
    embargoed: bool = False
    """some of what was refused may be read later"""
    cut_off: bool = False
    """the document ends too early; the entries are those that are whole"""
