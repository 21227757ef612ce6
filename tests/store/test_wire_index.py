from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.model import WireWrite
from service.store import keys
from service.store.store import Cursor, Store
from service.store.wire_index import Position, WireDelta, WireSize, packed, unpacked
from tests.servers import RealServer
from tests.store.builders import STORY, admit, commit_next

DAY = 741_006
GENERATION = DAY // 7
START = Position(GENERATION)


async def write(
    store: Store, wire_story: str, votes: tuple[int, ...], day: int = DAY, record: bytes = b"r", scheme: str = ""
) -> None:
    await admit(store, 1, first=(await store.state(STORY)).admitted + 1)
    await commit_next(store, wire_story=wire_story, wire=WireWrite(votes, wire_story, record, day, scheme))


async def since(
    store: Store, cursor: Cursor | None = None, *positions: Position, most: int = 100, scheme: str = ""
) -> WireDelta:
    return await store.wire_since(STORY, scheme, cursor, positions or (START,), most)


def told(delta: WireDelta) -> list[list[tuple[str, tuple[int, ...]]]]:
    return [[(wire_story, unpacked(votes)) for wire_story, votes in news.entries] for news in delta.news]


async def test_what_was_written_is_told_in_order_with_the_state_it_is_exact_at(store: Store) -> None:
    assert told(await since(store)) == [[]]
    await write(store, "w-a", (1, 2, 3))
    await write(store, "w-b", (3,))
    await write(store, "w-a", (4,))

    delta = await since(store)

    assert told(delta) == [[("w-a", (1, 2, 3)), ("w-b", (3,)), ("w-a", (4,))]]
    assert delta.news[0].position == Position(GENERATION, number=3, held=3)
    assert delta.news[0].left == 0
    assert delta.cursor == Cursor(3, (await store.state(STORY)).token)


async def test_who_has_read_is_told_the_rest(store: Store) -> None:
    await write(store, "w-a", (1, 2))
    first = await since(store)
    assert told(await since(store, first.cursor, first.news[0].position)) == [[]]
    await write(store, "w-b", (3,))

    second = await since(store, first.cursor, first.news[0].position)

    assert told(second) == [[("w-b", (3,))]]
    assert (second.lost, second.news[0].anew, second.news[0].position) == (False, False, Position(GENERATION, 2, 2))


async def test_a_long_log_is_told_in_parts(store: Store) -> None:
    for n in range(7):
        await write(store, f"w-{n}", (n,), DAY + 7 * (n % 2))
    cursor, positions = None, [Position(GENERATION + 1), START]
    seen: list[tuple[str, tuple[int, ...]]] = []
    left: list[int] = []

    while not left or left[-1]:
        delta = await since(store, cursor, *positions, most=2)
        cursor, positions = delta.cursor, [news.position for news in delta.news]
        seen += [entry for entries in told(delta) for entry in entries]
        left.append(sum(news.left for news in delta.news))

    assert left == [5, 3, 1, 0]
    assert seen == [(f"w-{n}", (n,)) for n in (1, 3, 5, 0, 2, 4, 6)]


async def test_generations_and_schemes_are_kept_apart(store: Store) -> None:
    await write(store, "w-a", (1,), scheme="one")
    await write(store, "w-b", (2,), DAY + 7, scheme="one")
    await write(store, "w-c", (3,), scheme="two")

    assert told(await since(store, None, Position(GENERATION + 1), START, scheme="one")) == [
        [("w-b", (2,))],
        [("w-a", (1,))],
    ]
    assert told(await since(store, scheme="two")) == [[("w-c", (3,))]]
    assert await store.wire_records(STORY, ["w-a"], "two") == {}


@pytest.mark.parametrize("case", ["dropped", "dropped and begun again", "its beginning cut", "one taken out"])
async def test_a_log_that_is_not_the_one_that_was_read_is_told_anew(
    store: Store, server: RealServer, case: str
) -> None:
    for n in range(3):
        await write(store, f"w-{n}", (n,))
    first = await since(store)
    name = keys.wire_generation(STORY, "", GENERATION)
    if case == "its beginning cut":
        server.tell("XTRIM", name, "MINID", "3-0")
    elif case == "one taken out":
        server.tell("XDEL", name, "2-0")
    else:
        server.tell("DEL", name)
    if case == "dropped and begun again":
        for n in range(3, 6):
            await write(store, f"w-{n}", (n,))

    second = await since(store, first.cursor, first.news[0].position)

    assert (second.lost, second.news[0].anew) == (False, True)
    assert second.news == (await since(store)).news


