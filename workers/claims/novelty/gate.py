"""Weighs the clauses of one article that nobody is known to have said: push, hold, or none of this story."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from service.contract.data import Link
from workers.claims.model import Clause, Known
from workers.claims.novelty.scene import SETTLED, words
from workers.claims.novelty.signs import Before, Sight, Signs, Told, article_signs, clause_signs, known_signs
from workers.claims.novelty.worth import Band, Worth
from workers.claims.sameness.same import Judgement

RELEVANCE_SPAN = 3.0
"""scores of an article beyond which more tells nothing of its clauses"""
ANOTHER, MUCH = 30.0, 0.05
"""what an article's score loses for each point by which it is liker to other matters than to the story, and how much
liker it may be. Source: seventeen invented pages of real length on what else the shipped story's actors are in the news
for, one of the story's neighbours in a set left out; ten brought 140 events when nothing was lost, two bring 34. In
seven other stories whose other matters were named blindly the mean F1 is .746 instead of .748"""
TELLING, DESCRIBED = 3, 10
"""words beside the actors' names by which a story file tells something of what the story is about, and enough of it to
tell another matter while nothing is known"""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a clause is worth."""

    band: Band
    score: float
    signs: Signs


FREE = Weighed("push", 0.0, {})
"""of a clause that was not read out of a text: there is nothing to weigh"""


@dataclass(frozen=True, slots=True)
class Weighing:
    """What articles are weighed with."""

    worth: Worth
    gate: Callable[[Sight, Worth], Gate]
    """makes the gate of one article"""


class Gate:
    """The gate of one article. Made before its clauses are decided; its judgement of the article stands."""

    def __init__(self, sight: Sight, worth: Worth) -> None:
        scene = sight.scene
        self._sight = sight
        self._worth = worth
        self.article = article_signs(scene)
        said = worth.article.of(self.article) + ANOTHER * min(scene.likelier + MUCH, 0.0)
        self.relevance = max(said, 0.0) if scene.brief else said
        settled, told = scene.known >= SETTLED, scene.description >= DESCRIBED
        # While next to nothing is known the story file alone speaks: what it says may be little, and is then only held.
        below = worth.elsewhere_below if settled else worth.first_elsewhere_below
        self._doubted = (settled or scene.description >= TELLING) and self.relevance < below
        self.elsewhere = self._doubted and (settled or told)
        """about another matter: it brings nothing"""

    def weigh(
        self,
        clause: Clause,
        judged: Mapping[str, Judgement],
        others: Sequence[Known],
        links: Sequence[Link],
        before: Before,
    ) -> Weighed:
        """The band of a clause and its score."""
        if clause.place is None:
            return FREE
        signs = clause_signs(clause, clause.place, judged, others, links, before, self._sight)
        capped = max(-RELEVANCE_SPAN, min(RELEVANCE_SPAN, self.relevance))
        signs["relevance"] = round(capped / RELEVANCE_SPAN, 4)
        score = self._worth.clause.of(signs)
        if self._doubted:
            return Weighed("doubt", score, signs)
        # Who denies, updates, corrects or keeps silent makes news by that, unless the sentence was told already.
        # Source: on six stories with gold 65 of 81 such clauses were, of the others 280 of 454.
        answers = (bool(links) or clause.kind == "no_comment") and not before.beside(clause)
        return Weighed("push" if answers else self._worth.band(score), score, signs)

    def weigh_again(self, held: Known, near: Sequence[Known], judged: Mapping[str, Judgement]) -> Weighed:
        """A held claim by what is known now, the nearest first; what was seen of its clause stands."""
        assert held.held is not None
        lens = self._sight.lens
        sentence = words(held.evidence[0].selector[0].exact, lens)
        mine = Told(words(held.claim.text, lens), sentence, held.claim.quantities, held.attribution)
        anew = {name: round(float(value), 4) for name, value in known_signs(mine, near, judged, lens).items()}
        signs = {**held.held.signs, **anew}
        score = self._worth.clause.of(signs)
        return Weighed(self._worth.band(score), score, signs)
