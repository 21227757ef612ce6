"""What a reader understands of single sentences: who is meant, who says it, how many claims there are."""

from __future__ import annotations

import tomllib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from service.model import Article, Published
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.model import Clause

STORY = Story(
    id="kestrel",
    title="Arden and Lorn quarrel over a ferry",
    language="en",
    focus=(("Arden", "Lorn"),),
    agencies=("Harbour Wire",),
    actors={
        "Arden": Actor(kind="state", side="Arden"),
        "Lorn": Actor(kind="state", side="Lorn"),
        "Transport Ministry": Actor(kind="organisation", member_of="Arden", side="Arden"),
        "Ada Lund": Actor(
            kind="person", aliases=("Lund",), nominals=("the transport minister",), member_of="Arden", side="Arden"
        ),
        "Karl Moe": Actor(
            kind="person", aliases=("Moe",), nominals=("the captain",), member_of="Kestrel", side="Arden"
        ),
        "Kestrel": Actor(kind="organisation", nominals=("the ferry", "the ship"), side="Arden"),
        "Port Authority": Actor(kind="organisation", nominals=("harbour masters",), side="Arden"),
        "Harbour Union": Actor(kind="organisation", side="Harbour Union"),
    },
)
READINGS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parent / "readings.toml").read_text(encoding="utf-8"))[
    "reading"
]
EXTRACTOR = Extractor()


def read(text: str) -> list[Clause]:
    published = Published(datetime(2031, 5, 14, 9, tzinfo=UTC), "minute", "feed")
    article = Article("a1-0", "The Echo", "text:x", "", text, None, published, published.value)
    found = EXTRACTOR.extract(article, STORY)
    return [clause for clause in found if clause.kind in {"claim", "no_comment", "background"}]


def source_of(clause: Clause) -> str | None:
    """The last hop of a clause."""
    last = clause.attribution[-1] if clause.attribution else None
    return (last.name or last.descriptor) if last is not None else "nobody"


def wrong(reading: dict[str, Any]) -> list[str]:
    """What of a reading was not met."""
    found = read(reading["text"])
    texts = [clause.text for clause in found]
    says = source_of(found[-1]) if found else "nobody"
    missed = [f"missing: {text}" for text in reading.get("texts", ()) if text not in texts]
    missed += [f"said: {words}" for words in reading.get("never", ()) if any(words in text for text in texts)]
    if "says" in reading and says != reading["says"]:
        missed.append(f"source: {says}")
    outlets = [hop.name for hop in found[-1].attribution if hop.kind == "outlet"] if found else []
    if "through" in reading and reading["through"] not in outlets:
        missed.append(f"through: {outlets}")
    heard = {clause.text: source_of(clause) for clause in found}
    missed += [f"{text} {heard.get(text)}" for text, who in reading.get("told", {}).items() if heard.get(text) != who]
    silences = {clause.text for clause in found if clause.kind == "no_comment"}
    missed += [f"no silence: {text}" for text in reading.get("silent", ()) if text not in silences]
    if "silent" in reading and not reading["silent"]:
        missed += [f"silence: {text}" for text in silences]
    if "count" in reading and len(found) != reading["count"]:
        missed.append(f"{len(found)} clauses")
    return [f"{reason} in {texts}" for reason in missed]


@pytest.mark.parametrize("reading", READINGS, ids=[reading["text"][:60] for reading in READINGS])
def test_a_sentence_is_read_as_a_reader_does(reading: dict[str, Any]) -> None:
    assert wrong(reading) == []
