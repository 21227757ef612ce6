"""Whatever the text: no crash, exact evidence, and the same clauses twice."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.model import Article
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.grammar.clean import readable
from workers.claims.model import Clause

STORY = Story(
    id="may",
    title="May",
    language="en",
    focus=(("May",),),
    actors={
        "May": Actor(kind="organisation", aliases=("Apple",), nominals=("the firm",)),
        "The Hague": Actor(kind="place", nominals=("the city",)),
    },
)
EXTRACTOR = Extractor()
SEEN = datetime(2031, 5, 14, tzinfo=UTC)
WORDS = (
    'May said|that|the firm|denied|it|had|closed|the plant|“|”|"|‘|’|,|.|\n|\n\n| — |according to|Apple|they|who|told'
    "|Reuters|3|million|on Tuesday|rejecting|after|its|refusal to|at the request of|May|<b>|&amp;|\u202e|\u00a0|🔥"
    "|LONDON (AP) -|(|)|- |said|has yet to|comment|while|and|is believed to|be|?|not|\r\n|Read more:|\u0301|é|中文"
)
PIECES = st.sampled_from(WORDS.split("|"))
PHRASES = st.one_of(st.lists(PIECES, max_size=60).map(" ".join), st.lists(PIECES, max_size=40).map("".join))
TEXTS = st.one_of(st.text(max_size=200), PHRASES)


def read(text: str) -> tuple[Clause, ...]:
    return EXTRACTOR.extract(Article("a1-0", "E", "u", "", text, None, None, SEEN), STORY)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS)
def test_evidence_is_an_exact_trimmed_slice(text: str) -> None:
    found = read(text)
    for clause in found:
        exact = text[clause.start : clause.end]
        assert exact
        assert exact == exact.strip()
        assert clause.text
        for hop in clause.attribution:
            assert hop.span is None or 0 <= hop.span.start < hop.span.end <= len(text)
    assert read(text) == found


@settings(max_examples=200)
@given(TEXTS)
def test_every_character_that_is_read_has_its_place(text: str) -> None:
    reading = readable(text, "", 50)
    assert len(reading.offsets) == len(reading.text) + 1
    assert list(reading.offsets[:-1]) == sorted(reading.offsets[:-1])
    for place, character in enumerate(reading.text):
        if character.isalnum() and reading.offsets[place] < len(text):
            original = text[reading.offsets[place]]
            assert original.lower() == character.lower() or original == "&"


@pytest.mark.parametrize(
    "text",
    [
        "The firm said " + " and ".join(f"May closed plant {number}" for number in range(60)) + ".",
        "May said " + "that the firm said " * 60 + "that it closed.",
        "The plant closed, according to " + " of ".join(["the minister"] * 170) + ".",
        "(" * 5000 + "May closed the plant" + ")" * 5000,
        '"' * 5000 + "May closed the plant.",
        "May" * 20_000,
        "May, " * 3000,
        "\n".join("\t".join(str(a * b) for a in range(10)) for b in range(200)),
    ],
    ids=["60 clauses", "nested", "500-word source", "brackets", "quotes", "one word", "commas", "table"],
)
def test_monsters_are_read_in_bounded_time(text: str) -> None:
    started = time.process_time()
    for clause in read(text):
        assert text[clause.start : clause.end].strip()
    assert time.process_time() - started < 20


@pytest.mark.parametrize(
    "text",
    [
        "May" + " " * 50_000 + "and The Hague signed.",
        "(" + " \t" * 30_000 + "May, The Hague)",
        "May settled with The Hague 3000 years ago and would again in 9000 years, or 999999999 years ago.",
    ],
    ids=["blanks", "bracket", "beyond the calendar"],
)
def test_blanks_and_years_without_end_are_read_in_a_moment(text: str) -> None:
    """A regular expression that tries every split of a run of blanks takes minutes for the first two."""
    began_s = time.process_time()
    EXTRACTOR.extract(
        Article("a1-0", "Post", "u", "", text, "en", None, first_seen=datetime(1, 1, 2, tzinfo=UTC)), STORY
    )
    assert time.process_time() - began_s < 10
