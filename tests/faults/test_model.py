"""The store against its model, shortly; and the model against stores that do one thing wrong.

`python -m tests.faults.model --examples 5000` is the long form.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.errors import InvariantBroken
from tests.faults.model import HARD, Bench, Model, run_model
from tests.faults.mutants import MUTANTS
from tests.servers import RealServer
from tests.store.builders import STORY


@pytest.fixture
def bench(valkey: RealServer) -> Iterator[Bench]:
    opened = Bench(valkey)
    yield opened
    opened.close()


def test_the_store_does_what_a_plain_list_would(bench: Bench) -> None:
    must = {
        "commits written",
        "commits stands",
        "several in one written",
        "commits written, in a convoy",
        "commits stale, in a convoy",
        "rollbacks that lost commits",
        "findings refused",
        *HARD,
    }
    for _ in range(10):
        run_model(bench, 30, derandomize=False)
        if all(bench.tally[what] for what in must):
            return
    raise AssertionError(f"the model came to too little: {bench.tally}")


def played(bench: Bench) -> Model:
    model: Model = type("Model", (Model,), {"bench": bench})()
    return model


def commit_together(bench: Bench) -> None:
    """Two workers decide the same articles, and send what they decided at the same time, again and again."""
    model = played(bench)
    for number in range(1, 7):
        model.admit(number, 0, False)
        model.work(0, count=1, ahead=0, sent=False, forget=False)
        model.prepare(1, 0)
        model.send_together(0, 1)
        for worker in model.workers:
            worker.forget()
    model.teardown()


def die_reading(bench: Bench) -> None:
    """A worker dies between the beginning of its reading and the end."""
    model = played(bench)
    model.begin(2)
    model.take(0, 2, False)
    bench.run(model.store.begin(STORY, 1))
    model.die(0)
    model.teardown()


def decide_late(bench: Bench) -> None:
    """Two articles are decided, the second upon the first; then the first is given up, and the second is sent."""
    model = played(bench)
    model.begin(2)
    model.work(0, count=2, ahead=1, sent=False, forget=False)
    model.give_up(0, 0)
    model.drain(1, ahead=0, lost=False)
    model.send(0, [1], lost=False, forget=True)
    model.teardown()


def send_behind_what_is_refused(bench: Bench) -> None:
    """Two articles are decided, the second upon the first. The first is given up, and refused when it is sent; the
    second was on its way by then."""
    model = played(bench)
    model.begin(2)
    model.work(0, count=2, ahead=1, sent=False, forget=False)
    model.give_up(0, 0)
    model.send(0, [0, 1], lost=False, forget=True)
    model.teardown()


SCENES = {
    "separate_calls": commit_together,
    "whatever_it_is_upon": send_behind_what_is_refused,
    "acknowledged_too_early": die_reading,
    "no_reclaim": die_reading,
    "counter_token": decide_late,
}
"""mutant → a history that the store bears, and the mutant does not"""


@pytest.mark.parametrize("mutant", sorted(MUTANTS))
def test_the_store_bears_what_a_mutant_does_not(bench: Bench, mutant: str) -> None:
    SCENES[mutant](bench)
    with MUTANTS[mutant](), pytest.raises((AssertionError, InvariantBroken)):
        SCENES[mutant](bench)
