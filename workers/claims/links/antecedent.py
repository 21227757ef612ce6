"""Which known claim a denial or a withheld comment points at: what it says of it, where it stands, whom it concerns.

"Denied that it had agreed to free the crew" repeats most of what it denies. "That is untrue" and "declined to comment"
repeat nothing; then it is the article that says what they are about: what stands before them, or the report as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from service.contract.data import Hop
from workers.claims.grammar.verbs import kin
from workers.claims.grammar.words import word_set
from workers.claims.links.stance import Stance, pointed
from workers.claims.links.topic import Weights, head_of, told_words, topics
from workers.claims.model import Clause, Known
from workers.claims.sameness.kept import of_claim, of_clause
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.slots import inverted, roles

WORDS = 0.55
"""weight of the share of its words that the claim tells"""
CONTENT = 0.30
"""weight of the similarity of the contents"""
HERE = 0.08
"""for a claim that the article tells before it"""
NEXT = 0.14
"""for a claim told in the sentence before it, or in front of it in the same"""
PARTIES = 0.08
"""for each party of the claim that takes part in the denial; so much less for each that does not"""
NAMED = 0.14
"""for a claim that names who denies or keeps silent: one denies what one is said to have done"""
HEAD = 0.10
"""for a claim that tells of what is denied by its verb"""
FIRST = 0.30
"""where somebody keeps silent and the words do not say on what: for the first claim of the article that names him, or
for the first of all"""
OF_HIM = 2
"""sentences of the article that tell of who is silent, at most. Source: with it 17 of 44 links of silences are right on
thirteen sets with gold; of the seven more without it none"""
FIGURE = 0.15
"""for a claim with a figure, where a figure is called wrong"""
DENIED_FROM = 0.45
SILENT_FROM = 0.35
"""what must speak for a claim on which somebody keeps silent; where the words say nothing, its place alone must"""
TOLD_FROM = 0.25
"""share of the words that it must tell, if they say anything"""
TOLD_ELSEWHERE_FROM = 0.40
"""the same for a claim that the article does not tell before it. Source: on eight stories with gold none of three
denials below it was linked rightly"""
AROUND = 0.5
"""what a word counts that does not stand in the claim but in the sentence in which the article told it"""
OF_ANOTHER = 0.12
"""what is taken from a claim that does not name the denier, where he denies what he is said to have done"""

NEGATED_FROM = 0.55
"""the same where somebody only says that something is not so, and perhaps answers nobody; places say nothing then"""
NEGATED_CONTENT = 0.35
"""content similarity that this needs beside"""
_NEEDED = {"denial": DENIED_FROM, "silence": SILENT_FROM, "negation": NEGATED_FROM}


@dataclass(frozen=True, slots=True)
class Told:
    """A claim that the article told before, new or known."""

    claim_id: str
    start: int
    sentence: str
    """the words in which this article told it"""
    denies: tuple[str, ...] = ()
    """claims that it denies: who tells of a denial tells of what is denied"""


@dataclass(frozen=True, slots=True)
class Antecedent:
    """What a clause points at, and how surely."""

    claim_id: str
    score: float
    why: str
    share: float | None = None
    """of the words that say what is meant, what the claim tells; none if no words say it"""


def antecedent(
    clause: Clause,
    stance: Stance,
    knowns: Iterable[Known],
    scores: Mapping[str, float],
    before: Collection[Told],
    lens: Lens,
) -> Antecedent | None:
    """The claim that a denial or a withheld comment is about; `scores` are the content similarities by claim id."""
    asked, known = pointed(clause, stance, lens), tuple(knowns)
    best = _best(ranked(clause, stance, asked, known, scores, before, lens))
    if best is None or (asked and best.score < _NEEDED[stance.kind]):
        return None
    return best


def _best(found: Iterable[Antecedent]) -> Antecedent | None:
    return min(found, key=lambda one: (-one.score, one.claim_id), default=None)


def ranked(
    clause: Clause,
    stance: Stance,
    asked: frozenset[str],
    knowns: Iterable[Known],
    scores: Mapping[str, float],
    before: Collection[Told],
    lens: Lens,
) -> list[Antecedent]:
    """Every claim that may be meant, with how much speaks for it."""
    mine = whose(clause, lens)
    spoken = mine | lens.parties(lens.actors(clause.text))
    open_to = [known for known in knowns if is_open(known, clause, stance, mine, lens)]
    told = {known.claim.id: told_words(known, lens) for known in open_to}
    around = {one.claim_id: topics(lens, one.sentence) for one in before}
    weights = Weights(told.values())
    place = _Place(clause, stance, before, open_to, lens)
    silent = stance.kind == "silence"
    head = head_of(clause.frame.action) if asked and not silent else ""
    himself = bool(mine & lens.parties(lens.actors(clause.frame.actor))) and not silent
    found = []
    for known in open_to:
        claim_id = known.claim.id
        near = max(scores.get(claim_id, 0.0), 0.0) if asked else 0.0
        placed = place.silent(claim_id) if silent and not asked else place.bonus(claim_id)
        if stance.kind == "negation":
            placed = 0.0
            if near < NEGATED_CONTENT:
                continue
        least = TOLD_FROM if placed else TOLD_ELSEWHERE_FROM
        if asked and not silent and not placed and not tells(asked, told[claim_id]):
            continue
        share = weights.share(asked, told[claim_id])
        here = weights.share(asked, told[claim_id] | around.get(claim_id, frozenset()))
        share = round(here if len(asked) == 1 else share + AROUND * (here - share), 4)
        says_little = not asked or (silent and len(asked) == 1)
        if (asked and share < least) or (says_little and not placed):
            continue
        score = WORDS * share + CONTENT * near + placed + _parties(known, mine, spoken, lens)
        score += HEAD if head and Weights.tells(head, told[claim_id]) else 0.0
        score += FIGURE if stance.figure and known.claim.quantities else 0.0
        score -= OF_ANOTHER if himself and asked and not mine & lens.parties(_actors(known, lens)) else 0.0
        why = f"words {share:.2f}, content {near:.2f}, place {placed:.2f}"
        found.append(Antecedent(claim_id, round(score, 4), why, share if asked else None))
    return found


def tells(asked: frozenset[str], told: frozenset[str]) -> bool:
    """Whether a claim tells one word itself, or two in near words; one near word is "nothing was sold", of a theft."""
    near = [word for word in asked if Weights.tells(word, told)]
    return len(near) > 1 or any(Weights.names(word, told) for word in near)


@of_clause
def whose(clause: Clause, lens: Lens) -> frozenset[str]:
    """The parties that deny or keep silent: who says it, else who does it, else whom it names."""
    frame = clause.frame
    found = voices(clause.attribution, lens)
    for slot in (frame.actor, frame.target, clause.text):
        found = found or lens.parties(lens.actors(slot))
    return found


def voices(hops: Iterable[Hop], lens: Lens) -> frozenset[str]:
    """The parties that say it, outlets apart."""
    heard = [hop for hop in hops if hop.kind not in ("outlet", "publisher")]
    named = frozenset().union(*(lens.actors(hop.name) | lens.actors(hop.descriptor) for hop in heard))
    return lens.parties(named) | {hop.side for hop in heard if hop.side} | {hop.name for hop in heard[-1:] if hop.name}


def is_open(known: Known, clause: Clause, stance: Stance, mine: frozenset[str], lens: Lens) -> bool:
    """Whether it may be meant at all: nobody denies what he said himself."""
    if known.retracted or known.kind != "claim" or known.claim.polarity == "denied":
        return False
    if mine & told_by(known, lens):
        return False
    if stance.kind == "silence" or kin(clause.frame.action or "", known.claim.frame.action or "") != "near":
        return True
    asked = roles(lens, clause.frame, clause.text)
    return not inverted(asked, roles(lens, known.claim.frame, known.claim.text))


@of_claim
def told_by(known: Known, lens: Lens) -> frozenset[str]:
    """The parties that said it when it was made."""
    return voices(known.attribution, lens)


@of_claim
def _actors(known: Known, lens: Lens) -> frozenset[str]:
    frame = known.claim.frame
    return lens.actors(known.claim.text) | lens.actors(frame.actor) | lens.actors(frame.target)


def _parties(known: Known, mine: frozenset[str], spoken: frozenset[str], lens: Lens) -> float:
    frame = known.claim.frame
    named = lens.parties(lens.actors(known.claim.text))
    told = lens.parties(lens.actors(frame.actor) | lens.actors(frame.target)) or named
    share = len(told & spoken) - len(told - spoken)
    return (NAMED if mine & (named | told) else 0.0) + PARTIES * max(-1, min(2, share))


class _Place:
    """Where the claims that the article told stand to a clause."""

    def __init__(
        self, clause: Clause, stance: Stance, before: Collection[Told], open_to: Collection[Known], lens: Lens
    ) -> None:
        may_be = {known.claim.id: _actors(known, lens) for known in open_to}
        for told in before:
            if told.claim_id in may_be:
                may_be[told.claim_id] |= lens.actors(told.sentence)
        earlier = sorted(
            (told.start, claim_id)
            for told in before
            if told.start <= clause.start
            for claim_id in (told.claim_id, *told.denies)
            if claim_id in may_be
        )
        previous = [start for start, _ in earlier if start < clause.start][-1:]
        self._here = {claim_id for _, claim_id in earlier}
        self._next = {claim_id for start, claim_id in earlier if start in (*previous, clause.start)}
        meant = _meant(clause, earlier, open_to, may_be, lens) if stance.kind == "silence" else []
        first = previous if stance.further else meant
        self._first = {claim_id for start, claim_id in earlier if start in first}

    def bonus(self, claim_id: str) -> float:
        """What the place of a claim speaks for it."""
        return (HERE if claim_id in self._here else 0.0) + (NEXT if claim_id in self._next else 0.0)

    def silent(self, claim_id: str) -> float:
        """The same where somebody keeps silent on nothing said."""
        return FIRST if claim_id in self._first else 0.0


def _meant(
    clause: Clause,
    earlier: list[tuple[int, str]],
    open_to: Collection[Known],
    around: Mapping[str, frozenset[str]],
    lens: Lens,
) -> list[int]:
    """Where the article first told of him who is silent, or his party. Who is told of in all of it is asked about much.

    `around`: the actors of the claims and of the sentences in which the article told them, by claim id.
    """
    party, name = lens.parties(quiet(clause, lens)), _names(clause.frame.actor or clause.text)
    own = {known.claim.id for known in open_to if lens.parties(lens.actors(known.claim.text)) & party}
    beside = {claim_id for claim_id, actors in around.items() if lens.parties(actors) & party}
    named = {known.claim.id for known in open_to if _names(known.claim.text) & name}
    found = ([start for start, claim_id in earlier if claim_id in those] for those in (own, beside, named))
    starts = sorted(set(next(filter(None, found), [])))
    return starts[:1] if len(starts) <= OF_HIM else []


_NAME = re.compile(r"\b[A-Z][\w-]+")


def _names(text: str) -> frozenset[str]:
    """The words that a text writes with a capital."""
    return frozenset(word.casefold() for word in _NAME.findall(text)) - word_set("acts.function")


def quiet(clause: Clause, lens: Lens) -> frozenset[str]:
    """The actors of the story who keep silent."""
    frame = clause.frame
    return lens.actors(frame.actor) or lens.actors(frame.target) or lens.actors(clause.text)
