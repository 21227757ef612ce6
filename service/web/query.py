"""What a query asks of a story's claims, checked: a parameter that there is not is refused, not passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import get_args

from aiohttp import web
from multidict import MultiMapping

from service.contract.api import Status
from service.contract.operations import DEFAULT_LIMIT, LARGEST_COUNT, LARGEST_LIMIT, LONGEST_QUERY, OPERATIONS
from service.web.shelf import Wanted

_CURSOR = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z_[A-Za-z0-9-]{1,40}")
_ENTRY = re.compile(r"[0-9]{1,20}-[0-9]{1,20}")
_SPACE_FOR_PLUS = re.compile(r" (?=[0-9]{2}:?[0-9]{2}$)")
_PARAMETERS = {
    operation.path: frozenset(one.name for one in operation.parameters if one.where == "query")
    for operation in OPERATIONS
    if operation.method == "get"
}


def known(request: web.Request, path: str) -> MultiMapping[str]:
    """The query, if the operation at `path` has all of its parameters.

    Raises:
        HTTPBadRequest: it has one that there is not.
    """
    if unknown := sorted(set(request.query) - _PARAMETERS[path]):
        there_are = ", ".join(sorted(_PARAMETERS[path])) or "none"
        raise web.HTTPBadRequest(text=f"no such parameter: {unknown[0][:50]!r}; there are: {there_are}")
    return request.query


def wanted(query: MultiMapping[str]) -> Wanted:
    """Which claims are asked for.

    Raises:
        HTTPBadRequest: a value that cannot be used.
    """
    return Wanted(
        words=tuple(_short(query, "q").casefold().split()),
        side=_short(query, "side"),
        status=frozenset(_statuses(query.getall("status", []))),
        min_sources=number(query.get("min_sources", "0"), "min_sources"),
        min_origins=number(query.get("min_origins", "0"), "min_origins"),
        min_documents=number(query.get("min_documents", "0"), "min_documents"),
        since=_time(query["since"]) if "since" in query else None,
    )


def after(query: MultiMapping[str]) -> str:
    """The cursor of a page.

    Raises:
        HTTPBadRequest: it is none.
    """
    cursor = query.get("after", "")
    if cursor and not is_cursor(cursor):
        raise web.HTTPBadRequest(text="after is what `next` was on the page before, as it is")
    return cursor


def is_cursor(given: str) -> bool:
    """Whether this may be a place among the claims of a shelf."""
    return _CURSOR.fullmatch(given) is not None


def is_entry(given: str) -> bool:
    """Whether this may be the id of a stream's entry."""
    return _ENTRY.fullmatch(given) is not None and all(int(part) < 2**64 for part in given.split("-"))


def newest_first(query: MultiMapping[str]) -> bool:
    """The order of a page.

    Raises:
        HTTPBadRequest: there is no such order.
    """
    order = query.get("order", "oldest")
    if order not in ("oldest", "newest"):
        raise web.HTTPBadRequest(text="order is oldest or newest")
    return order == "newest"


def limit(query: MultiMapping[str]) -> int:
    """How many a page has at most.

    Raises:
        HTTPBadRequest: it is no such number.
    """
    given = query.get("limit", str(DEFAULT_LIMIT))
    # A longer number is none: thousands of digits cost time to read, and zeros before a number say nothing.
    asked = int(given) if given.isascii() and given.isdigit() and len(given) <= len(str(LARGEST_LIMIT)) else 0
    if not 1 <= asked <= LARGEST_LIMIT:
        raise web.HTTPBadRequest(text=f"limit must be a number from 1 to {LARGEST_LIMIT}")
    return asked


def number(given: str, name: str) -> int:
    """A parameter that counts.

    Raises:
        HTTPBadRequest: it is no such number.
    """
    if not (given.isascii() and given.isdigit() and len(given) <= len(str(LARGEST_COUNT))):
        raise web.HTTPBadRequest(text=f"{name} must be a number from 0 to {LARGEST_COUNT}")
    return int(given)


def moment(given: str) -> datetime | None:
    """A time, in UTC if it does not say otherwise; None if it is none. A `+` that a query did not escape arrives as a
    space."""
    try:
        time = datetime.fromisoformat(_SPACE_FOR_PLUS.sub("+", given))
        return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _time(given: str) -> datetime:
    time = moment(given)
    if time is None:
        raise web.HTTPBadRequest(text="since is a time such as 2031-05-04T12:00:00Z")
    return time


def _short(query: MultiMapping[str], name: str) -> str:
    given = query.get(name, "")
    if len(given) > LONGEST_QUERY:
        raise web.HTTPBadRequest(text=f"{name} has {LONGEST_QUERY} characters at most")
    return given


def _statuses(given: Iterable[str]) -> Iterable[Status]:
    for name in given:
        if name not in get_args(Status):
            raise web.HTTPBadRequest(text=f"there is no status {name[:50]!r}; there are {', '.join(get_args(Status))}")
        yield name  # type: ignore[misc]
