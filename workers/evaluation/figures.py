"""The figures of a run, with the intervals that a story of some twenty articles deserves.

The intervals are percentile bootstraps over articles: an article's events stand and fall together, and so do the
claims that it is the first to carry. Source: Efron and Tibshirani, "An Introduction to the Bootstrap" (1993), ch. 13.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workers.evaluation.scoring import Scored
from workers.evaluation.told import GOOD, Mark

RESAMPLES = 2_000
TAIL = 2.5
"""percent left out at each end"""

COLUMNS: tuple[Mark | str, ...] = ("good", "redundant", "relevance", "spurious", "told", "wanted")


@dataclass(frozen=True, slots=True)
class Figure:
    """A value in 0…1 and its 95 % interval."""

    value: float
    low: float
    high: float


Counts = npt.NDArray[np.float64]
"""per article, the columns of COLUMNS"""


def table(scored: Scored) -> Counts:
    """One row for each article that has an event or a first mention."""
    rows: dict[str, dict[str, int]] = defaultdict(lambda: dict.fromkeys(COLUMNS, 0))
    for one in scored.marked:
        if one.mark != "neutral":
            rows[one.article]["good" if one.mark in GOOD else one.mark] += 1
    for claim in scored.wanted:
        rows[scored.first[claim]]["wanted"] += 1
        rows[scored.first[claim]]["told"] += claim in scored.told
    ordered = [[rows[article][column] for column in COLUMNS] for article in sorted(rows)]
    return np.array(ordered or [[0] * len(COLUMNS)], dtype=np.float64)


def _pushed(total: Counts) -> Counts:
    return np.asarray(total[..., :4].sum(axis=-1))


def precision(total: Counts) -> Counts:
    """Claims new to subscribers, of all events that count."""
    return np.asarray(total[..., 0] / np.maximum(1, _pushed(total)))


def recall(total: Counts) -> Counts:
    """Claims told, of all that count."""
    return np.asarray(total[..., 4] / np.maximum(1, total[..., 5]))


def f1(total: Counts) -> Counts:
    """Their harmonic mean."""
    p, r = precision(total), recall(total)
    return np.asarray(2 * p * r / np.maximum(1e-9, p + r))


def redundancy(total: Counts) -> Counts:
    """Repetitions, of all events that count."""
    return np.asarray(total[..., 1] / np.maximum(1, _pushed(total)))


def junk(total: Counts) -> Counts:
    """Events of other matters and of no annotated claim, of all events that count."""
    return np.asarray((total[..., 2] + total[..., 3]) / np.maximum(1, _pushed(total)))


MEASURES: dict[str, Callable[[Counts], Counts]] = {
    "precision": precision,
    "recall": recall,
    "F1": f1,
    "redundancy": redundancy,
    "junk": junk,
}


def figures(stories: Sequence[Counts], seed: int = 0) -> dict[str, Figure]:
    """The measures over one story or several; articles are drawn anew within each story."""
    dice = np.random.default_rng(seed)
    drawn = np.zeros((RESAMPLES, len(COLUMNS)))
    for rows in stories:
        weights = dice.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=RESAMPLES)
        drawn += weights @ rows
    total = np.sum([rows.sum(axis=0) for rows in stories], axis=0)
    return {
        name: Figure(
            float(measure(total)), *(float(edge) for edge in np.percentile(measure(drawn), [TAIL, 100 - TAIL]))
        )
        for name, measure in MEASURES.items()
    }
