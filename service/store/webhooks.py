"""Webhooks as the store has them: what was asked for over HTTP, what a file says, and how each one is."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, get_args

from service.contract.types import FEED_TYPES
from service.store import keys
from service.store.connection import decode, encode
from service.store.reading import Reading
from service.store.subscribing import Subscribing
from service.store.values import ParkedDelivery

Wish = Literal["enable", "retry"]
"""what a person wants done: let it go on, or send what it gave up again"""


@dataclass(frozen=True, slots=True)
class Condition:
    """How a webhook is."""

    state: str
    """`service.contract.webhooks.Standing`"""
    open: int
    """handed out and not ended"""
    behind: int
    """not looked at yet"""
    parked: int
    delivered: int
    last_delivery: str
    """a time; the empty string: never"""
    why: str


def group_of(name: str) -> str:
    """The consumer group of a webhook."""
    return f"webhook:{name}"


def streams_of(stories: Iterable[str], types: Collection[str]) -> list[str]:
    """The keys of the streams that a webhook follows, each once however often its story is named."""
    streams = [keys.events(story) for story in dict.fromkeys(stories)]
    return [*streams, keys.feed_events()] if FEED_TYPES & set(types) else streams


class Webhooks(Reading, Subscribing):
    """What delivering webhooks keeps. Names of those asked for over HTTP are never used twice, so what is left of one
    that was removed is taken up by no other.
    """

    async def webhook(self, name: str) -> dict[str, str]:
        """What is remembered of a webhook."""
        return _texts(await self._connection.run("HGETALL", keys.webhook(name)))

    async def remember_webhook(self, name: str, fields: Mapping[str, str]) -> None:
        """Replaces these fields."""
        flat = [encode(part) for field in fields.items() for part in field]
        await self._connection.run("HSET", keys.webhook(name), *flat)

    async def forget_webhook(self, name: str) -> bool:
        """Forgets what is remembered of a webhook; False if nothing was."""
        gone: int = await self._connection.run("DEL", keys.webhook(name))
        return gone == 1

    async def ask_webhook(self, name: str, record: Mapping[str, Any]) -> bool:
        """Keeps what was asked for, the secret too; False if the name is taken."""
        text = encode(json.dumps(record, ensure_ascii=False))
        made: int = await self._connection.run("HSETNX", keys.webhooks_asked(), name, text)
        return made == 1

    async def webhooks_asked(self) -> dict[str, dict[str, Any]]:
        """What was asked for over HTTP, by name; with secrets."""
        return await self._told(keys.webhooks_asked())

    async def end_webhook(self, name: str) -> bool:
        """Removes one; a process that delivers does the rest. False if there is none."""
        if not await self._connection.run("HEXISTS", keys.webhooks_asked(), name):
            return False
        await self._connection.run("HSETNX", keys.webhooks_ended(), name, "")
        await self._connection.run("HDEL", keys.webhooks_asked(), name)
        return True

    async def webhooks_ended(self) -> list[str]:
        """Those removed of which something is kept still."""
        return sorted(decode(name) for name in await self._connection.run("HKEYS", keys.webhooks_ended()))

    async def webhook_gone(self, name: str) -> None:
        """Nothing is kept any more of one that was removed."""
        for key in (keys.webhooks_asked(), keys.webhooks_ended()):
            await self._connection.run("HDEL", key, name)
        for wish in get_args(Wish):
            await self.wish_granted(name, wish)

    async def wish(self, name: str, wish: Wish, by: str) -> None:
        """Keeps what a person wants done about a webhook, for a process that delivers."""
        await self._connection.run("HSET", keys.webhooks_wishes(), f"{wish} {name}", encode(by))

    async def wishes(self) -> list[tuple[str, Wish, str]]:
        """(webhook, what, who asked) of what was not done yet."""
        found = sorted(_texts(await self._connection.run("HGETALL", keys.webhooks_wishes())).items())
        split = [(field.partition(" "), by) for field, by in found]
        return [(name, wish, by) for (wish, _, name), by in split if wish in get_args(Wish)]  # type: ignore[misc]

    async def wish_granted(self, name: str, wish: Wish) -> None:
        """It was done."""
        await self._connection.run("HDEL", keys.webhooks_wishes(), f"{wish} {name}")

    async def tell_webhooks(self, records: Mapping[str, Mapping[str, Any]]) -> None:
        """Keeps what the file says, without secrets, for whoever asks over HTTP."""
        flat = [encode(part) for name, record in records.items() for part in (name, json.dumps(record))]
        await self._connection.run("DEL", keys.webhooks_file())
        if flat:
            await self._connection.run("HSET", keys.webhooks_file(), *flat)

    async def webhooks_told(self) -> dict[str, dict[str, Any]]:
        """What the file of the process that delivers says, by name."""
        return await self._told(keys.webhooks_file())

    async def webhook_condition(self, name: str, streams: Iterable[str]) -> Condition:
        """How a webhook is that follows these streams."""
        state, group, streams = await self.webhook(name), group_of(name), list(streams)
        groups = [each for stream in streams for each in await self.groups(stream) if each.name == group]
        counts = [await self.group_counts(stream, group) for stream in streams]
        word = "disabled" if state.get("disabled") else "failing" if state.get("error") else "delivering"
        return Condition(
            state=word if groups else "not joined yet",
            open=sum(each.pending for each in groups),
            behind=sum(each.lag or 0 for each in groups),
            parked=sum([len(await self.parked(stream, group)) for stream in streams]),
            delivered=sum(each.get("acknowledged", 0) for each in counts),
            last_delivery=state.get("delivered", ""),
            why=state.get("error", ""),
        )

    async def webhook_letters(self, name: str, streams: Iterable[str]) -> list[ParkedDelivery]:
        """What a webhook gave up, the oldest first."""
        found = [letter for stream in streams for letter in await self.parked(stream, group_of(name))]
        return sorted(found, key=lambda letter: letter.at)

    async def _told(self, key: str) -> dict[str, dict[str, Any]]:
        found = _texts(await self._connection.run("HGETALL", key))
        return {name: json.loads(found[name]) for name in sorted(found)}


def _texts(flat: list[bytes]) -> dict[str, str]:
    return {decode(flat[at]): decode(flat[at + 1]) for at in range(0, len(flat), 2)}
