"""`webhooks`: events sent to other people's servers; how each webhook is, and what a person does about one."""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from service import logs
from service.cli.each_story import of_server
from service.cli.parked import print_parked
from service.cli.show import visible, write_json
from service.errors import ClaimwireError, SettingError
from service.model import utc
from service.net.post import Answer, Poster
from service.running import run
from service.settings import Settings
from service.store import keys
from service.store.embedded import live_url
from service.store.store import Store
from service.store.values import ParkedDelivery
from service.store.webhooks import Condition, group_of
from service.stories.story import load_stories
from workers.subscribers.asked import webhook_of
from workers.subscribers.lane import Failure, attempt
from workers.subscribers.webhook_file import Webhook, WebhookFile, load_webhooks
from workers.subscribers.webhooks import deliver_all, forget
from workers.subscribers.wishes import enable, retry

NARROW = 180
"""columns that the table needs when it is not printed on a terminal"""
TEST_TYPE = "claimwire.webhook.test.v1"
USUAL_FILE = Path("webhooks.toml")


def run_webhooks(settings: Settings, file: Path | None) -> None:
    """Delivers until told to stop.

    Raises:
        ClaimwireError: the file or the server cannot be used.
    """
    logs.configure(settings.log_level, settings.log_format, role="webhooks")
    stories = load_stories(settings.stories)
    loaded = _loaded(settings, file)
    url = _server(settings)

    async def deliver(stop: asyncio.Event) -> None:
        store = await Store.open(url, wait_s=settings.connect_wait_s, read_only=True)  # as the kit does
        try:
            async with Poster() as poster:
                await deliver_all(store, loaded, stories, stop, poster)
        finally:
            await store.close()

    run(deliver, settings.parent_pid)


def list_webhooks(settings: Settings, file: Path | None, *, as_json: bool) -> None:
    """Prints how each webhook is.

    Raises:
        ClaimwireError: the file or the server cannot be used.
    """
    stories = sorted(load_stories(settings.stories))

    async def ask(store: Store) -> list[tuple[str, Condition]]:
        webhooks = await _all(settings, file, store)
        known = [(name, await store.webhook_condition(name, webhook.streams)) for name, webhook in webhooks.items()]
        return known + await _strangers(store, stories, webhooks)

    found = of_server(settings, ask, read_only=True)
    if as_json:
        write_json({"name": name, **asdict(each)} for name, each in found)
        return
    table = Table("webhook", "state", "open", "behind", "parked", "delivered", "last", "why", box=box.SIMPLE)
    for name, each in found:
        numbers = (str(each.open), str(each.behind), str(each.parked), str(each.delivered))
        table.add_row(name, each.state, *numbers, each.last_delivery or "never", visible(each.why))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = NARROW
    console.print(table)


def test_webhook(settings: Settings, file: Path | None, name: str) -> None:
    """Sends one event of the type `claimwire.webhook.test.v1` and says what came back. Of a webhook
    of the file it asks no Redis.

    Raises:
        ClaimwireError: there is no such webhook, or the target does not take it.
    """
    webhook = _loaded(settings, file).webhooks.get(name) or of_server(
        settings, lambda store: _one(settings, file, store, name), read_only=True
    )
    answered: list[Answer] = []

    async def send() -> Failure | None:
        async with Poster() as poster:

            async def post(*request: Any) -> Answer:
                answered.append(await poster.post(*request))
                return answered[-1]

            return await attempt(webhook, _test_event(name), post)

    began_s = time.monotonic()
    failure = asyncio.run(send())
    took_ms = (time.monotonic() - began_s) * 1000
    if failure is not None:
        raise ClaimwireError(f"{name}: {failure.reason}", visible(failure.detail[:200]))
    sys.stdout.write(f"{name}: the target answers {answered[-1].status} after {took_ms:.0f} ms\n")


def enable_webhook(settings: Settings, file: Path | None, name: str) -> None:
    """Lets a webhook go on that was disabled, or that waits for its next attempt: at once, from where it stands.

    Raises:
        ClaimwireError: there is no such webhook, or no server.
    """

    async def go_on(store: Store) -> str:
        await _one(settings, file, store, name)
        return await enable(store, name)

    was = of_server(settings, go_on)
    sys.stdout.write(f"{name}: {f'was disabled: {was}; it' if was else 'it'} is tried again now\n")


