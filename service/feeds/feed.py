"""A feed as it is listed: where, how often, for whom, and how its server is reached."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from yarl import URL

from service.model import Published
from service.net.access import Access, Tls

FeedKind = Literal["url", "file", "folder"]

DEFAULT_INTERVAL_S: Mapping[FeedKind, float] = {"url": 300.0, "file": 0.5, "folder": 0.5}


@dataclass(frozen=True, slots=True)
class ListedText:
    """What a feed list says of one text of a folder."""

    file: str
    source: str | None = None
    published: Published | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    """One address watched."""

    name: str
    """unique within a list; the key of the feed's state"""
    kind: FeedKind
    address: str
    """the URL, or the path of the file or folder"""
    interval_s: float
    """the least time between two looks"""
    source: str | None = None
    """the outlet of every item, whatever the feed says"""
    aggregator: bool = False
    """whether the feed may name another outlet for each item; `source` goes before that"""
    allow_private: bool = False
    language: str | None = None
    full_text: bool = False
    """whether the page of an entry that concerns a story is fetched: the feed gives summaries only"""
    texts: tuple[ListedText, ...] = ()
    """of a folder: these first, in this order"""
    slowest_s: float = 86_400.0
    """the longest that a feed which hardly publishes is left alone, unless its server asks for more"""
    authorization: str | None = field(default=None, repr=False)
    """the value of the Authorization header"""
    proxy: str | None = field(default=None, repr=False)
    tls: Tls | None = None

    @property
    def access(self) -> Access:
        """How its server is reached."""
        return Access(self.allow_private, self.authorization, self.proxy, self.tls)

    @property
    def shown(self) -> str:
        """The address as it may be printed: without the user and password that it may hold."""
        return without_login(self.address) if self.kind == "url" else self.address


def default_name(kind: FeedKind, address: str) -> str:
    """What a feed is called that nobody named."""
    if kind != "url":
        return Path(address).resolve().name
    url = URL(address)
    port = f":{url.explicit_port}" if url.explicit_port is not None else ""
    return f"{url.host}{port}{url.path_qs}".rstrip("/")


def without_login(address: str) -> str:
    """An address without the user and password in it."""
    return re.sub(r"//[^/?#]*@", "//…@", address)
