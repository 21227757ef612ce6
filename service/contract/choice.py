"""Which events a subscriber wants: by type, and by how widely a claim is carried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from service.contract.types import TYPES, EventType

Rung = Literal["documents", "publishers", "origins", "sources", "named", "sides"]
RUNGS: tuple[Rung, ...] = get_args(Rung)
SHORT = {full.removeprefix("claimwire.").removesuffix(".v1"): str(full) for full in TYPES}
"""short name of a type → its full one"""


@dataclass(frozen=True, slots=True)
class Choice:
    """What is wanted; the default is everything but what is of long ago."""

    types: frozenset[str] = frozenset()
    """full names; empty: all"""
    least: Mapping[Rung, int] = field(default_factory=dict)
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
        return support is None or all(height(support, rung) >= least for rung, least in self.least.items())


def full_type(name: str) -> str:
    """The full name of a type that may be written short: claim.new.

    Raises:
        ValueError: there is no such type.
    """
    if name not in SHORT and name not in TYPES:
        raise ValueError(f"there is no event type {name[:50]!r}; there are {', '.join(SHORT)}")
    return SHORT.get(name, name)


def height(support: Mapping[str, Any], rung: str) -> int:
    """How high a ladder stands at a rung; 0 where it says nothing of it."""
    if rung in ("sources", "named"):
        return int(support.get("sources", {}).get("min" if rung == "sources" else "named", 0))
    found = support.get(rung, 0)
    return len(found) if isinstance(found, list) else int(found)
