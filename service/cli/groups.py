"""The commands in groups: about story files, feed lists, page furniture, dead letters, the store and webhooks; and
`export`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

Stories = Annotated[
    Path | None, typer.Option("--stories", help="The folder of story files.", show_default="seeds/stories")
]

story = typer.Typer(no_args_is_help=True, help="Followed stories: their files, and what is known of them.")
feeds = typer.Typer(invoke_without_command=True, help="What is watched: how each feed is, and feed lists.")
opml = typer.Typer(no_args_is_help=True, help="Feed lists from and for other readers of feeds.")
dead = typer.Typer(no_args_is_help=True, help="Articles that could not be decided: why, and what becomes of them.")
store = typer.Typer(no_args_is_help=True, help="What stands in Redis.")
webhooks = typer.Typer(no_args_is_help=True, help="Events sent to other people's servers.")
furniture = typer.Typer(no_args_is_help=True, help="What the pages of an outlet have in common: no claims.")


@story.command("check")
def story_check(
    file: Annotated[Path, typer.Argument(help="A story file, such as those of seeds/stories.")],
) -> None:
    """Says whether a story file can be used; if not, which line is wrong and what to write instead."""
    from service.cli.check import check_story

    check_story(file)


@story.command("show")
def story_show(
    id_: Annotated[str | None, typer.Argument(metavar="ID", help="Id of a story.", show_default="all")] = None,
    held: Annotated[bool, typer.Option("--held", help="List the claims that are held, and why.")] = False,
    stories: Stories = None,
) -> None:
    """How many claims of a story are known, and which wait for a second article or for their time."""
    from service.cli.held import show_stories

    show_stories(stories, id_, held=held)


@feeds.callback()
def feeds_show(
    context: typer.Context,
    lists: Annotated[
        list[Path] | None,
        typer.Option("--feeds", help="A feed list; may be repeated.", show_default="what the service watches"),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="JSON lines instead of a table.")] = False,
    opml_: Annotated[bool, typer.Option("--opml", help="The lists as OPML, without logins; asks no server.")] = False,
) -> None:
    """How each feed is: when it was read and will be, what it brings, which replica watches it, and what is wrong."""
    if context.invoked_subcommand is not None:
        return
    from service.cli.feeds import show_feeds
    from service.settings import load_settings

    settings = load_settings()
    if opml_:
        from service.cli.lists import print_opml

        print_opml(lists or [settings.feeds])
        return
    show_feeds(settings, lists, as_json=json_)


@feeds.command("check")
def feeds_check(file: Annotated[Path, typer.Argument(help="A feed list, e.g. seeds/feeds.toml.")]) -> None:
    """Says whether a feed list can be used; if not, which line is wrong and what to write instead."""
    from service.cli.check import check_feeds

    check_feeds(file)


@opml.command("import")
def opml_import(
    file: Annotated[Path, typer.Argument(help="An OPML file, as other readers of feeds write it.")],
) -> None:
    """Prints the feeds of an OPML file as a feeds.toml, to be completed by hand. OPML can also be watched as it is."""
    from service.cli.lists import print_toml

    print_toml(file)


@furniture.command("list")
def furniture_list(
    source: Annotated[str | None, typer.Option(help="One outlet.", show_default="all")] = None,
    story: Annotated[str | None, typer.Option(help="Id of a story.", show_default="all")] = None,
    stories: Stories = None,
) -> None:
    """The lines that were learned as page furniture, with the number of wire stories that they stand in."""
    from service.cli.furniture import list_furniture
    from service.settings import load_settings

    list_furniture(load_settings(stories=stories), source, story)


@furniture.command("reset")
def furniture_reset(
    source: Annotated[str, typer.Option(help="The outlet whose pages are to be learned anew.")],
    story: Annotated[str | None, typer.Option(help="Id of a story.", show_default="all")] = None,
    stories: Stories = None,
) -> None:
    """Forgets what was learned of an outlet's pages. What has been decided stands."""
    from service.cli.furniture import reset_furniture
    from service.settings import load_settings

    reset_furniture(load_settings(stories=stories), source, story)


OneStory = Annotated[str | None, typer.Option(help="Id of a story.", show_default="all")]
Json = Annotated[bool, typer.Option("--json", help="JSON lines.")]
WebhookFile = Annotated[
    Path | None,
    typer.Option("--webhooks", help="The webhooks: docs/subscribing.md shows one.", show_default="webhooks.toml"),
]
WebhookName = Annotated[str, typer.Argument(help="As the file has it.")]
ExportFormat = Literal["jsonl", "csv", "parquet", "jsonld"]
Numbers = Annotated[list[int] | None, typer.Argument(help="As `claimwire dead list` shows them.")]
Every = Annotated[bool, typer.Option("--all", help="All that are open.")]


@dead.command("list")
def dead_list(story: OneStory = None, json_: Json = False, stories: Stories = None) -> None:
    """The articles that were given up and that nobody has retried or dropped, the oldest first."""
    from service.cli.dead import list_dead
    from service.settings import load_settings

    list_dead(load_settings(stories=stories), story, as_json=json_)


