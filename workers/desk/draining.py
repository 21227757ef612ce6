"""Draining a story's line: what has its turn is decided upon what is known, and committed."""

from __future__ import annotations

import asyncio
import signal
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from service.contract.edits import from_article, is_edit
from service.errors import ClaimwireError, InvariantBroken
from service.model import Article, Commit, Outcome, StoryState
from service.store.store import Store
from service.store.values import Commitment, Head, Tombstone
from service.stories.story import Story
from service.tracing import span
from workers.claims.memory.registry import HOLD
from workers.desk.decide import Decided, decide
from workers.desk.editing import decide_edit
from workers.desk.finding import Finding
from workers.desk.following import Followed
from workers.desk.memory import Memory
from workers.desk.shares import EACH

ALARM_S = 5.0
"""seconds after the deadline at which the kernel ends a worker that cannot end itself"""

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


class Draining:
    """What a desk does with findings."""

    def __init__(
        self,
        store: Store,
        stories: Mapping[str, Story],
        name: str,
        limits: Limits,
        beat: Callable[[], Awaitable[None]],
    ) -> None:
        """`beat`: gives a sign of life, where one is due."""
        self.stop = asyncio.Event()
        """no further article is begun once it is set"""
        self.in_hand: dict[tuple[str, int], Article] = {}
        """what this worker just read, by story and number, so that its text need not be asked for"""
        followed = Followed(store)
        self._memory = {story: Memory(store, story, limits.hold, followed) for story in stories}
        self._store = store
        self._stories = stories
        self._name = name
        self._limits = limits
        self._beat = beat

    async def give_up(self, story: str, number: int, entry_id: str, reason: str, detail: str, mark: str = "") -> None:
        """A dead letter, and a tombstone in the article's place: the line goes on."""
        log.error("article.parked", story=story, number=number, reason=reason)
        await self._store.dead_letter(story, number, entry_id, reason, detail, self._name, mark=mark)

    async def drain(self, story: str, head: Head | None = None) -> None:
        """Decides and commits whatever has its turn. Several workers may at once: the commit refuses all but one, and
        who was refused leaves the line to the other, for deciding is dear.

        Args:
            head: where the story stands, if that is known.
        """
        while not self.stop.is_set():
            head = head or await self._store.head(story)
            if head.finding is None:
                return
            await self._beat()
            went_on, head = await self._end_next(story, head, head.finding)
            if not went_on:
                return

    async def _end_next(self, story: str, head: Head, found: bytes) -> tuple[bool, Head | None]:
        """One article: whether nobody else ended it, and where the story stands behind it, if that was told."""
        number = head.state.committed + 1
        tombstone = Tombstone.from_bytes(found)
        if tombstone is not None:
            ended, head = await self._store.commit_on([_park(story, tombstone, head)])
            return _is_ours(ended, number, head), head
        try:
            article, decided = await self._decide(story, head.state, found)
        except (ClaimwireError, InvariantBroken):
            raise
        except Exception as error:
            reason = f"deciding it failed: {error!r}"
            await self.give_up(story, number, f"{number}-0", reason, traceback.format_exc())
            return True, None
        if decided is None:
            return False, None
        ended, head = await self._commit(article, decided, head.mark)
        return _is_ours(ended, number, head), head

    async def _decide(self, story: str, state: StoryState, found: bytes) -> tuple[Article, Decided | None]:
        """None if somebody committed meanwhile."""
        finding = Finding.from_bytes(found)
        article = await self._article(story, state.committed + 1, finding)
        if is_edit(article.id):
            edit_view = await self._memory[story].edit_view(from_article(article), article, state)
            if edit_view is None:
                return article, None
            return article, decide_edit(self._stories[story], state.committed + 1, finding, article, edit_view)
        view = await self._memory[story].view(finding, article, state)
        if view is None:
            return article, None
        with alarm(self._limits.deadline_s + ALARM_S), step("decide", story, article):
            return article, decide(self._stories[story], state.committed + 1, finding, article, view)

    async def _commit(self, article: Article, decided: Decided, mark: str) -> tuple[Commitment, Head]:
        with step("commit", decided.commit.story, article):
            ended, head = await self._store.commit_on([replace(decided.commit, mark=mark)])
        if ended:
            self._memory[decided.commit.story].committed(decided)
        if ended is Commitment.WRITTEN:
            _tell(decided, article)
        return ended, head

    async def _article(self, story: str, number: int, finding: Finding) -> Article:
        held = self.in_hand.get((story, number))
        if held is not None and held.to_json() == finding.article:
            return held
        record = Article.from_json(finding.article, "")
        return replace(record, text=await self._store.text(record.id, story, record.version))


def _is_ours(ended: Commitment, number: int, head: Head) -> bool:
    """Whether the line is to be gone on with. What was refused though its turn is still to come is tried again."""
    return ended is Commitment.WRITTEN or (not ended and head.state.committed < number)


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
def alarm(after_s: float) -> Iterator[None]:
    """What never lets the loop run again (one long call into C) is ended by the kernel, its process with it."""
    signal.setitimer(signal.ITIMER_REAL, after_s)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def step(name: str, story: str, article: Article) -> AbstractContextManager[None]:
    """A span of the article's trace."""
    return span(f"article.{name}", article.traceparent, {"claimwire.story": story, "claimwire.article": article.id})


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
