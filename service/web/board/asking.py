"""What a reader asks the board for, as the GET parameters of its form: read, checked, written again as links."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlencode

from service.contract.api import Status
from service.web.query import is_cursor
from service.web.shelf import Wanted

LONGEST_WORDS = 200
MOST_SOURCES = 99
KINDS: Mapping[str, str] = {
    "": "Everything",
    "new": "New",
    "disputed": "Disputed",
    "updated": "Updated",
    "retracted": "Retracted",
    "background": "Background",
}


class NotUnderstood(ValueError):
    """A parameter that means nothing; the message is for the reader."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The form as it was filled in."""

    q: str = ""
    side: str = ""
    kind: str = ""
    """a status of claims; the empty string: any"""
    min_sources: int = 0
    after: str = ""
    """the cursor of the page; the empty string: the newest claims"""

    @property
    def is_narrowed(self) -> bool:
        """Whether some claims are left out."""
        return bool(self.q or self.side or self.kind or self.min_sources)

    def wanted(self) -> Wanted:
        """The same in the words of the shelf."""
        status: dict[str, Status] = {kind: kind for kind in get_args(Status)}
        return Wanted(
            words=tuple(self.q.casefold().split()),
            side=self.side,
            status=frozenset({status[self.kind]} if self.kind else ()),
            min_sources=self.min_sources,
        )

    def query(self, after: str = "") -> str:
        """The same as a query string with its `?`, at another page; the empty string if nothing is asked."""
        fields = {"q": self.q, "side": self.side, "kind": self.kind, "min_sources": self.min_sources, "after": after}
        said = urlencode({name: value for name, value in fields.items() if value})
        return f"?{said}" if said else ""


def asked(query: Mapping[str, str], sides: list[str]) -> Asked:
    """Reads the parameters; those it does not know it leaves alone.

    Raises:
        NotUnderstood: one means nothing.
    """
    q, kind, side = query.get("q", "").strip(), query.get("kind", ""), query.get("side", "").strip()
    if len(q) > LONGEST_WORDS:
        raise NotUnderstood(f"The words to look for are too many: {LONGEST_WORDS} characters at most.")
    if kind not in KINDS:
        raise NotUnderstood(f"There is no such kind of claim. There are: {', '.join(filter(None, KINDS))}.")
    if side and side.casefold() not in {known.casefold() for known in sides}:
        raise NotUnderstood(f"No such side speaks in this story. There are: {', '.join(sides) or 'none so far'}.")
    return Asked(q, side.casefold(), kind, _sources(query.get("min_sources", "")), cursor(query.get("after", "")))


def cursor(given: str) -> str:
    """The place where a page begins; the empty string: the first one.

    Raises:
        NotUnderstood: it is none of ours.
    """
    if given and not is_cursor(given):
        raise NotUnderstood("This page does not exist; begin with the first one.")
    return given


def _sources(given: str) -> int:
    given = given.strip()
    if not given:
        return 0
    if not (given.isascii() and given.isdigit() and len(given) <= 2):
        raise NotUnderstood(f"The least number of sources is a number from 0 to {MOST_SOURCES}.")
    return int(given)
