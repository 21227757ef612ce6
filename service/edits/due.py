"""What is held of a story that has fallen silent: its time is over, and no article comes with which a worker looks.

The service asks for that look by an entry in the story's line, like an edit: whoever plays the edits again has it where
it stood.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import structlog

from service.contract.edits import Edit
from service.edits.editing import ask_once
from service.errors import StoreUnavailable
from service.store.store import Store
from service.store.values import Cursor

LOOK_EVERY_S = 60.0
LONG_AGO = timedelta(days=30)
"""what was due longer ago was held by another clock than ours, that of a replay, and waits for its next article"""

_ASKED = Edit(action="due", reason="what was held is due, and no article came", by="claimwire")
_AT_ONCE = 200
"""records that are read before others have their turn"""

log = structlog.get_logger(__name__)


async def see_to_what_is_due(
    store: Store, stories: Iterable[str], stop: asyncio.Event, every_s: float = LOOK_EVERY_S
) -> None:
    """Asks for a look at what is held of each story once some of it is due. Several services may: it is one entry."""
    holdings = [Holding(story) for story in sorted(stories)]
    while not stop.is_set():
        try:
            for holding in holdings:
                await holding.catch_up(store)
                await holding.ask(store, datetime.now(UTC))
        except StoreUnavailable as error:
            log.warning("store.unavailable", error=error.message)
        try:
            await asyncio.wait_for(stop.wait(), every_s)
        except TimeoutError:
            continue


class Holding:
    """When what is held of one story is due."""

    def __init__(self, story: str) -> None:
        self._story = story
        self._cursor: Cursor | None = None
        self._due: dict[str, datetime] = {}
        """by claim"""

    async def catch_up(self, store: Store) -> None:
        """Reads what changed since the last time.

        Raises:
            StoreUnavailable: it is read the next time.
        """
        delta = await store.claims_since(self._story, self._cursor)
        if delta.full:
            self._due.clear()
        self._cursor = delta.cursor
        for number, (claim_id, record) in enumerate(delta.records.items(), start=1):
            due = _due(record)
            if due is None:
                self._due.pop(claim_id, None)
            else:
                self._due[claim_id] = due
            if number % _AT_ONCE == 0:
                await asyncio.sleep(0)

    async def ask(self, store: Store, now: datetime) -> str | None:
        """Puts a look into the line if something is due, once however often it is asked for; its id.

        Raises:
            StoreUnavailable: perhaps it was written; the same call may be made again.
        """
        last = max((due for due in self._due.values() if now - LONG_AGO < due <= now), default=None)
        if last is None:
            return None
        return await ask_once(store, self._story, _ASKED, f"due\0{last.isoformat()}", now)


def _due(record: str) -> datetime | None:
    """When a claim is due, by its record; None if it is not held."""
    held = json.loads(record).get("held") if record else None
    return None if held is None else datetime.fromisoformat(held["until"])
