"""A recording played through the watcher: the same polls in the same order, under the recording's clock."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import structlog

from service.errors import ClaimwireError, StoreUnavailable
from service.feeds.config import Feed
from service.feeds.intake import Admitter
from service.feeds.watch import Watcher
from service.net.recording import Answer, RecordedClient
from service.net.target import target_of
from service.store.values import FeedState

T = TypeVar("T")

log = structlog.get_logger(__name__)

_FEEDS = "feeds.json"
_KEPT = ("name", "interval_s", "source", "aggregator", "language", "full_text")
_PAUSE_S = 0.2


class Clock:
    """The recording's."""

    def __init__(self) -> None:
        self.at = datetime(1970, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        """The moment that is being played."""
        return self.at


def keep_feeds(folder: Path, feeds: Sequence[Feed]) -> None:
    """Writes beside a recording what its http feeds stand for; what was recorded of others before stays.

    Raises:
        ClaimwireError: it cannot be written, or what stands there cannot be read.
    """
    path = folder / _FEEDS
    try:
        known = json.loads(path.read_text("utf-8")) if path.exists() else {}
        for feed in feeds:
            if feed.kind == "url":
                known[feed.name] = {**{name: getattr(feed, name) for name in _KEPT}, "address": feed.shown}
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f"{_FEEDS}.{os.getpid()}")
        fresh.write_text(json.dumps(known, ensure_ascii=False, indent=1, sort_keys=True) + "\n", "utf-8")
        fresh.replace(path)  # whoever dies meanwhile leaves the old one whole
    except (OSError, ValueError, TypeError) as error:
        raise ClaimwireError(f"{path}: cannot be kept: {error}", "Name another folder.") from error


def kept_feeds(folder: Path) -> list[Feed]:
    """The feeds of a recording.

    Raises:
        ClaimwireError: they cannot be read.
    """
    path = folder / _FEEDS
    try:
        known = json.loads(path.read_text("utf-8"))
        return [Feed(kind="url", **fields) for _, fields in sorted(known.items())]
    except (OSError, ValueError, TypeError) as error:
        raise ClaimwireError(f"{path}: cannot be used: {error}", "The recording is damaged, or none.") from error


async def play(
    answers: Sequence[Answer],
    feeds: Sequence[Feed],
    watcher: Watcher,
    admitter: Admitter,
    client: RecordedClient,
    clock: Clock,
    told: Callable[[int, int], None] = lambda done, total: None,
    speed: float | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> None:
    """Polls the feeds once for each of their answers. May be repeated after any death, on the same store.

    Args:
        answers: in the order in which they came.
        feeds: of the recording.
        watcher: of these feeds, over `client` and `clock`.
        admitter: the store.
        client: over the same answers.
        clock: the watcher's.
        told: called with the number of polls done and their total.
        speed: so many times as fast as it was recorded; None: as fast as it goes. What comes of it is the same.
        sleep: for so many seconds.
    """
    by_name = {feed.name: feed for feed in feeds}
    polls = [answer for answer in answers if answer.feed in by_name and _is_of(by_name[answer.feed], answer)]
    stored = {feed.name: await _again(admitter.feed_state, feed.name) for feed in feeds}
    states = {name: state or FeedState() for name, state in stored.items()}
    closed = Counter({name: state.revision for name, state in states.items()})
    wall, began = asyncio.get_running_loop().time, None
    for done, answer in enumerate(polls, 1):
        if closed[answer.feed]:  # played by one who died since
            closed[answer.feed] -= 1
            continue
        client.at, clock.at = answer.at, datetime.fromisoformat(answer.at)
        began = began or (clock.at, wall())
        if speed is not None:
            due_s = (clock.at - began[0]).total_seconds() / speed
            await sleep(max(due_s - (wall() - began[1]), 0.0))
        state = await _again(watcher.poll, by_name[answer.feed], states[answer.feed])
        if state is None:
            raise ClaimwireError(f"{answer.feed}: somebody else writes to the server of this replay")
        states[answer.feed] = state
        told(done, len(polls))


def _is_of(feed: Feed, answer: Answer) -> bool:
    """Whether an answer is the feed itself and not a page that it leads to."""
    return answer.url == str(target_of(feed.address).url)


async def _again(ask: Callable[..., Coroutine[Any, Any, T]], *what: Any) -> T:
    """Until the store is there."""
    while True:
        try:
            return await ask(*what)
        except StoreUnavailable as error:
            log.warning("store.unavailable", error=error.message)
            await asyncio.sleep(_PAUSE_S)
