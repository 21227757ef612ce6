"""Which claim a denial is about, where many are known: the one that stands out by what it shares with the denial."""

from __future__ import annotations

import json

import pytest

from workers.claims.links import aim
from workers.claims.links.aim import FEW, TAKEN, load_aim
from workers.evaluation.learn_links import EXACT, Question, figures, learned

ASKED = "The Transport Ministry asked for a report on the silting of the northern channel"


@pytest.fixture
def harbour(w):
    """A story that knows more claims than `FEW`, and a last one that the port had sold the quay."""
    told = w.newsroom(w.story("Lorn Port", "Dockers League", "Transport Ministry"))
    told.print_deeds("Dockers League")
    return told


def denial(w, text, action="sell", target="the flooded quay"):
    by = (w.unnamed("a spokesman for Lorn Port"),)
    return w.said(text, "Lorn Port", action, target, polarity="denied", attribution=by)


def sold(w):
    text = "Lorn Port sold the flooded quay to a foreign bank"
    return w.said(text, "Lorn Port", "sell", "the flooded quay", attribution=(w.unnamed("two dockers"),))


def denied(w):
    return denial(w, "Lorn Port denied that it had sold the flooded quay to a foreign bank")


def vague(w):
    """A denial that does not name all that the claim does: what it means has to stand out."""
    return denial(w, "Lorn Port denied that it had sold the flooded quay to a foreign bank", target=None)


def targets(result):
    return [(link.rel, link.target) for link in result.decisions[0].links]


def test_a_denial_links_to_the_claim_that_it_repeats(harbour, w):
    told = harbour.print(sold(w))

    assert len(harbour.registry.claims) > FEW
    assert targets(harbour.print(denied(w))) == [("denies", told.decisions[0].claim_id)]


def test_a_denial_of_what_nobody_said_links_to_nothing(harbour, w):
    harbour.print(w.said(ASKED, "Transport Ministry", "ask", "a report"))

    assert targets(harbour.print(denial(w, "Lorn Port denied that it had bribed a judge", "bribe", "a judge"))) == []


def test_what_stands_out_adds_up_and_does_not_depend_on_the_order_of_the_claims(harbour, w):
    harbour.print(sold(w))
    seen = []

    def look(asked, knowns, scores, lens):
        seen.extend(load_aim().at(asked, some, scores, lens) for some in (knowns, knowns[::-1]))
        return {}

    with TAKEN.instead(look):
        harbour.print(vague(w))

    forward, backward = seen
    assert forward == backward
    assert sum(forward.values()) == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("weight", [0.0, 1.0])
def test_no_claim_stands_out_by_weights_that_say_nothing(harbour, w, weight):
    told = harbour.print(sold(w)).decisions[0].claim_id
    found = []

    def look(asked, knowns, scores, lens):
        found.append(aim.Aim({"share": 9 * weight}).at(asked, knowns, scores, lens))
        return {}

    with TAKEN.instead(look):
        harbour.print(vague(w))

    assert (found[0][told] == max(found[0].values()) > 2 * sorted(found[0].values())[-2]) == bool(weight)


def test_the_weights_say_where_they_come_from_and_how_they_do_on_stories_left_out():
    found = json.loads(aim.WEIGHTS.read_text("utf-8"))

    assert set(found["made"]["from"]) == set(found["made"]["left_out"])
    assert set(found["weights"]) == set(load_aim().weights)


def question(right, other):
    signs = ({"share": right, "here": 1.0}, *({"share": other, "here": 1.0} for _ in range(5)))
    return Question("invented", signs, (EXACT, 0, 0, 0, 0, 0))


@pytest.mark.parametrize("turned", [False, True])
def test_what_tells_the_right_claim_from_the_others_is_learned(turned):
    questions = [question(0.2 if turned else 0.9, 0.9 if turned else 0.2) for _ in range(20)]
    weights = learned(questions)

    assert (weights["share"] < 0) == turned
    assert weights["here"] == 0.0
    assert figures(questions, weights)["exact"] == 20
