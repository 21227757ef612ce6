"""A sentence told again with another figure updates what was told, if the link can be trusted."""

from __future__ import annotations

import pytest

from workers.claims.links.trust import FEW, JUDGE, Trust

NEVER, ALWAYS = Trust({}, -9.0), Trust({}, 9.0)
BEFORE = "Lorn Port counts 29 sailors with burns in the harbour clinic"
NOW = "The Dockers League counts only 11 sailors with burns in the harbour clinic"


def counted(w, text, by, value, **more):
    clause = w.said(text, by, "count", "sailors", quantities=(w.figure(value, "sailors"),))
    return clause.model_copy(update={"place": w.read, **more})


@pytest.fixture
def harbour(w):
    """A story that knows `FEW` claims and more, the last of them that the port counts 29 sailors."""
    room = w.newsroom(w.story("Lorn Port", "Dockers League"))
    room.print_deeds("Dockers League")
    assert len(room.registry.claims) >= FEW
    room.print(counted(w, BEFORE, "Lorn Port", 29))
    return room


def links(result):
    return [(link.rel, link.target, link.why) for link in result.decisions[0].links]


def test_another_figure_in_a_sentence_like_it_is_an_update(harbour, w):
    before = next(reversed(harbour.registry.claims))

    with JUDGE.instead(ALWAYS):
        result = harbour.print(counted(w, NOW, "Dockers League", 11))

    assert links(result) == [("updates", before, "another figure in a like sentence: 29 sailors before")]
    assert [effect.type for effect in result.effects] == ["new", "updated"]


@pytest.mark.parametrize(
    ("judge", "text", "value", "more"),
    [
        (NEVER, NOW, 11, {}),
        (ALWAYS, NOW, 29, {}),
        (ALWAYS, "The Dockers League wants 11 cranes for the northern quay", 11, {}),
        (ALWAYS, NOW, 11, {"place": None}),
        (ALWAYS, NOW, 11, {"language": "fr"}),
    ],
    ids=["not trusted", "the same figure", "another sentence", "not read out of a text", "not English"],
)
def test_without_all_of_that_it_is_only_new(harbour, w, judge, text, value, more):
    with JUDGE.instead(judge):
        result = harbour.print(counted(w, text, "Dockers League", value, **more))

    assert links(result) == []
    assert {effect.type for effect in result.effects} <= {"new", "corroborated"}
