"""`takedown`: a document's words are removed from everywhere we keep them, and it does not come back."""

from __future__ import annotations

import getpass
import sys
from datetime import UTC, datetime

from service.cli.each_story import each_story
from service.cli.edits import WAIT_S, whole
from service.cli.show import visible
from service.edits import editing
from service.edits.editing import TakenDown
from service.errors import ClaimwireError
from service.settings import Settings
from service.store.store import Store

BARRED = "takedowns.txt"
"""in the data folder: an address a line, for replays, which begin with an empty store"""


def take_down(settings: Settings, uri: str, story: str | None, reason: str, by: str | None) -> None:
    """Takes a document down in one story or all, and says what went.

    Raises:
        ClaimwireError: no server, no such story, or no worker decided in time.
    """
    edit = whole({"action": "takedown", "uri": uri, "reason": reason, "by": by or getpass.getuser()})

    async def ask(store: Store, name: str) -> tuple[str, TakenDown | None]:
        return name, await editing.take_down(store, name, edit, datetime.now(UTC), WAIT_S)

    found = each_story(settings, story, ask)
    _note(settings, uri)
    waiting = [name for name, gone in found if gone is None]
    for name, gone in found:
        if gone is not None:
            sys.stdout.write(f"{name}: {visible(_went(uri, gone))} (edit {gone.edit})\n")
    if waiting:
        raise ClaimwireError(
            f"no worker has come to the takedown yet in {', '.join(waiting)}; nothing new of it is taken in, but what "
            "stands there stands",
            "Start a worker, and give the same command again.",
        )
    if not all(gone.rewritten for _, gone in found if gone is not None):
        sys.stderr.write(
            "The server did not let us rewrite its log: the words stand on its disk until somebody does "
            "(BGREWRITEAOF), and in your backups.\n"
        )


def _went(uri: str, gone: TakenDown) -> str:
    if not (gone.articles or gone.events or gone.claims):
        return f"nothing was known of {uri}; if it comes, it is not taken in"
    return f"{uri} is gone; articles: {gone.articles}, events: {gone.events}, claims: {len(gone.claims)}"


def barred(settings: Settings) -> list[str]:
    """The addresses that were taken down with this data folder."""
    path = settings.data_dir / BARRED
    return path.read_text("utf-8").splitlines() if path.exists() else []


def _note(settings: Settings, uri: str) -> None:
    """For replays."""
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    path = settings.data_dir / BARRED
    if uri not in barred(settings) and "\n" not in uri:
        with path.open("a", encoding="utf-8") as file:
            file.write(uri + "\n")
