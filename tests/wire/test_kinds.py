# ruff: noqa: E501 (texts)
"""Kinds of copies by their definitions, and the lines of a page that are nobody's news."""

from __future__ import annotations

import pytest

from tests.wire.conftest import NEW_SENTENCE, OTHER_MATTER
from workers.wire.match import Candidate, WireStory, match
from workers.wire.page_lines import is_page_line
from workers.wire.passages import passages
from workers.wire.sketch import sketch

LEAD = (
    "SELE, March 5 (Invented Press) - Container ships entered the port of Sele on Wednesday for the first time since the "
    "dock workers of the United Stevedores ended their strike, the Tarn Port Authority said."
)
LATER = (
    "Governor Pell Adair will meet the shipping lines on Friday, and Marrow said that the stevedores would watch the "
    "commission of Judge Runa Holt closely."
)


def kind(text: str, original: str) -> str:
    wire = WireStory.open("w1-x", "a1-x", "", "", "", original)
    found = match(text, sketch(text), [Candidate(wire, 9)])
    assert found.kind == "copy", found.detail
    return f"{found.copy_kind}"


def paragraphs(text: str) -> list[str]:
    return text.split("\n\n")


def test_a_new_lead_and_a_new_end_are_an_update(stories: dict[str, str]) -> None:
    heading, *told = paragraphs(stories["strike"])
    assert kind("\n\n".join([heading, LEAD, *told, LATER]), stories["strike"]) == "update"


def test_other_matter_before_and_after_makes_it_embedded(stories: dict[str, str]) -> None:
    told = paragraphs(stories["strike"])[1:]
    assert kind("\n\n".join([OTHER_MATTER[0], *told, OTHER_MATTER[1]]), stories["strike"]) == "embedded"


@pytest.mark.parametrize("turned", [False, True], ids=["first", "last"])
def test_a_piece_of_two_wire_stories_embeds_the_larger(stories: dict[str, str], turned: bool) -> None:
    # given a story and half of another, in either order
    pieces = [stories["dam"], "\n\n".join(paragraphs(stories["strike"])[1:6])]
    text = "\n\n".join(pieces[::-1] if turned else pieces)
    assert kind(text, stories["dam"]) == "embedded"

    # then the other one is not learned
    wire = WireStory.open("w1-x", "a1-x", "", "", "", stories["dam"])
    found = match(text, sketch(text), [Candidate(wire, 9)])
    assert wire.join("a1-y", "", "", "", text, found).parts == wire.parts


def test_a_new_sentence_within_is_an_update_whatever_it_says(stories: dict[str, str]) -> None:
    told = paragraphs(stories["bank"])
    assert kind("\n\n".join([*told[:3], OTHER_MATTER[0], *told[3:]]), stories["bank"]) == "update"


def test_news_outweighs_a_correction_and_a_correction_a_cut(stories: dict[str, str]) -> None:
    corrected = stories["dam"].replace("killed 58 people", "killed 61 people")
    half = "\n\n".join(paragraphs(corrected)[:6])
    assert kind(half, stories["dam"]) == "correction"
    assert kind(f"{half}\n\n{NEW_SENTENCE}", stories["dam"]) == "update"
    assert kind("\n\n".join(paragraphs(stories["dam"])[:6]), stories["dam"]) == "cut"


def test_page_lines_around_a_cut_copy_leave_it_cut(stories: dict[str, str]) -> None:
    half = "\n\n".join(paragraphs(stories["dam"])[:5])
    page = (
        f"Share this story by email\n\n{half}\n\n(Reporting by Ann Holt; Editing by Tor Aune)\n\nAll rights reserved."
    )
    assert kind(page, stories["dam"]) == "cut"
    wire = WireStory.open("w1-x", "a1-x", "", "", "", stories["dam"])
    assert passages(page, wire).additions == ()


def test_what_is_once_in_the_wire_story_covers_once(stories: dict[str, str]) -> None:
    # given a new sentence made of phrases that the story has
    new = "Nordmark Bank said on Thursday that the Competition Council has agreed to buy shares in Fjell for fishing loans."
    text = stories["bank"] + "\n\n" + new

    # when / then
    wire = WireStory.open("w1-x", "a1-x", "", "", "", stories["bank"])
    assert [text[start:end] for start, end in passages(text, wire).additions] == [new]


def test_a_long_quotation_that_is_repeated_is_not_new(stories: dict[str, str]) -> None:
    quoted = "“We wrote that it would not stand another wet spring.”"
    wire = WireStory.open("w1-x", "a1-x", "", "", "", stories["dam"])
    assert passages(f"{stories['dam']}\n\n{quoted}", wire).additions == ()


def test_points_taken_from_the_text_are_not_new(stories: dict[str, str]) -> None:
    points = (
        "• Inspectors warned the Ministry of Works of cracks\n• a full inquiry, and parliament is to hear the engineers"
    )
    wire = WireStory.open("w1-x", "a1-x", "", "", "", stories["dam"])
    assert passages(f"{points}\n\n{stories['dam']}", wire).additions == ()


@pytest.mark.parametrize(
    "line",
    [
        "All rights reserved.",
        "© 2031 Lindholm Post",
        "Copyright 2031 The Lindholm Post. All rights reserved.",
        "This material may not be published, broadcast, rewritten or redistributed.",
        "Sign up for our newsletter to get the harbour in your inbox.",
        "Follow us on Facebook",
        "Read more: Ferry does not sail",
        "Read more on our site",
        "Click here for all that the council said.",
        "(Reporting by Ann Holt; Editing by Tor Aune)",
        "Additional reporting by Ann Holt in Sele",
        "Ann Holt and Tor Aune contributed to this report.",
        "Photo: Ann Holt",
        "Story continues below advertisement",
        "Get the headlines in your inbox every morning by signing up to our newsletter.",
        "We use cookies to improve your experience on our site.",
        "Terms of use | Privacy policy",
    ],
)
def test_lines_that_pages_print_whatever_the_news_is(line: str) -> None:
    assert is_page_line(line)
    assert is_page_line(f"News. {line} ", 6)


@pytest.mark.parametrize(
    "line",
    [
        "",
        "The floods contributed to the collapse of the dam.",
        "Written by an inspector in November, the report warns of cracks.",
        "Share prices fell by 3 percent.",
        "Follow us, the captain told the crew.",
        "Read on the steps of the hall, the verdict was greeted with jeers.",
        "Copyright, the minister said, is no concern of the council.",
        "Reporting by the commission was late, said Adair.",
        "The weekly was closed, and most of its readers subscribed to another.",
        "This report must not be ignored, said Nohl.",
        "Photographs of the dam showed cracks.",
        "Related charges were dropped.",
        "The mayor signed up volunteers for the morning patrol.",
        "The baker sells cookies, and she uses no butter.",
        "The daily updates of the ministry ended on Friday.",
        "Subscribers left. " + "x" * 300,
    ],
)
def test_news_is_no_page_line(line: str) -> None:
    assert not is_page_line(line)
