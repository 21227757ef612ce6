"""How a clause stands to each claim that it came near: found out for those that it may be, and for whom somebody asks.

Most of what is near a clause is far from being it: of sixty claims that are looked at some ten are compared in full.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workers.claims.model import Clause, Known
from workers.claims.sameness.lens import Lens
from workers.claims.sameness.same import Judgement, judge, near


class Judged(Mapping[str, Judgement]):
    """By claim id, in the order of the scores: the nearest first. A judgement is made when it is asked for."""

    def __init__(self, clause: Clause, knowns: Mapping[str, Known], scores: Mapping[str, float], lens: Lens) -> None:
        self._clause, self._knowns, self._scores, self._lens = clause, knowns, scores, lens
        self._made: dict[str, Judgement] = {}
        self._near: list[tuple[str, Judgement]] | None = None

    def __getitem__(self, claim_id: str) -> Judgement:
        made = self._made.get(claim_id)
        if made is None:
            known, score = self._knowns[claim_id], self._scores[claim_id]
            made = self._made[claim_id] = judge(self._clause, known, score, self._lens)
        return made

    def __iter__(self) -> Iterator[str]:
        return iter(self._scores)

    def __len__(self) -> int:
        return len(self._scores)

    def near(self) -> list[tuple[str, Judgement]]:
        """Those that are `near`, each with its judgement: the only ones of which a rule can hold."""
        if self._near is None:
            scored = ((self._knowns[claim_id], score) for claim_id, score in self._scores.items())
            ids = [known.claim.id for known in near(self._clause, scored, self._lens)]
            self._near = [(claim_id, self[claim_id]) for claim_id in ids]
        return self._near
