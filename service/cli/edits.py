"""`edit`: claims merged, split, retracted, made background by a person; that undone; and the list of all of it."""

from __future__ import annotations

import getpass
import secrets
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from pydantic import ValidationError
from rich import box
from rich.console import Console
from rich.table import Table

from service.cli.each_story import each_story, of_server
from service.cli.show import visible
from service.contract.api import EditShown
from service.contract.complaint import first_complaint
from service.contract.edits import Edit
from service.edits import editing
from service.errors import ClaimwireError, SettingError
from service.model import utc
from service.settings import Settings
from service.store.store import Store
from service.stories.story import load_stories

WAIT_S = 15.0
NARROW = 160
"""columns that the table needs when it is not printed on a terminal"""


def make_edit(settings: Settings, story: str | None, fields: dict[str, Any], by: str | None) -> None:
    """Asks for an edit, waits until a worker has decided it, and says what became of it.

    Raises:
        ClaimwireError: no server, no such story, an edit that is not whole, or one that was refused.
    """
    edit = whole({**fields, "by": by or who()})
    known = sorted(load_stories(settings.stories))
    if story is not None and story not in known:
        raise SettingError(f"there is no story {story!r}", f"Known are: {', '.join(known)}.")

    async def ask(store: Store) -> EditShown | None:
        name = story or await _story_of(store, known, edit)
        id_ = await editing.ask_once(store, name, edit, secrets.token_hex(16), datetime.now(UTC))
        return await editing.decided(store, name, id_, WAIT_S)

    found = of_server(settings, ask)
    assert found is not None
    if found.state == "refused":
        raise ClaimwireError(f"edit {found.id} was refused: {found.why}", "Nothing was changed.")
    if found.state == "waiting":
        sys.stdout.write(
            f"edit {found.id} stands in the line of {found.story} as number {found.number}, and no worker has come to "
            "it yet. `claimwire edit list` will say what became of it.\n"
        )
        return
    sys.stdout.write(
        f"edit {found.id} changed {', '.join(found.changed)}; `claimwire edit undo {found.id}` undoes it.\n"
    )


def list_edits(settings: Settings, story: str | None, *, as_json: bool) -> None:
    """Prints every edit that was decided, the oldest first.

    Raises:
        ClaimwireError: no server, or no such story.
    """
    found = [one for of_story in each_story(settings, story, editing.audit) for one in of_story]
    if as_json:
        for one in found:
            sys.stdout.write(one.model_dump_json() + "\n")
    elif found:
        console = Console(highlight=False)
        if not console.is_terminal:
            console.width = NARROW
        console.print(_table(found))
    else:
        sys.stderr.write("Nobody has edited a claim.\n")


def who() -> str:
    """The name that the person is logged in by.

    Raises:
        SettingError: there is none, as in a container whose user nobody named.
    """
    try:
        return getpass.getuser()
    except (KeyError, OSError, ImportError) as error:  # until Python 3.13 the first
        raise SettingError("nobody knows who you are", "Give your name with --by.") from error


_HINTS = {
    "claim": "Claims are named as in the events and on the board: c1- and 16 hex digits; edits likewise with e1-.",
    "reason": "Say in a few words why, up to 1,000 letters: subscribers read it.",
    "by": "Say who decides it, up to 200 letters.",
    "uri": "A document is named by its address, as the events have it, up to 4,000 letters.",
    "documents": "Name up to 200 documents by their addresses, as the events have them.",
}


def whole(fields: dict[str, Any]) -> Edit:
    """The edit.

    Raises:
        SettingError: it is none; which part of it is wrong.
    """
    try:
        return Edit(**fields)
    except ValidationError as error:
        field = str((error.errors()[0]["loc"] or ("",))[0])
        raise SettingError(f"this is no edit: {first_complaint(error)}", _HINTS.get(field, _HINTS["claim"])) from error


async def _story_of(store: Store, known: Sequence[str], edit: Edit) -> str:
    """The story that has the claim, or the edit that is undone."""
    for name in known:
        if edit.claim and await store.claims_of(name, [edit.claim]):
            return name
        if edit.undoes and await store.documents(name, [edit.undoes]):
            return name
    raise SettingError(
        f"no story has {edit.claim or edit.undoes}", "`claimwire tail --from 0` shows claims, `edit list` shows edits."
    )


def _table(found: Sequence[EditShown]) -> Table:
    table = Table("edit", "story", "when (UTC)", "what", "by", "reason", "result", box=box.SIMPLE)
    for one in found:
        assert one.edit is not None
        assert one.at is not None
        table.add_row(
            one.id,
            one.story,
            utc(one.at)[:16].replace("T", " "),
            _what(one.edit),
            visible(one.edit.by),
            visible(one.edit.reason),
            f"refused: {visible(one.why)}" if one.state == "refused" else "applied",
        )
    return table


def _what(edit: Edit) -> str:
    if edit.action == "merge":
        return f"merge {edit.claim} into {edit.into}"
    if edit.action == "split":
        return f"split {edit.claim}: {', '.join(map(visible, edit.documents))}"
    return f"{edit.action} {visible(edit.claim or edit.undoes or edit.uri or '')}"
