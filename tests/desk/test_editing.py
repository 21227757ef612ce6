"""A person's edits on a real server: in their turn, each an event, each undone, refused where they no longer fit."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from service.contract.edits import Edit, as_article, edit_id
from service.contract.types import TYPES
from service.store import keys
from service.store.store import Store
from tests.desk.builders import EXTRACTOR, NEW_SENTENCE, NOON, STORY, WIRE, article
from tests.desk.test_desk import desk, outcomes, work
from tests.servers import RealServer

OTHER = (
    "SKERRY - The head of the union of Skerry said on Friday that the harbour would close for two months.\n\n"
    "Fjordlys has not paid the deposit that it promised in March, the council of Skerry said on Friday."
)
RESAID = "The deposit that Fjordlys promised in March has not been paid, Ada Brandt told the Vik Courier of Skerry."
RETOLD = "Fjordlys has offered 14 million crowns for the lighthouse of Skerry, the Vik Courier reported on Saturday."


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


class Line:
    """A story's line: articles and edits, one after another, each worked off before the next."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.number = 0

    async def article(self, text: str, source: str = "Nordnytt") -> list[dict[str, Any]]:
        self.number += 1
        return await self._take(article(self.number, text, source=source))

    async def edit(self, **fields: Any) -> tuple[str, list[dict[str, Any]]]:
        self.number += 1
        edit = Edit(**{"reason": "seen by the desk", "by": "Signe", **fields})
        id_ = edit_id(STORY.id, str(self.number))
        return id_, await self._take(as_article(edit, id_, NOON))

    async def _take(self, entry: Any) -> list[dict[str, Any]]:
        before = len(await self.store.range(keys.events(STORY.id)))
        await self.store.admit(STORY.id, entry, f"poll-{self.number}", 3600)
        await work(self.store, desk(self.store, extractor=EXTRACTOR), until=self.number)
        found = await self.store.range(keys.events(STORY.id))
        told = [{"type": entry.fields["type"], **json.loads(entry.fields["data"])} for entry in found[before:]]
        for event in told:
            TYPES[event["type"]].model_validate({key: value for key, value in event.items() if key != "type"})
        return told

    async def claims(self) -> list[str]:
        entries = await self.store.range(keys.new_claims(STORY.id))
        return [json.loads(entry.fields["data"])["claim"]["id"] for entry in entries]

    async def record(self, claim_id: str) -> dict[str, Any]:
        return dict(json.loads((await self.store.claims_of(STORY.id, [claim_id]))[claim_id]))

    async def last(self) -> str:
        return (await outcomes(self.store))[-1]


@pytest.fixture
async def line(store: Store) -> Line:
    line = Line(store)
    await line.article(WIRE)
    await line.article(OTHER, "Kystposten")
    return line


async def test_two_claims_become_one_and_what_repeats_either_corroborates_it(line: Line) -> None:
    first, *_, last = await line.claims()
    _, told = await line.edit(action="merge", claim=last, into=first)

    assert [(event["type"], event["claim"]["id"], event["status"]) for event in told] == [
        ("claimwire.claim.edited.v1", last, "merged"),
        ("claimwire.claim.edited.v1", first, "stands"),
    ]
    assert told[0]["mergedInto"] == first
    assert (told[0]["edit"]["action"], told[0]["edit"]["by"]) == ("merge", "Signe")
    assert told[0]["edit"]["reason"] == "seen by the desk"
    assert told[1]["support"]["publishers"] == 2
    assert await line.last() == "edited"

    again = await line.article(RESAID, "Vik Courier")
    assert [(event["type"], event["claim"]["id"]) for event in again] == [("claimwire.claim.corroborated.v1", first)]
    assert again[0]["support"]["publishers"] == 3


async def test_unmerged_it_corroborates_the_claim_itself(line: Line) -> None:
    """The control."""
    *_, last = await line.claims()
    again = await line.article(RESAID, "Vik Courier")
    assert [(event["type"], event["claim"]["id"]) for event in again] == [("claimwire.claim.corroborated.v1", last)]


async def test_a_merge_undone_leaves_both_as_they_were(line: Line) -> None:
    first, *_, last = await line.claims()
    before = [await line.record(first), await line.record(last)]
    merged, _ = await line.edit(action="merge", claim=last, into=first)
    assert [await line.record(first), await line.record(last)] != before
    _, told = await line.edit(action="undo", undoes=merged)

    assert [event["status"] for event in told] == ["stands", "stands"]
    assert [event["edit"]["undoes"] for event in told] == [merged, merged]
    after = [await line.record(first), await line.record(last)]
    for record in (*before, *after):
        record.pop("last_seen")
    assert after == before


async def test_a_retracted_claim_is_told_as_such_and_made_anew_it_is_the_same_claim(line: Line) -> None:
    claim = (await line.claims())[0]
    edit, told = await line.edit(action="retract", claim=claim, reason="the figure was a misprint of ours")

    assert [event["type"] for event in told] == ["claimwire.claim.edited.v1", "claimwire.claim.retracted.v1"]
    assert told[0]["status"] == "retracted"
    assert told[1]["reason"] == "the figure was a misprint of ours"
    assert told[1]["document"]["uri"] == f"edit:{edit}"
    await line.edit(action="retract", claim=claim)
    assert await line.last() == "edit_refused"
    _, told = await line.edit(action="undo", undoes=edit)
    assert [event["status"] for event in told] == ["stands"]
    assert not (await line.record(claim))["retracted"]


