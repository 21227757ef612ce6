"""What another release wrote is changed to what this one reads, or refused."""

from __future__ import annotations

import time

import pytest

from service.errors import ServerUnusable
from service.model import EntryResult
from service.store import keys
from service.store.layout import LAYOUT
from service.store.store import FeedState, Store
from tests.servers import RealServer


async def test_a_store_of_another_layout_is_refused(store: Store, server: RealServer) -> None:
    assert server.tell("GET", keys.layout()) == str(LAYOUT)
    server.tell("SET", keys.layout(), LAYOUT + 1)
    before = server.dump()

    with pytest.raises(
        ServerUnusable, match=f"has layout {LAYOUT + 1}; this Claimwire reads and writes layout {LAYOUT}"
    ):
        await Store.open(server.url)

    assert server.dump() == before


async def test_who_only_reads_leaves_no_layout(server: RealServer) -> None:
    await (await Store.open(server.url, read_only=True)).close()

    assert server.dump() == {}


async def first_layout(server: RealServer) -> dict[str, bytes]:
    """A store as version 0.1.0 left it, with a feed, an event of feeds and a host to be left alone."""
    store = await Store.open(server.url)
    await store.close_poll("f", 0, FeedState(etag="e"), {EntryResult.ADMITTED: 2}, "poll")
    await store.slow_host("slow.example", time.time() + 60, time.time())
    await store.close()
    server.tell("XADD", keys.feed_events(), "*", "id", "told")
    for name in server.tell("KEYS", "{claimwire:feeds}:*"):
        server.tell("RENAME", name, name.replace("{claimwire:feeds}", "claimwire:feeds"))
    server.tell("SET", keys.layout(), 1)
    return server.dump()


@pytest.mark.parametrize("broken_off", [False, True])
async def test_the_first_layout_becomes_the_second(server: RealServer, broken_off: bool) -> None:
    await first_layout(server)
    if broken_off:
        server.tell("SET", keys.layout(), "1 to 2")
        server.tell("RENAME", "claimwire:feeds:feed:f", keys.feed("f"))

    store = await Store.open(server.url)

    assert server.tell("GET", keys.layout()) == "2"
    assert server.tell("KEYS", "claimwire:feeds:*") == []
    state = await store.feed_state("f")
    assert state is not None and state.etag == "e"
    assert list(await store.slow_hosts(time.time())) == ["slow.example"]
    assert [entry.fields["id"] for entry in await store.range(keys.feed_events())] == ["told"]
    assert await store.check_keys([]) == {}
    await store.close()


async def test_while_services_of_the_release_before_run_nothing_is_changed(server: RealServer) -> None:
    await first_layout(server)
    server.tell("HSET", "claimwire:feeds:replicas", "old:8700", f"{int(time.time() * 1000) + 60_000} abc def")
    before = server.dump()

    with pytest.raises(ServerUnusable, match="services of the release before still run: old:8700") as refused:
        await Store.open(server.url)

    assert "Stop its services" in refused.value.hint
    assert server.dump() == before


async def test_who_only_reads_changes_no_layout(server: RealServer) -> None:
    before = await first_layout(server)

    with pytest.raises(ServerUnusable, match="has layout 1"):
        await Store.open(server.url, read_only=True)

    assert server.dump() == before
