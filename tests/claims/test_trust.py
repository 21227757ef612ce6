"""Which of the links that the rules find are told: those that look like links that people marked."""

from __future__ import annotations

import json

import pytest

from service.contract.data import Frame
from workers.claims.links import trust
from workers.claims.links.trust import FEW, JUDGE, Trust, load_trust
from workers.evaluation.learn_links import EXACT, Lesson, told, trusting_in

VAGUE = Frame(actor="Lorn Port", action="sell", target=None)
"""of a denial that does not name all that the claim does: what it means is looked for, and judged"""
NEVER, ALWAYS = Trust({}, -9.0), Trust({}, 9.0)


@pytest.fixture
def harbour(w):
    """A story that knows `FEW` claims and more, the last of them that the port had sold the quay."""
    room = w.newsroom(w.story("Lorn Port", "Dockers League"))
    room.print_deeds("Dockers League")
    text = "Lorn Port sold the flooded quay to a foreign bank"
    room.print(w.said(text, "Lorn Port", "sell", "the flooded quay", attribution=(w.unnamed("two dockers"),)))
    return room


def denied(w, **kind):
    text, by = "Lorn Port denied that it had sold the flooded quay to a foreign bank", (w.unnamed("a spokesman"),)
    clause = w.said(text, "Lorn Port", "sell", "the flooded quay", polarity="denied", attribution=by)
    return clause.model_copy(update={"place": w.read, **kind})


def links(result):
    return [(link.rel, link.target) for link in result.decisions[0].links]


def test_a_link_that_is_not_trusted_is_not_told_and_disputes_nothing(harbour, w):
    sold = next(reversed(harbour.registry.claims))
    assert len(harbour.registry.claims) >= FEW

    with JUDGE.instead(NEVER):
        result = harbour.print(denied(w, frame=VAGUE))

    assert result.decisions[0].verdict == "new"
    assert links(result) == []
    assert result.decisions[0].why.nearest == sold
    assert result.decisions[0].why.detail.startswith("perhaps ")
    assert [effect.type for effect in result.effects] == ["new"]
    assert harbour.registry.claims[sold].support.denied_by == ()


@pytest.mark.parametrize(
    ("judge", "kind"),
    [(ALWAYS, {}), (NEVER, {"place": None}), (NEVER, {})],
    ids=["trusted", "not read out of a text", "its actor, act and target are named"],
)
def test_a_link_that_is_trusted_or_of_which_nothing_is_known_is_told(harbour, w, judge, kind):
    sold = next(reversed(harbour.registry.claims))

    with JUDGE.instead(judge):
        result = harbour.print(denied(w, **kind))

    assert links(result) == [("denies", sold)]
    assert [effect.type for effect in result.effects] == ["new", "disputed"]


@pytest.mark.parametrize(
    ("told", "nearer", "nearest"),
    [
        ("The harbour choir sang a foreign hymn", 0, 1.0),
        ("Lorn Port denied in May that it had sold the flooded quay to a foreign bank", 1, 0.5),
    ],
    ids=["a sentence less like it", "a sentence more like it"],
)
def test_the_claims_told_in_a_sentence_more_like_that_of_the_link_are_counted(harbour, w, told, nearer, nearest):
    seen = []

    def look(tie, lens):
        seen.append((tie.target.claim.id, tie.nearer, trust.signs(tie, lens)["nearest"]))
        return True

    sold = next(reversed(harbour.registry.claims))
    with JUDGE.instead(look):
        harbour.print(w.said(told, kind="background", polarity="denied"))
        harbour.print(denied(w, frame=VAGUE))

    assert seen == [(sold, nearer, nearest)]


def test_where_little_is_known_what_the_rules_find_is_told(w):
    room = w.newsroom(w.story("Lorn Port"))
    sold = room.print(w.said("Lorn Port sold the flooded quay", "Lorn Port", "sell", "the flooded quay"))

    with JUDGE.instead(NEVER):
        assert links(room.print(denied(w))) == [("denies", sold.decisions[0].claim_id)]


def test_the_signs_of_a_link_are_those_that_have_weights(harbour, w):
    seen = []

    def look(tie, lens):
        seen.append(trust.signs(tie, lens))
        return True

    with JUDGE.instead(look):
        harbour.print(denied(w, frame=VAGUE))

    assert set(seen[0]) == set(load_trust().weights)
    assert seen[0]["denies"] == 1.0
    assert seen[0]["share"] > 0.5
    assert seen[0]["same_speaker"] == seen[0]["figure"] == 0.0


def test_the_weights_say_where_they_come_from_and_how_they_do_on_stories_left_out():
    made = json.loads(trust.WEIGHTS.read_text("utf-8"))["made"]
    found, kept = ({name: sum(one[name] for one in made["left_out"].values()) for name in names} for names in (
        ("found", "found_exact"), ("told", "exact")
    ))  # fmt: skip

    assert set(made["from"]) == set(made["left_out"])
    assert kept["exact"] / kept["told"] > found["found_exact"] / found["found"]


@pytest.mark.parametrize("turned", [False, True])
def test_what_tells_right_links_from_wrong_ones_is_learned(turned):
    lessons = [
        Lesson({"share": share, "here": 1.0}, EXACT if (share > 0.5) != turned else 0)
        for share in [0.1, 0.2, 0.3, 0.7, 0.8, 0.9] * 20
    ]
    judge = trusting_in(lessons)

    assert (judge.weights["share"] < 0) == turned
    assert told(lessons, judge) == {"found": 120, "found_exact": 60, "told": 60, "exact": 60, "near": 60}
