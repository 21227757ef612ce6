"""What a person wants done about a webhook: it goes on at once, or sends again what it gave up."""

from __future__ import annotations

from collections.abc import Iterable

from service.store.store import Store
from workers.subscribers.lane import CONSUMER


async def enable(store: Store, name: str) -> str:
    """Lets a webhook go on that was disabled, or that waits for its next attempt; why it was disabled, if it was."""
    was = (await store.webhook(name)).get("disabled", "")
    await store.remember_webhook(name, {"disabled": "", "not_before": "0", "failures": "0"})
    return was


async def retry(store: Store, name: str, streams: Iterable[str]) -> list[str]:
    """Sends what a webhook gave up again, before what waits; what became of each: retried, past_retention, unknown."""
    return [
        await store.end_parked(letter, "retried", CONSUMER) for letter in await store.webhook_letters(name, streams)
    ]
