"""Weights that were learned: read from files, and set aside while others are learned."""

import pytest

from service.errors import ClaimwireError
from workers.claims.learned import Installed
from workers.claims.links import aim, trust
from workers.claims.novelty import worth

LOADS = {aim: aim.load_aim, trust: trust.load_trust, worth: worth.load_worth}


@pytest.mark.parametrize("room", LOADS, ids=lambda room: room.__name__.rpartition(".")[2])
@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"weights": {"share": "much"}, "article": {}, "bias": 0}'])
def test_weights_that_cannot_be_read_are_told(tmp_path, monkeypatch, room, content):
    monkeypatch.setattr(room, "WEIGHTS", tmp_path / "weights.json")
    if content is not None:
        (tmp_path / "weights.json").write_text(content, "utf-8")

    with pytest.raises(ClaimwireError, match=r"weights\.json cannot be used"):
        LOADS[room].__wrapped__()


def test_another_judgement_stands_in_the_place_of_the_installed_one_until_it_ends():
    installed = Installed("count", lambda: 1)

    with pytest.raises(LookupError), installed.instead(2):
        assert installed.now() == 2
        raise LookupError

    assert installed.now() == 1
