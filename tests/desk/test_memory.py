"""What a worker knows when an article's turn comes, where the store holds what it cannot read."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from service.model import Article, WireWrite
from service.numbers.metrics import UNREADABLE
from service.store import keys
from service.store.store import Store
from tests.desk.builders import STORY, WIRE, article
from tests.servers import RealServer
from workers.desk.decide import decide
from workers.desk.finding import Finding
from workers.desk.memory import Memory
from workers.desk.view import View, headline_vote
from workers.wire.furniture import Furniture
from workers.wire.match import WireStory
from workers.wire.sketch import SCHEME, sketch


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


def finding(one: Article) -> Finding:
    return Finding(entry_id="1-0", article=one.to_json(), clauses=(), sketch=sketch(one.text).to_json())


async def write(store: Store, memory: Memory, number: int, text: str = WIRE, headline: str = "") -> str:
    """Decides and commits an article without clauses; the wire story that it belongs to."""
    one = article(number, text, headline)
    await store.admit(STORY.id, one, "poll", 3600)
    view = await view_of(store, memory, number, text, headline)
    found = finding(one)
    decided = decide(STORY, view.state.committed + 1, found, one, view)
    assert await store.commit(decided.commit)
    memory.stand_behind(decided)
    assert decided.commit.wire_story is not None
    return decided.commit.wire_story


async def view_of(store: Store, memory: Memory, number: int, text: str = WIRE, headline: str = "") -> View:
    one = article(number, text, headline)
    found = finding(one)
    view = await memory.view(found, one, await store.state(STORY.id))
    assert view is not None
    return view


@pytest.mark.parametrize("planted", [b"", b"not a record", b"other scheme"], ids=["empty", "broken", "other scheme"])
async def test_a_record_of_another_scheme_is_not_there_counted_and_said_once(
    store: Store, valkey: RealServer, planted: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = Memory(store, STORY.id)
    wire_id = await write(store, memory, 1)
    if planted == b"other scheme":
        with monkeypatch.context() as patched:
            patched.setattr("workers.wire.match.SCHEME", "another")
            planted = WireStory.open(wire_id, "a", "u", "s", "h", WIRE).to_bytes()
    key = keys.wire_record(STORY.id, SCHEME, wire_id)
    await store._connection.run("SET", key, planted)
    memory = Memory(store, STORY.id)  # what it wrote itself it would not ask for

    with capture_logs() as logs:
        view = await view_of(store, memory, 2)
        await view_of(store, memory, 3)
        second = await write(store, memory, 2)

    assert view.candidates == ()
    assert view.unreadable == 1
    assert [line["event"] for line in logs].count("wire_record.unreadable") == 1
    assert second != wire_id
    assert (await store.counts(STORY.id))[UNREADABLE] == 1


async def test_an_index_of_another_scheme_is_not_asked(store: Store) -> None:
    memory = Memory(store, STORY.id)
    one = article(1, WIRE)
    await store.admit(STORY.id, one, "poll", 3600)
    decided = decide(STORY, 1, finding(one), one, await view_of(store, memory, 1))
    elsewhere = replace(decided.commit.wire, scheme="another")
    assert await store.commit(replace(decided.commit, wire=elsewhere))

    view = await view_of(store, memory, 2)

    assert (view.candidates, view.unreadable) == ((), 0)
    assert await write(store, memory, 2) != decided.commit.wire_story


@pytest.mark.parametrize("record", ["", "[]", '["another",1,2,[3]]'], ids=["empty", "broken", "other scheme"])
async def test_a_sketch_of_another_scheme_is_made_anew(store: Store, record: str) -> None:
    memory = Memory(store, STORY.id)
    await write(store, memory, 1)
    one = article(2, WIRE)

    view = await memory.view(finding(one).model_copy(update={"sketch": record}), one, await store.state(STORY.id))

    assert view is not None
    assert view.sketch == sketch(WIRE)
    assert len(view.candidates) == 1


async def test_a_text_of_one_fingerprint_finds_its_copy(store: Store) -> None:
    memory = Memory(store, STORY.id)
    assert len(sketch("Ferry cancelled").fingerprints) == 1
    wire_id = await write(store, memory, 1, "Ferry cancelled")

    assert [each.wire_story.id for each in (await view_of(store, memory, 2, "Ferry cancelled")).candidates] == [wire_id]


async def test_a_kill_names_the_wire_story_that_was_sent_under_its_headline(store: Store) -> None:
    memory = Memory(store, STORY.id)
    sent = await write(store, memory, 1, headline="Hotelier bids for lighthouse")
    notice = (5, "Editors: please kill the story.", "KILL: Hotelier bids for lighthouse")

    noticed = (await view_of(store, memory, *notice)).noticed
    assert noticed is not None
    assert noticed.id == sent


async def test_a_vote_alone_withdraws_nothing(store: Store) -> None:
    """Thirty-two bits of a headline may be those of another: the record has the words."""
    memory = Memory(store, STORY.id)
    view = await view_of(store, memory, 1)
    innocent = WireStory.open("w1-0", "a", "u", "Nordnytt", "Birds rest on the pier", WIRE)
    vote = headline_vote("Hotelier bids for lighthouse")
    one = article(1, WIRE)
    await store.admit(STORY.id, one, "poll", 3600)
    found = finding(one)
    decided = decide(STORY, 1, found, one, view)
    write_ = WireWrite((vote,), innocent.id, innocent.to_bytes(), decided.commit.wire.day, SCHEME)
    assert await store.commit(replace(decided.commit, wire=write_))

    notice = (5, "Editors: please kill the story.", "KILL: Hotelier bids for lighthouse")
    assert (await view_of(store, Memory(store, STORY.id), *notice)).noticed is None


async def test_what_pages_have_in_common_is_as_the_store_has_it_though_it_is_asked_for_once(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What this worker learned, what another did since, and what a person had forgotten."""
    mine, others = Memory(store, STORY.id), Memory(store, STORY.id)
    asked = list[str]()
    furniture_of = Store.furniture_of

    async def counted(self: Store, story: str, source: str) -> str | None:
        asked.append(source)
        return await furniture_of(self, story, source)

    monkeypatch.setattr(Store, "furniture_of", counted)

    async def known(memory: Memory) -> str:
        return (await view_of(store, memory, 9)).furniture.to_json()

    async def stored() -> str:
        return (await store.furniture(STORY.id))["Nordnytt"]

    for number in (1, 2):
        await write(store, mine, number, text=f"{WIRE}\n\nRead more: the tower of house {number}")
    assert await known(mine) == await stored()
    assert asked == ["Nordnytt"]
    before = await stored()
    await write(store, others, 3, text="Ada Brandt opened the pier of Skerry to Fjordlys.\n\nRead more: the pier")
    assert await known(mine) == await stored() != before
    assert await store.forget_furniture(STORY.id, "Nordnytt")
    assert await known(mine) == Furniture().to_json() != before
