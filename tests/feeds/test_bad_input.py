"""Everything bad at once, over real HTTP, beside one good feed: each told in plain words, counted, in nobody's way."""

from __future__ import annotations

import asyncio
import gc
import gzip
import tracemalloc
from typing import Any

import pytest
from aiohttp import web

from service.feeds import look
from service.feeds.document import Document
from service.feeds.listing import Listing
from service.feeds.parser_pool import ParserPool
from service.net.body import Body
from service.net.client import Client, Limits
from service.store.store import Store
from tests.feeds.house import House, Running, rss, until, url_feed

LIMITS = Limits(total_s=2.0, max_wire_bytes=6_000_000, max_bytes=8_000_000, spacing_s=0.0, drip_s=0.5)


def channel(items: str | bytes) -> bytes:
    inner = items.encode() if isinstance(items, str) else items
    return b"<rss version='2.0'><channel><title>Harbour</title>" + inner + b"</channel></rss>"


def item(guid: str, title: str = "pier", more: str = "") -> str:
    return f"<item><guid isPermaLink='false'>{guid}</guid><title>{title}</title>{more}</item>"


def dated(guid: str, year: int) -> str:
    return item(guid, more=f"<pubDate>Sun, 04 May {year} 12:00:00 GMT</pubDate>")


GZIP = {"Content_Encoding": "gzip"}
CAFES = item("a", "caf\u00e9 pier").encode() + item("b", "caf\u00e9 pier").encode("latin-1")
LAUGHS = b"<!DOCTYPE r [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;'>]>"
SAME = item("a", "pier one") + item("a", "pier two") + item("a", "pier one")
WIDE = "<item " + " ".join(f"a{number}='1'" for number in range(50_000)) + "/>"
LONG = f"<description>{'pier ' * 1_000_100}</description>"
BODIES: dict[str, tuple[bytes, dict[str, str], dict[str, int], str]] = {
    # name: body, headers, what becomes of its entries, what is told of the feed
    "charset": (channel(CAFES), {}, {"admitted": 2}, ""),
    "dates": (channel(dated("a", 2999) + dated("b", 1066) + dated("c", 1931)), {}, {"admitted": 3}, ""),
    "nothing": (channel(""), {}, {}, ""),
    "many": (channel("<item><title>x</title></item>" * 100_000), {}, {"off_story": 2_000, "over_limit": 98_000}, ""),
    "same-guids": (channel(SAME), {}, {"admitted": 2, "seen_before": 1}, ""),
    "attributes": (channel(WIDE), {}, {}, "attributes"),
    "deep": (channel("<a>" * 5_000 + "</a>" * 5_000), {}, {}, "deep"),
    "entities": (LAUGHS + channel(item("a", "&b;")), {}, {}, "entities"),
    "gzip-bomb": (gzip.compress(b"<rss>" + b" " * 60_000_000), GZIP, {}, "larger than the limit"),
    "not-gzip": (channel(item("a")), GZIP, {}, "does not fit its bytes"),
    "twice": (gzip.compress(gzip.compress(SAME.encode())), {"Content_Encoding": "gzip, gzip"}, {}, "unknown, doubled"),
    "long-story": (channel(item("a", more=LONG)), {}, {"over_limit": 1}, ""),
    "script": (channel(item("a", "&lt;script&gt;alert(1)&lt;/script&gt;The pier")), {}, {"admitted": 1}, ""),
    "page": (b"<!doctype html><html><body>Please sign in</body></html>", {}, {}, "a web page"),
    "cut": (channel(item("a") + item("b"))[:-40], {}, {"admitted": 1, "unreadable": 1}, "cut off"),
    "empty": (b"", {}, {}, "empty"),
}
PLACES = {
    "circle": ("/circle", "circle"),
    "to-file": ("file:///etc/passwd", "away from http"),
    "to-private": ("http://169.254.169.254/latest/", "private or special address"),
}


async def endless(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"<rss>" + b" " * 60_000)


