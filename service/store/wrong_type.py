"""What is said of a key that holds something else than it should: which, what it holds, and what to do."""

from __future__ import annotations

import re
from functools import cache

from service.store import keys

_SECTION = re.compile(r"^After `([^`]+)`", re.MULTILINE)
_ROW = re.compile(r"^    ((?:<[^>\n]+>|[\w:-])+)\s+(hash|stream|string|sorted set)\s", re.MULTILINE)
_CALLED = {"sorted set": "zset"}


def kind_of(key: str) -> str | None:
    """Of which type a key is to be, as the server calls it; None if it is none of Claimwire's."""
    return next((kind for pattern, kind in _page() if pattern.fullmatch(key)), None)


def told(key: str, found: str, expected: str) -> str:
    """What to say of one."""
    return (
        f"the key {key} holds a {found} where a {expected} belongs: something else writes to this server. Look at it, "
        f"rename it or delete it, and start again; `claimwire store check` tells whether the rest is whole. A server, "
        f"or on one server a database, that Claimwire has to itself keeps others out."
    )


@cache
def _page() -> tuple[tuple[re.Pattern[str], str], ...]:
    """Patterns of the keys and their types, read off the page that says so."""
    page = keys.__doc__ or ""
    sections = [*_SECTION.finditer(page)]
    ends = [*(section.start() for section in sections[1:]), len(page)]
    rows = [
        (section[1] + row[1], _CALLED.get(row[2], row[2]))
        for section, end in zip(sections, ends, strict=True)
        for row in _ROW.finditer(page, section.end(), end)
    ]
    # the longest first: <stream>:group-dead:<group> is no state
    rows.sort(key=lambda row: -len(row[0]))
    return tuple((re.compile("(?s)" + _any(name)), kind) for name, kind in rows)


def _any(name: str) -> str:
    return ".+?".join(map(re.escape, re.split(r"<[^>]+>", name)))
