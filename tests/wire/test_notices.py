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
        ("UPDATE1-Port strike ends", "", "update", "UPDATE1-"),
        ("BC-Port Strike, 2nd Ld-Writethru", "", "update", "2nd Ld-Writethru"),
        ("2nd LEAD Port strike ends", "", "update", "2nd LEAD"),
        ("Port strike ends [UPDATED]", "", "update", "[UPDATED]"),
        ("Port strike ends - UPDATE", "", "update", "UPDATE"),
        ("Port Strike", "Eds: UPDATES throughout; adds byline. With photos.\n\nSELE - Dock", "update", "Eds: UPDATES"),
        ("Port Strike", "(Eds: ADDS the governor's quotes)\nSELE - Dock", "update", None),
        ("Port strike", "Editor’s note: This story has been updated with a quote of the governor.", "update", None),
        ("Port strike", "(Recasts with governor, releads)", "update", None),
        ("Port strike ends (corrected)", "", "correction", "(corrected)"),
        ("(Corrected) Port strike ends", "", "correction", "(Corrected)"),
        ("Port strike ends - CORRECTED", "", "correction", "CORRECTED"),
        ("CLARIFICATION: Port strike", "", "correction", "CLARIFICATION:"),
        ("CORRECTING and REPLACING Port strike ends", "", "correction", "CORRECTING and REPLACING"),
        ("/C O R R E C T I O N -- Nordmark Bank/", "", "correction", "/C O R R E C T I O N --"),
        ("Port strike", "This version CORRECTS the number of ships to 46.\n\nSELE - Dock", "correction", None),
        ("Port strike", "Eds: This version corrects the number of ships to 46, sted 64.\n\nSELE", "correction", None),
        ("Port strike", "This article was amended on 4 March because it misspelt Sele.", "correction", None),
        ("Mandatory Kill", "The story Port Strike is wrong.", "kill", "Mandatory Kill"),
        ("BC-Port Strike, Mandatory Kill", "", "kill", "Mandatory Kill"),
        ("EDITORS: MANDATORY KILL", "", "kill", "EDITORS: MANDATORY KILL"),
        ("KILL ADVISORY", "", "kill", "KILL ADVISORY"),
        ("ADVISORY - Port strike story withdrawn", "", "kill", "story withdrawn"),
        (
            "Port strike",
            "EDITORS: Invented Press has withdrawn its story about the port. A substitute follows.",
            "kill",
            None,
        ),
        ("Port strike", "Invented Press is withdrawing the story headlined “Port strike ends”.", "kill", None),
        ("Port strike", "ATTENTION EDITORS - STORY WITHDRAWN", "kill", None),
        ("Port strike", "Clients are advised to disregard the story sent at noon.", "kill", None),
        ("Port strike", "We have removed this story because it did not meet our standards.", "kill", None),
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
        ("KILL BILL RETURNS TO CINEMAS", ""),
        ("Kill Bill: the songs", ""),
        ("MANDATORY KILL ORDER FOR DOGS", ""),
        ("POLICE UPDATE 2-YEAR PLAN", "Police update their 2-year plan."),
        ("UPDATE 2-YEAR PLAN, POLICE TOLD", ""),
        ("CORRECTION-PRONE MARKETS FALL", "The correction is mandatory."),
        ("CORRECTION OFFICERS STRIKE", "Correction officers went on strike."),
        ("RETRACTION SOUGHT BY MINISTER", ""),
        ("ADVISORY COUNCIL MEETS", "The advisory was updated by the council."),
        ("LEAD PIPES BANNED", ""),
        ("REPEAT OFFENDERS HELD", "He repeats (adds the publisher) what he said."),
        ("Repeat: a play in two acts", ""),
        ("Report", "The commission said that the report was withdrawn on Monday."),
        ("Report", "The report was withdrawn on Monday after protests."),
        ("Report", "Editors asked readers to disregard the report of the minister."),
        ("Report", "The minister asked editors to withdraw the story about his son."),
        ("Report", "The paper has withdrawn its story about the minister, its editor said."),
        ("Stage", "The story was updated by the director for modern stages."),
        ("Law", "This article was amended by parliament after the war."),
        ("Bible", "The bishop said that this version corrects the translation of 1611."),
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


@pytest.mark.parametrize(
    ("headline", "text", "explicit"),
    [
        ("Withdrawn: how the troops left", "The troops left.", False),
        ("KILL - OR BE KILLED, SAYS GENERAL", "The general spoke.", False),
        ("KILL: Port strike ends", "", False),
        ("KILL: Port strike ends", "Editors: please kill the story.", True),
        ("WITHDRAWN-Port strike ends", "", True),
        ("MANDATORY KILL - Port strike ends", "", True),
        ("STORY WITHDRAWN", "", True),
    ],
)
def test_a_word_before_a_colon_kills_by_name_alone(headline: str, text: str, explicit: bool) -> None:
    found = signal(headline, text)
    assert found is not None
    assert (found.kind, found.explicit) == ("kill", explicit)


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
