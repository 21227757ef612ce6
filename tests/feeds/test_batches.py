from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from service.feeds.batches import Batches


class Hands:
    """Do jobs when told to, and remember which came together."""

    def __init__(self, under_way: int = 1, full: int = 100) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()
        self.todo = Batches(self.work, lambda job: job, under_way, full)

    async def work(self, jobs: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append([*jobs])
        await self.go.wait()
        return [ValueError(f"not {job}") if job == 13 else -job for job in jobs]

    async def all_of(self, *jobs: int) -> list[int | BaseException]:
        asked = [asyncio.create_task(self.todo.result(job)) for job in jobs]
        await asyncio.sleep(0)
        self.go.set()
        return await asyncio.gather(*asked, return_exceptions=True)


async def test_what_comes_while_hands_are_free_waits_for_nobody() -> None:
    hands = Hands(under_way=3)
    assert await hands.all_of(1, 2, 3) == [-1, -2, -3]
    assert hands.batches == [[1], [2], [3]]


async def test_what_waits_goes_together_and_each_has_its_own_result() -> None:
    hands = Hands()
    assert await hands.all_of(1, 2, 3, 4) == [-1, -2, -3, -4]
    assert hands.batches == [[1], [2, 3, 4]]


async def test_a_failure_is_told_to_one_alone() -> None:
    first, second, third = await Hands().all_of(1, 13, 3)
    assert (first, third) == (-1, -3)
    assert repr(second) == "ValueError('not 13')"


async def test_a_batch_is_full_and_what_is_large_goes_alone() -> None:
    hands = Hands()
    await hands.all_of(1, 40, 40, 40, 60, *[1] * 12)
    assert hands.batches == [[1], [40, 40], [40], [60], [1] * 8, [1] * 4]


async def test_nobody_works_for_one_who_has_gone() -> None:
    hands = Hands()
    asked = [asyncio.create_task(hands.todo.result(job)) for job in (1, 2, 3)]
    await asyncio.sleep(0)
    asked[1].cancel()
    asked[0].cancel()
    await asyncio.sleep(0)
    hands.go.set()
    assert await asked[2] == -3
    assert hands.batches == [[1], [3]]


async def test_when_all_fails_everybody_hears_of_it_and_the_next_are_done() -> None:
    async def broken(jobs: Sequence[int]) -> Sequence[int]:
        raise OSError("broken")

    todo = Batches(broken, lambda job: job, under_way=1, full=10)
    for _ in range(2):
        with pytest.raises(OSError, match="broken"):
            await asyncio.wait_for(todo.result(1), 60)
    await todo.ended()
