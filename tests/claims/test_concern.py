"""An article may carry more than the story: what is about other matters makes no claim of the story."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.model import Article
from tests.desk.builders import EXTRACTOR, STORY, WIRE

WEATHER = "Rain will clear from the valleys by noon, the weather office of Tarn said, and sleet is due on the passes."
ONIONS = "Onions fetched 3 crowns a sack at the Monday auction and tulip bulbs were unchanged, dealers said."
LIBRARY = "The town library closes early on Thursday for its stocktaking, and the swimming hall opens on Friday."


def texts(text: str) -> list[str]:
    article = Article("a1-0", "Post", "https://post.example/1", "", text, "en", None, datetime(2031, 5, 1, tzinfo=UTC))
    return [article.text[clause.start : clause.end] for clause in EXTRACTOR.extract(article, STORY)]


@pytest.mark.parametrize(
    "briefing",
    [f"{WEATHER}\n\n{ONIONS}\n\n{WIRE}", f"{WIRE}\n\n{ONIONS}\n\n{LIBRARY}", f"{WEATHER}\n\n{WIRE}\n\n{LIBRARY}"],
    ids=["before", "after", "around"],
)
def test_a_briefing_s_other_matters_make_no_claims(briefing: str) -> None:
    assert texts(briefing) == texts(WIRE)


def test_read_alone_they_would() -> None:
    """The control: without an actor of the story anywhere there is nothing to be apart from."""
    assert texts(WEATHER)


@pytest.mark.parametrize(
    "sentence",
    [
        "The offer for the tower runs out in three weeks, a broker close to the talks said.",
        "He said that two other bids had been refused.",
        "“We counted 40 visitors a day,” a guide said.",
    ],
)
def test_a_stray_paragraph_without_an_actor_is_kept(sentence: str) -> None:
    assert any(sentence[:25] in evidence for evidence in texts(f"{WIRE}\n\n{sentence}"))


LEAD = "Dawn was grey and the pavement wet when the first of them came down the hill with a thermos flask."


def test_a_lead_without_an_actor_is_kept() -> None:
    assert any(LEAD[:25] in evidence for evidence in texts(f"{LEAD}\n\n{WIRE}"))
