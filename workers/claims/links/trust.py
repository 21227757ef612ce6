"""How far a link that the rules found can be trusted: a logistic regression over its signs, as gold taught it.

The rules find what a clause denies, updates or keeps silent on by its own words; in a story that knows much they find
too much, and a link told wrongly misleads more than one that is not told. The weights are data: `model/trust.json`,
made by `python -m workers.evaluation.learn_links`, which says how well they do on a story left out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping, Sequence, Sized
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from service.contract.data import Hop, Relation
from workers.claims.learned import MODEL, Installed, read_weights
from workers.claims.links.aim import Cast, Names, names, names_around, sentence_words
from workers.claims.links.amend import calls_replaced
from workers.claims.links.antecedent import Told, told_by, whose
from workers.claims.links.stance import pointed, stance
from workers.claims.links.topic import Weights, told_words, topics
from workers.claims.model import Clause, Known
from workers.claims.sameness.figures import values
from workers.claims.sameness.lens import Lens

WEIGHTS = MODEL / "trust.json"
TRUSTED_FROM = 0.50
"""from which a link is told. Source: eighteen sets with gold, each under weights learned without it: of all links told
113 of 216 are exact and 184 of 226 join sentences that the gold joins; from .44 on 116 of 235 and 194 of 247, from .36
on 124 of 267 and 210 of 280"""
FEW = 12
"""claims that may be meant, below which there is little to take one for another"""
LOW = 2
"""figures up to this say nothing by being the same"""
OTHERS = 3
"""parties beside those of the clause from which more tell nothing"""
EDGES = ".,;:!?()%$€£“”‘’"

Signs = dict[str, float]


@dataclass(frozen=True, slots=True)
class Tie:
    """A link that the rules found, and what stands around it."""

    rel: Relation
    clause: Clause
    sentence: str
    target: Known
    knowns: Sequence[Known]
    """the claims that may be meant"""
    told: Collection[Told]
    """what the article told before"""
    first_seen: datetime
    alike: float
    """similarity of the two sentences"""
    nearer: int
    """claims that may be meant whose sentences are more like that of the clause"""


def signs(tie: Tie, lens: Lens) -> Signs:
    """What speaks for a link and against it."""
    target, hours = tie.target, (tie.first_seen - tie.target.appearance_document.first_seen).total_seconds() / 3600
    speaker = _speaker(tie.clause.attribution)
    found: dict[str, float | bool] = {
        **{rel: tie.rel == rel for rel in ("denies", "updates", "withholds")},
        **_words(tie, lens),
        **_names(tie),
        **_sides(tie, lens),
        "figure": _figure(tie),
        "replaced": _replaced(tie),
        "ahead": tie.clause.modality in ("possible", "expected", "conditional", "demanded"),
        "same_speaker": bool(speaker) and speaker == _speaker(target.attribution),
        "previous": _previous(tie),
        "alike": tie.alike,
        "nearest": 1 / (1 + tie.nearer),
        "hours": math.log1p(max(hours, 0.0)),
        "documents": math.log(max(1, target.support.documents)),
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def _words(tie: Tie, lens: Lens) -> dict[str, float]:
    """How much of what the clause points at the claim tells, and of its sentence that of the claim."""
    clause, target = tie.clause, tie.target
    taken = stance(clause, tie.sentence)
    own = topics(lens, clause.text, clause.frame.action or "")
    asked = own if taken is None else pointed(clause, taken, lens)
    claims = Weights(told_words(known, lens) for known in tie.knowns)
    sentences = Weights(sentence_words(known, lens) for known in tie.knowns)
    return {
        "share": claims.share(asked, told_words(target, lens)),
        "sentences": sentences.share(own | topics(lens, tie.sentence), sentence_words(target, lens)),
    }


def _names(tie: Tie) -> dict[str, float]:
    """How many of the clause's names stand in the sentence of the claim, and of the claim's in that of the clause."""
    seen, mine = Names(tie.knowns), names(tie.clause.text)
    return {
        "names": seen.share(mine, names_around(tie.target)),
        "named": seen.share(names(tie.target.claim.text), mine | names(tie.sentence)),
    }


def _sides(tie: Tie, lens: Lens) -> dict[str, float]:
    """Whether who says it is told of in the claim, or says it; who else is; whether another says it."""
    mine = whose(tie.clause, lens)
    cast = Cast(tie.clause, mine, lens).of(tie.target)
    return {
        "of_speaker": cast["of_denier"],
        "by_speaker": bool(mine & told_by(tie.target, lens)),
        "others": min(OTHERS, cast["others"]),
        "other_voice": cast["other_voice"],
    }


def _replaced(tie: Tie) -> bool:
    """Whether the clause says that a figure is replaced, and gives another than the claim."""
    mine, theirs = values(tie.clause.quantities), values(tie.target.claim.quantities)
    return bool(mine and theirs) and mine.isdisjoint(theirs) and calls_replaced(tie.clause.text)


def _figure(tie: Tie) -> bool:
    """Whether the sentence gives a figure of the claim: "to 15 from 14"."""
    figures = {f"{one.value:g}" for one in tie.target.claim.quantities if one.value is not None and one.value > LOW}
    return not figures.isdisjoint(word.strip(EDGES) for word in tie.sentence.replace(",", "").split())


def _previous(tie: Tie) -> bool:
    """Whether the last sentence before it that told a claim told this one."""
    starts = [(one.start, one.claim_id) for one in tie.told if one.start < tie.clause.start]
    last = max((start for start, _ in starts), default=None)
    return (last, tie.target.claim.id) in starts


def _speaker(hops: Sequence[Hop]) -> str:
    heard = [hop for hop in hops if hop.kind not in ("outlet", "publisher")]
    return (heard[-1].name or heard[-1].descriptor or "").casefold() if heard else ""


@dataclass(frozen=True, slots=True)
class Trust:
    """The weights of the signs."""

    weights: Mapping[str, float]
    bias: float

    def of(self, found: Signs) -> float:
        """How likely a link with these signs is right, 0 to 1, to 4 places."""
        total = self.bias + sum(self.weights[name] * found[name] for name in sorted(self.weights))
        return round(1 / (1 + math.exp(-max(-30.0, min(30.0, total)))), 4)

    def __call__(self, tie: Tie, lens: Lens) -> bool:
        """Whether a link is told."""
        return self.of(signs(tie, lens)) >= TRUSTED_FROM


@cache
def load_trust() -> Trust:
    """The weights of this installation, read once.

    Raises:
        ClaimwireError: the file is missing or is none of ours.
    """
    return read_weights(WEIGHTS, _trust)


def _trust(found: Any) -> Trust:
    return Trust({str(name): float(weight) for name, weight in found["weights"].items()}, float(found["bias"]))


Judge = Callable[[Tie, Lens], bool]
JUDGE: Installed[Judge] = Installed("trust", load_trust)


def is_judged(clause: Clause, knowns: Sized) -> bool:
    """Whether what was learned says something: it is of English texts that were read, in a story that knows much.

    Where nothing was learned all that the rules find is told.
    """
    return clause.language == "en" and clause.place is not None and len(knowns) >= FEW


def first_told(known: Known) -> tuple[str, str]:
    """The sentence that told a claim first, with its language."""
    return known.evidence[0].selector[0].exact, known.appearance_document.language or "en"
