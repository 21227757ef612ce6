"""One article and what is known in, one commit out."""

from __future__ import annotations

import json
import time
import zlib
from dataclasses import replace

import pytest

from service.contract.data import Evidence, TextPositionSelector, TextQuoteSelector
from service.errors import InvariantBroken
from service.model import Outcome
from tests.desk.builders import NEW_SENTENCE, STORY, WIRE, Bench, article
from workers.claims.compare import Effect
from workers.claims.extract import Extractor
from workers.desk.announce import Announcer
from workers.desk.decide import Decided
from workers.desk.finding import Finding


@pytest.fixture
def bench() -> Bench:
    """A story of which one wire item is known."""
    bench = Bench()
    assert bench.decide(article(1, WIRE, "Hotelier bids for Skerry lighthouse")).commit.outcome is Outcome.ANNOUNCED
    return bench


def types(decided: Decided) -> list[str]:
    return [event.attributes["type"].removeprefix("claimwire.").removesuffix(".v1") for event in decided.commit.events]


def bodies(decided: Decided, type_: str) -> list[dict[str, object]]:
    events = decided.commit.events
    return [json.loads(event.data) for event in events if event.attributes["type"] == f"claimwire.{type_}.v1"]


def test_a_text_of_its_own_announces_its_claims() -> None:
    decided = Bench().decide(article(1, WIRE))
    assert decided.commit.outcome is Outcome.ANNOUNCED
    assert set(types(decided)) == {"claim.new"}
    assert [int(event.attributes["sequence"]) for event in decided.commit.events] == list(
        range(1, len(decided.commit.events) + 1)
    )


def test_a_copy_of_another_outlet_announces_nothing_and_is_counted(bench: Bench) -> None:
    known = {claim_id: claim.support for claim_id, claim in bench.registry.claims.items()}
    decided = bench.decide(article(2, WIRE, "A hotel in a tower?", "The Herald"))
    assert decided.commit.outcome is Outcome.COPY
    assert decided.commit.events == ()
    assert decided.commit.counts == {"copies": 1}
    for claim_id, before in known.items():
        after = bench.registry.claims[claim_id].support
        assert (after.copies, after.documents) == (before.copies + 1, before.documents + 1)
        assert after.origins == before.origins, "copies are one voice"


def test_an_update_announces_its_new_sentence_alone(bench: Bench) -> None:
    decided = bench.decide(article(2, WIRE + NEW_SENTENCE, "UPDATE 1-Hotelier bids for Skerry lighthouse"))
    assert decided.commit.outcome is Outcome.ANNOUNCED
    (new,) = bodies(decided, "claim.new")
    assert "rebuild the pier" in new["claim"]["text"]  # type: ignore[index]
    (revised,) = bodies(decided, "document.revised")
    assert revised["signal"] == "UPDATE 1-"
    assert revised["additions"]


def test_a_corrected_figure_is_a_claim_that_updates_the_one_before(bench: Bench) -> None:
    decided = bench.decide(article(2, WIRE.replace("14 million", "11 million"), "CORRECTED-Hotelier bids for tower"))
    (revised,) = bodies(decided, "document.revised")
    assert revised["corrections"] == [["14", "11"]]
    (new,) = bodies(decided, "claim.new")
    (link,) = new["links"]  # type: ignore[misc]
    assert link["rel"] == "updates"
    assert "14 million" in bench.registry.claims[link["target"]].claim.text
    assert types(decided)[-1] == "claim.updated"


def test_a_feed_s_own_revision_names_the_copies_that_carry_the_old_text(bench: Bench) -> None:
    bench.decide(article(2, WIRE, source="The Herald"))
    decided = bench.decide(replace(article(1, WIRE + NEW_SENTENCE), version=2))
    (revised,) = bodies(decided, "document.revised")
    assert revised["copiesWithOldText"] == ["https://theherald.example/2"]
    assert revised["document"]["version"] == 2  # type: ignore[index]


def test_a_kill_withdraws_the_source_s_text_and_retracts_what_rests_on_it_alone(bench: Bench) -> None:
    bench.decide(article(2, WIRE, source="The Herald"))
    claims = set(bench.registry.claims)
    wire = next(iter(bench.wires.values()))
    decided = bench.decide(article(3, "Editors: please withdraw the story.", "KILL: Hotelier bids"), named=wire)
    assert decided.commit.outcome is Outcome.WITHDRAWN
    (withdrawn,) = bodies(decided, "document.withdrawn")
    assert withdrawn["withdrawn"] == ["https://nordnytt.example/1"]
    assert withdrawn["copiesWithOldText"] == ["https://theherald.example/2"]
    retracted = {body["claim"]["id"] for body in bodies(decided, "claim.retracted")}  # type: ignore[index]
    assert retracted == claims


