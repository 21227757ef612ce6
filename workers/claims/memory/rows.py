"""The vectors of what is known, as one matrix, so that a clause is compared with all of it at once."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
import numpy.typing as npt

from workers.claims.memory.encode import Vectors, as_matrix

_BLOCK = 256
"""rows multiplied at once: as floats they stay in a core's cache"""
_ROUNDED = 1.2e-4
"""two cosines farther apart stand in the same order once rounded to 4 places, though they be reckoned in single
precision"""


class Rows:
    """Vectors by the claim whose wording they are of. A value: what changes it makes another."""

    def __init__(self, dimensions: int) -> None:
        self._matrix: Vectors = np.zeros((0, dimensions), dtype=np.int8)
        self._squares: npt.NDArray[np.float64] = np.zeros(0)
        """of the length of each row"""
        self._places: dict[str, int] = {}
        """of the claims; shared with those that were made of this one and those that this one was made of"""
        self._ids: list[str] = []
        """the claims by their places; shared too"""
        self._owners: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        """the claim of each row, as a place"""
        self.total: npt.NDArray[np.int64] = np.zeros(dimensions, dtype=np.int64)
        """the sum of all rows"""

    def with_more(self, claims: Sequence[str], vectors: Sequence[bytes]) -> Rows:
        """With a further row for each of these claims, which may come more than once."""
        if not claims:
            return self
        added, more = as_matrix(vectors), self._beside()
        more._matrix = np.concatenate([self._matrix, added])
        more._squares = np.concatenate([self._squares, _squares(added)])
        more._owners = np.concatenate([self._owners, [self._place(claim_id) for claim_id in claims]])
        more.total = self.total + added.sum(axis=0, dtype=np.int64)
        return more

    def without(self, claims: Collection[str]) -> Rows:
        """Without the rows of these claims: what is known must not depend on who has known them."""
        if not claims:
            return self
        stay, less = ~self._are(claims), self._beside()
        less._matrix, less._squares, less._owners = self._matrix[stay], self._squares[stay], self._owners[stay]
        less.total = self.total - self._matrix[~stay].sum(axis=0, dtype=np.int64)
        return less

    def nearest(self, asked: Vectors, most: int, but: Collection[str] = ()) -> list[list[tuple[str, float]]]:
        """For each vector the claims with the most similar content, best first, with the best cosine over their rows.

        Every cosine is `encode.cosine`, to the last digit; which of all are looked at is found in single precision.

        Args:
            but: claims that are none of them.
        """
        if not len(self._owners) or not len(asked):
            return [[] for _ in asked]
        dots, squares = self._dots(asked), _squares(asked)
        rough = dots * np.reciprocal(np.sqrt(np.maximum(self._squares, 1.0))).astype(np.float32)
        if but:
            rough[:, self._are(but)] = -np.inf
        order = np.argsort(self._owners, kind="stable")
        starts = np.flatnonzero(np.diff(self._owners[order], prepend=-1))
        best = np.maximum.reduceat(rough[:, order], starts, axis=1)
        least = np.partition(best, -most, axis=1)[:, -most] if best.shape[1] > most else np.full(len(asked), -np.inf)
        least = least - _ROUNDED * np.sqrt(squares)
        found = []
        for at, row in enumerate(rough):
            near = np.flatnonzero((row >= least[at]) & (row > -np.inf))
            found.append(self._ranked(near, dots[at, near], squares[at])[:most])
        return found

    def _ranked(
        self, rows: npt.NDArray[np.intp], dots: npt.NDArray[np.float32], square: float
    ) -> list[tuple[str, float]]:
        lengths = np.sqrt(square * self._squares[rows])
        exact = np.divide(dots.astype(np.float64), lengths, out=np.zeros(len(rows)), where=lengths > 0)
        scores: dict[str, float] = {}
        for place, score in zip(self._owners[rows].tolist(), np.round(exact, 4).tolist(), strict=True):
            claim_id = self._ids[place]
            scores[claim_id] = max(scores.get(claim_id, score), score)
        # Equal scores fall to the smaller id: never to the order in which this worker happened to learn the claims.
        return sorted(scores.items(), key=lambda item: (-item[1], item[0]))

    def _dots(self, asked: Vectors) -> npt.NDArray[np.float32]:
        """Exact: single precision holds every partial sum (below 512 * 127**2), whatever order the BLAS adds in."""
        left, block = asked.astype(np.float32), np.empty((_BLOCK, asked.shape[1]), dtype=np.float32)
        dots = np.empty((len(asked), len(self._matrix)), dtype=np.float32)
        for at in range(0, len(self._matrix), _BLOCK):
            some = self._matrix[at : at + _BLOCK]
            block[: len(some)] = some
            dots[:, at : at + _BLOCK] = left @ block[: len(some)].T
        return dots

    def _are(self, claims: Collection[str]) -> npt.NDArray[np.bool_]:
        """Which rows are of these claims."""
        return np.isin(self._owners, [self._places[claim_id] for claim_id in claims if claim_id in self._places])

    def _beside(self) -> Rows:
        """Without a row, where claims have the same places."""
        other = Rows(self._matrix.shape[1])
        other._places, other._ids = self._places, self._ids
        return other

    def _place(self, claim_id: str) -> int:
        if claim_id not in self._places:
            self._places[claim_id] = len(self._ids)
            self._ids.append(claim_id)
        return self._places[claim_id]


def _squares(matrix: Vectors) -> npt.NDArray[np.float64]:
    each = matrix.astype(np.float32)
    squares: npt.NDArray[np.float64] = np.einsum("ij,ij->i", each, each).astype(np.float64)
    return squares
