"""How the board says times, sources and addresses. Everything here is plain text; the templates escape it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import urlsplit

from service.contract.data import Document, Hop

LONGEST_HOST = 60


def clock(value: datetime) -> str:
    """A moment as people write it, in UTC."""
    at = value.astimezone(UTC)
    return f"{at.day} {at:%b %Y, %H:%M} UTC"


def day(value: datetime) -> str:
    """The day of a moment, in UTC."""
    at = value.astimezone(UTC)
    return f"{at.day} {at:%B %Y}"


def published(document: Document) -> str:
    """When the source says it published, no more exactly than it says."""
    if document.published is None:
        return "publication time not stated"
    if document.published.precision == "day":
        return f"published {day(document.published.value)}"
    return f"published {clock(document.published.value)}"


def ago(seconds: float) -> str:
    """A length of time in its largest unit."""
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def outlink(uri: str) -> str | None:
    """The address if a browser may be sent there: http or https, with a host and without credentials. None: no link."""
    try:
        parts = urlsplit(uri.strip())
        usable = parts.scheme.lower() in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return None
    return uri.strip() if usable and uri.isprintable() else None


def place(uri: str) -> str:
    """What an address is called where there is little room: its host, or the end of a text's name."""
    link = outlink(uri)
    if link is None:
        return uri.rsplit("/", 1)[-1][:LONGEST_HOST]
    return (urlsplit(link).hostname or "").removeprefix("www.")[:LONGEST_HOST]


@dataclass(frozen=True, slots=True)
class Who:
    """A hop of a chain as it is shown."""

    name: str
    """of a named one; what an unnamed one is called"""
    role: str
    """of a named one, where the text gives it"""
    kind: str
    """outlet, person, organisation, document or unnamed: says the shape of the mark"""
    named: bool
    side: str
    cue: str
    start: int | None
    """in code points of the document's text; None: the text need not name it"""


def who(hop: Hop) -> Who:
    """A hop in words."""
    name = hop.name or hop.descriptor or "somebody unnamed"
    kind = "outlet" if hop.kind in ("publisher", "outlet") else hop.kind if hop.named else "unnamed"
    return Who(
        name=name,
        role=(hop.descriptor or "") if hop.name and hop.descriptor != hop.name else "",
        kind=kind,
        named=hop.named,
        side=hop.side or "",
        cue=hop.cue or "",
        start=hop.span.start if hop.span is not None else None,
    )


@dataclass(frozen=True, slots=True)
class Chain:
    """Who says it, and through whom it came."""

    sources: tuple[Who, ...]
    """people, organisations, documents, unnamed ones: the one nearest to the matter first"""
    via: tuple[Who, ...]
    """outlets and agencies, from the one nearest to the source to the publisher"""
    hops: tuple[Who, ...]
    """all, from the publisher to the source"""


def chain(attribution: Sequence[Hop], publisher: str | None = None) -> Chain:
    """A chain of the contract as the board shows it.

    Args:
        publisher: who published the text, where the chain does not begin with that.
    """
    first = Hop(kind="publisher", name=publisher, named=True, relation="wasDerivedFrom")
    if publisher and not any(hop.kind == "publisher" for hop in attribution):
        attribution = (first, *attribution)
    publisher = next((hop.name for hop in attribution if hop.kind == "publisher"), None)
    # A text that credits its own outlet says nothing more than who published it.
    own = [hop for hop in attribution if hop.kind == "outlet" and _same(hop.name, publisher)]
    hops = tuple(who(hop) for hop in attribution if hop not in own)
    back = hops[::-1]
    return Chain(
        tuple(hop for hop in back if hop.kind != "outlet"), tuple(hop for hop in back if hop.kind == "outlet"), hops
    )


def _same(name: str | None, publisher: str | None) -> bool:
    return name is not None and publisher is not None and name.casefold() == publisher.casefold()
