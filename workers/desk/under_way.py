"""A story's line for who drains it: findings in hand, and commits that are on their way to the store."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, NamedTuple, Self

from service.errors import StoreUnavailable
from service.model import Article, Commit, StoryState
from service.store.store import Convoy, Store
from service.store.values import Commitment, Head
from workers.desk.decide import Decided

_TRIPS = 2
"""on their way at most: one that the server works on, and one that it finds when it has done that"""


class End(NamedTuple):
    """What becomes of an article."""

    article: Article | None
    """None if it was given up"""
    decided: Decided


Write = Callable[[Sequence[End], int, int, Convoy], Coroutine[Any, Any, tuple[Commitment, Head]]]
"""writes ends in one step, then tells so many findings from a number on"""


class _Sent(NamedTuple):
    ends: Sequence[End]
    first: int
    """number of the first finding that was asked for"""
    most: int
    landing: asyncio.Task[tuple[Commitment, Head]]


def behind(state: StoryState, commit: Commit) -> StoryState:
    """Where a story stands once that is written."""
    return StoryState(state.admitted, commit.number, state.sequence + len(commit.events), commit.next_token())


class UnderWay:
    """One who drains a line. Use it as a context: what is on its way at the end is waited for.

    What is decided is sent while what it was decided upon may still be on its way: the store refuses it if that is
    refused. So the server writes while the worker decides.
    """

    def __init__(
        self,
        store: Store,
        story: str,
        head: Head | None,
        commit: Write,
        landed: Callable[[Commitment | None, Sequence[End], bool], None],
    ) -> None:
        """
        Args:
            head: where the story stands, if that is known.
            landed: is told how each commit ended, None if its reply was lost; and whether it may have been sent twice.
        """
        self._store = store
        self._story = story
        self._commit = commit
        self._landed = landed
        self._convoy = store.convoy()
        self._sent = deque[_Sent]()
        self._state: StoryState | None = None
        """where the story stands once all that was sent is written; None if it has to be asked"""
        self._turns: list[tuple[bytes, str]] = []
        self._asked = 0
        """number of the last finding that is in hand or was asked for"""
        self._left = False
        """another one is at the line"""
        if head is not None:
            self._stand_at(head)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, *_: object) -> None:
        async with self._convoy:
            try:
                while self._sent and kind is None:
                    await self._land()
            finally:
                for sent in self._sent:
                    if kind is asyncio.CancelledError:
                        sent.landing.cancel()
                    (ended,) = await asyncio.gather(sent.landing, return_exceptions=True)
                    result = None if isinstance(ended, BaseException) else ended[0]
                    self._landed(result, sent.ends, self._convoy.lost_a_reply)

    @property
    def is_ahead(self) -> bool:
        """Whether what is decided next is decided upon what is not known to be written."""
        return bool(self._sent)

    async def head(self, most: int) -> Head | None:
        """Where the story stands once all that was sent is written, and up to `most` findings that have their turn
        then. None if there is none, or another one is at the line.
        """
        while self._sent and (not self._turns or most == 1 or len(self._sent) == _TRIPS):
            if not await self._land():
                most = 1
        if self._left:
            return None
        if self._state is None:
            self._stand_at(await self._store.head(self._story, most))
        if not self._turns or self._state is None:
            return None
        (finding, mark), *behind = self._turns[:most]
        return Head(self._state, finding, mark=mark, behind=tuple(behind))

    async def land(self) -> None:
        """Waits for all that is on its way."""
        while self._sent:
            await self._land()

    def forget(self) -> None:
        """Where the story stands is to be asked."""
        self._state, self._turns = None, []

    async def send(self, ends: Sequence[End], together: int) -> None:
        """Ends of what `head` told, by number; returns when they are on their way.

        Args:
            together: findings that will be decided in one step; if one alone, nothing is gained by asking for more.
        """
        state, last = self._state, ends[-1].decided.commit
        if state is None:
            raise RuntimeError("nothing was told")
        for end in ends:
            state = behind(state, end.decided.commit)
        self._state = state
        del self._turns[: len(ends)]
        have = max(self._asked, last.number)
        most = max(1, last.number + _TRIPS * together - have) if together > 1 else 1
        self._asked = have + most
        landing = asyncio.create_task(self._commit(ends, most, have + 1, self._convoy), name="desk.commit")
        self._sent.append(_Sent(ends, have + 1, most, landing))
        if together > 1:
            for _ in range(2):  # the task sends, and the loop hands it to the system
                await asyncio.sleep(0)

    def _stand_at(self, head: Head) -> None:
        self._state, self._turns = head.state, [*head.turns]
        self._asked = head.state.committed + len(self._turns)

    async def _land(self) -> bool:
        """What was sent first. False if it was refused."""
        sent = self._sent.popleft()
        try:
            ended, head = await sent.landing
        except StoreUnavailable:
            self._landed(None, sent.ends, True)
            raise
        self._landed(ended, sent.ends, self._convoy.lost_a_reply)
        if ended is not Commitment.WRITTEN:
            self._left |= ended is Commitment.STANDS or head.state.committed >= sent.ends[0].decided.commit.number
            self.forget()
        elif self._state is not None:
            self._take(sent, head)
        return ended is not Commitment.STALE

    def _take(self, sent: _Sent, head: Head) -> None:
        """What was told from a number on follows what is in hand, or is of no use: then less was there than was hoped
        for, and at the line's end it is asked again."""
        due = (self._state.committed if self._state else 0) + len(self._turns) + 1
        if sent.first == due:
            self._turns += head.turns
            if len(head.turns) < sent.most:
                self._asked = due + len(head.turns) - 1
        elif not self._sent and not self._turns:
            self.forget()
