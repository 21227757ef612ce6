"""Who did it to whom: a claim told the other way round is never taken for the same, however it is put."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.model import Article, Published, article_id
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.sameness import same
from workers.desk.line import Line
from workers.evaluation.reading import once

AT = datetime(2031, 5, 14, 9, tzinfo=UTC)
ACTORS = ("Arden", "Lorn", "Ada Lund", "Halvard", "The Dockers League")
STORY = Story(
    id="quay",
    title="The quay",
    language="en",
    focus=(ACTORS,),
    actors={
        "Arden": Actor(kind="state", side="Arden"),
        "Lorn": Actor(kind="state", side="Lorn"),
        "Ada Lund": Actor(kind="person"),
        "Halvard": Actor(kind="organisation"),
        "The Dockers League": Actor(kind="organisation", aliases=("Dockers League",)),
    },
)
DEEDS = (
    "{0} accused {1} of blocking the quay",
    "{0} rejected the offer of {1}",
    "{0} asked {1} to leave the harbour",
    "{0} ordered {1} to open the lock",
    "{0} sued {1} over the cracked gate",
    "{0} told {1} that the treaty was void",
    "{0} attacked a ship of {1}",
    "{0} paid 3 million crowns to {1}",
    "{0} threatened {1} with sanctions",
    "{0} recognised {1} as the owner of the quay",
    "{0} sold the quay to {1}",
    "{0} beat {1} in the election",
    "{1} was sued by {0} over the cracked gate",
    "{1} was asked by {0} to leave the harbour",
    "It was {0} that attacked a ship of {1}",
    "It was {0} who had asked {1} to leave the harbour",
)
TAILS = (" on Sunday.", ", two officials said.", " after talks in May, the ministry said.", ".")
AROUND = (
    "Fog lay over the water until noon. Two tugs went out and came back empty, and a boy sold coffee from a cart.\n\n",
    "Shops in the old town opened late. Snow had fallen in the hills, buses were slow, the market was half full.\n\n",
)
"""what makes each a text of its own, and no copy of the other"""
READ = once(Extractor().extract)


def article(outlet: str, text: str) -> Article:
    uri = f"https://{outlet}.example/1"
    return Article(article_id(outlet, uri), outlet, uri, "", text, "en", Published(AT, "minute", "feed"), AT)


def verdicts(first: str, second: str) -> set[str]:
    """What became of the clauses of the second text that tell a deed, behind the first."""
    line = Line(STORY, READ)
    line.take(article("one", f"{AROUND[0]}{first}"))
    known = set(line.registry.claims)
    decided = line.take(article("two", f"{AROUND[1]}{second}"))
    assert decided is not None
    return {one.verdict for one in decided.decisions if one.claim_id in known}


@given(st.sampled_from(DEEDS), st.permutations(ACTORS), st.sampled_from(TAILS), st.sampled_from(TAILS))
@settings(max_examples=20)
def test_a_deed_told_the_other_way_round_is_never_the_same(deed: str, who: list[str], one: str, other: str) -> None:
    assert verdicts(deed.format(*who) + one, deed.format(who[1], who[0]) + other) == set()


@pytest.mark.parametrize("deed", DEEDS)
def test_told_the_same_way_round_by_another_it_is_the_same(deed: str) -> None:
    assert verdicts(deed.format(*ACTORS) + TAILS[0], deed.format(*ACTORS) + TAILS[1]) & {"same", "corroborates"}


def test_without_a_look_at_the_roles_it_would_be_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(same, "_best_slots", lambda *compared: "none")
    assert verdicts(DEEDS[0].format(*ACTORS) + ".", DEEDS[0].format(ACTORS[1], ACTORS[0]) + ".")
