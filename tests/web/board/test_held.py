"""The page of what is held: what, who says it, why it waits and until when; and gone from it once it is told."""

from __future__ import annotations

import re
from dataclasses import replace

import aiohttp

from tests.web.board_planting import SOLD, STORY, Planting, held

PAGE = f"/stories/{STORY}/held"


async def read(http: aiohttp.ClientSession, path: str) -> str:
    async with http.get(path) as answer:
        assert answer.status == 200
        return await answer.text()


def claims(page: str) -> list[str]:
    """By number."""
    return [str(int(found, 16)) for found in re.findall(r'<li class="card" id="c1-([0-9a-f]+)"', page)]


async def test_what_is_held_says_why_and_until_when(http: aiohttp.ClientSession, planting: Planting) -> None:
    await planting.tell(SOLD)
    assert "No claim of this story is held" in await read(http, PAGE)
    hostile = "The lamp <script>alert(1)</script> may be sold too."
    await planting.hold(held(7, hostile, hour=20), held(8, "The council may sell the pier.", "doubt"))
    page = await read(http, PAGE)
    assert claims(page) == ["8", "7"]  # the one whose time comes first
    assert "4 May 2031, 20:30 UTC" in page and "4 May 2031, 18:30 UTC" in page
    assert "pushed with low confidence at its time" in page and "dropped at its time" in page
    assert "Ada Brandt" in page and "worth 0.40" in page and "these 2" in page
    assert "<script>" not in page and "&lt;script&gt;alert(1)" in page
    # the board says how many, and shows none of them
    board = await read(http, "/")
    assert f'<a href="{PAGE}"><span id="holds">2</span> held</a>' in board
    assert "pier" not in board


async def test_once_it_is_told_or_dropped_it_is_held_no_longer(http: aiohttp.ClientSession, planting: Planting) -> None:
    first, second = held(7, "The lamp may be sold."), held(8, "The pier may be sold.")
    await planting.hold(first, second)
    assert claims(await read(http, PAGE)) == ["7", "8"]
    await planting.tell(replace(first, other={}))
    assert claims(await read(http, PAGE)) == ["8"]
    async with http.get(f"/stories/{STORY}/fresh", params={"since": "0-0"}) as answer:
        assert 'data-holds="1"' in await answer.text()
    await planting.take_down(second, 90)
    assert claims(await read(http, PAGE)) == []


async def test_many_come_in_pages(http: aiohttp.ClientSession, planting: Planting) -> None:
    await planting.hold(*(held(number, f"Gull {number} may be counted.") for number in range(1, 53)))
    first, second = await read(http, PAGE), await read(http, f"{PAGE}?page=2")
    assert [page.count('<li class="card"') for page in (first, second)] == [50, 2]
    assert set(claims(first)).isdisjoint(claims(second))
