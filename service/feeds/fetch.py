"""How an http feed is asked: conditionally, with the validators that it gave; and what its answer says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus

from yarl import URL

from service.feeds.config import Feed
from service.feeds.listing import FeedUnreadable
from service.net.client import Client, Response
from service.net.failures import FailureKind, FetchFailure
from service.net.target import host_of

ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"
_DAY_S = 86_400.0
_ANSWERS = frozenset({HTTPStatus.OK, HTTPStatus.NON_AUTHORITATIVE_INFORMATION, HTTPStatus.NOT_MODIFIED})
"""203 is what a proxy makes of a 200 that it changed on its way; a part of a feed (206, 226) nobody asked for"""
_NOT_TRIED = frozenset({FailureKind.BAD_URL, FailureKind.ADDRESS_REFUSED})


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer of a feed's server."""

    body: bytes | None
    """None: not modified"""
    content_type: str
    url: str
    """where the answer came from, after redirects"""
    etag: str
    last_modified: str
    asked_s: float
    """how long the server asks not to be asked again"""
    moved_to: str | None
    """where the feed has moved for good, says its server"""
    links: str = ""
    """the Link header"""


async def fetch_feed(
    client: Client, feed: Feed, etag: str, last_modified: str, now: datetime, moved_to: str = ""
) -> Fetched:
    """Ask an http feed, echoing its validators byte for byte (the empty string: none).

    Args:
        client: the guarded client.
        feed: whose login goes to its own origin alone.
        etag: of the version that we have.
        last_modified: likewise.
        now: the wall clock.
        moved_to: where the feed is known to have moved.

    Raises:
        FeedUnreadable: there was no usable answer; says for how long the server wants to be left alone, if it does.
    """
    validators = conditional_headers(etag, last_modified)
    try:
        response = await client.fetch(
            feed.address, {"Accept": ACCEPT, **validators}, access=feed.access, moved_to=moved_to
        )
    except FetchFailure as failure:
        raise FeedUnreadable(str(failure), reached=_was_reached(failure)) from failure
    if response.status == HTTPStatus.NOT_MODIFIED and not validators:
        raise FeedUnreadable("it answers “not modified” to a request that named no version", reached=True)
    if response.status not in _ANSWERS:
        raise _refusal(response, now)
    return _fetched(response, etag, last_modified, now)


def _was_reached(failure: FetchFailure) -> bool | None:
    return None if failure.kind in _NOT_TRIED else failure.kind is not FailureKind.UNREACHABLE


def _refusal(response: Response, now: datetime) -> FeedUnreadable:
    status = response.status
    return FeedUnreadable(
        status_words(status),
        retry_after_s(response.headers, now),  # meant for 429 and 503; whoever says it with another means it too
        gone=status == HTTPStatus.GONE,
        crowded=host_of(URL(response.final_url)) if status == HTTPStatus.TOO_MANY_REQUESTS else "",
        reached=True,
    )


def _fetched(response: Response, etag: str, last_modified: str, now: datetime) -> Fetched:
    modified = is_modified(response)
    # A 304 may leave the validators out; a 200 without one has dropped it.
    return Fetched(
        body=response.body if modified else None,
        content_type=response.headers.get("content-type", ""),
        url=response.final_url,
        etag=response.headers.get("etag", "" if modified else etag),
        last_modified=response.headers.get("last-modified", "" if modified else last_modified),
        asked_s=max_age_s(response.headers, now),
        moved_to=response.permanent_redirect,
        links=response.headers.get("link", ""),
    )


def conditional_headers(etag: str, last_modified: str) -> dict[str, str]:
    """The request headers that name the version we have. Opaque: neither is parsed or mended.

    A validator that is not UTF-8 cannot be echoed exactly and is left out: the answer is then a full one.
    """
    headers = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in headers.items() if value and _can_be_sent(value)}


def _can_be_sent(value: str) -> bool:
    # What is not UTF-8 comes as lone surrogates, which are not printable.
    return value.isprintable() or value.replace("\t", "").isprintable()


def is_modified(response: Response) -> bool:
    """Whether the answer brings a body."""
    return response.status != HTTPStatus.NOT_MODIFIED


def retry_after_s(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds that Retry-After asks for, given as seconds or as a date; None without one. At most a day."""
    written = headers.get("retry-after", "").strip()
    if written.isascii() and written.isdigit():
        return min(float(written[:9]), _DAY_S)
    at = _date(written)
    if at is None:
        return None
    # The server's clock and ours may differ: the later of both readings is never too early.
    told = min(now, _date(headers.get("date", "")) or now)
    return min(max((at - told).total_seconds(), 0.0), _DAY_S)


def max_age_s(headers: Mapping[str, str], now: datetime) -> float:
    """Seconds for which the answer stays fresh: max-age less Age, else Expires less Date; 0 if nothing says so."""
    cached = headers.get("cache-control", "")
    directives = _directives(cached) if cached else {}
    if "no-cache" in directives or "no-store" in directives:
        return 0.0
    if "max-age" in directives:
        return max(_seconds(directives["max-age"]) - _seconds(headers.get("age", "")), 0.0)
    expires = _date(headers.get("expires", ""))
    if expires is None:
        return 0.0
    served = _date(headers.get("date", "")) or now
    return min(max((expires - served).total_seconds(), 0.0), _DAY_S)


def status_words(status: int) -> str:
    """What a status says, for people: 'the server answers 404 Not Found'."""
    try:
        return f"the server answers {status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"the server answers {status}"


def _directives(cache_control: str) -> dict[str, str]:
    parts = (part.strip().partition("=") for part in cache_control.lower().split(","))
    return {name.strip(): value.strip().strip('"') for name, _, value in parts}


def _seconds(written: str) -> float:
    return min(float(written[:9]), _DAY_S) if written.isascii() and written.isdigit() else 0.0


def _date(written: str) -> datetime | None:
    if not written:
        return None
    try:
        at = parsedate_to_datetime(written)
        return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=UTC)
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
