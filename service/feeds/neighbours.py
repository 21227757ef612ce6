"""Which feeds share a host, and where each stands among them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.feeds.config import Feed
from service.feeds.schedule import Rhythm, share_of
from service.net.failures import FetchFailure
from service.net.target import host_of, target_of


@dataclass(frozen=True, slots=True)
class Place:
    """One feed among those of its host."""

    host: str
    """as politeness counts hosts; the empty string: there is nobody to be polite to"""
    rhythm: Rhythm


def neighbourhood(feeds: Iterable[Feed]) -> Mapping[str, Place]:
    """The place of each feed, by its name. Feeds of one host stand evenly spread over their interval."""
    hosts: dict[str, list[Feed]] = defaultdict(list)
    for feed in feeds:
        hosts[_host(feed)].append(feed)
    places = {}
    for host, members in hosts.items():
        members.sort(key=lambda feed: (share_of(feed.name), feed.name))
        for rank, feed in enumerate(members):
            phase = rank / len(members) if host else 0.0
            rhythm = Rhythm(feed.name, feed.interval_s, feed.kind != "url", feed.slowest_s, phase)
            places[feed.name] = Place(host, rhythm)
    return places


def _host(feed: Feed) -> str:
    if feed.kind != "url":
        return ""
    try:
        return host_of(target_of(feed.address).url)
    except FetchFailure:  # an address that nobody can ask bothers nobody
        return ""
