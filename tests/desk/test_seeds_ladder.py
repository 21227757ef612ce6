"""What the ladder of the shipped story's first claim must show: carried by five, said on the record by nobody."""

from __future__ import annotations

import json
import tomllib
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from service.model import Article, Published, article_id
from service.stories.story import load_story
from workers.claims.extract import Extractor
from workers.claims.model import Known
from workers.desk.decide import Decided
from workers.desk.line import Line

SEEDS = Path(__file__).parents[2] / "seeds"
NOON = datetime(2024, 11, 9, 12, tzinfo=UTC)


def articles() -> list[Article]:
    listed = tomllib.loads((SEEDS / "feeds.toml").read_text("utf-8"))["feed"][0]["text"]
    found = []
    for number, one in enumerate(listed):
        stem = one["file"].removesuffix(".txt")
        source, day = one.get("source", stem), one.get("published")
        published = Published(datetime(day.year, day.month, day.day, tzinfo=UTC), "day", "text") if day else None
        found.append(
            Article(
                id=article_id(source, stem), source=source, uri=f"text:articles/{stem}",
                headline="", text=(SEEDS / "articles" / one["file"]).read_text("utf-8"), language="en",
                published=published, first_seen=NOON + timedelta(minutes=number),
            )
        )  # fmt: skip
    return found


@pytest.fixture(scope="module")
def played() -> tuple[Line, list[Decided]]:
    line = Line(load_story(SEEDS / "stories" / "qatar-hamas.toml"), Extractor().extract)
    decided = [line.take(article) for article in articles()]
    return line, [one for one in decided if one is not None]


@pytest.fixture(scope="module")
def first(played: tuple[Line, list[Decided]]) -> Known:
    """The claim that the sentence of 002 makes which the guide calls the story's first."""
    line, decided = played
    born = {event.attributes["subject"] for event in decided[0].commit.events}
    told = [
        known
        for claim_id, known in line.registry.claims.items()
        if claim_id in born
        and known.evidence[0].selector[0].exact.endswith("has asked Hamas leaders to leave the country.")
    ]
    return max(told, key=lambda known: known.support.documents)


def test_five_documents_carry_it_and_nobody_says_it_on_the_record(first: Known) -> None:
    support = first.support
    assert (support.documents, support.copies, support.publishers) == (5, 0, 5)
    assert support.sources.named == 0
    assert 1 <= support.sources.min <= support.sources.max
    assert support.sides == ("United States",)


def test_the_outlets_that_the_texts_credit_are_named(first: Known) -> None:
    assert set(first.support.credited) == {"Reuters", "The Times of Israel", "Axios"}
    assert set(first.support.credited).isdisjoint(first.publishers)
    texts = {one.id: one.text for one in articles()}
    for outlet in first.support.credited:
        assert any(outlet in texts[carrier] for carrier in first.articles)


def test_it_is_denied_by_hamas(played: tuple[Line, list[Decided]], first: Known) -> None:
    line, _ = played
    denials = [line.registry.claims[claim_id] for claim_id in first.support.denied_by]
    assert denials
    assert any(hop.side == "Hamas" for denial in denials for hop in denial.attribution)


def test_a_reporter_who_confirms_an_unnamed_report_is_not_counted(
    played: tuple[Line, list[Decided]], first: Known
) -> None:
    # given the post in 003: "According to Axios' …; the report … of Qatar having ordered … is true"
    _, decided = played
    second = decided[1]
    post = [
        decision
        for decision in second.decisions
        if decision.claim_id == first.claim.id
        and any(hop.not_counted == "reporter" for hop in decision.clause.attribution)
    ]
    # then it is an appearance of the claim, and adds no source and no origin
    assert post
    words = [articles()[1].text[decision.clause.start : decision.clause.end] for decision in post]
    assert any("is true" in said for said in words)
    names = {hop.name for decision in post for hop in decision.clause.attribution if hop.not_counted == "reporter"}
    assert names
    assert not any(name.casefold() in key for name in names if name for key in first.sources)
    assert "outlet:axios" not in first.origins


def test_every_appearance_of_it_has_its_exact_words(played: tuple[Line, list[Decided]], first: Known) -> None:
    _, decided = played
    texts = {article.id: article.text for article in articles()}
    assert len(first.articles) == 5
    found: list[Any] = []
    for one in decided:
        kept = json.loads(one.commit.documents[one.commit.article_id])["appearances"].get(first.claim.id, {})
        for item in kept.get("evidence", ()):
            quote, position = item["selector"]
            assert texts[one.commit.article_id][position["start"] : position["end"]] == quote["exact"]
            found.append(one.commit.article_id)
    assert set(found) == set(first.articles)
