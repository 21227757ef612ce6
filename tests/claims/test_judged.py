"""What is far from a clause is passed over: nothing may hold of it that anybody asks about."""

from __future__ import annotations

import itertools
import tomllib
from pathlib import Path

import pytest

from workers.claims.links.accounts import INVERTED_AT, OTHER_TIME_AT
from workers.claims.links.denial import NEGATED_MORE
from workers.claims.sameness.judged import Judged
from workers.claims.sameness.lens import lens
from workers.claims.sameness.same import Judgement, came_about, judge, narrows, near

STORIES = tomllib.loads((Path(__file__).parent / "wordings.toml").read_text(encoding="utf-8"))["story"]
SCORES = [round(at / 50, 2) for at in range(-2, 51)]


def printed(w, told):
    """Clauses of all kinds, and what is known once they were printed."""
    story = w.story(**told["actors"])
    newsroom, clauses = w.newsroom(story), []
    for number, words in enumerate(words for claim in told["claim"] for words in claim["wordings"]):
        text, actor, action, target, *counted = words
        figures = (w.figure(number % 5 + 1.0, ("dead", "days")[number % 2]),) if counted or number % 3 == 0 else ()
        polarity, modality = ("affirmed", "denied")[number % 4 == 0], ("asserted", "expected")[number % 5 == 0]
        more = {"quantities": figures, "polarity": polarity, "modality": modality, "presupposed": number % 7 == 0}
        clauses.append(w.said(text, actor or None, action, target or None, **more))
        newsroom.print(clauses[-1])
    return story, clauses, list(newsroom.registry.claims.values())


def holds(clause, known, found: Judgement) -> bool:
    """Whether a rule could ask for it."""
    kin = found.verbs == "near"
    return (
        found.rule in ("same", "figure")
        or came_about(clause, known, found)
        or narrows(clause, known, found)
        or (kin and found.score >= min(INVERTED_AT, OTHER_TIME_AT))
        or (kin and found.rule == "polarity" and found.score >= found.needed + NEGATED_MORE)
    )


@pytest.mark.parametrize("told", STORIES, ids=lambda told: told["name"])
def test_of_what_is_far_no_rule_holds(w, told):
    story, clauses, knowns = printed(w, told)
    passed = kept = 0
    for clause, known in itertools.product(clauses, knowns):
        for score in SCORES:
            if near(clause, [(known, score)], lens(story)):
                kept += 1
                continue
            passed += 1
            assert not holds(clause, known, judge(clause, known, score, lens(story)))
    assert passed > 1_000 < kept


def test_a_judgement_of_the_far_is_made_when_it_is_asked_for(w):
    story, (clause, *_), knowns = printed(w, STORIES[0])
    by_id = {known.claim.id: known for known in knowns}
    scores = {claim_id: round(0.9 - 0.05 * at, 2) for at, claim_id in enumerate(sorted(by_id))}
    judged = Judged(clause, by_id.__getitem__, scores, lens(story))

    each = {claim_id: judge(clause, by_id[claim_id], score, lens(story)) for claim_id, score in scores.items()}
    assert dict(judged) == each
    close = near(clause, [(by_id[claim_id], score) for claim_id, score in scores.items()], lens(story))
    assert judged.near() == [(known.claim.id, each[known.claim.id]) for known, _, _ in close]
    assert 0 < len(judged.near()) < len(judged)
    assert judged.get("c1-none") is None
