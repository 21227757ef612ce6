"""How a person's edit is asked for, and what became of it: what the command and the API have in common."""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from service.contract.api import EditShown
from service.contract.edits import Edit, as_article, edit_id
from service.errors import SettingError, StoreUnavailable
from service.store.store import Store

DOC_TTL_S = 30 * 86_400
"""how long the text of an edit is kept for a worker; its record stays with the story"""
LOOK_AGAIN_S = 0.1
GO_ON_S = 10.0
"""a takedown's request that is over goes on in turns of this length"""


@dataclass(frozen=True, slots=True)
class TakenDown:
    """What went with a document."""

    edit: str
    claims: tuple[str, ...]
    """removed, or left in the words of others"""
    articles: int
    events: int
    rewritten: bool
    """whether the servers write their logs on disk anew, in which the words stand until then"""


async def ask(store: Store, story: str, edit: Edit, key: str, at: datetime) -> str:
    """Puts an edit into the story's line, once for a `key`; returns its id.

    Raises:
        SettingError: the key was used for another edit.
        StoreUnavailable: perhaps it was written; the same call may be made again.
    """
    id_ = edit_id(story, key)
    before = (await store.documents(story, [id_])).get(id_)
    waiting = before is None and await store.edit_number(story, id_) is not None
    asked = json.loads(before)["edit"] if before else json.loads(await _text(store, story, id_)) if waiting else None
    if asked is not None and Edit.model_validate(asked) != edit and edit.action != "takedown":
        raise SettingError(f"the key {key!r} was used for another edit", "Give every edit a key of its own.")
    if asked is None:  # the number is forgotten after a year, the record stays
        await store.admit(story, as_article(edit, id_, at), id_, DOC_TTL_S)
    return id_


async def result(store: Store, story: str, id_: str) -> EditShown | None:
    """What became of an edit so far; None if it was never asked for."""
    record = (await store.documents(story, [id_])).get(id_)
    if record is not None:
        return _result(story, id_, record)
    number = await store.edit_number(story, id_)
    if number is None:
        return None
    waits = EditShown(id=id_, story=story, state="waiting", number=number)
    if (await store.state(story)).committed < number:
        return waits
    record = (await store.documents(story, [id_])).get(id_)  # written in one step with the number
    if record is not None:
        return _result(story, id_, record)
    why = f"it could not be decided, and nothing was changed: `claimwire dead show {number}` says why"
    return waits.model_copy(update={"state": "refused", "why": why})


async def _text(store: Store, story: str, id_: str) -> str:
    """An edit that waits, as it was asked for."""
    try:
        return await store.text(id_, story, 1)
    except KeyError:
        return "null"


async def decided(store: Store, story: str, id_: str, within_s: float) -> EditShown | None:
    """As `result`, once a worker has decided it or the time is over."""
    end_s = asyncio.get_running_loop().time() + within_s
    while True:
        found = await result(store, story, id_)
        if found is None or found.state != "waiting" or asyncio.get_running_loop().time() >= end_s:
            return found
        await asyncio.sleep(LOOK_AGAIN_S)


async def audit(store: Store, story: str) -> list[EditShown]:
    """Every edit that was decided, in the order of the line."""
    found = [_result(story, id_, record) for id_, record in (await store.edits(story)).items()]
    return sorted(found, key=lambda one: one.number)


def takedown_key(edit: Edit) -> str:
    """A document is taken down once, however often that is asked for."""
    return f"takedown\0{edit.uri}"


async def take_down(store: Store, story: str, edit: Edit, at: datetime, within_s: float) -> TakenDown | None:
    """Bars a document from a story, removes what is known of it, and purges its words; None if no worker decided in
    time. May be called again, and goes on where it stopped.

    Raises:
        StoreUnavailable: call again.
    """
    uri = edit.uri or ""
    await store.bar(story, uri, edit.reason)
    id_ = await ask(store, story, edit, takedown_key(edit), at)
    found = await decided(store, story, id_, within_s)
    if found is None or found.state != "applied":  # refused: it stands among the dead letters, and may be retried
        return None
    events, rewritten = await store.purge(story, uri, found.articles, found.changed)
    return TakenDown(id_, found.changed, len(found.articles), events, rewritten)


def _result(story: str, id_: str, record: str) -> EditShown:
    fields = json.loads(record)
    return EditShown(
        id=id_,
        story=story,
        state="refused" if fields["refused"] else "applied",
        number=fields["number"],
        edit=Edit.model_validate(fields["edit"]),
        at=datetime.fromisoformat(fields["at"]),
        why=fields["refused"],
        changed=tuple(fields["claims"]),
        articles=tuple(fields.get("articles", ())),
    )


@dataclass(frozen=True, slots=True)
class Editor:
    """The write side of the API: `service.web.edits`."""

    store: Store
    within_s: float = 2.0
    """how long a request waits for a worker to decide what it asks for"""
    _going_on: dict[tuple[str, str], asyncio.Task[None]] = field(default_factory=dict)
    """takedowns that no worker had decided when they were answered, by story and edit"""

    async def ask(self, story: str, edit: Edit, key: str) -> EditShown:
        """Puts an edit into the story's line, once for a key; what became of it, if that is soon."""
        at = datetime.now(UTC)
        if edit.action == "takedown":
            gone = await take_down(self.store, story, edit, at, self.within_s)
            id_ = edit_id(story, takedown_key(edit)) if gone is None else gone.edit
            if gone is None:
                self._go_on(story, edit, id_, at)
        else:
            id_ = await ask(self.store, story, edit, key, at)
        found = await decided(self.store, story, id_, self.within_s)
        assert found is not None
        return found

    def _go_on(self, story: str, edit: Edit, id_: str, at: datetime) -> None:
        """Purges once a worker has decided: whoever asked may not ask again."""

        async def until_gone() -> None:
            while True:
                with suppress(StoreUnavailable):
                    if await take_down(self.store, story, edit, at, GO_ON_S) is not None:
                        return
                await asyncio.sleep(GO_ON_S / 10)

        if (story, id_) not in self._going_on:
            task = asyncio.create_task(until_gone(), name=f"takedown {id_}")
            task.add_done_callback(lambda _: self._going_on.pop((story, id_), None))
            self._going_on[story, id_] = task

    async def one(self, story: str, edit: str) -> EditShown | None:
        """What became of an edit."""
        return await result(self.store, story, edit)

    async def every(self, story: str) -> list[EditShown]:
        """All that were decided, in the order of the line."""
        return await audit(self.store, story)
