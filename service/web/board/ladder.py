"""The ladder as a small picture: five steps, each with its number, how high it is drawn, and where its words are."""

from __future__ import annotations

from dataclasses import dataclass

from service.contract.data import SourceCount, Support

_LEVELS = (1, 2, 3, 5, 9)
"""the least number that is drawn one level higher: small numbers are what a reader must tell apart"""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the ladder."""

    name: str
    number: str
    note: str
    level: int
    """0 (nothing) to 5: how high it is drawn"""
    anchor: str
    """of the part of the claim's page that has the words behind the number"""


def steps(support: Support) -> tuple[Step, ...]:
    """Documents, publishers, origins, sources, sides: from what merely repeats to who stands behind it."""
    sources = support.sources
    copies = f"{support.copies} {'copy' if support.copies == 1 else 'copies'}" if support.copies else ""
    named = f"{sources.named} named" if sources.max else ""
    return (
        Step("Documents", str(support.documents), copies, _level(support.documents), "appearances"),
        Step("Publishers", str(support.publishers), "", _level(support.publishers), "publishers"),
        Step("Origins", str(support.origins), "", _level(support.origins), "origins"),
        Step("Sources", _interval(sources), named, _level(sources.min), "sources"),
        Step("Sides", str(len(support.sides)), "", _level(len(support.sides)), "sides"),
    )


def _interval(sources: SourceCount) -> str:
    return str(sources.min) if sources.min == sources.max else f"{sources.min}–{sources.max}"


def _level(number: int) -> int:
    return sum(number >= least for least in _LEVELS)
