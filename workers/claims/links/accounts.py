"""Two accounts of one act: each side tells it of the other, or each gives it another time."""

from __future__ import annotations

from collections.abc import Iterable

from workers.claims.links.antecedent import Antecedent, voices
from workers.claims.memory.known import as_clause
from workers.claims.model import Clause, Known
from workers.claims.sameness.acts import act
from workers.claims.sameness.figures import apart
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.same import Judgement

OTHER_TIME_AT = 0.30
"""content similarity at which two acts of one actor, told by near verbs, are one act at two times"""
INVERTED_AT = 0.30
"""content similarity at which an act told the other way round is the same event in another account"""


def inverted(clause: Clause, near: Iterable[tuple[Known, Judgement]], lens: Lens) -> Antecedent | None:
    """A claim that tells the same act the other way round, where each side tells it of the other."""
    if act(clause.frame.action, clause.modality, clause.text) != "other" or not _accuses(clause, lens):
        return None
    for known, judged in near:
        alike = judged.rule == "inversion" and judged.verbs == "near" and judged.score >= INVERTED_AT
        if alike and known.kind == "claim" and not known.retracted and _accuses(as_clause(known), lens):
            return Antecedent(known.claim.id, judged.score, f"content {judged.score:.4f}")
    return None


def other_time(clause: Clause, near: Iterable[tuple[Known, Judgement]], lens: Lens) -> Antecedent | None:
    """A claim that tells the same act of the same actor, at a time that cannot be the same."""
    acting = lens.actors(clause.frame.actor)
    if not acting or clause.when is None:
        return None
    for known, judged in near:
        if judged.verbs != "near" or judged.score < OTHER_TIME_AT:
            continue
        told = known.kind == "claim" and not known.retracted and known.claim.polarity == clause.polarity
        one = acting & lens.actors(known.claim.frame.actor)
        if told and one and apart(clause.when, known.claim.when):
            return Antecedent(known.claim.id, judged.score, f"content {judged.score:.4f}")
    return None


def _accuses(clause: Clause, lens: Lens) -> bool:
    """Whether who says it is who suffers it: "X says that Y rammed it"."""
    suffers = lens.parties(lens.actors(clause.frame.target))
    return clause.polarity == "affirmed" and bool(suffers & voices(clause.attribution, lens))
