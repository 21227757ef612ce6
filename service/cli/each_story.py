"""Asks the running server about one story or all: what commands that look into the store have in common."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from service.errors import ClaimwireError, SettingError
from service.settings import Settings
from service.store.embedded import live_url
from service.store.store import Store
from service.stories.story import load_stories

T = TypeVar("T")


def each_story(settings: Settings, story: str | None, ask: Callable[[Store, str], Awaitable[T]]) -> list[T]:
    """What `ask` says of each story, in the order of ids.

    Raises:
        ClaimwireError: no server, or no such story.
    """
    known = sorted(load_stories(settings.stories))
    if story is not None and story not in known:
        raise SettingError(f"there is no story {story!r}", f"Known are: {', '.join(known)}.")

    async def ask_all(store: Store) -> list[T]:
        return [await ask(store, name) for name in ([story] if story else known)]

    return of_server(settings, ask_all)


def of_server(settings: Settings, ask: Callable[[Store], Awaitable[T]], *, read_only: bool = False) -> T:
    """What `ask` says of the running server.

    Raises:
        ClaimwireError: no server.
    """
    url = settings.redis_url or live_url(settings.data_dir / "server")
    if url is None:
        raise ClaimwireError(
            "no server to ask: REDIS_URL is not set, and no embedded server runs here",
            "Start one with `claimwire up` in this directory, or set REDIS_URL.",
        )

    async def asked() -> T:
        store = await Store.open(url, wait_s=5, read_only=read_only)
        try:
            return await ask(store)
        finally:
            await store.close()

    return asyncio.run(asked())