async def dripping(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    while True:
        await response.write(b"<")
        await asyncio.sleep(0.05)


async def short(request: web.Request) -> web.StreamResponse:
    """A body that says it is longer than it is."""
    assert request.transport is not None
    request.transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\n" + channel(item("a")))
    request.transport.close()
    return web.Response()


ANSWERS = {"endless": (endless, "larger than the limit"), "drip": (dripping, "time limit"), "short": (short, "cut off")}


@pytest.fixture
async def bad_house(store: Store, parsers: ParserPool) -> Any:
    async with Client(LIMITS) as client:
        yield House(store, client, parsers)


async def test_whatever_is_bad_is_told_counted_and_in_nobodys_way(bad_house: House, origin: Any) -> None:
    # given every bad feed there is, and a good one
    feeds, told, results = {}, {}, {}
    for name, (body, headers, counts, words) in BODIES.items():
        feeds[name], told[name], results[name] = origin.gives(f"/{name}", body, **headers), words, counts
    for name, (place, words) in PLACES.items():
        feeds[name], told[name] = origin.gives(f"/{name}", status=302, Location=place), words
    for name, (answer, words) in ANSWERS.items():
        feeds[name], told[name] = origin.on(f"/{name}", answer), words
    good = url_feed(origin.gives("/good", rss(("1", "pier"))), name="good", interval_s=1.0)
    listed = [url_feed(address, name=name, source=name, interval_s=600.0) for name, address in feeds.items()]

    async def all_were_looked_at() -> bool:
        states = await bad_house.store.feed_states(feeds)
        return all(state is not None and state.last_checked for state in states.values())

    async with Running(bad_house.watcher(good, *listed, live=True)):
        # when a while after them something appears in the good one
        waited_s = await until(all_were_looked_at, within_s=60)
        origin.gives("/good", rss(("1", "pier"), ("2", "pier")))

        async def came() -> bool:
            return (await bad_house.counts(good)).get("admitted", 0) == 2

        await until(came, within_s=90)
    # then
    assert waited_s < 60
    for feed in listed:
        state = await bad_house.store.feed_state(feed.name)
        assert state is not None
        assert told[feed.name] in state.error, (feed.name, state.error)
        assert bool(state.error) == bool(told[feed.name]), (feed.name, state.error)
        assert dict(await bad_house.counts(feed)) == results.get(feed.name, {}), feed.name


async def test_the_body_of_a_look_that_failed_is_let_go_at_once(
    store: Store, client: Client, parsers: ParserPool, origin: Any
) -> None:
    # given a bomb, and nobody who looks for what only holds itself
    house = House(store, client, parsers)
    feed = url_feed(origin.gives("/feed", gzip.compress(b" " * 3_000_000), Content_Encoding="gzip"))
    gc.collect()
    gc.disable()
    # when
    try:
        state = await house.poll(feed)
        left = [one for one in gc.get_objects() if isinstance(one, Body)]
    finally:
        gc.enable()
    # then
    assert state.error.startswith("the answer is larger than the limit")
    assert left == []


class Crowded(ParserPool):
    """Reads nothing until eight documents wait, and notes what is held of them meanwhile."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting, self._all_are_here = 0, asyncio.Event()
        self.held_bytes = 0

    async def parse(self, document: Document) -> Listing:
        self._waiting += 1
        if self._waiting == 8:
            self.held_bytes = tracemalloc.get_traced_memory()[0]
            self._all_are_here.set()
        await self._all_are_here.wait()
        return await super().parse(document)


@pytest.mark.parametrize("folds", [True, False], ids=["folded", "as it is"])
async def test_of_what_is_made_to_be_large_little_is_held_while_it_waits_for_a_parser(
    folds: bool, store: Store, origin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not folds:  # the control
        monkeypatch.setattr(look, "LARGE_BYTES", 10**9)
    parsers = Crowded()
    body = channel(item("a", "word " * 240_000))
    feeds = [url_feed(origin.gives(f"/{n}", body), name=f"large-{n}") for n in range(8)]
    async with Client(LIMITS) as client:
        house = House(store, client, parsers)
        tracemalloc.start()
        try:
            states = await asyncio.gather(*map(house.poll, feeds))
        finally:
            tracemalloc.stop()
            await parsers.close()
    assert [state.error for state in states] == [""] * 8
    assert (parsers.held_bytes < 4 * len(body)) == folds
