"""What persons did to a story: the records that their edits left, and the documents that they are about."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from service.store import keys
from service.store.connection import Connection, decode

_EDITS = "e1-*"
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

    async def _documents(self, story: str, *match: str) -> AsyncIterator[tuple[str, str]]:
        cursor = "0"
        while True:
            raw, flat = await self._connection.run("HSCAN", keys.documents(story), cursor, *match, "COUNT", _PAGE)
            for at in range(0, len(flat), 2):
                yield decode(flat[at]), decode(flat[at + 1])
            cursor = decode(raw)
            if cursor == "0":
                return
