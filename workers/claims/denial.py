"""Denials and withheld comments: who denies what, and which known claim that is.

A denial is a claim of its own. Its key is denier × denied proposition: repeated by the same denier it is the same
claim, by another it is another.
"""

from __future__ import annotations

from collections.abc import Iterable

from workers.claims.acts import directs, mentions_directing, withheld_on
from workers.claims.lens import Lens
from workers.claims.model import Clause, Known
from workers.claims.same import Judgement
from workers.claims.slots import roles

DENIED_AT = 0.18
"""content similarity at which an explicit denial is about a claim that its words tell again: a near verb, both slots"""
DENIED_PARTIES_AT = 0.35
"""the same where the verb is near and one slot common, or where it only names the two parties of the claim. A denial
says little of what it denies ("denied any knowledge of such an order"), so the parties carry the decision"""
DENIED_ELSE_AT = 0.58
"""the same for any other claim whose roles do not conflict"""
WITHHELD_AT = 0.35
"""content similarity at which "has not confirmed whether …" is about a claim whose parties it names"""
NEGATED_MORE = 0.12
"""how much more alike than the same claim a plain negation ("did not close") must be to contradict one"""
PARTY_BONUS = 0.15
"""for naming exactly the parties of a claim and speaking of directing, when several claims could be meant: "such an
ultimatum" is the claim that tells of an order. Source of all: the denials in tests/claims and in invented articles"""


def speaker(clause: Clause, lens: Lens) -> str:
    """Who denies, or does not comment: a name, else the party that unnamed ones speak for, else their description."""
    for hop in reversed(clause.attribution):
        if hop.kind == "person" and hop.named and hop.name:
            return "person:" + "+".join(sorted(lens.actors(hop.name))) or hop.name.casefold()
        if hop.kind not in ("outlet", "publisher"):
            return "party:" + (lens.speaks_for(hop) or (hop.name or hop.descriptor or "").casefold())
    frame = clause.frame
    for slot in (frame.actor, frame.target, clause.text):
        if acting := sorted(lens.parties(lens.actors(slot))):
            return "party:" + "+".join(acting)
    return "party:" + (frame.actor or frame.target or clause.text).casefold()


def subject(
    clause: Clause, judged: dict[str, Judgement], knowns: Iterable[Known], lens: Lens
) -> tuple[str, float] | None:
    """The known claim that a denial or a withheld comment is about, with its score."""
    if clause.kind == "no_comment" and not withheld_on(lens.content(clause.text)):
        return None
    spoken = lens.parties(roles(lens, clause.frame, clause.text).named | _speaking(clause, lens))
    found = []
    for known in knowns:
        if _deniable(known):
            score, needed = _about(clause, judged[known.claim.id], spoken, known, lens)
            if score >= needed:
                found.append((round(score, 4), known.claim.id))
    if not found:
        return None
    best, claim_id = min(found, key=lambda pair: (-pair[0], pair[1]))
    return claim_id, best


def contradicted(judged: dict[str, Judgement], knowns: Iterable[Known]) -> tuple[str, float] | None:
    """The known claim that a plain negation says the opposite of: the same in all but polarity."""
    for known in knowns:
        found = judged[known.claim.id]
        alike = found.slots in ("both", "one") and found.verbs == "near"
        if _deniable(known) and found.rule == "polarity" and alike and found.score >= found.needed + NEGATED_MORE:
            return known.claim.id, found.score
    return None


def _deniable(known: Known) -> bool:
    return known.kind == "claim" and known.claim.polarity == "affirmed" and not known.retracted


def _about(clause: Clause, found: Judgement, spoken: frozenset[str], known: Known, lens: Lens) -> tuple[float, float]:
    """(score with what speaks for the claim beside its content, score needed)."""
    told = roles(lens, known.claim.frame, known.claim.text)
    parties = lens.parties(told.actor | told.target)
    score, needed = found.score, 1.0 if found.slots in ("conflict", "inverted") else DENIED_ELSE_AT
    if len(parties) >= 2 and parties <= spoken:
        needed = WITHHELD_AT if clause.kind == "no_comment" else DENIED_PARTIES_AT
        if parties == spoken and _about_directing(clause, known):
            score += 2 * PARTY_BONUS
    if found.verbs == "near" and found.slots in ("both", "one"):
        needed = DENIED_AT if found.slots == "both" else DENIED_PARTIES_AT
        score += PARTY_BONUS if found.slots == "both" else 0.0
    return score, needed


def _speaking(clause: Clause, lens: Lens) -> frozenset[str]:
    return frozenset().union(*(lens.actors(hop.name) | lens.actors(hop.descriptor) for hop in clause.attribution))


def _about_directing(clause: Clause, known: Known) -> bool:
    told = directs(known.claim.frame.action, known.claim.modality)
    return told and mentions_directing(f"{clause.frame.action or ''} {clause.text}")
