"""The parts of the benchmark of the feeds, each in a process of its own:  python -m tests.benchmarks.feeds_parts PART …

Prints one JSON object. CPU is that of the part's process and, told apart, of the parsers that it starts.
"""

from __future__ import annotations

import asyncio
import hmac
import json
import logging
import os
import random
import resource
import statistics
import sys
import time
import urllib.request
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.parsers import expat

import structlog

from service.feeds.config import Feed
from service.feeds.hubs import PATH, Hubs
from service.feeds.intake import Followed, Intake
from service.feeds.look import Looker
from service.feeds.parser_pool import ParserLimits, ParserPool
from service.feeds.watch import Watcher
from service.feeds.websub import new_subscription
from service.net.client import Client, Limits
from service.running import spare_collector
from service.store import keys
from service.store.store import Store
from service.store.values import FeedState
from service.web.websub import Callbacks
from tests.benchmarks.feeds_origin import ITEMS as FIRST_ITEMS

STORY = Followed("harbour", lambda headline, text: "pier" in headline)
HOSTS = 200
QUARTER_S = 900.0


def url_of(port: int, number: int, hosts: int = HOSTS) -> str:
    host = number % hosts
    return f"http://127.1.{host // 250}.{host % 250 + 1}:{port}/f/{number}"


def feeds_of(port: int, count: int, interval_s: float = QUARTER_S, hosts: int = HOSTS) -> list[Feed]:
    return [
        Feed(f"feed-{number}", "url", url_of(port, number, hosts), interval_s, allow_private=True)
        for number in range(count)
    ]


@dataclass
class House:
    store: Store
    parsers: ParserPool
    looker: Looker

    def watcher(self, feeds: Sequence[Feed], hubs: Hubs | None = None) -> Watcher:
        intake = Intake(self.store, [STORY], doc_ttl_s=3_600, backlog_cap=10**9, traced=False)
        return Watcher(feeds, self.store, intake, self.looker, self.parsers, hubs=hubs)


@asynccontextmanager
async def house(redis_url: str, limits: Limits) -> AsyncIterator[House]:
    store = await Store.open(redis_url, wait_s=10)
    parsers = ParserPool(ParserLimits(processes=2))
    try:
        async with Client(limits) as client:
            spare_collector()  # as the service does
            yield House(store, parsers, Looker(client, parsers, "bench"))
    finally:
        await parsers.close()
        await store.close()


def children_of(pid: int) -> list[int]:
    """All descendants."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(path.parent.name)] = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except OSError:
            continue
    found, rest = [], [pid]
    while rest:
        rest = [child for child, parent in parents.items() if parent in rest]
        found += rest
    return found


def children_cpu_s() -> float:
    ticks = 0
    for pid in children_of(os.getpid()):
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / 100


def rss_mb(pid: int | str = "self") -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int(status.split("VmRSS:")[1].split()[0]) / 1024 if "VmRSS:" in status else 0.0


async def measured(doing: Callable[[], Awaitable[Any]]) -> dict[str, float]:
    own_s, children_s, wall_s = time.process_time(), children_cpu_s(), time.monotonic()
    await doing()
    return {
        "watcher_s": time.process_time() - own_s,
        "parsers_s": children_cpu_s() - children_s,
        "wall_s": time.monotonic() - wall_s,
    }


def ask(port: int, path: str) -> str:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=30) as answer:
        return str(answer.read().decode())


FAST = Limits(spacing_s=0.0, connections=64)


async def rounds(port: int, redis_url: str, count: int, warm: int) -> dict[str, Any]:
    """A cold round, warm ones, and some in which every tenth feed has a new item."""
    feeds, first = feeds_of(port, count), feeds_of(port, count + 8)[count:]
    async with house(redis_url, FAST) as rooms:
        watcher = rooms.watcher([*feeds, *first])
        states: dict[str, FeedState | None] = {feed.name: FeedState() for feed in [*feeds, *first]}

        async def one(feed: Feed) -> None:
            state = states[feed.name]
            assert state is not None, feed.name
            states[feed.name] = await watcher.poll(feed, state)

        async def all_of_them() -> None:
            await asyncio.gather(*map(one, feeds))

        keeping = asyncio.create_task(watcher._turns.keep())
        await asyncio.gather(*map(one, first))  # the parsers are started by the first documents
        cold = await measured(all_of_them)
        warm_rounds, changed_rounds = [], []
        for turn in range(warm):
            warm_rounds.append(await measured(all_of_them))
            await asyncio.to_thread(ask, port, f"bump/10/{turn % 10}/{count}")
            changed_rounds.append(await measured(all_of_them))
        keeping.cancel()
        failed = sum(state is None or state.failures > 0 for state in states.values())
        return {"cold": cold, "warm": warm_rounds, "changed": changed_rounds, "failed": failed, "rss_mb": rss_mb()}


async def reader_rounds(port: int, count: int, folder: str) -> dict[str, Any]:
    """The same documents with lemon24/reader."""
    from reader import make_reader

    with make_reader(f"{folder}/reader.sqlite", feed_root=None) as reader:
        for number in range(count):
            reader.add_feed(url_of(port, number))

        async def update() -> None:
            reader.update_feeds(workers=8)

        cold = await measured(update)
        warm = await measured(update)
        read = sum(feed.last_updated is not None and feed.last_exception is None for feed in reader.get_feeds())
        return {"cold": cold, "warm": [warm], "failed": count - read}


async def floors(port: int, count: int) -> dict[str, Any]:
    """expat and feedparser over the documents, and aiohttp's client alone over the same connections."""
    import io

    import aiohttp
    import feedparser

    documents = [ask(port, f"f/{number}").encode() for number in range(50)]
    began_s = time.process_time()
    for document in documents * 4:
        expat.ParserCreate().Parse(document, True)
    expat_ms = (time.process_time() - began_s) / (4 * len(documents)) * 1000
    began_s = time.process_time()
    for document in documents[:20]:
        feedparser.parse(io.BytesIO(document))  # type: ignore[attr-defined, no-untyped-call]
    feedparser_ms = (time.process_time() - began_s) / 20 * 1000
    etags = {}
    connector = aiohttp.TCPConnector(limit=64, limit_per_host=2)
    async with aiohttp.ClientSession(connector=connector) as session:

        async def get(number: int) -> None:
            headers = {"If-None-Match": etags[number]} if number in etags else {}
            async with session.get(url_of(port, number), headers=headers) as answer:
                await answer.read()
                etags[number] = answer.headers["ETag"]
                assert answer.status == (304 if headers else 200)

        async def everything() -> None:
            await asyncio.gather(*map(get, range(count)))

        await everything()
        rounds_s = [(await measured(everything))["watcher_s"] for _ in range(3)]
    return {
        "expat_ms": expat_ms, "kb": sum(map(len, documents)) / len(documents) / 1024, "client_s": min(rounds_s),
        "feedparser_ms": feedparser_ms,
    }  # fmt: skip


