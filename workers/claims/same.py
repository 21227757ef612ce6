"""Is this clause that claim? Slots decide how alike the contents must be; nothing else decides it.

A false merge hides news for ever, a false split costs one repeated event: what is not clearly the same is new.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from service.contract.data import Modality, Quantity
from workers.claims.acts import directs
from workers.claims.figures import same_figures
from workers.claims.lens import Lens
from workers.claims.model import Clause, Known
from workers.claims.slots import Agreement, agreement, roles

Rule = Literal["same", "figure", "polarity", "inversion", "roles", "stage", "content"]

SAME_AT: dict[tuple[Agreement, bool], float] = {
    ("both", True): 0.12,
    ("both", False): 0.30,
    ("one", True): 0.42,
    ("one", False): 0.46,
    ("none", True): 0.55,
    ("none", False): 0.60,
}
"""content similarity from which two wordings are one claim, by how many slots agree and whether both tell of somebody
directing somebody ("asked", "told", "ordered").
Source: the wordings of four invented stories in tests/claims/wordings.toml (68 pairs of one claim, 370 of two whose
roles do not conflict)."""
OTHER_ACT_AT = 0.66
"""the same where one tells of asking for a thing and the other perhaps of the thing. Source: as above"""
PRESUPPOSED_EASE = 0.08
"""what a nominal event ("the rejection") or a subordinate clause is let off: it says less, and is rarely news"""
FIGURE_AT = 0.50
"""content similarity from which another figure is a figure of the same event. Source: as above"""
UNSURE_BELOW = 0.08
"""a clause this close under its threshold is pushed as new, with low confidence"""

_AHEAD: frozenset[Modality] = frozenset({"possible", "expected", "conditional"})


@dataclass(frozen=True, slots=True)
class Judgement:
    """What one comparison came to."""

    rule: Rule
    score: float
    needed: float
    slots: Agreement

    @property
    def detail(self) -> str:
        """For `why`: readable, and the same for the same input."""
        return f"slots agree: {self.slots}; content {self.score:.4f}, same from {self.needed:.2f}"


def judge(clause: Clause, known: Known, score: float, lens: Lens) -> Judgement:
    """Compares a clause with one known claim. `score` is the cosine of their contents, best over known wordings."""
    slots = _best_slots(clause, known, lens)
    both = directs(clause.frame.action, clause.modality), directs(known.claim.frame.action, known.claim.modality)
    needed = SAME_AT.get((slots, all(both)), 1.0) if both[0] == both[1] else OTHER_ACT_AT
    if clause.presupposed:
        needed -= PRESUPPOSED_EASE
    needed = round(needed, 4)
    return Judgement(_rule(clause, known, score, needed, slots), score, needed, slots)


def _rule(clause: Clause, known: Known, score: float, needed: float, slots: Agreement) -> Rule:
    if slots == "inverted":
        return "inversion"
    if slots == "conflict":
        return "roles"
    if clause.polarity != known.claim.polarity:
        return "polarity"
    if (clause.modality in _AHEAD) != (known.claim.modality in _AHEAD):
        return "stage"
    if not same_figures(clause.quantities, known.claim.quantities):
        return "figure" if score >= FIGURE_AT else "content"
    return "same" if score >= needed else "content"


_ORDER: tuple[Agreement, ...] = ("both", "one", "none", "conflict", "inverted")


def _best_slots(clause: Clause, known: Known, lens: Lens) -> Agreement:
    """The closest agreement over the wordings kept; but an inversion of any of them stands."""
    asked = roles(lens, clause.frame, clause.text)
    found = [
        agreement(asked, roles(lens, frame, text), lens)
        for frame, text in zip(known.frames, known.wordings, strict=True)
    ]
    return "inverted" if "inverted" in found else min(found, key=_ORDER.index)


def scheduled(clause: Clause, known: Known) -> bool:
    """Whether both speak of something that is still to come: then another date is another claim."""
    return clause.modality in _AHEAD and known.claim.modality in _AHEAD


def figures(quantities: tuple[Quantity, ...]) -> str:
    """Quantities for a person to read."""
    return ", ".join(quantity.text for quantity in quantities) or "none"
