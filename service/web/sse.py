"""Events over SSE: `GET /v1/stories/{story}/events` and `/v1/feeds/events`.

Where a follower begins is in `Last-Event-ID` (what browsers send when they come back), else in `since`, else it is now.
First comes what its stream has behind that, a page at a time, then what happens; nothing is lost or repeated between.
What is older than the stream is told by an event `gap`.
"""

from __future__ import annotations

import asyncio
import json
from collections import Counter
from contextlib import suppress

import structlog
from aiohttp import web

from service.errors import StoreUnavailable
from service.store import keys
from service.store.ids import EntryId
from service.web.broadcast import (
    BURST_BYTES,
    PAUSE_S,
    READ,
    SLOW_S,
    Broadcast,
    Follower,
    Sieve,
    framed,
    joined,
)
from service.web.cursor import Beginning, beginning
from service.web.fanout import HEARTBEAT_S, Fanout
from service.web.sieve import sieve_of
from service.web.state import State

RETRY_MS = 2_000
MOST_FOLLOWERS = 2_000
_HEADERS = {"Content-Type": "text/event-stream; charset=utf-8", "X-Accel-Buffering": "no"}

log = structlog.get_logger(__name__)


class Events:
    """The streams of stories and of feeds, as they happen."""

    def __init__(
        self, state: State, slow_s: float = SLOW_S, most_followers: int = MOST_FOLLOWERS, most_of_one: int = 0
    ) -> None:
        self._state = state
        self._slow_s = slow_s
        self._most_followers = most_followers
        self._most_of_one = most_of_one
        self._followers = Counter[str]()
        """by address"""

    def routes(self) -> list[web.RouteDef]:
        """The addresses of this room."""
        return [
            web.get("/v1/stories/{story}/events", self.of_story),
            web.get("/v1/feeds/events", self.of_feeds),
        ]

    async def of_story(self, request: web.Request) -> web.StreamResponse:
        """Everything that is told of a story."""
        story = request.match_info["story"]
        if story not in self._state.stories:
            raise web.HTTPNotFound(text=f"there is no story {story!r}; /v1/stories lists them")
        return await self.follow(request, keys.events(story))

    async def of_feeds(self, request: web.Request) -> web.StreamResponse:
        """Feeds that fall silent and come back."""
        return await self.follow(request, keys.feed_events())

    async def follow(self, request: web.Request, stream: str) -> web.StreamResponse:
        """One follower of a stream, until he leaves or the service ends."""
        fanout = self._state.fanout
        if fanout.closing or fanout.numbers.followers >= self._most_followers:
            raise web.HTTPServiceUnavailable(
                text=f"{fanout.numbers.followers} connections follow already; come back later",
                headers={"Retry-After": "5"},
            )
        address = request.remote or ""
        if 0 < self._most_of_one <= self._followers[address]:
            raise web.HTTPTooManyRequests(
                text=f"{self._most_of_one} connections follow from this address already",
                headers={"Retry-After": str(RETRY_MS // 1000)},
            )
        self._followers[address] += 1
        try:
            return await self._follow(request, stream)
        finally:
            self._followers[address] -= 1
            if not self._followers[address]:
                del self._followers[address]

    async def _follow(self, request: web.Request, stream: str) -> web.StreamResponse:
        fanout = self._state.fanout
        sieve = sieve_of(request.query, of_feeds=stream == keys.feed_events())
        begins = await beginning(request, stream, fanout.store)
        follower = _follower(request, self._slow_s)
        async with fanout.following(stream, follower) as broadcast:
            answer = web.StreamResponse(headers=_HEADERS)
            await answer.prepare(request)
            with suppress(ConnectionError):  # whoever it was has left
                await _Following(fanout, broadcast, follower, answer, sieve).run(begins)
            if follower.was_cut:
                fanout.numbers.cut_off += 1
                log.info("sse.cut_off", stream=stream, address=request.remote)
        return answer


def _follower(request: web.Request, slow_s: float) -> Follower:
    def is_gone() -> bool:
        return request.transport is None or request.transport.is_closing()

    def cut() -> None:
        if request.transport is not None:
            request.transport.abort()

    return Follower(is_gone, cut, slow_s)


class _Following:
    """One follower on its way along one stream."""

    def __init__(
        self,
        fanout: Fanout,
        broadcast: Broadcast,
        follower: Follower,
        answer: web.StreamResponse,
        sieve: Sieve,
    ) -> None:
        self._fanout = fanout
        self._broadcast = broadcast
        self._follower = follower
        self._answer = answer
        self._sieve = sieve
        self._told: EntryId | None = None
        """what the other side has as its last event id, if that is where we are"""

    async def run(self, begins: Beginning) -> None:
        """Sends until the other side has left or the service ends.

        Raises:
            ConnectionError: it has left, or was cut off.
        """
        broadcast = self._broadcast
        await self._send(f"retry: {RETRY_MS}\n\n".encode())
        await broadcast.opened.wait()
        at = begins.after
        if at is None:
            at = self._told = broadcast.last
            await self._send(f"id: {at}\n\n".encode())  # whoever comes back begins here
        if begins.gap is not None:
            self._fanout.numbers.gaps += 1
            await self._send(f"event: gap\ndata: {json.dumps(begins.gap)}\n\n".encode())
        while not (broadcast.ended or self._fanout.closing):
            burst, reached, events = await self._behind(at)
            if events:
                await self._send(burst)
                self._fanout.numbers.sent += events
                self._told = None if self._sieve.holds_back else reached
            elif reached == at and not self._follower.is_gone():
                await self._rest(at)
            at = reached
            if self._follower.is_gone():
                return

    async def _behind(self, at: EntryId) -> tuple[bytes, EntryId, int]:
        """From the window if it reaches back so far, else from the stream."""
        broadcast = self._broadcast
        if at >= broadcast.floor:
            return broadcast.burst(at, self._sieve)
        floor = broadcast.floor
        try:
            entries = await self._fanout.store.range(broadcast.stream, f"({at}", str(floor), READ)
        except StoreUnavailable:
            await asyncio.sleep(PAUSE_S)
            return b"", at, 0
        if not entries:  # what stood there is gone
            return b"", floor, 0
        page = [one for entry in entries if (one := framed(entry)) is not None]
        burst, reached, events = joined(page, at, self._sieve)
        if len(burst) < BURST_BYTES:  # the page is through, whatever could not be read in it
            reached = max(reached, EntryId.of(entries[-1].id))
        return burst, reached, events

    async def _rest(self, at: EntryId) -> None:
        """Waits for news; a sign of life where there were none for long, with how far the stream was looked at."""
        quiet_s = asyncio.get_running_loop().time() - self._follower.sent_s
        if quiet_s >= HEARTBEAT_S:
            await self._send(b": \n\n" if at == self._told else f"id: {at}\n\n".encode())
            self._told = at
        else:
            await self._follower.wait()

    async def _send(self, frames: bytes) -> None:
        follower = self._follower
        follower.sent_s, follower.sending = asyncio.get_running_loop().time(), True
        await self._answer.write(frames)
        follower.sending = False
