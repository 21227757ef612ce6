"""What persons did to the claims of a story: the records that their edits left, applied or refused."""

from __future__ import annotations

from service.store import keys
from service.store.connection import Connection, decode

_EDITS = "e1-*"
_PAGE = 1000


class Audit:
    """Reads only: edits are admitted and committed as articles are, and their records stand among the documents'."""

    _connection: Connection

    async def edits(self, story: str) -> dict[str, str]:
        """Edit id → its record (JSON), of all that were decided, in no order."""
        records: dict[str, str] = {}
        cursor = "0"
        while True:
            raw, flat = await self._connection.run(
                "HSCAN", keys.documents(story), cursor, "MATCH", _EDITS, "COUNT", _PAGE
            )
            records |= {decode(flat[at]): decode(flat[at + 1]) for at in range(0, len(flat), 2)}
            cursor = decode(raw)
            if cursor == "0":
                return records

    async def edit_number(self, story: str, edit: str) -> int | None:
        """The number under which an edit was admitted; None if it never was."""
        number = await self._connection.run("HGET", keys.seen(story, edit), "number")
        return None if number is None else int(number)
