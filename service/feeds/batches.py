"""Jobs that wait while all hands are full go together: a job of its own costs more than a small document to read.

Source: measured by us. Of a cold start a sixth went into handing documents to parser processes one by one.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")

_AT_MOST = 8


class Batches(Generic[Job, Result]):
    """One instance per event loop.

    Args:
        work: does jobs together: a result or an exception for each, in their order.
        size: of a job, in any unit.
        under_way: batches at the same time; beyond that jobs wait, and go together.
        full: the size from which on a batch takes no more jobs. A job of half that size goes alone.
    """

    def __init__(
        self,
        work: Callable[[Sequence[Job]], Awaitable[Sequence[Result | Exception]]],
        size: Callable[[Job], int],
        under_way: int,
        full: int,
    ) -> None:
        self._work = work
        self._size = size
        self._free = under_way
        self._full = full
        self._waiting: deque[tuple[Job, asyncio.Future[Result]]] = deque()
        self._tasks: set[asyncio.Task[None]] = set()

    async def result(self, job: Job) -> Result:
        """The result of a job.

        Raises:
            Exception: the one that the work has for it.
        """
        coming: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._waiting.append((job, coming))
        self._begin()
        return await coming

    async def ended(self) -> None:
        """Waits for what is under way."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    def _begin(self) -> None:
        while self._free and (batch := self._next()):
            self._free -= 1
            task = asyncio.create_task(self._do(batch), name="batch")
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _next(self) -> list[tuple[Job, asyncio.Future[Result]]]:
        batch: list[tuple[Job, asyncio.Future[Result]]] = []
        together = 0
        while self._waiting and len(batch) < _AT_MOST:
            job, coming = self._waiting[0]
            size = self._size(job)
            if batch and (together + size > self._full or size > self._full // 2):
                break
            self._waiting.popleft()
            if not coming.done():  # whoever asked for it may have gone
                batch.append((job, coming))
                together += size
                if size > self._full // 2:
                    break
        return batch

    async def _do(self, batch: Sequence[tuple[Job, asyncio.Future[Result]]]) -> None:
        try:
            results = await self._work([job for job, _ in batch])
        except Exception as error:  # whoever waits must hear of it
            results = [error] * len(batch)
        finally:
            self._free += 1
        for (_, coming), result in zip(batch, results, strict=True):
            if coming.done():
                continue
            if isinstance(result, Exception):
                coming.set_exception(result)
            else:
                coming.set_result(result)
        self._begin()
