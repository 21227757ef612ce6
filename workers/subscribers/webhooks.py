"""All webhooks of one process: a lane each, so that a target that hangs keeps nobody else waiting.

A process of its own, not a part of a worker: it waits for other people's servers all day and holds their secrets, while
a worker is ended whenever an article takes too long. Start a second one, and it takes over the lanes of the first when
that dies.

    file     its webhooks have their lanes from the start, and are told of to those who ask over HTTP
    asked    what was asked for over HTTP is looked for every LOOK_S: a lane begins, a lane ends
    wishes   what a person asked for on the board (`wishes.py`) is done then too
    ended    of one that was removed the groups go, once no process has its lane any more
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Collection
from contextlib import suppress

import structlog

from service.errors import StoreUnavailable
from service.net.post import Poster
from service.store import keys
from service.store.store import Store
from service.store.webhooks import Wish, group_of
from workers.subscribers.asked import told_of, webhook_of
from workers.subscribers.doorbell import Doorbell
from workers.subscribers.handling import Backoff
from workers.subscribers.lane import WAITS, Lane
from workers.subscribers.webhook_file import Webhook, WebhookFile
from workers.subscribers.wishes import enable, retry

GRACE_S = 5.0
"""for deliveries under way when the process is to end; what is cut off is sent again"""
LOOK_S = 2.0
"""between two looks for webhooks that were asked for or removed"""
ENDING_S = 30.0
"""for which a removed webhook's lane is kept from everybody: others see within LOOK_S that it is gone"""

log = structlog.get_logger(__name__)


async def deliver_all(
    store: Store,
    file: WebhookFile,
    stories: Collection[str],
    stop: asyncio.Event,
    poster: Poster,
    waits: Backoff = WAITS,
) -> None:
    """Delivers until `stop`.

    Args:
        stories: the ids there are.

    Raises:
        ExceptionGroup: of InvariantBroken: what is stored is not what we store.
    """
    bell = Doorbell(store, [*map(keys.events, sorted(stories)), keys.feed_events()])
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(bell.run(), name="webhooks.bell")
        lanes = _Lanes(store, file, stories, stop, poster, bell, waits, group)
        looking = group.create_task(lanes.run(), name="webhooks.look")
        log.info("webhooks.opened", webhooks=list(file.webhooks))
        await stop.wait()
        await bell.ring()
        if lanes.running:
            await asyncio.wait(lanes.running.values(), timeout=GRACE_S)
        for task in (*lanes.running.values(), listening, looking):
            task.cancel()
    log.info("webhooks.closed")


class _Lanes:
    """The lanes of a process, by webhook."""

    def __init__(
        self,
        store: Store,
        file: WebhookFile,
        stories: Collection[str],
        stop: asyncio.Event,
        poster: Poster,
        bell: Doorbell,
        waits: Backoff,
        group: asyncio.TaskGroup,
    ) -> None:
        self._store = store
        self._file = file
        self._stories = stories
        self._stop = stop
        self._poster = poster
        self._bell = bell
        self._waits = waits
        self._group = group
        self._holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
        self.running: dict[str, asyncio.Task[None]] = {}
        self._known: dict[str, Webhook] = {}
        for webhook in file.webhooks.values():
            self._begin(webhook)

    async def run(self) -> None:
        """Follows what is asked for over HTTP, until cancelled."""
        told = False
        while True:
            with suppress(StoreUnavailable):  # each lane says so
                if not told:
                    await self._store.tell_webhooks({name: told_of(one) for name, one in self._file.webhooks.items()})
                    told = True
                await self._look()
            await asyncio.sleep(LOOK_S)

    async def _look(self) -> None:
        ended = await self._store.webhooks_ended()
        asked = {name: record for name, record in (await self._store.webhooks_asked()).items() if name not in ended}
        for name in self.running.keys() - asked.keys() - self._file.webhooks.keys():
            task = self.running.pop(name)
            del self._known[name]
            task.cancel()
            await asyncio.wait([task])
            log.info("webhook.removed", webhook=name)
        for name in asked.keys() - self.running.keys():
            webhook = webhook_of(name, asked[name], self._file, self._stories)
            if webhook is not None:
                self._begin(webhook)
                log.info("webhook.added", webhook=name)
        for name in ended:
            await self._end(name)
        for name, wish, by in await self._store.wishes():
            if name in self._known:
                await self._grant(self._known[name], wish, by)

    async def _grant(self, webhook: Webhook, wish: Wish, by: str) -> None:
        """Does what a person wants; done twice, by two processes, it is done once."""
        if wish == "enable":
            await enable(self._store, webhook.name)
        else:
            await retry(self._store, webhook.name, webhook.streams)
        await self._store.wish_granted(webhook.name, wish)
        log.info("webhook.wish", webhook=webhook.name, wish=wish, by=by)

    def _begin(self, webhook: Webhook) -> None:
        self._known[webhook.name] = webhook
        lane = Lane(self._store, webhook, self._poster.post, self._bell, self._holder, self._waits)
        self.running[webhook.name] = self._group.create_task(lane.run(self._stop), name=f"webhook {webhook.name}")

    async def _end(self, name: str) -> None:
        """Forgets one, unless another process has its lane: it will see the same, and this is tried again."""
        if await self._store.lease(keys.webhook_lease(name), self._holder, ENDING_S):
            await forget(self._store, name, self._stories)
            await self._store.webhook_gone(name)


async def forget(store: Store, name: str, stories: Collection[str]) -> bool:
    """Forgets where a webhook stands and what it gave up; False if nothing was known of it."""
    streams = [*map(keys.events, sorted(stories)), keys.feed_events()]
    left = [await store.leave(stream, group_of(name)) for stream in streams]
    return any([*left, await store.forget_webhook(name)])
