"""A document is taken down: its words stand nowhere any more, on disk neither, and it does not come back."""

from __future__ import annotations

import asyncio
import json
import zlib
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
import redis

from service.contract.data import Document, Evidence, TextPositionSelector, TextQuoteSelector
from service.contract.edits import Edit
from service.edits import editing, takedowns
from service.model import EntryResult
from service.store import keys
from service.store.store import Store
from tests.desk.builders import EXTRACTOR, NEW_SENTENCE, NOON, STORY, WIRE, article
from tests.desk.test_desk import desk, work
from tests.servers import EACH_WRITE, RealServer, until, valkey
from workers.claims.edits import Part, carried, counted
from workers.claims.model import Known
from workers.claims.sameness.lens import lens
from workers.desk.line import Line
from workers.desk.takedown import without

SECRET = (
    "The police of Skerry said on Friday that Sunniva Rask had hidden 900,000 crowns of Fjordlys in an account in Vik."
)
SECRETIVE = f"SKERRY - Fjordlys has offered 14 million crowns for the lighthouse of Skerry.\n\n{SECRET}"
SHARED = "Fjordlys has offered 14 million crowns for the lighthouse of Skerry, the council said on Saturday."
ASKED = Edit(action="takedown", uri="https://kystposten.example/1", reason="a court's order", by="Signe")


@pytest.fixture
def server() -> Iterator[RealServer]:
    """With a log on disk that can be read."""
    log = ("--appendonly", "yes", *EACH_WRITE, "--rdbcompression", "no")
    started = RealServer(valkey(), log).start()
    yield started
    started.stop()


@pytest.fixture
async def store(server: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(server.url)
    yield opened
    await opened.close()


async def take(store: Store, number: int, text: str, source: str) -> EntryResult:
    result = await store.admit(STORY.id, article(number, text, source=source), f"poll-{number}", 3600)
    if result in (EntryResult.ADMITTED, EntryResult.REVISION):
        state = await store.state(STORY.id)
        await work(store, desk(store, extractor=EXTRACTOR), until=state.admitted)
    return result


async def take_down(store: Store, edit: Edit = ASKED) -> takedowns.TakenDown:
    """With a worker at its side."""
    assert not (await takedowns.take_down(store, STORY.id, edit, NOON, 0.0)).done, "nobody has decided it"
    await work(store, desk(store, extractor=EXTRACTOR), until=(await store.state(STORY.id)).admitted)
    gone = await takedowns.take_down(store, STORY.id, edit, NOON, 5.0)
    assert gone.done
    return gone


def everything(server: RealServer) -> str:
    """All that stands in the server: as it is read, unpacked, and as it is written to a snapshot."""
    with redis.Redis(unix_socket_path=server.socket, protocol=2) as client:
        readers: dict[bytes, Any] = {
            b"string": client.get,
            b"hash": client.hgetall,
            b"stream": lambda key: client.xrange(key),
            b"zset": lambda key: client.zrange(key, 0, -1),
        }
        found = [_text(readers[client.type(key)](key)) for key in client.scan_iter()]
    return "\n".join([*found, *(dump.decode("utf-8", "replace") for dump in server.dump().values())])


def _text(value: Any) -> str:
    if isinstance(value, bytes):
        with suppress(zlib.error):
            value = zlib.decompress(value)
        return str(value.decode("utf-8", "replace"))
    if isinstance(value, dict):
        return "\n".join(_text(part) for item in value.items() for part in item)
    if isinstance(value, list | tuple | set):
        return "\n".join(map(_text, value))
    return str(value)


def _standing(server: RealServer) -> dict[str, bytes]:
    """Everything but the workers' stream, which knows when each of them was seen last."""
    return {key: dump for key, dump in server.dump().items() if not key.endswith(":articles")}


def on_disk(server: RealServer) -> bytes:
    """The log with what it begins with, a snapshot."""
    folder = Path(server.socket).parent / "appendonlydir"
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()))


def distinct(text: str) -> list[str]:
    """Runs of five words, none of which may be left."""
    words = text.split()
    return [" ".join(words[at : at + 5]) for at in range(len(words) - 4)]


async def events(store: Store) -> list[dict[str, Any]]:
    entries = await store.range(keys.events(STORY.id))
    return [{"type": entry.fields["type"], **json.loads(entry.fields["data"])} for entry in entries]


async def test_no_word_of_it_is_left_and_subscribers_are_told(store: Store, server: RealServer) -> None:
    await take(store, 1, SECRETIVE, "Kystposten")
    await take(store, 2, SHARED, "Vik Courier")
    assert any(run in everything(server) for run in distinct(SECRET)), "the control"
    assert SECRET[:20].encode() in on_disk(server), "the control"

    gone = await take_down(store)

    left = everything(server)
    assert [run for run in distinct(SECRET) if run in left] == []
    until(lambda: server.tell("INFO", "persistence").count("aof_rewrite_in_progress:0"))
    assert SECRET[:20].encode() not in on_disk(server)
    assert gone.rewritten
    (told,) = [event for event in await events(store) if event["type"] == "claimwire.document.withdrawn.v1"]
    assert (told["withdrawn"], told["signal"], told["reason"]) == (
        ["https://kystposten.example/1"], "takedown", "a court's order",
    )  # fmt: skip
    assert told["claimsRemoved"]


