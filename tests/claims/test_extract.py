"""What an article claims, on a story that exists nowhere."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.model import Article, Published
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.model import Clause

STORY = Story(
    id="tarn-mill",
    title="Explosion at the Tarn mill",
    language="en",
    focus=(("Corvane",),),
    agencies=("Meridian Wire",),
    actors={
        "Corvane": Actor(
            kind="organisation", aliases=("Corvane Group",), nominals=("the company", "the operator"), side="operator"
        ),
        "Ostland": Actor(kind="state", aliases=("Ostlandic",), nominals=("the country",), side="state"),
        "Mill Workers' Union": Actor(kind="organisation", nominals=("the union",), side="workers"),
    },
)
EXTRACTOR = Extractor()


def article(text: str, *, headline: str = "", language: str | None = None) -> Article:
    published = Published(datetime(2031, 5, 14, 9, tzinfo=UTC), "minute", "feed")
    return Article("a1-0", "The Tarn Echo", "text:x", headline, text, language, published, published.value)


def clauses(text: str) -> tuple[Clause, ...]:
    return EXTRACTOR.extract(article(text), STORY)


def only(text: str) -> Clause:
    found = [clause for clause in clauses(text) if not clause.presupposed]
    assert len(found) == 1, [clause.text for clause in found]
    return found[0]


def test_an_attributed_clause_loses_its_frame_and_keeps_its_source() -> None:
    clause = only("Ostlandic officials said on Tuesday that Corvane had ignored two safety warnings.")
    assert clause.text == "Corvane had ignored two safety warnings."
    assert (clause.frame.actor, clause.frame.action) == ("Corvane", "ignore")
    assert clause.attribution[-1].side == "state"
    assert not clause.attribution[-1].named


def test_evidence_is_the_whole_sentence_and_an_exact_slice() -> None:
    text = "  TARN (Meridian Wire) — Corvane closed the mill.  \n\n The union welcomed the step.\n"
    found = clauses(text)
    assert [text[clause.start : clause.end] for clause in found] == [
        "Corvane closed the mill.",
        "The union welcomed the step.",
    ]


@pytest.mark.parametrize("text", ["", "x", "Corvane", "...", "\u202e\u200f", "“", '"""', "<p>", "1 2 3", "\ud800 lone"])
def test_scraps_yield_nothing_and_break_nothing(text: str) -> None:
    assert clauses(text) == ()
