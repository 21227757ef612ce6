"""The invented stories are what they say: their gold fits their texts, and their feeds are their articles."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from service.stories.matcher import Matcher
from service.stories.story import load_story

HERE = Path(__file__).parent
_spec = importlib.util.spec_from_file_location("gold_validate", HERE / "validate.py")
assert _spec is not None and _spec.loader is not None
validate = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(validate)

STORIES = validate.stories()


def ids(folder: Path) -> str:
    return folder.name


@pytest.mark.parametrize("folder", STORIES, ids=ids)
def test_nothing_is_wrong_with_the_gold(folder: Path) -> None:
    assert validate.problems(folder) == []


@pytest.mark.parametrize("folder", STORIES, ids=ids)
def test_every_claim_has_a_mention(folder: Path) -> None:
    gold = validate.gold(folder)
    assert {mention["claim"] for mention in gold["mentions"]} == set(gold["claims"])


@pytest.mark.parametrize("folder", STORIES, ids=ids)
def test_what_is_new_is_the_first_mention_in_time(folder: Path) -> None:
    gold = validate.gold(folder)
    assert gold["new"] == validate.first_mentions(validate.articles(folder), gold)


@pytest.mark.parametrize("folder", STORIES, ids=ids)
def test_relations_point_to_other_claims(folder: Path) -> None:
    claims = validate.gold(folder)["claims"]
    for name, claim in claims.items():
        for targets in claim["relations"].values():
            assert name not in targets
            assert set(targets) <= set(claims)


@pytest.mark.parametrize("folder", STORIES, ids=ids)
def test_clusters_cover_all_articles(folder: Path) -> None:
    articles = validate.articles(folder)
    assert list(validate.gold(folder)["clusters"]) == [article["id"] for article in articles]


@pytest.mark.parametrize("folder", STORIES, ids=ids)
def test_a_story_is_large_and_varied_enough(folder: Path) -> None:
    articles = validate.articles(folder)
    assert len(articles) >= 12
    assert len({article["outlet"] for article in articles}) >= 6
    assert sum(article["hard_negative"] for article in articles) >= 2


@pytest.mark.parametrize("folder", STORIES, ids=ids)
def test_the_feeds_are_the_articles(folder: Path) -> None:
    for path, content in validate.feeds(folder).items():
        assert (folder / path).read_text("utf-8") == content, path


@pytest.mark.parametrize("folder", STORIES, ids=ids)
def test_the_story_file_can_be_used(folder: Path) -> None:
    assert load_story(folder / "story.toml").id == folder.name


@pytest.mark.parametrize("folder", STORIES, ids=ids)
def test_every_article_of_the_story_names_its_actors_and_so_do_the_hard_negatives(folder: Path) -> None:
    matcher = Matcher(load_story(folder / "story.toml"))
    silent = [a["id"] for a in validate.articles(folder) if not matcher.concerns(a["title"], a["text"])]
    assert silent == []


def test_the_validator_finds_a_piece_of_a_sentence() -> None:
    assert validate.is_whole("Two died.", "A roof fell. Two died. Ten live.")
    assert not validate.is_whole("Two died", "A roof fell. Two died in it. Ten live.")
    assert not validate.is_whole("died in it.", "A roof fell. Two died in it. Ten live.")
