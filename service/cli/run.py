"""`service`, `worker`, `serve-feeds`, and the ingester's half of a replay: what runs in one process, put together."""

from __future__ import annotations

import asyncio
import hashlib
import socket
import time
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import structlog

from service import logs, tracing
from service.edits import due, takedowns
from service.edits.barred import Barred
from service.edits.editor import Editor
from service.edits.replayed import admit_the_rest, read_edits, with_edits
from service.errors import AdmissionsLost, ClaimwireError, ServerUnusable, StoreUnavailable
from service.feeds.config import Feed, source_of
from service.feeds.full_text import Pages
from service.feeds.hubs import Hubs
from service.feeds.intake import Followed, Intake, Poll
from service.feeds.look import Looker, LookLimits
from service.feeds.parser_pool import ParserPool
from service.feeds.play import keep_feeds
from service.feeds.reload import FeedLists
from service.feeds.replay import admit_all
from service.feeds.shares import Shares
from service.feeds.turns import Turns
from service.feeds.watch import Watcher
from service.net.client import Client, Limits, user_agent
from service.net.recording import RecordingClient
from service.running import on_hangup, run, spare_collector
from service.settings import Settings
from service.store.store import DeadLimit, Durability, Store
from service.store.values import Caps
from service.stories.matcher import Matcher
from service.stories.story import Story, load_stories, load_story

TRIM_EVERY_S = 60.0
WEIGH_EVERY_S = 5.0
DAY_S = 86_400

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Ingest:
    """The rooms of the ingester, open."""

    store: Store
    looker: Looker
    parsers: ParserPool
    pages: Pages
    """of no feed yet"""
    client: Client


def run_service(
    settings: Settings, feed_lists: Sequence[Path], name: str | None = None, record: Path | None = None
) -> None:
    """Watches the feeds until told to stop, and answers on its port.

    Args:
        name: of this replica; of no other, and the same after a restart. None: this host and its port.
        record: the folder in which what is fetched is written down.

    Raises:
        ClaimwireError: a file, the port or the server cannot be used.
    """
    from service.cli.access import access_of
    from service.web.app import make_app, serving
    from service.web.cors import Cors
    from service.web.state import ServiceState
    from service.web.websub import Callbacks

    logs.configure(settings.log_level, settings.log_format, role="service")
    tracing.configure("service")
    stories = load_stories(settings.stories)
    lists = FeedLists(feed_lists)

    async def watch(stop: asyncio.Event) -> None:
        recording = recording_of(record, name, settings, lists.feeds) if record is not None else None
        async with ingest(settings, stories.values(), recording, scope=str(record or "")) as rooms:
            state = ServiceState(rooms.store, stories, names_of(lists.feeds), settings.backlog_cap)
            state.lists_problem = lambda: lists.problem
            # A service of `up` notes takedowns in the data folder: its server may begin empty the next time.
            barred = Barred(settings.data_dir) if settings.parent_pid is not None else None
            editor = Editor(rooms.store, barred=barred, stories=tuple(stories))
            app = make_app(state, editor, access_of(settings), Cors(settings.origins), rooms.store)
            hubs = Hubs(rooms.store, rooms.client, settings.public_url) if settings.public_url is not None else None
            if hubs is not None:
                app.add_routes(Callbacks(hubs, settings.body_cap_bytes).routes())
            async with serving(app, settings.http_host, settings.http_port) as address:
                log.info("service.opened", address=address, feeds=len(lists.feeds), stories=sorted(stories))
                rooms.pages.watch(lists.feeds)
                intake = Intake(
                    rooms.store,
                    followed(stories.values()),
                    doc_ttl_s=settings.horizon_days * DAY_S,
                    backlog_cap=settings.backlog_cap,
                    traced=settings.trace,
                    pages=rooms.pages,
                )
                # Nobody else has this host's port, and it is the same after a restart.
                shares = Shares(rooms.store, name or f"{socket.gethostname()}:{address.rpartition(':')[2]}")
                turns = Turns(rooms.store, shares)
                watcher = Watcher(lists.feeds, rooms.store, intake, rooms.looker, rooms.parsers, turns=turns, hubs=hubs)
                if hubs is None:
                    log.info("websub.off", why="CLAIMWIRE_PUBLIC_URL is not set: no hub could reach this service")

                async def change(feeds: Sequence[Feed]) -> None:
                    state.feeds = names_of(feeds)
                    await keep_listed(rooms.store, feeds)
                    rooms.pages.watch(feeds)
                    if record is not None:
                        try:
                            keep_feeds(record, feeds)
                        except ClaimwireError as error:  # a disk that is full now stops no watching
                            log.error("recording.failed", folder=str(record), error=error.message)
                    await watcher.change(feeds)

                async with asyncio.TaskGroup() as group:
                    state.started = True
                    spare_collector()
                    await keep_listed(rooms.store, lists.feeds)
                    reloading = group.create_task(lists.run(change), name="feed lists")
                    on_hangup(lists.ask)
                    group.create_task(keep_trimmed(rooms.store, stories, settings, stop), name="trim")
                    holder = f"{socket.gethostname()} {address}"
                    group.create_task(due.see_to_what_is_due(rooms.store, stories, stop), name="due")
                    group.create_task(takedowns.finish(rooms.store, holder, stop), name="takedowns")
                    await watcher.run(stop)
                    reloading.cancel()
        log.info("service.closed")

    run(watch, settings.parent_pid)


