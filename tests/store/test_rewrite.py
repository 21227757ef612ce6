"""A stream is written anew: what was deleted stands nowhere, and its readers notice nothing."""

from __future__ import annotations

from typing import Any

import pytest

from service.store.store import Store
from service.store.takedowns import _REWRITE
from tests.servers import RealServer

STREAM, SECRET = "claimwire:{x}:events", "Sunniva Rask has a hidden account"


@pytest.fixture
def filled(server: RealServer) -> RealServer:
    """Seven entries, two of them deleted, and groups that stand at different places."""
    tell = server.tell
    for number in range(1, 8):
        tell("XADD", STREAM, f"{number}-0", "data", SECRET if number in (2, 7) else f"word {number}", "n", number)
    tell("XGROUP", "CREATE", STREAM, "ahead", "5-0")
    tell("XGROUP", "CREATE", STREAM, "behind", "0")
    tell("XREADGROUP", "GROUP", "behind", "one", "COUNT", 3, "STREAMS", STREAM, ">")
    tell("XREADGROUP", "GROUP", "behind", "two", "COUNT", 1, "STREAMS", STREAM, ">")
    tell("XGROUP", "CREATECONSUMER", STREAM, "ahead", "idle")
    tell("XACK", STREAM, "behind", "1-0")
    tell("XCLAIM", STREAM, "behind", "two", 0, "3-0", "IDLE", 5000, "RETRYCOUNT", 4, "JUSTID")
    tell("XDEL", STREAM, "2-0", "7-0")
    return server


async def rewrite(server: RealServer, stream: str = STREAM) -> int:
    store = await Store.open(server.url)
    try:
        return int(await store._connection.script(_REWRITE, (stream, f"{stream}:rewritten"), (2,)))
    finally:
        await store.close()


def groups(server: RealServer) -> dict[str, dict[str, Any]]:
    found = server.tell("XINFO", "GROUPS", STREAM)
    return {group[1]: dict(zip(group[::2], group[1::2], strict=True)) for group in found}


async def test_no_word_of_what_was_deleted_is_left(filled: RealServer) -> None:
    filled.tell("CONFIG", "SET", "rdbcompression", "no")
    assert SECRET.encode() in filled.dump()[STREAM], "the control: a deletion alone leaves it"
    entries = filled.tell("XRANGE", STREAM, "-", "+")
    assert await rewrite(filled) == 5
    assert SECRET.encode() not in filled.dump()[STREAM]
    assert filled.tell("XRANGE", STREAM, "-", "+") == entries
    assert [key for key in filled.dump() if "rewritten" in key] == []


async def test_groups_go_on_where_they_were(filled: RealServer) -> None:
    await rewrite(filled)
    known = groups(filled)
    assert known["ahead"]["last-delivered-id"] == "5-0"
    assert known["behind"]["last-delivered-id"] == "4-0"
    assert (known["ahead"]["lag"], known["behind"]["lag"]) == (1, 2)
    pending = filled.tell("XPENDING", STREAM, "behind", "-", "+", 10)
    assert [(one[0], one[1], one[3]) for one in pending] == [("3-0", "two", 4), ("4-0", "two", 1)]
    assert pending[0][2] >= 5000, "how long it was idle"
    consumers = {consumer[1] for group in known for consumer in filled.tell("XINFO", "CONSUMERS", STREAM, group)}
    assert consumers == {"one", "two", "idle"}
    ((_, taken),) = filled.tell("XREADGROUP", "GROUP", "behind", "one", "COUNT", 9, "STREAMS", STREAM, ">")
    assert [entry[0] for entry in taken] == ["5-0", "6-0"]


async def test_an_id_is_never_given_again(filled: RealServer) -> None:
    await rewrite(filled)
    with pytest.raises(Exception, match="equal or smaller"):
        filled.tell("XADD", STREAM, "7-0", "data", "again")
    assert filled.tell("XADD", STREAM, "8-0", "data", "next") == "8-0"


async def test_a_stream_without_entries_keeps_its_place(filled: RealServer) -> None:
    filled.tell("XTRIM", STREAM, "MAXLEN", 0)
    assert await rewrite(filled) == 0
    assert filled.tell("XLEN", STREAM) == 0
    assert groups(filled)["behind"]["last-delivered-id"] == "4-0"
    with pytest.raises(Exception, match="equal or smaller"):
        filled.tell("XADD", STREAM, "6-0", "data", "again")


async def test_what_is_not_there_is_not_made(server: RealServer) -> None:
    assert await rewrite(server, "claimwire:{x}:nothing") == 0
    assert [key for key in server.dump() if "{x}" in key] == []
