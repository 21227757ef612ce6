"""What is remembered of feeds: moved by compare-and-set, counted in the same step."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from operator import attrgetter

from service.model import EntryResult, Event
from service.store import keys
from service.store.connection import Arg, Connection, Script, decode, encode
from service.store.values import FeedState

_CLOSE_POLL = Script("close_poll")
_KINDS = {"str": str, "int": int, "float": float}
_STATE = tuple((field.name, _KINDS[str(field.type)]) for field in fields(FeedState))
_NOT_MOVED = frozenset({"revision", "last_asked", "replica"})
"""the closing counts the first up itself, and opening a poll sets the others"""
_MOVED = tuple(name for name, _ in _STATE if name not in _NOT_MOVED)
_values_of = attrgetter(*_MOVED)
_TOGETHER = 200
"""feeds asked for in one round trip: what comes back is taken apart at once, and must hold nobody up"""
_COUNT = "count:"
PUSHES = ("pushed", "push_missed", "push_forged")
"""entries that a hub sent first, entries that it should have sent and a look found, and pushes that were not signed"""
_SLOW_KEPT_S = 3_600.0
"""beyond its time: those that waited come spread over it"""

STATE_FIELDS = tuple(name for name, _ in _STATE)
"""of a feed's hash, in the order of `state_of`"""


def state_of(values: Sequence[bytes | None]) -> FeedState | None:
    """The state whose fields, in the order of `STATE_FIELDS`, have these values; None if it has none."""
    known = {name: kind(decode(raw)) for (name, kind), raw in zip(_STATE, values, strict=True) if raw is not None}
    return FeedState(**known) if known else None


class Feeds:
    """What the ingester keeps of each feed."""

    _connection: Connection

    async def feed_state(self, feed: str) -> FeedState | None:
        """What the last closed look at the feed left; None if there was none."""
        return state_of(await self._connection.ask("HMGET", keys.feed(feed), *STATE_FIELDS))

    async def feed_states(self, feeds: Iterable[str]) -> dict[str, FeedState | None]:
        """As `feed_state`, of many."""
        names: list[str] = list(feeds)
        states: dict[str, FeedState | None] = {}
        for start in range(0, len(names), _TOGETHER):
            some = names[start : start + _TOGETHER]
            replies = await self._connection.pipeline([("HMGET", keys.feed(feed), *STATE_FIELDS) for feed in some])
            states |= {feed: state_of(values) for feed, values in zip(some, replies, strict=True)}
        return states

    async def close_poll(
        self,
        feed: str,
        expected_revision: int,
        state: FeedState,
        results: Mapping[EntryResult, int],
        poll: str,
        replica: str = "",
        event: Event | None = None,
        before: FeedState | None = None,
        tally: Mapping[str, int] | None = None,
    ) -> bool:
        """Moves the feed's state to `state` and counts what the poll brought, if nobody moved it meanwhile.

        Args:
            expected_revision: of the state that the poll began with; 0 for a feed never looked at.
            state: its own `revision` is not looked at: the new one is `expected_revision` + 1.
            poll: names the poll; closing it again is True and counts nothing.
            replica: whose lease ends with it.
            before: the state that the poll began with, if the caller has it: what did not change is not sent.
            tally: what else is counted of the feed: `pushed`, `push_missed`.
            event: what the closing tells of the feed on `{claimwire:feeds}:events`; its sequence is given here.

        Returns:
            False if another closed a poll of this feed meanwhile, or has the feed on lease now; nothing was written.
        """
        were = _values_of(before) if before is not None else (None,) * len(_MOVED)
        moved = zip(_MOVED, _values_of(state), were, strict=True)
        flat: list[Arg] = [part for name, value, was in moved if value != was for part in (name, encode(str(value)))]
        counts: list[Arg] = [part for result, count in results.items() for part in (f"{_COUNT}{result}", count)]
        counts += [part for name, count in (tally or {}).items() for part in (f"{_COUNT}{name}", count)]
        counts += [f"{_COUNT}polls", 1]
        told: list[Arg] = []
        if event is not None:
            told += [encode(part) for pair in event.attributes.items() for part in pair]
            told += [b"data", encode(event.data)]
        args: list[Arg] = [expected_revision, poll, encode(replica), keys.FEED_EVENTS_LENGTH, len(told), *told]
        args += [len(flat), *flat, *counts]
        places = (keys.feed(feed), keys.feed_events(), keys.feed_counts())
        closed: int = await self._connection.together(_CLOSE_POLL, places, args)
        return closed == 1

    async def keep_listed(self, feeds: Iterable[tuple[str, str, str]]) -> None:
        """Keeps what a service watches, for whoever asks from elsewhere.

        Args:
            feeds: name, kind and address, as it may be shown, of each, in the lists' order.
        """
        await self._connection.run("SET", keys.listed(), zlib.compress(encode(json.dumps(list(feeds)))))

    async def listed(self) -> list[tuple[str, str, str]]:
        """What a service last listed; nothing if none did."""
        kept = await self._connection.run("GET", keys.listed())
        return [] if kept is None else [tuple(one) for one in json.loads(zlib.decompress(kept))]

    async def slow_host(self, host: str, until_s: float, now_s: float) -> None:
        """Leaves a host alone until then (seconds since 1970), or for longer if that was said before."""
        await self._connection.pipeline(
            [
                ("ZADD", keys.slow_hosts(), "GT", until_s, encode(host)),
                ("ZREMRANGEBYSCORE", keys.slow_hosts(), "-inf", f"({now_s - _SLOW_KEPT_S}"),
            ]
        )

    async def slow_hosts(self, now_s: float) -> dict[str, float]:
        """Until when hosts are left alone, also those whose time was over within the last hour."""
        flat = await self._connection.run(
            "ZRANGE", keys.slow_hosts(), now_s - _SLOW_KEPT_S, "+inf", "BYSCORE", "WITHSCORES"
        )
        return {decode(host): float(until) for host, until in zip(flat[::2], flat[1::2], strict=True)}

    async def feed_counts(self, feed_names: Iterable[str]) -> dict[str, dict[str, int]]:
        """Per feed: entry results, every one of the closed set, `polls`, and what became of pushes."""
        names = list(feed_names)
        counted: dict[str, dict[str, int]] = {}
        counters = [*(str(result) for result in EntryResult), "polls", *PUSHES]
        for start in range(0, len(names), _TOGETHER):
            some = names[start : start + _TOGETHER]
            asked = [("HMGET", keys.feed(name), *(_COUNT + counter for counter in counters)) for name in some]
            for name, values in zip(some, await self._connection.pipeline(asked), strict=True):
                counted[name] = {counter: int(raw or 0) for counter, raw in zip(counters, values, strict=True)}
        return counted
