"""Intervals and clusters: what they must be whatever the numbers are."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from workers.evaluation.clusters import b_cubed
from workers.evaluation.figures import COLUMNS, MEASURES, figures

ROWS = st.lists(
    st.tuples(*[st.integers(0, 9)] * 4, st.integers(0, 5), st.integers(0, 5)).map(
        lambda row: (*row[:4], min(row[4], row[5]), max(row[4], row[5]))
    ),
    min_size=1,
    max_size=12,
)
CLUSTERING = st.dictionaries(st.integers(0, 15), st.integers(0, 4), min_size=1)


@given(ROWS)
def test_every_figure_lies_between_nothing_and_all_and_repeats(rows: list[tuple[int, ...]]) -> None:
    found = figures([np.array(rows, dtype=float)])
    assert list(found) == list(MEASURES)
    assert all(0 <= figure.low <= figure.high <= 1 and 0 <= figure.value <= 1 for figure in found.values())
    assert figures([np.array(rows, dtype=float)]) == found


def test_articles_that_differ_widen_the_interval() -> None:
    alike = np.array([[5, 5, 0, 0, 5, 5]] * 12, dtype=float)
    mixed = np.array([[10, 0, 0, 0, 5, 5], [0, 10, 0, 0, 5, 5]] * 6, dtype=float)
    sure, unsure = figures([alike])["precision"], figures([mixed])["precision"]
    assert sure.value == unsure.value == 0.5
    assert sure.high - sure.low < 0.01 < 0.3 < unsure.high - unsure.low
    assert unsure.low < 0.5 < unsure.high


def test_stories_are_counted_together_by_their_events() -> None:
    one = np.array([[1, 0, 0, 0, 1, 1]], dtype=float)
    other = np.array([[0, 3, 0, 0, 1, 1]], dtype=float)
    assert figures([one, other])["precision"].value == 0.25
    assert len(COLUMNS) == one.shape[1]


@given(CLUSTERING)
def test_a_clustering_agrees_with_itself(clusters: dict[int, int]) -> None:
    assert b_cubed(clusters, clusters) == (1, 1)


@given(CLUSTERING, st.randoms())
def test_precision_one_way_is_recall_the_other(clusters: dict[int, int], dice: object) -> None:
    other = {item: dice.randrange(3) for item in clusters}  # type: ignore[attr-defined]
    p, r = b_cubed(clusters, other)
    back_p, back_r = b_cubed(other, clusters)
    assert abs(p - back_r) < 1e-9
    assert abs(r - back_p) < 1e-9


def test_what_was_not_found_stands_alone() -> None:
    assert b_cubed({1: "a", 2: "a"}, {}) == (1, 0.5)
    assert b_cubed({1: "a", 2: "b"}, {1: "x", 2: "x"}) == (0.5, 1)