def test_nobody_withdraws_the_text_of_another(bench: Bench) -> None:
    wire = next(iter(bench.wires.values()))
    stranger = article(3, "Editors: please withdraw the story.", "KILL: Hotelier bids", "The Rival")
    decided = bench.decide(stranger, named=wire)
    assert decided.commit.events == ()
    assert not any(known.retracted for known in bench.registry.claims.values())


def test_what_another_outlet_added_survives_the_kill(bench: Bench) -> None:
    bench.decide(article(2, WIRE + NEW_SENTENCE, source="The Herald"))
    wire = next(iter(bench.wires.values()))
    bench.decide(article(3, "Editors: please withdraw the story.", "KILL: Hotelier bids"), named=wire)
    standing = [known for known in bench.registry.claims.values() if not known.retracted]
    assert {known.appearance_document.publisher for known in standing} == {"The Herald"}


def test_deciding_twice_gives_the_same_bytes() -> None:
    def run() -> list[object]:
        bench = Bench()
        texts = [WIRE, WIRE + NEW_SENTENCE, WIRE.replace("14 million", "11 million")]
        return [bench.decide(article(number, text)).commit for number, text in enumerate(texts, start=1)]

    assert run() == run()


def test_evidence_that_is_not_the_text_s_own_words_stops_everything() -> None:
    one = article(1, WIRE)
    decided = Bench().decide(one)
    known = next(iter(decided.changed.values()))
    wrong = Evidence(
        source=one.uri,
        selector=(TextQuoteSelector(exact="not these words"), TextPositionSelector(start=0, end=15)),
    )
    announcer = Announcer(STORY.id, one, 0)
    with pytest.raises(InvariantBroken):
        announcer.effects(
            [Effect("new", known.claim.id, (wrong,), ())], {known.claim.id: known}, known.appearance_document
        )
    announcer.effects([Effect("new", known.claim.id, known.evidence, ())], decided.changed, known.appearance_document)


def test_an_article_longer_than_is_read_announces_its_beginning_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    # given a limit of so many words
    monkeypatch.setattr(Extractor, "MAX_WORDS", 150)
    late = "Fjordlys sold the whole fleet of Skerry to a rival."
    text = f"{WIRE}\n\n{'The gulls of the coast cried all night long. ' * 12}\n\n{late}"

    # when an article ends beyond it, and one within it
    decided, control = Bench().decide(article(1, text)), Bench().decide(article(1, f"{WIRE}\n\n{late}"))

    # then what stands before the limit is announced, what stands behind it is not, and the outcome tells
    assert decided.commit.outcome is Outcome.OVER_LIMIT
    said = [json.loads(event.data)["claim"]["text"] for event in decided.commit.events if event.new_claim]
    assert any("14 million" in each for each in said)
    assert not any("fleet" in each for each in said)
    assert control.commit.outcome is Outcome.ANNOUNCED
    assert any("fleet" in json.loads(event.data)["claim"]["text"] for event in control.commit.events if event.new_claim)


def test_a_finding_says_that_an_article_was_cut_only_if_it_was() -> None:
    cut, whole = (Finding(entry_id="1-0", article="{}", cut=cut) for cut in (True, False))

    assert (Finding.from_bytes(cut.to_bytes()), Finding.from_bytes(whole.to_bytes())) == (cut, whole)
    assert b"cut" not in zlib.decompress(whole.to_bytes()), "a worker of before, that knows no such word, reads it"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Skerry",
        "\ud800 \udfff",
        "\u200f\u202e\u200d",
        "4 8 15 16 23 42 " * 500,
        "Fjordlys " * 20_000,
        "F. " * 20_000,
        "Fjоrdlys hаs sоld thе tоwеr оf Skеrry.",
        "All rights reserved.\n\nSign up for our newsletter.\n\nFollow us on Facebook\n\n" * 50,
    ],
    ids=[
        "empty",
        "one word",
        "surrogates",
        "marks",
        "digits",
        "one word again and again",
        "stops",
        "alike",
        "boilerplate",
    ],
)
def test_a_text_that_says_nothing_ends_quietly_and_its_copy_too(bench: Bench, text: str) -> None:
    began_s = time.process_time()
    first = bench.decide(article(7, text, "A headline"))
    second = bench.decide(article(8, text, "Another headline", source="The Herald"))

    quiet = {Outcome.NOTHING_NEW, Outcome.COPY, Outcome.HELD, Outcome.ELSEWHERE}
    assert {first.commit.outcome, second.commit.outcome} <= quiet
    assert [event for event in (*first.commit.events, *second.commit.events) if event.new_claim] == []
    assert time.process_time() - began_s < 30
