"""Weighs the clauses of one article that nobody is known to have said: push, hold, or none of this story."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.contract.data import Link
from workers.claims.model import Clause, Known
from workers.claims.same import Judgement
from workers.claims.scene import SETTLED, words
from workers.claims.signs import Before, Sight, Signs, article_signs, clause_signs, known_signs
from workers.claims.worth import Band, Worth, load_worth

RELEVANCE_SPAN = 3.0
"""scores of an article beyond which more tells nothing of its clauses"""


@dataclass(frozen=True, slots=True)
class Weighed:
    """What a clause is worth."""

    band: Band
    score: float
    signs: Signs


FREE = Weighed("push", 0.0, {})
"""of a clause that was not read out of a text: there is nothing to weigh"""


class Gate:
    """The gate of one article. Made before its clauses are decided; its judgement of the article stands."""

    def __init__(self, sight: Sight, known: int, worth: Worth | None = None) -> None:
        self._sight = sight
        self._worth = worth or load_worth()
        self.article = article_signs(sight.scene)
        said = self._worth.article.of(self.article)
        self.relevance = max(said, 0.0) if sight.scene.brief else said
        silent = sight.scene.brief or (known < SETTLED and not sight.scene.described)
        self._doubted = not silent and self._worth.is_elsewhere(self.relevance, known)
        self.elsewhere = self._doubted and known >= SETTLED
        """about another matter: it brings nothing. While next to nothing is known it is only doubted, and held"""

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
        # Who denies, updates or corrects a known claim makes news by that, unless the sentence was told already.
        # Source: on six stories with gold 65 of 81 such clauses were, of the others 280 of 454.
        answers = bool(links) and not before.beside(clause)
        return Weighed("push" if answers else self._worth.band(score), score, signs)

    def weigh_again(self, held: Known, near: Sequence[tuple[Known, Judgement]]) -> Weighed:
        """A held claim by what is known now; what was seen of its clause stands."""
        assert held.held is not None
        lens = self._sight.lens
        mine, sentence = words(held.claim.text, lens), words(held.evidence[0].selector[0].exact, lens)
        anew = {name: round(float(value), 4) for name, value in known_signs(mine, sentence, near, lens).items()}
        signs = {**held.held.signs, **anew}
        score = self._worth.clause.of(signs)
        return Weighed(self._worth.band(score), score, signs)
