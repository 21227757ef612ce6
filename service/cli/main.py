"""`claimwire`: every command's name, options and help. What a command does stands in the module it imports."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import typer

from service.cli import groups, subscriber_commands
from service.cli.edit_commands import edit, takedown, tokens
from service.cli.ending import end
from service.cli.groups import Stories

# Modules are imported where a command needs them: `claimwire health` runs every few seconds in a container and
# must not load a parser of English for it.

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Watches feeds, sees through wire copy, and pushes an event only when somebody makes a [b]new claim[/b] "
    "about a followed story: what is claimed, who says it, through whom, in which exact words, and which known "
    "claim it denies or updates. It never says whether a claim is true.",
    epilog="Start with `claimwire up`. Settings are environment variables: `claimwire settings` lists them.",
)
app.add_typer(groups.story, name="story")
app.add_typer(groups.feeds, name="feeds")
app.add_typer(groups.opml, name="opml")
app.add_typer(groups.furniture, name="furniture")
app.add_typer(groups.dead, name="dead")
app.add_typer(edit, name="edit")
app.add_typer(tokens, name="tokens")
app.add_typer(groups.store, name="store")
app.add_typer(groups.webhooks, name="webhooks")
app.add_typer(subscriber_commands.subscribers, name="subscribers")

Output = Literal["auto", "blocks", "jsonl"]

FeedLists = Annotated[
    list[Path] | None, typer.Option("--feeds", help="A feed list; may be repeated.", show_default="seeds/feeds.toml")
]
Form = Annotated[
    Output, typer.Option("--format", help="blocks for people, jsonl for programs; auto: by whether this is a terminal.")
]

Record = Annotated[
    Path | None, typer.Option(help="Write down what is fetched in this folder; `replay --recording` plays it.")
]


@app.command()
def up(
    feeds: FeedLists = None,
    stories: Stories = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes.", show_default="2", min=1, max=64)] = None,
    redis_port: Annotated[
        int | None, typer.Option(help="Loopback port of the embedded server; 0 takes a free one.", show_default="6399")
    ] = None,
    http_port: Annotated[
        int | None, typer.Option(help="Port of health, metrics and the API; 0 takes a free one.", show_default="8700")
    ] = None,
    data_dir: Annotated[
        Path | None, typer.Option(help="Where the embedded server keeps its data.", show_default=".claimwire")
    ] = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget everything known and start over.")] = False,
    record: Record = None,
    output: Form = "auto",
) -> None:
    """Everything at once: an embedded server, the service, the workers; new claims as they arrive.

    With REDIS_URL set that server is used and none is started. Ctrl-C drains and ends.
    """
    from service.cli.up import up as run_up
    from service.settings import load_settings

    settings = load_settings(
        stories=stories, workers=workers, redis_port=redis_port, http_port=http_port, data_dir=data_dir
    )
    run_up(settings, feeds or [settings.feeds], fresh=fresh, form=output, record=record)


@app.command()
def record(
    folder: Annotated[Path, typer.Argument(help="Made if it is not there; what is in it stays.")],
    feeds: FeedLists = None,
    stories: Stories = None,
    output: Form = "auto",
) -> None:
    """`up --record FOLDER` in short: what is fetched is written down, and `replay --recording FOLDER` plays it."""
    up(feeds=feeds, stories=stories, record=folder, output=output)


@app.command()
def service(
    feeds: FeedLists = None,
    stories: Stories = None,
    http_port: Annotated[int | None, typer.Option(help="Port of health, metrics and the API.")] = None,
    name: Annotated[
        str | None,
        typer.Option(help="Stable over restarts and of one service only.", show_default="this host and its port"),
    ] = None,
    record: Record = None,
) -> None:
    """The ingester alone, with health, metrics and the API, against REDIS_URL.

    Start several, with the same lists: they share the feeds, and take over from one that dies.
    """
    from service.cli.run import run_service
    from service.settings import load_settings

    settings = load_settings(stories=stories, http_port=http_port)
    run_service(settings, feeds or [settings.feeds], name, record)


@app.command()
def worker(
    stories: Stories = None,
    name: Annotated[
        str | None,
        typer.Option(help="Stable over restarts and of one worker only.", show_default="this host's name"),
    ] = None,
) -> None:
    """One worker alone, against REDIS_URL. Start as many as you like, on any host."""
    from service.cli.run import run_worker
    from service.settings import load_settings

    run_worker(load_settings(stories=stories), name)


@app.command()
def tail(
    story: Annotated[list[str] | None, typer.Option(help="Id of a story; may be repeated.", show_default="all")] = None,
    since: Annotated[
        str | None,
        typer.Option("--from", help="0 (all there is), an entry's id, or a time such as 2024-11-09T12:00Z.",
                     show_default="from now on"),
    ] = None,
    type_: Annotated[
        list[str] | None,
        typer.Option("--type", help="claim.new, claim.disputed …; may be repeated.", show_default="all"),
    ] = None,
    stories: Stories = None,
    json_: Annotated[bool, typer.Option("--json", help="JSON lines, whatever the output is.")] = False,
    output: Form = "auto",
) -> None:  # fmt: skip
    """Follows the events: a subscriber for people."""
    from service.cli.tail import run_tail
    from service.settings import load_settings

    run_tail(load_settings(stories=stories), story, since, type_, "jsonl" if json_ else output)


@app.command()
def replay(
    story: Annotated[Path, typer.Option(help="A story file, or the id of one of --stories.")],
    feed: Annotated[
        list[str] | None,
        typer.Option(
            "--feed",
            "--feeds",
            help="A URL, an RSS, Atom or JSON Feed file, a folder of texts, or a feed list; may be repeated.",
        ),
    ] = None,
    recording: Annotated[
        Path | None, typer.Option(help="The folder of a recording (`up --record`), in the place of --feed.")
    ] = None,
    speed: Annotated[float | None, typer.Option(help="Of a recording: so many times as fast.", min=0.001)] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="Events as JSON lines on stdout.")] = False,
    edits: Annotated[
        Path | None, typer.Option(help="Persons' edits, as `claimwire edit list --json` prints them, in their places.")
    ] = None,
    outcomes: Annotated[
        Path | None, typer.Option(help='Write {"uri","outcome","wireStory"} per article to this file.')
    ] = None,
    workers: Annotated[int | None, typer.Option(help="Worker processes.", show_default="2", min=1, max=64)] = None,
    stories: Stories = None,
) -> None:
    """Plays sources through the whole system in order of publication, on a server of its own, until all is decided.

    The clock is the articles' own, or that of the recording. The same sources give the same bytes, whatever the number
    of workers.
    """
    from service.cli.replay import run_replay
    from service.settings import load_settings

    form: Literal["jsonl", "blocks"] = "jsonl" if jsonl else "blocks"
    run_replay(
        load_settings(workers=workers, stories=stories), story, feed or [], form, outcomes, recording, edits, speed
    )


@app.command("replay-admit", hidden=True)
def replay_admit(
    story: Path, feed: Annotated[list[str] | None, typer.Argument()] = None,
    recording: Path | None = None, edits: Path | None = None, speed: float | None = None,
) -> None:  # fmt: skip
    """The ingester's half of a replay, as a process of its own: admits everything in order, then ends."""
    from service.cli.recorded import run_recording_admit
    from service.cli.run import run_replay_admit
    from service.settings import load_settings

    if recording is not None:
        run_recording_admit(load_settings(), story, recording, edits, speed)
        return
    run_replay_admit(load_settings(), story, feed or [], edits)


