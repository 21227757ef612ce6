"""Draining a story's line: what has its turn is decided upon what is known, and committed; if it is quick, some at
once.
"""

from __future__ import annotations

import asyncio
import signal
import time
import traceback
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog

from service.contract.edits import from_article, is_edit
from service.errors import ClaimwireError, InvariantBroken
from service.model import Article, Commit, Outcome, StoryState
from service.store.store import Convoy, Store
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
from workers.desk.under_way import End, UnderWay, behind

ALARM_S = 5.0
"""seconds after the deadline at which the kernel ends a worker that cannot end itself"""

TOGETHER = 16
"""commits in one step at most: of as many the server spends on each a third of what one alone costs it"""

TOGETHER_S = 0.005
"""how long what is read or decided waits for what comes at once behind it, to go with it"""

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
        self.together = 1
        """findings to be asked for at once: as many as can be decided in time, as it seems"""
        followed = Followed(store)
        self._memory = {story: Memory(store, story, limits.hold, followed) for story in stories}
        self._store = store
        self._stories = stories
        self._name = name
        self._limits = limits
        self._beat = beat
        self._unanswered = list[Sequence[End]]()
        """sent, and the reply was lost"""

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
        async with UnderWay(self._store, story, head, self._commit, self._landed) as line:
            while not self.stop.is_set():
                told = await line.head(self.together)
                if told is None or self.stop.is_set():
                    return
                await self._beat()
                ends = await self._ends(story, told, ahead=line.is_ahead)
                if ends:
                    await line.send(ends, self.together)
                elif ends is not None:
                    line.forget()
                elif line.is_ahead:
                    await line.land()
                else:
                    return

    async def make_sure(self) -> None:
        """Sends once more what was sent and never answered, before anything else is done: if it stands, that is told;
        if it was never written, it may be now.
        """
        while self._unanswered:
            ends = self._unanswered[0]
            ended, _ = await self._store.commit_on([end.decided.commit for end in ends])
            self._landed(ended, ends, True)
            del self._unanswered[0]

    async def _ends(self, story: str, head: Head, *, ahead: bool) -> list[End] | None:
        """What has its turn, decided one upon the other as long as that is quick. None if somebody committed meanwhile,
        or if what is before it must be written first; nothing if the first cannot be decided and was given up.

        Args:
            ahead: upon a state that is not written yet.
        """
        state, ends = head.state, list[End]()
        until_s = time.monotonic() + TOGETHER_S
        for found, mark in head.turns:
            try:
                end = await self._end(story, state, found, mark, ahead=ahead or bool(ends))
            except (ClaimwireError, InvariantBroken):
                raise
            except Exception as error:
                if ends or ahead:
                    break  # it is tried again in its turn
                number, reason = state.committed + 1, f"deciding it failed: {error!r}"
                await self.give_up(story, number, f"{number}-0", reason, traceback.format_exc(), mark)
                return []
            if end is None:
                break
            ends.append(end)
            state = behind(state, end.decided.commit)
            self._memory[story].stand_behind(end.decided)
            if time.monotonic() > until_s or self.stop.is_set():
                break
        else:
            self.together = min(TOGETHER, 2 * len(ends))
            return ends
        self.together = max(1, len(ends))
        return ends or None

    async def _end(self, story: str, state: StoryState, found: bytes, mark: str, *, ahead: bool) -> End | None:
        """One article, upon a state."""
        tombstone = Tombstone.from_bytes(found)
        if tombstone is not None:
            return _parked(story, tombstone, state, mark)
        article, decided = await self._decide(story, state, found, ahead=ahead)
        return None if decided is None else End(article, replace(decided, commit=decided.commit.marked(mark)))

    async def _decide(
        self, story: str, state: StoryState, found: bytes, *, ahead: bool = False
    ) -> tuple[Article, Decided | None]:
        """None if somebody committed meanwhile; or if what is before it must be written first.

        Args:
            ahead: upon a state that is not written yet.
        """
        finding = Finding.from_bytes(found)
        article = await self._article(story, state.committed + 1, finding)
        if ahead and (article.version > 1 or is_edit(article.id)):
            return article, None  # the store is asked for records of articles before
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

    async def _commit(self, ends: Sequence[End], most: int, first: int, convoy: Convoy) -> tuple[Commitment, Head]:
        commits = [end.decided.commit for end in ends]
        with ExitStack() as steps:
            for end in ends:
                if end.article is not None:
                    steps.enter_context(step("commit", end.decided.commit.story, end.article))
            return await self._store.commit_on(commits, most, first, convoy)

    def _landed(self, ended: Commitment | None, ends: Sequence[End], twice: bool) -> None:
        """How a commit ended. What stood before is another worker's to tell, unless it may have been sent `twice`."""
        if ended is None:
            self._unanswered.append(ends)
        elif ended:
            for end in ends if twice or ended is Commitment.WRITTEN else ():
                _tell(end, stood=ended is Commitment.STANDS)
        else:
            self.together = 1  # by itself: whatever is wrong with one must not hold up those before it

    async def _article(self, story: str, number: int, finding: Finding) -> Article:
        held = self.in_hand.get((story, number))
        if held is not None and held.to_json() == finding.article:
            return held
        record = Article.from_json(finding.article, "")
        return replace(record, text=await self._store.text(record.id, story, record.version))


def _parked(story: str, tombstone: Tombstone, state: StoryState, mark: str) -> End:
    """An article that was given up: it keeps its number, and the line goes on."""
    commit = Commit(
        story=story,
        number=tombstone.number,
        entry_id=tombstone.entry_id,
        token=state.token,
        article_id=tombstone.article_id,
        uri=tombstone.uri,
        outcome=Outcome.PARKED,
        wire_story=None,
        mark=mark,
    )
    return End(None, Decided(commit, {}, "parked", commit.next_token()))


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


def _tell(end: End, *, stood: bool) -> None:
    """The one line of an article's end, with the ids to follow it.

    Args:
        stood: it was written by a call whose reply was lost; or, as that hides it, by another that decided the same.
    """
    article, decided, commit = *end, end.decided.commit
    if article is None:
        return  # it was told when it was given up
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
        **({"stood": True} if stood else {}),
    )
