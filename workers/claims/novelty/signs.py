"""What can be seen of a clause that nobody is known to have said: what weighing it starts from.

Every sign is general: how the clause is built, what its sentence and its article said before, what is known that is
like it, what the article is about. Values from 0 to 1 (a cosine from -1), rounded, so that weighing is exact.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from service.contract.data import Hop, Link, Quantity
from workers.claims.model import Clause, Known, Place
from workers.claims.novelty.scene import Scene, wordings, words
from workers.claims.sameness.figures import values
from workers.claims.sameness.kept import of_claim
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.same import Judgement

Signs = dict[str, float]

FEW_WORDS = 3
LONG = 40
"""words from which a sentence that is longer tells nothing more"""
MANY_FRESH = 5
"""fresh words from which more tell nothing"""
LONG_CLAUSE = 30
"""words from which a clause that is longer tells nothing more"""
HALF_TOLD = 50
"""known claims with which a story is half told: the more is known, the more of what comes is told again"""


@dataclass(frozen=True, slots=True)
class Before:
    """What the article said before this clause."""

    born: tuple[Known, ...]
    """claims that it brought"""
    repeated: tuple[tuple[int, int], ...]
    """evidence of clauses that were known claims"""

    @property
    def repeats(self) -> float:
        """Of what it said: what was known."""
        return len(self.repeated) / (len(self.repeated) + len(self.born)) if self.repeated else 0.0

    def beside(self, clause: Clause) -> tuple[Known, ...]:
        """Of the claims that it brought: those with the same evidence."""
        return tuple(known for known in self.born if _overlaps(known, clause))


@dataclass(frozen=True, slots=True)
class Sight:
    """What all clauses of an article are looked at with."""

    text: str
    scene: Scene
    lens: Lens
    headline: frozenset[str]
    """its words"""


def article_signs(scene: Scene) -> Signs:
    """What is seen of an article. What is known tells the more, the more is known."""
    settled = scene.settled
    known = {
        "like_known": scene.like_known,
        "near_known": scene.near_known,
        "core_words": scene.core_words,
    }
    return {
        "like_parts": scene.like_parts,
        "about_words": scene.about_words,
        "cast": scene.cast,
        "settled": settled,
        **{name: round(settled * value, 4) for name, value in known.items()},
    }


def clause_signs(
    clause: Clause,
    place: Place,
    judged: Mapping[str, Judgement],
    others: Sequence[Known],
    links: Sequence[Link],
    before: Before,
    sight: Sight,
) -> Signs:
    """What is seen of a clause; `others` are the claims judged that its article did not bring, the nearest first."""
    mine = words(clause.text, sight.lens)
    sentence = words(sight.text[clause.start : clause.end], sight.lens)
    found: dict[str, float | bool] = {
        **_form(clause, place),
        **_voice(clause),
        **known_signs(
            Told(mine, sentence, clause.quantities, clause.attribution),
            others,
            judged,
            sight.lens,
        ),
        "sentence": min(len(sight.text[clause.start : clause.end].split()), LONG) / LONG,
        "known": sight.scene.known / (sight.scene.known + HALF_TOLD),
        "headline": len(sentence & sight.headline) / len(sight.headline) if sight.headline else 0.0,
        "repeats": before.repeats,
        **_siblings(clause, place, mine, before.beside(clause), sight.lens),
        "linked": bool(links),
        "attributed": sight.scene.attributed,
        "personal": sight.scene.personal,
    }
    return {name: round(float(value), 4) for name, value in found.items()}


def _form(clause: Clause, place: Place) -> dict[str, float | bool]:
    return {
        "finite": place.form == "finite",
        "length": min(place.words, LONG_CLAUSE) / LONG_CLAUSE,
        "joined": place.joined,
        "depth": min(place.depth, 3) / 3,
        "presupposed": clause.presupposed,
        "present": place.tag in ("VBZ", "VBP"),
        "perfect": place.perfect == "has",
        "had": place.perfect == "had",
        "thing": place.subject == "thing",
        "had_said": place.cue_perfect == "had",
        "speaker": place.subject == "speaker",
        "quoted": place.quoted,
        "few_words": place.full_words <= FEW_WORDS,
        "names": min(place.names, 4) / 4,
        "figure": bool(clause.quantities),
        "time": clause.when is not None,
        "reported": clause.modality == "reported",
        "no_comment": clause.kind == "no_comment",
    }


def _voice(clause: Clause) -> dict[str, float | bool]:
    return {
        "sourced": bool(_sources(clause.attribution)),
        "outlet": any(hop.kind == "outlet" for hop in clause.attribution),
    }


@dataclass(frozen=True, slots=True)
class Told:
    """What of a clause is compared with what is known."""

    words: frozenset[str]
    sentence: frozenset[str]
    """the words of its evidence"""
    quantities: Sequence[Quantity]
    attribution: Sequence[Hop]


def known_signs(
    mine: Told, near: Sequence[Known], judged: Mapping[str, Judgement], lens: Lens
) -> dict[str, float | bool]:
    """What is known that is like it, the nearest first: its words, those of its sentence, its figures, the nearest."""
    seen = [_seen(known, lens) for known in near]
    fresh = mine.words.difference(*(one.wordings for one in seen))
    nearest = judged[near[0].claim.id] if near else None
    # Of sentences that known claims share each is looked at once.
    covered = max((len(mine.sentence & said) for said in {one.sentence for one in seen}), default=0)
    figures = values(mine.quantities)
    counted = frozenset().union(*(one.figures for one in seen)) if figures else frozenset[float]()
    return {
        "fresh": min(len(fresh), MANY_FRESH) / MANY_FRESH,
        "fresh_share": len(fresh) / len(mine.words) if mine.words else 0.0,
        "told_before": covered / len(mine.sentence) if mine.sentence else 0.0,
        "figure_known": bool(figures) and figures <= counted,
        "nearest": nearest.score if nearest else 0.0,
        "nearest_lacks": _without(mine.words, near[0], lens) if near else 1.0,
        "nearest_roles": nearest is not None and nearest.slots == "both",
        "nearest_source": nearest is not None and bool(_sources(mine.attribution) & _sources(near[0].attribution)),
        "roles_differ": nearest is not None and nearest.slots in ("conflict", "inverted"),
    }


class _Seen(NamedTuple):
    """What of a known claim is compared with every clause near it."""

    wordings: frozenset[str]
    sentence: frozenset[str]
    figures: frozenset[float]


@of_claim
def _seen(known: Known, lens: Lens) -> _Seen:
    sentence = words(known.evidence[0].selector[0].exact, lens)
    return _Seen(wordings(known, lens), sentence, values(known.claim.quantities))


def _without(mine: frozenset[str], known: Known, lens: Lens) -> float:
    """Of the words: those that a claim as it was made first does not have."""
    return len(mine - words(known.claim.text, lens)) / len(mine) if mine else 0.0


def _sources(hops: Iterable[Hop]) -> frozenset[str]:
    people = (hop for hop in hops if hop.kind not in ("outlet", "publisher"))
    return frozenset(name.casefold() for hop in people if (name := hop.name or hop.descriptor))


def _siblings(
    clause: Clause, place: Place, mine: frozenset[str], siblings: Sequence[Known], lens: Lens
) -> dict[str, float | bool]:
    """What else its sentence brought, and what this clause adds to that."""
    told = frozenset().union(*(words(known.claim.text, lens) for known in siblings))
    one = bool(siblings)
    return {
        "sibling": one,
        "siblings": len(siblings) >= 2,
        "sibling_quoted": one and place.quoted,
        "sibling_depth": min(place.depth, 2) / 2 if one else 0.0,
        "sibling_fresh": min(len(mine - told), 6) / 6 if one else 0.0,
        "sibling_denied": any(known.claim.polarity != clause.polarity for known in siblings),
    }


def _overlaps(known: Known, clause: Clause) -> bool:
    position = known.evidence[0].selector[1]
    return position.start < clause.end and clause.start < position.end
