from __future__ import annotations

import random

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.model import WireWrite
from service.store import keys
from service.store.store import Store
from service.store.wire_buckets import MEAN, Asked
from service.store.wire_index import CROWD, WireSize
from tests.servers import RealServer
from tests.store.builders import STORY, admit, commit_next

DAY = 741_006
U64 = st.integers(0, 2**64 - 1)
LOW = 2**32 - 1


async def write(
    store: Store, wire_story: str, votes: tuple[int, ...], day: int = DAY, record: bytes = b"r", scheme: str = ""
) -> None:
    await admit(store, 1, first=(await store.state(STORY)).admitted + 1)
    await commit_next(store, wire_story=wire_story, wire=WireWrite(votes, wire_story, record, day, scheme))


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
    generation = keys.wire_generation(STORY, "", DAY // 7)
    assert int(server.tell("HSTRLEN", generation, 1)) == 6 * CROWD, "it does not grow on"


async def test_a_generation_is_dropped_whole(store: Store, server: RealServer) -> None:
    await write(store, "w-a", (1, 2))

    wire = [key for key in server.tell("KEYS", f"claimwire:{{{STORY}}}:wire:*") if not key.endswith(":generations")]
    assert len(wire) == 2  # the generation, the record
    assert all(0 < server.tell("TTL", key) <= keys.WIRE_TTL_S for key in wire)


async def test_an_index_never_mixes_two_schemes(store: Store) -> None:
    await write(store, "w-a", (1, 2), scheme="one")

    assert await store.wire_votes(STORY, (1, 2), DAY, "one") == {"w-a": 2}
    assert await store.wire_votes(STORY, (1, 2), DAY, "two") == {}
    assert await store.wire_records(STORY, ["w-a"], "two") == {}


async def test_wire_stories_with_fewer_votes_than_asked_are_not_told(store: Store) -> None:
    await write(store, "w-a", (1, 2, 3))
    await write(store, "w-b", (3, 4))

    assert await store.wire_votes(STORY, (1, 2, 3), DAY, least=2) == {"w-a": 3}


async def test_fingerprints_that_agree_in_their_low_bits_are_one(store: Store) -> None:
    await write(store, "w-a", (5, 5 + 2**32, 5 + 2**31))

    assert await store.wire_votes(STORY, (5,), DAY) == {"w-a": 1}
    assert await store.wire_votes(STORY, (5, 5 + 2**40), DAY) == {"w-a": 1}
    assert await store.wire_votes(STORY, (5 + 2**31,), DAY) == {"w-a": 1}


async def test_the_size_is_told_for_what_still_stands(store: Store, server: RealServer) -> None:
    assert await store.wire_size(STORY) == WireSize(0, 0)
    await write(store, "w-a", (1, 2), DAY)
    await write(store, "w-a", (3,), DAY)
    await write(store, "w-b", (1, 2), DAY + 7, scheme="other:one")

    size = await store.wire_size(STORY)
    assert size.wire_stories == 2
    assert 100 < size.size_bytes < 2_000

    server.tell("DEL", keys.wire_generation(STORY, "", DAY // 7))
    assert (await store.wire_size(STORY)).wire_stories == 1


async def test_buckets_are_divided_as_the_index_grows_and_nothing_is_lost(store: Store, server: RealServer) -> None:
    rng = random.Random(5)
    texts = {f"w-{n}": tuple(rng.randrange(2**64) for _ in range(500)) for n in range(30)}
    for name, votes in texts.items():
        await write(store, name, votes)

    found = [await store.wire_votes(STORY, votes, DAY, least=2) for votes in texts.values()]

    assert found == [{name: 500} for name in texts]
    generation = keys.wire_generation(STORY, "", DAY // 7)
    assert server.tell("HGET", generation, "pairs") == "15000"
    fields = [field for field in server.tell("HKEYS", generation) if field.isdigit()]
    assert max(map(int, fields)) == 15_000 // MEAN - 1, "as many buckets as the pairs ask for"
    lengths = [server.tell("HSTRLEN", generation, field) for field in fields]
    assert sum(lengths) == 6 * 15_000


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

    asked_low = {vote & LOW for vote in query}
    expected = {f"w-{n}": len(asked_low & {vote & LOW for vote in votes}) for n, votes in enumerate(texts)}
    assert votes_by_story == {name: count for name, count in expected.items() if count}


async def test_a_reader_that_knew_the_index_smaller_finds_all_the_same(store: Store, server: RealServer) -> None:
    """It asks for the buckets of the size that it knows, and asks again."""
    reader = await Store.open(server.url)
    rng = random.Random(6)
    texts = {f"w-{n}": tuple(rng.randrange(2**64) for _ in range(500)) for n in range(30)}
    for n, (name, votes) in enumerate(texts.items()):
        await write(store, name, votes)
        if n % 10 == 0:
            assert await reader.wire_votes(STORY, votes, DAY) == {name: 500}

    assert [await reader.wire_votes(STORY, votes, DAY) for votes in texts.values()] == [{name: 500} for name in texts]
    server.tell("FLUSHALL")
    assert await reader.wire_votes(STORY, texts["w-0"], DAY) == {}, "and one that knew it larger"
    await reader.close()


async def test_several_texts_are_counted_in_one_question(store: Store) -> None:
    await write(store, "w-a", (1, 2, 3))
    await write(store, "w-b", (3, 4), DAY - 7)
    names = [keys.wire_generation(STORY, "", DAY // 7 - back) for back in range(3)]

    counted = await store.wire_counts(names, [Asked((1, 2, 3)), Asked(()), Asked((9,)), Asked((4, 3))], 1)

    assert counted == [{1: (3, names[0]), 2: (1, names[1])}, {}, {}, {1: (1, names[0]), 2: (2, names[1])}]
