"""An event as far as it is scored, and what it came to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Mark = Literal["hit", "late", "redundant", "relevance", "spurious", "neutral"]
GOOD: tuple[Mark, ...] = ("hit", "late")


@dataclass(frozen=True, slots=True)
class Pushed:
    """One new-claim event, as far as it is scored."""

    claim_id: str
    uri: str
    text: str
    evidence: str
    rule: str = ""
    hops: str = ""
    """names and descriptors of its attribution"""
    source_kind: str = "outlet"
    """of who says it: named, unnamed, document, or the outlet itself"""
    links: tuple[str, ...] = ()
    """claim ids"""


@dataclass(frozen=True, slots=True)
class Marked:
    """An event with what it came to."""

    pushed: Pushed
    mark: Mark
    claim: str | None
    """of the gold"""
    article: str
