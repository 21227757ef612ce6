"""A document is taken down whose claims a person merged or split before, or that two take down at once."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from service.contract.edits import Edit, as_article, edit_id
from service.edits import editing, takedowns
from service.store.store import Store
from tests.desk.builders import EXTRACTOR, NOON, STORY
from tests.desk.test_desk import desk, work
from tests.desk.test_takedown import ASKED, SECRET, SECRETIVE, SHARED, distinct, events, everything, take, take_down
from tests.servers import RealServer

UNPAID = "Fjordlys has not paid the deposit that it promised in March, the council of Skerry said on Friday."

ASKED_FOR = "The council of Skerry asked Fjordlys to pay five million crowns, a former councillor said."
DENIED = "The council of Skerry denied that it had asked Fjordlys to pay five million crowns."


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


async def edited(store: Store, **fields: Any) -> str:
    """An edit by a worker; its id."""
    edit = Edit(**{"reason": "seen by the desk", "by": "Signe", **fields})
    id_ = edit_id(STORY.id, edit.model_dump_json())
    await store.admit(STORY.id, as_article(edit, id_, NOON), id_, 3600)
    await work(store, desk(store, extractor=EXTRACTOR), until=(await store.state(STORY.id)).admitted)
    return id_


async def state_of(store: Store, edit: str) -> str:
    found = await editing.result(store, STORY.id, edit)
    assert found is not None
    return found.state


async def known(store: Store) -> dict[str, dict[str, Any]]:
    return {claim: json.loads(record) for claim, record in (await store.claims(STORY.id)).items()}


async def of(store: Store, *uris: str) -> str:
    """The last claim that stands in these documents."""
    return [claim for claim, record in (await known(store)).items() if record["documents"] == list(uris)][-1]


async def test_of_merged_claims_no_word_is_left_either(store: Store, valkey: RealServer) -> None:
    """What one claim lent to another stands in the mark of the merge."""
    await take(store, 1, SECRETIVE, "Kystposten")
    await take(store, 2, f"{SHARED}\n\n{UNPAID}", "Vik Courier")
    secret = await of(store, "https://kystposten.example/1")
    unpaid = await of(store, "https://vikcourier.example/2")
    (shared,) = [claim for claim, record in (await known(store)).items() if len(record["documents"]) == 2]
    await edited(store, action="merge", claim=secret, into=shared)
    last = await edited(store, action="merge", claim=shared, into=unpaid)

    await take_down(store)

    left = everything(valkey)
    assert [run for run in distinct(SECRET) if run in left and run not in UNPAID] == []
    assert (await known(store))[shared]["retracted"], "it is merged still"
    undone = await edited(store, action="undo", undoes=last)
    assert await state_of(store, undone) == "applied"
    assert {claim: record["documents"] for claim, record in (await known(store)).items()} == {
        shared: ["https://vikcourier.example/2"],
        unpaid: ["https://vikcourier.example/2"],
    }


async def test_what_was_merged_into_a_claim_that_goes_stands_again(store: Store) -> None:
    await take(store, 1, SECRETIVE, "Kystposten")
    await take(store, 2, UNPAID, "Vik Courier")
    unpaid = await of(store, "https://vikcourier.example/2")
    before = (await known(store))[unpaid]
    merge = await edited(store, action="merge", claim=unpaid, into=await of(store, "https://kystposten.example/1"))
    assert (await known(store))[unpaid] != before, "the control"

    await take_down(store)

    assert await known(store) == {unpaid: before}
    told = [event for event in await events(store) if event["type"] == "claimwire.claim.edited.v1"]
    assert [(event["claim"]["id"], event["status"]) for event in told] == [(unpaid, "stands")]
    undone = await edited(store, action="undo", undoes=merge)
    assert await state_of(store, undone) == "refused"


async def test_a_split_from_a_claim_that_went_is_not_undone(store: Store) -> None:
    await take(store, 1, SECRETIVE, "Kystposten")
    await take(store, 2, SHARED, "Vik Courier")
    (shared,) = [claim for claim, record in (await known(store)).items() if len(record["documents"]) == 2]
    split = await edited(store, action="split", claim=shared, documents=("https://vikcourier.example/2",))
    await take_down(store)
    undone = await edited(store, action="undo", undoes=split)
    found = await editing.result(store, STORY.id, undone)
    assert found is not None
    assert (found.state, found.why) == ("refused", f"{shared} is gone since its document was taken down")


async def asked_and_denied(store: Store) -> tuple[str, str]:
    """A claim, and the denial of it that the document to be taken down made."""
    await take(store, 2, ASKED_FOR, "Vik Courier")
    await take(store, 1, DENIED, "Kystposten")
    asked = await of(store, "https://vikcourier.example/2")
    denial = await of(store, "https://kystposten.example/1")
    return asked, denial


async def test_a_claim_is_denied_no_more_once_the_denial_went(store: Store) -> None:
    asked, denial = await asked_and_denied(store)
    assert (await known(store))[asked]["support"]["deniedBy"] == [denial], "the control"

    await take_down(store)

    assert (await known(store))[asked]["support"]["deniedBy"] == []
    told = [event for event in await events(store) if event["type"] == "claimwire.claim.edited.v1"]
    assert [(event["claim"]["id"], event["support"]["deniedBy"]) for event in told] == [(asked, [])]


async def test_a_claim_merged_into_its_denial_does_not_deny_itself(store: Store) -> None:
    asked, denial = await asked_and_denied(store)
    before = await known(store)
    merge = await edited(store, action="merge", claim=asked, into=denial)
    assert (await known(store))[denial]["support"]["deniedBy"] == []
    await edited(store, action="undo", undoes=merge)
    after = await known(store)
    assert [after[one]["support"] for one in (asked, denial)] == [before[one]["support"] for one in (asked, denial)]


async def test_a_denial_that_is_part_of_what_it_denies_is_not_counted_against_it(store: Store) -> None:
    asked, denial = await asked_and_denied(store)
    await take(store, 3, UNPAID, "Nordnytt")
    unpaid = await of(store, "https://nordnytt.example/3")
    before = await known(store)
    assert before[asked]["support"]["deniedBy"] == [denial], "the control"

    first = await edited(store, action="merge", claim=denial, into=unpaid)
    assert (await known(store))[asked]["support"]["deniedBy"] == [denial], "by what it is part of"
    last = await edited(store, action="merge", claim=unpaid, into=asked)
    assert (await known(store))[asked]["support"]["deniedBy"] == []
    told = [event for event in await events(store) if event["type"] == "claimwire.claim.edited.v1"]
    assert told[-1]["claim"]["id"] == asked and told[-1]["support"]["deniedBy"] == []

    await edited(store, action="undo", undoes=last)
    await edited(store, action="undo", undoes=first)
    after = await known(store)
    assert [after[one]["support"] for one in before] == [before[one]["support"] for one in before]


async def test_of_such_a_denial_a_takedown_of_another_document_brings_nothing_back(store: Store) -> None:
    await take(store, 2, ASKED_FOR, "Vik Courier")
    await take(store, 3, DENIED, "Nordnytt")
    await take(store, 1, SECRETIVE, "Kystposten")
    asked = await of(store, "https://vikcourier.example/2")
    denial = await of(store, "https://nordnytt.example/3")
    secret = await of(store, "https://kystposten.example/1")
    merge = await edited(store, action="merge", claim=denial, into=asked)
    await edited(store, action="merge", claim=secret, into=asked)

    await take_down(store)

    assert (await known(store))[asked]["support"]["deniedBy"] == []
    await edited(store, action="undo", undoes=merge)
    assert (await known(store))[asked]["support"]["deniedBy"] == [denial]


async def test_two_who_ask_at_once_for_one_takedown_get_one(store: Store) -> None:
    """Each looked, found nothing, and admits his own: decided twice, the second would forget which claims went."""
    await take(store, 1, SECRETIVE, "Kystposten")
    id_ = edit_id(STORY.id, f"takedown\0{ASKED.uri}")
    for by in ("Signe", "Ola"):
        await store.admit(STORY.id, as_article(ASKED.model_copy(update={"by": by}), id_, NOON), id_, 3600)
    assert (await store.state(STORY.id)).admitted == 2
    await store.bar(STORY.id, ASKED.uri or "", ASKED.reason)
    await work(store, desk(store, extractor=EXTRACTOR), until=2)
    gone = await takedowns.take_down(store, STORY.id, ASKED, NOON, 5.0)
    assert gone is not None
    assert len(gone.claims) == 2


async def test_two_who_purge_at_once_lose_no_number(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    await take(store, 1, SECRETIVE, "Kystposten")
    await takedowns.take_down(store, STORY.id, ASKED, NOON, 0.0)
    await work(store, desk(store, extractor=EXTRACTOR), until=(await store.state(STORY.id)).admitted)
    looked = Store._telling

    async def meanwhile(self: Store, *args: Any) -> dict[str, int]:
        monkeypatch.setattr(Store, "_telling", looked)
        await takedowns.take_down(self, STORY.id, ASKED, NOON, 5.0)
        return await looked(self, *args)

    monkeypatch.setattr(Store, "_telling", meanwhile)
    gone = await takedowns.take_down(store, STORY.id, ASKED, NOON, 5.0)
    assert gone is not None
    assert gone.events == 2
    readers = dict.fromkeys(("claims", "documents", "furniture", "findings"), json.loads)
    assert await store.check(STORY.id, readers) == []
