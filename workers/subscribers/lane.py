"""One webhook's lane: its events one after the other, in order, to one target, whoever delivers them.

    lease    one process has the lane; another takes over when its lease has run out
    head     the oldest event that is open, of all its stories
    post     signed; the event's id is the same however often it is sent
    settle   2xx: done. 410: the webhook is disabled. Else the head is tried again later, and what is behind it waits;
             after the last start it is parked and the next is tried

What is remembered stands in Redis: a process that is killed between the answer and the acknowledgement leaves the event
open, and whoever has the lane next sends it again.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import structlog

from service.contract.envelope import to_structured
from service.errors import StoreUnavailable
from service.model import utc
from service.net.access import Access
from service.net.failures import FetchFailure
from service.net.post import Answer
from service.store import keys
from service.store.ids import EntryId
from service.store.store import Store
from service.store.subscribing import GroupGone
from service.store.values import StreamEntry
from service.store.webhooks import group_of
from workers.subscribers.bodies import cloudevent, slack
from workers.subscribers.doorbell import RING_S, Doorbell
from workers.subscribers.handling import Backoff
from workers.subscribers.signing import headers_of
from workers.subscribers.webhook_file import Webhook

CONSUMER = "lane"
"""one name for whoever has the lane: what the last one held, the next one finds"""
LEASE_S = 4.0
"""After a crash the lane stands still so long; a delivery that takes longer keeps it by a sign of life."""
WAITS = Backoff(first_s=2.0, most_s=3600.0, factor=4.0)
_DAY_S = 86_400.0
_PAGE = 20
_LOOK_S = 2.0
"""between two looks for what no bell tells of: a dead letter that was retried"""
_GONE = 410

Post = Callable[[str, Mapping[str, str], bytes, Access], Awaitable[Answer]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a target does not have an event."""

    reason: str
    detail: str = ""
    """the beginning of what it answered"""
    status: int = 0
    retry_after_s: float = 0.0


