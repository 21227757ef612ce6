"""Which known claim a denial is about, by signs weighed as stories with gold taught it.

Every claim that may be meant gets a score, a weighted sum of signs: what it shares with the words of the denial, where
the article told it, whom it names. The scores are compared with one another: how far one stands out says how sure the
aim is (a conditional logit). The weights are data: `model/aim.json`, made by
`python -m workers.evaluation.learn_links`, which says how well they do on a story left out.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, lru_cache
from typing import Any

from service.contract.data import Frame
from workers.claims.grammar.verbs import kin
from workers.claims.grammar.words import REMEMBERED, word_set
from workers.claims.learned import MODEL, Installed, read_weights
from workers.claims.links.antecedent import Told, is_open, told_by, voices, whose
from workers.claims.links.stance import Stance, pointed
from workers.claims.links.topic import Weights, told_words, topics
from workers.claims.model import Clause, Known
from workers.claims.sameness.kept import of_claim
from workers.claims.sameness.lens import Lens

WEIGHTS = MODEL / "aim.json"
SURE_FROM = 0.50
"""how far a claim must stand out for a link that nothing else speaks for"""
BORNE_FROM = 0.20
"""the same for the claim that tells most of what is denied. Source: on twelve stories with gold, each under weights
learned without it; see the file"""
FEW = 12
"""claims that may be meant, below which standing out from the others says nothing"""
STRONG = 4.0
"""weight of shared words that counts 1"""
LONG = 10
"""topical words of a claim that count 1"""
_NAME = re.compile(r"\b[A-Z][\w’'-]+")

Signs = dict[str, float]


@dataclass(frozen=True, slots=True)
class Denial:
    """What is asked about: a denial, and the article around it."""

    clause: Clause
    stance: Stance
    sentence: str
    told: Collection[Told]
    """what the article told before it was decided"""
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Aim:
    """The weights of the signs."""

    weights: Mapping[str, float]

    def at(self, denial: Denial, knowns: Sequence[Known], scores: Mapping[str, float], lens: Lens) -> dict[str, float]:
        """How far each claim that may be meant stands out, 0 to 1, by claim id; all together 1."""
        found = signs(denial, knowns, scores, lens)
        weights = sorted(self.weights.items())
        sums = {claim_id: sum(weight * one[n] for n, weight in weights) for claim_id, one in found.items()}
        most = max(sums.values(), default=0.0)
        raised = {claim_id: math.exp(value - most) for claim_id, value in sorted(sums.items())}
        whole = sum(raised.values())
        return {claim_id: round(value / whole, 4) for claim_id, value in raised.items()}


@cache
def load_aim() -> Aim:
    """The weights of this installation, read once.

    Raises:
        ClaimwireError: the file is missing or is none of ours.
    """
    return read_weights(WEIGHTS, _aim)


def _aim(found: Any) -> Aim:
    return Aim({str(name): float(weight) for name, weight in found["weights"].items()})


Taken = Callable[[Denial, Sequence[Known], Mapping[str, float], Lens], dict[str, float]]
TAKEN: Installed[Taken] = Installed("aim", lambda: load_aim().at)


def aimed(denial: Denial, knowns: Sequence[Known], scores: Mapping[str, float], lens: Lens) -> dict[str, float]:
    """How far each claim that may be meant stands out, by claim id."""
    return TAKEN.now()(denial, knowns, scores, lens)


def signs(denial: Denial, knowns: Sequence[Known], scores: Mapping[str, float], lens: Lens) -> dict[str, Signs]:
    """What speaks for each claim that may be meant, by claim id; `scores` are the content similarities."""
    mine = whose(denial.clause, lens)
    may_be = [known for known in knowns if is_open(known, denial.clause, denial.stance, mine, lens)]
    words, place = _Words(denial, may_be, lens), _Places(denial)
    days = sorted({known.appearance_document.first_seen for known in may_be})
    cast = Cast(denial.clause, mine, lens)
    found = {
        known.claim.id: words.of(known)
        | place.of(known.claim.id)
        | cast.of(known)
        | _standing(denial, known)
        | {"content": max(scores.get(known.claim.id, 0.0), 0.0)}
        | {"late": days.index(known.appearance_document.first_seen) / max(1, len(days) - 1)}
        for known in may_be
    }
    return {claim_id: {name: round(float(value), 4) for name, value in one.items()} for claim_id, one in found.items()}


class _Words:
    """What the words of a denial have in common with those of the claims, and with the sentences that told them."""

    def __init__(self, denial: Denial, may_be: Sequence[Known], lens: Lens) -> None:
        self._lens = lens
        self._asked = pointed(denial.clause, denial.stance, lens)
        self._around = topics(lens, denial.sentence) | topics(
            lens, denial.clause.text, denial.clause.frame.action or ""
        )
        self._claims = Weights(told_words(known, lens) for known in may_be)
        self._sentences = Weights(sentence_words(known, lens) for known in may_be)
        self._mine = names(denial.clause.text)
        self._named = self._mine | names(" ".join(hop.name or "" for hop in denial.clause.attribution))
        self._names = Names(may_be)

    def of(self, known: Known) -> Signs:
        told, sentence = told_words(known, self._lens), sentence_words(known, self._lens)
        return {
            "share": self._claims.share(self._asked, told),
            "sentence_share": self._sentences.share(self._asked, sentence),
            "back": self._claims.share(told, self._asked),
            "back_around": self._claims.share(told, self._around),
            "sentences": self._sentences.share(self._around, sentence),
            "weight": self._strength(self._claims, told),
            "strength": self._strength(self._sentences, sentence),
            "length": len(told) / LONG,
            "names": self._names.share(self._mine, names_around(known)),
            "named": self._names.share(names(known.claim.text), self._named),
        }

    def _strength(self, weights: Weights, told: frozenset[str]) -> float:
        return min(2.0, sum(weights.of(word) for word in sorted(self._asked & told)) / STRONG)


class Names:
    """How much each name tells among the claims that may be meant: one that few sentences have, most."""

    def __init__(self, may_be: Sequence[Known]) -> None:
        self._seen = Counter(name for known in may_be for name in names_around(known))
        self._many = len(may_be)

    def share(self, asked: frozenset[str], told: frozenset[str]) -> float:
        """How many of the names asked about are told, weighed; 0 where none is asked about."""
        weight = {name: math.log((self._many + 2) / (self._seen[name] + 1)) + 0.05 for name in sorted(asked)}
        return sum(weight[name] for name in sorted(asked & told)) / sum(weight.values()) if asked else 0.0


class _Places:
    """Where the article told the claims, seen from the denial."""

    def __init__(self, denial: Denial) -> None:
        self._start = denial.clause.start
        self._starts: dict[str, set[int]] = {}
        for told in denial.told:
            for claim_id in (told.claim_id, *told.denies) if told.start <= self._start else ():
                self._starts.setdefault(claim_id, set()).add(told.start)
        self._before = sorted({at for starts in self._starts.values() for at in starts if at < self._start})
        self._first = min((told.start for told in denial.told), default=-1)

    def of(self, claim_id: str) -> Signs:
        starts = self._starts.get(claim_id, set())
        return {
            "here": bool(starts),
            "same": self._start in starts,
            "previous": bool(starts & set(self._before[-1:])),
            "before_that": bool(starts & set(self._before[-2:-1])),
            "first": self._first in starts,
        }


class Cast:
    """Who takes part in a denial and in a claim, and who says them."""

    def __init__(self, clause: Clause, mine: frozenset[str], lens: Lens) -> None:
        self._mine, self._lens, self._action = mine, lens, clause.frame.action or ""
        self._ours, self._by = _parts(clause.text, clause.frame, lens), voices(clause.attribution, lens)

    def of(self, known: Known) -> Signs:
        """What can be seen of a claim's parties, each sign 0 or 1 or a count."""
        ours, theirs, mine = self._ours, _parts_of(known, self._lens), self._mine
        by, other = self._by, told_by(known, self._lens)
        either = len(ours.all | theirs.all)
        return {
            "of_denier": bool(mine & theirs.all),
            "by_denier": bool(mine & theirs.actor),
            "to_denier": bool(mine & theirs.target),
            "cast": len(ours.all & theirs.all) / max(1, either),
            "others": len(theirs.all - ours.all - mine),
            "actors": bool(ours.actor & theirs.actor),
            "targets": bool(ours.target & theirs.target),
            "crossed": bool(ours.actor & theirs.target or ours.target & theirs.actor),
            "other_voice": bool(by and other and not by & other),
            "near_verbs": kin(self._action, known.claim.frame.action or "") == "near",
        }


