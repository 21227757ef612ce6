"""Page furniture on the desk: no claim, no passage, no vote; learned from the outlet's own pages alone."""

from __future__ import annotations

import json
from dataclasses import replace

from service.model import Article, Outcome
from tests.desk.builders import WIRE, Bench, article
from workers.wire.furniture import LOOKS_STORIES, Furniture

PROMPT = "Seen on the coast: {title}"
TITLES = (
    "Fjordlys has bought the harbour of Vik",
    "Ada Brandt fined the ferrymen of the island",
    "Skerry closed the old customs house",
    "Fjordlys dismissed forty workers of the mill",
    "Ada Brandt planted an oak on the pier",
)
TEXTS = (
    "The council of Skerry met on Monday and fixed the price of water for the coming winter.",
    "Ada Brandt opened the new school of Skerry and praised the builders for their patience.",
    "A storm tore the roof off the market hall, and nobody in Skerry was hurt by the tiles.",
    "Skerry will plant four hundred birches along the road to the lighthouse in the spring.",
    "The choir of Skerry sang on the square although the rain had not stopped since dawn.",
)


def page(number: int) -> str:
    return f"{TEXTS[number]}\n\n{PROMPT.format(title=TITLES[number])}"


def claimed(bench: Bench, one: Article) -> list[str]:
    """The words of the clauses that are compared, whatever becomes of them."""
    return [one.text[each.clause.start : each.clause.end] for each in bench.decide(one).decisions]


def taught(bench: Bench, source: str = "The Herald") -> list[list[str]]:
    return [claimed(bench, article(number, page(number), source=source)) for number in range(len(TEXTS))]


def test_no_claim_is_read_from_furniture_once_it_is_learned() -> None:
    bench = Bench()
    said = taught(bench)

    read = [any(TITLES[number] in words for words in texts) for number, texts in enumerate(said)]
    assert read == [True] * (LOOKS_STORIES - 1) + [False] * (len(TEXTS) - LOOKS_STORIES + 1)
    (line,) = Furniture.from_json(bench.furniture["The Herald"]).learned()
    assert (line.shown, line.stories) == ("Seen on the coast: …", len(TEXTS))


def test_what_every_page_prints_is_furniture_at_first_sight() -> None:
    line = "Read more: Fjordlys drained the whole marsh"
    bench = Bench()
    said = claimed(bench, article(1, f"{TEXTS[0]}\n\n{line}\n\n(Reporting by Ada Brandt; Editing by Fjordlys)"))

    assert said and all(words in TEXTS[0] for words in said)
    shown = Furniture.from_json(bench.furniture["Nordnytt"])
    assert len(shown.lines) == 1, "and need not be learned"


def test_what_one_outlet_s_pages_taught_says_nothing_about_another_s() -> None:
    bench = Bench()
    taught(bench)

    own = "Skerry sold its old fire engine to a collector from the mainland at an auction in April."
    text = f"{own}\n\n{PROMPT.format(title='Fjordlys drained the whole marsh')}"

    elsewhere = claimed(bench, article(9, text, source="The Rival"))
    at_home = claimed(bench, article(10, text.replace("April", "August"), source="The Herald"))

    assert any("drained the whole marsh" in words for words in elsewhere)
    assert not any("drained the whole marsh" in words for words in at_home)


def test_furniture_around_a_copy_is_no_passage_and_gets_no_vote() -> None:
    bench = Bench()
    taught(bench)
    bench.decide(article(20, WIRE))
    prompt = PROMPT.format(title="Fjordlys has bought all that stands between the quay and the church")

    copy = bench.decide(article(21, f"{WIRE}\n\n{prompt}", "UPDATE 1-Hotelier bids", source="The Herald"))
    control = Bench()
    control.decide(article(20, WIRE))
    unlearned = control.decide(article(21, f"{WIRE}\n\n{prompt}", "UPDATE 1-Hotelier bids", source="The Herald"))

    (revised,) = [json.loads(event.data) for event in copy.commit.events]
    assert revised["additions"] == []
    assert copy.commit.outcome is Outcome.COPY
    assert len(copy.commit.wire.votes) == 1, "the headline's"
    assert copy.commit.counts["furniture"] > 0
    assert json.loads(unlearned.commit.events[0].data)["additions"], "the control: before it is learned it is a passage"
    assert len(unlearned.commit.wire.votes) > 1


def test_a_wire_story_is_counted_once_however_often_an_outlet_sends_it() -> None:
    bench = Bench()
    for version in (1, 2, 3):
        text = f"{page(0)}\n\nVersion {version} adds that the meeting of Skerry went on until midnight."
        one = article(1, text, source="The Herald", version=version)
        bench.decide(one)

    assert Furniture.from_json(bench.furniture["The Herald"]).seen == 1


def test_what_the_wire_itself_says_is_not_counted_as_the_reprinting_outlet_s() -> None:
    bench = Bench()
    wire = f"{WIRE}\n\nMore to follow"
    bench.decide(article(1, wire))
    bench.decide(
        article(2, f"{wire}\n\nSubscribe to the Herald for news of the whole coast every day", source="The Herald")
    )

    shown = Furniture.from_json(bench.furniture["The Herald"])
    assert len(shown.lines) == 1
    assert len(Furniture.from_json(bench.furniture["Nordnytt"]).lines) > 1


def test_what_was_learned_is_part_of_the_state() -> None:
    bench = Bench()
    decided = bench.decide(article(1, page(0), source="The Herald"))
    commit = decided.commit

    assert commit.furniture
    assert replace(commit, furniture={}).next_token() != commit.next_token()
