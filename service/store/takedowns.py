"""Documents taken down: addresses barred, words purged, the bar lifted; and what is not finished of that."""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from service.store import keys
from service.store.connection import Connection, Script, decode, encode

_REWRITE = Script("rewrite_stream")
_WITHDRAWN = "claimwire.document.withdrawn.v1"
_LIFTED = "lifted\0"
"""before the address, in the name of what is left of a bar that was lifted: the numbers of events that went"""
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class OpenTakedown:
    """A takedown or a lift that was asked for and is not done."""

    story: str
    edit: str
    """JSON of `service.contract.edits.Edit`"""
    at: datetime
    key: str
    """of the edit: the same key is the same edit"""


class _Went(NamedTuple):
    """An event that goes."""

    event: str
    """its id"""
    sequence: int


class Takedowns:
    """What a takedown needs beyond what workers commit."""

    _connection: Connection

    async def open_takedown(self, action: str, uri: str, asked: OpenTakedown) -> OpenTakedown:
        """Marks what is asked for until `end_takedown`; if it was asked for before, as it was asked then."""
        name = _mark(asked.story, action, uri)
        record = json.dumps({"edit": asked.edit, "at": asked.at.isoformat(), "key": asked.key}, ensure_ascii=False)
        if await self._connection.run("HSETNX", keys.takedowns(), name, encode(record)):
            return asked
        stands = await self._connection.run("HGET", keys.takedowns(), name)
        return asked if stands is None else _opened(asked.story, stands)

    async def open_takedowns(self) -> list[OpenTakedown]:
        """All that are not done, in an order of their own."""
        flat = await self._connection.run("HGETALL", keys.takedowns())
        marks = sorted((decode(flat[at]), flat[at + 1]) for at in range(0, len(flat), 2))
        return [_opened(name.partition("\0")[0], record) for name, record in marks]

    async def is_open(self, story: str, action: str, uri: str) -> bool:
        """Whether such a mark stands."""
        return bool(await self._connection.run("HEXISTS", keys.takedowns(), _mark(story, action, uri)))

    async def end_takedown(self, story: str, action: str, uri: str) -> None:
        """It is done."""
        await self._connection.run("HDEL", keys.takedowns(), _mark(story, action, uri))

    async def bar(self, story: str, uri: str, reason: str) -> None:
        """Nothing that has this address is admitted any more."""
        record = json.dumps({"reason": reason, "sequences": []}, ensure_ascii=False)
        await self._connection.run("HSETNX", keys.taken_down(story), encode(uri), encode(record))

    async def is_barred(self, story: str, uri: str) -> bool:
        """Whether nothing that has this address is admitted."""
        return bool(await self._connection.run("HEXISTS", keys.taken_down(story), encode(uri)))

    async def barred(self, story: str) -> dict[str, str]:
        """Addresses that were taken down, each with the reason."""
        found = await self._bars(story)
        return {uri: record["reason"] for uri, record in found.items() if not uri.startswith(_LIFTED)}

    async def stood_at(self, story: str, event: str) -> str | None:
        """Where an event stood in its story's stream before its document was taken down; None if that is not known."""
        places = (record.get("places", {}).get(_digest(event)) for record in (await self._bars(story)).values())
        return next((place for place in places if place is not None), None)

    async def was_in_words_taken_down(self, story: str, claim: str) -> bool:
        """Whether a claim was in the words of a document that was taken down; it may stand in those of others."""
        return any(claim in record.get("claims", ()) for record in (await self._bars(story)).values())

    async def lifts(self, story: str, uri: str) -> int:
        """How often a takedown of this address was lifted."""
        return len((await self._bar_of(story, _LIFTED + uri)).get("lifts", ()))

    async def lift(self, story: str, uri: str, articles: Sequence[str], edit: str) -> None:
        """What has this address is admitted again, as a later version of what it was. May be called again.

        Args:
            articles: ids of those that had it.
            edit: id of the edit that lifts it.
        """
        stands, was = await self._bar_of(story, uri), await self._bar_of(story, _LIFTED + uri)
        gone = {*stands.get("sequences", ()), *was.get("sequences", ())}
        left = {
            "reason": stands.get("reason", was.get("reason", "")),
            "sequences": sorted(gone),
            "places": was.get("places", {}) | stands.get("places", {}),
            "lifts": [*was.get("lifts", ()), *([edit] if edit not in was.get("lifts", ()) else [])],
        }
        text = json.dumps(left, ensure_ascii=False)
        await self._connection.run("HSET", keys.taken_down(story), encode(_LIFTED + uri), encode(text))
        for article in articles:  # the same words are another content than those that were seen
            await self._connection.run("HDEL", keys.seen(story, article), "hash")
        await self._connection.run("HDEL", keys.taken_down(story), encode(uri))

    async def _bars(self, story: str) -> dict[str, dict[str, Any]]:
        """The records of all addresses that were taken down, those that were lifted too."""
        flat = await self._connection.run("HGETALL", keys.taken_down(story))
        return {decode(flat[at]): json.loads(flat[at + 1]) for at in range(0, len(flat), 2)}

    async def _bar_of(self, story: str, name: str) -> dict[str, Any]:
        record = await self._connection.run("HGET", keys.taken_down(story), encode(name))
        return {} if record is None else dict(json.loads(record))

    async def purge(self, story: str, uri: str, articles: Sequence[str], claims: Sequence[str]) -> tuple[int, bool]:
        """Deletes the texts of a document that was taken down, and the events before its takedown that tell of it.

        May be called again: what is gone is gone. The events' numbers are noted first, so that nobody takes them for
        lost, and where they stood, so that whoever had heard of them goes on from there; the claims, so that it is told
        why they are no more.

        Args:
            claims: ids of claims that were in its words.

        Returns:
            How many events went in all, and whether the servers were asked to write their logs on disk anew, in which
            the words stand until then.
        """
        names = (keys.taken_down(story), encode(uri))
        telling = await self._telling(story, uri, claims)
        # Read after that: whoever purges at the same time has noted what we no longer found.
        record = json.loads(await self._connection.run("HGET", *names))
        gone = {*record["sequences"], *(went.sequence for went in telling.values())}
        places = record.get("places", {}) | {_digest(went.event): id_ for id_, went in telling.items()}
        named = sorted({*record.get("claims", ()), *claims})
        kept = json.dumps({**record, "sequences": sorted(gone), "places": places, "claims": named}, ensure_ascii=False)
        await self._connection.run("HSET", *names, encode(kept))
        await self._delete(keys.events(story), list(telling))
        new = [id_ async for id_, fields in self._entries(keys.new_claims(story)) if int(fields["sequence"]) in gone]
        await self._delete(keys.new_claims(story), new)
        # What was given up was never decided, and stands in no record: its dead letter alone knows its text.
        dead = {
            id_: each["article_id"] async for id_, each in self._entries(keys.dead(story)) if each.get("uri") == uri
        }
        for article in sorted({*articles, *dead.values()}):
            await self._connection.run("DEL", keys.doc(story, article))
            await self._connection.run("DEL", keys.page(article))
        for article in sorted(set(dead.values())):  # if the bar is lifted, the same words are new
            await self._connection.run("HDEL", keys.seen(story, article), "hash")
        await self._delete(keys.dead(story), list(dead))
        await self._purge_groups((keys.events(story), keys.new_claims(story)), gone)
        for key in (keys.articles, keys.events, keys.new_claims, keys.dead):
            await self._rewrite(key(story))
        return len(gone), await self._connection.rewrite_logs()

    async def _purge_groups(self, streams: Sequence[str], gone: Collection[int]) -> None:
        """Deletes dead letters of subscribers that tell of these events: a traceback may hold their words."""
        for stream in streams:
            if not await self._connection.run("EXISTS", stream):
                continue
            for group in await self._connection.run("XINFO", "GROUPS", stream):
                dead = keys.group_dead(stream, decode(group[1]))
                letters = [id_ async for id_, fields in self._entries(dead) if int(fields["sequence"] or 0) in gone]
                await self._delete(dead, letters)
                await self._rewrite(dead)

    async def _rewrite(self, stream: str) -> None:
        """Deleted entries of a stream are only marked, and their words stay in the server until it is written anew."""
        await self._connection.script(_REWRITE, (stream, f"{stream}:rewritten"), (_PAGE,))

    async def _telling(self, story: str, uri: str, claims: Sequence[str]) -> dict[str, _Went]:
        """Events before the last takedown that name the address or are about one of the claims, by their entries' ids.
        All of them if the takedown is told no more.
        """
        found, since = dict[str, _Went](), dict[str, _Went]()
        told = False
        named = json.dumps(uri, ensure_ascii=False)
        async for id_, fields in self._entries(keys.events(story)):
            if fields["type"] == _WITHDRAWN and _is_takedown(fields["data"], uri):
                told, found, since = True, found | since, {}
            elif fields["subject"] in claims or named in fields["data"]:
                since[id_] = _Went(fields["id"], int(fields["sequence"]))
        return found if told else since

    async def _entries(self, stream: str) -> AsyncIterator[tuple[str, dict[str, str]]]:
        after = "-"
        while entries := await self._connection.run("XRANGE", stream, after, "+", "COUNT", _PAGE):
            for raw, flat in entries:
                yield decode(raw), {decode(flat[at]): decode(flat[at + 1]) for at in range(0, len(flat), 2)}
            after = f"({decode(entries[-1][0])}"

    async def _delete(self, stream: str, ids: list[str]) -> None:
        for at in range(0, len(ids), _PAGE):
            await self._connection.run("XDEL", stream, *ids[at : at + _PAGE])


def _is_takedown(data: str, uri: str) -> bool:
    told = json.loads(data)
    return bool(told["signal"] == "takedown" and told["document"]["uri"] == uri)


def _mark(story: str, action: str, uri: str) -> bytes:
    return encode(f"{story}\0{action}\0{uri}")


def _opened(story: str, record: bytes) -> OpenTakedown:
    fields = json.loads(record)
    return OpenTakedown(story, fields["edit"], datetime.fromisoformat(fields["at"]), fields["key"])


def _digest(event: str) -> str:
    """By which the place of an event that went is found by whoever still knows its id; the id itself goes too."""
    return hashlib.blake2b(event.encode(), digest_size=8).hexdigest()
