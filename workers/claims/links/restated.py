"""A sentence told again with another figure: "11 of the injured are still in hospital", where it was 29."""

from __future__ import annotations

from collections.abc import Iterable

from workers.claims.links.aim import sentence_words
from workers.claims.links.topic import Weights, topics
from workers.claims.model import Clause, Known
from workers.claims.sameness.figures import values
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.same import figures

LIKE_AT = 0.55
"""share of its sentence's words, weighed, that the sentence of a claim must tell. Source: on fifteen stories with gold,
where nothing else linked the clause, 6 of 16 such links were those of gold from .60 on and 8 of 34 from .50 on; it is
asked beside whether the link can be trusted"""


def restated(clause: Clause, sentence: str, knowns: Iterable[Known], uri: str, lens: Lens) -> dict[str, str] | None:
    """The claim of another article whose sentence is the most like the clause's, and whose figures are none of its.

    Returns:
        Its id → why; None if there is none.
    """
    mine = values(clause.quantities)
    if not mine:
        return None
    others = [known for known in knowns if known.kind == "claim" and not known.retracted]
    counted = [
        known
        for known in others
        if known.appearance_document.uri != uri
        and (theirs := values(known.claim.quantities))
        and mine.isdisjoint(theirs)
    ]
    if not counted:
        return None
    weights = Weights(sentence_words(known, lens) for known in others)
    asked = topics(lens, clause.text, clause.frame.action or "") | topics(lens, sentence)
    shares = [(round(weights.share(asked, sentence_words(known, lens)), 4), known.claim.id) for known in counted]
    most, claim_id = max(shares)
    if most < LIKE_AT:
        return None
    before = next(figures(known.claim.quantities) for known in counted if known.claim.id == claim_id)
    return {claim_id: f"another figure in a like sentence: {before} before"}
