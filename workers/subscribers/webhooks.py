"""All webhooks of one process: a lane each, so that a target that hangs keeps nobody else waiting.

A process of its own, not a part of a worker: it waits for other people's servers all day and holds their secrets, while
a worker is ended whenever an article takes too long. Start a second one, and it takes over the lanes of the first when
that dies.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import Collection

import structlog

from service.net.post import Poster
from service.store.store import Store
from workers.subscribers.doorbell import Doorbell
from workers.subscribers.handling import Backoff
from workers.subscribers.lane import WAITS, Lane, streams_of
from workers.subscribers.webhook_file import Webhook

GRACE_S = 5.0
"""for deliveries under way when the process is to end; what is cut off is sent again"""

log = structlog.get_logger(__name__)


async def deliver_all(
    store: Store, webhooks: Collection[Webhook], stop: asyncio.Event, poster: Poster, waits: Backoff = WAITS
) -> None:
    """Delivers until `stop`.

    Raises:
        ExceptionGroup: of InvariantBroken: what is stored is not what we store.
    """
    bell = Doorbell(store, sorted({stream for webhook in webhooks for stream in streams_of(webhook)}))
    holder = f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"
    async with asyncio.TaskGroup() as group:
        listening = group.create_task(bell.run(), name="webhooks.bell")
        lanes = [
            group.create_task(
                Lane(store, each, poster.post, bell, holder, waits).run(stop), name=f"webhook {each.name}"
            )
            for each in webhooks
        ]
        log.info("webhooks.opened", webhooks=[webhook.name for webhook in webhooks])
        await stop.wait()
        await bell.ring()
        if lanes:
            await asyncio.wait(lanes, timeout=GRACE_S)
        for task in (*lanes, listening):
            task.cancel()
    log.info("webhooks.closed")
