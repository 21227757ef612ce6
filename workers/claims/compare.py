"""Which of an article's clauses say something that nobody had said, and how they stand to what is known.

    commentary, boilerplate           ignored
    withholds a comment               key: who × about what
    denies                            key: who × the claim denied; a new one links to it, and it is disputed
    corrects, another figure or date  a claim of its own that updates the known one
    otherwise                         the same as the nearest known claim that slots and content allow, or new

Pure: nothing is written, the registry handed in stays as it is; what changed comes back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from service.contract.data import Document, Evidence, Hop, Link, Why
from workers.claims import denial, ladder
from workers.claims.acts import denies
from workers.claims.encode import as_matrix, cosines
from workers.claims.figures import apart
from workers.claims.known import Voice, born, copied, evidence, independent, pointed_at, told_again, voice
from workers.claims.lens import Lens, lens
from workers.claims.model import Clause, Decision, Known
from workers.claims.registry import Context as Context
from workers.claims.registry import Registry as Registry
from workers.claims.same import UNSURE_BELOW, Judgement, figures, instructive, judge, scheduled

EffectType = Literal["new", "background", "corroborated", "disputed", "updated"]

CORRECTED_AT = 0.40
"""content similarity at which a clause that the wire room saw corrected is about a claim: the two texts are copies, so
the claim it corrects is near or was never read. Source: as same.py"""


@dataclass(frozen=True, slots=True)
class Effect:
    """One event to be announced about a claim, at most one of a type for a claim and article."""

    type: EffectType
    claim_id: str
    evidence: tuple[Evidence, ...]
    """in the article compared"""
    attribution: tuple[Hop, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What comparing one article came to."""

    decisions: tuple[Decision, ...]
    changed: dict[str, Known]
    """records new or changed, by claim id"""
    effects: tuple[Effect, ...]
    """in the order of emission; `disputed` and `updated` of a target follow the `new` of the claim that links to it"""


def compare(registry: Registry, clauses: Sequence[Clause], context: Context) -> Comparison:
    """Decides every clause of one article: in the order of the text, but what is presupposed after what is said.

    The decisions stand in the order of `clauses`.
    """
    session = _Session(registry, context)
    vectors = registry.encoder.encode([session.lens.content(clause.text) for clause in clauses])
    near = registry.nearest(vectors, session.lens)
    order = sorted(range(len(clauses)), key=lambda at: clauses[at].presupposed)
    decided = {at: session.decide(clauses[at], vectors[at], near[at]) for at in order}
    decisions = tuple(decided[at] for at in range(len(clauses)))
    return Comparison(decisions, session.changed, tuple(session.effects.values()))


def carry(registry: Registry, wire_story: str, document: Document) -> dict[str, Known]:
    """What a copy of a wire story changes: each claim that its text carries gains a document, never an origin."""
    changed = {
        claim_id: copied(known, document)
        for claim_id, known in sorted(registry.claims.items())
        if wire_story in known.wire_stories and not known.retracted
    }
    return {claim_id: known for claim_id, known in changed.items() if known is not registry.claims[claim_id]}


@dataclass(slots=True)
class _Asked:
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


