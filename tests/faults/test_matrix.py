"""The fault matrix, shortly: each scenario on one server, what concerns the server on each. `make chaos` plays on.

Whatever happens, the events and outcomes are those of an undisturbed run, byte for byte, each article is decided once
and in its turn, and nothing is left over. A kill counts if it landed between an article's reading and its commit.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.store.binaries import Binary
from tests.faults.matrix import BY_NAME, Matrix
from tests.faults.scenarios import SCENARIOS, Scenario
from tests.servers import families, family_id

STANDS_STILL_S = 5.0
"""for a mutant; the line itself is given more"""
_ON_EACH = ("all at once",)


@pytest.fixture(scope="module")
def matrix(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matrix]:
    opened = Matrix(tmp_path_factory.mktemp("matrix"))
    yield opened
    opened.close()


def rows() -> Iterator[tuple[Scenario, Binary]]:
    every = families()
    for at, scenario in enumerate(SCENARIOS):
        can = [binary for binary in every if scenario.servers(binary)]
        chosen = can if scenario.name in _ON_EACH else can[at % max(1, len(can)) :][:1]
        yield from ((scenario, binary) for binary in chosen)


@pytest.mark.parametrize(
    ("scenario", "binary"),
    [pytest.param(*row, id=f"{row[0].name}, {family_id(row[1])}") for row in rows()],
)
def test_nothing_is_lost_nor_twice_nor_another(matrix: Matrix, scenario: Scenario, binary: Binary) -> None:
    trial = matrix.play(scenario, binary, seed=1)
    assert not matrix.complaints(scenario, trial), trial.figures(matrix.expected(scenario))


CAUGHT_BY = {
    "acknowledged_too_early": "workers die at any step",
    "no_reclaim": "workers die at any step",
    "separate_calls": "quiet",
}
"""Mutant → the scenario that it must not get through. A token that counts does harm only where somebody decides upon
what another history has in its place, which is rare: the model finds it (test_model). Validators before articles:
test_feed_chaos."""


@pytest.mark.parametrize("mutant", sorted(CAUGHT_BY))
def test_a_mutant_does_not_get_through(matrix: Matrix, mutant: str) -> None:
    scenario, binary = BY_NAME[CAUGHT_BY[mutant]], families()[0]
    seeds = (matrix.play(scenario, binary, seed, mutant, STANDS_STILL_S) for seed in range(4))
    assert any(matrix.complaints(scenario, trial) for trial in seeds)
