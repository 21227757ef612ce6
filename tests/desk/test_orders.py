"""The order of the articles: copies may change places, and a story comes out much the same in any order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.contract.data import ClaimData
from service.model import Article, Published, article_id
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.novelty import ledger
from workers.desk.line import Line
from workers.evaluation.clusters import order_dependence
from workers.evaluation.gold import load_gold
from workers.evaluation.reading import once

REPOSITORY = Path(__file__).parents[2]
AT = datetime(2031, 6, 14, 9, tzinfo=UTC)
STORY = Story(
    id="lock",
    title="The lock at Lorn",
    language="en",
    focus=(("Lorn",), ("Halvard",)),
    actors={
        "Lorn": Actor(kind="place", nominals=("the town",)),
        "Halvard": Actor(kind="organisation", nominals=("the company",), side="Halvard"),
        "Ada Lund": Actor(kind="person", aliases=("Lund",), side="Lorn"),
    },
)
WIRE = """Halvard closed the lock at Lorn on Sunday after a gate cracked, the harbour office said.

Ada Lund, the mayor of Lorn, said that 14 ships were waiting and that Halvard had known of the crack since May.

The company denied that it had been told of any crack."""
BEFORE = "Halvard will raise the toll at Lorn by 3 percent in July, the company said.\n\nLund rejected the plan."
AFTER = "Halvard sold the lock at Lorn to the state on Monday, Ada Lund said. Eleven of the 14 ships have left."
OUTLETS = ("Kystposten", "The Echo", "Havn24", "Lorn Herald")
READ = once(Extractor().extract)


def article(outlet: str, text: str) -> Article:
    uri = f"https://{outlet.lower().replace(' ', '')}.example/{len(text)}"
    return Article(article_id(outlet, uri), outlet, uri, "", text, "en", Published(AT, "minute", "feed"), AT)


def play(articles: Sequence[Article]) -> tuple[list[tuple[str, ...]], list[tuple[object, ...]]]:
    """(events, claims) without what names the first: ids, and the publisher and address of an appearance."""
    line, told = Line(STORY, READ), []
    for one in articles:
        decided = line.take(one)
        assert decided is not None
        for event in decided.commit.events:
            body = ClaimData.model_validate_json(event.data)
            told.append((event.attributes["type"], body.claim.text, body.appearance.evidence[0].selector[0].exact))
    kept = [
        (known.claim.text, known.claim.polarity, known.support.model_copy(update={"denied_by": (), "no_comment": ()}),
         len(known.links), known.wordings, sorted(known.publishers))
        for known in line.registry.claims.values()
    ]  # fmt: skip
    return told, kept


COPIES = [article(outlet, WIRE) for outlet in OUTLETS]
OTHERS = (article("Sundet", BEFORE), article("Sundet", AFTER))
STRAIGHT = play([OTHERS[0], *COPIES, OTHERS[1]])


@given(st.permutations(COPIES))
@settings(max_examples=10)
def test_copies_that_change_places_change_nothing_but_which_is_first(copies: list[Article]) -> None:
    assert play([OTHERS[0], *copies, OTHERS[1]]) == STRAIGHT


@given(st.permutations(COPIES), st.integers(1, 4))
@settings(max_examples=6)
def test_copies_may_come_late_so_long_as_one_comes_at_its_time(copies: list[Article], at: int) -> None:
    told, kept = play([OTHERS[0], *copies[:at], OTHERS[1], *copies[at:]])
    assert told == STRAIGHT[0]
    assert sorted(map(str, kept)) == sorted(map(str, STRAIGHT[1]))


@pytest.mark.parametrize("order", [(1, 0, 2), (0, 2, 1)], ids=["before", "after"])
def test_a_text_of_its_own_that_changes_places_with_a_copy_is_seen(order: tuple[int, int, int]) -> None:
    parts = [[OTHERS[0]], COPIES, [OTHERS[1]]]
    assert play([one for number in order for one in parts[number]]) != STRAIGHT


def test_the_wire_story_makes_claims_once() -> None:
    told, kept = STRAIGHT
    assert sum(type_.startswith("claimwire.claim.new") for type_, *_ in told) >= 5
    assert max(len(publishers) for *_, publishers in kept) >= len(COPIES)  # type: ignore[arg-type]


def test_orders_of_the_shipped_story_agree_and_less_where_no_wording_is_learned(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gold = load_gold(REPOSITORY / "seeds/gold/qatar-hamas", REPOSITORY / "seeds/stories")
    learned = order_dependence(gold, READ, 8)
    monkeypatch.setattr(ledger, "instructive", lambda clause, judged: False)
    unlearned = order_dependence(gold, READ, 8)
    assert sum(learned) / len(learned) >= 0.90
    assert sum(unlearned) < sum(learned)
