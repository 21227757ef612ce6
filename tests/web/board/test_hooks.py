"""The page of the webhooks: for who has a token that may write; what is asked for there waits for who delivers."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest

from service.store import keys
from service.store.store import Store
from service.store.webhooks import group_of
from service.web.board.rendering import POLICY
from tests.web.board_planting import SOLD, STORY, Planting
from tests.web.conftest import password

PAGE = "/webhooks"
ASKED: dict[str, Any] = {
    "name": "desk",
    "url": "https://ann:pw@desk.example/secret-path",
    "format": "cloudevents",
    "stories": [],
    "types": [],
    "least": {},
    "background": False,
    "after": "now",
    "starts": 12,
    "by": "Ann <b>",
    "at": "2031-05-04T12:00:00Z",
    "secret": "whsec_hidden",
}


@pytest.fixture
async def desk(address: str, secrets: dict[str, str]) -> AsyncIterator[aiohttp.ClientSession]:
    """A writer's browser, which gives the token as a password."""
    async with aiohttp.ClientSession(address, headers=password(secrets["write"])) as session:
        yield session


async def read(http: aiohttp.ClientSession) -> str:
    async with http.get(PAGE) as answer:
        assert answer.status == 200 and answer.headers["Content-Security-Policy"] == POLICY
        return await answer.text()


async def gave_up(store: Store, planting: Planting) -> None:
    """One event of the webhook desk-1 that was parked."""
    await planting.tell(SOLD)
    stream, group = keys.events(STORY), group_of("desk-1")
    await store.join(stream, group, "0")
    (entry,) = await store.hand_out(stream, group, "lane", 1)
    await store.park(stream, group, "lane", entry, "the target answers <500>", "")


async def test_it_shows_how_each_is_and_what_it_gave_up(
    desk: aiohttp.ClientSession, store: Store, planting: Planting
) -> None:
    assert "No webhook yet" in await read(desk)
    await store.ask_webhook("desk-1", ASKED)
    await store.ask_webhook("wire-2", {**ASKED, "name": "wire"})
    await gave_up(store, planting)
    await store.remember_webhook("desk-1", {"disabled": "the target answers 410", "error": "the target answers 410"})
    page = await read(desk)
    # the worst first; what it failed by, what it gave up, and why
    assert re.findall(r'<li class="card" id="([^"]+)"', page) == ["desk-1", "wire-2"]
    first, second = page.split('<li class="card"')[1:]
    assert "disabled" in first and "the target answers 410" in first and "1 given up" in first
    assert "the target answers &lt;500&gt;" in first and "Ann &lt;b&gt;" in first
    assert "not joined yet" in second and "<form" not in second
    # no word of where it goes beyond the host, nor of its secret
    assert "https://desk.example" in page
    assert not [word for word in ("secret-path", "pw@", "whsec") if word in page]


async def test_what_is_asked_for_there_is_kept_for_who_delivers(
    desk: aiohttp.ClientSession, store: Store, planting: Planting
) -> None:
    await store.ask_webhook("desk-1", ASKED)
    await gave_up(store, planting)
    await store.remember_webhook("desk-1", {"disabled": "the target answers 410"})
    forms = re.findall(r'<form method="post" action="([^"]+)"><button aria-label="([^"]+)">', await read(desk))
    assert [label for _, label in forms] == ["Enable: desk-1", "Send again: desk-1"]
    for path, _ in forms:
        async with desk.post(path, allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (303, f"{PAGE}#desk-1")
    assert await store.wishes() == [("desk-1", "enable", "a writer"), ("desk-1", "retry", "a writer")]
    page = await read(desk)
    assert "<form" not in page and "Asked for: that it goes on, what it gave up, again" in page
    # what there is not, and what cannot be done
    for path in (f"{PAGE}/nobody/enable", f"{PAGE}/desk-1/drop"):
        async with desk.post(path) as answer:
            assert answer.status == 404 and answer.content_type == "text/html"


async def test_nobody_else_sees_or_does_anything(
    address: str, secrets: dict[str, str], store: Store, http: aiohttp.ClientSession
) -> None:
    await store.ask_webhook("desk-1", ASKED)
    async with aiohttp.ClientSession(address) as nobody:
        async with nobody.get(PAGE) as answer:
            page = await answer.text()
        assert (answer.status, answer.content_type) == (401, "text/html")
        assert answer.headers.getall("WWW-Authenticate")[1].startswith("Basic ") and "desk-1" not in page
        async with nobody.post(f"{PAGE}/desk-1/enable") as answer:
            assert answer.status == 401
    async with aiohttp.ClientSession(address, headers=password(secrets["read"])) as reader:
        async with reader.get(PAGE) as answer:
            assert answer.status == 403 and "desk-1" not in await answer.text()
        async with reader.post(f"{PAGE}/desk-1/enable") as answer:
            assert answer.status == 403
    # nor does a page of another site, whose reader's browser remembers the password
    lured = {"Sec-Fetch-Site": "cross-site", **password(secrets["write"])}
    async with http.post(f"{address}{PAGE}/desk-1/enable", headers=lured) as answer:
        assert answer.status == 403
    assert await store.wishes() == []
    # and where there are no tokens, the page says what else there is
    async with http.get(PAGE) as answer:
        assert answer.status == 403 and "claimwire webhooks enable NAME" in await answer.text()