def run_replay_admit(settings: Settings, story_file: Path, sources: Sequence[str], edits: Path | None = None) -> None:
    """Admits everything in order of publication, then returns. Repeating it after any death changes nothing.

    Args:
        edits: of persons, each to be admitted where it stood in the line.

    Raises:
        ClaimwireError: a source or the file of edits cannot be read.
    """
    logs.configure(settings.log_level, settings.log_format, role="service")
    story = load_story(story_file)
    feeds = [feed for source in sources for feed in source_of(source)]
    placed = [] if edits is None else read_edits(edits, story.id)

    async def admit(stop: asyncio.Event) -> None:
        async with ingest(settings, [story]) as rooms:

            async def admit_everything() -> Poll:
                while True:
                    store = with_edits(rooms.store, story.id, placed)
                    try:
                        of = (feeds, rooms.looker, rooms.parsers, store, followed([story]))
                        cap = settings.backlog_cap
                        poll = await admit_all(*of, doc_ttl_s=settings.horizon_days * DAY_S, backlog_cap=cap)
                        await admit_the_rest(store)
                        return poll
                    except AdmissionsLost as error:  # from the beginning: each in its place
                        log.warning("admissions.lost", error=error.message)

            everything = asyncio.create_task(admit_everything(), name="admit")
            stopped = asyncio.create_task(stop.wait(), name="stop")
            await asyncio.wait({everything, stopped}, return_when=asyncio.FIRST_COMPLETED)
            stopped.cancel()
            if not everything.done():
                everything.cancel()
                raise ServerUnusable("stopped before everything was admitted")
            log.info("replay.admitted", **{str(result): n for result, n in (await everything).results.items()})

    run(admit, settings.parent_pid)


def run_worker(settings: Settings, name: str | None) -> None:
    """Works until told to stop.

    Raises:
        ClaimwireError: a file or the server cannot be used.
    """
    from workers.claims.extract import Extractor
    from workers.claims.memory.encode import choose
    from workers.desk.take import Desk, Limits

    name = name or socket.gethostname()
    logs.configure(settings.log_level, settings.log_format, role="worker", worker=name)
    tracing.configure("worker")
    stories = load_stories(settings.stories)
    choose(settings.encoder)

    async def work(stop: asyncio.Event) -> None:
        dead_limit = DeadLimit(settings.dead_limit, settings.dead_window)
        store = await Store.open(redis_url(settings), wait_s=settings.connect_wait_s, dead_limit=dead_limit)
        try:
            limits = Limits(
                settings.reclaim_idle_s,
                settings.extraction_deadline_s,
                settings.extraction_starts,
                hold=timedelta(hours=settings.hold_hours),
            )
            extractor = Extractor()
            await asyncio.to_thread(extractor.warm)
            spare_collector()
            await Desk(store, stories, name, limits, extractor).run(stop)
        finally:
            await store.close()

    run(work, settings.parent_pid)


def run_serve_feeds(directory: Path, host: str, port: int, reveal_s: float, delay_s: float) -> None:
    """Serves the folders of `directory` as RSS until told to stop.

    Raises:
        ClaimwireError: a listing or the port cannot be used.
    """
    from service.web.app import serving
    from service.web.feed_server import make_app

    logs.configure("info", "auto", role="feeds")
    app = make_app(directory, reveal_s, delay_s)

    async def serve(stop: asyncio.Event) -> None:
        async with serving(app, host, port) as address:
            log.info("feeds.served", address=address, directory=str(directory))
            await stop.wait()

    run(serve)


