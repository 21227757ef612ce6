"""What one article changes: the claims it adds and touches, and what subscribers are to hear of it, in order."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from service.contract.data import Document, Evidence, Hop, Link, Why
from workers.claims.memory import ladder
from workers.claims.memory.known import Voice, as_clause, born, evidence, independent, pointed_at, told_again
from workers.claims.memory.ladder import marked
from workers.claims.memory.registry import Context, Registry
from workers.claims.memory.stack import Stack
from workers.claims.model import Clause, Decision, Known
from workers.claims.novelty import holding
from workers.claims.novelty.gate import Gate, Weighed
from workers.claims.novelty.signs import Before
from workers.claims.sameness.judged import Judged
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.same import LEAST_SAME_AT, UNSURE_BELOW, instructive

EffectType = Literal["new", "background", "corroborated", "disputed", "updated"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One event to be announced about a claim, at most one of a type for a claim and article."""

    type: EffectType
    claim_id: str
    evidence: tuple[Evidence, ...]
    """in the article compared; behind it, where a held claim is borne out, in the article that made it first"""
    attribution: tuple[Hop, ...]
    document: Document | None = None
    """where it appears, if not in the article compared"""


@dataclass(slots=True)
class Asked:
    """One clause on its way through the rules."""

    clause: Clause
    vector: bytes
    scores: dict[str, float]
    """content similarity by claim id: the nearest ones"""
    voice: Voice
    judged: Judged
    """in descending order of score"""
    doubted: tuple[Link, ...] = ()
    """links that are not sure enough to be told: who answers makes news even so"""

    def why(self, rule: str, detail: str) -> Why:
        """An explanation that names the nearest known claim."""
        nearest = next(iter(self.scores), None)
        return Why(rule=rule, nearest=nearest, score=self.scores[nearest] if nearest else None, detail=detail)


