"""Where claims stand in a document is kept with its record, word for word."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

from service.contract.data import Document, Evidence
from service.model import Article
from tests.desk.builders import NEW_SENTENCE, WIRE, Bench, article
from workers.desk.appearances import MOST, record
from workers.desk.decide import Decided

RETOLD = (
    "LORN HARBOUR (The Herald) - Skerry's lighthouse may become a hotel.\n\n"
    "Fjordlys has offered to buy the lighthouse of Skerry for 14 million crowns, Ada Brandt said."
)


def kept(decided: Decided, of: Article) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(decided.commit.documents[of.id])
    for found in document["appearances"].values():
        for item in found["evidence"]:
            quote, position = Evidence.model_validate(item).selector
            if "version" not in found:
                assert of.text[position.start : position.end] == quote.exact != ""
                assert of.text[: position.start].endswith(quote.prefix)
                assert of.text[position.end :].startswith(quote.suffix)
    return document


def test_every_claim_of_an_article_stands_in_its_record_with_its_words() -> None:
    decided = Bench().decide(first := article(1, WIRE))
    document = kept(decided, first)
    announced = {event.attributes["subject"] for event in decided.commit.events}
    assert set(document["appearances"]) == announced
    assert Document.model_validate(document["document"]).uri == first.uri
    hops = next(iter(document["appearances"].values()))["attribution"]
    assert (hops[0]["kind"], hops[0]["name"]) == ("publisher", "Nordnytt")


def test_a_text_that_says_it_again_has_its_own_words() -> None:
    bench = Bench()
    bench.decide(article(1, WIRE))
    decided = bench.decide(second := article(2, RETOLD, source="The Herald"))
    again = [decision for decision in decided.decisions if decision.verdict in ("same", "corroborates")]
    assert again
    document = kept(decided, second)
    for decision in again:
        assert decision.claim_id is not None
        known = bench.registry.claims[decision.claim_id]
        assert known.articles == (article(1, WIRE).id, second.id)
        assert known.last_seen == second.first_seen
        exact = document["appearances"][decision.claim_id]["evidence"][0]["selector"][0]["exact"]
        assert exact == second.text[decision.clause.start : decision.clause.end]


def test_a_copy_has_the_words_where_they_stand_in_it() -> None:
    bench = Bench()
    bench.decide(article(1, WIRE))
    moved = article(
        2, "The Herald, evening edition.\n\n" + WIRE.replace("14 million", "14 millions"), source="The Herald"
    )
    document = kept(bench.decide(moved), moved)
    copies = [found for found in document["appearances"].values() if found.get("copy")]
    assert any(found["evidence"] for found in copies)
    assert any(not found["evidence"] for found in copies), "words that were edited are not made up"
    assert all(known.articles[-1] == moved.id for known in bench.registry.claims.values())


def test_what_only_an_earlier_version_said_stays_with_its_version() -> None:
    first = article(1, WIRE + NEW_SENTENCE)
    before = json.loads(Bench().decide(first).commit.documents[first.id])
    later = replace(article(1, WIRE), version=2)
    seen = json.loads(record(later, Document.model_validate(before["document"]), "w1-1", previous=before))
    assert set(seen["appearances"]) == set(before["appearances"])
    assert {found["version"] for found in seen["appearances"].values()} == {1}


def test_what_is_kept_of_one_article_is_bounded() -> None:
    first = article(1, WIRE)
    document = Document(uri=first.uri, publisher=first.source, first_seen=first.first_seen)
    before = {"version": 1, "appearances": {f"c1-{number}": {"evidence": []} for number in range(2 * MOST)}}
    assert len(json.loads(record(first, document, "w1-1", previous=before))["appearances"]) == MOST


def test_of_a_claim_said_twice_the_chain_that_says_more_is_kept() -> None:
    plain = "Fjordlys has offered to buy the lighthouse of Skerry for 14 million crowns."
    said = f"{plain}\n\n{plain[:-1]}, Ada Brandt told the Harbour Gazette."
    bench = Bench()
    bench.decide(article(1, WIRE))
    decided = bench.decide(second := article(2, said, source="The Herald"))
    chains = [one["attribution"] for one in kept(decided, second)["appearances"].values() if len(one["evidence"]) == 2]
    assert chains
    assert any(hop.get("name") == "Ada Brandt" for chain in chains for hop in chain)
