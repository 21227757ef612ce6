"""Subscriptions at hubs: one for a feed, found by the feed and by its callback."""

from __future__ import annotations

from dataclasses import fields

from service.store import keys
from service.store.connection import Arg, Connection, decode, encode
from service.store.feed_values import Subscription

_KINDS = {"str": str, "int": int, "float": float}
_FIELDS = tuple((field.name, _KINDS[str(field.type)]) for field in fields(Subscription))


class Hubs:
    """What is kept of subscriptions."""

    _connection: Connection

    async def subscription(self, feed: str) -> Subscription | None:
        """What was asked of a hub for this feed, and what it confirmed; None: nothing."""
        values = await self._connection.run("HMGET", keys.subscription(feed), *(name for name, _ in _FIELDS))
        known = {name: kind(decode(raw)) for (name, kind), raw in zip(_FIELDS, values, strict=True) if raw is not None}
        return Subscription(**known) if known else None

    async def keep_subscription(self, feed: str, subscription: Subscription) -> None:
        """Keeps it, and to which feed its callback belongs, for `SUBSCRIPTION_TTL_S`."""
        flat: list[Arg] = [part for name, _ in _FIELDS for part in (name, encode(str(getattr(subscription, name))))]
        await self._connection.pipeline(
            [
                ("SET", keys.callback(subscription.token), encode(feed), "EX", keys.SUBSCRIPTION_TTL_S),
                ("HSET", keys.subscription(feed), *flat),
                ("EXPIRE", keys.subscription(feed), keys.SUBSCRIPTION_TTL_S),
            ]
        )

    async def feed_of_callback(self, token: str) -> str | None:
        """The feed that a callback belongs to; None: to none."""
        feed = await self._connection.run("GET", keys.callback(token))
        return None if feed is None else decode(feed)

    async def count_forged(self, feed: str) -> None:
        """Counts a push that was not signed as it should be."""
        await self._connection.run("HINCRBY", keys.feed(feed), "count:push_forged", 1)
