"""What tells two claims of like words apart: what is voted for, agreed to or refused, and of how many how many."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.model import Article
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.novelty.gate import Gate, Weighing
from workers.claims.novelty.worth import Line as Weights
from workers.claims.novelty.worth import Worth
from workers.desk.line import Line
from workers.evaluation.reading import once

STORY = Story(
    id="quay",
    title="The dockers of Halvard strike",
    language="en",
    focus=(("Halvard", "Dockers League"),),
    actors={
        "Halvard": Actor(kind="organisation", side="Halvard"),
        "Dockers League": Actor(kind="organisation", aliases=("League",), side="Dockers League"),
    },
)
EVERYTHING = Worth(Weights({}, 0.0), Weights({}, 0.0), -1e9, -1e9, -1.0, -2.0)
"""weights by which whatever is not known is told"""
READ = once(Extractor().extract)


def verdicts(*texts: str) -> list[str]:
    """Of the first clause of each text, a text an article."""
    line = Line(STORY, READ, Weighing(EVERYTHING, Gate))
    found = []
    for number, text in enumerate(texts):
        outlet, at = f"Outlet {number}", datetime(2031, 5, 14, 9, number, tzinfo=UTC)
        decided = line.take(Article(f"{outlet}-0", outlet, f"text:{number}", "", text, "en", None, at))
        assert decided is not None
        found.append(decided.decisions[0].verdict)
    return found


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("The League voted to walk out at Halvard.", "The League voted to accept the offer of Halvard."),
        ("The League voted to walk out at Halvard.", "The League voted down the second offer of Halvard."),
        ("The League voted to accept Halvard's offer.", "The League voted against Halvard's offer."),
        ("The League agreed to return to work at Halvard.", "The League agreed to mediation with Halvard."),
        ("Halvard refused to restore pensions of its dockers.", "Halvard refused to raise the wages of its dockers."),
        ("Halvard decided to sell two of its cranes.", "Halvard decided to close its western quay."),
        ("The League planned to picket the gate.", "The League planned to reopen the gate."),
        ("Halvard rejected the demand of the League.", "Halvard agreed to meet the demand of the League."),
    ],
)  # fmt: skip
def test_another_thing_voted_for_or_refused_is_another_claim(first: str, then: str) -> None:
    assert verdicts(first, then) == ["new", "new"]
    assert verdicts(then, first) == ["new", "new"]


@pytest.mark.parametrize(
    ("first", "then"),
    [
        ("The League voted to accept the offer of Halvard.", "The League voted to approve Halvard's offer."),
        ("The League turned down the offer of Halvard.", "The League voted down Halvard's offer."),
        ("Halvard refused to raise the wages of its dockers.", "Halvard has refused to increase the dockers' wages."),
        ("Halvard decided to close the western quay.", "Halvard has decided to shut the western quay."),
    ],
)  # fmt: skip
def test_the_same_thing_in_other_words_is_not(first: str, then: str) -> None:
    assert verdicts(first, then)[1] in ("same", "corroborates")


@pytest.mark.parametrize(
    ("first", "then", "verdict"),
    [
        ("Halvard said 31 of 60 cranes were idle.", "Halvard said 40 of 60 cranes were idle.", "another"),
        ("Halvard said 31 of 60 cranes were idle.", "Halvard said 31 of the 60 cranes were idle.", "same"),
    ],
)
def test_so_many_of_as_many_are_the_same_only_if_both_numbers_are(first: str, then: str, verdict: str) -> None:
    found = verdicts(first, then)[1]
    assert ("same" if found in ("same", "corroborates") else "another") == verdict
