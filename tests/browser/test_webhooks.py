"""The page of the webhooks in a browser that gives a token as the password: for all eyes, and without a script."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import expect

from service.store import keys
from service.store.store import Store
from service.store.webhooks import group_of
from service.stories.story import load_story
from service.web.access import Access, Rates
from service.web.app import make_app, serving
from service.web.state import ServiceState
from service.web.tokens import Tokens, new_token
from tests.browser.conftest import Open
from tests.browser.test_board import graves
from tests.web.board.test_hooks import ASKED
from tests.web.board_planting import SOLD, STORY, Planting

pytestmark = pytest.mark.asyncio(loop_scope="session")

GONE = "the target answers 410 " + "gone" * 60


@pytest_asyncio.fixture(loop_scope="session")
async def desk(store: Store, tmp_path: Path) -> AsyncIterator[tuple[str, dict[str, Any]]]:
    """An address, and the options of a browser that knows a token; two webhooks, one of them disabled."""
    token, table = new_token("night desk", "write")
    (tmp_path / "tokens.toml").write_text(table, "utf-8")
    await Planting(store).tell(SOLD)
    for name in ("desk-1", "wire-2"):
        await store.ask_webhook(name, ASKED)
    stream, group = keys.events(STORY), group_of("desk-1")
    await store.join(stream, group, "0")
    (entry,) = await store.hand_out(stream, group, "lane", 1)
    await store.park(stream, group, "lane", entry, "the target answers <b>500</b>", "")
    await store.remember_webhook("desk-1", {"disabled": GONE, "error": GONE})
    story = load_story(Path(__file__).parents[1] / "stories" / "lighthouse.toml")
    state = ServiceState(store, {story.id: story}, (), backlog_cap=1000, started=True)
    access = Access(Tokens(tmp_path / "tokens.toml"), reads_need_token=False, rates=Rates(0, 1))
    async with serving(make_app(state, None, access, webhooks=store), "127.0.0.1", 0) as address:
        yield f"{address}/webhooks", {"http_credentials": {"username": "x", "password": token}}


@pytest.mark.parametrize("width", [320, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_it_can_be_read_by_everybody(
    look: Open, desk: tuple[str, dict[str, Any]], width: int, scheme: str
) -> None:
    address, options = desk
    seen = await look(address, width=width, color_scheme=scheme, **options)
    await seen.page.locator("summary").click()
    assert await graves(seen.page) == []
    assert await seen.page.evaluate("document.documentElement.scrollWidth") <= width
    assert await seen.violations() == [] and not seen.wrong


async def test_one_is_enabled_without_a_script(look: Open, desk: tuple[str, dict[str, Any]], store: Store) -> None:
    address, options = desk
    page = (await look(address, java_script_enabled=False, **options)).page
    await page.get_by_role("button", name="Enable: desk-1").press("Enter")
    await expect(page.get_by_text("A process that delivers does it within seconds.")).to_be_visible()
    await page.get_by_role("button", name="Send again: desk-1").click()
    await expect(page.get_by_role("button")).to_have_count(0)
    assert await store.wishes() == [("desk-1", "enable", "night desk"), ("desk-1", "retry", "night desk")]
