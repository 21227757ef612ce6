"""What persons did to a story: the records that their edits left; and documents taken down, whose words are purged."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Collection, Sequence

from service.store import keys
from service.store.connection import Connection, Script, decode, encode

_EDITS = "e1-*"
_REWRITE = Script("rewrite_stream")
_WITHDRAWN = "claimwire.document.withdrawn.v1"
_PAGE = 1000


class Audit:
    """Edits are admitted and committed as articles are, and their records stand among the documents'."""

    _connection: Connection

    async def edits(self, story: str) -> dict[str, str]:
        """Edit id → its record (JSON), of all that were decided, in no order."""
        return {id_: record async for id_, record in self._documents(story, "MATCH", _EDITS)}

    async def edit_number(self, story: str, edit: str) -> int | None:
        """The number under which an edit was admitted; None if it never was."""
        number = await self._connection.run("HGET", keys.seen(story, edit), "number")
        return None if number is None else int(number)

    async def documents_at(self, story: str, uri: str) -> dict[str, str]:
        """The records of the articles that have this address: article id → record (JSON). Reads every record."""
        every = self._documents(story)
        return {id_: record async for id_, record in every if json.loads(record).get("uri") == uri}

    async def bar(self, story: str, uri: str, reason: str) -> None:
        """Nothing that has this address is admitted any more."""
        record = json.dumps({"reason": reason, "sequences": []}, ensure_ascii=False)
        await self._connection.run("HSETNX", keys.taken_down(story), encode(uri), encode(record))

    async def barred(self, story: str) -> dict[str, str]:
        """Addresses that were taken down, each with the reason."""
        flat = await self._connection.run("HGETALL", keys.taken_down(story))
        return {decode(flat[at]): json.loads(flat[at + 1])["reason"] for at in range(0, len(flat), 2)}

    async def purge(self, story: str, uri: str, articles: Sequence[str], claims: Sequence[str]) -> tuple[int, bool]:
        """Deletes the texts of a document that was taken down, and the events before its takedown that tell of it.

        May be called again: what is gone is gone. The events' numbers are noted first, so that nobody takes them for
        lost.

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
        gone = {*record["sequences"], *telling.values()}
        kept = json.dumps({**record, "sequences": sorted(gone)}, ensure_ascii=False)
        await self._connection.run("HSET", *names, encode(kept))
        await self._delete(keys.events(story), list(telling))
        new = [id_ async for id_, fields in self._entries(keys.new_claims(story)) if int(fields["sequence"]) in gone]
        await self._delete(keys.new_claims(story), new)
        dead = [id_ async for id_, fields in self._entries(keys.dead(story)) if fields.get("uri") == uri]
        await self._delete(keys.dead(story), dead)
        await self._purge_groups((keys.events(story), keys.new_claims(story)), gone)
        for article in articles:
            await self._connection.run("DEL", keys.doc(story, article))
            await self._connection.run("DEL", keys.page(article))
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

    async def _telling(self, story: str, uri: str, claims: Sequence[str]) -> dict[str, int]:
        """Events before the takedown that name the address or are about one of the claims: id → sequence."""
        found: dict[str, int] = {}
        named = json.dumps(uri, ensure_ascii=False)
        async for id_, fields in self._entries(keys.events(story)):
            if fields["type"] == _WITHDRAWN and _is_takedown(fields["data"], uri):
                break
            if fields["subject"] in claims or named in fields["data"]:
                found[id_] = int(fields["sequence"])
        return found

    async def _entries(self, stream: str) -> AsyncIterator[tuple[str, dict[str, str]]]:
        after = "-"
        while entries := await self._connection.run("XRANGE", stream, after, "+", "COUNT", _PAGE):
            for raw, flat in entries:
                yield decode(raw), {decode(flat[at]): decode(flat[at + 1]) for at in range(0, len(flat), 2)}
            after = f"({decode(entries[-1][0])}"

    async def _delete(self, stream: str, ids: list[str]) -> None:
        for at in range(0, len(ids), _PAGE):
            await self._connection.run("XDEL", stream, *ids[at : at + _PAGE])

    async def _documents(self, story: str, *match: str) -> AsyncIterator[tuple[str, str]]:
        cursor = "0"
        while True:
            raw, flat = await self._connection.run("HSCAN", keys.documents(story), cursor, *match, "COUNT", _PAGE)
            for at in range(0, len(flat), 2):
                yield decode(flat[at]), decode(flat[at + 1])
            cursor = decode(raw)
            if cursor == "0":
                return


def _is_takedown(data: str, uri: str) -> bool:
    told = json.loads(data)
    return bool(told["signal"] == "takedown" and told["document"]["uri"] == uri)