class Ledger:
    """One article against the registry: what it changed so far counts as known for its next clause."""

    def __init__(self, registry: Registry, context: Context, gate: Gate, lens: Lens) -> None:
        self._registry = registry
        self._context = context
        self._gate = gate
        self._lens = lens
        self._held = dict(registry.held)
        self.dropped: set[str] = set()
        """held claims that nobody will be told of"""
        self.held: set[str] = set()
        """claims that this article brought and that are held"""
        self.released: dict[str, str] = {}
        """held claims that subscribers are told of now → why: "borne out" or "time" """
        self._repeated: list[tuple[int, int]] = []
        """evidence of clauses that were known claims"""
        self.changed: dict[str, Known] = {}
        self.effects: dict[tuple[EffectType, str], Effect] = {}
        self._local = Stack()
        """wordings that this article brought"""
        self._shelf = Stack()
        """wordings of what is held, and of what was while this article was decided"""
        self._shelve(self._held.values())
        self._born: set[str] = set()

    def known(self, claim_id: str) -> Known:
        """A claim as it stands after what this article said so far."""
        return self.changed.get(claim_id) or self._registry.claims[claim_id]

    def whole(self, claim_id: str) -> str:
        """The claim itself, or the one that a person merged it into."""
        while (into := self.known(claim_id).merged_into) is not None:
            claim_id = into
        return claim_id

    def scores(self, vector: bytes, near: Mapping[str, float]) -> dict[str, float]:
        """Content similarity by claim id, best first: the registry's nearest and what this article brought."""
        scores = dict(near)
        if not self._local.names:
            return scores  # best first already
        for claim_id, score in zip(self._local.names, self._local.cosines(vector), strict=True):
            if score > scores.get(claim_id, -1.0):
                scores[claim_id] = score
        return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))

    def update(self, asked: Asked, whys: Mapping[str, str]) -> Decision:
        """A claim of its own that updates known ones; `whys`: claim id → why, the doubted ones too."""
        doubted = {link.target for link in asked.doubted}
        told = [target for target in whys if target not in doubted]
        links = tuple(Link(rel="updates", target=target, why=whys[target]) for target in told)
        first = next(iter(told or whys))
        why = Why(rule="update", nearest=first, score=asked.scores[first], detail=whys[first])
        decision = self.create(asked, why, links)
        if decision.claim_id is not None:
            for target in told:
                self.changed.setdefault(target, self.known(target))
                if asked.clause.kind != "background":
                    self.effect("updated", target, asked.clause)
        return decision

    def dispute(self, target: str, asked: Asked, decision: Decision) -> None:
        """The target is disputed by what the decision made, if that tells of it."""
        if decision.claim_id is not None and any(link.target == target for link in decision.links):
            self.changed[target] = pointed_at(self.known(target), denied_by=decision.claim_id)
            self.effect("disputed", target, asked.clause)

    def create(self, asked: Asked, why: Why, links: tuple[Link, ...]) -> Decision:
        """A claim that nobody made before: told, or held if it may not be worth telling."""
        clause = asked.clause
        if self._gate.elsewhere and clause.place is not None:
            detail = f"the article is about another matter (score {self._gate.relevance:.4f})"
            return Decision(clause=clause, verdict="ignored", claim_id=None, why=Why(rule="elsewhere", detail=detail))
        nearest = next(iter(asked.judged.values()), None)
        unsure = not links and nearest is not None and nearest.needed - UNSURE_BELOW <= nearest.score < nearest.needed
        known = born(clause, self._context, asked.voice, why, links=links, unsure=unsure, vector=asked.vector)
        known = known.model_copy(update={"encoder": self._registry.encoder.name})
        claim_id = known.claim.id
        if claim_id in self.changed or claim_id in self._registry.claims:
            return self.again(asked, self.whole(claim_id), "same_words", 1.0)
        if clause.kind == "background":
            return self._told(known, asked, "background")
        weighed = self._weighed(asked, (*links, *asked.doubted))
        twin = self._twin(asked)
        if twin is not None and holding.is_second_voice(twin.known, self._context, asked.voice):
            return self._bear_out(twin, asked, why, links)
        if weighed.band == "push":
            if twin is not None:
                self._drop(twin.known)  # the same article, or its agency, says it better
            return self._told(_scored(known, weighed), asked, "new")
        if twin is None:
            self._hold(known, weighed)
        detail = f"{why.rule}: {why.detail}; worth {weighed.score:.4f}"
        return Decision(
            clause=clause,
            verdict="held",
            claim_id=None,
            why=Why(rule="held", nearest=why.nearest, score=why.score, detail=detail),
        )

    def _weighed(self, asked: Asked, links: tuple[Link, ...]) -> Weighed:
        others = [
            known
            for claim_id, known in asked.judged.knowns.items()
            if claim_id not in self._born and not known.retracted
        ]
        before = Before(tuple(self.known(claim_id) for claim_id in sorted(self._born)), tuple(self._repeated))
        return self._gate.weigh(asked.clause, asked.judged, others, links, before)

    def _told(self, known: Known, asked: Asked, verdict: Literal["new", "background"]) -> Decision:
        claim_id = known.claim.id
        self.changed[claim_id] = known
        self._born.add(claim_id)
        self._local.add([claim_id], [asked.vector])
        self.effect(verdict, claim_id, asked.clause)
        return Decision(clause=asked.clause, verdict=verdict, claim_id=claim_id, links=known.links, why=known.why)

    # -- what is held --------------------------------------------------------------------------------------------

    def _twin(self, asked: Asked) -> holding.Twin | None:
        """The held claim that a clause makes again."""
        scores: dict[str, float] = {}
        for claim_id, score in self._shelf.above(asked.vector, LEAST_SAME_AT):
            if claim_id in self._held and score > scores.get(claim_id, -1.0):
                scores[claim_id] = score
        near = [(self._held[claim_id], score) for claim_id, score in scores.items()]
        return holding.twin(asked.clause, near, self._lens)

    def _shelve(self, held: Iterable[Known]) -> None:
        said = [(known.claim.id, base64.b64decode(vector)) for known in held for vector in known.vectors]
        self._shelf.add([claim_id for claim_id, _ in said], [vector for _, vector in said])

    def _hold(self, known: Known, weighed: Weighed) -> None:
        now = self._context.document.first_seen
        known = holding.held(known, weighed, now, self._context.hold)
        self.changed[known.claim.id] = self._held[known.claim.id] = known
        self.held.add(known.claim.id)
        self._shelve([known])

    def _drop(self, known: Known) -> None:
        self._held.pop(known.claim.id)
        self.changed.pop(known.claim.id, None)
        self.held.discard(known.claim.id)
        self.dropped.add(known.claim.id)

    def _bear_out(self, twin: holding.Twin, asked: Asked, why: Why, links: tuple[Link, ...]) -> Decision:
        """A second voice makes a claim that was held: subscribers are told of it, with both appearances."""
        first = twin.known
        detail = f"{asked.voice.publisher} says the same (content {twin.score:.4f})"
        known = holding.released(first, detail, sure=True)
        known = told_again(known, asked.clause, self._context, asked.voice, vector=asked.vector, teaches=True)
        both = (*known.links, *(link for link in links if link not in known.links))
        known = known.model_copy(update={"links": both})
        claim_id = known.claim.id
        self._held.pop(claim_id)
        self.released[claim_id] = "borne_out"
        self.changed[claim_id] = known
        self._local.add([claim_id], [asked.vector])
        shown = (*evidence(asked.clause, self._context), *first.evidence)
        self.effects[("new", claim_id)] = Effect("new", claim_id, shown, asked.clause.attribution)
        return Decision(clause=asked.clause, verdict="new", claim_id=claim_id, links=both, why=known.why)

    def _told_since(self, held: Known) -> bool:
        """Whether subscribers were told of it, or of most of it, while it was held."""
        clause, vectors = as_clause(held), [base64.b64decode(vector) for vector in held.vectors]
        near = self._registry.nearest(vectors[:1], self._lens)[0]
        judged = Judged(clause, self.known, near, self._lens)
        if any(judgement.rule == "same" for _, judgement in judged.near()):
            return True
        return self._gate.weigh_again(held, tuple(judged.knowns.values()), judged).band == "doubt"

    def end_holding(self) -> None:
        """Looks at what is held as this article's clock finds it: told with low confidence, or dropped."""
        for known in holding.due(self._registry.held.values(), self._context.document.first_seen):
            assert known.held is not None
            if known.held.band == "doubt" or self._told_since(known):
                self._drop(known)
                continue
            claim_id = known.claim.id
            self._held.pop(claim_id)
            self.released[claim_id] = "time"
            self.changed[claim_id] = holding.released(known, "nobody else said it", sure=False)
            vectors = [base64.b64decode(vector) for vector in known.vectors]
            self._local.add([claim_id] * len(vectors), vectors)
            self.effects[("new", claim_id)] = Effect(
                "new", claim_id, known.evidence, known.attribution, known.appearance_document
            )

    def again(self, asked: Asked, claim_id: str, rule: str, score: float) -> Decision:
        """A further appearance of a known claim."""
        self._repeated.append((asked.clause.start, asked.clause.end))
        judged = asked.judged.get(claim_id)
        teaches = judged is not None and (self._within(claim_id, asked.clause) or instructive(asked.clause, judged))
        gained = self.absorb(claim_id, asked, teaches=teaches, silent=False)
        detail = "; ".join(part for part in (judged.detail if judged else "", gained or "") if part)
        why = Why(rule=rule, nearest=claim_id, score=score, detail=detail)
        return Decision(clause=asked.clause, verdict="corroborates" if gained else "same", claim_id=claim_id, why=why)

    def _within(self, claim_id: str, clause: Clause) -> bool:
        """Whether it is part of the sentence that brought the claim: then it is how others will put the claim."""
        if claim_id not in self._born:
            return False
        position = self.known(claim_id).evidence[0].selector[1]
        return position.start < clause.end and clause.start < position.end

    def absorb(self, claim_id: str, asked: Asked, *, teaches: bool, silent: bool) -> str | None:
        """One more appearance; why it corroborates, or None."""
        known, clause = self.known(claim_id), asked.clause
        gained = None
        if claim_id not in self._born and self._context.wire_story not in known.wire_stories:
            gained = ladder.raises(known.sources, asked.voice.sources)
            if gained is None and independent(known, clause, self._context, asked.voice):
                gained = f"a further origin: {asked.voice.origin.removeprefix('outlet:')}"
        after = told_again(known, clause, self._context, asked.voice, vector=asked.vector, teaches=teaches)
        self.changed[claim_id] = after
        if len(after.wordings) > len(known.wordings):
            self._local.add([claim_id], [asked.vector])
        if gained is None or silent or clause.kind != "claim" or known.kind != "claim":
            return None
        self.effect("corroborated", claim_id, clause)
        return gained

    def effect(self, type_: EffectType, claim_id: str, clause: Clause) -> None:
        """To be announced, once for a claim and article."""
        chain = marked(clause.attribution, self._context.document, self.known(claim_id).credits)
        self.effects.setdefault((type_, claim_id), Effect(type_, claim_id, evidence(clause, self._context), chain))


def _scored(known: Known, weighed: Weighed) -> Known:
    """The record with what the claim was found to be worth, if it was weighed."""
    if not weighed.signs:
        return known
    detail = "; ".join(part for part in (known.why.detail, f"worth {weighed.score:.2f}") if part)
    return known.model_copy(update={"why": known.why.model_copy(update={"detail": detail})})
