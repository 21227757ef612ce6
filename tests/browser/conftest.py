"""One Chromium for a file of tests, a page of its own for each test, and what went wrong in it.

Everything lives on one event loop, that of the session: the browser, the service that it looks at, and the test. A file
of tests says so by its `pytestmark`.
"""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Page, async_playwright, expect

from service.store.store import Store
from service.stories.story import load_story
from service.web.app import make_app, serving
from service.web.state import ServiceState
from tests.browser.chromium import ARGUMENTS, installed, is_needed
from tests.servers import RealServer

HERE = Path(__file__).parent
expect.set_options(timeout=90_000)  # machines of gates are slow, and whatever is waited for comes at once on others
WATCH = """
window.violations = [];
document.addEventListener("securitypolicyviolation", (event) =>
    window.violations.push(`${event.effectiveDirective} ${event.blockedURI}`));
"""
"""put into every page before anything of it runs"""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    here = [item for item in items if HERE in item.path.parents]
    if here and installed() is None and not is_needed():
        items[:] = [item for item in items if item not in here]
        config.hook.pytest_deselected(items=here)
        print(f"no chromium on this machine: {len(here)} tests of tests/browser are left out", file=sys.__stderr__)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    path = installed()
    assert path is not None, "Chromium is missing: apt-get install chromium"
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(ARGUMENTS))
        yield browser
        await browser.close()


class Seen:
    """A page, and what it did that it should not."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.wrong: list[str] = []
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.wrong.append(f"error: {error}"))
        page.on("dialog", self._asked)

    async def _asked(self, dialog: Any) -> None:
        self.wrong.append(f"dialog: {dialog.message}")
        await dialog.dismiss()

    def _said(self, kind: str, text: str) -> None:
        if kind in ("error", "warning"):
            self.wrong.append(f"{kind}: {text}")

    async def violations(self) -> list[str]:
        """Of the page's policy."""
        return list(await self.page.evaluate("window.violations"))


Open = Callable[..., Awaitable[Seen]]


@pytest_asyncio.fixture(loop_scope="session")
async def look(browser: Browser) -> AsyncIterator[Open]:
    """Opens an address in a browser of nobody: no cookies, no cache."""
    contexts: list[BrowserContext] = []

    async def opened(address: str, width: int = 1280, height: int = 900, **options: Any) -> Seen:
        context = await browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        await context.add_init_script(WATCH)
        seen = Seen(await context.new_page())
        await seen.page.goto(address)
        return seen

    yield opened
    for context in contexts:
        await context.close()


@pytest_asyncio.fixture(loop_scope="session")
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url, wait_s=10)
    yield opened
    await opened.close()


@pytest_asyncio.fixture(loop_scope="session")
async def url(store: Store) -> AsyncIterator[str]:
    """The service's pages, over an empty store."""
    story = load_story(HERE.parent / "stories" / "lighthouse.toml")
    state = ServiceState(store, {story.id: story}, ("coast", "town"), backlog_cap=1000, started=True)
    async with serving(make_app(state), "127.0.0.1", 0) as address:
        yield address
