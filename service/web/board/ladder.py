"""The ladder as a small picture: five steps, each with its number, how high it is drawn, and where its words are."""

from __future__ import annotations

from dataclasses import dataclass

from service.contract.data import Support

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
        _step("Document", support.documents, support.documents, "appearances", copies),
        _step("Publisher", support.publishers, support.publishers, "publishers"),
        _step("Origin", support.origins, support.origins, "origins"),
        _step("Source", sources.min, sources.max, "sources", named),
        _step("Side", len(support.sides), len(support.sides), "sides"),
    )


def _step(name: str, least: int, most: int, anchor: str, note: str = "") -> Step:
    number = str(least) if least == most else f"{least}–{most}"
    return Step(name if number == "1" else f"{name}s", number, note, _level(least), anchor)


def _level(number: int) -> int:
    return sum(number >= least for least in _LEVELS)
