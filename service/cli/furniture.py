"""`furniture`: what the pages of an outlet have in common, shown and forgotten."""

from __future__ import annotations

import sys

from service.cli.each_story import each_story
from service.errors import ClaimwireError
from service.settings import Settings
from service.store.store import Store
from workers.wire.furniture import Furniture


def list_furniture(settings: Settings, source: str | None, story: str | None) -> None:
    """Prints a line for each: story, source, wire stories, words; tabs between.

    Raises:
        ClaimwireError: no server, or no such story.
    """

    async def show(store: Store, name: str) -> int:
        shown = 0
        for outlet, record in (await store.furniture(name)).items():
            if source is None or outlet == source:
                for line in Furniture.from_json(record).learned():
                    sys.stdout.write(f"{name}\t{outlet}\t{line.stories}\t{_flat(line.shown)}\n")
                    shown += 1
        return shown

    if not sum(each_story(settings, story, show)):
        sys.stderr.write("No page furniture has been learned yet.\n")


def reset_furniture(settings: Settings, source: str, story: str | None) -> None:
    """Forgets what was learned of a source and says in which stories.

    Raises:
        ClaimwireError: no server, no such story, or nothing was learned of this source.
    """

    async def forget(store: Store, name: str) -> str | None:
        return name if await store.forget_furniture(name, source) else None

    forgotten = [name for name in each_story(settings, story, forget) if name is not None]
    if not forgotten:
        raise ClaimwireError(
            f"nothing was learned of the pages of {source!r}", "`claimwire furniture list` shows the sources."
        )
    sys.stdout.write(f"Forgotten in {', '.join(forgotten)}; the pages of {source} are learned anew.\n")


def _flat(words: str) -> str:
    """One line, whatever a page put into it."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in words).split())