BAD = ("attributes", "items", "broken", "bomb", "drip", "hang", "loop")


async def many(port: int, redis_url: str, count: int, seconds: float, hostile: int) -> dict[str, Any]:
    """Thousands of feeds at a quarter of an hour, in the middle of their lives, and the lag of the loop meanwhile."""
    feeds = feeds_of(port, count, hosts=2_000)
    bad = [
        Feed(f"bad-{n}", "url", f"http://127.2.0.{n % 250 + 1}:{port}/bad/{BAD[n % len(BAD)]}", 5.0, allow_private=True)
        for n in range(hostile)
    ]
    dice = random.Random(7)
    async with house(redis_url, Limits(total_s=10.0)) as rooms:
        now_s = time.time()
        for start in range(0, count, 500):
            await asyncio.gather(*(_in_midlife(rooms, feed, now_s, dice) for feed in feeds[start : start + 500]))
        stop, lags = asyncio.Event(), []
        began_s, cpu_s = time.monotonic(), time.process_time()
        watching = asyncio.create_task(rooms.watcher([*feeds, *bad]).run(stop))
        start_lags = await _lags(8.0)
        started_cpu_s = time.process_time() - cpu_s
        cpu_s = time.process_time()
        lags = await _lags(seconds)
        share = (time.process_time() - cpu_s) / seconds
        parsers = sorted((rss_mb(pid) for pid in children_of(os.getpid())), reverse=True)
        own_mb = rss_mb()
        stop.set()
        await watching
        counts = await rooms.store.feed_counts([feed.name for feed in feeds])
        told = {feed.name: (await rooms.store.feed_state(feed.name) or FeedState()).error for feed in bad[: len(BAD)]}
        return {
            "p99_ms": _percentile(lags, 0.99) * 1000, "max_ms": max(lags) * 1000,
            "start_p99_ms": _percentile(start_lags, 0.99) * 1000, "start_max_ms": max(start_lags) * 1000,
            "start_cpu_s": started_cpu_s, "cpu_share": share, "rss_mb": own_mb, "parsers_mb": parsers[:3],
            "polls": sum(of["polls"] for of in counts.values()) - count, "told": told,
            "took_s": time.monotonic() - began_s,
        }  # fmt: skip


async def _in_midlife(rooms: House, feed: Feed, now_s: float, dice: random.Random) -> None:
    """As if it had been watched for long: due at some moment of the next quarter of an hour."""
    number = feed.name.rpartition("-")[2]
    due_s = now_s + dice.uniform(3, QUARTER_S)
    state = FeedState(
        etag=f'"{number}-25"', fingerprint=f"{rooms.looker._scope_of(feed)}:x", next_due=due_s,
        last_checked=due_s - QUARTER_S, last_success=due_s - QUARTER_S,
    )  # fmt: skip
    await rooms.store.close_poll(feed.name, 0, state, {}, "before")


