from __future__ import annotations

import asyncio

from service.feeds.outage import Outage, OutageLimits

QUICK = OutageLimits(verdict_s=0.1, first_try_s=0.05, longest_try_s=0.1, spread_s=0.1)


async def test_many_hosts_that_fail_and_none_that_answers_are_our_own_network() -> None:
    outage = Outage(12, QUICK)
    blamed = await asyncio.gather(*(outage.is_to_blame(f"host {number}") for number in range(5)))
    assert blamed == [True] * 5
    assert outage.is_on


async def test_a_host_that_answers_meanwhile_clears_the_network() -> None:
    outage = Outage(12, QUICK)
    failing = [asyncio.create_task(outage.is_to_blame(f"host {number}")) for number in range(2)]
    await asyncio.sleep(0)
    outage.reached()
    assert await asyncio.gather(*failing) == [False, False]
    assert not await outage.is_to_blame("another")


async def test_one_host_that_fails_often_is_one_host() -> None:
    outage = Outage(12, QUICK)
    assert await asyncio.gather(*(outage.is_to_blame("host") for _ in range(9))) == [False] * 9


async def test_hosts_that_fail_far_apart_are_no_outage() -> None:
    outage = Outage(12, QUICK)
    assert [await outage.is_to_blame(f"host {number}") for number in range(4)] == [False] * 4


async def test_who_watches_one_or_two_hosts_cannot_tell_and_does_not_wait() -> None:
    outage = Outage(2, OutageLimits(verdict_s=600))
    async with asyncio.timeout(60):
        assert not await outage.is_to_blame("one")
        assert not await outage.is_to_blame("two")


async def test_in_an_outage_one_tries_and_the_others_wait_until_it_is_over() -> None:
    # given an outage
    outage = Outage(4, QUICK)
    await asyncio.gather(*(outage.is_to_blame(f"host {number}") for number in range(3)))
    trying, most, looks = 0, 0, []

    async def follow(number: int) -> None:
        nonlocal trying, most
        async with outage.turn(number / 8):
            trying += 1
            most = max(most, trying if outage.is_on else 0)
            looks.append((number, outage.is_on))
            await asyncio.sleep(0.01)
            trying -= 1
            if len(looks) == 3:
                outage.reached()

    # when eight feeds are due, and the third that tries is answered
    async with asyncio.timeout(60):
        await asyncio.gather(*(follow(number) for number in range(8)))
    # then one tried at a time, and the rest came after it was over, each once
    assert most == 1
    assert [was_on for _, was_on in looks] == [True] * 3 + [False] * 5
    assert sorted(number for number, _ in looks) == list(range(8))


async def test_without_an_outage_nobody_waits() -> None:
    outage = Outage(100, OutageLimits(verdict_s=600, first_try_s=600, longest_try_s=600))
    async with asyncio.timeout(60), outage.turn(0.9):
        pass
