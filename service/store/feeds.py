"""What is remembered of feeds: moved by compare-and-set, counted in the same step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields

from service.model import EntryResult, Event
from service.store import keys
from service.store.connection import Arg, Connection, Script, decode, encode
from service.store.values import FeedState

_CLOSE_POLL = Script("close_poll")
_FEED_EVENT = Script("feed_event")
_KINDS = {"str": str, "int": int, "float": float}
_STATE = tuple((field.name, _KINDS[str(field.type)]) for field in fields(FeedState))
_NOT_MOVED = frozenset({"revision", "last_asked"})
"""the closing counts the one up itself, and opening a poll sets the other"""
_COUNT = "count:"

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
        return state_of(await self._connection.run("HMGET", keys.feed(feed), *STATE_FIELDS))

    async def close_poll(
        self,
        feed: str,
        expected_revision: int,
        state: FeedState,
        results: Mapping[EntryResult, int],
        poll: str,
        replica: str = "",
    ) -> bool:
        """Moves the feed's state to `state` and counts what the poll brought, if nobody moved it meanwhile.

        Args:
            expected_revision: of the state that the poll began with; 0 for a feed never looked at.
            state: its own `revision` is not looked at: the new one is `expected_revision` + 1.
            poll: names the poll; closing it again is True and counts nothing.
            replica: whose lease ends with it.

        Returns:
            False if another closed a poll of this feed meanwhile, or has the feed on lease now; nothing was written.
        """
        moved = [(name, getattr(state, name)) for name, _ in _STATE if name not in _NOT_MOVED]
        flat: list[Arg] = [part for name, value in moved for part in (name, encode(str(value)))]
        counts: list[Arg] = [part for result, count in results.items() for part in (f"{_COUNT}{result}", count)]
        counts += [f"{_COUNT}polls", 1]
        args: list[Arg] = [expected_revision, poll, encode(replica), len(flat), *flat, *counts]
        closed: int = await self._connection.script(_CLOSE_POLL, (keys.feed(feed),), args)
        return closed == 1

    async def feed_counts(self, feed_names: Iterable[str]) -> dict[str, dict[str, int]]:
        """Per feed: entry results, every one of the closed set, and `polls`."""
        names = list(feed_names)
        counters = [*(str(result) for result in EntryResult), "polls"]
        replies = await self._connection.pipeline(
            [("HMGET", keys.feed(name), *(_COUNT + counter for counter in counters)) for name in names]
        )
        return {
            name: {counter: int(raw or 0) for counter, raw in zip(counters, values, strict=True)}
            for name, values in zip(names, replies, strict=True)
        }

    async def put_feed_event(self, event: Event) -> bool:
        """Appends an event about a feed to `claimwire:feeds:events`; False if its id is there already."""
        flat = [encode(part) for pair in event.attributes.items() for part in pair]
        put: int = await self._connection.script(
            _FEED_EVENT,
            (keys.feed_events(),),
            (event.attributes["id"], keys.FEED_EVENTS_LENGTH, *flat, b"data", encode(event.data)),
        )
        return put == 1
