"""The shipped story among its neighbours: what else was reported of the same actors brings no event.

The texts are our own, on public events, and were left out of what the weights were learned from. `long_neighbours`
have the length of real pages (200 to 430 words): n and q are about other matters, p about the story. What the story
file says of its matter and of others was written with n in view, without q.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from service.model import Article, Published, article_id
from service.stories.story import load_story
from workers.claims import compare
from workers.claims.extract import Extractor
from workers.claims.novelty.worth import Line as Weights
from workers.claims.novelty.worth import Worth, load_worth
from workers.desk.line import Line

HERE = Path(__file__).parent
STORY = HERE.parents[1] / "seeds" / "stories" / "qatar-hamas.toml"


def told(name: str = "neighbours", **changes: object) -> Iterator[tuple[dict[str, Any], list[str]]]:
    """Each entry of a fixture, in order, and the evidence of the new claims that it brought."""
    line = Line(load_story(STORY).model_copy(update=changes), Extractor().extract)
    for entry in map(json.loads, (HERE / "fixtures" / f"{name}.jsonl").read_text("utf-8").splitlines()):
        when = datetime.fromisoformat(entry["published"])
        article = Article(
            id=article_id(entry["outlet"], entry["id"]),
            source=entry["outlet"],
            uri=f"https://{entry['id']}.example/",
            headline=entry["title"],
            text=entry["text"],
            language="en",
            published=Published(when, "second", "feed"),
            first_seen=when,
        )
        decided = line.take(article)
        events = decided.commit.events if decided else ()
        bodies = [json.loads(event.data) for event in events if event.new_claim]
        yield entry, [body["appearance"]["evidence"][0]["selector"][0]["exact"] for body in bodies]


@pytest.fixture
def weighed(monkeypatch: pytest.MonkeyPatch) -> Worth:
    """The weights of this installation; the tests of this room otherwise push everything."""
    worth = load_worth()
    monkeypatch.setattr(compare, "load_worth", lambda: worth)
    return worth


def test_what_else_the_same_actors_did_brings_no_event(weighed: Worth) -> None:
    found = {entry["id"]: evidence for entry, evidence in told()}
    assert {name: evidence for name, evidence in found.items() if name.startswith("n") and evidence} == {}


def test_what_is_new_to_the_story_is_told_among_them(weighed: Worth) -> None:
    new, hit = 0, 0
    for entry, evidence in told():
        new += len(entry["new"])
        hit += sum(any(words in sentence or sentence in words for words in evidence) for sentence in entry["new"])
    assert new == 7
    assert hit >= 5


def test_without_weighing_the_articles_their_neighbours_bring_dozens(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: it is the weighing that keeps them out, not the matcher."""
    everything = Worth(Weights({}, 0.0), Weights({}, 0.0), -1e9, -1e9, -1.0, -2.0)
    monkeypatch.setattr(compare, "load_worth", lambda: everything)
    assert sum(len(evidence) for entry, evidence in told() if entry["id"].startswith("n")) > 24


def test_few_pages_of_real_length_on_other_matters_bring_events(weighed: Worth) -> None:
    brought = own("long_neighbours")
    assert [name for name, number in brought.items() if name[0] in "nq" and number] == ["n03", "q3", "n08"]
    assert all(number >= 4 for name, number in brought.items() if name[0] == "p")


def test_most_do_if_the_story_file_names_no_other_matters(weighed: Worth) -> None:
    brought = own("long_neighbours", other_matters=())
    assert sum(bool(number) for name, number in brought.items() if name[0] in "nq") >= 10


def own(name: str, **changes: object) -> dict[str, int]:
    """How many new claims of its own each entry brought; a claim held before may be told beside them."""
    return {entry["id"]: sum(exact in entry["text"] for exact in evidence) for entry, evidence in told(name, **changes)}
