"""The desk: takes one article to its outcome.

    take → read (sketch, clauses; in a thread, under a deadline)       in parallel, as many workers as there are
         → put the finding into Redis                                  nobody waits for anybody
    drain, while the next article in admission order has its finding:  whoever comes by
         → what is known (claims, wire stories)                        `workers.desk.memory`
         → decide                                                      `workers.desk.decide`, pure
         → commit, refused unless it is this article's turn            one script

So the events of a story depend on its articles and their order alone: not on how many workers there are, nor on
which of them died. A worker that dies while reading is replaced after `reclaim_idle_s`; one that dies after the
finding was put leaves nothing to redo. Reading the same article again gives the same finding.
"""

from __future__ import annotations

import asyncio
import os
import signal
import time
import traceback
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from service.contract.edits import from_article, is_edit
from service.errors import ClaimwireError, InvariantBroken, StoreUnavailable
from service.model import Admission, Article, Commit, Outcome, StoryState
from service.store.store import Store
from service.store.values import Commitment, Head, Tombstone
from service.stories.story import Story
from service.tracing import span
from workers.claims.extract import Extractor
from workers.claims.registry import HOLD
from workers.desk.decide import Decided, decide
from workers.desk.editing import decide_edit
from workers.desk.finding import Finding
from workers.desk.following import Followed
from workers.desk.memory import Memory
from workers.desk.shares import EACH, Shares
from workers.wire.sketch import sketch

OVERRAN = 70
"""exit status of a worker whose article passed the deadline: a thread cannot be ended, its process can"""

ALARM_S = 5.0
"""seconds after the deadline at which the kernel ends a worker that cannot end itself"""

LOOK_EVERY_S = 0.75
"""between two looks at all stories of the share: what a lost ring of the bell delays an article by"""

_AT_ONCE = 16
_PATIENCE_S = 0.1
"""for the last of the articles taken at once: others may have nothing to do meanwhile"""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Limits:
    """What a desk allows one article. Seconds; starts are counted over all workers."""

    reclaim_idle_s: float
    deadline_s: float
    starts: int
    block_s: float = 0.5
    stories_each: int = EACH
    """stories a worker, up to which every worker reads all of them"""
    hold: timedelta = HOLD
    """how long a claim is held, by the articles' clock"""