@dead.command("show")
def dead_show(
    number: Annotated[int, typer.Argument(help="As `claimwire dead list` shows it.")],
    story: OneStory = None,
    json_: Json = False,
    stories: Stories = None,
) -> None:
    """One of them whole: the article, how often it was tried, the reason and the traceback."""
    from service.cli.dead import show_dead
    from service.settings import load_settings

    show_dead(load_settings(stories=stories), number, story, as_json=json_)


@dead.command("retry")
def dead_retry(
    numbers: Numbers = None, every: Every = False, story: OneStory = None, json_: Json = False, stories: Stories = None
) -> None:
    """Admits articles again, once, at the end of their story's line: what was announced meanwhile stands.

    To be called again without harm. An article of which its source has sent a later version is not retried.
    """
    from service.cli.dead import retry_dead
    from service.settings import load_settings

    retry_dead(load_settings(stories=stories), numbers or [], story, every=every, as_json=json_)


@dead.command("drop")
def dead_drop(
    numbers: Numbers = None, every: Every = False, story: OneStory = None, json_: Json = False, stories: Stories = None
) -> None:
    """Removes dead letters for good. `claimwire dead show` goes on to say what they were and when they were dropped."""
    from service.cli.dead import drop_dead
    from service.settings import load_settings

    drop_dead(load_settings(stories=stories), numbers or [], story, every=every, as_json=json_)


@dead.command("resume")
def dead_resume(story: OneStory = None, stories: Stories = None) -> None:
    """Lets a story's line go on that stopped because too many of its last articles became dead letters.

    See CLAIMWIRE_DEAD_LIMIT in `claimwire settings`. Mend first what killed them: else it stops again.
    """
    from service.cli.dead import resume_line
    from service.settings import load_settings

    resume_line(load_settings(stories=stories), story)


@store.command("check")
def store_check(story: OneStory = None, stories: Stories = None) -> None:
    """Says whether what stands in Redis belongs together, and what does not, in plain words. Exit status 1 if not.

    Nothing is written, and the workers may go on. Reads everything: some seconds for each 100,000 events.
    """
    from service.cli.store_check import check_store
    from service.settings import load_settings

    check_store(load_settings(stories=stories), story)


@webhooks.command("run")
def webhooks_run(file: WebhookFile = None, stories: Stories = None) -> None:
    """Sends the events to the webhooks of a file until told to stop. Start a second one to take over if it dies."""
    from service.cli.webhooks import run_webhooks
    from service.settings import load_settings

    run_webhooks(load_settings(stories=stories), file)


@webhooks.command("list")
def webhooks_list(file: WebhookFile = None, json_: Json = False, stories: Stories = None) -> None:
    """How each webhook is: what it has been sent, what waits, what it gave up, and what is wrong."""
    from service.cli.webhooks import list_webhooks
    from service.settings import load_settings

    list_webhooks(load_settings(stories=stories), file, as_json=json_)


@webhooks.command("test")
def webhooks_test(name: WebhookName, file: WebhookFile = None, stories: Stories = None) -> None:
    """Sends one event of the type claimwire.webhook.test.v1, signed as all are, and says what came back."""
    from service.cli.webhooks import test_webhook
    from service.settings import load_settings

    test_webhook(load_settings(stories=stories), file, name)


@webhooks.command("enable")
def webhooks_enable(name: WebhookName, file: WebhookFile = None, stories: Stories = None) -> None:
    """Lets a webhook go on that was disabled (its target answered 410) or waits for its next attempt."""
    from service.cli.webhooks import enable_webhook
    from service.settings import load_settings

    enable_webhook(load_settings(stories=stories), file, name)


@webhooks.command("parked")
def webhooks_parked(name: WebhookName, file: WebhookFile = None, json_: Json = False, stories: Stories = None) -> None:
    """The events that a webhook gave up, and why."""
    from service.cli.webhooks import list_parked
    from service.settings import load_settings

    list_parked(load_settings(stories=stories), file, name, as_json=json_)


@webhooks.command("retry")
def webhooks_retry(name: WebhookName, file: WebhookFile = None, stories: Stories = None) -> None:
    """Sends what a webhook gave up again."""
    from service.cli.webhooks import retry_parked
    from service.settings import load_settings

    retry_parked(load_settings(stories=stories), file, name)


@webhooks.command("drop")
def webhooks_drop(name: WebhookName, stories: Stories = None) -> None:
    """Forgets a webhook, where it stands and what it gave up: events are kept for it no longer."""
    from service.cli.webhooks import drop_webhook
    from service.settings import load_settings

    drop_webhook(load_settings(stories=stories), name)


def export(
    form: Annotated[ExportFormat, typer.Option("--format", help="parquet needs `claimwire\\[parquet]`.")] = "jsonl",
    as_of: Annotated[
        str | None, typer.Option(help="What was known at this time: 2024-11-09T12:00Z.", show_default="now")
    ] = None,
    story: OneStory = None,
    output: Annotated[Path | None, typer.Option(help="A file.", show_default="stdout")] = None,
    stories: Stories = None,
) -> None:
    """The claims of a story or all, with their support, links and appearances, as they are now or were at a time.

    Read from the events that are kept. In CSV a cell that a spreadsheet would carry out begins with an apostrophe.
    """
    from service.cli.export import run_export
    from service.settings import load_settings

    run_export(load_settings(stories=stories), form, as_of, story, output)
