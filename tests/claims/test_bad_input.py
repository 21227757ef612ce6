"""Texts that are no articles, or not one, or broken: read with the right speakers where they can be read at all."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from service.model import Article, Published
from service.stories.story import Actor, Story
from workers.claims.extract import Extractor
from workers.claims.model import Clause

STORY = Story(
    id="words",
    title="Apple, May and the quay",
    language="en",
    focus=(("Apple",), ("May",)),
    actors={
        "Apple": Actor(kind="organisation", side="Apple"),
        "May": Actor(kind="person", side="May"),
        "Ada Lund": Actor(kind="person", aliases=("Lund",), side="Arden"),
        "Karl Moe": Actor(kind="person", aliases=("Moe",), side="Lorn"),
    },
)
EXTRACTOR = Extractor()


def read(text: str) -> list[Clause]:
    published = Published(datetime(2031, 6, 14, 9, tzinfo=UTC), "minute", "feed")
    found = EXTRACTOR.extract(Article("a1-0", "The Echo", "text:x", "", text, None, published, published.value), STORY)
    for clause in found:
        exact = text[clause.start : clause.end]
        assert exact
        assert exact == exact.strip()
        for hop in clause.attribution:
            assert hop.span is None or text[hop.span.start : hop.span.end].strip()
    return list(found)


def said(text: str) -> dict[str, str | None]:
    """Clause → the last who says it."""
    return {
        clause.text: (clause.attribution[-1].name or clause.attribution[-1].descriptor) if clause.attribution else None
        for clause in read(text)
    }


def test_a_transcript_has_its_speakers() -> None:
    turns = (
        "LUND: Apple closed the quay on Sunday.",
        "MOE: Lorn sent no ship. The crew is safe.",
        "LUND: Apple lied to May.",
    )
    text = "\n\n".join(turns)
    assert said(text) == {
        "Apple closed the quay on Sunday.": "Ada Lund",
        "Lorn sent no ship.": "Karl Moe",
        "The crew is safe.": "Karl Moe",
        "Apple lied to May.": "Ada Lund",
    }


def test_answers_in_an_interview_are_not_the_desks_own() -> None:
    text = "Q: What did Apple do on Sunday?\n\nA: Apple closed the quay. May signed the order."
    found = [clause for clause in read(text) if clause.kind == "claim"]
    assert [clause.text for clause in found] == ["Apple closed the quay.", "May signed the order."]
    assert all(hop.kind == "unnamed" for clause in found for hop in clause.attribution)
    assert all(clause.attribution for clause in found)


def test_entries_of_a_live_blog_lose_their_times_and_keep_their_speakers() -> None:
    text = (
        "14:05 – Apple has left Lorn, Ada Lund says.\n\n13:40\nKarl Moe said May was free.\n\n12.10 GMT: Moe fell ill."
    )
    assert said(text) == {"Apple has left Lorn.": "Ada Lund", "May was free.": "Karl Moe", "Moe fell ill.": None}


def test_one_heading_with_a_colon_makes_no_transcript() -> None:
    assert (
        said("Background: Apple closed the quay in June.\n\nMay signed the order on Sunday.")[
            "May signed the order on Sunday."
        ]
        is None
    )


def test_titles_in_a_list_make_no_transcript() -> None:
    text = (
        "Karl Moe said the quay was safe on Monday.\n\nThe town has asked for a second report on the quay.\n\n"
        "Apple has eleven days to answer the town.\n\n- COAST: Two ministers resign over the budget\n"
        "- NORTH: First vote on the senate holds in May\n\nApple closed the quay on Sunday.\n\nMay signed the order."
    )
    found = said(text)
    assert found["Apple closed the quay on Sunday."] is None
    assert found["May signed the order."] is None
    assert found["The quay was safe on Monday."] == "Karl Moe"


def test_the_items_of_a_list_are_read_one_by_one() -> None:
    text = "What Apple did on Monday:\n• Apple closed the quay.\n• Apple sold two ships.\n• Apple told May to go."
    found = said(text)
    assert {"Apple closed the quay.", "Apple sold two ships.", "Apple told May to go."} <= set(found)


def test_of_two_articles_glued_together_no_speaker_walks_into_the_other() -> None:
    one = "Apple closed the quay on Sunday. Ada Lund said May had signed the order."
    other = "May resigned on Monday. Two ships were sold, Karl Moe said."
    found = said(f"{one}\n\nBy Jan Holm\n\n{other}")
    assert found["May had signed the order."] == "Ada Lund"
    assert found["May resigned on Monday."] is None
    assert found["Two ships were sold."] == "Karl Moe"


@pytest.mark.parametrize(
    "text",
    [
        "“Apple closed the quay, Ada Lund said. May signed the order on Sunday.",
        "Apple closed the quay,” Ada Lund said. May signed the order on Sunday.",
        '"Apple closed the quay," Ada Lund said. "May signed the order on Sunday.',
    ],
)
def test_a_quotation_mark_without_a_partner_costs_no_claim(text: str) -> None:
    found = said(text)
    assert any("closed the quay" in words for words in found)
    assert any("signed the order" in words for words in found)


def test_markup_that_was_left_over_is_not_read() -> None:
    found = said("<p>Apple <b>closed</b> the&nbsp;quay, <a href='x'>Ada Lund</a> said.</p><script>May()</script>")
    assert found["Apple closed the quay."] == "Ada Lund"


def test_directional_marks_change_nothing_but_offsets() -> None:
    plain = "Apple closed the quay on Sunday, Ada Lund said."
    marked = "\u202aApple\u202c closed \u2067the quay\u2069 on Sunday, \u200fAda Lund\u200f said."
    assert said(marked) == said(plain)


def test_capitals_throughout_have_their_speaker() -> None:
    assert said("APPLE CLOSED THE QUAY ON SUNDAY, ADA LUND SAID. MAY SIGNED THE ORDER.") == {
        "Apple closed the quay on Sunday.": "Ada Lund",
        "May signed the order.": None,
    }


def test_a_common_word_is_an_actor_only_as_a_name() -> None:
    found = {clause.text: clause.frame.actor for clause in read("An apple may fall. Apple may sell the quay in May.")}
    assert "Apple" not in {actor for text, actor in found.items() if text.startswith("An apple")}
    assert found["Apple may sell the quay in May."] == "Apple"


def test_a_source_without_end_is_cut() -> None:
    text = "Apple closed the quay, according to " + " of ".join(["the minister"] * 120) + "."
    hops = [hop for clause in read(text) for hop in clause.attribution]
    assert hops
    assert all(len((hop.name or hop.descriptor or "").split()) < 40 for hop in hops)
