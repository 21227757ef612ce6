"""How a clause stands to each claim that it came near: found out for those that it may be, and for whom somebody asks.

Most of what is near a clause is far from being it: of sixty claims that are looked at some ten are compared in full.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from workers.claims.model import Clause, Known
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.same import Judgement, judge, near


class Judged(Mapping[str, Judgement]):
    """By claim id, in the order of the scores: the nearest first. A judgement is made when it is asked for."""

    def __init__(self, clause: Clause, known: Callable[[str], Known], scores: Mapping[str, float], lens: Lens) -> None:
        self._clause, self._scores, self._lens = clause, scores, lens
        self.knowns = {claim_id: known(claim_id) for claim_id in scores}
        """the claims as they stood when the clause was met"""
        self._made: dict[str, Judgement] = {}
        self._near: list[tuple[str, Judgement]] | None = None

    def __getitem__(self, claim_id: str) -> Judgement:
        made = self._made.get(claim_id)
        if made is None:
            known, score = self.knowns[claim_id], self._scores[claim_id]
            made = self._made[claim_id] = judge(self._clause, known, score, self._lens)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._scores)

    def __len__(self) -> int:
        return len(self._scores)

    def near(self) -> list[tuple[str, Judgement]]:
        """Those that are `near`, each with its judgement: the only ones of which a rule can hold."""
        if self._near is None:
            found: list[tuple[str, Judgement]] = []
            scored = zip(self.knowns.values(), self._scores.values(), strict=True)
            for known, score, verbs in near(self._clause, scored, self._lens):
                if (claim_id := known.claim.id) not in self._made:
                    self._made[claim_id] = judge(self._clause, known, score, self._lens, verbs)
                found.append((claim_id, self._made[claim_id]))
            self._near = found
        return self._near
