"""The matrix of what is known: what it finds is what comparing with each claim alone would find."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from workers.claims.memory import rows
from workers.claims.memory.encode import as_matrix, cosine
from workers.claims.memory.rows import Rows

WIDTH = 8
MOST = 5

vector = st.lists(st.integers(-127, 127) | st.integers(-1, 1), min_size=WIDTH, max_size=WIDTH).map(
    lambda whole: np.array(whole, dtype=np.int8).tobytes()
)
claims = st.lists(st.tuples(st.integers(0, 30).map("c{:02}".format), vector), max_size=60)


def one_by_one(known: list[tuple[str, bytes]], asked: bytes, but: set[str]) -> list[tuple[str, float]]:
    scores: dict[str, float] = {}
    for claim_id, each in known:
        if claim_id not in but:
            scores[claim_id] = max(scores.get(claim_id, -1.0), cosine(asked, each))
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:MOST]


def rows_of(known: list[tuple[str, bytes]]) -> Rows:
    return Rows(WIDTH).with_more([claim_id for claim_id, _ in known], [each for _, each in known])


@given(claims, st.lists(vector, min_size=1, max_size=6), st.sets(st.integers(0, 30).map("c{:02}".format), max_size=5))
def test_nearest_are_those_that_one_by_one_are_nearest(
    known: list[tuple[str, bytes]], asked: list[bytes], but: set[str]
) -> None:
    expected = [one_by_one(known, each, but) for each in asked]
    assert rows_of(known).nearest(as_matrix(asked), MOST, but) == expected


@given(claims, claims, st.sets(st.integers(0, 30).map("c{:02}".format)))
def test_rows_are_a_value_and_their_sum_is_kept(
    before: list[tuple[str, bytes]], more: list[tuple[str, bytes]], gone: set[str]
) -> None:
    first = rows_of(before)
    shown = first.nearest(as_matrix([bytes([1] * WIDTH)]), MOST)
    changed = first.without(gone).with_more([claim_id for claim_id, _ in more], [each for _, each in more])
    left = [each for each in before if each[0] not in gone] + more
    assert first.nearest(as_matrix([bytes([1] * WIDTH)]), MOST) == shown, "what was there stays as it was"
    assert (
        changed.total.tolist() == as_matrix([each for _, each in left]).sum(axis=0, dtype=np.int64).tolist() or not left
    )
    assert changed.nearest(as_matrix([bytes([1] * WIDTH)]), MOST) == [one_by_one(left, bytes([1] * WIDTH), set())]


def near_ties() -> tuple[list[tuple[str, bytes]], bytes]:
    """Many claims whose cosines are alike to the third digit: single precision alone would choose among them."""
    dice = np.random.default_rng(3)
    asked = dice.integers(-100, 100, WIDTH).astype(np.int8)
    known = [
        (f"c{number:03}", (asked + dice.integers(-2, 3, WIDTH).astype(np.int8)).tobytes()) for number in range(900)
    ]
    return known, asked.tobytes()


def test_near_ties_fall_as_rounded_cosines_do() -> None:
    known, asked = near_ties()
    assert rows_of(known).nearest(as_matrix([asked]), MOST) == [one_by_one(known, asked, set())]


def test_without_room_for_rounding_near_ties_fall_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    known, asked = near_ties()
    monkeypatch.setattr(rows, "_ROUNDED", 0.0)
    assert rows_of(known).nearest(as_matrix([asked]), MOST) != [one_by_one(known, asked, set())]
