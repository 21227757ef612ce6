"""Denials and withheld comments: who denies what, and which known claim that is.

A denial is a claim of its own. Its key is denier × denied proposition: repeated by the same denier it is the same
claim, by another it is another.
"""

from __future__ import annotations

from collections.abc import Iterable

from workers.claims.model import Clause, Known
from workers.claims.sameness.kept import of_clause
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.same import Judgement

NEGATED_MORE = 0.12
"""how much more alike than the same claim a plain negation ("did not close") must be to contradict one"""


@of_clause
def speaker(clause: Clause, lens: Lens) -> str:
    """Who denies, or does not comment: a name, else the party that unnamed ones speak for, else their description."""
    for hop in reversed(clause.attribution):
        if hop.kind == "person" and hop.named and hop.name:
            return "person:" + ("+".join(sorted(lens.actors(hop.name))) or hop.name.casefold())
        if hop.kind not in ("outlet", "publisher"):
            return "party:" + (lens.speaks_for(hop) or (hop.name or hop.descriptor or "").casefold())
    frame = clause.frame
    for slot in (frame.actor, frame.target, clause.text):
        if acting := sorted(lens.parties(lens.actors(slot))):
            return "party:" + "+".join(acting)
    return "party:" + (frame.actor or frame.target or clause.text).casefold()


def contradicted(near: Iterable[tuple[Known, Judgement]]) -> tuple[str, float] | None:
    """The known claim that a plain negation says the opposite of: the same in all but polarity."""
    for known, found in near:
        alike = found.slots in ("both", "one") and found.verbs == "near"
        if _deniable(known) and found.rule == "polarity" and alike and found.score >= found.needed + NEGATED_MORE:
            return known.claim.id, found.score
    return None


def repeated(near: Iterable[tuple[Known, Judgement]]) -> tuple[str, float] | None:
    """The known claim whose actor, act and target a denial names: of several, the one that is most alike."""
    alike = [
        (found.score, known.claim.id)
        for known, found in near
        if _deniable(known) and found.rule == "polarity" and found.slots == "both" and found.verbs == "near"
        if found.score >= found.needed
    ]
    return None if not alike else max(alike)[::-1]


def _deniable(known: Known) -> bool:
    return known.kind == "claim" and known.claim.polarity == "affirmed" and not known.retracted
