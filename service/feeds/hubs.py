"""Subscriptions at the hubs of feeds (WebSub): asked for, renewed, given up; and the door for what hubs send.

A push is a document like any other: it goes through parser and intake and is closed under the feed's lease, so that
what a hub sends, sends again, or sends while the feed is being looked at is admitted once. A hub that dies or denies
costs nothing but time: looks go on, at the feed's own interval as long as nothing is pushed.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Protocol

import structlog

from service.errors import StoreUnavailable
from service.feeds.config import Feed
from service.feeds.websub import HubLimits, Step, confirmed, is_signed, new_subscription, next_step, request_of
from service.net.access import Access
from service.net.client import Client
from service.net.failures import FetchFailure
from service.store.feed_values import Subscription
from service.store.values import FeedState

log = structlog.get_logger(__name__)

PATH = "/websub"
_LOOK_EVERY_S = 10.0
_TOGETHER = 8
"""hubs asked at once"""


class HubStore(Protocol):
    """What the store keeps of subscriptions. May raise StoreUnavailable."""

    async def subscription(self, feed: str) -> Subscription | None:
        """What is known of a feed's subscription."""

    async def keep_subscription(self, feed: str, subscription: Subscription) -> None:
        """Keeps it."""

    async def feed_of_callback(self, token: str) -> str | None:
        """The feed that a callback belongs to."""

    async def count_forged(self, feed: str) -> None:
        """Counts a push that was not signed."""


class Receipt(StrEnum):
    """What became of something that came to a callback."""

    TAKEN = "taken"
    FORGED = "forged"
    UNKNOWN = "unknown"
    BUSY = "busy"


Deliver = Callable[[Feed, bytes, str], Awaitable[bool]]
"""admits what a hub sent for a feed, with its Content-Type; False: not now"""


