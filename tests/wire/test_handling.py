"""What newsrooms do to a wire story, and that each of it is seen through."""

from __future__ import annotations

import random
import re
from collections.abc import Callable

import pytest

from tests.wire.conftest import IMPLIED
from workers.wire.cover import MAX_SPANS
from workers.wire.index import CROWD
from workers.wire.match import Candidate, WireStory, match
from workers.wire.passages import passages
from workers.wire.shelf import Shelf
from workers.wire.sketch import sketch

Handling = tuple[str, Callable[[str], str]]


def test_every_handling_is_a_copy_of_the_right_wire_story(
    wire: str, handling: Handling, stories: dict[str, str]
) -> None:
    # given all the wire stories on the shelf
    shelf = Shelf()
    for name, text in stories.items():
        shelf.take(name, text)
    original = next(name for name, text in stories.items() if text == wire)

    # when one comes again, handled
    name, handle = handling
    found = shelf.take("handled", handle(wire))

    # then it is a copy of that one, of the kind that the handling makes
    assert (found.kind, found.wire_story) == ("copy", f"w1-{original}"), found.detail
    assert found.copy_kind in IMPLIED[name], found.detail
    assert found.shared > 0
    assert 0 < found.containment <= 1


def test_only_what_is_new_is_a_passage(wire: str, handling: Handling) -> None:
    # given a wire story and a copy of it
    name, handle = handling
    text = handle(wire)

    # when the copy is searched
    found = passages(text, WireStory.open("w1-x", "a1-x", "uri", "source", "headline", wire))
    added = [text[start:end] for start, end in found.additions]

    # then a handling without news brings none, and one with news exactly that
    if name in ("paragraphs inserted", "embedded", "boilerplate", "combined"):
        assert all(sentence not in wire for sentence in added)
    elif name == "update":
        assert len(added) == 1
        assert added[0].startswith("A rescue tug") and added[0].endswith("in the evening.")
    else:
        assert added == []
    if name == "corrected figure":
        assert [(each.old, each.new) for each in found.corrections] == [
            (re.search(r"\b(310|58|612)\b", wire).group(), "405")  # type: ignore[union-attr]
        ]
        assert text[found.corrections[0].start : found.corrections[0].end] == "405"
    else:
        assert found.corrections == ()


def test_a_clause_fused_onto_an_old_sentence_is_a_passage(stories: dict[str, str]) -> None:
    # given an update that hides its news in a sentence of the original
    old = "The strike was the longest in Sele since 1987."
    fused = old[:-1] + ", and the mayor of Oster has now offered to shelter the unsold fruit in the old ice house."
    text = stories["strike"].replace(old, fused)

    # when / then
    found = passages(text, WireStory.open("w1-x", "a1-x", "", "", "", stories["strike"]))
    assert [text[start:end] for start, end in found.additions] == [fused]


def test_a_spelled_figure_and_a_name_are_corrected(stories: dict[str, str]) -> None:
    # given a correction of a spelled figure and of a name of two words
    text = stories["dam"].replace("three requests", "five requests").replace("Petra Nohl", "Paula Noll")

    # when
    found = passages(text, WireStory.open("w1-x", "a1-x", "", "", "", stories["dam"]))

    # then
    assert [(each.old, each.new) for each in found.corrections] == [("three", "five"), ("Petra Nohl", "Paula Noll")]
    assert found.additions == ()


def test_a_correction_known_to_the_wire_story_is_none_any_more(stories: dict[str, str]) -> None:
    # given a wire story that a corrected copy has joined
    shelf = Shelf()
    shelf.take("first", stories["dam"])
    corrected = stories["dam"].replace("killed 58 people", "killed 61 people")
    assert shelf.take("second", corrected).copy_kind == "correction"

    # when the corrected text comes again, and then the old one
    again, old = shelf.take("third", corrected), shelf.take("fourth", stories["dam"])

    # then neither corrects anything
    assert (again.copy_kind, old.copy_kind) == ("edited", "identical")
    assert passages(corrected, shelf.wire_stories["w1-first"]).corrections == ()


