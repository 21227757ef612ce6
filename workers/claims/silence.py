"""When a silence ends: somebody who had not commented speaks, on what he was asked about."""

from __future__ import annotations

from collections.abc import Iterable

from workers.claims.lens import Lens
from workers.claims.model import Clause, Known
from workers.claims.topic import Weights, topics
from workers.claims.words import word_set

ANSWERED_AT = 0.5
"""share of its words that a claim and a statement have in common, where it is a party that speaks: parties say much"""


def ended(
    clause: Clause, silences: Iterable[Known], about: frozenset[str], asked: dict[str, Known], lens: Lens
) -> list[Known]:
    """The silences that a statement ends: its speaker's own, and for a party only those on what it now speaks of.

    `about`: the claims that the statement denies or updates; `asked`: the claims on which somebody kept silent, by id.
    """
    speaking = speakers(clause, lens)
    found = []
    for known in silences:
        quiet = _quiet(known, lens)
        if not quiet & speaking or known.ended:
            continue
        targets = {link.target for link in known.links}
        person = any(lens.is_person(actor) for actor in quiet & speaking)
        if person or targets & about or _answers(clause, [asked[one] for one in sorted(targets) if one in asked], lens):
            found.append(known)
    return found


def speakers(clause: Clause, lens: Lens) -> frozenset[str]:
    """The actors of the story who say it."""
    heard = [hop for hop in clause.attribution if hop.kind not in ("outlet", "publisher")]
    named = frozenset().union(*(lens.actors(hop.name) | lens.actors(hop.descriptor) for hop in heard))
    says = (clause.frame.action or "").split()[:1]
    if not heard and says and says[0] in word_set("attribution.say") | word_set("attribution.tell"):
        return lens.actors(clause.frame.actor)
    return named


def _quiet(known: Known, lens: Lens) -> frozenset[str]:
    frame = known.claim.frame
    return lens.actors(frame.actor) or lens.actors(frame.target) or lens.actors(known.claim.text)


def _answers(clause: Clause, asked: list[Known], lens: Lens) -> bool:
    mine = topics(lens, clause.text, clause.frame.action or "")
    told = [topics(lens, known.claim.text, known.claim.frame.action or "") for known in asked]
    weights = Weights([*told, mine])
    return any(max(weights.share(mine, words), weights.share(words, mine)) >= ANSWERED_AT for words in told)
