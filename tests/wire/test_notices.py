"""What desks write over their own texts, and news that only sounds like it."""

from __future__ import annotations

import pytest

from workers.wire.notices import bare_headline, notes, same_headline, signal


@pytest.mark.parametrize(
    ("headline", "text", "kind", "cue"),
    [
        ("UPDATE 2-Port strike ends after 11 days", "", "update", "UPDATE 2-"),
        ("WRAPUP 3-Port strike ends", "", "update", "WRAPUP 3-"),
        ("UPDATED: Port strike ends", "", "update", "UPDATED:"),
        ("5th LD-Writethru: Port strike ends", "", "update", "5th LD-Writethru:"),
        ("Port strike ends", "(Adds quote of governor in paragraph 4) Text", "update", None),
        ("CORRECTED-Port strike ends", "", "correction", "CORRECTED-"),
        ("CORRECTED (OFFICIAL)-Port strike ends", "", "correction", "CORRECTED (OFFICIAL)-"),
        ("UPDATE 2-CORRECTED-Port strike ends", "", "correction", "CORRECTED-"),
        ("Correction: Port strike ends", "", "correction", "Correction:"),
        ("Port strike ends", "(Corrects number of ships to 46 from 64)\n\nSELE - Dock", "correction", None),
        ("Port strike ends", "An earlier version of this article misstated the raise.", "correction", None),
        ("REFILE-UPDATE 1-Port strike ends", "", "refile", "REFILE-"),
        ("RPT-Port strike ends", "", "refile", "RPT-"),
        ("Port strike ends", "(Refiles to fix typo in headline) SELE", "refile", None),
        ("Port strike ends", "(This May 3 story has been refiled to fix the dateline) SELE", "refile", None),
        ("Port strike ends", "(This May 3 story corrects paragraph 2 to say 46)", "correction", None),
        ("Port strike ends", "(In story of May 3, corrects paragraph 2 to say 46)", "correction", None),
        ("Port strike ends", "(The story was updated with a quote of the governor)", "update", None),
        ("KILL: Port strike ends", "", "kill", "KILL:"),
        ("MANDATORY KILL - Port strike ends", "", "kill", "MANDATORY KILL -"),
        ("WITHDRAWN-Port strike ends", "", "kill", "WITHDRAWN-"),
        ("WITHDRAWN", "", "kill", "WITHDRAWN"),
        ("Port strike", "Editors: please withdraw the story headlined “Port strike ends”.", "kill", None),
        ("Notice", "Pls kill our earlier report. It was sent in error.", "kill", None),
        ("Notice", "This article has been retracted.", "kill", None),
    ],
)
def test_cues_are_read_where_they_stand(headline: str, text: str, kind: str, cue: str | None) -> None:
    found = signal(headline, text)
    assert found is not None
    assert found.kind == kind
    assert found.cue == cue if cue else found.cue in text


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        ("", ""),
        ("Port strike ends", "Dock workers voted to end a strike."),
        ("KILL-SWITCH LAW PASSES", ""),
        ("KILLED: 14 IN BLAST", ""),
        ("FIXED-RATE LOANS RISE", ""),
        ("Killing of a story: how the ministry buried a report", ""),
        ("Army to withdraw from the valley", "The minister asked them to withdraw the troops and kill the plan."),
        ("Update on the ferry", "The company will update its timetable."),
        ("Correct answers only", "The corrected figures are due on Friday."),
        ("Withdrawn bishop returns", "He had withdrawn to an island. (He returned on Monday.)"),
    ],
)
def test_news_is_no_notice(headline: str, text: str) -> None:
    assert signal(headline, text) is None


@pytest.mark.parametrize(
    ("headline", "text", "named"),
    [
        (
            "Advisory",
            "Editors: please withdraw the story headlined “Port strike ends”, sent at noon.",
            "Port strike ends",
        ),
        ("KILL: Something", 'Please kill the item slugged "Port strike ends" at once.', "Port strike ends"),
        ("KILL: Port strike ends", "It was sent in error.", "Port strike ends"),
        ("WITHDRAWN", "Please disregard the story titled «Port strike ends».", "Port strike ends"),
        ("WITHDRAWN", "Please withdraw our earlier item.", None),
    ],
)
def test_a_kill_names_what_it_kills(headline: str, text: str, named: str | None) -> None:
    found = signal(headline, text)
    assert found is not None
    assert (found.kind, found.quoted_headline) == ("kill", named)


def test_only_a_kill_names_a_headline() -> None:
    found = signal("CORRECTED-Port strike", "(Corrects item headlined “Port strike ends” to say 46)")
    assert found is not None
    assert found.quoted_headline is None


def test_headlines_are_the_same_whatever_cue_stands_before_them() -> None:
    assert bare_headline("REFILE-UPDATE 1-Port strike ends") == "Port strike ends"
    assert same_headline("UPDATE 1-U.S. Port’s strike ends", "Us port's strike ends")
    assert not same_headline("Port strike ends", "Port strike begins")
    assert not same_headline("", "")
    assert not same_headline("WITHDRAWN", "KILL:")


@pytest.mark.parametrize(
    ("text", "noted"),
    [
        ("(Corrects number of ships to 46)\n\nSELE - Docks opened.", ["(Corrects number of ships to 46)"]),
        ("SELE - Docks opened. This story was corrected on May 3. More.", ["This story was corrected on May 3."]),
        (
            "Docks opened.\nAn earlier version of this story misspelt Sele\nMore.",
            ["An earlier version of this story misspelt Sele"],
        ),
        ("(Adds quote) Docks opened. (Refiles to fix byline)", ["(Adds quote)", "(Refiles to fix byline)"]),
        ("Docks opened (the governor corrected himself later) on Monday.", []),
        ("", []),
    ],
)
def test_notes_are_found_as_long_as_they_are(text: str, noted: list[str]) -> None:
    assert [text[start:end] for start, end in notes(text)] == noted


def test_a_note_deep_inside_a_long_text_is_none() -> None:
    filler = "Docks opened. " * 200
    assert notes(f"{filler}(Corrects number of ships to 46) {filler}") == ()
    ((start, end),) = notes(f"{filler}{filler}(Corrects number of ships to 46)")
    assert (end - start) == len("(Corrects number of ships to 46)")
