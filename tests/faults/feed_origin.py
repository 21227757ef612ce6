"""An origin of many feeds that notes every request, and the replicas that ask it, as processes of their own."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from multiprocessing.process import BaseProcess

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.faults import feed_replica
from tests.faults.feed_replica import Watched

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.faults.feed_replica"])


@dataclass(slots=True)
class Asked:
    """One request."""

    replica: str
    began_s: float
    ended_s: float = field(default=float("inf"))


class FeedOrigin:
    """Every path is a feed with one item; each answer takes `takes_s`.

    While the origin is `changing`, another item takes the place of one whose validator was given back: who does that
    says that he has the item, and who has not will never see it again.
    """

    def __init__(self, takes_s: float) -> None:
        self.asked: dict[str, list[Asked]] = defaultdict(list)
        self.published: dict[str, int] = defaultdict(lambda: 1)
        """feed → its items so far"""
        self.changing = False
        self._takes_s = takes_s
        app = web.Application()
        app.router.add_get("/{number}", self._answer)
        self.server = TestServer(app, host="127.0.0.1")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.port}"

    async def _answer(self, request: web.Request) -> web.Response:
        number = request.match_info["number"]
        asked = Asked(request.headers["User-Agent"], time.monotonic())
        self.asked[number].append(asked)
        try:
            await asyncio.sleep(self._takes_s)
            etag = f'"{self.published[number]}"'
            if request.headers.get("If-None-Match") == etag:
                self.published[number] += self.changing
                return web.Response(status=304, headers={"ETag": etag})
            guid = f"{number}-{self.published[number]}"
            item = (
                f"<item><guid>{guid}</guid><title>A word of {guid}</title><link>https://x.example/{guid}</link></item>"
            )
            body = f"<rss version='2.0'><channel><title>Feed {number}</title>{item}</channel></rss>"
            return web.Response(text=body, content_type="application/rss+xml", headers={"ETag": etag})
        finally:
            asked.ended_s = time.monotonic()

    def links(self) -> list[str]:
        """Of every item that was ever listed."""
        return [
            f"https://x.example/{number}-{version}"
            for number, last in self.published.items()
            for version in range(1, last + 1)
        ]

    @property
    def count(self) -> int:
        """Requests so far."""
        return sum(map(len, self.asked.values()))

    def at_once(self, *, but: str = "") -> list[str]:
        """Feeds that were asked for while another request for them was under way.

        Args:
            but: a replica that was frozen, and may have woken between its look at the lease and its request.
        """
        return [
            name
            for name, asked in self.asked.items()
            if any(
                after.began_s < before.ended_s and but not in (before.replica, after.replica)
                for before, after in pairwise(asked)
            )
        ]

    def early(self, interval_s: float) -> list[str]:
        """Feeds that were asked for sooner than `interval_s` after the request before."""
        return [
            name
            for name, asked in self.asked.items()
            if any(after.began_s - before.began_s < interval_s for before, after in pairwise(asked))
        ]

    def replicas_since(self, since_s: float) -> dict[str, set[str]]:
        """Feed → who asked for it since then."""
        return {
            name: {one.replica for one in asked if one.began_s >= since_s} for name, asked in sorted(self.asked.items())
        }


@asynccontextmanager
async def feed_origin(takes_s: float = 0.05) -> AsyncIterator[FeedOrigin]:
    origin = FeedOrigin(takes_s)
    await origin.server.start_server()
    yield origin
    await origin.server.close()


class Replicas:
    """Replicas at work; all are ended with the block."""

    def __init__(self, redis_url: str, watched: Watched) -> None:
        self._arguments = (redis_url, watched)
        self._running: dict[str, BaseProcess] = {}

    def __enter__(self) -> Replicas:
        return self

    def __exit__(self, *_: object) -> None:
        self.kill(list(self._running))

    def start(self, *names: str) -> None:
        url, watched = self._arguments
        for name in names:
            process = _PROCESSES.Process(target=feed_replica.main, args=(url, name, watched))
            process.start()
            self._running[name] = process

    def kill(self, names: Iterable[str]) -> None:
        """As a crash does it; its parser processes end when they find their pipe closed."""
        for name in names:
            process = self._running.pop(name)
            process.kill()
            process.join()

    def signal(self, name: str, number: signal.Signals) -> None:
        pid = self._running[name].pid
        assert pid is not None
        os.kill(pid, number)
