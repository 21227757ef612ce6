"""What is measured in memory is what the whole system does: service, store and workers give the same events."""

from __future__ import annotations

import json
from pathlib import Path

from tests.journeys.conftest import Start
from tests.journeys.running import ROOT
from workers.claims.extract import Extractor
from workers.desk.line import Line
from workers.evaluation.gold import load_gold

GOLD = ROOT / "tests" / "gold" / "petrel-row"


def test_the_line_in_memory_gives_the_events_of_a_replay(start: Start, tmp_path: Path) -> None:
    replay = start(
        "replay", "--story", str(GOLD / "story.toml"), "--feed", str(GOLD / "feeds.toml"), "--jsonl", "--workers", "1"
    )
    assert replay.finish() == 0, replay.told()
    gold = load_gold(GOLD, tmp_path)
    line = Line(gold.story, Extractor().extract)
    taken = [line.take(article.article()) for article in gold.articles]
    events = [
        {**event.attributes, "data": json.loads(event.data)} for one in taken if one for event in one.commit.events
    ]
    assert len(events) > 50
    assert events == [json.loads(text) for text in replay.out]
