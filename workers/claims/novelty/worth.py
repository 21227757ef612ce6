"""Is a clause that nobody is known to have said worth an event? A logistic regression over its signs, learned.

The weights are data: `model/worth.json`, made by `python -m workers.evaluation.learn` from stories with gold, which
says how they were learned and how well they do on a story left out. A score is a sum in one order, rounded: the same on
every machine.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from workers.claims.learned import MODEL, read_weights
from workers.claims.novelty.signs import Signs

WEIGHTS = MODEL / "worth.json"

Band = Literal["push", "wait", "doubt"]
"""push: an event now. wait: held, and pushed with low confidence when its time has come. doubt: held, and dropped"""


@dataclass(frozen=True, slots=True)
class Line:
    """A weighted sum."""

    weights: Mapping[str, float]
    """in the order of their names, in which they are added up"""
    bias: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "weights", dict(sorted(self.weights.items())))

    def of(self, signs: Signs) -> float:
        """The sum, to 4 places; a sign without a weight counts nothing, nor one that was not looked for when noted."""
        return round(self.bias + sum(weight * signs.get(name, 0.0) for name, weight in self.weights.items()), 4)


@dataclass(frozen=True, slots=True)
class Worth:
    """The weights, and where the bands begin."""

    article: Line
    """above 0: more likely about the story than not"""
    clause: Line
    elsewhere_below: float
    """score of an article that is about another matter"""
    first_elsewhere_below: float
    """the same while next to nothing is known"""
    push_from: float
    wait_from: float
    """scores of clauses"""
    general: bytes = b""
    """what the vectors of all news have in common; empty: not known"""

    def band(self, score: float) -> Band:
        """What becomes of a clause that nobody is known to have said."""
        if score >= self.push_from:
            return "push"
        return "wait" if score >= self.wait_from else "doubt"


@cache
def load_worth() -> Worth:
    """The weights of this installation, read once.

    Raises:
        ClaimwireError: the file is missing or is none of ours.
    """
    return read_weights(WEIGHTS, _worth)


def _worth(found: Any) -> Worth:
    return Worth(
        article=Line(found["article"]["weights"], found["article"]["bias"]),
        clause=Line(found["clause"]["weights"], found["clause"]["bias"]),
        **found["bands"],
        general=bytes.fromhex(found["general"]),
    )