@asynccontextmanager
async def ingest(
    settings: Settings, stories: Iterable[Story], client: Client | None = None, scope: str = ""
) -> AsyncIterator[Ingest]:
    """Opens store, client and parser processes; closes them in reverse.

    Args:
        client: None: one that asks servers and keeps nothing.
        scope: what was read under another one is read again in full.
    """
    durability = Durability(settings.wait_replicas, settings.wait_replicas_s, in_place=True)
    store = await Store.open(redis_url(settings), wait_s=settings.connect_wait_s, durability=durability)
    parsers = ParserPool()
    try:
        async with client or Client(limits_of(settings), user_agent(settings.contact)) as opened:
            # Feeds are read again in full when a story was added or changed: old entries may concern it.
            followed_now = [*sorted(story.model_dump_json() for story in stories), *([scope] if scope else [])]
            digest = hashlib.sha256("\n".join(followed_now).encode()).hexdigest()[:16]
            limits = LookLimits(max_text_bytes=settings.body_cap_bytes)
            looker, pages = Looker(opened, parsers, digest, limits), Pages(opened, parsers, store, ())
            yield Ingest(store, looker, parsers, pages, opened)
    finally:
        await parsers.close()
        await store.close()


def limits_of(settings: Settings) -> Limits:
    """What one fetch may cost."""
    cap = settings.body_cap_bytes
    spacing_s = settings.host_spacing_s
    return Limits(total_s=settings.poll_timeout_s, max_wire_bytes=cap, max_bytes=4 * cap, spacing_s=spacing_s)


def recording_of(folder: Path, name: str | None, settings: Settings, feeds: Sequence[Feed]) -> RecordingClient:
    """A client that writes down what it fetches.

    Raises:
        ClaimwireError: the folder cannot be written to.
    """
    try:
        keep_feeds(folder, feeds)
        name = name or f"{socket.gethostname()}:{settings.http_port}"
        return RecordingClient(folder, name, limits_of(settings), user_agent(settings.contact))
    except OSError as error:
        raise ClaimwireError(f"{folder}: cannot be written to: {error.strerror}", "Name another folder.") from error


def followed(stories: Iterable[Story]) -> list[Followed]:
    """The stories as the ingester's door sees them."""
    return [Followed(story.id, Matcher(story).concerns) for story in stories]


async def keep_listed(store: Store, feeds: Iterable[Feed]) -> None:
    """Keeps in the store what is watched, for `claimwire feeds` elsewhere."""
    try:
        await store.keep_listed((feed.name, feed.kind, feed.shown) for feed in feeds)
    except StoreUnavailable as error:
        log.warning("store.unavailable", error=error.message)


def names_of(feeds: Iterable[Feed]) -> list[str]:
    """The names of feeds, in their order."""
    return [feed.name for feed in feeds]


def redis_url(settings: Settings) -> str:
    """REDIS_URL.

    Raises:
        ServerUnusable: it is not set.
    """
    if settings.redis_url is None:
        raise ServerUnusable(
            "REDIS_URL is not set",
            "Set it, e.g. REDIS_URL=redis://127.0.0.1:6379/0, or run `claimwire up`, which starts a server itself.",
        )
    return settings.redis_url


async def keep_trimmed(
    store: Store, stories: Mapping[str, Story], settings: Settings, stop: asyncio.Event, every_s: float = TRIM_EVERY_S
) -> None:
    """Drops what is committed, and what every subscriber has had for the time of retention; looks more often whether
    one of them is so far behind that its story should wait, or wait no more.
    """
    caps = Caps(settings.subscriber_soft_cap, settings.subscriber_hard_cap)
    lapsed, next_s = set[tuple[str, str, str]](), 0.0
    while not stop.is_set():
        try:
            weights = await store.weigh(stories, caps)
            now = {(each.story, each.stream, each.group) for each in weights if each.lapsed}
            for story, stream, group in sorted(now - lapsed):
                log.warning("subscriber.lapsed", story=story, stream=stream, group=group, cap=caps.hard)
            lapsed = now
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + every_s
                for story in sorted(stories):
                    await _trim(store, story, settings)
        except StoreUnavailable as error:
            log.warning("store.unavailable", error=error.message)
        try:
            await asyncio.wait_for(stop.wait(), min(every_s, WEIGH_EVERY_S))
        except TimeoutError:
            continue


async def _trim(store: Store, story: str, settings: Settings) -> None:
    for gap in (await store.trim(story, settings.retention_days * DAY_S)).gaps:
        missed = {"stream": gap.stream, "group": gap.group, "first": gap.first, "last": gap.last}
        log.warning("subscriber.missed", story=story, **missed)