class Lane:
    """Delivers one webhook.

    Args:
        post: `service.net.post.Poster.post`.
        holder: of the lease; of this process alone.
    """

    def __init__(
        self,
        store: Store,
        webhook: Webhook,
        post: Post,
        bell: Doorbell,
        holder: str,
        waits: Backoff = WAITS,
        lease_s: float = LEASE_S,
    ) -> None:
        self._store = store
        self._webhook = webhook
        self._post = post
        self._bell = bell
        self._holder = holder
        self._waits = waits
        self._lease_s = lease_s
        self._joined = False
        """the lane is ours"""
        self._group = group_of(webhook.name)
        self._heads: dict[str, deque[StreamEntry]] = {stream: deque() for stream in webhook.streams}
        self._look_at_s = 0.0
        self._rings = -1
        self._more = False
        """more is open than was fetched"""
        self._log = log.bind(webhook=webhook.name)

    async def run(self, stop: asyncio.Event) -> None:
        """Delivers until `stop`; then gives the lane back."""
        keeping = asyncio.create_task(self._keep(), name=f"webhook {self._webhook.name} lease")
        try:
            while not stop.is_set():
                rings = self._bell.rings
                wait_s = await self._turn()
                if wait_s > 0:
                    await self._bell.wait(rings, wait_s)
            with suppress(StoreUnavailable):
                await self._lease(0)
        finally:
            keeping.cancel()

    async def _turn(self) -> float:
        """What can be done now; returns the seconds until the next turn, 0 for at once."""
        try:
            if not await self._lease(self._lease_s):
                self._joined = False
                return RING_S
            if not self._joined:
                await self._join()
            return await self._step()
        except (StoreUnavailable, GroupGone) as error:
            self._log.warning("webhook.waits", error=str(error))
            self._joined = False
            await asyncio.sleep(RING_S / 2)
            return 0

    async def _lease(self, lease_s: float) -> bool:
        return await self._store.lease(keys.webhook_lease(self._webhook.name), self._holder, lease_s)

    async def _keep(self) -> None:
        while True:
            await asyncio.sleep(self._lease_s / 3)
            with suppress(StoreUnavailable):
                if self._joined:
                    await self._lease(self._lease_s)

    async def _join(self) -> None:
        after = "$" if self._webhook.after == "now" else "0"
        for stream, head in self._heads.items():
            if await self._store.join(stream, self._group, after):
                self._log.info("webhook.joined", stream=stream, after=self._webhook.after)
            head.clear()
        self._look_at_s, self._joined = 0.0, True

    async def _step(self) -> float:
        """Delivers the head if it is due; returns the seconds until the next look, 0 for at once."""
        state = await self._store.webhook(self._webhook.name)
        if state.get("disabled"):
            return RING_S
        due_s = min(float(state.get("not_before", "0")) - time.time(), _DAY_S)
        if due_s > 0:
            return min(due_s, RING_S)
        await self._look()
        head = min(
            (head for head in self._heads.values() if head), key=lambda head: EntryId.of(head[0].id), default=None
        )
        if head is None:
            return RING_S
        entry = head[0]
        start = await self._store.start(entry.stream, self._group, CONSUMER, entry.id)
        # 0: it was ended by another, who had the lane meanwhile
        if start == 0 or await self._deliver(entry, start, int(state.get("failures", "0"))):
            head.popleft()
        return 0

    async def _look(self) -> None:
        """Fetches heads: what is open already, and then what is new. Unwanted events are ended here."""
        now_s, rings = asyncio.get_running_loop().time(), self._bell.rings
        again = now_s >= self._look_at_s or (self._more and not any(self._heads.values()))
        if again:
            self._look_at_s, self._more = now_s + _LOOK_S, False
        for stream, head in self._heads.items():
            if again:
                head.clear()
                held = await self._store.held(stream, self._group, CONSUMER, count=_PAGE)
                self._more = self._more or len(held) == _PAGE
                head.extend(await self._wanted(stream, held))
            full = again or rings != self._rings
            while not head and full:
                found = await self._store.hand_out(stream, self._group, CONSUMER, _PAGE)
                full = len(found) == _PAGE
                head.extend(await self._wanted(stream, found))
        # What has something was not asked to its end: it is asked again, rung or not.
        self._rings = -1 if any(self._heads.values()) else rings

    async def _wanted(self, stream: str, entries: list[StreamEntry]) -> list[StreamEntry]:
        wanted, unwanted = list[StreamEntry](), list[str]()
        for entry in entries:
            try:
                chosen = self._webhook.choice.wants(to_structured(entry.fields))
            except (ValueError, KeyError, TypeError) as error:
                await self._store.park(stream, self._group, CONSUMER, entry, f"the entry is no event: {error!r}")
                continue
            if chosen:
                wanted.append(entry)
            else:
                unwanted.append(entry.id)
        await self._store.settle(stream, self._group, unwanted, "unwanted")
        return wanted

    async def _deliver(self, entry: StreamEntry, start: int, failures: int) -> bool:
        """One attempt; True if the entry is ended."""
        failure = await attempt(self._webhook, to_structured(entry.fields), self._post)
        name, now_s = self._webhook.name, time.time()
        if failure is None:
            await self._remember({"failures": "0", "not_before": "0", "error": "", "delivered": _now()})
            await self._store.settle(entry.stream, self._group, [entry.id])
            return True
        told = self._log.bind(event=entry.fields["id"], start=start, reason=failure.reason)
        if failure.status == _GONE:
            told.error("webhook.disabled")
            await self._remember({"disabled": failure.reason, "disabled_at": _now(), "error": failure.reason})
            return False
        wait_s = max(self._waits.after_s(failures + 1), failure.retry_after_s)
        told.warning("webhook.failed", wait_s=round(wait_s, 1))
        await self._remember(
            {
                "failures": str(failures + 1),
                "not_before": f"{now_s + wait_s:.3f}",
                "error": failure.reason,
                "failed": _now(),
            }
        )
        if start < self._webhook.starts:
            return False
        told.error("webhook.parked", webhook=name)
        reason = f"{failure.reason} (start {start} of {self._webhook.starts})"
        await self._store.park(entry.stream, self._group, CONSUMER, entry, reason, failure.detail)
        return True

    async def _remember(self, fields: Mapping[str, str]) -> None:
        await self._store.remember_webhook(self._webhook.name, fields)


async def attempt(webhook: Webhook, event: Mapping[str, Any], post: Post) -> Failure | None:
    """Sends one event once; None if the target has it."""
    content_type, body = slack(event, webhook.board) if webhook.form == "slack" else cloudevent(event)
    headers = {"Content-Type": content_type, **headers_of(event["id"], int(time.time()), body, webhook.keys)}
    try:
        answer = await post(webhook.url, headers, body, Access(allow_private=webhook.allow_private))
    except FetchFailure as error:
        return Failure(str(error))
    if 200 <= answer.status < 300:
        return None
    reason = f"the target answers {answer.status}"
    if 300 <= answer.status < 400:
        reason += "; redirects are not followed: give the address that it leads to"
    waits_s = retry_after_s(answer.headers.get("retry-after", ""), time.time())
    return Failure(reason, answer.excerpt, answer.status, waits_s)


def retry_after_s(written: str, now_s: float) -> float:
    """Seconds that a Retry-After asks for, given as seconds or as a date; at most a day, 0 if it says nothing."""
    written = written.strip()
    if written.isascii() and written.isdigit():
        return min(float(written[:9]), _DAY_S)
    try:
        at = parsedate_to_datetime(written)
    except (ValueError, TypeError, IndexError, OverflowError):
        return 0.0
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(at.timestamp() - now_s, 0.0), _DAY_S)


def _now() -> str:
    return utc(datetime.now(UTC).replace(microsecond=0))
