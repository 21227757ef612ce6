"""Hubs over real HTTP: asked, confirmed, pushing, lying, dying. The hub is a script, and so is the feed's server."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from service.feeds.config import Feed
from service.feeds.hubs import Hubs
from service.feeds.intake import Intake
from service.feeds.look import Looker
from service.feeds.parser_pool import ParserPool
from service.feeds.watch import Watcher
from service.feeds.websub import HubLimits
from service.net.client import Client
from service.store.store import Store
from service.store.values import FeedState
from service.web.websub import Callbacks
from tests.feeds.house import STORY, Breaking, Running, rss, until, url_feed

QUICK = HubLimits(least_lease_s=0.1, retry_s=0.1, renew_share=0.5)


def with_hub(body: bytes, hub: str, topic: str) -> bytes:
    links = f"<a:link rel='hub' href='{hub}'/><a:link rel='self' href='{topic}'/>"
    return body.replace(b"<rss ", b"<rss xmlns:a='http://www.w3.org/2005/Atom' ").replace(
        b"<channel>", f"<channel>{links}".encode()
    )


@dataclass
class Town:
    """A feed with a hub, and we who watch it."""

    store: Store
    client: Client
    parsers: ParserPool
    origin: Any
    callbacks: TestServer
    hubs: Hubs
    forms: list[Mapping[str, str]] = field(default_factory=list)
    answers: list[tuple[int, str]] = field(default_factory=list)
    lease_s: str = "3600"
    admitter: Any = None
    body: bytes = rss(("1", "pier"))

    @property
    def feed(self) -> Feed:
        return url_feed(self.origin.url("/feed"))

    def stand_up(self, mode: str = "confirms") -> None:
        """A hub that confirms, denies, is broken, or asks about another topic."""

        async def hub(request: web.Request) -> web.Response:
            form = {name: str(value) for name, value in (await request.post()).items()}
            self.forms.append(form)
            if mode == "broken":
                return web.Response(status=500)
            asked = "denied" if mode == "denies" else form["hub.mode"]
            query = {"hub.mode": asked, "hub.topic": form["hub.topic"], "hub.challenge": "tell me"}
            query |= {"hub.lease_seconds": self.lease_s} | ({"hub.topic": "x"} if mode == "confuses" else {})
            async with aiohttp.ClientSession() as session, session.get(form["hub.callback"], params=query) as answer:
                self.answers.append((answer.status, await answer.text()))
            return web.Response(status=202)

        self.origin.on("/hub", hub)

        async def feed(request: web.Request) -> web.Response:
            return web.Response(body=with_hub(self.body, self.origin.url("/hub"), self.origin.url("/feed")))

        self.origin.on("/feed", feed)

    def watcher(self) -> Watcher:
        admitter = self.admitter or self.store
        intake = Intake(admitter, [STORY], doc_ttl_s=60, backlog_cap=1_000, traced=False)
        looker = Looker(self.client, self.parsers, "v1")
        return Watcher([self.feed], admitter, intake, looker, self.parsers, hubs=self.hubs)

    async def is_subscribed(self) -> bool:
        return await self.hubs.live_since(self.feed.name) is not None

    async def push(self, body: bytes, secret: str | None = None, method: str = "sha256", **headers: str) -> int:
        form = self.forms[-1]
        key = (secret or form["hub.secret"]).encode()
        signature = hmac.new(key, body, getattr(hashlib, method)).hexdigest()
        named = {"X-Hub-Signature": f"{method}={signature}", "Content-Type": "application/rss+xml"} | headers
        async with (
            aiohttp.ClientSession() as session,
            session.post(form["hub.callback"], data=body, headers=named) as answer,
        ):
            return answer.status

    async def admitted(self) -> int:
        return (await self.store.state("harbour")).admitted

    async def state(self) -> FeedState:
        return await self.store.feed_state(self.feed.name) or FeedState()

    async def counts(self) -> Mapping[str, int]:
        return (await self.store.feed_counts([self.feed.name]))[self.feed.name]

    def looks(self) -> int:
        return sum(request.path == "/feed" for request in self.origin.requests)


@pytest.fixture
async def town(store: Store, client: Client, parsers: ParserPool, origin: Any) -> AsyncIterator[Town]:
    app = web.Application()
    callbacks = TestServer(app, host="127.0.0.1")
    hubs = Hubs(store, client, "", limits=QUICK, look_every_s=0.05)
    app.add_routes(Callbacks(hubs, max_bytes=50_000).routes())
    await callbacks.start_server()
    hubs._public_url = str(callbacks.make_url("/")).rstrip("/")
    yield Town(store, client, parsers, origin, callbacks, hubs)
    await callbacks.close()


async def test_what_a_hub_sends_is_admitted_without_a_look(town: Town) -> None:
    town.stand_up()
    async with Running(town.watcher()):
        await until(town.is_subscribed)
        assert town.answers == [(200, "tell me")]
        looks = town.looks()
        # when
        for method in ("sha1", "sha256", "sha384", "sha512"):
            assert await town.push(rss((method, "A pier.")), method=method) == 202
        # then
        assert (await town.admitted(), town.looks()) == (5, looks)
        assert (await town.counts())["pushed"] == 4
        state = await town.state()
        assert state.pushed_at > 0
        assert state.next_due > 0


async def test_a_push_that_comes_again_is_admitted_once(town: Town) -> None:
    town.stand_up()
    async with Running(town.watcher()):
        await until(town.is_subscribed)
        bodies = [rss(("2", "pier")), rss(("2", "pier")), rss(("2", "pier"), ("1", "pier"))]
        assert [await town.push(body) for body in bodies] == [202, 202, 202]
        assert await asyncio.gather(*(town.push(rss(("3", "pier"))) for _ in range(5))) == [202] * 5
        assert await town.admitted() == 3
        assert (await town.counts())["pushed"] == 2


async def test_a_push_that_our_hub_did_not_sign_is_ignored_and_counted(town: Town) -> None:
    town.stand_up()
    async with Running(town.watcher()):
        await until(town.is_subscribed)
        assert await town.push(rss(("2", "pier")), secret="guessed") == 202
        assert await town.push(rss(("2", "pier")), **{"X-Hub-Signature": ""}) == 202
        assert await town.push(rss(("2", "pier")), **{"X-Hub-Signature": "md5=0"}) == 202
        assert await town.admitted() == 1
        assert (await town.counts())["push_forged"] == 3


async def test_nobody_else_gets_anywhere_at_a_callback(town: Town) -> None:
    town.stand_up()
    async with Running(town.watcher()), aiohttp.ClientSession() as session:
        await until(town.is_subscribed)
        own = town.forms[-1]["hub.callback"]
        guess = own[:-48] + "0" * 48
        query = {"hub.mode": "subscribe", "hub.topic": town.forms[-1]["hub.topic"], "hub.challenge": "x"}
        asked: list[tuple[str, str, Any]] = [
            ("GET", guess, {"params": query}),
            ("POST", guess, {"data": b"x"}),
            ("GET", own, {"params": query | {"hub.mode": "unsubscribe"}}),
            ("GET", own, {"params": query | {"hub.topic": "other"}}),
            ("GET", own, {}),
            ("POST", own, {"data": b"x" * 60_000}),
            ("POST", own, {"data": b"x", "headers": {"Content-Encoding": "br"}}),
            ("PUT", own, {"data": b"x"}),
            ("GET", own[:-1], {}),
        ]
        statuses = []
        for method, url, options in asked:
            async with session.request(method, url, **options) as answer:
                statuses.append(answer.status)
        assert statuses == [404, 410, 404, 404, 404, 413, 415, 405, 404]
        assert await town.is_subscribed()


@pytest.mark.parametrize("mode", ["denies", "broken", "confuses"])
async def test_a_hub_that_does_not_confirm_costs_nothing_but_its_pushes(town: Town, mode: str) -> None:
    town.stand_up(mode)

    async def was_asked() -> bool:
        return len(town.forms) >= (1 if mode == "denies" else 2)

    async with Running(town.watcher()):
        await until(was_asked)
        assert not await town.is_subscribed()
        assert await town.push(rss(("2", "pier"))) == 410
        assert await town.admitted() == 1
        state = await town.state()
        assert state.next_due - state.last_checked < 400  # at its own interval


async def test_a_hub_that_denies_is_left_alone(town: Town) -> None:
    town.stand_up("denies")
    async with Running(town.watcher()):

        async def was_denied() -> bool:
            known = await town.store.subscription(town.feed.name)
            return known is not None and known.denied_at > 0

        await until(was_denied)
        asked = len(town.forms)
        await asyncio.sleep(0.5)  # ten times as long as it takes to ask again
        assert len(town.forms) == asked


async def test_a_lease_is_renewed_before_it_ends_under_the_same_callback(town: Town) -> None:
    town.stand_up()
    town.lease_s = "1"

    async def was_renewed() -> bool:
        return len(town.forms) >= 3

    async with Running(town.watcher()):
        await until(town.is_subscribed)
        await until(was_renewed)
        assert await town.is_subscribed()
    assert len({(form["hub.callback"], form["hub.secret"]) for form in town.forms}) == 1


async def test_when_the_hub_dies_the_lease_lapses_and_looks_go_on(town: Town) -> None:
    town.stand_up()
    town.lease_s = "1"
    async with Running(town.watcher()):
        await until(town.is_subscribed)
        town.stand_up("broken")

        async def has_lapsed() -> bool:
            return not await town.is_subscribed()

        await until(has_lapsed)
        assert await town.push(rss(("2", "pier"))) == 410
    assert await town.admitted() == 1


async def test_a_feed_that_is_dropped_is_unsubscribed(town: Town) -> None:
    town.stand_up()
    watcher = town.watcher()

    async def is_over() -> bool:
        return not await town.is_subscribed()

    async with Running(watcher):
        await until(town.is_subscribed)
        await watcher.change([])
        await until(is_over)
        assert (town.forms[-1]["hub.mode"], "hub.secret" in town.forms[-1]) == ("unsubscribe", False)
        assert town.answers[-1] == (200, "tell me")


async def test_while_a_hub_sends_looks_are_rare_and_what_it_misses_is_counted(town: Town) -> None:
    # given a feed whose hub sends
    town.stand_up()
    watcher = town.watcher()
    async with Running(watcher):
        await until(town.is_subscribed)
        await town.push(rss(("2", "pier")))
        # when a look finds what the hub sent
        town.body = rss(("1", "pier"), ("2", "pier"))
        quiet = await watcher.poll(town.feed, await town.state())
        # and another one what it did not
        town.body = rss(("1", "pier"), ("2", "pier"), ("3", "pier"))
        missing = await watcher.poll(town.feed, await town.state())
        # and it sends again
        await town.push(rss(("4", "pier")))
        again = await watcher.poll(town.feed, await town.state())
    # then
    assert quiet is not None
    assert missing is not None
    assert again is not None
    waits_s = [state.next_due - state.last_checked for state in (quiet, missing, again)]
    assert [wait_s >= 3_600 for wait_s in waits_s] == [True, False, True]
    counts = await town.counts()
    assert (counts["pushed"], counts["push_missed"]) == (2, 1)
    assert await town.admitted() == 4


async def test_a_push_without_redis_is_to_be_sent_again(town: Town) -> None:
    town.stand_up()
    town.admitter = Breaking(town.store)
    async with Running(town.watcher()):
        await until(town.is_subscribed)
        town.admitter.lose_close = 1
        assert await town.push(rss(("2", "pier"))) >= 500
        assert await town.push(rss(("2", "pier"))) == 202
        assert await town.admitted() == 2
        assert (await town.counts())["pushed"] == 1


async def test_a_push_that_is_no_feed_is_harmless(town: Town) -> None:
    town.stand_up()
    async with Running(town.watcher()):
        await until(town.is_subscribed)
        for body in (b"", b"hello", b"<html/>", b"{", rss() + b"<"):
            assert await town.push(body) == 202
        assert await town.admitted() == 1


async def test_a_hub_in_a_private_network_is_asked_only_for_a_feed_that_is_there_too(
    store: Store, client: Client, origin: Any
) -> None:
    origin.gives("/hub", status=202)
    hubs = Hubs(store, client, "https://we.example", limits=QUICK, look_every_s=0.02)
    feed = Feed("gazette", "url", "http://192.0.2.1/feed", 300.0)
    hubs.watch({feed.name: feed})
    hubs.join(lambda name: True, lambda *_: asyncio.sleep(0, True))
    hubs.heard(feed, FeedState(hub=origin.url("/hub"), topic="http://192.0.2.1/feed"))
    running = asyncio.create_task(hubs.run())

    async def was_tried() -> bool:
        known = await store.subscription(feed.name)
        return known is not None and known.asked_times > 1

    await until(was_tried)
    running.cancel()
    assert origin.requests == []
