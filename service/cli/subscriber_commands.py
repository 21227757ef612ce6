"""The commands about consumer groups: names, options and help."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from service.cli.groups import Every, Json, OneStory, Stories

subscribers = typer.Typer(
    invoke_without_command=True, help="The consumer groups that read the events: how far each is, what it gave up."
)

Group = Annotated[str, typer.Argument(help="As `claimwire subscribers` shows it.")]
Entries = Annotated[list[str] | None, typer.Argument(help="As `claimwire subscribers parked` shows them.")]


@subscribers.callback()
def subscribers_list(
    context: typer.Context, story: OneStory = None, json_: Json = False, stories: Stories = None
) -> None:
    """The consumer groups: what each holds, what it has not read, and what it gave up."""
    if context.invoked_subcommand is not None:
        return
    from service.cli.subscribers import list_groups
    from service.settings import load_settings

    list_groups(load_settings(stories=stories), story, as_json=json_)


@subscribers.command("parked")
def subscribers_parked(group: Group, story: OneStory = None, json_: Json = False, stories: Stories = None) -> None:
    """The events that a group gave up, and why."""
    from service.cli.subscribers import list_parked
    from service.settings import load_settings

    list_parked(load_settings(stories=stories), group, story, as_json=json_)


@subscribers.command("retry")
def subscribers_retry(
    group: Group, entries: Entries = None, every: Every = False, story: OneStory = None, stories: Stories = None
) -> None:
    """Hands events to the group again that it gave up, counting their starts from one."""
    _end(group, entries, every, story, stories, "retried")


@subscribers.command("drop")
def subscribers_drop(
    group: Group, entries: Entries = None, every: Every = False, story: OneStory = None, stories: Stories = None
) -> None:
    """Forgets that a group gave events up."""
    _end(group, entries, every, story, stories, "dropped")


@subscribers.command("remove")
def subscribers_remove(group: Group, story: OneStory = None, stories: Stories = None) -> None:
    """Removes a group that nobody uses: events are kept for it no longer."""
    from service.cli.subscribers import remove_group
    from service.settings import load_settings

    remove_group(load_settings(stories=stories), group, story)


def _end(
    group: str, entries: Entries, every: bool, story: OneStory, stories: Stories, how: Literal["retried", "dropped"]
) -> None:
    from service.cli.subscribers import end_parked
    from service.settings import load_settings

    end_parked(load_settings(stories=stories), group, entries or [], story, how, every=every)
