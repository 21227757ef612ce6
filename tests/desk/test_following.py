"""A worker that follows the wire index says what one that reads it now says, whatever happened to the server."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator, Iterable, Sequence
from copy import copy
from pathlib import Path

import pytest
import redis
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from service.model import WireWrite
from service.store import keys, wire_index
from service.store.store import Cursor, Store
from service.store.wire_index import Position, WireDelta
from tests.servers import EACH_WRITE, RealServer
from tests.servers import valkey as valkey_binary
from tests.store.builders import STORY, admit, commit_next
from workers.desk.following import Followed, Following
from workers.desk.records import Records
from workers.wire import pure
from workers.wire.index import CROWD, GENERATIONS

DAY = 741_006


class Counting(Store):
    """Counts the questions."""

    asked = fetched = 0

    async def wire_records_at(self, story: str, ids: Iterable[str], scheme: str = "") -> tuple[str, dict[str, bytes]]:
        self.fetched += len(asked := list(ids))
        return await super().wire_records_at(story, asked, scheme)

    async def wire_since(
        self, story: str, scheme: str, cursor: Cursor | None, positions: Sequence[Position], most: int = 3
    ) -> WireDelta:
        self.asked += 1
        return await super().wire_since(story, scheme, cursor, positions, most)


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Counting]:
    opened = await Counting.open(valkey.url)
    assert isinstance(opened, Counting)
    yield opened
    await opened.close()


async def write(
    store: Store, wire_story: str, votes: tuple[int, ...], day: int = DAY, by: Following | None = None
) -> None:
    """A commit; `by` is told of its own."""
    await admit(store, 1, first=(await store.state(STORY)).admitted + 1)
    state = await store.state(STORY)
    wire = WireWrite(votes, wire_story, f"{wire_story} {state.committed} {state.token} {votes}".encode(), day)
    commit = await commit_next(store, wire_story=wire_story, wire=wire)
    if by is not None:
        by.wrote(wire, commit.token, Cursor(commit.number, commit.next_token()))


async def votes(following: Following, asked: Sequence[int], day: int = DAY) -> dict[str, int]:
    await following.catch_up(day)
    return following.votes(pure.pack("Q", asked), day)


def follower(store: Store) -> Following:
    return Following(store, STORY, "")


async def test_what_others_write_is_followed(store: Counting) -> None:
    following = follower(store)
    assert await votes(following, (1, 2)) == {}

    await write(store, "w-a", (1, 2))
    await write(store, "w-b", (2,), DAY - 7)

    assert await votes(following, (1, 2)) == {"w-a": 2, "w-b": 1}


async def test_where_nothing_is_new_nothing_is_asked(store: Counting) -> None:
    following = follower(store)
    await write(store, "w-a", (1, 2))
    token = (await store.state(STORY)).token
    assert await following.catch_up(DAY, token)
    store.asked = 0

    assert await following.catch_up(DAY, token) == Cursor(1, token)

    assert store.asked == 0
    assert await following.catch_up(DAY + 7, token)
    assert store.asked == 1, "another week is looked at"


async def test_what_a_worker_writes_it_need_not_read(store: Counting) -> None:
    following = follower(store)
    await following.catch_up(DAY, "")
    store.asked = 0

    for n in range(CROWD + 1):
        await write(store, f"w-{n}", (1, 100 + n), by=following)
        assert await following.catch_up(DAY, (await store.state(STORY)).token)

    assert store.asked == 0
    found = following.votes(pure.pack("Q", (1, 103)), DAY)
    assert found == {"w-3": 1}
    assert found == await votes(follower(store), (1, 103))


async def test_what_a_worker_writes_behind_something_unread_it_reads_with_that(store: Counting) -> None:
    following = follower(store)
    await following.catch_up(DAY, "")
    await write(store, "w-other", (1,))

    await write(store, "w-own", (1, 2), by=following)

    assert await votes(following, (1, 2)) == {"w-other": 1, "w-own": 2}
    assert following.wire_stories == 2


async def test_a_state_that_has_moved_on_is_told(store: Counting) -> None:
    following = follower(store)
    await write(store, "w-a", (1,))
    before = (await store.state(STORY)).token
    await write(store, "w-b", (1,))

    assert await following.catch_up(DAY, before) is None
    assert await following.catch_up(DAY, (await store.state(STORY)).token)


class Overtaken(Counting):
    """Others write while it reads."""

    async def wire_since(
        self, story: str, scheme: str, cursor: Cursor | None, positions: Sequence[Position], most: int = 3
    ) -> WireDelta:
        if self.asked < 5:
            await write(self, f"w-late-{self.asked}", (50 + self.asked,))
        return await super().wire_since(story, scheme, cursor, positions, most)


async def test_a_long_log_is_read_in_parts_while_others_write(store: Counting, valkey: RealServer) -> None:
    for n in range(20):
        await write(store, f"w-{n}", (n,), DAY - 7 * (n % 3))
    overtaken = await Overtaken.open(valkey.url)
    assert isinstance(overtaken, Overtaken)
    following = follower(overtaken)

    cursor = await following.catch_up(DAY)

    await overtaken.close()
    found = following.votes(pure.pack("Q", range(60)), DAY)
    assert found == {f"w-{n}": 1 for n in range(20)} | {f"w-late-{n}": 1 for n in range(5)}
    assert cursor == Cursor(25, (await store.state(STORY)).token)
    assert overtaken.asked == 9, "three entries at a time"


def restore(server: RealServer, dumped: dict[str, bytes]) -> None:
    """The server as it was then: what came after is lost, as when a disk has not everything."""
    with redis.Redis(unix_socket_path=server.socket, protocol=2) as client:
        client.flushall()
        for key, content in dumped.items():
            client.restore(key, 0, content)


async def rolled_back(store: Store, server: RealServer, following: Following) -> None:
    """A follower read a third commit that the server lost; the server has another one now."""
    await write(store, "w-1", (1,))
    await write(store, "w-2", (2,))
    kept = server.dump()
    await write(store, "w-lost", (3, 4))
    assert await votes(following, (3, 4)) == {"w-lost": 2}
    restore(server, kept)
    await store._connection.run("HSET", keys.state(STORY), "admitted", 2)
    await write(store, "w-other", (4, 5))


async def test_entries_that_the_server_lost_are_not_believed(store: Counting, valkey: RealServer) -> None:
    following = follower(store)
    await rolled_back(store, valkey, following)

    assert await votes(following, (1, 2, 3, 4, 5)) == {"w-1": 1, "w-2": 1, "w-other": 2}


async def test_without_the_token_they_would_be(
    store: Counting, valkey: RealServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: as many entries as before, and a position that is there."""
    credulous = copy(wire_index._WIRE_SINCE)
    source = credulous.source
    assert source.count("return logged and logged[2][2] == token") == 1
    source = source.replace("return logged and logged[2][2] == token", "return number > 0")
    credulous.source, credulous.sha = source, hashlib.sha1(source.encode()).hexdigest()
    monkeypatch.setattr(wire_index, "_WIRE_SINCE", credulous)
    following = follower(store)
    await rolled_back(store, valkey, following)

    assert await votes(following, (1, 2, 3, 4, 5)) == {"w-1": 1, "w-2": 1, "w-lost": 2}