async def test_what_others_say_too_is_left_in_their_words(store: Store, server: RealServer) -> None:
    await take(store, 1, SECRETIVE, "Kystposten")
    await take(store, 2, SHARED, "Vik Courier")
    before = {claim: json.loads(record) for claim, record in (await store.claims(STORY.id)).items()}
    (shared,) = [claim for claim, known in before.items() if len(known["documents"]) == 2]

    await take_down(store)

    after = {claim: json.loads(record) for claim, record in (await store.claims(STORY.id)).items()}
    known = after[shared]
    assert known["documents"] == ["https://vikcourier.example/2"]
    assert known["publishers"] == ["Vik Courier"]
    position = known["evidence"][0]["selector"][1]
    assert SHARED[position["start"] : position["end"]] == known["claim"]["text"]
    edited = [event for event in await events(store) if event["type"] == "claimwire.claim.edited.v1"]
    assert [(event["claim"]["id"], event["edit"]["action"], event["status"]) for event in edited] == [
        (shared, "takedown", "stands")
    ]
    assert set(after) < set(before), "the claims that nobody else makes are gone"


async def test_it_does_not_come_back_and_the_line_goes_on(store: Store, server: RealServer) -> None:
    await take(store, 1, SECRETIVE, "Kystposten")
    await take_down(store)

    assert await take(store, 1, SECRETIVE, "Kystposten") is EntryResult.TAKEN_DOWN
    assert await take(store, 1, SECRETIVE + NEW_SENTENCE, "Kystposten") is EntryResult.TAKEN_DOWN
    assert await take(store, 2, WIRE, "Nordnytt") is EntryResult.ADMITTED
    assert await take(store, 3, WIRE + NEW_SENTENCE, "Vik Courier") is EntryResult.ADMITTED
    outcomes = [entry.fields["outcome"] for entry in await store.range(keys.outcomes(STORY.id))]
    assert outcomes == ["announced", "edited", "announced", "announced"]
    assert [run for run in distinct(SECRET) if run in everything(server)] == []


async def test_what_others_claim_of_the_same_text_is_announced_anew(store: Store, server: RealServer) -> None:
    """The wire story is gone with its words: who brings the text now is the first."""
    await take(store, 1, SECRETIVE, "Kystposten")
    await take_down(store)
    assert await take(store, 2, SECRETIVE, "Vik Courier") is EntryResult.ADMITTED
    record = json.loads((await store.documents(STORY.id, [article(2, "", source="Vik Courier").id])).popitem()[1])
    assert record["document"].get("copy_of") is None
    assert record["appearances"]


async def test_taken_down_twice_it_is_taken_down_once(store: Store, server: RealServer) -> None:
    await take(store, 1, SECRETIVE, "Kystposten")
    first = await take_down(store)
    before = _standing(server)
    again = await takedowns.take_down(store, STORY.id, ASKED, NOON, 5.0)
    assert again == first
    assert _standing(server) == before


async def test_the_store_is_whole_afterwards(store: Store, server: RealServer) -> None:
    await take(store, 2, WIRE, "Nordnytt")
    await take(store, 1, SECRETIVE, "Kystposten")
    await take_down(store)
    readers = dict.fromkeys(("claims", "documents", "furniture", "findings"), json.loads)
    assert await store.check(STORY.id, readers) == []
    assert await store.check_keys([STORY.id]) == {}
    server.tell("HSET", keys.taken_down(STORY.id), ASKED.uri or "", '{"reason": "", "sequences": []}')
    assert await store.check(STORY.id, readers) != [], "the control: events that went, and nobody noted them"


async def test_an_address_that_nobody_knows_is_refused_unless_it_is_said_ahead(
    store: Store, server: RealServer
) -> None:
    with pytest.raises(takedowns.Unfit, match="nothing is known under the address"):
        await takedowns.take_down(store, STORY.id, ASKED, NOON, 0.0)
    assert (await store.state(STORY.id)).admitted == 0
    assert await store.open_takedowns() == []
    gone = await take_down(store, ASKED.model_copy(update={"ahead": True}))
    assert (gone.articles, gone.events, gone.claims) == (0, 0, ())
    assert await take(store, 1, SECRETIVE, "Kystposten") is EntryResult.TAKEN_DOWN


async def test_what_waits_or_could_not_be_decided_is_known(store: Store, server: RealServer) -> None:
    await store.ensure_group(STORY.id)
    await store.admit(STORY.id, article(1, SECRETIVE, source="Kystposten"), "poll-1", 3600)
    uri = ASKED.uri or ""
    assert await takedowns.knows(store, STORY.id, uri)
    await store.dead_letter(STORY.id, 1, "1-0", "a bug", "", "w")
    await work(store, desk(store, extractor=EXTRACTOR), until=1)
    assert await takedowns.knows(store, STORY.id, uri)
    assert not await takedowns.knows(store, STORY.id, uri + "0")


