"""What one article changes: the claims it adds and touches, and what subscribers are to hear of it, in order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from service.contract.data import Evidence, Hop, Link, Why
from workers.claims import ladder
from workers.claims.encode import as_matrix, cosines
from workers.claims.known import Voice, born, evidence, independent, pointed_at, told_again
from workers.claims.model import Clause, Decision, Known
from workers.claims.registry import Context, Registry
from workers.claims.same import UNSURE_BELOW, Judgement, instructive

EffectType = Literal["new", "background", "corroborated", "disputed", "updated"]


@dataclass(frozen=True, slots=True)
class Effect:
    """One event to be announced about a claim, at most one of a type for a claim and article."""

    type: EffectType
    claim_id: str
    evidence: tuple[Evidence, ...]
    """in the article compared"""
    attribution: tuple[Hop, ...]


@dataclass(slots=True)
class Asked:
    """One clause on its way through the rules."""

    clause: Clause
    vector: bytes
    scores: dict[str, float]
    """content similarity by claim id: the nearest ones"""
    voice: Voice
    judged: dict[str, Judgement] = field(default_factory=dict)
    """in descending order of score"""

    def why(self, rule: str, detail: str) -> Why:
        """An explanation that names the nearest known claim."""
        nearest = next(iter(self.scores), None)
        return Why(rule=rule, nearest=nearest, score=self.scores[nearest] if nearest else None, detail=detail)


class Ledger:
    """One article against the registry: what it changed so far counts as known for its next clause."""

    def __init__(self, registry: Registry, context: Context) -> None:
        self._registry = registry
        self._context = context
        self.changed: dict[str, Known] = {}
        self.effects: dict[tuple[EffectType, str], Effect] = {}
        self._local: list[tuple[str, bytes]] = []
        """wordings that this article brought"""
        self._born: set[str] = set()

    def known(self, claim_id: str) -> Known:
        """A claim as it stands after what this article said so far."""
        return self.changed.get(claim_id) or self._registry.claims[claim_id]

    def scores(self, vector: bytes, near: Mapping[str, float]) -> dict[str, float]:
        """Content similarity by claim id, best first: the registry's nearest and what this article brought."""
        scores = dict(near)
        if self._local:
            row = cosines(as_matrix([vector]), as_matrix([known for _, known in self._local]))[0].tolist()
            for (claim_id, _), score in zip(self._local, row, strict=True):
                scores[claim_id] = max(scores.get(claim_id, -1.0), score)
        return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))

    def update(self, asked: Asked, target: str, why: str) -> Decision:
        """A claim of its own that updates a known one."""
        score = asked.scores[target]
        link = Link(rel="updates", target=target, why=why)
        decision = self.create(asked, Why(rule="update", nearest=target, score=score, detail=why), (link,))
        if decision.claim_id is not None:
            self.changed.setdefault(target, self.known(target))
            if asked.clause.kind != "background":
                self.effect("updated", target, asked.clause)
        return decision

    def dispute(self, target: str, asked: Asked, decision: Decision) -> None:
        """The target is disputed by what the decision made."""
        if decision.claim_id is not None:
            self.changed[target] = pointed_at(self.known(target), denied_by=decision.claim_id)
            self.effect("disputed", target, asked.clause)

    def create(self, asked: Asked, why: Why, links: tuple[Link, ...]) -> Decision:
        """A claim that nobody made before."""
        clause = asked.clause
        nearest = next(iter(asked.judged.values()), None)
        unsure = not links and nearest is not None and nearest.needed - UNSURE_BELOW <= nearest.score < nearest.needed
        known = born(clause, self._context, asked.voice, why, links=links, unsure=unsure, vector=asked.vector)
        claim_id = known.claim.id
        if claim_id in self.changed or claim_id in self._registry.claims:
            return self.again(asked, claim_id, "same_words", 1.0)
        self.changed[claim_id] = known
        self._born.add(claim_id)
        self._local.append((claim_id, asked.vector))
        background = clause.kind == "background"
        self.effect("background" if background else "new", claim_id, clause)
        return Decision(
            clause=clause, verdict="background" if background else "new", claim_id=claim_id, links=links, why=why
        )

    def again(self, asked: Asked, claim_id: str, rule: str, score: float) -> Decision:
        """A further appearance of a known claim."""
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
            self._local.append((claim_id, asked.vector))
        if gained is None or silent or clause.kind != "claim" or known.kind != "claim":
            return None
        self.effect("corroborated", claim_id, clause)
        return gained

    def effect(self, type_: EffectType, claim_id: str, clause: Clause) -> None:
        """To be announced, once for a claim and article."""
        self.effects.setdefault(
            (type_, claim_id), Effect(type_, claim_id, evidence(clause, self._context), clause.attribution)
        )
