"""Vectors that come one by one, with names: what one is like them is found for all of them at once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from workers.claims.memory.encode import as_matrix, as_row


class Stack:
    """Grows at its end; what has gone is passed over by whoever asks."""

    def __init__(self) -> None:
        self.names: list[str] = []
        """of the vectors, in the order in which they came; a name may have several"""
        self._rows: npt.NDArray[np.float32] = np.empty((0, 0), np.float32)
        self._squares: npt.NDArray[np.float64] = np.empty(0)
        """of their lengths"""

    def add(self, names: Sequence[str], vectors: Sequence[bytes]) -> None:
        """Puts vectors on top, each with its name."""
        if not names:
            return
        added, at = as_matrix(vectors).astype(np.float32), len(self.names)
        self.names += names
        if (many := len(self.names)) > len(self._rows):
            rows, squares = np.empty((2 * many, added.shape[1]), np.float32), np.empty(2 * many)
            if at:
                rows[:at], squares[:at] = self._rows[:at], self._squares[:at]
            self._rows, self._squares = rows, squares
        self._rows[at:many], self._squares[at:many] = added, np.einsum("ij,ij->i", added, added)

    def cosines(self, vector: bytes) -> list[float]:
        """With each vector, in their order: as `encode.cosine`, to the last digit."""
        found: list[float] = self._shares(vector).tolist() if self.names else []
        return found

    def above(self, vector: bytes, least: float) -> list[tuple[str, float]]:
        """The names of those whose cosine is at least so much, with it, in their order."""
        if not self.names:
            return []
        shares = self._shares(vector)
        places = np.flatnonzero(shares >= least)
        return [(self.names[at], share) for at, share in zip(places.tolist(), shares[places].tolist(), strict=True)]

    def _shares(self, vector: bytes) -> npt.NDArray[np.float64]:
        row, square = as_row(vector)
        many = len(self.names)
        # float32 holds every partial sum exactly, see `encode.cosines`.
        dots, squares = (self._rows[:many] @ row).astype(np.float64), square * self._squares[:many]
        # A vector of length 0 is all zero, and so are its products.
        shares: npt.NDArray[np.float64] = dots / np.sqrt(np.maximum(squares, 1.0))
        return np.rint(shares * 1e4) / 1e4
