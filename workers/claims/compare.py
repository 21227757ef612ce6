"""Which of an article's clauses say something that nobody had said, and how they stand to what is known.

    commentary, boilerplate           ignored
    withholds a comment               key: who × about what; it links to what it is about, until he speaks
    denies                            key: who × the claim denied; a new one links to it, and it is disputed
    corrects, another figure or date  a claim of its own that updates the known one
    otherwise                         the same as the nearest known claim that slots and content allow, or new

Pure: nothing is written, the registry handed in stays as it is; what changed comes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from service.contract.data import Document, Link, Why
from workers.claims.links.against import Against
from workers.claims.links.amend import comparable, outdates
from workers.claims.links.antecedent import antecedent, tells
from workers.claims.links.stance import Stance, pointed, stance
from workers.claims.links.topic import topics
from workers.claims.memory.known import as_clause, born, copied, pointed_at, voice
from workers.claims.memory.registry import Context as Context
from workers.claims.memory.registry import Registry as Registry
from workers.claims.model import Clause, Decision, Known
from workers.claims.novelty.gate import Gate, Weighing
from workers.claims.novelty.ledger import Asked, Ledger
from workers.claims.novelty.ledger import Effect as Effect
from workers.claims.novelty.scene import scene, words
from workers.claims.novelty.signs import Sight
from workers.claims.novelty.worth import load_worth
from workers.claims.sameness.figures import apart
from workers.claims.sameness.judged import Judged
from workers.claims.sameness.lens import Lens, lens
from workers.claims.sameness.same import figures, scheduled

CORRECTED_AT = 0.40
"""content similarity at which a clause that the wire room saw corrected is about a claim: the two texts are copies, so
the claim it corrects is near or was never read. Source: as same.py"""

DENIED_BEFORE_AT = 0.88
"""what must speak for a claim that was denied before anybody made it: it is the only one asked about"""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing one article came to."""

    decisions: tuple[Decision, ...]
    changed: dict[str, Known]
    """records new or changed, by claim id"""
    effects: tuple[Effect, ...]
    """in the order of emission; `disputed` and `updated` of a target follow the `new` of the claim that links to it"""
    held: frozenset[str] = frozenset()
    """claims that the article brought and that are held; their records are among `changed`"""
    released: Mapping[str, str] = field(default_factory=dict)
    """held claims that subscribers are told of now → "borne_out" or "time" """
    dropped: frozenset[str] = frozenset()
    """held claims that nobody will be told of"""
    elsewhere: bool = False
    """the article is about another matter"""


def compare(
    registry: Registry, clauses: Sequence[Clause], context: Context, weighing: Weighing | None = None
) -> Comparison:
    """Decides every clause of one article: in the order of the text, but what is presupposed after what is said.

    The decisions stand in the order of `clauses`. Without a `weighing`: by the weights of this installation.
    """
    eyes = lens(context.story)
    vectors = registry.vectors([(eyes.content(clause.text), clause.language) for clause in clauses])
    near = registry.nearest(vectors, eyes)
    weighing = weighing or Weighing(load_worth(), Gate)
    of_article = scene(registry, clauses, near, context, eyes, weighing.worth.general)
    sight = Sight(context.text, of_article, eyes, words(context.document.headline, eyes))
    gate = weighing.gate(sight, weighing.worth)
    rules = _Rules(registry, context, gate, eyes)
    rules.ledger.end_holding()
    order = sorted(range(len(clauses)), key=lambda at: clauses[at].presupposed)
    rules.against.read(clauses)
    decided: dict[int, Decision] = {}
    for at in order:
        decided[at] = rules.decide(clauses[at], vectors[at], near[at])
        rules.against.remember(decided[at])
    decisions = tuple(decided[at] for at in range(len(clauses)))
    ledger = rules.ledger
    return Comparison(
        decisions,
        ledger.changed,
        tuple(ledger.effects.values()),
        held=frozenset(ledger.held),
        released=ledger.released,
        dropped=frozenset(ledger.dropped),
        elsewhere=gate.elsewhere and context.document.language in ("en", None),  # the gate reads English
    )


