"""What stands against the sentence before it: another's bare figure, and a clause that says that it is otherwise."""

from __future__ import annotations

import pytest

from tests.claims.test_reply import NEVER, links
from workers.claims.links.trust import JUDGE

MARCH = "Dockers League members marched past the quay, 900 of them"


def march(w, **more):
    by = {"attribution": (w.person("Ada Crane"),), "quantities": (w.figure(900, "members"),), "place": w.read}
    return w.said(MARCH, "Dockers League", "march", None, **(by | more))


def count(w, text, value=2500, actor="Lorn Port", **more):
    return w.said(text, actor, "put", None, quantities=(w.figure(value, ""),), place=w.read, **more)


def other(w, text, **more):
    return w.said(text, "a guard", "recall", None, place=w.read, **more)


def pumps(w):
    return w.said("The Transport Ministry ordered new pumps", "Transport Ministry", "order", "new pumps")


@pytest.mark.parametrize(
    ("text", "value", "stands"),
    [
        ("Lorn Port put the number at more than 2,500", 2500, True),
        ("Lorn Port spoke of 2,500", 2500, True),
        ("Lorn Port counted just forty", 40, True),
        ("Lorn Port's own tally was 2,500", 2500, True),
        ("Lorn Port put the number at 900", 900, False),
        ("Lorn Port spoke of 2,500 broken bottles", 2500, False),
        ("Lorn Port put the depth of the basin at 40", 40, False),
        ("Lorn Port closed at 9", 9, False),
    ],
)
def test_a_bare_figure_of_another_stands_against_that_of_the_sentence_before(harbour, w, text, value, stands):
    with JUDGE.instead(NEVER):
        article = harbour.print(march(w), count(w, text, value))

    target = article.decisions[0].claim_id
    assert links(article, 1) == ([("contradicts", target)] if stands else [])
    assert [one.claim_id for one in article.effects if one.type == "disputed"] == ([target] if stands else [])


@pytest.mark.parametrize("who", ["of itself", "further up", "no figure", "background", "in French"])
def test_a_bare_figure_stands_against_nothing_else(harbour, w, who):
    first, text, more = march(w), "Lorn Port put the number at 2,500", {}
    before = [first]
    if who == "of itself":
        before = [march(w, attribution=(w.person("Lorn Port"),))]
    elif who == "further up":
        before = [first, pumps(w)]
    elif who == "no figure":
        before = [march(w, quantities=())]
    else:
        more = {"kind": "background"} if who == "background" else {"language": "fr"}

    with JUDGE.instead(NEVER):
        article = harbour.print(*before, count(w, text, **more))

    assert links(article, len(before)) == []


@pytest.mark.parametrize(
    ("text", "stands"),
    [
        ("A guard recalled it differently", True),
        ("The logbook says otherwise", True),
        ("A guard contradicted Ada Crane", True),
        ("That was contradicted by a guard", True),
        ("A guard gave a very different account", True),
        ("Nobody contradicted Ada Crane", False),
        ("A guard painted it differently every year", False),
        ("A guard opened another account", False),
        ("A guard contradicted reports that the quay had been sold", False),
    ],
)
def test_what_only_says_that_it_is_otherwise_contradicts_the_sentence_before(harbour, w, text, stands):
    with JUDGE.instead(NEVER):
        article = harbour.print(pumps(w), march(w), other(w, text))

    assert links(article, 2) == ([("contradicts", article.decisions[1].claim_id)] if stands else [])


def test_it_contradicts_no_sentence_further_up_and_none_of_another_article(harbour, w):
    aside = w.said("It rained", "rain", "rain", None, kind="commentary")

    with JUDGE.instead(NEVER):
        further = harbour.print(march(w), aside, other(w, "A guard recalled it differently"))
        alone = harbour.print(other(w, "A sailor recalled it differently"))

    assert (links(further, 2), links(alone, 0)) == ([], [])


def test_a_person_who_is_not_said_to_contradict_is_not_taken_for_one(harbour, w):
    with JUDGE.instead(NEVER):
        article = harbour.print(march(w), other(w, "A guard did not say otherwise", polarity="denied"))

    assert links(article, 1) == []