async def test_a_worker_ahead_of_the_server_goes_back_with_it(store: Counting, valkey: RealServer) -> None:
    following = follower(store)
    await following.catch_up(DAY, "")
    await write(store, "w-1", (1,), by=following)
    kept = valkey.dump()
    await write(store, "w-lost", (2,), by=following)
    restore(valkey, kept)

    assert await following.catch_up(DAY, (await store.state(STORY)).token)
    assert following.votes(pure.pack("Q", (1, 2)), DAY) == {"w-1": 1}


async def test_a_week_that_was_not_looked_at_since_is_not_now_because_the_server_is_back_there(
    store: Counting, valkey: RealServer
) -> None:
    following = follower(store)
    await write(store, "w-a", (1,))
    token = (await store.state(STORY)).token
    assert await following.catch_up(DAY, token)
    kept = valkey.dump()
    await write(store, "w-lost", (2,), DAY + 7 * GENERATIONS)
    lost = (await store.state(STORY)).token
    assert await following.catch_up(DAY + 7 * GENERATIONS, lost) == Cursor(2, lost)
    restore(valkey, kept)

    assert await following.catch_up(DAY, token) == Cursor(1, token)
    assert (await records(following, "w-a") or {}).keys() == {"w-a"}, "asked at the state that is"


@pytest.mark.parametrize("cut_bytes", [1, 400, 1_500])
async def test_a_disk_that_has_not_everything(cut_bytes: int) -> None:
    server = RealServer(valkey_binary(), ["--appendonly", "yes", *EACH_WRITE]).start()
    store = await Store.open(server.url)
    following = follower(store)
    for n in range(4):
        await write(store, f"w-{n}", (n,))
    await votes(following, range(4))
    server.kill()
    (log,) = Path(server.socket).parent.glob("appendonlydir/*.incr.aof")
    os.truncate(log, log.stat().st_size - cut_bytes)
    server.start()
    committed = (await store.state(STORY)).committed
    await store._connection.run("HSET", keys.state(STORY), "admitted", 4)
    assert committed < 4
    assert await votes(following, range(4)) == {f"w-{n}": 1 for n in range(committed)}

    wire = WireWrite((9,), "w-other", b"record", DAY)
    while (await store.state(STORY)).committed < 4:
        await commit_next(store, wire_story="w-other", wire=wire)

    found = await votes(following, (*range(4), 9))
    await store.close()
    server.stop()
    assert found == {f"w-{n}": 1 for n in range(committed)} | {"w-other": 1}


