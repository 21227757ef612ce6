"""How a person's edit is asked for, and what became of it: what the command and the API have in common."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime

from service.contract.api import EditShown
from service.contract.edits import Edit, as_article, edit_id
from service.errors import SettingError
from service.store.store import Store

DOC_TTL_S = 30 * 86_400
"""how long the text of an edit is kept for a worker; its record stays with the story"""
LOOK_AGAIN_S = 0.1


async def ask_once(store: Store, story: str, edit: Edit, key: str, at: datetime) -> str:
    """Puts an edit into the story's line, once for a `key`; returns its id.

    Raises:
        SettingError: the key was used for another edit.
        StoreUnavailable: perhaps it was written; the same call may be made again.
    """
    id_ = edit_id(story, key)
    before = (await store.documents(story, [id_])).get(id_)
    waiting = before is None and await store.edit_number(story, id_) is not None
    asked = json.loads(before)["edit"] if before else json.loads(await _text(store, story, id_)) if waiting else None
    if asked is not None and Edit.model_validate(asked) != edit and edit.uri is None:
        raise SettingError(f"the key {key!r} was used for another edit", "Give every edit a key of its own.")
    if asked is None:  # the number is forgotten after a year, the record stays
        await store.admit(story, as_article(edit, id_, at), id_, DOC_TTL_S)
    return id_


async def result(store: Store, story: str, id_: str) -> EditShown | None:
    """What became of an edit so far; None if it was never asked for."""
    record = (await store.documents(story, [id_])).get(id_)
    if record is not None:
        return shown(story, id_, record)
    number = await store.edit_number(story, id_)
    if number is None:
        return None
    waits = EditShown(id=id_, story=story, state="waiting", number=number)
    if (await store.state(story)).committed < number:
        return waits
    record = (await store.documents(story, [id_])).get(id_)  # written in one step with the number
    if record is not None:
        return shown(story, id_, record)
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
    found = [shown(story, id_, record) for id_, record in (await store.edits(story)).items()]
    return sorted(found, key=lambda one: one.number)


def shown(story: str, id_: str, record: str) -> EditShown:
    """An edit that was decided, from its record."""
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
