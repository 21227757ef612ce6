"""What is shipped: the five articles byte for byte, their order, and the story that follows them."""

from __future__ import annotations

import hashlib
import tomllib
from datetime import date
from pathlib import Path

import pytest

from service.stories.matcher import Matcher
from service.stories.story import load_stories, load_story

SEEDS = Path(__file__).parents[2] / "seeds"

SHA256 = {
    "000_8fe2175072f18a03.txt": "3d781b268947d98a6d9a25ebb8e5ad44d64bda67a1dc59c25ac4c1f51d7bf3ad",
    "001_d5b0627365015324.txt": "c1a92d12c42fc0f22f377db6cdd11971b287b4b1d250abace0ade37b1b4618f5",
    "002_684e519efb12fd36.txt": "7abe6f1498bf583197b238f152c3f007c6f4e7c3252e3f01156d054e8760567c",
    "003_26bbd7db88353363.txt": "b1c3c8d8a5ca9920e77bf89e5afbfdb5de5f0b607244452658733636bdf12a41",
    "004_f47f47b562b49dc1.txt": "0a4b6e283e58323d4ebc5a9e8b2069c8e3436f2d474890f4df4d59f21f8560d4",
}


@pytest.fixture(scope="module")
def matcher() -> Matcher:
    return Matcher(load_story(SEEDS / "stories" / "qatar-hamas.toml"))


def test_the_articles_are_untouched() -> None:
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (SEEDS / "articles").iterdir()}
    assert found == SHA256


def test_the_articles_are_listed_in_their_order_with_the_dates_that_they_state() -> None:
    (feed,) = tomllib.loads((SEEDS / "feeds.toml").read_text(encoding="utf-8"))["feed"]
    assert feed["folder"] == "articles"
    assert [text["file"][:3] for text in feed["text"]] == ["002", "003", "000", "004", "001"]
    assert {text["file"] for text in feed["text"]} == set(SHA256)
    assert {text["file"][:3]: text["published"] for text in feed["text"] if "published" in text} == {
        "002": date(2024, 11, 9),
        "001": date(2024, 11, 16),
    }


def test_the_stories_directory_loads() -> None:
    assert list(load_stories(SEEDS / "stories")) == ["qatar-hamas"]


@pytest.mark.parametrize("name", SHA256)
def test_every_article_concerns_the_story(matcher: Matcher, name: str) -> None:
    assert matcher.concerns("", (SEEDS / "articles" / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "text",
    [
        "Qatar Airways flies to Gaza again, and Hamas says nothing.",
        "Hamas and Israel blame each other for the failure of the talks in Cairo.",
        "Qatar opens a port. The group that built it told us so.",
        "The Washington Post wrote about the group.",
    ],
)
def test_an_article_beside_the_story_does_not_concern_it(matcher: Matcher, text: str) -> None:
    assert not matcher.concerns("", text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("told us that the U.S. would", ["United States"]),
        ("The Washington Post said Washington would", ["United States"]),
        ("US Secretary of State Anthony Blinken", ["United States", "Antony Blinken"]),
        ("Qatar’s foreign ministry spokesman Majed Al-Ansari", ["Qatar's foreign ministry", "Majed al-Ansari"]),
        ("an American-Israeli hostage", []),
        ("TÜRKİYE and Türkiye", ["Turkey", "Turkey"]),
        ("QATAR TELLS HAMAS", ["Qatar", "Hamas"]),
    ],
)
def test_the_shipped_names_stand_for_whom_they_should(matcher: Matcher, text: str, expected: list[str]) -> None:
    assert [mention.actor for mention in matcher.mentions(text)] == expected