async def test_weeks_are_kept_for_clocks_that_go_to_and_fro_and_no_more_of_them(store: Counting) -> None:
    following = follower(store)
    for week in range(12):
        await write(store, f"w-{week}", (week,), DAY + 7 * week)
        await following.catch_up(DAY + 7 * week)
    assert following.wire_stories == 2 * GENERATIONS
    store.asked = 0
    token = (await store.state(STORY)).token

    for _ in range(3):
        for week in (11, 8):
            assert await following.catch_up(DAY + 7 * week, token)
            asked = pure.pack("Q", range(12))
            assert following.votes(asked, DAY + 7 * week) == {
                f"w-{n}": 1 for n in sorted((week, week - 1, week - 2), key=str)
            }
    assert store.asked == 1, "the older weeks were behind, and both are kept"
    assert await votes(following, range(12), DAY) == {"w-0": 1}


async def test_the_story_not_looked_at_for_longest_is_forgotten(store: Counting) -> None:
    followed = Followed(store, most=3)
    for n in range(3):
        await write(store, f"w-{n}", (n,))
    first = followed.of(STORY)
    first._scheme = ""
    assert await votes(first, (0, 1, 2)) == {"w-0": 1, "w-1": 1, "w-2": 1}

    assert followed.of("another") is not first
    assert followed.of(STORY) is first, "there is room for both"
    other = followed.of("another")
    other._index.enlist("w-x", pure.pack("Q", (1,)), "", 1)
    assert followed.of("another") is other
    assert followed.of(STORY) is not first
    assert followed.of(STORY).wire_stories == 0


async def records(following: Following, *ids: str) -> dict[str, bytes] | None:
    await following.catch_up(DAY)
    return await following.records(ids)


async def test_records_that_a_worker_wrote_or_read_are_not_asked_for_again(store: Counting) -> None:
    following = follower(store)
    await write(store, "w-other", (1,))
    await following.catch_up(DAY)
    await write(store, "w-own", (2,), by=following)

    told = [await records(following, "w-own", "w-other", "w-unknown") for _ in range(3)]

    assert told[0] == await store.wire_records(STORY, ["w-own", "w-other"])
    assert told[1:] == told[:1] * 2
    assert store.fetched == 2 + 2 + 1 + 1, "the unknown one is asked for each time"


async def test_of_what_others_write_only_that_is_asked_for_anew(store: Counting) -> None:
    following = follower(store)
    for name in ("w-a", "w-b"):
        await write(store, name, (1,))
    before = await records(following, "w-a", "w-b")
    await write(store, "w-b", (2,))
    store.fetched = 0

    after = await records(following, "w-a", "w-b")

    assert store.fetched == 1
    assert before is not None and after is not None
    assert (after["w-a"] == before["w-a"], after["w-b"] == before["w-b"]) == (True, False)


