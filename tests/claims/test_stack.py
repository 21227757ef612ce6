"""Vectors that come one by one are compared as those of a matrix are, to the last digit."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from workers.claims.memory.encode import cosine
from workers.claims.memory.stack import Stack

VECTORS = st.binary(min_size=16, max_size=16)


@given(st.lists(st.lists(VECTORS, max_size=3), max_size=6), VECTORS)
def test_every_vector_is_compared_as_if_it_were_alone(batches, asked):
    stack, vectors = Stack(), [vector for batch in batches for vector in batch]
    for number, batch in enumerate(batches):
        stack.add([f"c{number}"] * len(batch), batch)
    assert stack.names == [f"c{number}" for number, batch in enumerate(batches) for _ in batch]
    assert stack.cosines(asked) == [cosine(asked, vector) for vector in vectors]


def test_what_is_all_zero_is_like_nothing():
    stack = Stack()
    stack.add(["a", "b"], [bytes(16), bytes([1] * 16)])
    assert stack.cosines(bytes([1] * 16)) == [0.0, 1.0]
    assert stack.cosines(bytes(16)) == [0.0, 0.0]
