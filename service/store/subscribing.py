"""The subscribers' side: a group's deliveries handed out, kept alive, taken over, ended and given up.

A delivery is an entry of a stream that a group holds as pending: it is open until it is settled or parked, whoever dies
meanwhile. So a delivery comes at least once; a repeat carries the same event id.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from redis.exceptions import ResponseError

from service.errors import InvariantBroken
from service.store import keys
from service.store.connection import Arg, Connection, Script, decode
from service.store.ids import EntryId
from service.store.reading import counted
from service.store.values import ParkedDelivery, StreamEntry

_JOIN = Script("group_join")
_BEGIN = Script("group_begin")
_HOLD = Script("group_hold")
_SETTLE = Script("group_settle")
_PARK = Script("group_park")
_AGAIN = Script("group_again")
_TIDY = Script("group_tidy")
_LEAVE = Script("group_leave")
_LEASE = Script("lease")

_PAGE = 100
_REASON, _DETAIL = 1000, 6000
"""code points of a dead letter"""

Letter = Literal["retried", "dropped", "unknown", "past_retention"]


class GroupGone(Exception):
    """Somebody deleted the group or its stream. `join` makes it again."""


class Subscribing:
    """What a consumer group of subscribers does. `stream` is always a key (service.store.keys)."""

    _connection: Connection

    async def join(self, stream: str, group: str, after: str = "0") -> bool:
        """Makes a group that begins behind the entry `after` (`$`: behind the last one); True if there was none.

        From then on trimming respects it.
        """
        made: int = await self._connection.script(_JOIN, (stream,), (group, after))
        return made == 1

    async def leave(self, stream: str, group: str) -> bool:
        """Removes a group, its dead letters and counters; False if there was none."""
        left: int = await self._connection.script(_LEAVE, _names(stream, group), (group,))
        return left == 1

    async def hand_out(self, stream: str, group: str, consumer: str, count: int) -> list[StreamEntry]:
        """Up to `count` entries that nobody of the group was given yet; waits for none.

        After StoreUnavailable, entries may have been handed out whose answer was lost: `held` has them.

        Raises:
            GroupGone: there is no such group.
        """
        command = ("XREADGROUP", "GROUP", group, consumer, "COUNT", count, "STREAMS", stream, ">")
        return _entries(stream, await self._of_group(command, once=True))

    async def held(
        self, stream: str, group: str, consumer: str, after: str = "0-0", count: int = _PAGE
    ) -> list[StreamEntry]:
        """What `consumer` was given behind `after` and has not ended, the oldest first.

        What was trimmed meanwhile is ended and left out.

        Raises:
            GroupGone: there is no such group.
        """
        while True:
            command = ("XREADGROUP", "GROUP", group, consumer, "COUNT", count, "STREAMS", stream, after)
            reply = await self._of_group(command)
            found = reply[0][1] if reply else []
            gone = [decode(entry_id) for entry_id, flat in found if flat is None]
            if gone:
                await self.settle(stream, group, gone, "lost")
            if len(gone) < len(found) or not found:
                return _entries(stream, reply)
            after = gone[-1]

    async def take_over(self, stream: str, group: str, consumer: str, idle_s: float, count: int) -> list[StreamEntry]:
        """Up to `count` entries whose consumer was silent for `idle_s`; its own forgotten ones too.

        Raises:
            GroupGone: there is no such group.
        """
        start, taken = "0-0", list[StreamEntry]()
        while len(taken) < count:
            command = ("XAUTOCLAIM", stream, group, consumer, int(idle_s * 1000), start, "COUNT", count - len(taken))
            reply = await self._of_group(command)
            taken += _entries(stream, [(stream.encode(), reply[1])])
            start = decode(reply[0])
            if start == "0-0":
                break
        return taken

    async def hold(self, stream: str, group: str, consumer: str, ids: Sequence[str]) -> list[str]:
        """Says that `consumer` still works on these; returns those that another has taken over meanwhile."""
        if not ids:
            return []
        kept = await self._script_of_group(_HOLD, (stream,), (group, consumer, *ids))
        return [entry_id for entry_id, still in zip(ids, kept, strict=True) if not still]

    async def start(self, stream: str, group: str, consumer: str, entry_id: str) -> int:
        """Counts one start of handling, over all consumers; returns the count.

        Returns:
            0 if it is not the consumer's (any more), or if its event is gone meanwhile, by retention or a takedown:
            what was purged is handed to nobody.
        """
        count: int = await self._script_of_group(
            _BEGIN, _names(stream, group)[:2], (group, consumer, entry_id, secrets.token_hex(8))
        )
        return count

    async def settle(self, stream: str, group: str, ids: Sequence[str], how: str = "acknowledged") -> int:
        """Ends deliveries, and counts them once under `how`; returns how many were open."""
        if not ids:
            return 0
        ended: int = await self._connection.script(_SETTLE, _names(stream, group)[:2], (group, how, *ids))
        return ended

    async def park(
        self, stream: str, group: str, consumer: str, entry: StreamEntry, reason: str, detail: str = ""
    ) -> bool:
        """Gives a delivery up, once: it stands among the group's dead letters. False if it was ended before.

        A dead letter names the event and does not hold it: what is purged from the stream is purged.
        """
        named = [part for name in ("id", "type", "subject", "sequence") for part in (name, entry.fields.get(name, ""))]
        args: list[Arg] = [group, entry.id, keys.DEAD_LENGTH, *named]
        args += ["consumer", consumer, "reason", reason[:_REASON], "detail", detail[-_DETAIL:]]
        parked: int = await self._script_of_group(_PARK, _names(stream, group), args)
        return parked == 1

    async def parked(self, stream: str, group: str) -> list[ParkedDelivery]:
        """The group's dead letters that nobody has retried or dropped, the oldest first."""
        letters, after = list[ParkedDelivery](), "-"
        key = keys.group_dead(stream, group)
        while found := await self._connection.run("XRANGE", key, after, "+", "COUNT", _PAGE):
            letters += [_letter(stream, group, decode(entry_id), _fields(flat)) for entry_id, flat in found]
            after = f"({letters[-1].id}"
        return letters

    async def end_parked(
        self, letter: ParkedDelivery, how: Literal["retried", "dropped"], consumer: str = "again"
    ) -> Letter:
        """Retries a dead letter, counting from one again, or drops it.

        Args:
            consumer: who is to have it. Of a group whose consumers take over from each other any name will do.
        """
        args = (letter.group, letter.id, how, consumer)
        told = await self._script_of_group(_AGAIN, _names(letter.stream, letter.group), args)
        return decode(told)  # type: ignore[return-value]  # one of the script's

    async def group_counts(self, stream: str, group: str) -> dict[str, int]:
        """Deliveries of a group, by how they ended; `started` counts every start of handling one."""
        return counted(await self._connection.run("HGETALL", keys.group_state(stream, group)))

    async def tidy(self, stream: str, group: str, silent_s: float) -> int:
        """Forgets consumers that hold nothing and were silent for `silent_s`; returns how many."""
        gone: int = await self._script_of_group(_TIDY, (stream,), (group, int(silent_s * 1000)))
        return gone

    async def lease(self, key: str, holder: str, lease_s: float) -> bool:
        """Takes or keeps what `key` stands for, for `lease_s`; 0 gives it back. False while another has it."""
        held: int = await self._connection.script(_LEASE, (key,), (holder, round(lease_s * 1000)))
        return held == 1

    async def _of_group(self, command: Sequence[Arg], *, once: bool = False) -> Any:
        try:
            return await (self._connection.block(*command) if once else self._connection.run(*command))
        except InvariantBroken as error:
            raise _gone(error) from error

    async def _script_of_group(self, script: Script, names: Sequence[str], args: Sequence[Arg]) -> Any:
        try:
            return await self._connection.script(script, names, args)
        except InvariantBroken as error:
            raise _gone(error) from error