@pytest.mark.parametrize("case", ["another history", "trimmed", "ahead"])
async def test_a_reader_whose_history_is_gone_reads_anew(store: Store, server: RealServer, case: str) -> None:
    await write(store, "w-a", (1,))
    first = await since(store)
    await write(store, "w-b", (2,))
    cursor, position = first.cursor, first.news[0].position
    if case == "trimmed":
        server.tell("XTRIM", keys.claims_log(STORY), "MINID", "2-0")
    elif case == "another history":  # what a server has that lost its last second and went on
        cursor = Cursor(1, "token of a commit that was lost")
    else:
        cursor, position = Cursor(7, "lost"), Position(GENERATION, 7, 2)

    delta = await since(store, cursor, position)

    assert (delta.lost, delta.news[0].anew) == (True, True)
    assert told(delta) == [[("w-a", (1,)), ("w-b", (2,))]]


async def test_a_log_of_a_state_that_is_no_more_is_begun_anew(store: Store, server: RealServer) -> None:
    """Otherwise nothing could be committed any more."""
    for n in range(3):
        await write(store, f"w-{n}", (n,))
    server.tell("DEL", *(key for key in server.tell("KEYS", "*") if ":log:" not in key))

    await write(store, "w-new", (9,))

    assert told(await since(store)) == [[("w-new", (9,))]]


async def test_a_copy_that_brings_no_fingerprint_changes_the_record_alone(store: Store) -> None:
    await write(store, "w-a", (1, 2), record=b"old")
    await write(store, "w-a", (), record=b"new")

    assert told(await since(store)) == [[("w-a", (1, 2))]]
    assert await store.wire_records(STORY, ["w-a", "w-unknown"]) == {"w-a": b"new"}


async def test_a_generation_is_dropped_whole(store: Store, server: RealServer) -> None:
    await write(store, "w-a", (1, 2))

    wire = [key for key in server.tell("KEYS", f"claimwire:{{{STORY}}}:wire:*") if not key.endswith(":opened")]
    assert len(wire) == 2  # the generation, the record
    assert all(0 < server.tell("TTL", key) <= keys.WIRE_TTL_S for key in wire)


async def test_the_size_is_told_for_what_still_stands(store: Store, server: RealServer) -> None:
    assert await store.wire_size(STORY) == WireSize(0, 0)
    await write(store, "w-a", (1, 2), DAY)
    await write(store, "w-a", (3,), DAY)
    await write(store, "w-b", (1, 2), DAY + 7, scheme="other:one")
    await write(store, "w-a", (4,), DAY + 14)

    size = await store.wire_size(STORY)
    assert size.wire_stories == 2, "each counts where it was opened"
    assert 100 < size.size_bytes < 20_000

    names = [keys.wire_generation(STORY, "", GENERATION), keys.wire_generation(STORY, "other:one", GENERATION + 1)]
    server.tell("DEL", *names)
    left = await store.wire_size(STORY)
    assert left.wire_stories == 0
    assert 0 < left.size_bytes < size.size_bytes


async def test_a_wire_story_takes_less_than_a_quarter_of_a_kilobyte(store: Store) -> None:
    dice = random.Random(5)
    for n in range(200):
        await write(store, f"w1-{n:016x}", tuple(dice.getrandbits(60) for _ in range(28)))

    assert (await store.wire_size(STORY)).size_bytes / 200 < 250


@given(st.lists(st.integers(0, 2**64 - 1)))
def test_fingerprints_keep_their_low_bits_in_order_and_once(fingerprints: list[int]) -> None:
    assert unpacked(packed(fingerprints)) == tuple(dict.fromkeys(each % 2**32 for each in fingerprints))


def test_packed_fingerprints_are_the_same_on_any_machine() -> None:
    assert packed((1, 2**32 + 258)) == b"\1\0\0\0\2\1\0\0"
