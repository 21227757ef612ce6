"""The edits of a story that were decided, kept in memory: looking for them among all records is done once."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, field

from service.contract.api import EditShown
from service.edits.editing import audit, shown
from service.model import Outcome
from service.store import keys
from service.store.store import Store

_PAGE = 1_000
_OF_EDITS = (Outcome.EDITED, Outcome.EDIT_REFUSED)


@dataclass(slots=True)
class _Read:
    number: int = 0
    """in the story's line, up to which was read"""
    found: dict[int, EditShown] = field(default_factory=dict)
    """by number, in order"""


@dataclass(slots=True)
class Ledger:
    """Of all stories that somebody asked about."""

    store: Store
    _read: dict[str, _Read] = field(default_factory=dict)

    async def page(self, story: str, after: int, limit: int) -> list[EditShown]:
        """Up to `limit` edits behind a number, in the order of the line."""
        read = await self._catch_up(story)
        numbers = list(read.found)
        at = bisect_right(numbers, after)
        return [read.found[number] for number in numbers[at : at + limit]]

    async def _catch_up(self, story: str) -> _Read:
        """Reads what was decided since, out of the outcomes; all records if those go back no further, or the server
        has lost what was read.
        """
        committed = (await self.store.state(story)).committed
        read = self._read.get(story, _Read())
        first = await self.store.range(keys.outcomes(story), count=1)
        reaches = bool(first) and int(first[0].id.partition("-")[0]) <= read.number + 1
        if story not in self._read or committed < read.number or not (reaches or committed == read.number):
            read = _Read(committed, {one.number: one for one in await audit(self.store, story)})
        at = read.number
        while entries := await self.store.range(keys.outcomes(story), f"({at}-0", count=_PAGE):
            ids = [entry.fields["article"] for entry in entries if entry.fields["outcome"] in _OF_EDITS]
            records = await self.store.documents(story, ids) if ids else {}
            for id_ in (id_ for id_ in ids if id_ in records):
                one = shown(story, id_, records[id_])
                read.found[one.number] = one
            at = int(entries[-1].id.partition("-")[0])
        read.number = max(at, read.number)
        self._read[story] = read
        return read
