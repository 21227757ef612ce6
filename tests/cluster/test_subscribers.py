"""Subscribers and webhooks of several stories, whose streams lie on several nodes of a cluster."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import Any

from service.net.post import Answer, Poster
from service.store import keys
from service.store.store import Store
from tests.cluster.nodes import Cluster
from tests.subscribers.builders import claim_event
from workers.subscribers.delivery import Delivery
from workers.subscribers.subscriber import Subscriber
from workers.subscribers.webhook_file import Webhook, WebhookFile
from workers.subscribers.webhooks import deliver_all

STORIES = [f"story-{number}" for number in range(5)]
EACH = 4


class Taking(Poster):
    """Stands in for the network: this test is about the store."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []

    async def post(self, url: str, headers: Mapping[str, str], body: bytes, access: Any = None) -> Answer:
        self.ids.append(headers["webhook-id"])
        return Answer(204, {}, "")


async def test_every_event_of_every_story_comes_once(cluster: Cluster) -> None:
    store, stop = await Store.open(cluster.url), asyncio.Event()
    handled: list[str] = []

    async def handle(delivery: Delivery) -> None:
        handled.append(delivery.id)

    poster = Taking()
    webhook = Webhook("desk", "http://desk.example/", stories=tuple(STORIES), after="beginning")
    async with asyncio.TaskGroup() as group:
        group.create_task(Subscriber(store, [keys.events(story) for story in STORIES], "g", handle).run(stop))
        group.create_task(deliver_all(store, WebhookFile({webhook.name: webhook}), STORIES, stop, poster))
        told = [await tell(store, number) for number in range(1, EACH * len(STORIES) + 1)]
        deadline_s = time.monotonic() + 90
        while len(handled) < len(told) or len(poster.ids) < len(told):
            assert time.monotonic() < deadline_s, (handled, poster.ids)
            await asyncio.sleep(0.02)
        stop.set()
    await store.close()
    assert sorted(handled) == sorted(poster.ids) == sorted(told)


async def tell(store: Store, number: int) -> str:
    event = claim_event(number)
    fields = [part for field in event.attributes.items() for part in field]
    stream = keys.events(STORIES[number % len(STORIES)])
    await store._connection.run("XADD", stream, "*", *fields, "data", event.data)
    return event.attributes["id"]
