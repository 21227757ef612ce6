"""The planted texts are what their listing says: a wire item, its handlings, its kill; and a late development."""

from __future__ import annotations

import re
import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.stories.matcher import Matcher
from service.stories.story import load_stories
from workers.wire.match import Match
from workers.wire.notices import same_headline, signal
from workers.wire.passages import Passages, passages
from workers.wire.shelf import Shelf

SEEDS = Path(__file__).parents[2] / "seeds"


def listed(folder: str) -> list[tuple[dict[str, Any], str]]:
    """Each item of the listing with its text, in the listing's order."""
    listing = tomllib.loads((SEEDS / folder / "feed.toml").read_text("utf-8"))
    return [(item, (SEEDS / folder / item["file"]).read_text("utf-8")) for item in listing["item"]]


def taken(folder: str) -> list[tuple[str, Match, Passages]]:
    """File, match, and passages as they stood before the copy joined."""
    shelf, found = Shelf(), []
    for item, text in listed(folder):
        before = dict(shelf.wire_stories)
        decided = shelf.take(item["guid"], text, source=item["source"], headline=item["headline"])
        known = before.get(decided.wire_story or "")
        found.append((item["file"], decided, passages(text, known) if known else Passages((), ())))
    return found


@pytest.mark.parametrize("folder", ["copies", "later"])
def test_a_listing_names_every_text_once_in_order_of_time(folder: str) -> None:
    items = [item for item, _ in listed(folder)]
    assert sorted(item["file"] for item in items) == sorted(path.name for path in (SEEDS / folder).glob("*.txt"))
    assert len({item["guid"] for item in items}) == len(items)
    times = [item["published"] for item in items]
    assert times == sorted(times)
    assert times[0] >= datetime(2024, 11, 9, 12, tzinfo=UTC)
    assert all(item["source"].removeprefix("The ").startswith("Planted ") for item in items)


@pytest.mark.parametrize("folder", ["copies", "later"])
def test_every_planted_text_concerns_the_shipped_story(folder: str) -> None:
    (story,) = load_stories(SEEDS / "stories").values()
    matcher = Matcher(story)
    for item, text in listed(folder):
        assert matcher.concerns(item["headline"], text), item["file"]


def test_what_surrounds_the_embedded_copy_names_no_actor_of_the_story() -> None:
    (story,) = load_stories(SEEDS / "stories").values()
    texts = {item["file"]: text for item, text in listed("copies")}
    around = texts["04-embedded.txt"].replace(texts["01-wire.txt"], "")
    assert len(around) < len(texts["04-embedded.txt"]) / 2
    assert Matcher(story).mentions(around) == ()


def test_the_handlings_are_copies_of_the_wire_item() -> None:
    assert [(file, found.kind, found.copy_kind) for file, found, _ in taken("copies")] == [
        ("01-wire.txt", "new", None),
        ("02-verbatim.txt", "copy", "identical"),
        ("03-cut.txt", "copy", "cut"),
        ("04-embedded.txt", "copy", "embedded"),
        ("05-edited.txt", "copy", "edited"),
        ("06-british.txt", "copy", "edited"),
        ("07-update.txt", "copy", "update"),
        ("08-corrected.txt", "copy", "correction"),
        ("09-kill.txt", "new", None),
    ]
    assert {found.wire_story for _, found, _ in taken("copies")[1:8]} == {"w1-planted-copies-01"}


def test_only_the_update_and_the_correction_bring_news() -> None:
    texts = {item["file"]: text for item, text in listed("copies")}
    brought = {file: found for file, _, found in taken("copies") if found.additions or found.corrections}
    assert set(brought) == {"04-embedded.txt", "07-update.txt", "08-corrected.txt"}
    (addition,) = brought["07-update.txt"].additions
    assert texts["07-update.txt"].replace(texts["07-update.txt"][slice(*addition)] + "\n\n", "") == texts["01-wire.txt"]
    (correction,) = brought["08-corrected.txt"].corrections
    assert brought["08-corrected.txt"].additions == ()
    start, end = correction.start, correction.end
    corrected = texts["08-corrected.txt"]
    assert corrected[:start] + correction.old + corrected[end:] == texts["01-wire.txt"]


def test_the_signals() -> None:
    found = {item["file"]: signal(item["headline"], text) for item, text in listed("copies")}
    assert {file: each.kind for file, each in found.items() if each} == {
        "07-update.txt": "update",
        "08-corrected.txt": "correction",
        "09-kill.txt": "kill",
    }
    headline = listed("copies")[0][0]["headline"]
    kill = found["09-kill.txt"]
    assert kill is not None
    assert same_headline(kill.quoted_headline or "", headline)


def test_the_wire_item_is_short() -> None:
    text = listed("copies")[0][1]
    assert 120 <= len(text.split()) <= 180
    assert 6 <= len(re.findall(r"\.\s", text)) <= 10


def test_the_late_development_copies_nothing() -> None:
    assert {found.kind for _, found, _ in taken("later")} == {"new"}
    assert all(signal(item["headline"], text) is None for item, text in listed("later"))


def test_the_seed_articles_are_retellings_not_copies() -> None:
    shelf = Shelf()
    kinds = {shelf.take(path.stem, path.read_text("utf-8")).kind for path in sorted(SEEDS.glob("articles/*.txt"))}
    assert kinds == {"new"}
    assert shelf.take("planted", listed("copies")[0][1]).kind == "new"
