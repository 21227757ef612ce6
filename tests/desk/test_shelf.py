"""The desk and the shelf of the wire room see the same wire copy the same way, whichever index they ask."""

from __future__ import annotations

import random

from tests.desk.builders import STORY, article
from tests.wire.conftest import HANDLINGS, STORIES, market_report
from workers.desk.line import Line
from workers.wire.shelf import Shelf

HEADLINE = "Fjordlys and Ada Brandt of Skerry"


def stream() -> list[str]:
    """Stories, all that newsrooms do to them, and reports made from one template, in no order."""
    texts = [handle(text) for text in STORIES.values() for handle in HANDLINGS.values()]
    texts += [market_report(number, 1) for number in range(10)]
    random.Random(6).shuffle(texts)
    return [*STORIES.values(), *texts]


def test_desk_and_shelf_decide_alike() -> None:
    # given a line of the desk's decisions, and a shelf
    line, shelf = Line(STORY, lambda *_: ()), Shelf()
    ids: dict[str | None, str] = {}

    # when they take the same texts
    for number, text in enumerate(stream()):
        decided = line.take(article(number, text, f"{HEADLINE} {number}"))
        found = shelf.take(str(number), text, day=decided_day(number))
        assert decided is not None

        # then they say the same of each, and put it into the same wire story
        of_shelf = found.wire_story if found.kind == "copy" else f"w1-{number}"
        assert decided.match == (found.copy_kind or found.kind), number
        assert ids.setdefault(decided.commit.wire_story, f"{of_shelf}") == of_shelf, number
    assert len(ids) == len(STORIES) + 10


def decided_day(number: int) -> int:
    return article(number, "").first_seen.toordinal()
