"""The readers' and operators' side: streams, records, counters, who is alive, and what may be dropped."""

from __future__ import annotations

import asyncio
import time
import zlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from service.store import keys
from service.store.connection import BLOCK_CAP_S, Arg, Connection, Script, decode, encode
from service.store.ids import EntryId
from service.store.layout import agree
from service.store.values import GroupState, StreamEdges, StreamEntry

APART_S = 0.05

_LATENCY = "latency:"

_BEAT = Script("beat")
_WORKERS = Script("workers")
_FORGET_FURNITURE = Script("forget_furniture")


class Reading:
    """What those do who change nothing, and the housekeeping."""

    _connection: Connection

    async def text(self, article_id: str, story: str, version: int) -> str:
        """The text that offsets count in.

        Raises:
            KeyError: it is past the horizon, or was never admitted.
        """
        raw = await self._connection.run("HGET", keys.doc(story, article_id), version)
        if raw is None:
            raise KeyError(f"no text of {article_id} version {version} in {story}")
        return decode(zlib.decompress(raw))

    async def documents(self, story: str, ids: Iterable[str]) -> dict[str, str]:
        """The records of those documents that are known, by article id."""
        return await self._some(keys.documents(story), list(ids))

    async def claims(self, story: str) -> dict[str, str]:
        """The whole registry: claim id → record (JSON), in the order of ids."""
        return await self._all(keys.claims(story))

    async def claim_ids(self, story: str) -> list[str]:
        """The ids of the whole registry, in order; no record is read for it."""
        return sorted(decode(raw) for raw in await self._connection.run("HKEYS", keys.claims(story)))

    async def claims_of(self, story: str, ids: Iterable[str]) -> dict[str, str]:
        """Those of these records that the registry has: claim id → record (JSON)."""
        return await self._some(keys.claims(story), list(ids))

    async def claim(self, story: str, claim_id: str) -> str | None:
        """One record of the registry."""
        return (await self._some(keys.claims(story), [claim_id])).get(claim_id)

    async def furniture(self, story: str) -> dict[str, str]:
        """What was learned of the pages of each source: source → record (JSON)."""
        return await self._all(keys.furniture(story))

    async def furniture_of(self, story: str, source: str) -> str | None:
        """The record of one source."""
        return (await self._some(keys.furniture(story), [source])).get(source)

    async def forget_furniture(self, story: str, source: str) -> bool:
        """Forgets what was learned of a source's pages. The story's state changes: what is being decided just now is
        decided again.

        Returns:
            False if nothing was learned of it.
        """
        forgotten: int = await self._connection.script(
            _FORGET_FURNITURE, (keys.state(story), keys.furniture(story)), (source,)
        )
        return forgotten == 1

    async def read(self, streams: Mapping[str, str], block_s: float, count: int) -> list[StreamEntry]:
        """Entries after the given id of each stream (name → id), at most `count` of each.

        Waits up to `block_s` (at most 2 s) for the first. To follow from now on, begin with `last_id`, not with `$`:
        what arrives between two calls would be lost. Streams of several stories of a cluster are asked every
        `APART_S`: no command can wait for them together.
        """
        apart = self._connection.apart(streams)
        head: tuple[Arg, ...] = ("XREAD", "COUNT", count)
        if len(apart) == 1:
            block = ("BLOCK", max(1, int(min(block_s, BLOCK_CAP_S) * 1000))) if block_s > 0 else ()
            told = [await self._connection.block(*head, *block, "STREAMS", *streams, *streams.values())]
        else:
            until_s = time.monotonic() + min(block_s, BLOCK_CAP_S)
            asked = [(*head, "STREAMS", *some, *(streams[name] for name in some)) for some in apart]
            while not any(told := await self._connection.pipeline(asked)) and time.monotonic() < until_s:  # noqa: ASYNC110
                await asyncio.sleep(APART_S)
        return [_entry(decode(name), entry) for reply in told for name, entries in reply or () for entry in entries]

    async def range(
        self, stream: str, start: str = "-", end: str = "+", count: int = 1000, *, newest_first: bool = False
    ) -> list[StreamEntry]:
        """Entries from `start` to `end`, both included; `(id` excludes."""
        order = ("XREVRANGE", stream, end, start) if newest_first else ("XRANGE", stream, start, end)
        return [_entry(stream, entry) for entry in await self._connection.run(*order, "COUNT", count)]

    async def length(self, stream: str) -> int:
        """Entries of a stream."""
        return int(await self._connection.run("XLEN", stream))

    async def last_id(self, stream: str) -> str:
        """Id of the newest entry, `0-0` if there is none."""
        newest = await self.range(stream, count=1, newest_first=True)
        return newest[0].id if newest else "0-0"

    async def edges(self, stream: str) -> StreamEdges:
        """From where to where a stream of events goes."""
        if not await self._connection.run("EXISTS", stream):
            return StreamEdges(EntryId(0, 1), EntryId(0), EntryId(0), "")
        told = _fields(await self._connection.run("XINFO", "STREAM", stream))
        newest, deleted = EntryId.of(told[b"last-generated-id"]), EntryId.of(told[b"max-deleted-entry-id"])
        if told[b"first-entry"] is None:
            return StreamEdges(EntryId(newest.ms, newest.seq + 1), newest, deleted, "")
        first = _entry(stream, told[b"first-entry"])
        return StreamEdges(EntryId.of(told[b"first-entry"][0]), newest, deleted, first.fields.get("sequence", "1"))

    async def counts(self, story: str) -> dict[str, int]:
        """Counters of a story: `entry:<result>`, `outcome:<outcome>`, `event:<type>` and those of the commits."""
        return {name: n for name, n in (await self._counted(story)).items() if not name.startswith(_LATENCY)}

    async def latency(self, story: str) -> dict[str, int]:
        """Commits with events by upper bound in ms (`+Inf` above all), not cumulative; and `sum_ms`."""
        counted = (await self._counted(story)).items()
        return {name.removeprefix(_LATENCY): n for name, n in counted if name.startswith(_LATENCY)}

    async def _counted(self, story: str) -> dict[str, int]:
        return {name: int(value) for name, value in (await self._all(keys.counts(story))).items()}

    async def lengths(self, story: str) -> dict[str, int]:
        """Entries of each stream of a story, by the stream's short name."""
        names = {
            "articles": keys.articles(story),
            "events": keys.events(story),
            "new-claims": keys.new_claims(story),
            "dead": keys.dead(story),
        }
        replies = await self._connection.pipeline([("XLEN", name) for name in names.values()])
        return dict(zip(names, replies, strict=True))

    async def groups(self, stream: str) -> list[GroupState]:
        """The consumer groups of a stream; none if there is no stream."""
        if not await self._connection.run("EXISTS", stream):
            return []
        found = [_fields(flat) for flat in await self._connection.run("XINFO", "GROUPS", stream)]
        names = [decode(group[b"name"]) for group in found]
        states = await self._connection.pipeline([("HGETALL", keys.group_state(stream, name)) for name in names])
        return [
            GroupState(name, group[b"pending"], group.get(b"lag"), counted(state))
            for name, group, state in zip(names, found, states, strict=True)
        ]

    async def beat(self, worker: str, ttl_s: float, stories: str = "", fresh_s: float = 0.0) -> list[str]:
        """A worker's sign of life, good for `ttl_s`; 0 takes leave.

        Args:
            stories: names those that it follows, without white space.

        Returns:
            Who follows the same, and gave a sign of life within `fresh_s`; sorted.

        Raises:
            ServerUnusable: a later release has laid the store out otherwise since.
        """
        if ttl_s:
            await agree(self._connection, read_only=True)
        args = (encode(worker), int(ttl_s * 1000), stories, int(fresh_s * 1000))
        return sorted(map(decode, await self._connection.script(_BEAT, (keys.workers(),), args)))

    async def workers(self) -> dict[str, float]:
        """The workers alive: name → seconds since the last sign of life."""
        flat = await self._connection.script(_WORKERS, (keys.workers(),))
        return dict(sorted((decode(flat[i]), flat[i + 1] / 1000) for i in range(0, len(flat), 2)))

    async def _all(self, key: str) -> dict[str, str]:
        flat = await self._connection.run("HGETALL", key)
        return dict(sorted((decode(flat[i]), decode(flat[i + 1])) for i in range(0, len(flat), 2)))

    async def _some(self, key: str, names: list[str]) -> dict[str, str]:
        if not names:
            return {}
        values = await self._connection.run("HMGET", key, *names)
        return {name: decode(raw) for name, raw in zip(names, values, strict=True) if raw is not None}


def counted(flat: Sequence[bytes]) -> dict[str, int]:
    """The counters of a group's state: deliveries by how they ended."""
    fields = {decode(name): value for name, value in _fields(flat).items()}
    return {name[6:]: int(fields[name]) for name in sorted(fields) if name.startswith("count:")}


def _entry(stream: str, entry: tuple[bytes, Sequence[bytes]]) -> StreamEntry:
    entry_id, flat = entry
    return StreamEntry(stream, decode(entry_id), {decode(name): decode(value) for name, value in _fields(flat).items()})


def _fields(flat: Sequence[Any]) -> dict[bytes, Any]:
    return dict(zip(flat[::2], flat[1::2], strict=True))
