"""A store is checked while it works: what is well is never told of, and each thing that is not is told in words."""

from __future__ import annotations

import asyncio
import json

import pytest

from service.model import Outcome, WireWrite
from service.store import keys
from service.store.checking import Reads
from service.store.store import Store
from tests.servers import RealServer
from tests.store.builders import STORY, TTL_S, admit, article, commit_next, commit_of, event

READS: Reads = {
    "claims": json.loads,
    "documents": json.loads,
    "furniture": json.loads,
    "findings": bytes.decode,
    "wire:s": json.loads,
}
Command = tuple[str | int, ...]


async def furnish(store: Store) -> None:
    """Eight articles: four committed, one of them parked and retried, one found, one in hand, the rest to be taken."""
    await store.ensure_group(STORY)
    await admit(store, 7)
    for number in (1, 2, 3):
        wire = WireWrite((number,), f"w-{number}", b"{}", 741_006, "s")
        await commit_next(store, furniture={"Lindholm Post": "{}"}, wire=wire)
    await store.dead_letter(STORY, 4, "4-0", "why", "", "w")
    await commit_next(store, outcome=Outcome.PARKED, events=(), claims={}, documents={})
    await store.retry_dead((await store.dead_letters(STORY))[0])
    await store.begin(STORY, 6)
    taken = await store.take([STORY], "w", 6, 0.1)
    await store.put_finding(STORY, taken[-1].number, b"found")


async def told(store: Store) -> list[str]:
    wrong = await store.check_keys([STORY])
    return [complaint for told in wrong.values() for complaint in told] or await store.check(STORY, READS)


async def test_nothing_is_told_of_a_store_that_is_well(store: Store, server: RealServer) -> None:
    await furnish(store)
    before = server.dump()

    assert await told(store) == []
    assert server.dump() == before


async def test_nothing_is_told_of_an_empty_store_nor_of_one_whose_furniture_was_forgotten(store: Store) -> None:
    assert await told(store) == []
    await furnish(store)
    assert await store.forget_furniture(STORY, "Lindholm Post")
    assert await told(store) == []
    await commit_next(store)
    assert await told(store) == []


STATE, COUNTS, EVENTS, NEW = keys.state(STORY), keys.counts(STORY), keys.events(STORY), keys.new_claims(STORY)
BREAKS: list[tuple[Command, str]] = [
    (("HSET", STATE, "committed", 9), "9 articles are committed, but only 8 admitted"),
    (("HINCRBY", STATE, "admitted", 1), "9 articles are admitted, but 8 admissions were counted"),
    (("HINCRBY", COUNTS, "entry:retry", 1), "8 articles are admitted, but 9 admissions were counted"),
    (("HINCRBY", COUNTS, "outcome:copy", 1), "4 articles are committed, but 5 outcomes were counted"),
    (("HINCRBY", COUNTS, "event:x", 1), "the last event has sequence 3, but 4 events were counted"),
    (("DEL", EVENTS), "3 events were written, and their stream is gone"),
    (("HSET", STATE, "token", "other"), "the token is other, but the last commit left"),
    (("XADD", EVENTS, "*", "id", "e-9", "sequence", 9), "event 9 comes after event 3"),
    (("XADD", EVENTS, "*", "id", "e-1", "sequence", 4), "events 1 and 4 have one id, e-1"),
    (("XADD", EVENTS, "*", "id", "e-4", "sequence", 4), "there is an event 4, but only 3 were written"),
    (("XADD", NEW, "*", "id", "e-7", "sequence", 3), "the new claim e-7 of sequence 3 is no event of the story"),
    (("HINCRBY", STATE, "sequence", 1), "the last event has sequence 3, but 4 were written"),
    (("HINCRBY", STATE, "sequence", 1), "the outcomes tell of 3 events, but 4 were written"),
    (("HSET", STATE, "committed", 0), "there is a token, but nothing is committed"),
    (("XADD", NEW, "*", "id", "e-1", "sequence", 1), "among the new claims, event 1 comes after event 3"),
    (("HSET", keys.findings(STORY), 2, "late"), "there is a finding for number 2, which is not open (open are 5 to 8)"),
    (("HSET", keys.starts(STORY), 9, "1 x"), "there is a count of starts for number 9, which is not open"),
    (("XACK", keys.articles(STORY), keys.GROUP, "5-0"), "number 5 is open, was handed out, and is in nobody's hands"),
    (("XDEL", keys.articles(STORY), "8-0"), "number 8 is open, but its entry is gone"),
    (("DEL", keys.claims_log(STORY)), "the log of claims ends at number 0, but 4 are committed"),
    (("XDEL", keys.claims_log(STORY), "2-0"), "the log of claims has 3 entries from 1 to 4: some are missing"),
    (("XDEL", keys.outcomes(STORY), "3-0"), "the stream of outcomes has 3 entries from 1 to 4: some are missing"),
    (("DEL", keys.doc(STORY, article(6).id)), "the text of number 6 is gone, and it is open"),
    (("HSET", keys.claims(STORY), "c-1", "{"), "the record of c-1 in claims cannot be read: JSONDecodeError"),
    (("HSET", keys.documents(STORY), "d-1", "{"), "the record of d-1 in documents cannot be read: JSONDecodeError"),
    (("HSET", keys.furniture(STORY), "S", "{"), "the record of S in furniture cannot be read: JSONDecodeError"),
    (("SET", keys.wire_record(STORY, "s", "w-9"), "{"), "the record of w-9 in wire:s cannot be read"),
    (
        ("XADD", keys.wire_generation(STORY, "s", 105858), "9-0", "w", "w-9", "f", "odd"),
        "the entry 9-0 of the wire log",
    ),
    (("SET", "claimwire:{nowhere}:state", 1), "1 keys are of nowhere, which no story file is about"),
    (("SET", f"claimwire:{{{STORY}}}:novel", 1), "nobody knows the key novel"),
    (("SET", "claimwire:novel", 1), "nobody knows the key claimwire:novel"),
    (("SET", keys.wire_opened(STORY), 1), "the key wire:opened is a string instead of a hash"),
]