class Hubs:
    """The subscriptions of one replica's share of the feeds.

    Args:
        store: where they are kept, for all replicas.
        client: the guarded client.
        public_url: under which the outside reaches this service.
        now_s: the wall clock, in seconds since 1970.
        limits: how hubs are asked.
        look_every_s: how often it is looked at what is due.
    """

    def __init__(
        self,
        store: HubStore,
        client: Client,
        public_url: str,
        now_s: Callable[[], float] = time.time,
        limits: HubLimits | None = None,
        look_every_s: float = _LOOK_EVERY_S,
    ) -> None:
        self._store = store
        self._client = client
        self._public_url = public_url.rstrip("/")
        self._now_s = now_s
        self._limits = limits or HubLimits()
        self._look_every_s = look_every_s
        self._feeds: dict[str, tuple[Feed, str, str]] = {}
        self._watched: Mapping[str, Feed] = {}
        self._is_mine: Callable[[str], bool] = lambda feed: False
        self._deliver: Deliver | None = None

    def join(self, is_mine: Callable[[str], bool], deliver: Deliver) -> None:
        """Work for a watcher.

        Args:
            is_mine: whether this replica watches a feed: it alone asks the feed's hub.
            deliver: admits what a hub sent.
        """
        self._is_mine, self._deliver = is_mine, deliver

    def watch(self, feeds: Mapping[str, Feed]) -> None:
        """These feeds are watched from now on; the hubs of others are told that nothing more is wanted."""
        for name, (feed, _, _) in list(self._feeds.items()):
            if name not in feeds:
                self._feeds[name] = (feed, "", "")
        self._watched = dict(feeds)

    def heard(self, feed: Feed, state: FeedState) -> None:
        """What is known of a feed's hub since the last look at it."""
        if feed.kind == "url" and (state.hub or feed.name in self._feeds):
            self._feeds[feed.name] = (feed, state.hub, state.topic)

    async def live_since(self, feed: str) -> float | None:
        """Since when a hub has confirmed that it sends what is new of a feed, in seconds since 1970; None: it has not.

        Raises:
            StoreUnavailable: it cannot be told.
        """
        known = await self._store.subscription(feed)
        is_live = known is not None and known.lease_until > self._now_s()
        return known.lease_until - known.lease_s if known is not None and is_live else None

    async def run(self) -> None:
        """Asks hubs for what is due, until cancelled."""
        together = asyncio.Semaphore(_TOGETHER)

        async def one(feed: Feed, hub: str, topic: str) -> None:
            async with together:
                await self._step(feed, hub, topic)

        while True:
            known = [each for name, each in self._feeds.items() if self._is_mine(name) or name not in self._watched]
            try:
                await asyncio.gather(*(one(*each) for each in known))
            except StoreUnavailable as error:
                log.warning("store.unavailable", error=error.message)
            await asyncio.sleep(self._look_every_s)

    async def _step(self, feed: Feed, hub: str, topic: str) -> None:
        known = await self._store.subscription(feed.name)
        step = next_step(known, hub, topic, self._now_s(), self._limits)
        if step is Step.NOTHING:
            if not hub and (known is None or known.lease_until <= self._now_s()):
                self._feeds.pop(feed.name, None)
            return
        if known is None or (step is Step.SUBSCRIBE and (known.hub, known.topic) != (hub, topic)) or not known.is_asked:
            known = new_subscription(hub, topic)
        again = known.asked_times if known.asked_for == step else 0
        asked = replace(known, asked_for=str(step), asked_at=self._now_s(), asked_times=again + 1)
        # Before the hub is asked: it may confirm before it answers.
        await self._store.keep_subscription(feed.name, asked)
        await self._ask(feed, asked, step)

    async def _ask(self, feed: Feed, asked: Subscription, step: Step) -> None:
        form = request_of(asked, step, f"{self._public_url}{PATH}/{asked.token}", self._limits)
        access = Access(feed.allow_private, None, feed.proxy)
        try:
            status = await self._client.post(asked.hub, form, access=access, home=feed.address)
            said = f"the hub answers {status}"
        except FetchFailure as failure:
            status, said = 0, str(failure)
        told = log.info if 200 <= status < 300 else log.warning
        told("hub.asked", feed=feed.name, mode=str(step), answer=said)

    async def confirm(self, token: str, query: Mapping[str, str]) -> str | None:
        """Answers a hub that asks whether we meant it.

        Returns:
            What it wants to hear; None: we did not ask for that.

        Raises:
            StoreUnavailable: the hub is to ask again.
        """
        feed = await self._store.feed_of_callback(token)
        known = await self._store.subscription(feed) if feed is not None else None
        if feed is None or known is None or known.token != token:
            return None
        found = confirmed(known, query, self._now_s(), self._limits)
        if found is None:
            return None
        after, answer = found
        await self._store.keep_subscription(feed, after)
        log.info("hub.answered", feed=feed, mode=query.get("hub.mode"), lease_s=after.lease_s)
        return answer

    async def knows(self, token: str) -> bool:
        """Whether there is such a callback.

        Raises:
            StoreUnavailable: it cannot be told.
        """
        return await self._store.feed_of_callback(token) is not None

    async def receive(self, token: str, body: bytes, content_type: str, signature: str) -> Receipt:
        """Takes what came to a callback, if our hub has signed it; returns when its articles are durable.

        Raises:
            StoreUnavailable: the hub is to send it again.
        """
        name = await self._store.feed_of_callback(token)
        known = await self._store.subscription(name) if name is not None else None
        feed = self._watched.get(name or "")
        if feed is None or known is None or known.token != token or known.lease_until <= self._now_s():
            return Receipt.UNKNOWN
        if not is_signed(body, signature, known.secret):
            log.warning("push.forged", feed=feed.name)
            await self._store.count_forged(feed.name)
            return Receipt.FORGED
        taken = self._deliver is not None and await self._deliver(feed, body, content_type)
        return Receipt.TAKEN if taken else Receipt.BUSY