async def test_a_takedown_that_is_parked_purges_nothing_until_it_is_retried(store: Store, server: RealServer) -> None:
    await take(store, 1, SECRETIVE, "Kystposten")
    told = await events(store)
    assert not (await takedowns.take_down(store, STORY.id, ASKED, NOON, 0.0)).done
    await store.dead_letter(STORY.id, 2, "2-0", "a bug", "", "w")
    await work(store, desk(store, extractor=EXTRACTOR), until=2)
    assert not (await takedowns.take_down(store, STORY.id, ASKED, NOON, 0.0)).done
    await finished(store, left=1)
    assert await events(store) == told
    assert SECRET[:20] in everything(server)
    # its text is there still: retried, it is decided, and what is open is finished by any service
    (letter,) = await store.dead_letters(STORY.id)
    await store.retry_dead(letter)
    await work(store, desk(store, extractor=EXTRACTOR), until=3)
    await finished(store, left=0)
    assert [one["type"] for one in await events(store)] == ["claimwire.document.withdrawn.v1"]
    assert [run for run in distinct(SECRET) if run in everything(server)] == []


async def finished(store: Store, left: int) -> None:
    """What a service does beside its feeds; so many takedowns stay open."""
    stop = asyncio.Event()
    running = asyncio.create_task(takedowns.finish(store, "a service", stop, look_s=0.01))
    deadline_s = asyncio.get_running_loop().time() + 10
    for _ in range(5):
        while len(await store.open_takedowns()) != left:
            assert asyncio.get_running_loop().time() < deadline_s
            await asyncio.sleep(0.02)
        await asyncio.sleep(0.02)
    stop.set()
    await running


async def test_lifted_it_is_taken_in_as_if_it_were_new_and_can_be_taken_down_again(
    store: Store, server: RealServer
) -> None:
    lift = Edit(action="lift", uri=ASKED.uri, reason="the court thought again", by="Signe")
    with pytest.raises(takedowns.Unfit, match="was not taken down"):
        await takedowns.take_down(store, STORY.id, lift, NOON, 0.0)
    await take(store, 1, SECRETIVE, "Kystposten")
    first = await take_down(store)
    lifted = await take_down(store, lift)
    assert lifted.edit != first.edit
    assert await store.barred(STORY.id) == {}
    # when the same words come again
    assert await take(store, 1, SECRETIVE, "Kystposten") is EntryResult.REVISION
    told = await events(store)
    assert [one["type"] for one in told] == [
        "claimwire.document.withdrawn.v1", "claimwire.claim.new.v1", "claimwire.claim.new.v1",
    ]  # fmt: skip
    second = await take_down(store)
    assert (second.edit != first.edit, len(second.claims), second.events) == (True, 2, 2)
    assert [one["type"] for one in await events(store)] == ["claimwire.document.withdrawn.v1"] * 2
    assert [run for run in distinct(SECRET) if run in everything(server)] == []
    assert await take(store, 1, SECRETIVE, "Kystposten") is EntryResult.TAKEN_DOWN
    readers = dict.fromkeys(("claims", "documents", "furniture", "findings"), json.loads)
    assert await store.check(STORY.id, readers) == []
    audit = await editing.audit(store, STORY.id)
    assert [one.edit.action for one in audit if one.edit] == ["takedown", "lift", "takedown"]


def test_a_copy_that_has_the_claim_in_other_words_goes_on_counting() -> None:
    def part(uri: str, *, copy: bool = False) -> Part:
        document = Document(uri=uri, publisher=uri.upper(), first_seen=NOON)
        quote, position = TextQuoteSelector(exact=SHARED), TextPositionSelector(start=0, end=len(SHARED))
        words = () if copy else (Evidence(source=uri, selector=(quote, position)),)
        return Part(document, f"{uri}-0", "w1", words, (), copy)

    parts = [part("a"), part("b"), part("c", copy=True), part("d", copy=True)]
    known = taken_from(SHARED).model_copy(update=carried(parts, lens(STORY)))
    known = counted(known, 4, 2, anew=True)

    left = without(known, "c", parts, lens(STORY), lambda *_: "")
    assert left is not None
    assert (left.documents, left.support.documents, left.support.copies) == (("a", "b", "d"), 3, 1)
    copies = [part for part in parts if part.copy]
    assert without(known, "a", [parts[0], *copies], lens(STORY), lambda *_: "") is None, "nobody shows it any more"


def taken_from(text: str) -> Known:
    """The claim of a text."""
    decided = Line(STORY, EXTRACTOR.extract).take(article(1, text))
    assert decided is not None
    return Known.model_validate_json(next(iter(decided.commit.claims.values())))