def carry(registry: Registry, wire_story: str, document: Document, article_id: str = "") -> dict[str, Known]:
    """What a copy of a wire story changes: each claim that its text carries gains a document, never an origin."""
    every = registry.claims.items()
    carried = {claim_id: known for claim_id, known in every if wire_story in known.wire_stories and not known.retracted}
    changed = {claim_id: copied(known, document, article_id) for claim_id, known in sorted(carried.items())}
    return {claim_id: known for claim_id, known in changed.items() if known is not registry.claims[claim_id]}


class _Rules:
    """The rules, in the order of the module's docstring, for one article."""

    def __init__(self, registry: Registry, context: Context, gate: Gate, eyes: Lens) -> None:
        self.lens: Lens = eyes
        self.ledger = Ledger(registry, context, gate, eyes)
        self._context = context
        self.against = Against(registry, context, self.ledger, self.lens)

    def decide(self, clause: Clause, vector: bytes, near: Mapping[str, float]) -> Decision:
        """What becomes of one clause."""
        if clause.kind == "boilerplate":
            return _ignored(clause, "boilerplate")
        scores = self.ledger.scores(vector, near)
        judged = Judged(clause, self.ledger.known, scores, self.lens)
        asked = Asked(clause, vector, scores, voice(clause, self._context, self.lens), judged)
        if clause.kind == "commentary":
            return self._commentary(asked)
        return self.against.pointing(asked) or self._plain(asked)

    # -- rules ---------------------------------------------------------------------------------------------------

    def _commentary(self, asked: Asked) -> Decision:
        """Pushes nothing; what it repeats it may carry further."""
        same = self._same(asked, ("claim", "background"))
        if same:
            self.ledger.absorb(same[0], asked, teaches=False, silent=True)
        return _ignored(asked.clause, "commentary", same[0] if same else None)

    def _plain(self, asked: Asked) -> Decision:
        corrected = self._corrected(asked)
        if corrected is not None:
            return corrected
        same = self._same(asked, (asked.clause.kind, "claim", "background"))
        same = [claim_id for claim_id in same if not self._outdated(asked, claim_id)]
        moved = [claim_id for claim_id in same if self._put_off(asked, claim_id)]
        stays = [claim_id for claim_id in same if claim_id not in moved]
        if stays:
            return self.ledger.again(asked, stays[0], "same", asked.scores[stays[0]])
        if moved:
            return self.against.update(asked, {moved[0]: "another date"})
        if amends := self.against.amended(asked):
            sure = {one.claim_id for one in amends if one.sure}
            return self.against.update(asked, {one.claim_id: one.why for one in amends}, sure)
        # Which count is brought up to date is found out in English; elsewhere it is a figure like others.
        told = ("figure",) if asked.clause.language == "en" else ("figure", "count")
        for claim_id, judged in asked.judged.near():
            if judged.rule not in told:
                continue
            known = self.ledger.known(claim_id)
            if judged.rule == "count" or comparable(asked.clause, known, self._context, self.lens):
                before = figures(known.claim.quantities)
                return self.against.update(asked, {claim_id: f"another figure: {before} before"})
        answer = self.against.contradiction(asked) or self.against.step(asked) or self.against.restated(asked)
        return answer or self._new(asked)

    def _outdated(self, asked: Asked, claim_id: str) -> bool:
        """Whether another article gave the figure that this one corrects."""
        known = self.ledger.known(claim_id)
        return known.appearance_document.uri != self._context.document.uri and outdates(asked.clause, known)

    def _put_off(self, asked: Asked, claim_id: str) -> bool:
        """Whether both speak of what is still to come, on dates that cannot be the same."""
        known = self.ledger.known(claim_id)
        return scheduled(asked.clause, known) and apart(asked.clause.when, known.claim.when)

    def _new(self, asked: Asked) -> Decision:
        """Nobody said it before; perhaps somebody denied it before."""
        denials = self._denied_before(asked)
        links = tuple(
            Link(rel="contradicts", target=known.claim.id, why="denied before it was said") for known in denials
        )
        nearest = next(iter(asked.judged.values()), None)
        detail = f"{nearest.rule}: {nearest.detail}" if nearest else "nothing known yet"
        decision = self.ledger.create(asked, asked.why("new", detail), links)
        if decision.claim_id is not None and denials:
            for known in denials:
                self.ledger.changed[decision.claim_id] = pointed_at(
                    self.ledger.known(decision.claim_id), denied_by=known.claim.id
                )
            self.ledger.effect("disputed", decision.claim_id, asked.clause)
        return decision

    # -- what they share ---------------------------------------------------------------------------------------------

    def _same(self, asked: Asked, kinds: tuple[str, ...]) -> list[str]:
        """The claims that this may be: first the one that most wordings were taken for, then by margin.

        Of several that say nearly the same the largest grows, in whatever order the articles come.
        """
        found = [
            (-len(known.wordings), judged.needed - judged.score, claim_id)
            for claim_id, judged in asked.judged.near()
            if judged.rule == "same" and (known := self.ledger.known(claim_id)).kind in kinds
        ]
        # What repeats a claim that a person merged into another repeats that one.
        whole = dict.fromkeys(self.ledger.whole(claim_id) for _, _, claim_id in sorted(found))
        return [claim_id for claim_id in whole if not self.ledger.known(claim_id).retracted]

    def _candidates(self, asked: Asked) -> list[Known]:
        return list(asked.judged.knowns.values())

    def _denied_before(self, asked: Asked) -> list[Known]:
        """The known denials without a target that are about what this clause says."""
        here = self._context.document.uri
        if asked.clause.kind != "claim" or asked.clause.polarity == "denied":
            return []  # nobody denies a denial, a silence or what is background
        denied = [known for known in self._candidates(asked) if known.claim.polarity == "denied" and not known.links]
        without = [
            known
            for known in denied
            if known.kind == "claim" and not known.retracted and known.appearance_document.uri != here
        ]
        if not without:
            return []
        told = topics(self.lens, asked.clause.text, asked.clause.frame.action or "")
        pointing = [(known, taken) for known in without if (taken := self._points(known, told)) is not None]
        if not pointing:
            return []
        said = born(asked.clause, self._context, asked.voice, Why(rule=""), links=(), unsure=False, vector=asked.vector)
        scores = asked.scores
        return [known for known, taken in pointing if self._denies(known, taken, said, scores[known.claim.id])]

    def _points(self, known: Known, told: frozenset[str]) -> Stance | None:
        """The stance of a denial whose words say what it denies, and have some in common with what is told."""
        was = as_clause(known)
        taken = stance(was, known.evidence[0].selector[0].exact)
        if taken is None or taken.kind != "denial" or not (words := pointed(was, taken, self.lens)):
            return None
        return taken if tells(words, told) else None

    def _denies(self, known: Known, taken: Stance, said: Known, score: float) -> bool:
        """Whether a denial is about what is said."""
        found = antecedent(as_clause(known), taken, [said], {said.claim.id: score}, (), self.lens)
        return found is not None and found.score >= DENIED_BEFORE_AT

    def _corrected(self, asked: Asked) -> Decision | None:
        """What becomes of a clause that the wire room saw corrected between two copies."""
        clause = asked.clause
        if not self._context.corrections:
            return None
        near = [known for known in self._candidates(asked) if asked.scores[known.claim.id] >= CORRECTED_AT]
        for start, end, old, new in self._context.corrections:
            if not (start < clause.end and clause.start < end):
                continue
            for known in near:
                if any(new in wording for wording in known.wordings):
                    return self.ledger.again(asked, known.claim.id, "same_correction", asked.scores[known.claim.id])
            for known in near:
                if any(old in wording for wording in known.wordings) and not known.retracted:
                    return self.ledger.update(asked, {known.claim.id: f"corrected: “{old}” is now “{new}”"})
        return None


def _ignored(clause: Clause, rule: str, nearest: str | None = None) -> Decision:
    return Decision(clause=clause, verdict="ignored", claim_id=None, why=Why(rule=rule, nearest=nearest))
