"""`tail`: follows the event streams of the stories, for people and for pipes."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import NoReturn

from service.cli.show import Form, Printer
from service.contract.envelope import to_structured
from service.contract.types import TYPES
from service.errors import ClaimwireError, SettingError, StoreUnavailable
from service.running import run
from service.settings import Settings
from service.store.embedded import live_url
from service.store.keys import events as events_key
from service.store.store import Store
from service.stories.story import load_stories

BLOCK_S = 1.0
BATCH = 200


def run_tail(
    settings: Settings, stories: Sequence[str] | None, since: str | None, types: Sequence[str] | None, form: Form
) -> None:
    """Prints events until interrupted.

    Raises:
        ClaimwireError: no server to follow, no such story or type, or a position that is none.
    """
    known = load_stories(settings.stories)
    for name in stories or ():
        if name not in known:
            raise SettingError(f"there is no story {name!r}", f"Known are: {', '.join(sorted(known))}.")
    wanted = _types(types)
    start = position(since)
    url = settings.redis_url or live_url(settings.data_dir / "server")
    if url is None:
        raise ClaimwireError(
            "no server to follow: REDIS_URL is not set, and no embedded server runs here",
            "Start one with `claimwire up` in this directory, or set REDIS_URL.",
        )
    printer = Printer(form)

    async def follow_all(stop: asyncio.Event) -> None:
        store = await Store.open(url, wait_s=30)
        try:
            await follow(store, sorted(stories or known), start, wanted, printer, stop)
        finally:
            await store.close()

    run(follow_all, settings.parent_pid)


async def follow(
    store: Store,
    stories: Sequence[str],
    start: str,
    wanted: Callable[[str], bool],
    printer: Printer,
    stop: asyncio.Event,
    starts: Mapping[str, str] | None = None,
) -> None:
    """Prints the events of the stories from `start` on, until `stop`; a server that is gone is waited for.

    `starts` gives positions by story, where they were taken before the events could come.
    """
    positions: dict[str, str] = {}
    for story in stories:
        key = events_key(story)
        now = (starts or {}).get(story) or await store.last_id(key)
        positions[key] = now if start == "$" else start
    while not stop.is_set():
        try:
            entries = await store.read(positions, block_s=BLOCK_S, count=BATCH)
        except StoreUnavailable:
            await asyncio.sleep(BLOCK_S)
            continue
        for entry in entries:
            positions[entry.stream] = entry.id
            if wanted(entry.fields["type"]):
                printer.show(to_structured(entry.fields))


def position(since: str | None) -> str:
    """A stream position: `$` (from now on), `0`, an entry's id, or the milliseconds of a time.

    Raises:
        SettingError: it is none of these.
    """
    if since is None:
        return "$"
    if re.fullmatch(r"[0-9]+(-[0-9]+)?", since):
        return since if all(int(part) < 2**64 for part in since.split("-")) else _refuse(since)
    try:
        moment = datetime.fromisoformat(since)
    except ValueError:
        _refuse(since)
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return f"{max(0, int(moment.timestamp() * 1000))}-0"


def _refuse(since: str) -> NoReturn:
    raise SettingError(
        f"--from {since!r} is no position",
        "Give 0 for all there is, an entry's id such as 1731153600000-0, or a time such as 2024-11-09T12:00Z (UTC).",
    )


def _types(types: Sequence[str] | None) -> Callable[[str], bool]:
    if not types:
        return lambda _: True
    full = {name.removeprefix("claimwire.").removesuffix(".v1"): name for name in TYPES}
    chosen = set()
    for name in types:
        short = name.removeprefix("claimwire.").removesuffix(".v1")
        if short not in full:
            raise SettingError(f"there is no event type {name!r}", f"Known are: {', '.join(full)}.")
        chosen.add(full[short])
    return chosen.__contains__