class _Session:
    """One article against the registry: what it changed so far counts as known for its next clause."""

    def __init__(self, registry: Registry, context: Context) -> None:
        self._registry = registry
        self._context = context
        self.lens: Lens = lens(context.story)
        self.changed: dict[str, Known] = {}
        self.effects: dict[tuple[EffectType, str], Effect] = {}
        self._local: list[tuple[str, bytes]] = []
        """wordings that this article brought"""
        self._born: set[str] = set()

    def decide(self, clause: Clause, vector: bytes, near: Mapping[str, float]) -> Decision:
        if clause.kind == "boilerplate":
            return _ignored(clause, "boilerplate")
        asked = _Asked(clause, vector, self._scores(vector, near), voice(clause, self._context, self.lens))
        for claim_id, score in asked.scores.items():
            asked.judged[claim_id] = judge(clause, self._known(claim_id), score, self.lens)
        if clause.kind == "commentary":
            return self._commentary(asked)
        if clause.kind == "no_comment":
            return self._no_comment(asked)
        if denies(clause):
            return self._denial(asked)
        return self._plain(asked)

    def _known(self, claim_id: str) -> Known:
        return self.changed.get(claim_id) or self._registry.claims[claim_id]

    def _scores(self, vector: bytes, near: Mapping[str, float]) -> dict[str, float]:
        scores = dict(near)
        if self._local:
            row = cosines(as_matrix([vector]), as_matrix([known for _, known in self._local]))[0].tolist()
            for (claim_id, _), score in zip(self._local, row, strict=True):
                scores[claim_id] = max(scores.get(claim_id, -1.0), score)
        return dict(sorted(scores.items(), key=lambda item: (-item[1], item[0])))

    # -- rules ---------------------------------------------------------------------------------------------------

    def _commentary(self, asked: _Asked) -> Decision:
        """Pushes nothing; what it repeats it may carry further."""
        same = self._same(asked, ("claim", "background"))
        if same is not None:
            self._absorb(same, asked, teaches=False, silent=True)
        return _ignored(asked.clause, "commentary", same)

    def _no_comment(self, asked: _Asked) -> Decision:
        who = denial.speaker(asked.clause, self.lens)
        about = denial.subject(asked.clause, asked.judged, self._candidates(asked), self.lens)
        for known in self._others(asked, "no_comment"):
            if self._speaker(known) == who and (about is None or known.claim.id in self._withheld(about[0])):
                return self._again(asked, known.claim.id, "no_comment_key", asked.scores[known.claim.id])
        detail = f"{who} has not commented" + (f" on {about[0]}" if about else "")
        decision = self._create(asked, asked.why("no_comment", detail), ())
        if about is not None and decision.claim_id is not None:
            self.changed[about[0]] = pointed_at(self._known(about[0]), no_comment=decision.claim_id)
        return decision

    def _denial(self, asked: _Asked) -> Decision:
        who = denial.speaker(asked.clause, self.lens)
        about = denial.subject(asked.clause, asked.judged, self._candidates(asked), self.lens)
        for known in self._others(asked, "claim"):
            if (
                known.claim.polarity == "denied"
                and self._speaker(known) == who
                and self._denies_it(asked, known, about)
            ):
                return self._again(asked, known.claim.id, "denial_key", asked.scores[known.claim.id])
        if about is None:
            return self._create(asked, asked.why("denial", f"{who} denies; nothing known"), ())
        why = f"{who} denies it (content and parties {about[1]:.4f})"
        link = Link(rel="denies", target=about[0], why=why)
        decision = self._create(asked, Why(rule="denial", nearest=about[0], score=about[1], detail=why), (link,))
        self._dispute(about[0], asked, decision)
        return decision

    def _denies_it(self, asked: _Asked, denied: Known, about: tuple[str, float] | None) -> bool:
        """Whether a known denial by the same speaker is this one: of the same claim, or in the same words."""
        if asked.judged[denied.claim.id].rule == "same":
            return True
        targets = {link.target for link in denied.links}
        return about is not None and about[0] in targets

    def _plain(self, asked: _Asked) -> Decision:
        corrected = self._corrected(asked)
        if corrected is not None:
            return self._update(asked, *corrected)
        same = self._same(asked, (asked.clause.kind, "claim", "background"))
        if same is not None:
            if scheduled(asked.clause, self._known(same)) and apart(asked.clause.when, self._known(same).claim.when):
                return self._update(asked, same, "another date")
            return self._again(asked, same, "same", asked.scores[same])
        figure = next((c for c, j in asked.judged.items() if j.rule == "figure" and not self._retired(c)), None)
        if figure is not None:
            return self._update(
                asked, figure, f"another figure: {figures(self._known(figure).claim.quantities)} before"
            )
        if asked.clause.polarity == "denied":
            return self._negation(asked)
        return self._new(asked)

    def _negation(self, asked: _Asked) -> Decision:
        about = denial.contradicted(asked.judged, self._candidates(asked))
        if about is None or asked.clause.kind == "background":
            return self._new(asked)
        why = f"the opposite of it (content {about[1]:.4f})"
        link = Link(rel="contradicts", target=about[0], why=why)
        decision = self._create(asked, Why(rule="polarity", nearest=about[0], score=about[1], detail=why), (link,))
        self._dispute(about[0], asked, decision)
        return decision

    def _new(self, asked: _Asked) -> Decision:
        """Nobody said it before; perhaps somebody denied it before."""
        denials = [known for known in self._others(asked, "claim") if self._denied_before(asked, known)]
        links = tuple(
            Link(rel="contradicts", target=known.claim.id, why="denied before it was said") for known in denials
        )
        nearest = next(iter(asked.judged.values()), None)
        detail = f"{nearest.rule}: {nearest.detail}" if nearest else "nothing known yet"
        decision = self._create(asked, asked.why("new", detail), links)
        if decision.claim_id is not None and denials:
            for known in denials:
                self.changed[decision.claim_id] = pointed_at(self._known(decision.claim_id), denied_by=known.claim.id)
            self._effect("disputed", decision.claim_id, asked.clause)
        return decision

    # -- what they share ---------------------------------------------------------------------------------------------

    def _same(self, asked: _Asked, kinds: tuple[str, ...]) -> str | None:
        """The nearest claim that this is; among equals in rule the one with the most margin."""
        found = [
            (judged.score - judged.needed, claim_id)
            for claim_id, judged in asked.judged.items()
            if judged.rule == "same" and self._known(claim_id).kind in kinds and not self._retired(claim_id)
        ]
        return min(found, key=lambda pair: (-pair[0], pair[1]))[1] if found else None

    def _retired(self, claim_id: str) -> bool:
        return self._known(claim_id).retracted

    def _candidates(self, asked: _Asked) -> list[Known]:
        return [self._known(claim_id) for claim_id in asked.scores]

    def _others(self, asked: _Asked, kind: str) -> Iterable[Known]:
        return [known for known in self._candidates(asked) if known.kind == kind and not known.retracted]

    def _speaker(self, known: Known) -> str:
        return denial.speaker(_as_clause(known), self.lens)

    def _withheld(self, claim_id: str) -> tuple[str, ...]:
        return self._known(claim_id).support.no_comment

    def _denied_before(self, asked: _Asked, known: Known) -> bool:
        """Whether a known denial without a target is about what this clause says."""
        if known.links or known.claim.polarity != "denied" or not denies(_as_clause(known)):
            return False
        said = born(asked.clause, self._context, asked.voice, Why(rule=""), links=(), unsure=False, vector=asked.vector)
        was = _as_clause(known)
        judged = {said.claim.id: judge(was, said, asked.scores[known.claim.id], self.lens)}
        return denial.subject(was, judged, [said], self.lens) is not None

    def _corrected(self, asked: _Asked) -> tuple[str, str] | None:
        """The claim that this clause corrects, as the wire room saw it between two copies."""
        clause = asked.clause
        for start, end, old, new in self._context.corrections:
            if start < clause.end and clause.start < end:
                for claim_id, judged in asked.judged.items():
                    known = self._known(claim_id)
                    if judged.score >= CORRECTED_AT and any(old in wording for wording in known.wordings):
                        return claim_id, f"corrected: “{old}” is now “{new}”"
        return None

    def _update(self, asked: _Asked, target: str, why: str) -> Decision:
        score = asked.scores[target]
        link = Link(rel="updates", target=target, why=why)
        decision = self._create(asked, Why(rule="update", nearest=target, score=score, detail=why), (link,))
        if decision.claim_id is not None:
            self.changed.setdefault(target, self._known(target))
            if asked.clause.kind != "background":
                self._effect("updated", target, asked.clause)
        return decision

    def _dispute(self, target: str, asked: _Asked, decision: Decision) -> None:
        if decision.claim_id is not None:
            self.changed[target] = pointed_at(self._known(target), denied_by=decision.claim_id)
            self._effect("disputed", target, asked.clause)

    def _create(self, asked: _Asked, why: Why, links: tuple[Link, ...]) -> Decision:
        clause = asked.clause
        nearest = next(iter(asked.judged.values()), None)
        unsure = not links and nearest is not None and nearest.needed - UNSURE_BELOW <= nearest.score < nearest.needed
        known = born(clause, self._context, asked.voice, why, links=links, unsure=unsure, vector=asked.vector)
        claim_id = known.claim.id
        if claim_id in self.changed or claim_id in self._registry.claims:
            return self._again(asked, claim_id, "same_words", 1.0)
        self.changed[claim_id] = known
        self._born.add(claim_id)
        self._local.append((claim_id, asked.vector))
        background = clause.kind == "background"
        self._effect("background" if background else "new", claim_id, clause)
        return Decision(
            clause=clause, verdict="background" if background else "new", claim_id=claim_id, links=links, why=why
        )

    def _again(self, asked: _Asked, claim_id: str, rule: str, score: float) -> Decision:
        judged = asked.judged.get(claim_id)
        teaches = judged is not None and (self._within(claim_id, asked.clause) or instructive(judged))
        gained = self._absorb(claim_id, asked, teaches=teaches, silent=False)
        detail = "; ".join(part for part in (judged.detail if judged else "", gained or "") if part)
        why = Why(rule=rule, nearest=claim_id, score=score, detail=detail)
        return Decision(clause=asked.clause, verdict="corroborates" if gained else "same", claim_id=claim_id, why=why)

    def _within(self, claim_id: str, clause: Clause) -> bool:
        """Whether it is part of the sentence that brought the claim: then it is how others will put the claim."""
        if claim_id not in self._born:
            return False
        position = self._known(claim_id).evidence[0].selector[1]
        return position.start < clause.end and clause.start < position.end

    def _absorb(self, claim_id: str, asked: _Asked, *, teaches: bool, silent: bool) -> str | None:
        """One more appearance; why it corroborates, or None."""
        known, clause = self._known(claim_id), asked.clause
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
        self._effect("corroborated", claim_id, clause)
        return gained

    def _effect(self, type_: EffectType, claim_id: str, clause: Clause) -> None:
        self.effects.setdefault(
            (type_, claim_id), Effect(type_, claim_id, evidence(clause, self._context), clause.attribution)
        )


def _ignored(clause: Clause, rule: str, nearest: str | None = None) -> Decision:
    return Decision(clause=clause, verdict="ignored", claim_id=None, why=Why(rule=rule, nearest=nearest))


def _as_clause(known: Known) -> Clause:
    """A known claim in the form in which it was read."""
    return Clause(
        start=0,
        end=0,
        text=known.claim.text,
        frame=known.claim.frame,
        polarity=known.claim.polarity,
        modality=known.claim.modality,
        kind=known.kind,
        attribution=known.attribution,
    )
