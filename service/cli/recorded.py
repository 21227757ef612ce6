"""The ingester's half of a replay of a recording: the watcher, over the answers that were written down."""

from __future__ import annotations

import asyncio
from pathlib import Path

import structlog

from service import logs
from service.cli.run import DAY_S, followed, ingest
from service.edits.replayed import admit_the_rest, read_edits, with_edits
from service.errors import ServerUnusable
from service.feeds.intake import Intake
from service.feeds.play import Clock, kept_feeds, play
from service.feeds.shares import Shares
from service.feeds.turns import Turns
from service.feeds.watch import Watcher
from service.net.recording import RecordedClient, answers_of
from service.running import run
from service.settings import Settings
from service.stories.story import load_story

log = structlog.get_logger(__name__)


def run_recording_admit(
    settings: Settings, story_file: Path, folder: Path, edits: Path | None = None, speed: float | None = None
) -> None:
    """Polls once for each answer of the recording, then returns. Repeating it after any death goes on from there.

    Args:
        edits: of persons, each to be admitted where it stood in the line.
        speed: so many times as fast as it was recorded; None: as fast as it goes.

    Raises:
        ClaimwireError: the recording or the file of edits cannot be used.
    """
    logs.configure(settings.log_level, settings.log_format, role="service")
    story, answers, feeds = load_story(story_file), answers_of(folder), kept_feeds(folder)
    placed = [] if edits is None else read_edits(edits, story.id)

    async def admit(stop: asyncio.Event) -> None:
        client, clock = RecordedClient(folder, answers), Clock()
        async with ingest(settings, [story], client) as rooms:
            rooms.pages.watch(feeds)
            store = with_edits(rooms.store, story.id, placed)
            intake = Intake(
                store,
                followed([story]),
                doc_ttl_s=settings.horizon_days * DAY_S,
                backlog_cap=settings.backlog_cap,
                traced=False,
                pages=rooms.pages,
            )
            turns = Turns(rooms.store, Shares(rooms.store, "recording"))
            watcher = Watcher(feeds, rooms.store, intake, rooms.looker, rooms.parsers, clock.now, turns)
            played = play(answers, feeds, watcher, rooms.store, client, clock, speed=speed)
            playing = asyncio.create_task(played, name="play")
            # The workers may keep the door waiting for longer than a lease lasts.
            keeping = asyncio.create_task(turns.keep(), name="turns")
            stopped = asyncio.create_task(stop.wait(), name="stop")
            await asyncio.wait({playing, stopped}, return_when=asyncio.FIRST_COMPLETED)
            keeping.cancel()
            stopped.cancel()
            if not playing.done():
                playing.cancel()
                raise ServerUnusable("stopped before everything was admitted")
            await playing
            await admit_the_rest(store)
            log.info("replay.admitted", answers=len(answers), feeds=len(feeds))

    run(admit, settings.parent_pid)