class Desk:
    """One worker's loop over the articles of all stories. Not for use from more than one task."""

    def __init__(
        self, store: Store, stories: Mapping[str, Story], name: str, limits: Limits, extractor: Extractor | None = None
    ) -> None:
        self._store = store
        self._stories = stories
        self._name = name
        self._limits = limits
        self._extractor = extractor or Extractor()
        followed = Followed(store)
        self._memory = {story: Memory(store, story, limits.hold, followed) for story in stories}
        self._shares = Shares(name, stories, limits.stories_each)
        self._ready: dict[str, None] = {}
        """stories that may have something to be taken, the longest waiting first"""
        self._slow: set[str] = set()
        """stories that wait for a group of subscribers: of these one article is taken with each look"""
        self._pace_s = 1.0
        self._stop = asyncio.Event()
        self._resume = True
        self._next_look_s = 0.0
        self._next_beat_s = 0.0

    async def run(self, stop: asyncio.Event) -> None:
        """Works until `stop` is set, then finishes the article in hand and returns.

        Raises:
            ServerUnusable, LaterRelease: a later release works here.
            InvariantBroken: what we broke ourselves; the process should end.
        """
        self._stop = stop
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
                self._resume, pause_s = True, min(2.0, pause_s * 2)
        with suppress(StoreUnavailable):  # then it is forgotten a little later
            await self._store.beat(self._name, 0)
        log.info("desk.closed")

    async def _turn(self) -> None:
        await self._beat()
        admissions = await self._waiting() or await self._take()
        beating = asyncio.create_task(self._keep(admissions), name="desk.heartbeat")
        began_s = time.monotonic()
        try:
            for admission in admissions:
                await self._put(admission)
                await self._drain(admission.story)
        finally:
            beating.cancel()
        if admissions:
            self._pace_s = (time.monotonic() - began_s) / len(admissions)
        elif not self._ready:
            self._ready |= dict.fromkeys(await self._rung())

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
        some = list(self._ready)[: max(1, min(_AT_ONCE, int(_PATIENCE_S / self._pace_s)))]
        if not some:
            return []
        admissions = await self._store.take(some, self._name, count=1, block_s=0)
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
                await self._drain(story)
            if look.unread and self._shares.is_mine(story):
                self._ready.setdefault(story)
        self._resume = False
        return sorted({(a.story, a.number): a for a in waiting}.values(), key=lambda a: (a.number, a.story))

    async def _put(self, admission: Admission) -> None:
        story, number = admission.story, admission.number
        starts = await self._store.begin(story, number)
        if starts > self._limits.starts:
            reason = f"reading it was started {starts - 1} times and never ended"
            await self._give_up(story, number, admission.entry_id, reason, "", admission.mark)
        elif starts > 0 and (finding := await self._read(admission)) is not None:  # 0: committed meanwhile
            await self._store.put_finding(story, number, finding, admission.mark)

    async def _read(self, admission: Admission) -> bytes | None:
        """The finding; None if the article cannot be read and stands among the dead letters now."""
        try:
            with _alarm(self._limits.deadline_s + ALARM_S), _step("read", admission.story, admission.article):
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
            await self._give_up(admission.story, admission.number, admission.entry_id, reason, trace, admission.mark)
            return None

    async def _keep(self, admissions: Sequence[Admission]) -> None:
        """Tells the others that these are being read: none of them may be taken over, nor count another start."""
        while admissions:
            await asyncio.sleep(self._limits.reclaim_idle_s / 3)
            with suppress(ClaimwireError):  # the finding's own write will tell
                await self._store.heartbeat(admissions, self._name)
                await self._beat()

    async def _give_up(self, story: str, number: int, entry_id: str, reason: str, detail: str, mark: str = "") -> None:
        """A dead letter, and a tombstone in the article's place: the line goes on."""
        log.error("article.parked", story=story, number=number, reason=reason)
        await self._store.dead_letter(story, number, entry_id, reason, detail, self._name, mark=mark)

    async def _drain(self, story: str) -> None:
        """Decides and commits whatever has its turn. Several workers may at once: the commit refuses all but one."""
        while not self._stop.is_set() and (head := await self._store.head(story)).finding is not None:
            await self._beat()
            number = head.state.committed + 1
            tombstone = Tombstone.from_bytes(head.finding)
            if tombstone is not None:
                await self._store.commit(_park(story, tombstone, head))
                continue
            try:
                article, decided = await self._decide(story, head.state, head.finding)
            except (ClaimwireError, InvariantBroken):
                raise
            except Exception as error:
                reason = f"deciding it failed: {error!r}"
                await self._give_up(story, number, f"{number}-0", reason, traceback.format_exc())
                continue
            if decided is not None:
                await self._commit(article, decided, head.mark)

    async def _decide(self, story: str, state: StoryState, found: bytes) -> tuple[Article, Decided | None]:
        """None if somebody committed meanwhile."""
        finding = Finding.from_bytes(found)
        article = await self._article(story, finding)
        if is_edit(article.id):
            edit_view = await self._memory[story].edit_view(from_article(article), article, state)
            if edit_view is None:
                return article, None
            return article, decide_edit(self._stories[story], state.committed + 1, finding, article, edit_view)
        view = await self._memory[story].view(finding, article, state)
        if view is None:
            return article, None
        with _alarm(self._limits.deadline_s + ALARM_S), _step("decide", story, article):
            return article, decide(self._stories[story], state.committed + 1, finding, article, view)

    async def _commit(self, article: Article, decided: Decided, mark: str) -> None:
        with _step("commit", decided.commit.story, article):
            ended = await self._store.commit(replace(decided.commit, mark=mark))
        if ended:
            self._memory[decided.commit.story].committed(decided)
        if ended is Commitment.WRITTEN:
            _tell(decided, article)

    async def _article(self, story: str, finding: Finding) -> Article:
        record = Article.from_json(finding.article, "")
        return replace(record, text=await self._store.text(record.id, story, record.version))


def _park(story: str, tombstone: Tombstone, head: Head) -> Commit:
    """The commit of an article that was given up: it keeps its number, and the line goes on."""
    return Commit(
        story=story,
        number=tombstone.number,
        entry_id=tombstone.entry_id,
        token=head.state.token,
        article_id=tombstone.article_id,
        uri=tombstone.uri,
        outcome=Outcome.PARKED,
        wire_story=None,
        mark=head.mark,
    )


@contextmanager
def _alarm(after_s: float) -> Iterator[None]:
    """What never lets the loop run again (one long call into C) is ended by the kernel, its process with it."""
    signal.setitimer(signal.ITIMER_REAL, after_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _step(name: str, story: str, article: Article) -> AbstractContextManager[None]:
    """A span of the article's trace."""
    return span(f"article.{name}", article.traceparent, {"claimwire.story": story, "claimwire.article": article.id})


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


def _tell(decided: Decided, article: Article) -> None:
    """The one line of an article's end, with the ids to follow it."""
    commit = decided.commit
    log.info(
        "article.committed",
        story=commit.story,
        number=commit.number,
        article=article.id,
        version=article.version,
        uri=article.uri,
        outcome=str(commit.outcome),
        match=decided.match,
        why=decided.why,
        wire_story=commit.wire_story,
        new_claims=sum(event.new_claim for event in commit.events),
        events=len(commit.events),
        trace=article.traceparent,
    )


async def _sleep_or(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return
