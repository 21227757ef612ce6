"""When a silence ends: somebody who had not commented speaks, on what he was asked about."""

from __future__ import annotations

from collections.abc import Iterable

from workers.claims.grammar.words import word_set
from workers.claims.model import Clause, Known
from workers.claims.sameness.lens import Lens


def ended(
    clause: Clause, silences: Iterable[Known], about: frozenset[str], lens: Lens, *, at_last: bool = False
) -> list[Known]:
    """The silences that a statement ends: its speaker's own, on a claim that it denies, contradicts or updates.

    `about`: those claims. Who speaks of other things may still keep silent on this one. Where the clause says that
    he speaks `at_last` he breaks the last silence that he kept, whatever it was about.
    """
    speaking = speakers(clause, lens) or (lens.actors(clause.frame.actor) if at_last else frozenset())
    own = [known for known in silences if not known.ended and _quiet(known, lens) & speaking]
    last = max(own, key=lambda known: (known.appearance_document.first_seen, known.claim.id), default=None)
    return [known for known in own if about & {link.target for link in known.links} or (at_last and known is last)]


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