def _gone(error: InvariantBroken) -> Exception:
    """The same failure, or `GroupGone` if that is what it says."""
    told = str(error)
    absent = isinstance(error.__cause__, ResponseError) and ("NOGROUP" in told or "UNBLOCKED" in told)
    return GroupGone(told) if absent else error


def _names(stream: str, group: str) -> tuple[str, str, str]:
    return stream, keys.group_state(stream, group), keys.group_dead(stream, group)


def _entries(stream: str, reply: Any) -> list[StreamEntry]:
    found = reply[0][1] if reply else []
    return [
        StreamEntry(stream, decode(entry_id), {decode(name): decode(value) for name, value in _fields(flat).items()})
        for entry_id, flat in found
        if flat is not None
    ]


def _fields(flat: Sequence[bytes]) -> dict[bytes, bytes]:
    return dict(zip(flat[::2], flat[1::2], strict=True))


def _letter(stream: str, group: str, entry_id: str, flat: Mapping[bytes, bytes]) -> ParkedDelivery:
    fields = {decode(name): decode(value) for name, value in flat.items()}
    return ParkedDelivery(
        stream=stream,
        group=group,
        id=entry_id,
        at=EntryId.of(entry_id).at,
        entry_id=fields.get("entry", ""),
        event_id=fields.get("id", ""),
        type=fields.get("type", ""),
        subject=fields.get("subject", ""),
        starts=int(fields.get("starts", "0")),
        consumer=fields.get("consumer", ""),
        reason=fields.get("reason", ""),
        detail=fields.get("detail", ""),
    )
