"""The desk: takes one article to its outcome.

    take → read (sketch, clauses; in a thread, under a deadline)       in parallel, as many workers as there are
         → put the finding into Redis                                  nobody waits for anybody
    drain, while the next article in admission order has its finding:  whoever comes by (`workers.desk.draining`)
         → what is known (claims, wire stories)                        `workers.desk.memory`
         → decide                                                      `workers.desk.decide`, pure
         → commit, refused unless it is this article's turn            one script; some at once if deciding is quick

So the events of a story depend on its articles and their order alone: not on how many workers there are, nor on
which of them died. A worker that dies while reading is replaced after `reclaim_idle_s`; one that dies after the
finding was put leaves nothing to redo. Reading the same article again gives the same finding.
"""

from __future__ import annotations

import asyncio
import os
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import ClassVar

import structlog

from service.contract.edits import is_edit
from service.errors import ClaimwireError, InvariantBroken, StoreUnavailable
from service.model import Admission
from service.store.store import Store
from service.store.values import Head
from service.stories.story import Story
from workers.claims.extract import Extractor
from workers.desk.draining import ALARM_S, TOGETHER_S, Draining, alarm, step
from workers.desk.draining import Limits as Limits
from workers.desk.finding import Finding
from workers.desk.shares import Shares
from workers.wire.sketch import sketch

OVERRAN = 70
"""exit status of a worker whose article passed the deadline: a thread cannot be ended, its process can"""

LOOK_EVERY_S = 0.75
"""between two looks at all stories of the share: what a lost ring of the bell delays an article by"""

AGAIN_MOST_S = 0.5
"""between two tries at a server that is away: what its return goes unnoticed at most. With 2 s a cluster's failover of
3 s kept its stories waiting for 5"""

_AT_ONCE = 16
_PATIENCE_S = 0.1
"""for the last of the articles taken at once: others may have nothing to do meanwhile"""

log = structlog.get_logger(__name__)