def list_parked(settings: Settings, file: Path | None, name: str, *, as_json: bool) -> None:
    """Prints the events that a webhook gave up, the oldest first.

    Raises:
        ClaimwireError: there is no such webhook, or no server.
    """

    async def ask(store: Store) -> list[ParkedDelivery]:
        return await store.webhook_letters(name, (await _one(settings, file, store, name)).streams)

    print_parked(name, of_server(settings, ask, read_only=True), as_json=as_json)


def retry_parked(settings: Settings, file: Path | None, name: str) -> None:
    """Sends what a webhook gave up again, before what waits.

    Raises:
        ClaimwireError: there is no such webhook, or no server.
    """

    async def again(store: Store) -> list[str]:
        return await retry(store, name, (await _one(settings, file, store, name)).streams)

    told = of_server(settings, again)
    sys.stdout.write(f"{name}: sent again: {told.count('retried')}\n")
    if gone := told.count("past_retention"):
        sys.stdout.write(f"{name}: of {gone} the event is no longer kept; they stay parked\n")


def drop_webhook(settings: Settings, name: str) -> None:
    """Forgets a webhook: where it stands, what it gave up. Events are kept for it no longer.

    One that is still in the file begins anew, as a new one does; one that was asked for over HTTP is removed.

    Raises:
        ClaimwireError: nothing is known of it, or no server.
    """
    stories = sorted(load_stories(settings.stories))

    async def drop(store: Store) -> bool:
        # The process that delivers forgets it: it may be at it.
        return await store.end_webhook(name) or await forget(store, name, stories)

    if not of_server(settings, drop):
        raise ClaimwireError(f"nothing is known of a webhook {name!r}", "`claimwire webhooks list` shows them.")
    sys.stdout.write(f"{name}: forgotten\n")


async def _strangers(store: Store, stories: list[str], known: Mapping[str, Webhook]) -> list[tuple[str, Condition]]:
    """Webhooks that nobody wants any longer: events are kept for them until somebody drops them."""
    streams = [*map(keys.events, stories), keys.feed_events()]
    groups = [group.name for stream in streams for group in await store.groups(stream)]
    names = {name.removeprefix(group_of("")) for name in groups if name.startswith(group_of(""))} - known.keys()
    ending = set(await store.webhooks_ended())
    found = []
    for name in sorted(names):
        left = await store.webhook_condition(name, streams)
        state, why = ("ending", "it was removed") if name in ending else ("not in the file", "`drop` forgets it")
        found.append((name, replace(left, state=state, why=why)))
    return found


def _test_event(name: str) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"test-{secrets.token_hex(8)}",
        "source": "/claimwire/webhooks",
        "type": TEST_TYPE,
        "subject": name,
        "time": utc(datetime.now(UTC).replace(microsecond=0)),
        "datacontenttype": "application/json",
        "data": {"webhook": name, "note": "a test: nobody claims anything"},
    }


def _loaded(settings: Settings, file: Path | None) -> WebhookFile:
    """What the file says; where nobody named one and there is none, nothing: webhooks may be asked for over HTTP."""
    if file is None and not USUAL_FILE.exists():
        return WebhookFile()
    return load_webhooks(file or USUAL_FILE, load_stories(settings.stories))


async def _all(settings: Settings, file: Path | None, store: Store) -> dict[str, Webhook]:
    """Those of the file and those asked for over HTTP."""
    loaded, stories = _loaded(settings, file), load_stories(settings.stories)
    asked = {name: webhook_of(name, each, loaded, stories) for name, each in (await store.webhooks_asked()).items()}
    return {**{name: webhook for name, webhook in asked.items() if webhook is not None}, **loaded.webhooks}


async def _one(settings: Settings, file: Path | None, store: Store, name: str) -> Webhook:
    webhooks = await _all(settings, file, store)
    if name not in webhooks:
        raise SettingError(f"there is no webhook {name!r}", f"Known are: {', '.join(webhooks) or 'none'}.")
    return webhooks[name]


def _server(settings: Settings) -> str:
    url = settings.redis_url or live_url(settings.data_dir / "server")
    if url is None:
        raise ClaimwireError(
            "no server to follow: REDIS_URL is not set, and no embedded server runs here",
            "Start one with `claimwire up` in this directory, or set REDIS_URL.",
        )
    return url
