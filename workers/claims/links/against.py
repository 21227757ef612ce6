"""How a new claim stands against known ones: it denies, it keeps silent on, it contradicts, it ends a silence.

A denial is a claim of its own. Its key is denier × denied claim, that of a withheld comment who × about what: repeated
by the same speaker they are the same claim, by another they are others. Who declines to comment in two articles, and
nothing tells on what, does so twice; who "has yet to comment" keeps one silence.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from service.contract.data import Link, Relation, Why
from workers.claims.links import denial
from workers.claims.links.accounts import inverted, other_time
from workers.claims.links.aim import BORNE_FROM, FEW, SURE_FROM, Denial, aimed
from workers.claims.links.amend import Amended, amended, tells_most
from workers.claims.links.antecedent import Antecedent, Told, antecedent, whose
from workers.claims.links.beside import beside
from workers.claims.links.reply import gainsaid, replied, reported
from workers.claims.links.restated import restated
from workers.claims.links.silence import ended
from workers.claims.links.stance import (
    Stance,
    as_stance,
    denied_words,
    lasts,
    pointed,
    says_not,
    speaks_at_last,
    stance,
)
from workers.claims.links.topic import Weights
from workers.claims.links.trust import JUDGE, Tie, first_told, is_judged
from workers.claims.memory.encode import best, cosine
from workers.claims.memory.known import as_clause, pointed_at
from workers.claims.memory.registry import Context, Registry
from workers.claims.model import Clause, Decision, Known
from workers.claims.novelty.ledger import Asked, Ledger
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.same import Judgement, came_about, judge, narrows
from workers.claims.sameness.tally import tallies

AGAIN_WORDS = 0.30
"""share of its words from which a denial of a claim is a known one of the same claim by the same speaker"""
AGAIN_CONTENT = 0.45
"""content similarity that does as well"""
DENIES_WORDS = 0.60
"""share of its words, if they say what is denied, that a claim must tell for a link from a denial to it; which denials
are one is asked with less. Source: on twelve sets with gold 21 of 35 such links were right, below it 6 of 23"""
SILENT_AT = 0.55
"""what must speak for a claim for a link from a silence whose words say on what. Source: as above, 3 of 6; 2 of 8"""


class Against:
    """One article's denials, silences, contradictions and updates; it remembers what the article told so far."""

    def __init__(self, registry: Registry, context: Context, ledger: Ledger, lens: Lens) -> None:
        self._context, self._ledger, self._lens = context, ledger, lens
        self._told: list[Told] = []
        self._meant: dict[str, frozenset[str]] = {}
        """denials and silences of the article without a link, and what each perhaps means"""
        self._counted: set[int] = set()
        self._registry = registry
        self._silences = sorted(registry.silences)

    def read(self, clauses: Iterable[Clause]) -> None:
        """Looks ahead: which sentences hold a clause that tells a count, so that the others do not tell it too."""
        self._counted = {clause.start for clause in clauses if tallies(clause.text)}

    def remember(self, decision: Decision) -> None:
        """What the article told with a clause, new or known, may be pointed at from now on; a new one ends silences."""
        clause, claim_id = decision.clause, decision.claim_id
        if claim_id is None:
            return
        if decision.verdict == "new" and clause.kind == "claim":
            self._end_silences(clause, claim_id)
        denied = tuple(link.target for link in self._ledger.known(claim_id).links if link.rel == "denies")
        if clause.kind == "claim":
            denied = denied or tuple(sorted(self._meant.get(claim_id, ())))
        self._told.append(Told(claim_id, clause.start, self._sentence(clause), denied))

    # -- rules ---------------------------------------------------------------------------------------------------

    def pointing(self, asked: Asked) -> Decision | None:
        """What becomes of a clause that denies or withholds something; None for any other."""
        clause = asked.clause
        if clause.kind == "background":
            return None
        taken = stance(clause, self._sentence(clause))
        if taken is None:
            return None
        asked.clause = as_stance(clause, taken)
        return self._silence(asked, taken) if taken.kind == "silence" else self._denial(asked, taken)

    def _silence(self, asked: Asked, taken: Stance) -> Decision:
        """Somebody keeps silent."""
        who, put = denial.speaker(asked.clause, self._lens), self._put_to(asked, taken)
        about = put or self._antecedent(asked, taken)
        bare = not pointed(asked.clause, taken, self._lens)
        told, still = {one.claim_id for one in self._told}, lasts(asked.clause, self._sentence(asked.clause))
        for known in self._by(asked, "no_comment"):
            one = known.claim.id in told or (about is None and still)
            if one or (about is not None and self._same_matter(known, about, bare=bare)):
                return self._ledger.again(
                    asked, known.claim.id, "no_comment_key", self._score(asked.vector, known.claim.id)
                )
        if about is None or (about.share is not None and about.score < SILENT_AT):
            return self._unlinked(asked, about, asked.why("no_comment", f"{who} has not commented"))
        why = f"{who} has not commented on it ({about.why})"
        decision = self._linked(asked, "withholds", about, why, "no_comment", sure=put is not None)
        if decision.claim_id is not None and decision.links:
            target = self._ledger.known(about.claim_id)
            self._ledger.changed[about.claim_id] = pointed_at(target, no_comment=decision.claim_id)
        return decision

    def _put_to(self, asked: Asked, taken: Stance) -> Antecedent | None:
        """The claim of the sentence before, if he points at it; the report with which the article begins, if of him."""
        found = replied(asked.clause, self._context.text, self._told, self._ledger.known, self._lens)
        found = found or reported(asked.clause, taken, self._told, self._ledger.known, self._lens)
        return None if found is None else self._found(asked, found, "what the article reports")

    def _denial(self, asked: Asked, taken: Stance) -> Decision:
        """Somebody denies or dismisses something."""
        who, about = denial.speaker(asked.clause, self._lens), self._antecedent(asked, taken)
        for known in self._by(asked, "claim"):
            if self._denies_it(asked, known, about, taken):
                return self._ledger.again(
                    asked, known.claim.id, "denial_key", self._score(asked.vector, known.claim.id)
                )
        outright = self._at_once(asked) or self._outright(asked)
        aim = outright or self._aim(asked, taken, about)
        if aim is None:
            return self._unlinked(asked, about, asked.why("denial", f"{who} denies; nothing known is surely meant"))
        why = f"{who} denies it ({aim.why})"
        decision = self._linked(asked, "denies", aim, why, "denial", sure=outright is not None)
        if decision.claim_id is not None and about is not None:
            self._meant[decision.claim_id] = frozenset({about.claim_id})
        self._ledger.dispute(aim.claim_id, asked, decision)
        return decision

    def _outright(self, asked: Asked) -> Antecedent | None:
        """The claim that a denial repeats with its actor, its target and its act: no other need stand out."""
        found = denial.repeated(self._near(asked))
        return None if found is None else Antecedent(*found, f"content {found[1]:.4f}")

    def _at_once(self, asked: Asked) -> Antecedent | None:
        """The claim of the sentence before, where a denial only points at it."""
        found = replied(asked.clause, self._context.text, self._told, self._ledger.known, self._lens)
        return None if found is None else self._found(asked, found, "told in the sentence before")

    def _found(self, asked: Asked, known: Known, why: str) -> Antecedent:
        return Antecedent(known.claim.id, self._score(asked.vector, known.claim.id), why)

    def _aim(self, asked: Asked, taken: Stance, about: Antecedent | None) -> Antecedent | None:
        """The claim to which a denial links. `about`: the one that tells most of its words."""
        clause, tells = asked.clause, about
        if about is not None and about.share is not None and about.share < DENIES_WORDS:
            tells = None
        if taken.kind != "denial" or clause.language != "en":  # what was learned is of English denials
            return tells
        scores, seen = self._scores(asked), self._context.document.first_seen
        denial_ = Denial(clause, taken, self._sentence(clause), tuple(self._told), seen)
        out = aimed(denial_, [self._ledger.known(claim_id) for claim_id in scores], scores, self._lens)
        if len(out) < FEW or (tells is not None and out.get(tells.claim_id, 0.0) >= BORNE_FROM):
            return tells
        best = min(out, key=lambda claim_id: (-out[claim_id], claim_id), default=None)
        if best is None or out[best] < SURE_FROM:
            return None
        return Antecedent(best, out[best], f"stands out {out[best]:.2f}")

    def contradiction(self, asked: Asked) -> Decision | None:
        """The same act told the other way round, or the opposite of what is known; None if it is neither."""
        clause = asked.clause
        if clause.kind == "background":
            return None
        about, rule, how = self._beside(asked), "beside", "another account"
        if about is None:
            about, rule, how = inverted(clause, self._near(asked), self._lens), "contradiction", "the other way round"
        if about is None and says_not(clause):
            negation = Stance("negation")
            if self._antecedent(asked, negation) is not None:
                return self._denial(asked, negation)
        if about is None:
            about, rule, how = other_time(asked.clause, self._near(asked), self._lens), "other_time", "another time"
        if about is None and clause.polarity == "denied":
            found = denial.contradicted(self._near(asked))
            about = None if found is None else Antecedent(found[0], found[1], f"content {found[1]:.4f}")
            rule, how = "polarity", "the opposite of it"
        if about is None:
            return None
        decision = self._linked(asked, "contradicts", about, f"{how} ({about.why})", rule, sure=rule == "beside")
        self._ledger.dispute(about.claim_id, asked, decision)
        return decision

    def _beside(self, asked: Asked) -> Antecedent | None:
        """The claim beside which it gives another's bare figure, or of which it only says that it is otherwise."""
        around = asked.clause, self._context.text, self._told, self._ledger.known, self._lens
        found = beside(*around) or gainsaid(*around)
        return None if found is None else self._found(asked, found, "told beside it")

    def amended(self, asked: Asked) -> tuple[Amended, ...]:
        """The claims of which it gives another count, figure or date."""
        clause = asked.clause
        if clause.kind == "background":
            return ()
        known, counted = asked.judged.knowns.values(), clause.start in self._counted
        return amended(clause, self._sentence(clause), known, asked.scores, self._context, self._lens, counted=counted)

    def step(self, asked: Asked) -> Decision | None:
        """What was to come has come, or what is known is told with a figure that it had not; None if it is neither."""
        clause = asked.clause
        for known, judged in self._near(asked):
            if judged.slots not in ("both", "one") or known.kind != "claim" or known.retracted:
                continue
            about = Antecedent(known.claim.id, judged.score, f"content {judged.score:.4f}")
            if came_about(clause, known, judged) and tells_most(known, clause, self._lens):
                return self.update(asked, {about.claim_id: f"it has come about ({about.why})"})
            if judged.slots == "both" and narrows(clause, known, judged):
                return self._linked(asked, "narrows", about, f"the same with a figure ({about.why})", "narrows")
        return None

    def restated(self, asked: Asked) -> Decision | None:
        """What a sentence like its own told is told with another figure; None if that is not so, or not sure."""
        clause = asked.clause
        if clause.kind == "background" or not clause.quantities:
            return None
        scores = self._scores(asked)
        if not is_judged(clause, scores):
            return None
        known, here = map(self._ledger.known, scores), self._context.document.uri
        found = restated(clause, self._sentence(clause), known, here, self._lens)
        sure = found is not None and self._is_sure(clause, _updates(found)[0], scores)
        return self._ledger.update(asked, found) if found is not None and sure else None

    def update(self, asked: Asked, whys: Mapping[str, str], sure: Collection[str] = ()) -> Decision:
        """A claim of its own that updates known ones, told of those of which that is sure; `whys`: claim id → why."""
        links, scores = [link for link in _updates(whys) if link.target not in sure], self._scores(asked)
        asked.doubted = tuple(link for link in links if not self._is_sure(asked.clause, link, scores))
        return self._ledger.update(asked, whys)

    # -- what they share -----------------------------------------------------------------------------------------

    def _same_matter(self, known: Known, about: Antecedent, *, bare: bool) -> bool:
        """Whether a known denial or silence is on the same claim; if it says nothing, on any that the article told."""
        targets = {link.target for link in known.links} | self._meant.get(known.claim.id, frozenset())
        told = {one.claim_id for one in self._told} if bare and not known.ended else set()
        return about.claim_id in targets or not told.isdisjoint(targets)

    def _denies_it(self, asked: Asked, denied: Known, about: Antecedent | None, taken: Stance) -> bool:
        """Whether a known denial by the same speaker is this one: in the same words, or of the same claim and kind."""
        if denied.claim.polarity != "denied":
            return False
        # Judged anew: what was read as a plain clause may be a denial by its words ("pleaded not guilty").
        score = self._score(asked.vector, denied.claim.id)
        if judge(asked.clause, denied, score, self._lens).rule == "same":
            return True
        bare = not pointed(asked.clause, taken, self._lens)
        if bare and denied.links and denied.claim.id in {one.claim_id for one in self._told}:
            return True  # "reports to the contrary are false", behind what was denied
        if about is None or not self._same_matter(denied, about, bare=bare):
            return False
        mine, theirs = (denied_words(clause, self._lens) for clause in (asked.clause, as_clause(denied)))
        shared = Weights([theirs]).share(mine, theirs)
        return not mine or not theirs or shared >= AGAIN_WORDS or score >= AGAIN_CONTENT

    def _unlinked(self, asked: Asked, about: Antecedent | None, why: Why) -> Decision:
        """What is perhaps meant is no link, but tells what else the article says of the same."""
        decision = self._ledger.create(asked, why, ())
        if decision.claim_id is not None and about is not None:
            self._meant[decision.claim_id] = frozenset({about.claim_id})
        return decision

    def _linked(
        self, asked: Asked, rel: Relation, about: Antecedent, why: str, rule: str, *, sure: bool = False
    ) -> Decision:
        link = Link(rel=rel, target=about.claim_id, why=why)
        sure = sure or self._is_sure(asked.clause, link, self._scores(asked))
        asked.doubted = () if sure else (link,)
        detail = why if sure else f"perhaps {why}"
        reason = Why(rule=rule, nearest=about.claim_id, score=about.score, detail=detail)
        decision = self._ledger.create(asked, reason, (link,) if sure else ())
        if decision.claim_id is not None and not sure:
            self._meant[decision.claim_id] = frozenset({about.claim_id})
        return decision

    def _is_sure(self, clause: Clause, link: Link, scores: Mapping[str, float]) -> bool:
        """Whether a link is told."""
        if not is_judged(clause, scores):
            return True
        sentence, target = self._sentence(clause), self._ledger.known(link.target)
        knowns = [self._ledger.known(claim_id) for claim_id in scores]
        words = [(sentence, clause.language), *map(first_told, (target, *knowns))]
        mine, *theirs = self._registry.vectors(words)
        alike, *others = (cosine(mine, vector) for vector in theirs)
        told, seen, nearer = tuple(self._told), self._context.document.first_seen, sum(one > alike for one in others)
        tie = Tie(link.rel, clause, sentence, target, knowns, told, seen, alike, nearer)
        return JUDGE.now()(tie, self._lens)

    def _antecedent(self, asked: Asked, taken: Stance) -> Antecedent | None:
        scores = self._scores(asked)
        known = map(self._ledger.known, scores)
        return antecedent(asked.clause, taken, known, scores, self._told, self._lens)

    def _scores(self, asked: Asked) -> dict[str, float]:
        """Content similarity by claim id: the nearest, and what the article told."""
        far = [one.claim_id for one in self._told if one.claim_id not in asked.scores]
        return {claim_id: self._score(asked.vector, claim_id) for claim_id in dict.fromkeys(far)} | asked.scores

    def _score(self, vector: bytes, claim_id: str) -> float:
        """Content similarity to one claim, the best over its wordings."""
        return best(vector, self._ledger.known(claim_id).vectors)

    def _by(self, asked: Asked, kind: str) -> list[Known]:
        """The claims of a kind that the speaker made, or his party; of two named people none speaks for the other."""
        who, parties = denial.speaker(asked.clause, self._lens), whose(asked.clause, self._lens)
        told = dict.fromkeys((*(one.claim_id for one in self._told), *asked.scores))
        found = []
        for known in map(self._ledger.known, told):
            if known.kind != kind or known.retracted:
                continue
            by = denial.speaker(as_clause(known), self._lens)
            people = who.startswith("person:") and by.startswith("person:")
            if by == who or (not people and parties & whose(as_clause(known), self._lens)):
                found.append(known)
        return found

    def _near(self, asked: Asked) -> Iterator[tuple[Known, Judgement]]:
        """The claims of which a rule may hold, with what was judged."""
        return ((self._ledger.known(claim_id), judged) for claim_id, judged in asked.judged.near())

    def _end_silences(self, clause: Clause, claim_id: str) -> None:
        """The new claim updates the silences that it ends, and subscribers hear that they are over."""
        waiting = [self._ledger.known(one) for one in self._silences]
        about = {link.target for link in self._ledger.known(claim_id).links}
        if speaks_at_last(self._sentence(clause)):
            about |= {link.target for one in waiting for link in one.links}
        at_last = speaks_at_last(clause.text)
        for silence in ended(clause, waiting, frozenset(about), self._lens, at_last=at_last):
            known = self._ledger.known(claim_id)
            link = Link(rel="updates", target=silence.claim.id, why="had not commented, and speaks")
            self._ledger.changed[claim_id] = known.model_copy(update={"links": (*known.links, link)})
            self._ledger.changed[silence.claim.id] = silence.model_copy(update={"ended": True})
            self._ledger.effect("updated", silence.claim.id, clause)

    def _sentence(self, clause: Clause) -> str:
        return self._context.text[clause.start : clause.end]


def _updates(whys: Mapping[str, str]) -> list[Link]:
    return [Link(rel="updates", target=target, why=why) for target, why in whys.items()]
