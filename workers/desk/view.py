"""What is known when an article's turn comes, and how an article asks for it. Values only."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from service.model import Article, StoryState
from workers.claims.compare import Registry
from workers.claims.memory.registry import HOLD
from workers.claims.novelty.gate import Weighing
from workers.wire.furniture import Furniture
from workers.wire.match import Candidate, WireStory
from workers.wire.notices import Signal, bare_headline
from workers.wire.sketch import Sketch


@dataclass(frozen=True, slots=True)
class View:
    """All that deciding one article depends on beside the article. Valid while the state's token stands."""

    state: StoryState
    registry: Registry
    sketch: Sketch
    candidates: tuple[Candidate, ...]
    signal: Signal | None
    noticed: WireStory | None
    """the wire story whose headline a kill notice names"""
    previous: Mapping[str, Any] | None
    """the record of this article's earlier version, if it is a revision"""
    previous_wire: WireStory | None
    furniture: Furniture = field(default_factory=Furniture)
    """what the pages of the article's outlet have in common"""
    hold: timedelta = HOLD
    """how long a claim is held that nobody else makes"""
    weighing: Weighing | None = None
    """what articles are weighed with, if not with the weights of this installation"""
    unreadable: int = 0
    """wire stories that another version wrote and this one cannot read; it decides as if they were not there"""


@dataclass(frozen=True, slots=True)
class EditView:
    """All that a person's edit is decided upon. Valid while the state's token stands."""

    state: StoryState
    registry: Registry
    records: Mapping[str, str]
    """article id → the document's record, of the articles in which the claims stand that the edit is about"""
    taken_down: tuple[str, ...] = ()
    """takedown: ids of the articles that have its address"""
    copies: tuple[str, ...] = ()
    """takedown: addresses of other documents with its text"""


def day(article: Article) -> int:
    """The day of the article's clock, as a proleptic Gregorian ordinal: the generation of its wire story's votes."""
    return article.first_seen.toordinal()


def headline_vote(headline: str) -> int:
    """A fingerprint (u64) of a headline, so that a kill notice finds what it names through the same index."""
    words = " ".join("".join(c if c.isalnum() else " " for c in bare_headline(headline).casefold()).split())
    return int.from_bytes(
        hashlib.blake2b(f"headline\0{words}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    )