class Desk:
    """One worker's loop over the articles of all stories. Not for use from more than one task."""

    drains_by: ClassVar[type[Draining]] = Draining

    def __init__(
        self, store: Store, stories: Mapping[str, Story], name: str, limits: Limits, extractor: Extractor | None = None
    ) -> None:
        self._store = store
        self._stories = stories
        self._name = name
        self._limits = limits
        self._extractor = extractor or Extractor()
        self._draining = self.drains_by(store, stories, name, limits, self._beat)
        self._shares = Shares(name, stories, limits.stories_each)
        self._ready: dict[str, None] = {}
        """stories that may have something to be taken, the longest waiting first"""
        self._slow: set[str] = set()
        """stories that wait for a group of subscribers: of these one article is taken with each look"""
        self._stood: dict[str, int] = {}
        """how far lines were committed when something had its turn at a look"""
        self._pace_s = 1.0
        self._resume = True
        self._next_look_s = 0.0
        self._next_beat_s = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, then finishes the article in hand and returns.

        Raises:
            ServerUnusable, LaterRelease: a later release works here.
            InvariantBroken: what we broke ourselves; the process should end.
        """
        self._draining.stop = stop
        await asyncio.to_thread(self._extractor.warm)
        log.info("desk.opened", stories=len(self._stories))
        pause_s = 0.1
        while not stop.is_set():
            try:
                await self._turn()
                pause_s = 0.1
            except StoreUnavailable as error:
                log.warning("store.unavailable", error=error.message, again_in_s=pause_s)
                await _sleep_or(stop, pause_s)
                self._resume, pause_s = True, min(AGAIN_MOST_S, pause_s * 2)
        with suppress(StoreUnavailable):  # then it is forgotten a little later
            await self._store.beat(self._name, 0)
        log.info("desk.closed")

    async def _turn(self) -> None:
        await self._beat()
        admissions = await self._waiting() or await self._take()
        beating = asyncio.create_task(self._keep(admissions), name="desk.heartbeat")
        began_s = time.monotonic()
        self._draining.in_hand = {(each.story, each.number): each.article for each in admissions}
        try:
            await self._work(admissions)
        finally:
            beating.cancel()
            self._draining.in_hand = {}
        if admissions:
            self._pace_s = (time.monotonic() - began_s) / len(admissions)
        elif not self._ready:
            self._ready |= dict.fromkeys(await self._rung())

    async def _work(self, admissions: Sequence[Admission]) -> None:
        """Reads them, and drains the lines in which one of them has its turn: what is read quickly, some at once."""
        turns = dict[str, Head | None]()
        since_s = time.monotonic()
        for admission in admissions:
            story, head = admission.story, await self._put(admission)
            if head is None or story in turns or head.state.committed + 1 == admission.number:
                turns[story] = head  # else who commits what is before it drains the line
            if time.monotonic() - since_s > TOGETHER_S or admission is admissions[-1]:
                for each, stands in turns.items():
                    await self._draining.drain(each, stands)
                turns.clear()
                since_s = time.monotonic()

    async def _beat(self) -> None:
        """A sign of life for the healthcheck, once a second at most; it tells who else is there to share with."""
        if time.monotonic() >= self._next_beat_s:
            self._next_beat_s = time.monotonic() + 1.0
            ttl_s = max(5, int(self._limits.reclaim_idle_s * 3))
            fresh_s = self._limits.reclaim_idle_s + 1.0
            alive = await self._store.beat(self._name, ttl_s, self._shares.digest, fresh_s)
            if self._shares.update(alive):
                log.info("desk.shared", workers=len(alive), stories=len(self._shares.mine), of=len(self._stories))
                self._next_look_s = 0.0

    async def _take(self) -> list[Admission]:
        """New entries of stories that may have some: of as many at once as can be read while nobody grows impatient."""
        most = max(1, min(_AT_ONCE, int(_PATIENCE_S / self._pace_s)))
        some = list(self._ready)[:most]
        if not some:
            return []
        each = 1 if self._slow.intersection(some) else max(1, most // len(some))
        admissions = await self._store.take(some, self._name, count=each, block_s=0)
        for story in some:
            del self._ready[story]
        self._ready |= dict.fromkeys(a.story for a in admissions if a.story not in self._slow)
        return admissions

    async def _rung(self) -> list[str]:
        """Waits for the bell; no longer than until it is time to look at all stories."""
        left_s = min(self._limits.block_s, self._next_look_s - time.monotonic())
        rung = await self._store.listen(max(0.001, left_s))
        return [story for story in rung if self._shares.is_mine(story) and story not in self._slow]

    async def _waiting(self) -> list[Admission]:
        """What this worker took before it was interrupted, and what others took and no longer work on.

        Looks at all stories of the share, now and then: also for those whose bell nobody heard, and for findings that a
        worker left behind that died between putting one and draining.
        """
        mine, idle_s = self._resume, self._limits.reclaim_idle_s
        if not mine and time.monotonic() < self._next_look_s:
            return []
        self._next_look_s = time.monotonic() + min(LOOK_EVERY_S, idle_s / 2)
        if mine:
            await self._draining.make_sure()
            await self._store.listen(0)  # what is rung for from here on is heard; what was before is seen
        waiting: list[Admission] = []
        looked_at = self._shares.stories if mine else self._shares.mine
        looks = await self._store.looks(looked_at, self._name, idle_s)
        self._slow = {story for story, look in looks.items() if look.slowed}
        for story, look in looks.items():
            if look.mine and mine:
                waiting += await self._store.own_pending(story, self._name)
            if look.stale:
                waiting += await self._store.reclaim(story, self._name, idle_s)
            if look.turn:
                await self._drain_what_stands(story, at_once=mine)
            if look.unread and self._shares.is_mine(story):
                self._ready.setdefault(story)
        self._resume = False
        return sorted({(a.story, a.number): a for a in waiting}.values(), key=lambda a: (a.number, a.story))

    async def _drain_what_stands(self, story: str, *, at_once: bool) -> None:
        """Nobody is at it if the line has not moved between two looks."""
        head = await self._store.head(story)
        if at_once or self._stood.get(story) == head.state.committed:
            await self._draining.drain(story, head)
        self._stood[story] = head.state.committed

    async def _put(self, admission: Admission) -> Head | None:
        """Where the story stands then, if that was told."""
        story, number = admission.story, admission.number
        starts = await self._store.begin(story, number)
        if starts > self._limits.starts:
            reason = f"reading it was started {starts - 1} times and never ended"
            await self._draining.give_up(story, number, admission.entry_id, reason, "", admission.mark)
        elif starts > 0 and (finding := await self._read(admission)) is not None:  # 0: committed meanwhile
            return await self._store.put_on(story, number, finding, admission.mark, self._draining.together)
        return None

    async def _read(self, admission: Admission) -> bytes | None:
        """The finding; None if the article cannot be read and stands among the dead letters now."""
        try:
            with alarm(self._limits.deadline_s + ALARM_S), step("read", admission.story, admission.article):
                reading = asyncio.to_thread(_read, self._extractor, admission, self._stories[admission.story])
                return await asyncio.wait_for(reading, self._limits.deadline_s)
        except TimeoutError:
            log.error("article.overran", article=admission.article.id, deadline_s=self._limits.deadline_s)
            os._exit(OVERRAN)
        except (ClaimwireError, InvariantBroken):
            raise
        except Exception as error:
            reason = f"reading it failed: {error!r}"
            trace = traceback.format_exc()
            await self._draining.give_up(
                admission.story, admission.number, admission.entry_id, reason, trace, admission.mark
            )
            return None

    async def _keep(self, admissions: Sequence[Admission]) -> None:
        """Tells the others that these are being read: none of them may be taken over, nor count another start."""
        while admissions:
            await asyncio.sleep(self._limits.reclaim_idle_s / 3)
            with suppress(ClaimwireError):  # the finding's own write will tell
                await self._store.heartbeat(admissions, self._name)
                await self._beat()


def _read(extractor: Extractor, admission: Admission, story: Story) -> bytes:
    article = admission.article
    if is_edit(article.id):
        return Finding(entry_id=admission.entry_id, article=article.to_json()).to_bytes()
    finding = Finding(
        entry_id=admission.entry_id,
        article=article.to_json(),
        clauses=extractor.extract(article, story),
        sketch=sketch(article.text).to_json(),
        cut=extractor.was_cut(article),
    )
    return finding.to_bytes()


async def _sleep_or(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
