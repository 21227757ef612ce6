"""`takedown`: a document's words are removed from everywhere we keep them, and it does not come back until that is
lifted."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime

from service.cli.each_story import each_story
from service.cli.edits import WAIT_S, who, whole
from service.cli.show import visible
from service.contract.edits import Edit
from service.edits import takedowns
from service.edits.barred import Barred
from service.edits.takedowns import TakenDown
from service.errors import ClaimwireError
from service.settings import Settings
from service.store.store import Store


def take_down(settings: Settings, uri: str, story: str | None, reason: str, by: str | None, *, ahead: bool) -> None:
    """Takes a document down in one story or all, and says what went.

    Args:
        ahead: although nothing is known of it.

    Raises:
        ClaimwireError: no server, no such story, nothing is known of the address, or no worker decided in time.
    """
    edit = whole({"action": "takedown", "uri": uri, "reason": reason, "by": by or who()})

    async def knows(store: Store, name: str) -> bool:
        return await store.is_barred(name, uri) or await takedowns.knows(store, name, uri)

    if not (ahead or any(each_story(settings, story, knows))):
        raise ClaimwireError(
            f"nothing is known under the address {visible(uri)!r}",
            "It stands in the events of the document, letter by letter. To bar an address before it comes: --ahead.",
        )
    # What one story knows may come to another.
    found = _asked(settings, story, edit.model_copy(update={"ahead": True}))
    for name, gone in found:
        if gone.done:
            sys.stdout.write(f"{name}: {visible(_went(uri, gone))} (edit {gone.edit})\n")
    Barred(settings.data_dir).add(uri, story)
    _wait(found, "nothing new of it is taken in, but what stands there stands")
    if not all(gone.rewritten for _, gone in found):
        sys.stderr.write(
            "The server did not let us rewrite its log: the words stand on its disk until somebody does "
            "(BGREWRITEAOF), and in your backups.\n"
        )


def lift(settings: Settings, uri: str, story: str | None, reason: str, by: str | None) -> None:
    """Lifts a takedown where there is one: the address is taken in when it comes again.

    Raises:
        ClaimwireError: no server, no such story, nothing was taken down, or no worker decided in time.
    """
    edit = whole({"action": "lift", "uri": uri, "reason": reason, "by": by or who()})

    async def ask(store: Store, name: str) -> tuple[str, TakenDown] | None:
        if story is None and not await store.is_barred(name, uri):
            return None
        return name, await takedowns.take_down(store, name, edit, datetime.now(UTC), WAIT_S)

    found = [one for one in each_story(settings, story, ask) if one is not None]
    if not found:
        raise ClaimwireError(f"{visible(uri)} was not taken down", "`claimwire edit list` shows takedowns.")
    for name, gone in found:
        if gone.done:
            sys.stdout.write(f"{name}: {visible(uri)} is taken in again when it comes (edit {gone.edit})\n")
    noted = Barred(settings.data_dir)
    if not _barred_elsewhere(settings, [name for name, _ in found], uri):
        noted.remove(uri)
    else:
        for name, _ in found:
            noted.spare(uri, name)
    _wait(found, "it stays barred until then")


def _barred_elsewhere(settings: Settings, lifted: Sequence[str], uri: str) -> bool:
    async def barred(store: Store, name: str) -> bool:
        return name not in lifted and await store.is_barred(name, uri)

    return any(each_story(settings, None, barred))


def _asked(settings: Settings, story: str | None, edit: Edit) -> list[tuple[str, TakenDown]]:
    async def ask(store: Store, name: str) -> tuple[str, TakenDown]:
        return name, await takedowns.take_down(store, name, edit, datetime.now(UTC), WAIT_S)

    return each_story(settings, story, ask)


def _wait(found: Sequence[tuple[str, TakenDown]], meanwhile: str) -> None:
    if waiting := [name for name, gone in found if not gone.done]:
        raise ClaimwireError(
            f"no worker has come to it yet in {', '.join(waiting)}; {meanwhile}",
            "Start a worker: a running service finishes it then, or the same command given again.",
        )


def _went(uri: str, gone: TakenDown) -> str:
    if not (gone.articles or gone.events or gone.claims):
        return f"nothing was known of {uri}; if it comes, it is not taken in"
    return f"{uri} is gone; articles: {gone.articles}, events: {gone.events}, claims: {len(gone.claims)}"
