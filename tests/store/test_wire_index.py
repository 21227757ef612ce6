from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.model import WireWrite
from service.store import keys
from service.store.store import Store
from service.store.wire_index import CROWD, packed
from tests.servers import RealServer
from tests.store.builders import STORY, admit, commit_next

DAY = 741_006
U64 = st.integers(0, 2**64 - 1)


async def write(store: Store, wire_story: str, votes: tuple[int, ...], day: int = DAY, record: bytes = b"r") -> None:
    await admit(store, 1, first=(await store.state(STORY)).admitted + 1)
    await commit_next(store, wire_story=wire_story, wire=WireWrite(votes, wire_story, record, day))


async def test_votes_are_counted_by_wire_story(store: Store) -> None:
    await write(store, "w-a", (1, 2, 3))
    await write(store, "w-b", (3, 4))

    assert await store.wire_votes(STORY, (1, 2, 3, 9), DAY) == {"w-a": 3, "w-b": 1}
    assert await store.wire_votes(STORY, (), DAY) == {}


async def test_a_copy_that_adds_fingerprints_votes_for_the_same_wire_story(store: Store) -> None:
    await write(store, "w-a", (1, 2), record=b"old")
    await write(store, "w-a", (2, 3), record=b"new")

    assert await store.wire_votes(STORY, (1, 2, 3), DAY) == {"w-a": 3}
    assert await store.wire_records(STORY, ["w-a", "w-unknown"]) == {"w-a": b"new"}


async def test_two_generations_back_are_seen_and_older_ones_are_not(store: Store) -> None:
    await write(store, "w-a", (1, 2), DAY)

    seen = {weeks: await store.wire_votes(STORY, (1, 2), DAY + 7 * weeks) for weeks in range(-1, 4)}

    assert seen == {-1: {}, 0: {"w-a": 2}, 1: {"w-a": 2}, 2: {"w-a": 2}, 3: {}}


async def test_a_fingerprint_seen_again_in_a_later_week_counts_once(store: Store) -> None:
    await write(store, "w-a", (1,), DAY)
    await write(store, "w-a", (1,), DAY + 7)

    assert await store.wire_votes(STORY, (1, 1), DAY + 7) == {"w-a": 1}


async def test_a_phrase_of_the_trade_stops_voting(store: Store, server: RealServer) -> None:
    for n in range(CROWD - 1):
        await write(store, f"w-{n}", (1, 100 + n))
    assert len(await store.wire_votes(STORY, (1,), DAY)) == CROWD - 1

    await write(store, "w-last", (1, 200))
    assert await store.wire_votes(STORY, (1,), DAY) == {}
    assert await store.wire_votes(STORY, (1, 200), DAY) == {"w-last": 1}

    await write(store, "w-one-more", (1,))
    bucket = keys.wire_bucket(STORY, DAY // 7, 1)
    assert int(server.tell("HSTRLEN", bucket, packed(1))) == 4 * CROWD, "it does not grow on"


async def test_a_generation_is_dropped_whole(store: Store, server: RealServer) -> None:
    await write(store, "w-a", (1, 2))

    wire = server.tell("KEYS", f"claimwire:{{{STORY}}}:wire:*")
    assert len(wire) == 4  # two buckets, the ids, the record
    assert all(0 < server.tell("TTL", key) <= keys.WIRE_TTL_S for key in wire)


async def test_buckets_stay_in_the_compact_encoding(store: Store, server: RealServer) -> None:
    votes = tuple(keys.WIRE_BUCKETS * n for n in range(100))  # all of one bucket
    await write(store, "w-a", votes)

    assert server.tell("OBJECT", "ENCODING", keys.wire_bucket(STORY, DAY // 7, 0)) == "listpack"


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=st.lists(st.sets(U64, min_size=1, max_size=20), min_size=1, max_size=CROWD - 1), asked=st.sets(U64))
async def test_the_index_says_what_a_dictionary_would(
    valkey: RealServer, texts: list[set[int]], asked: set[int]
) -> None:
    valkey.tell("FLUSHALL")
    store = await Store.open(valkey.url)
    for n, votes in enumerate(texts):
        await write(store, f"w-{n}", tuple(sorted(votes)))
    query = asked | texts[0]

    votes_by_story = await store.wire_votes(STORY, sorted(query), DAY)
    await store.close()

    assert votes_by_story == {f"w-{n}": len(query & votes) for n, votes in enumerate(texts) if query & votes}
