"""`webhooks`: events sent to other people's servers; how each webhook is, and what a person does about one."""

from __future__ import annotations

import asyncio
import secrets
import sys
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table

from service import logs
from service.cli.each_story import of_server
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
from service.stories.story import load_stories
from workers.subscribers.lane import CONSUMER, Failure, attempt, group_of, streams_of
from workers.subscribers.webhook_file import Webhook, load_webhooks
from workers.subscribers.webhooks import deliver_all

NARROW = 180
"""columns that the table needs when it is not printed on a terminal"""
TEST_TYPE = "claimwire.webhook.test.v1"


@dataclass(frozen=True, slots=True)
class Condition:
    """How a webhook is."""

    name: str
    state: str
    """delivering, failing, disabled, not joined yet, or not in the file"""
    open: int
    """handed out and not ended"""
    behind: int
    """not looked at yet"""
    parked: int
    delivered: int
    last_delivery: str
    why: str


def run_webhooks(settings: Settings, file: Path) -> None:
    """Delivers until told to stop.

    Raises:
        ClaimwireError: the file or the server cannot be used.
    """
    logs.configure(settings.log_level, settings.log_format, role="webhooks")
    webhooks = _loaded(settings, file)
    url = _server(settings)

    async def deliver(stop: asyncio.Event) -> None:
        store = await Store.open(url, wait_s=settings.connect_wait_s)
        try:
            async with Poster() as poster:
                await deliver_all(store, webhooks.values(), stop, poster)
        finally:
            await store.close()

    run(deliver, settings.parent_pid)


def list_webhooks(settings: Settings, file: Path, *, as_json: bool) -> None:
    """Prints how each webhook is.

    Raises:
        ClaimwireError: the file or the server cannot be used.
    """
    webhooks = _loaded(settings, file)

    async def ask(store: Store) -> list[Condition]:
        known = [await _condition(store, webhook) for webhook in webhooks.values()]
        return known + await _strangers(store, sorted(load_stories(settings.stories)), webhooks)

    found = of_server(settings, ask, read_only=True)
    if as_json:
        write_json(map(asdict, found))
        return
    table = Table("webhook", "state", "open", "behind", "parked", "delivered", "last", "why", box=box.SIMPLE)
    for each in found:
        numbers = (str(each.open), str(each.behind), str(each.parked), str(each.delivered))
        table.add_row(each.name, each.state, *numbers, each.last_delivery, visible(each.why))
    console = Console(highlight=False, markup=False)
    if not console.is_terminal:
        console.width = NARROW
    console.print(table)


def test_webhook(settings: Settings, file: Path, name: str) -> None:
    """Sends one event of the type `claimwire.webhook.test.v1` and says what came back. Asks no Redis.

    Raises:
        ClaimwireError: there is no such webhook, or the target does not take it.
    """
    webhook = _named(_loaded(settings, file), name)
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


def enable_webhook(settings: Settings, file: Path, name: str) -> None:
    """Lets a webhook go on that was disabled, or that waits for its next attempt: at once, from where it stands.

    Raises:
        ClaimwireError: there is no such webhook, or no server.
    """
    _named(_loaded(settings, file), name)

    async def enable(store: Store) -> str:
        was = (await store.webhook(name)).get("disabled", "")
        await store.remember_webhook(name, {"disabled": "", "not_before": "0", "failures": "0"})
        return was

    was = of_server(settings, enable)
    sys.stdout.write(f"{name}: {f'was disabled: {was}; it' if was else 'it'} is tried again now\n")


def list_parked(settings: Settings, file: Path, name: str, *, as_json: bool) -> None:
    """Prints the events that a webhook gave up, the oldest first.

    Raises:
        ClaimwireError: there is no such webhook, or no server.
    """
    webhook = _named(_loaded(settings, file), name)
    letters = of_server(settings, lambda store: _letters(store, webhook), read_only=True)
    if as_json:
        write_json({**asdict(letter), "at": utc(letter.at)} for letter in letters)
        return
    for letter in letters:
        words = f"{utc(letter.at)[:19]}  {letter.event_id}  {letter.type}  {letter.subject}  {letter.reason}"
        sys.stdout.write(f"{visible(words)}\n")
    if not letters:
        sys.stderr.write(f"{name} gave nothing up.\n")


