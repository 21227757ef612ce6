"""`up`: an embedded server (or REDIS_URL), the service and the workers as processes, and what they find."""

from __future__ import annotations

import asyncio
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from service import logs
from service.cli.access import access_of
from service.cli.show import Form, Printer
from service.cli.tail import follow
from service.edits.barred import Barred
from service.errors import ClaimwireError
from service.feeds.config import load_feed_list
from service.running import run
from service.settings import Settings
from service.store.embedded import EmbeddedServer, clear
from service.store.keys import events as events_key
from service.store.store import Store
from service.stories.story import Story, load_stories
from service.supervisor import Child, Supervisor


def up(settings: Settings, feed_lists: Sequence[Path], *, fresh: bool, form: Form, record: Path | None = None) -> None:
    """Runs everything until Ctrl-C. What can be wrong in files is said before anything is started.

    Args:
        record: the folder in which the service writes down what it fetches.

    Raises:
        ClaimwireError: a file, a port or a server cannot be used.
    """
    access_of(settings)
    logs.configure("warning" if sys.stderr.isatty() else settings.log_level, settings.log_format, role="up")
    stories = load_stories(settings.stories)
    for path in feed_lists:
        load_feed_list(path)
    if fresh:
        start_over(settings)
    run(lambda stop: _up(settings, feed_lists, stories, Printer(form), stop, record))


def start_over(settings: Settings) -> None:
    """Removes the embedded server's data.

    Raises:
        ClaimwireError: a server is using it, or the data is not the embedded server's to remove.
    """
    if settings.redis_url:
        raise ClaimwireError(
            "starting over would empty the server that REDIS_URL names, which Claimwire does not do",
            "Unset REDIS_URL, or empty that server yourself.",
        )
    if not clear(settings.data_dir / "server"):
        raise ClaimwireError(f"{settings.data_dir} is in use by another `claimwire up`", "Stop that one first.")
    shutil.rmtree(settings.data_dir / "log", ignore_errors=True)


@dataclass(frozen=True, slots=True)
class Server:
    """The server in use."""

    url: str
    """for our own processes"""
    shown: str
    """for subscribers on this host"""
    prefix: str
    """of the names of our workers: no two processes may share one"""


@asynccontextmanager
async def server(settings: Settings) -> AsyncIterator[Server]:
    """The server to use: REDIS_URL if there is one, else an embedded one for as long as the block runs."""
    if settings.redis_url:
        yield Server(settings.redis_url, "REDIS_URL", f"{socket.gethostname()}-")
        return
    async with EmbeddedServer(settings.data_dir / "server", port=settings.redis_port) as embedded:
        yield Server(embedded.url, embedded.tcp_url, "" if embedded.owned else f"{os.getpid()}-")


async def _up(
    settings: Settings,
    feed_lists: Sequence[Path],
    stories: dict[str, Story],
    printer: Printer,
    stop: asyncio.Event,
    record: Path | None,
) -> None:
    async with server(settings) as used:
        store = await Store.open(used.url, wait_s=settings.connect_wait_s)
        for story in sorted(stories):
            await bar(store, story, Barred(settings.data_dir).read(story))
        starts = {story: await store.last_id(events_key(story)) for story in stories}
        port = settings.http_port or free_port()
        _greet(printer, settings, port, used, stories)
        printer.say(_known(sum([(await store.lengths(story))["events"] for story in stories])))
        try:
            async with Supervisor(stop) as supervisor:
                for child in children(settings, port, used, feed_lists, record):
                    supervisor.start(child)
                await follow(store, sorted(stories), "$", lambda _: True, printer, stop, starts)
                printer.say("draining …")
        finally:
            await store.close()
    printer.say("done; what is known is kept, and the next `up` goes on from here")


async def bar(store: Store, story: str, uris: Sequence[str]) -> None:
    """What was taken down stays down when the server begins empty."""
    if uris and not (await store.state(story)).admitted:
        for uri in uris:
            await store.bar(story, uri, "taken down before")


def children(
    settings: Settings, port: int, used: Server, feed_lists: Sequence[Path], record: Path | None = None
) -> list[Child]:
    """The service first: it is drained first, so that nothing new comes while the workers finish."""
    environment = {"REDIS_URL": used.url, "CLAIMWIRE_LOG_FORMAT": "json", "CLAIMWIRE_STORIES": str(settings.stories)}
    log = settings.data_dir / "log"
    lists = [part for path in feed_lists for part in ("--feeds", str(path))]
    name = f"{used.prefix}service"
    recording = ["--record", str(record.resolve())] if record is not None else []
    arguments = ["service", *lists, "--http-port", str(port), "--name", name, *recording]
    service = Child("service", arguments, log / "service.jsonl", environment)
    return [service, *worker_children(settings.workers, environment, log, used.prefix)]


def worker_children(count: int, environment: dict[str, str], log: Path | None, prefix: str = "") -> list[Child]:
    """Workers under names that stay the same over restarts, so that each finds what it had taken."""
    return [
        Child(name, ["worker", "--name", name], log / f"{name}.jsonl" if log else None, environment)
        for name in (f"{prefix}worker-{number}" for number in range(1, count + 1))
    ]


def free_port() -> int:
    """A port that nothing listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _greet(printer: Printer, settings: Settings, port: int, used: Server, stories: dict[str, Story]) -> None:
    names = ", ".join(f"{story.title} [{story.id}]" for story in stories.values())
    printer.say(f"following {names}")
    printer.say(f"board, API, health and metrics: http://{settings.http_host}:{port}/")
    printer.say(f"streams: {used.shown}")
    printer.say(f"logs: {settings.data_dir}/log")


def _known(events: int) -> str:
    if events:
        return f"{events} events were announced before (`claimwire tail --from 0` shows them); now the new ones"
    return "loading the reader of English; the first claims come in a few seconds"
