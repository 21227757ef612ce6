"""`story show`: where a story stands, and the claims that are held."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich import box
from rich.console import Console
from rich.table import Table

from service.cli.each_story import each_story
from service.cli.show import chain, visible
from service.model import utc
from service.settings import load_settings
from service.store.store import Store
from service.stories.story import Story, load_stories
from service.web.held import REASONS
from workers.claims.model import Known

NARROW = 160
"""columns that the table needs when it is not printed on a terminal"""


def show_stories(stories: Path | None, story: str | None, *, held: bool) -> None:
    """Prints each story with the number of its claims; with `held` a line for each claim that is held.

    Raises:
        ClaimwireError: no server, or no such story.
    """
    settings = load_settings(stories=stories)
    known = load_stories(settings.stories)

    async def ask(store: Store, name: str) -> tuple[Story, list[Known]]:
        return known[name], [Known.model_validate_json(record) for record in (await store.claims(name)).values()]

    found = each_story(settings, story, ask)
    console = Console(highlight=False)
    if not console.is_terminal:
        console.width = NARROW
    for one, records in found:
        _print(console, one, records, held=held)


def _print(console: Console, story: Story, records: Sequence[Known], *, held: bool) -> None:
    waiting = [known for known in records if known.held is not None]
    console.print(
        f"{story.id}: {story.title}; {len(records) - len(waiting)} claims known, {len(waiting)} held", markup=False
    )
    if held and waiting:
        console.print(_table(waiting))


def _table(waiting: Sequence[Known]) -> Table:
    table = Table("held since", "until", "claim", "who says so", "why it is held", box=box.SIMPLE)
    for known in sorted(waiting, key=_since):
        assert known.held is not None
        hops = [hop.model_dump() for hop in known.attribution]
        publisher = {"kind": "publisher", "name": known.appearance_document.publisher, "named": True}
        table.add_row(
            utc(known.held.since)[:16].replace("T", " "),
            utc(known.held.until)[:16].replace("T", " "),
            visible(known.claim.text),
            visible(chain([publisher, *hops])),
            f"{REASONS[known.held.band]} (worth {known.held.score:.2f})",
        )
    return table


def _since(known: Known) -> tuple[str, str]:
    return utc(known.held.since) if known.held else "", known.claim.id