def retry_parked(settings: Settings, file: Path, name: str) -> None:
    """Sends what a webhook gave up again, before what waits.

    Raises:
        ClaimwireError: there is no such webhook, or no server.
    """
    webhook = _named(_loaded(settings, file), name)

    async def retry(store: Store) -> list[str]:
        return [await store.end_parked(letter, "retried", CONSUMER) for letter in await _letters(store, webhook)]

    told = of_server(settings, retry)
    sys.stdout.write(f"{name}: sent again: {told.count('retried')}\n")
    if gone := told.count("past_retention"):
        sys.stdout.write(f"{name}: of {gone} the event is no longer kept; they stay parked\n")


def drop_webhook(settings: Settings, name: str) -> None:
    """Forgets a webhook: where it stands, what it gave up. Events are kept for it no longer.

    One that is still in the file begins anew, as a new one does.

    Raises:
        ClaimwireError: nothing is known of it, or no server.
    """
    stories = sorted(load_stories(settings.stories))

    async def drop(store: Store) -> bool:
        streams = [*map(keys.events, stories), keys.feed_events()]
        left = [await store.leave(stream, group_of(name)) for stream in streams]
        return any([*left, await store.forget_webhook(name)])

    if not of_server(settings, drop):
        raise ClaimwireError(f"nothing is known of a webhook {name!r}", "`claimwire webhooks list` shows them.")
    sys.stdout.write(f"{name}: forgotten\n")


async def _condition(store: Store, webhook: Webhook) -> Condition:
    state, group = await store.webhook(webhook.name), group_of(webhook.name)
    streams = streams_of(webhook)
    groups = [each for stream in streams for each in await store.groups(stream) if each.name == group]
    counts = [await store.group_counts(stream, group) for stream in streams]
    word = "disabled" if state.get("disabled") else "failing" if state.get("error") else "delivering"
    return Condition(
        name=webhook.name,
        state=word if groups else "not joined yet",
        open=sum(each.pending for each in groups),
        behind=sum(each.lag or 0 for each in groups),
        parked=len(await _letters(store, webhook)),
        delivered=sum(each.get("acknowledged", 0) for each in counts),
        last_delivery=state.get("delivered", "never"),
        why=state.get("error", ""),
    )


async def _strangers(store: Store, stories: list[str], webhooks: Mapping[str, Webhook]) -> list[Condition]:
    """Webhooks that the file has no longer: events are kept for them until somebody drops them."""
    found: dict[str, Condition] = {}
    prefix = group_of("")
    for stream in [*map(keys.events, stories), keys.feed_events()]:
        for group in await store.groups(stream):
            name = group.name.removeprefix(prefix)
            if group.name.startswith(prefix) and name not in webhooks:
                was = found.get(name, Condition(name, "not in the file", 0, 0, 0, 0, "", "`drop` forgets it"))
                lag = was.behind + (group.lag or 0)
                found[name] = Condition(name, was.state, was.open + group.pending, lag, 0, 0, "", was.why)
    return [found[name] for name in sorted(found)]


async def _letters(store: Store, webhook: Webhook) -> list[ParkedDelivery]:
    group = group_of(webhook.name)
    letters = [letter for stream in streams_of(webhook) for letter in await store.parked(stream, group)]
    return sorted(letters, key=lambda letter: letter.at)


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


def _loaded(settings: Settings, file: Path) -> dict[str, Webhook]:
    return load_webhooks(file, load_stories(settings.stories))


def _named(webhooks: Mapping[str, Webhook], name: str) -> Webhook:
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
