"""`subscribers`: the consumer groups of the stories' streams, what each gave up, and what a person does about it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Literal

from rich import box
from rich.console import Console
from rich.table import Table

from service.cli.each_story import each_story
from service.cli.parked import print_parked
from service.cli.show import visible, write_json
from service.errors import ClaimwireError
from service.settings import Settings
from service.store import keys
from service.store.store import Store
from service.store.values import GroupState, ParkedDelivery

NARROW = 180
"""columns that the table needs when it is not printed on a terminal"""
STREAMS = {"events": keys.events, "new-claims": keys.new_claims}

Row = tuple[str, str, GroupState, int]
"""story, stream, group, how many dead letters"""


def list_groups(settings: Settings, story: str | None, *, as_json: bool) -> None:
    """Prints each group, how far it is and what it gave up.

    Raises:
        ClaimwireError: no server, or no such story.
    """

    async def ask(store: Store, name: str) -> list[Row]:
        found = [(stream, key(name)) for stream, key in STREAMS.items()]
        return [
            (name, stream, group, len(await store.parked(key, group.name)))
            for stream, key in found
            for group in await store.groups(key)
        ]

    rows = [row for of_story in each_story(settings, story, ask) for row in of_story]
    if as_json:
        write_json(
            {"story": name, "stream": stream, **asdict(group), "parked": parked} for name, stream, group, parked in rows
        )
        return
    table = Table("story", "stream", "group", "open", "behind", "acknowledged", "parked", box=box.SIMPLE)
    for name, stream, group, parked in rows:
        behind = "?" if group.lag is None else str(group.lag)
        done = str(group.counts.get("acknowledged", 0)) if group.counts else "?"
        table.add_row(name, stream, visible(group.name), str(group.pending), behind, done, str(parked))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = NARROW
    console.print(table)


def list_parked(settings: Settings, group: str, story: str | None, *, as_json: bool) -> None:
    """Prints what a group gave up, the oldest first.

    Raises:
        ClaimwireError: no server, or no such story.
    """
    print_parked(group, _asked(settings, group, story), as_json=as_json)


def end_parked(
    settings: Settings,
    group: str,
    entries: Sequence[str],
    story: str | None,
    how: Literal["retried", "dropped"],
    *,
    every: bool,
) -> None:
    """Retries or drops dead letters of a group, and says what became of each.

    Raises:
        ClaimwireError: no server, no such story or dead letter, or one that cannot be retried (the others were).
    """
    if bool(entries) == every:
        raise ClaimwireError("which dead letters?", "Give their entries (`claimwire subscribers parked`), or --all.")

    async def end(store: Store, name: str) -> list[tuple[str, str]]:
        letters = [letter for letter in await _letters(store, name, group) if every or letter.entry_id in entries]
        return [(letter.entry_id, await store.end_parked(letter, how)) for letter in letters]

    told = [each for of_story in each_story(settings, story, end) for each in of_story]
    for entry_id, became in told:
        sys.stdout.write(f"{entry_id}: {became.replace('_', ' ')}\n")
    if missing := sorted(set(entries) - {entry_id for entry_id, _ in told}):
        raise ClaimwireError(f"{group} gave up no {', '.join(missing)}", "`claimwire subscribers parked` lists them.")
    if any(became == "past_retention" for _, became in told):
        raise ClaimwireError("not all of them could be retried", "Their events are no longer kept; drop them.")


def remove_group(settings: Settings, group: str, story: str | None) -> None:
    """Removes a group: events are kept for it no longer.

    Raises:
        ClaimwireError: no server, no such story or group.
    """

    async def leave(store: Store, name: str) -> list[str]:
        found = [(stream, key(name)) for stream, key in STREAMS.items()]
        return [f"{name} {stream}" for stream, key in found if await store.leave(key, group)]

    left = [each for of_story in each_story(settings, story, leave) for each in of_story]
    if not left:
        raise ClaimwireError(f"there is no group {group!r}", "`claimwire subscribers` lists them.")
    sys.stdout.write("".join(f"{each}: {group} is removed\n" for each in left))


def _asked(settings: Settings, group: str, story: str | None) -> list[ParkedDelivery]:
    async def ask(store: Store, name: str) -> list[ParkedDelivery]:
        return await _letters(store, name, group)

    return sorted((letter for each in each_story(settings, story, ask) for letter in each), key=lambda each: each.at)


async def _letters(store: Store, story: str, group: str) -> list[ParkedDelivery]:
    return [letter for key in STREAMS.values() for letter in await store.parked(key(story), group)]