def test_an_update_is_learned(stories: dict[str, str], new_sentence: str) -> None:
    # given an update that joined
    shelf = Shelf()
    shelf.take("first", stories["bank"])
    update = stories["bank"] + "\n\n" + new_sentence
    assert shelf.take("second", update).copy_kind == "update"

    # when another outlet carries the update
    found = passages(update, shelf.wire_stories["w1-first"])

    # then nothing in it is new, and the new passage alone belongs to the wire story
    assert found.additions == ()
    assert len(shelf.wire_stories["w1-first"].parts) == 2


def test_what_surrounds_an_embedded_copy_is_not_learned(stories: dict[str, str]) -> None:
    # given a briefing that embeds one wire story between the paragraphs of another
    shelf = Shelf()
    shelf.take("first", stories["strike"])
    bank = stories["bank"].split("\n\n")
    briefing = "\n\n".join([*bank[1:4], stories["strike"], *bank[4:]])
    assert shelf.take("briefing", briefing).wire_story == "w1-first"

    # when that other story comes by itself
    found = shelf.take("bank", stories["bank"])

    # then it is not taken for the first one
    assert found.wire_story != "w1-first" or found.kind != "copy"


def test_a_digest_is_linked_and_not_absorbed(stories: dict[str, str]) -> None:
    # given a wire story, and a digest of which it is a small part
    shelf = Shelf()
    shelf.take("first", stories["strike"])
    excerpt = "\n\n".join(stories["strike"].split("\n\n")[1:4])
    digest = "\n\n".join([stories["dam"], excerpt, stories["bank"]])

    # when
    found = shelf.take("digest", digest)

    # then it stands by itself, linked
    assert (found.kind, found.wire_story) == ("digest", "w1-first")
    assert "w1-digest" in shelf.wire_stories
    assert len(shelf.wire_stories["w1-first"].members) == 1


def test_a_short_item_that_grew_is_an_update(stories: dict[str, str]) -> None:
    # given the first three paragraphs as a snap
    shelf = Shelf()
    shelf.take("snap", "\n\n".join(stories["dam"].split("\n\n")[1:4]))

    # when the full text follows
    found = shelf.take("full", stories["dam"])

    # then it is the same wire story
    assert (found.kind, found.copy_kind, found.wire_story) == ("copy", "update", "w1-snap"), found.detail


def test_reports_made_from_one_template_stay_apart(reports: list[str]) -> None:
    # given / when reports that differ in their figures, and most in their names
    shelf = Shelf()
    found = [shelf.take(str(number), report) for number, report in enumerate(reports)]

    # then each is a wire story of its own, linked to a sibling until the template has become a phrase of the trade
    assert {each.kind for each in found[1:CROWD]} == {"sibling"}
    assert {each.kind for each in found} <= {"new", "sibling"}
    assert len(shelf.wire_stories) == len(reports)