@dataclass(frozen=True, slots=True)
class _Parts:
    actor: frozenset[str]
    target: frozenset[str]
    all: frozenset[str]


def _parts(text: str, frame: Frame, lens: Lens) -> _Parts:
    actor, target = lens.parties(lens.actors(frame.actor)), lens.parties(lens.actors(frame.target))
    return _Parts(actor, target, lens.parties(lens.actors(text) | lens.actors(frame.actor) | lens.actors(frame.target)))


@of_claim
def _parts_of(known: Known, lens: Lens) -> _Parts:
    return _parts(known.claim.text, known.claim.frame, lens)


def _standing(denial: Denial, known: Known) -> Signs:
    """How a claim stands by now, apart from what is denied."""
    support, hours = known.support, (denial.first_seen - known.appearance_document.first_seen).total_seconds() / 3600
    return {
        "documents": math.log(support.documents),
        "denied": min(3, len(support.denied_by)),
        "silent_on": min(3, len(support.no_comment)),
        "age": math.log1p(max(hours, 0.0)),
        "figure_denied": bool(denial.stance.figure and known.claim.quantities),
    }


@lru_cache(maxsize=REMEMBERED)
def names(text: str) -> frozenset[str]:
    """The words that a text writes with a capital, without a genitive's ending."""
    found = (re.sub(r"[’']s?$", "", name).casefold() for name in _NAME.findall(text))
    return frozenset(found) - word_set("acts.function")


@of_claim
def sentence_words(known: Known, lens: Lens) -> frozenset[str]:
    """The topical words of a claim and of the sentence that told it first."""
    return topics(lens, known.evidence[0].selector[0].exact) | topics(
        lens, known.claim.text, known.claim.frame.action or ""
    )


@of_claim
def names_around(known: Known) -> frozenset[str]:
    """The names in a claim and in the sentence that told it first."""
    return names(f"{known.evidence[0].selector[0].exact} {known.claim.text}")