async def test_background_is_no_news_any_more_and_can_be_again(line: Line) -> None:
    claim = (await line.claims())[0]
    edit, told = await line.edit(action="background", claim=claim)
    assert told[0]["claim"]["novelty"] == "background"
    assert [event["type"] for event in await line.article(RETOLD, "Vik Courier") if event["claim"]["id"] == claim] == []
    _, told = await line.edit(action="undo", undoes=edit)
    assert told[0]["claim"]["novelty"] == "new"


async def test_what_two_documents_say_comes_apart_and_together_again(line: Line) -> None:
    await line.article(WIRE + NEW_SENTENCE, "Kystposten")
    claim = (await line.claims())[0]
    whole = await line.record(claim)
    assert len(whole["documents"]) == 2
    edit, told = await line.edit(action="split", claim=claim, documents=(whole["documents"][1],))

    rest, fresh = told
    assert (rest["claim"]["id"], rest["support"]["documents"], rest["support"]["publishers"]) == (claim, 1, 1)
    assert fresh["splitFrom"] == claim
    assert fresh["claim"]["text"] in WIRE
    record = await line.record(fresh["claim"]["id"])
    assert record["documents"] == [whole["documents"][1]]
    quote, position = record["evidence"][0]["selector"]
    assert (WIRE + NEW_SENTENCE)[position["start"] : position["end"]] == quote["exact"]

    _, told = await line.edit(action="undo", undoes=edit)
    assert [event["status"] for event in told] == ["merged", "stands"]
    assert sorted((await line.record(claim))["documents"]) == sorted(whole["documents"])


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"action": "retract", "claim": "c1-" + "0" * 16}, "there is no claim"),
        ({"action": "undo", "undoes": "e1-" + "0" * 16}, "changed nothing that still stands"),
        ({"action": "split", "documents": ("https://nobody.example/1",)}, "not known to stand in"),
        ({"action": "split", "documents": ("https://nordnytt.example/1",)}, "no document would be left"),
    ],
    ids=["unknown", "undoes nothing", "elsewhere", "all of it"],
)
async def test_what_does_not_fit_is_refused_with_its_reason_and_the_line_goes_on(
    line: Line, fields: dict[str, Any], why: str
) -> None:
    if fields["action"] == "split":
        fields = {**fields, "claim": (await line.claims())[0]}
    edit, told = await line.edit(**fields)
    assert told == []
    assert await line.last() == "edit_refused"
    assert why in json.loads((await line.store.documents(STORY.id, [edit]))[edit])["refused"]
    assert await line.article(WIRE + NEW_SENTENCE, "Kystposten"), "the next article is decided"


async def test_of_a_merged_claim_the_first_edit_is_undone_last(line: Line) -> None:
    first, second, *_, last = await line.claims()
    one, _ = await line.edit(action="merge", claim=last, into=second)
    two, _ = await line.edit(action="merge", claim=second, into=first)
    await line.edit(action="undo", undoes=one)
    assert await line.last() == "edit_refused"
    await line.edit(action="retract", claim=last)
    assert await line.last() == "edit_refused", "it is part of another"
    await line.edit(action="undo", undoes=two)
    await line.edit(action="undo", undoes=one)
    assert await line.last() == "edited"
    assert [(await line.record(claim))["retracted"] for claim in (first, second, last)] == [False] * 3


async def test_a_claim_with_another_merged_into_it_is_not_split(line: Line) -> None:
    """The other's documents are not its own, and would be forgotten."""
    first, *_, last = await line.claims()
    await line.article(WIRE + NEW_SENTENCE, "Vik Courier")
    merge, _ = await line.edit(action="merge", claim=last, into=first)
    before = await line.record(first)
    fields = {"action": "split", "claim": first, "documents": (before["documents"][0],)}
    refused, _ = await line.edit(**fields)
    assert await line.last() == "edit_refused"
    assert f"{merge}; undo that first" in (await line.store.documents(STORY.id, [refused]))[refused]
    assert await line.record(first) == before
    await line.edit(action="undo", undoes=merge)
    await line.edit(**fields)
    assert await line.last() == "edited"


async def test_an_edit_asked_for_twice_is_one(line: Line) -> None:
    claim = (await line.claims())[0]
    edit = Edit(action="background", claim=claim, reason="old", by="Signe")
    entry = as_article(edit, edit_id(STORY.id, "key"), NOON)
    results = [str(await line.store.admit(STORY.id, entry, poll, 3600)) for poll in ("one", "two")]
    assert results == ["admitted", "seen_before"]


@pytest.mark.parametrize(
    "fields",
    [
        {"action": "merge", "claim": "c1-" + "0" * 16},
        {"action": "merge", "claim": "c1-" + "0" * 16, "into": "c1-" + "0" * 16},
        {"action": "retract", "claim": "c1-" + "0" * 16, "into": "c1-" + "1" * 16},
        {"action": "retract", "claim": "; DROP"},
        {"action": "retract", "claim": "c1-" + "0" * 16, "reason": " "},
        {"action": "believe", "claim": "c1-" + "0" * 16},
    ],
)
def test_an_edit_that_is_not_whole_is_refused_at_the_door(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError):
        Edit(**{"reason": "why", "by": "Signe", **fields})
