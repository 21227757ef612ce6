"""Denials and withheld comments: who denies what, and which known claim that is.

A denial is a claim of its own. Its key is denier × denied proposition: repeated by the same denier it is the same
claim, by another it is another.
"""

from __future__ import annotations

from collections.abc import Iterable

from workers.claims.acts import denies, directs, mentions_directing, withheld_on
from workers.claims.lens import Lens
from workers.claims.model import Clause, Known
from workers.claims.slots import Roles, inverted, roles

DENIED_AT = 0.30
"""content similarity at which an explicit denial is about a claim whose parties it names. A denial says little of what
it denies ("denied any such order"), so the parties carry the decision. Source: as same.py."""
DENIED_UNNAMED_AT = 0.55
"""the same where the denial names only one of the claim's parties"""
NEGATED_AT = 0.60
"""content similarity at which a plain negation ("did not close") contradicts a claim with the same roles"""
WITHHELD_AT = 0.40
"""content similarity at which "has not confirmed whether …" is about a claim"""
PARTY_BONUS = 0.15
"""for naming exactly the parties of a claim, when several claims could be meant"""


def speaker(clause: Clause, lens: Lens) -> str:
    """Who denies, or does not comment: a name, else the party that unnamed ones speak for, else their description."""
    for hop in reversed(clause.attribution):
        if hop.kind == "person" and hop.named and hop.name:
            return "person:" + "+".join(sorted(lens.actors(hop.name))) or hop.name.casefold()
        if hop.kind not in ("outlet", "publisher"):
            return "party:" + (lens.speaks_for(hop) or (hop.name or hop.descriptor or "").casefold())
    acting = sorted(lens.parties(lens.actors(clause.frame.actor)))
    return "party:" + ("+".join(acting) or (clause.frame.actor or "").casefold())


def subject(clause: Clause, scores: dict[str, float], knowns: Iterable[Known], lens: Lens) -> tuple[str, float] | None:
    """The known claim that a negative clause is about, with its score: denied, contradicted or not confirmed."""
    if clause.kind == "no_comment" and not withheld_on(lens.content(clause.text)):
        return None
    asks = roles(lens, clause.frame, clause.text)
    spoken = asks.named | _speaking(clause, lens)
    found = [
        (scores[known.claim.id] + bonus, known.claim.id)
        for known in knowns
        if _deniable(known) and (bonus := _about(clause, asks, spoken, scores[known.claim.id], known, lens)) is not None
    ]
    if not found:
        return None
    best, claim_id = min(found, key=lambda pair: (-pair[0], pair[1]))
    return claim_id, round(best, 4)


def _deniable(known: Known) -> bool:
    return known.kind in ("claim", "background") and known.claim.polarity == "affirmed" and not known.retracted


def _about(clause: Clause, asks: Roles, spoken: frozenset[str], score: float, known: Known, lens: Lens) -> float | None:
    """The bonus with which a claim may be what the clause is about; None if it is not."""
    told = roles(lens, known.claim.frame, known.claim.text)
    parties = lens.parties(told.actor | told.target)
    if denies(clause) or clause.kind == "no_comment":
        covered = bool(parties) and parties <= lens.parties(spoken)
        exact = covered and lens.parties(spoken) == parties
        least = WITHHELD_AT if clause.kind == "no_comment" else DENIED_AT
        directed = PARTY_BONUS if exact and _about_directing(clause, known) else 0.0
        needed = least if covered else DENIED_UNNAMED_AT
        bonus = (PARTY_BONUS if exact else 0.0) + directed
        return bonus if score + bonus >= needed else None
    if inverted(asks, told, lens) or not asks.actor & told.actor:
        return None
    return 0.0 if score >= NEGATED_AT else None


def _speaking(clause: Clause, lens: Lens) -> frozenset[str]:
    return frozenset().union(*(lens.actors(hop.name) | lens.actors(hop.descriptor) for hop in clause.attribution))


def _about_directing(clause: Clause, known: Known) -> bool:
    told = directs(known.claim.frame.action, known.claim.modality)
    return told and mentions_directing(f"{clause.frame.action or ''} {clause.text}")
