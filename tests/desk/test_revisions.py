"""What newsrooms say about their own texts, and that it makes no noise: sent again, corrected, updated, withdrawn."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from service.model import Article, Outcome
from tests.desk.builders import NEW_SENTENCE, WIRE, Bench, article
from workers.desk.decide import Decided

HEADLINE = "Hotelier bids for lighthouse"
CORRECTED = WIRE.replace("14 million", "11 million")


@pytest.fixture
def bench() -> Bench:
    bench = Bench()
    bench.decide(article(1, WIRE, HEADLINE))
    return bench


def types(decided: Decided) -> list[str]:
    return [event.attributes["type"].removeprefix("claimwire.").removesuffix(".v1") for event in decided.commit.events]


def revised(decided: Decided) -> dict[str, Any]:
    (body,) = [json.loads(event.data) for event in decided.commit.events if "revised" in event.attributes["type"]]
    return dict(body)


@pytest.mark.parametrize(
    ("text", "headline", "signal"),
    [
        (WIRE, f"RPT-{HEADLINE}", "RPT-"),
        (WIRE, f"REFILE-{HEADLINE}", "REFILE-"),
        (f"(Refiles to fix typo in headline)\n\n{WIRE}", HEADLINE, "(Refiles to fix typo in headline)"),
        (f"(Repeats for wider distribution with no changes to the text)\n\n{WIRE}", f"RPT-{HEADLINE}", "RPT-"),
        (
            "(Repeats story first issued on Thursday, with no changes to the text, for additional subscribers in "
            f"Skerry)\n\n{WIRE}",
            f"RPT-{HEADLINE}",
            "RPT-",
        ),
        (
            f"{WIRE}\n\n(This May 1 story has been refiled to fix a dateline that named Vik instead of Skerry)",
            HEADLINE,
            None,
        ),
    ],
    ids=["RPT", "REFILE", "refiles", "repeats", "repeats at length", "has been refiled"],
)
def test_a_text_sent_again_is_a_revision_and_nothing_else(
    bench: Bench, text: str, headline: str, signal: str | None
) -> None:
    decided = bench.decide(article(2, text, headline))

    assert types(decided) == ["document.revised"]
    assert decided.commit.outcome is Outcome.COPY
    body = revised(decided)
    assert (body["additions"], body["corrections"]) == ([], [])
    assert body["previous"] == article(1, WIRE).uri
    if signal is not None:
        assert body["signal"] == signal


def test_a_text_sent_twice_again_is_twice_a_revision(bench: Bench) -> None:
    bench.decide(article(2, WIRE, f"RPT-{HEADLINE}"))
    decided = bench.decide(article(3, WIRE, f"RPT-{HEADLINE}"))

    assert types(decided) == ["document.revised"]
    assert revised(decided)["copiesWithOldText"] == [article(2, WIRE).uri]


def test_without_a_cue_the_same_text_is_a_copy_and_no_event(bench: Bench) -> None:
    """The control."""
    assert types(bench.decide(article(2, WIRE, HEADLINE))) == []


NOTES = [
    "(Corrects figure in paragraph 1)",
    "(This May 1 story corrects the figure that Fjordlys offered in paragraph 1 to 11 million from 14 million)",
    "(In story published on May 1, corrects the figure that Fjordlys offered to 11 million from 14 million)",
    "(This story has been corrected to say that Fjordlys offered 11 million crowns, not 14 million, in paragraph 1)",
    "An earlier version of this story misstated the sum that Fjordlys has offered to the council of Skerry.",
]


@pytest.mark.parametrize("note", NOTES)
@pytest.mark.parametrize("place", ["head", "tail"])
def test_a_correction_notice_in_the_body_is_a_signal_and_no_claim(bench: Bench, note: str, place: str) -> None:
    text = f"{note}\n\n{CORRECTED}" if place == "head" else f"{CORRECTED}\n\n{note}"

    decided = bench.decide(article(2, text, HEADLINE))

    body = revised(decided)
    assert (body["additions"], body["corrections"]) == ([], [["14", "11"]])
    assert body["signal"] in note
    claims = [json.loads(event.data)["claim"]["text"] for event in decided.commit.events if event.new_claim]
    assert len(claims) == 1
    assert "11 million" in claims[0]
    assert types(decided) == ["document.revised", "claim.new", "claim.updated"]


def test_an_update_with_a_note_of_what_it_adds_announces_what_it_adds(bench: Bench) -> None:
    text = (
        f"(Updates with the plans of Fjordlys for the pier of Skerry, which the mayor welcomed)\n\n{WIRE}{NEW_SENTENCE}"
    )

    decided = bench.decide(article(2, text, f"UPDATE 1-{HEADLINE}"))

    (addition,) = revised(decided)["additions"]
    assert text[addition["start"] : addition["end"]] == NEW_SENTENCE.strip()
    claims = [json.loads(event.data)["claim"]["text"] for event in decided.commit.events if event.new_claim]
    assert [("rebuild the pier" in claim) for claim in claims] == [True]


@pytest.mark.parametrize("version", [1, 2], ids=["another entry", "the feed's own revision"])
def test_a_correction_names_the_copies_that_still_carry_the_old_text(bench: Bench, version: int) -> None:
    bench.decide(article(2, WIRE, "A hotel in a tower?", "The Herald"))
    one = article(1 if version == 2 else 3, CORRECTED, f"CORRECTED-{HEADLINE}")

    decided = bench.decide(replace(one, version=version))

    body = revised(decided)
    assert body["corrections"] == [["14", "11"]]
    assert "https://theherald.example/2" in body["copiesWithOldText"]
    assert body["signal"] == "CORRECTED-"


def test_a_new_headline_alone_is_a_revision_without_passages(bench: Bench) -> None:
    decided = bench.decide(replace(article(1, WIRE, "Tower may become a hotel"), version=2))

    assert types(decided) == ["document.revised"]
    assert (revised(decided)["additions"], revised(decided)["corrections"]) == ([], [])


def notice(headline: str, text: str) -> Article:
    return article(7, text, headline)


@pytest.mark.parametrize(
    ("headline", "text"),
    [
        (f"WITHDRAWN-{HEADLINE}", "The story is withdrawn. A substitute story will follow."),
        (f"KILL: {HEADLINE}", "Editors: please kill the story headlined “Hotelier bids for lighthouse” from Skerry."),
    ],
)
def test_a_kill_of_what_is_not_known_claims_nothing(headline: str, text: str) -> None:
    decided = Bench().decide(notice(headline, text))

    assert not any(event.new_claim and "withdrawn" in event.data for event in decided.commit.events)
    assert "document.withdrawn" not in types(decided)


def test_a_kill_that_repeats_the_text_withdraws_it_unnamed(bench: Bench) -> None:
    decided = bench.decide(notice("STORY WITHDRAWN", f"This story is withdrawn.\n\n{WIRE}"))

    assert decided.commit.outcome is Outcome.WITHDRAWN
    assert types(decided)[0] == "document.withdrawn"
    assert set(types(decided)[1:]) == {"claim.retracted"}


def test_a_stranger_s_kill_notice_withdraws_nothing_and_says_so(bench: Bench) -> None:
    (wire,) = bench.wires.values()
    stranger = replace(notice(f"WITHDRAWN-{HEADLINE}", "The story is withdrawn."), source="The Herald")

    decided = bench.decide(stranger, named=wire)

    assert decided.commit.outcome is Outcome.NOT_ITS_OWN
    assert (types(decided), decided.commit.claims, decided.commit.wire_story) == ([], {}, wire.id)
    own = bench.decide(notice(f"WITHDRAWN-{HEADLINE}", "The story is withdrawn."), named=wire)
    assert own.commit.outcome is Outcome.WITHDRAWN, "the control"


def test_a_copy_under_a_headline_that_only_sounds_like_a_kill_is_a_copy(bench: Bench) -> None:
    decided = bench.decide(notice("Withdrawn: the offer that nobody wanted", WIRE))

    assert decided.commit.outcome is Outcome.COPY
    assert types(decided) == []


def test_a_kill_that_only_looks_like_a_text_kills_nothing(bench: Bench) -> None:
    """A notice with the same words and other figures is no copy of what it might mean."""
    sibling = (
        WIRE.replace("14 million", "9 million").replace("22 rooms", "60 rooms").replace("three weeks", "ten weeks")
    )
    decided = bench.decide(notice("STORY WITHDRAWN", sibling.replace("Thursday", "Monday")))

    assert "document.withdrawn" not in types(decided)