def test_without_the_check_of_figures_they_would_merge(reports: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    # given the same reports and a matcher that does not look at figures and names
    monkeypatch.setattr("workers.wire.match._agrees", lambda *_: True)
    shelf = Shelf()

    # when / then nearly all of them become one
    found = [shelf.take(str(number), report) for number, report in enumerate(reports[:50])]
    assert sum(each.kind == "copy" for each in found) >= 45


def table(number: int) -> str:
    dice = random.Random(f"table {number}")
    grain = ("rye", "oats", "barley")[number % 3].upper()
    rows = " ".join(
        f"{row} {dice.randint(0, 9999)} {dice.randint(0, 9999)} {dice.randint(0, 999)}"
        for row in ("FIRST GRADE", "SECOND GRADE", "DARK NORTHERN", "TOTAL GRADES", "UNGRADED", f"ALL {grain} IN STORE")
    )
    return (
        f"HALVEN {grain} STOCKS\n\nThe grain board reported the following stocks of {grain.lower()} in Halven as of "
        f"Friday that may be delivered against futures of the exchange, in hundreds of sacks -\n\nTHIS WEEK "
        f"YEAR AGO {rows}"
    )


def test_tables_made_from_one_template_stay_apart() -> None:
    # given tables whose figures stand in rows, where no words align them
    shelf = Shelf()
    found = [shelf.take(str(number), table(number)) for number in range(9)]
    assert {each.kind for each in found} <= {"new", "sibling", "digest"}
    assert "sibling" in {each.kind for each in found}

    # when one comes again without its last row, then it is a copy
    assert shelf.take("again", table(4).rsplit(" ALL ", 1)[0]).wire_story == "w1-4"


def test_without_the_check_of_recurring_figures_tables_would_merge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workers.wire.match._figures_recur", lambda *_: True)
    shelf = Shelf()
    assert "copy" in {shelf.take(str(number), table(number)).kind for number in range(9)}


def test_the_best_match_only(stories: dict[str, str]) -> None:
    # given two wire stories, and a text that carries much of one and a little of the other
    text = stories["strike"] + "\n\n" + "\n\n".join(stories["bank"].split("\n\n")[1:3])
    candidates = [
        Candidate(WireStory.open("w1-bank", "a1", "", "", "", stories["bank"]), 9),
        Candidate(WireStory.open("w1-strike", "a2", "", "", "", stories["strike"]), 8),
    ]

    # when / then it joins the better one, whatever the order of the candidates
    found = match(text, sketch(text), candidates)
    assert (found.kind, found.wire_story) == ("copy", "w1-strike")
    assert match(text, sketch(text), candidates[::-1]) == found


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("Dock workers in Sele voted on Tuesday to end a strike that kept 46 ships at anchor for 11 days.", "copy"),
        ("Dock workers in Sele voted on Tuesday to end a strike that kept 46 ships at anchor, said the union.", "copy"),
        ("Dock workers in Sele voted on Tuesday to end a strike that kept 12 ships at anchor for 6 days.", "sibling"),
        ("Bakers in Mirano promised on Friday to sell their second-day bread at half its price from noon on.", "new"),
        ("Dock workers in Sele", "new"),
        ("Strike", "new"),
    ],
)
def test_short_texts_have_a_rule_of_their_own(text: str, kind: str) -> None:
    # given a summary of under forty words
    shelf = Shelf()
    shelf.take(
        "first", "Dock workers in Sele voted on Tuesday to end a strike that kept 46 ships at anchor for 11 days."
    )

    # when / then
    assert shelf.take("second", text).kind == kind


def test_a_figure_at_the_edge_of_a_short_text_counts_too() -> None:
    text = "{} ships lay at anchor off Sele while the dock workers argued about the raise that they had been offered."
    shelf = Shelf()
    shelf.take("first", text.format(46))

    assert shelf.take("same", text.format(46)).kind == "copy"
    assert shelf.take("longer", f"{text.format(46)} It was the day of the vote, which took 3 hours.").kind == "copy"
    assert shelf.take("other", text.format(12)).kind == "sibling"


def test_the_summary_of_a_feed_finds_the_full_text(stories: dict[str, str]) -> None:
    shelf = Shelf()
    shelf.take("full", stories["strike"])
    lead = stories["strike"].split("\n\n")[1]
    assert shelf.take("summary", lead).wire_story == "w1-full"


def test_a_match_explains_itself(stories: dict[str, str], new_sentence: str) -> None:
    # given a copy with a headline of its own, a new sentence in the middle and another figure
    shelf = Shelf()
    shelf.take("first", stories["strike"])
    text = stories["strike"].replace("310 million", "340 million").split("\n\n")
    text = "\n\n".join(["What we know so far", *text[1:4], new_sentence, *text[4:]])

    # when
    found = shelf.take("second", text)

    # then the match tells what is shared, in figures and in places
    assert found.shared >= 100 and found.containment > 0.8
    assert found.agreement is not None and 0.5 < found.agreement < 1
    assert "sentences are new" in found.detail
    stretches = [text[start:end] for start, end in found.spans]
    assert len(stretches) == 3
    assert stretches[0].startswith("SELE, March 4")
    assert all(new_sentence[:40] not in stretch and "340" not in stretch for stretch in stretches)
    assert stretches[-1].endswith("since 1987")


def test_a_match_of_a_torn_text_names_not_all_its_places(stories: dict[str, str]) -> None:
    # given a long text, and a copy with a word of its own after every sixth
    original = "\n\n".join(stories.values())
    torn = " ".join(word if index % 6 else f"{word} other{index}" for index, word in enumerate(original.split()))

    # when / then
    found = match(torn, sketch(torn), [Candidate(WireStory.open("w1-x", "a", "", "", "", original), 9)])
    assert found.kind == "copy", found.detail
    assert len(found.spans) == MAX_SPANS