@app.command()
def demo(
    pause: Annotated[float, typer.Option(help="Seconds between two articles.", min=0)] = 1.0,
    workers: Annotated[int | None, typer.Option(help="Worker processes.", show_default="2", min=1)] = None,
    output: Form = "auto",
) -> None:
    """The shipped story, slowly enough to watch: five articles, eight copies of a wire item, a later denial."""
    from service.cli.demo import run_demo
    from service.settings import load_settings

    run_demo(load_settings(workers=workers), pause, output)


@app.command("serve-feeds")
def serve_feeds(
    directory: Annotated[Path, typer.Argument(help="Each of its folders with a feed.toml becomes a feed.")],
    host: Annotated[str, typer.Option(help="Address to bind.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="0 takes a free one.")] = 8701,
    reveal: Annotated[float, typer.Option(help="Seconds between the appearances of two items.", min=0)] = 0,
    delay: Annotated[float, typer.Option(help="Seconds before the first item appears.", min=0)] = 0,
) -> None:
    """A small feed server: folders of texts as RSS over HTTP, with validators. Stands in for outlets."""
    from service.cli.run import run_serve_feeds

    run_serve_feeds(directory, host, port, reveal, delay)


@app.command("explain")
def explain_article(
    article: Annotated[Path, typer.Argument(help="A text file.")],
    story: Annotated[
        str | None, typer.Option(help="Id of a story, or a story file.", show_default="the one it concerns")
    ] = None,
    html: Annotated[Path | None, typer.Option(help="Write a self-contained page to this file instead.")] = None,
    stories: Stories = None,
) -> None:
    """An article's sentences with the claims found, who says them, and why each was taken for new, known or none.

    Compared with what the running server knows, if one runs here or REDIS_URL is set; nothing is changed.
    """
    from service.cli.explain import run_explain
    from service.settings import load_settings

    run_explain(load_settings(stories=stories), article, story, html)


app.command("export")(groups.export)
app.command("takedown")(takedown)


@app.command("eval")
def evaluate(
    gold: Annotated[
        list[Path],
        typer.Argument(help="Folders with articles.jsonl, gold.json and, unless --stories has it, story.toml."),
    ],
    plot: Annotated[Path | None, typer.Option(help="Draw the figures into this file (.png, .svg, .pdf).")] = None,
    orders: Annotated[
        int, typer.Option(help="Random orders of the articles to compare; 0 leaves it out.", min=0, max=200)
    ] = 0,
    json_: Annotated[bool, typer.Option("--json", help="As JSON instead of tables.")] = False,
    stories: Stories = None,
) -> None:
    """How good the claims are on stories with gold: precision, recall, repetitions, junk, links, sources, clusters.

    Beside what simpler systems make of the same articles, with intervals and classes of errors. No server is needed.
    docs/annotating.md says how to make gold of a story of your own.
    """
    from service.cli.evaluate import run_eval
    from service.settings import load_settings

    run_eval(load_settings(stories=stories), gold, plot, orders, as_json=json_)


@app.command()
def health(
    url: Annotated[str | None, typer.Option(help="An endpoint that must answer 200.", show_default="/readyz")] = None,
    worker: Annotated[bool, typer.Option("--worker", help="Ask for this host's worker instead.")] = False,
) -> None:
    """Exit status 0 if the service (or this host's worker) is well, 1 with the reason if not."""
    from service.cli.health import run_health
    from service.settings import load_settings

    run_health(load_settings(), url, worker)


@app.command()
def settings(
    markdown: Annotated[bool, typer.Option("--markdown", help="As the README has it.")] = False,
) -> None:
    """Every setting: its variable, its default and what it means."""
    from service.cli.settings import print_settings

    print_settings(markdown)


def main() -> NoReturn:
    """The entry point."""
    try:
        app()
    except BaseException as error:
        end(error)
    sys.exit(0)