@pytest.mark.parametrize(("command", "words"), BREAKS, ids=[f"{command[0]}-{words}" for command, words in BREAKS])
async def test_what_is_broken_is_told(valkey: RealServer, command: Command, words: str) -> None:
    store = await Store.open(valkey.url)
    await furnish(store)
    valkey.tell(*command)

    complaints = await told(store)

    await store.close()
    assert any(words in complaint for complaint in complaints), complaints


async def test_an_entry_in_somebody_s_hands_that_is_committed_is_told(store: Store, server: RealServer) -> None:
    await furnish(store)
    server.tell("XGROUP", "CREATE", keys.articles(STORY), "again", "0")
    server.tell("XGROUP", "SETID", keys.articles(STORY), keys.GROUP, "0")
    server.tell("XREADGROUP", "GROUP", keys.GROUP, "w", "COUNT", 1, "STREAMS", keys.articles(STORY), ">")

    assert "number 1 is in the hands of a worker, but not open (open are 5 to 8)" in await told(store)


@pytest.mark.parametrize(
    ("at", "words"), [(1, "event 3 comes after event 1"), (2, "the last event has sequence 2, but")]
)
async def test_an_event_that_is_missing_is_told(store: Store, server: RealServer, at: int, words: str) -> None:
    await furnish(store)
    server.tell("XDEL", EVENTS, (await store.range(EVENTS))[at].id)

    assert any(words in complaint for complaint in await told(store))


async def test_outcomes_that_are_not_those_that_were_counted_are_told(store: Store, server: RealServer) -> None:
    await furnish(store)
    server.tell("HINCRBY", COUNTS, "outcome:copy", 1)
    server.tell("HINCRBY", COUNTS, "outcome:announced", -1)

    assert await told(store) == [
        "the outcomes are 3 announced, 1 parked, but counted are 2 announced, 1 copy, 1 parked"
    ]


async def test_a_store_that_works_meanwhile_is_well_all_the_time(store: Store) -> None:
    await store.ensure_group(STORY)

    async def work() -> None:
        for number in range(1, 150):
            await store.admit(STORY, article(number), "poll-1", TTL_S)
            for admission in await store.take([STORY], "w", 1, 0.1):
                await store.put_finding(STORY, admission.number, b"found")
            state = await store.state(STORY)
            await store.commit(commit_of(state, events=(event(state.sequence + 1), event(state.sequence + 2))))
            if number % 20 == 0:
                await store.trim(STORY, 0.05)

    working = asyncio.create_task(work())
    checks = 0
    while not working.done():
        assert await told(store) == []
        checks += 1
    await working
    assert checks > 5