async def changed_by_others(store: Counting, case: str) -> tuple[dict[str, bytes] | None, dict[str, bytes]]:
    """What a worker remembers of a wire story that another changed, and what it is."""
    following = follower(store)
    await write(store, "w-a", (1,))
    await records(following, "w-a")
    if case == "the log names it":
        await write(store, "w-a", (2,))
    elif case == "no log names it":
        await write(store, "w-a", ())
    elif case == "in a week that is not looked at":
        await write(store, "w-a", (2,), DAY + 70)
    else:
        await write(store, "w-a", ())
        await following.catch_up(DAY + 7)
        await write(store, "w-b", (3,), DAY - 14)
    return await records(following, "w-a"), await store.wire_records(STORY, ["w-a"])


HIDDEN = ["the log names it", "no log names it", "in a week that is not looked at", "behind another week's entry"]


@pytest.mark.parametrize("case", HIDDEN)
async def test_what_others_changed_is_not_remembered(store: Counting, case: str) -> None:
    found, expected = await changed_by_others(store, case)

    assert found == expected


@pytest.mark.parametrize("case", HIDDEN)
async def test_without_forgetting_it_would_be(store: Counting, case: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control."""
    monkeypatch.setattr(Following, "_forget_records", lambda *_: None)

    found, expected = await changed_by_others(store, case)

    assert found != expected


async def test_records_of_a_state_that_is_not_the_workers_are_none(store: Counting) -> None:
    following = follower(store)
    await write(store, "w-a", (1,))
    await following.catch_up(DAY)
    await write(store, "w-b", (1,))

    assert await following.records(["w-a"]) is None
    assert await following.records([]) == {}
    assert await records(following, "w-a") == await store.wire_records(STORY, ["w-a"])


def test_records_are_bounded_and_the_one_not_asked_for_longest_goes_first() -> None:
    kept = Records(most_bytes=100)
    for name in "abc":
        kept.put(name, bytes(30))
    assert kept.get("a") == bytes(30)
    kept.put("c", bytes(40))

    kept.put("d", bytes(30))

    assert ([kept.get(name) is None for name in "abcd"], kept.size_bytes) == ([False, True, False, False], 100)
    kept.put("e", bytes(101))
    assert ([kept.get(name) for name in "acde"], kept.size_bytes) == ([None] * 4, 0)


async def test_stories_are_forgotten_for_their_records_too(store: Counting) -> None:
    followed = Followed(store, most_bytes=100)
    first = followed.of(STORY)
    first._records.put("w-a", bytes(60))
    second = followed.of("another")
    assert followed.of(STORY) is first
    second._records.put("w-b", bytes(60))

    assert followed.of("another") is second
    assert followed.of(STORY) is not first


texts = (st.integers(0, 5), st.sets(st.integers(0, 12), max_size=4), st.integers(-1, 3))
nothing = (st.just(0), st.just(set[int]()), st.integers(-1, 3))
steps = st.lists(
    st.tuples(st.sampled_from(["write", "own write"]), *texts)
    | st.tuples(st.sampled_from(["look", "keep", "lose", "drop", "forget"]), *nothing),
    max_size=14,
)
Step = tuple[str, int, set[int], int]
LOST: list[Step] = [("write", 1, {1}, 0), ("keep", 0, set(), 0), ("write", 2, {2}, 0), ("lose", 0, set(), 0)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=steps)
@example(steps=[*LOST, ("write", 3, {2}, 0)])
async def test_a_follower_says_what_a_fresh_reader_says(valkey: RealServer, steps: list[Step]) -> None:
    valkey.tell("FLUSHALL")
    kept: dict[str, bytes] = {}
    store = await Counting.open(valkey.url)
    following = follower(store)
    for what, wire_story, fingerprints, week in steps:
        day = DAY + 7 * week
        if what == "write":
            await write(store, f"w-{wire_story}", tuple(sorted(fingerprints)), day)
        elif what == "own write":
            await following.catch_up(day)
            await write(store, f"w-{wire_story}", tuple(sorted(fingerprints)), day, by=following)
        elif what == "keep":
            kept = valkey.dump()
        elif what == "lose":
            restore(valkey, kept)
        elif what == "drop":
            valkey.tell("DEL", keys.wire_generation(STORY, "", day // 7))
        elif what == "forget":
            valkey.tell("DEL", keys.claims_log(STORY))
        assert await votes(following, range(13), day) == await votes(follower(store), range(13), day), what
        ids = [f"w-{n}" for n in range(6)]
        assert await following.records(ids) == await store.wire_records(STORY, ids), what
    await store.close()
