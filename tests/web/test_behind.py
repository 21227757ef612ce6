"""Why everything waits, as a probe and a monitoring server see it: a subscriber far behind, a server that is full."""

from __future__ import annotations

import asyncio
from typing import Any

import aiohttp
import structlog

from service.cli.run import keep_trimmed
from service.settings import Settings
from service.store import keys
from service.store.store import Store
from service.stories.story import Story
from tests.web.conftest import STORY

EVENTS = keys.events(STORY)


async def told(http: aiohttp.ClientSession, path: str) -> Any:
    async with http.get(path) as answer:
        return await (answer.json() if path == "/readyz" else answer.text())


async def housekeeping(store: Store, story: Story, **caps: int) -> list[dict[str, Any]]:
    """One turn of it; what it logged."""
    stop = asyncio.Event()
    with structlog.testing.capture_logs() as logged:
        settings = Settings(**{f"subscriber_{name}_cap": cap for name, cap in caps.items()})  # type: ignore[arg-type]
        keeping = asyncio.create_task(keep_trimmed(store, {STORY: story}, settings, stop))
        before = (await store.head(STORY)).slowed, await store.far_behind(STORY, await store.head(STORY))
        while ((head := await store.head(STORY)).slowed, await store.far_behind(STORY, head)) == before:
            await asyncio.sleep(0.01)
        stop.set()
        await keeping
    return [dict(line) for line in logged]


async def test_a_subscriber_far_behind_is_told_with_what_comes_of_it(
    http: aiohttp.ClientSession, store: Store, planted: Any, story: Story
) -> None:
    await planted.admit(1)
    for _ in range(4):
        await store._connection.run("XADD", EVENTS, "*", "id", "e", "sequence", "1")
    await store._connection.run("XGROUP", "CREATE", EVENTS, "my desk", "0")
    await store._connection.run("XREADGROUP", "GROUP", "my desk", "me", "COUNT", 1, "STREAMS", EVENTS, ">")

    await housekeeping(store, story, soft=2, hard=100)
    lines = (await told(http, "/readyz"))["checks"]["lines"]
    assert lines["ok"], "it is no fault of the service"
    assert f"{STORY} is slowed, a subscriber is far behind: events my desk is 4 behind" in lines["detail"]
    labels = f'group="my desk",story="{STORY}",stream="events",what='
    assert f'claimwire_group_far_behind{{{labels}"slows"}} 1.0' in await told(http, "/metrics")

    logged = await housekeeping(store, story, soft=1, hard=3)
    assert [line for line in logged if line["event"] == "subscriber.lapsed" and line["group"] == "my desk"]
    assert "slowed" not in (await told(http, "/readyz"))["checks"]["lines"]["detail"]
    assert f'claimwire_group_far_behind{{{labels}"lapsed"}} 1.0' in await told(http, "/metrics")


async def test_a_full_server_is_told(http: aiohttp.ClientSession, store: Store) -> None:
    await store._connection.run("CONFIG", "SET", "maxmemory", 1)
    redis = (await told(http, "/readyz"))["checks"]["redis"]
    await store._connection.run("CONFIG", "SET", "maxmemory", 0)

    assert not redis["ok"] and "is full, and everything waits" in redis["detail"]
    assert (await told(http, "/readyz"))["checks"]["redis"]["ok"]
