"""No script stops half way: with any one of its keys of another type it writes all that it would, or nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import pytest
import redis

from service.model import EntryResult, Event, Outcome, WireWrite
from service.store import keys
from service.store.connection import Arg, Connection
from service.store.store import FeedState, Store
from service.store.values import Caps
from tests.servers import RealServer
from tests.store.builders import STORY, admit, commit_next, commit_of
from tests.store.test_dead import bury

EVENTS = keys.events(STORY)
_ONE_KEY = {"beat", "group_hold", "group_join", "group_tidy", "layout", "lease", "move_layout", "open_poll"}
_ONE_KEY |= {"redate", "replica_beat", "resume"}
"""these write nothing but the key that they look at first"""


@dataclass(frozen=True, slots=True)
class Call:
    name: str
    source: str
    keys: Sequence[str]
    rest: Sequence[Arg]
    before: dict[str, bytes]
    """what the server held"""


@contextmanager
def recorded(server: RealServer, calls: list[Call]) -> Iterator[None]:
    """Calls of scripts that changed something."""
    send = Connection.replies

    async def replies(self: Connection, commands: Sequence[Sequence[Arg]]) -> list[Any]:
        told = []
        for command in commands:
            before = server.dump()
            told += await send(self, [command])
            if command[0] == "EVAL" and server.dump() != before:
                count = int(command[2])
                source, names = str(command[1]), [str(name) for name in command[3 : 3 + count]]
                calls.append(Call(_name_of(source), source, names, command[3 + count :], before))
        return told

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Connection, "replies", replies)
        patch.setattr(Connection, "together", Connection.script)
        patch.setattr("service.store.connection.Script.by_hash", lambda script, *rest: script.in_full(*rest))
        yield


def _sources() -> dict[str, str]:
    folder = files("service.store").joinpath("scripts")
    return {path.name.removesuffix(".lua"): path.read_text("utf-8") for path in folder.iterdir()}


def _name_of(source: str) -> str:
    (name,) = (name for name, text in _sources().items() if source.endswith(text.split("\n", 1)[1]) and "#!" in text)
    return name


async def everything(store: Store, server: RealServer) -> None:
    """Each script with several keys, where it writes."""
    await admit(store, 6)
    await store.ensure_group(STORY)
    await store.take([STORY], "w", 5, 0.01)
    await store.begin(STORY, 1)
    await store.put_finding(STORY, 1, b"found")
    wire = WireWrite((1, 2), "w-1", b"record", day=741_000)
    await commit_next(store, counts={"clauses": 7}, wire=wire, furniture={"Lindholm Post": "{}"})
    await store.forget_furniture(STORY, "Lindholm Post")
    await store.retry_dead(await bury(store, 2))
    await store.drop_dead(await bury(store, 3))
    server.tell("XACK", keys.articles(STORY), keys.GROUP, "4-0")
    await store.reclaim(STORY, "w", 60)
    await store.put_finding(STORY, 4, b"found")
    await store.commit_on([(first := commit_of(await store.state(STORY), claims={"c-1": ""}))])
    assert first.number == 4
    await store.join(EVENTS, "readers", "0")
    await store.weigh([STORY], Caps(0, 0))
    await commit_next(store, outcome=Outcome.CORROBORATES)
    await _deliver(store, server)
    await store._rewrite(EVENTS)
    await store.trim(STORY, 0, 0)
    await store.leave(EVENTS, "readers")
    silent = Event({"id": "f-1", "type": "claimwire.feed.silent.v1", "sequence": "sequence"}, "{}", new_claim=False)
    await store.open_poll("one", 0, "replica", 60, 0)
    await store.open_poll("two", 0, "replica", 60, 0)
    await store.keep_leases(["one", "two"], "replica", 90, 1)
    await store.close_poll("one", 0, FeedState(etag="e"), {EntryResult.ADMITTED: 1}, "poll-1", "replica", silent)


async def _deliver(store: Store, server: RealServer) -> None:
    """Of a group's deliveries one is acknowledged, one given up and tried again, one gone before it is begun."""
    given = await store.hand_out(EVENTS, "readers", "one", 3)
    for entry in given:
        await store.start(EVENTS, "readers", "one", entry.id)
    await store.settle(EVENTS, "readers", [given[0].id])
    await store.park(EVENTS, "readers", "one", given[1], "why")
    (letter,) = await store.parked(EVENTS, "readers")
    await store.end_parked(letter, "retried", "one")
    server.tell("XDEL", EVENTS, given[2].id)
    await store.start(EVENTS, "readers", "one", given[2].id)


def half_written(server: RealServer, call: Call, source: str) -> tuple[list[str], int]:
    """The keys for whose type the script stops half way, and for how many it stops at all."""
    half, refused = list[str](), 0
    with redis.Redis(unix_socket_path=server.socket, protocol=2) as client:
        for key in dict.fromkeys(call.keys):
            client.flushall()
            for name, held in call.before.items():
                client.restore(name, 0, held)
            client.delete(key)
            client.sadd(key, "of somebody else")
            before = server.dump()
            try:
                client.eval(source, len(call.keys), *call.keys, *call.rest)
            except redis.ResponseError:
                refused += 1
                half += [key] if server.dump() != before else []
    return half, refused


async def test_a_key_of_another_type_stops_no_script_half_way(store: Store, server: RealServer) -> None:
    calls = list[Call]()
    with recorded(server, calls):
        await everything(store, server)
    writing = {name for name, source in _sources().items() if "#!lua" in source and "no-writes" not in source}
    assert {call.name for call in calls} | _ONE_KEY >= writing, "each is tried where it writes"
    for call in calls:
        half, refused = half_written(server, call, call.source)
        assert not half, f"{call.name} writes, and then stops at {half}"
        assert refused, call.name


_LOOK = re.compile(
    r"^\s*(?:redis\.)?call\('[HX]LEN', KEYS.*\n|^\s*redis\.call\('HGET', KEYS\[2\], 'starts'\).*\n", re.M
)


@pytest.mark.parametrize("name", ["admit", "close_poll", "commit", "dead_letter", "group_settle"])
async def test_without_its_look_before_it_writes_a_script_stops_half_way(
    store: Store, server: RealServer, name: str
) -> None:
    calls = list[Call]()
    with recorded(server, calls):
        await everything(store, server)
    tried = [half_written(server, call, _LOOK.sub("", call.source))[0] for call in calls if call.name == name]
    assert any(tried)
