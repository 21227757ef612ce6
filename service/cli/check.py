"""`story check` and `feeds check`: a file is good, or the line that is not."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console

from service.cli.show import visible
from service.feeds.config import load_feed_list
from service.stories.story import load_story


def check_story(file: Path) -> None:
    """Says whether a story file can be used, and if not, which line is wrong and what to write instead."""
    found = load_story(file)
    groups = " and ".join(f"({' or '.join(group)})" for group in found.focus)
    aliases = sum(len(actor.aliases) for actor in found.actors.values())
    Console(highlight=False, soft_wrap=True).print(
        f"{file}: good. “{visible(found.title)}” [{found.id}], {found.language}\n"
        f"  actors: {len(found.actors)}, aliases: {aliases}, agencies: {len(found.agencies)}\n"
        f"  an article concerns it when it names {visible(groups)}",
        markup=False,
    )


def check_feeds(file: Path) -> None:
    """Says whether a feed list can be used, and if not, which line is wrong and what to write instead."""
    found = load_feed_list(file)
    console = Console(highlight=False, soft_wrap=True)
    console.print(f"{file}: good. {len(found.feeds)} feed{'s' if len(found.feeds) != 1 else ''}", markup=False)
    for feed in found.feeds:
        console.print(f"  {visible(feed.name)}: {visible(feed.shown)}, every {feed.interval_s:g} s", markup=False)