async def _lags(seconds: float) -> list[float]:
    """By how much a sleep of ten milliseconds was late, over and over."""
    loop, lags = asyncio.get_running_loop(), []
    end_s = loop.time() + seconds
    while (began_s := loop.time()) < end_s:
        await asyncio.sleep(0.01)
        lags.append(max(loop.time() - began_s - 0.01, 0.0))
    return lags


def _percentile(values: Sequence[float], share: float) -> float:
    return sorted(values)[min(int(len(values) * share), len(values) - 1)]


async def appearance(port: int, redis_url: str, times: int, interval_s: float) -> dict[str, Any]:
    """From the moment an item appears to its article in the story's stream."""
    feed = Feed("feed-900000", "url", url_of(port, 900_000), interval_s, allow_private=True)
    dice, took_s = random.Random(5), []
    async with house(redis_url, FAST) as rooms:
        watcher = rooms.watcher([feed])
        rooms_watch = Followed("harbour", lambda headline, text: True)
        watcher._visits._intake._followed = (rooms_watch,)
        stop = asyncio.Event()
        watching = asyncio.create_task(watcher.run(stop))
        stream, known = keys.articles("harbour"), 0
        while known == 0 or known != (known := await _length(rooms.store, stream)):
            known = known or await _length(rooms.store, stream)
            await asyncio.sleep(2 * interval_s)
        for _ in range(times):
            await asyncio.sleep(dice.uniform(0, interval_s))
            began_s = time.time()
            await asyncio.to_thread(ask, port, "news/900000")
            while (now := await _length(rooms.store, stream)) == known:
                await asyncio.sleep(0.002)
            took_s.append(time.time() - began_s)
            known = now
        stop.set()
        await watching
    return {"interval_s": interval_s, "median_s": statistics.median(took_s), "max_s": max(took_s)}


async def pushed(port: int, redis_url: str, times: int) -> dict[str, Any]:
    """The same for a feed whose hub sends what is new, over HTTP and signed; its next look is far away."""
    import aiohttp
    from aiohttp import web

    feed = Feed("feed-900000", "url", url_of(port, 900_000), QUARTER_S, allow_private=True)
    hub = replace(
        new_subscription("https://hub.example/", feed.address), lease_until=time.time() + 9_000, lease_s=9_000
    )
    took_s = []
    async with house(redis_url, FAST) as rooms, aiohttp.ClientSession() as session:
        hubs = Hubs(rooms.store, rooms.looker._client, "")
        app = web.Application()
        app.add_routes(Callbacks(hubs, max_bytes=10_000_000).routes())
        runner = web.AppRunner(app)
        await runner.setup()
        await (site := web.TCPSite(runner, "127.0.0.1", 0)).start()
        door = f"{site.name.rpartition(':')[0]}:{runner.addresses[0][1]}{PATH}/{hub.token}"
        await rooms.store.keep_subscription(feed.name, hub)
        watcher = rooms.watcher([feed], hubs)
        watcher._visits._intake._followed = (Followed("harbour", lambda headline, text: True),)
        stop, stream = asyncio.Event(), keys.articles("harbour")
        watching = asyncio.create_task(watcher.run(stop))
        while (known := await _length(rooms.store, stream)) < FIRST_ITEMS:
            await asyncio.sleep(0.05)
        for _ in range(times):
            began_s = time.time()
            await asyncio.to_thread(ask, port, "news/900000")
            body = (await asyncio.to_thread(ask, port, "f/900000")).encode()
            signature = hmac.new(hub.secret.encode(), body, "sha256").hexdigest()
            said = {"X-Hub-Signature": f"sha256={signature}", "Content-Type": "application/rss+xml"}
            async with session.post(door, data=body, headers=said) as answer:
                assert answer.status == 202, answer.status
            assert await _length(rooms.store, stream) == known + 1
            took_s.append(time.time() - began_s)
            known += 1
        stop.set()
        await watching
        await runner.cleanup()
    return {"median_s": statistics.median(took_s), "max_s": max(took_s)}


async def _length(store: Store, stream: str) -> int:
    return int(await store._connection.run("XLEN", stream))


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 65_536), hard))
    part, *given = sys.argv[1:]
    arguments: list[Any] = [json.loads(one) if one[0] in "0123456789" else one for one in given]
    parts: dict[str, Callable[..., Any]] = {
        "rounds": rounds, "reader": reader_rounds, "floors": floors,
        "many": many, "appearance": appearance, "pushed": pushed,
    }  # fmt: skip
    found = _run(parts[part], arguments)
    print(json.dumps(found))


def _run(part: Callable[..., Any], arguments: list[Any]) -> Any:
    import uvloop

    return uvloop.run(part(*arguments))


if __name__ == "__main__":
    main()
