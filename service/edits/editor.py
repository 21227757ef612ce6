"""The write side of the API: what `service.web.edits` is given."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime

import structlog

from service.contract.api import EditShown
from service.contract.edits import Edit
from service.edits.barred import Barred
from service.edits.editing import ask_once, decided, result
from service.edits.ledger import Ledger
from service.edits.takedowns import barred_in, take_down
from service.errors import ClaimwireError
from service.store.store import Store

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Editor:
    """Writes what persons decide."""

    store: Store
    within_s: float = 2.0
    """how long a request waits for a worker to decide what it asks for"""
    barred: Barred | None = None
    """where takedowns are noted too; None: the store has them, and nobody begins with an empty one"""
    stories: Collection[str] = ()
    """those that are followed: what one of them bars stays noted for the others"""
    _ledger: Ledger = field(init=False)

    def __post_init__(self) -> None:
        self._ledger = Ledger(self.store)

    async def ask(self, story: str, edit: Edit, key: str) -> EditShown:
        """Puts an edit into the story's line, once for a key; what became of it, if that is soon."""
        at = datetime.now(UTC)
        if edit.uri is not None:
            id_ = (await take_down(self.store, story, edit, at, self.within_s)).edit
            await self._note(story, edit.action, edit.uri)
        else:
            id_ = await ask_once(self.store, story, edit, key, at)
        found = await decided(self.store, story, id_, self.within_s)
        assert found is not None
        return found

    async def _note(self, story: str, action: str, uri: str) -> None:
        if self.barred is None:
            return
        try:
            if action == "takedown":
                self.barred.add(uri, story)
            elif await barred_in(self.store, set(self.stories) - {story}, uri):
                self.barred.spare(uri, story)
            else:
                self.barred.remove(uri)
        except ClaimwireError as error:  # the store has it
            log.warning("takedown.not_noted", error=error.message)

    async def one(self, story: str, edit: str) -> EditShown | None:
        """What became of an edit."""
        return await result(self.store, story, edit)

    async def page(self, story: str, after: int, limit: int) -> list[EditShown]:
        """Those that were decided, behind a number, in the order of the line."""
        return await self._ledger.page(story, after, limit)
