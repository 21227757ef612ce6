"""`store check`: whether what stands in Redis is what we store."""

from __future__ import annotations

import json
import sys

import typer

from service.cli.each_story import of_server
from service.cli.show import visible
from service.errors import SettingError
from service.settings import Settings
from service.store.checking import Reads
from service.store.store import Store
from service.store.values import Tombstone
from service.stories.story import load_stories
from workers.claims.model import Known
from workers.desk.finding import Finding
from workers.wire.furniture import Furniture
from workers.wire.match import WireStory
from workers.wire.sketch import SCHEME


def check_store(settings: Settings, story: str | None) -> None:
    """Prints what is wrong, a line each, and exits with 1; or says that all is well. Nothing is written.

    Raises:
        ClaimwireError: no server, or no such story.
    """
    known = sorted(load_stories(settings.stories))
    if story is not None and story not in known:
        raise SettingError(f"there is no story {story!r}", f"Known are: {', '.join(known)}.")
    names = known if story is None else [story]

    async def ask(store: Store) -> dict[str, list[str]]:
        wrong = await store.check_keys(known)
        for name in names:
            if not wrong.get(name):  # what is of another type cannot be looked into
                wrong[name] = await store.check(name, READS)
        return {name: wrong.get(name, []) for name in (*([""] if story is None else []), *names)}

    wrong = of_server(settings, ask, read_only=True)
    for name, complaints in wrong.items():
        for complaint in complaints:
            sys.stdout.write(visible(f"{name}: {complaint}" if name else complaint) + "\n")
    if any(wrong.values()):
        sys.stderr.write("Stop the workers before you change anything; what is told above should never come about.\n")
        raise typer.Exit(1)
    sys.stdout.write(f"All is well with {', '.join(names)}.\n")


def _finding(raw: bytes) -> object:
    return Tombstone.from_bytes(raw) or Finding.from_bytes(raw)


READS: Reads = {
    "claims": Known.model_validate_json,
    "documents": json.loads,
    "furniture": lambda raw: Furniture.from_json(raw.decode()),
    "findings": _finding,
    f"wire:{SCHEME}": WireStory.from_bytes,
}
