"""Which events a subscriber wants: by type, and by how widely a claim is carried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from service.contract.types import TYPES, EventType

RUNGS = ("documents", "publishers", "origins", "sources", "named", "sides")


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted; the default is everything but what is of long ago."""

    types: frozenset[str] = frozenset()
    """full names; empty: all"""
    least: Mapping[str, int] = field(default_factory=dict)
    """rung of the ladder → how much of it a claim must have. Sources count by the lower end of their interval. What is
    no claim's support (a retraction, a revision, a withdrawal, a feed) always passes: it corrects what was told"""
    background: bool = False
    """new claims too that are of long ago"""

    def wants(self, event: Mapping[str, Any]) -> bool:
        """Whether a CloudEvent in structured form is wanted."""
        if self.types and event["type"] not in self.types:
            return False
        body = event.get("data", {})
        if not self.background and event["type"] == EventType.CLAIM_NEW and body["claim"]["novelty"] == "background":
            return False
        support = body.get("support")
        return support is None or all(_height(support, rung) >= least for rung, least in self.least.items())


def full_type(name: str) -> str:
    """The full name of a type that may be written short: claim.new.

    Raises:
        ValueError: there is no such type.
    """
    short = {full.removeprefix("claimwire.").removesuffix(".v1"): str(full) for full in TYPES}
    if name not in short and name not in TYPES:
        raise ValueError(f"there is no event type {name!r}; known are {', '.join(short)}")
    return short.get(name, name)


def _height(support: Mapping[str, Any], rung: str) -> int:
    if rung == "sources":
        return int(support["sources"]["min"])
    if rung == "named":
        return int(support["sources"]["named"])
    found = support[rung]
    return len(found) if rung == "sides" else int(found)
