"""Webhooks that were asked for over HTTP: picked up by what delivers already, and gone without a trace."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from service.contract.webhooks import WebhookAsked
from service.net.post import Poster
from service.store import keys
from service.store.store import Store
from service.store.webhooks import group_of
from tests.servers import RealServer
from tests.subscribers.builders import STORY, publish_new
from tests.subscribers.conftest import until
from tests.subscribers.target import SECRET, Target, hangs, says
from workers.subscribers.asked import webhook_of
from workers.subscribers.handling import Backoff
from workers.subscribers.webhook_file import WebhookFile
from workers.subscribers.webhooks import deliver_all

STREAM = keys.events(STORY)
PRIVATE = WebhookFile(asked_private=True)

Deliver = Callable[..., Any]


@pytest.fixture
async def deliver(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Deliver]:
    """Starts a process's delivering; returns what ends it."""
    monkeypatch.setattr("workers.subscribers.webhooks.GRACE_S", 0.2)
    monkeypatch.setattr("workers.subscribers.webhooks.LOOK_S", 0.1)
    async with AsyncExitStack() as stack:

        async def start(file: WebhookFile = PRIVATE) -> None:
            stop = asyncio.Event()
            poster = await stack.enter_async_context(Poster(total_s=5))
            task = asyncio.create_task(deliver_all(store, file, [STORY], stop, poster, Backoff(0.05, 0.1)))

            async def end() -> None:
                stop.set()
                await task

            stack.push_async_callback(end)

        yield start


def record(url: str) -> dict[str, Any]:
    asked = WebhookAsked(name="desk", url=url, after="beginning")
    return {
        **asked.model_dump(mode="json", by_alias=False),
        "by": "ann",
        "at": "2031-05-04T12:00:00Z",
        "secret": SECRET,
    }


async def groups(store: Store) -> set[str]:
    return {group.name for group in await store.groups(STREAM)}


async def test_one_that_is_asked_for_begins_and_one_that_is_removed_ends(
    valkey: RealServer, store: Store, target: Target, deliver: Deliver
) -> None:
    ids = publish_new(valkey, 3)
    await deliver()
    await deliver()  # a second process
    await store.ask_webhook("desk-1", record(target.url("/one")))
    await until(lambda: len(target.got["/one"]) == 3)
    assert target.ids("/one") == ids
    assert target.got["/one"][0].verified()["id"] == ids[0]
    # a target that hangs does not keep its webhook from ending
    target.turns["/one"] = [hangs]
    publish_new(valkey, 1, first=4)
    await until(lambda: len(target.got["/one"]) == 4)
    assert group_of("desk-1") in await groups(store), "the control"
    assert await store.end_webhook("desk-1")
    await until(lambda: _is_gone(store, "desk-1"))
    publish_new(valkey, 1, first=5)
    await asyncio.sleep(0.3)
    assert len(target.got["/one"]) == 4
    assert group_of("desk-1") not in await groups(store)


async def _is_gone(store: Store, name: str) -> bool:
    return name not in await store.webhooks_ended() and await store.webhook(name) == {}


async def test_a_private_address_is_refused_unless_the_operator_allows_it(
    valkey: RealServer, store: Store, target: Target, deliver: Deliver
) -> None:
    publish_new(valkey, 1)
    await store.ask_webhook("desk-1", record(target.url("/one")))
    await deliver(WebhookFile())
    await until(lambda: _error(store, "desk-1"))
    assert target.got["/one"] == []


async def _error(store: Store, name: str) -> str:
    return (await store.webhook(name)).get("error", "")


async def test_410_disables_it(valkey: RealServer, store: Store, target: Target, deliver: Deliver) -> None:
    publish_new(valkey, 1)
    target.turns["/one"] = [says(410)]
    await store.ask_webhook("desk-1", record(target.url("/one")))
    await deliver()
    await until(lambda: _disabled(store))
    condition = await store.webhook_condition("desk-1", [STREAM])
    assert (condition.state, condition.open) == ("disabled", 1)


async def test_what_a_person_asks_for_is_done_and_done_once(
    valkey: RealServer, store: Store, target: Target, deliver: Deliver
) -> None:
    # given a webhook that was disabled, and one that gave an event up
    publish_new(valkey, 1)
    target.turns["/one"] = [says(410)]
    target.turns["/two"] = [says(500)]
    await store.ask_webhook("desk-1", record(target.url("/one")))
    await store.ask_webhook("desk-2", {**record(target.url("/two")), "starts": 1})
    await deliver()
    await deliver()  # a second process
    await until(lambda: _disabled(store))
    await until(lambda: _letters(store))
    assert (len(target.got["/one"]), len(target.got["/two"])) == (1, 1)
    # when
    await store.wish("desk-1", "enable", "ann")
    await store.wish("desk-2", "retry", "ann")
    await store.wish("desk-3", "enable", "ann")  # nobody delivers it
    # then
    await until(lambda: len(target.got["/one"]) == 2 and len(target.got["/two"]) == 2)
    await until(lambda: _wishes(store, 1))
    await asyncio.sleep(0.3)
    assert (len(target.got["/one"]), len(target.got["/two"])) == (2, 2)
    assert not await _letters(store)
    # and with the webhook goes what was asked for it
    await store.webhook_gone("desk-3")
    assert await store.wishes() == []


async def _letters(store: Store) -> list[str]:
    return [letter.event_id for letter in await store.webhook_letters("desk-2", [STREAM])]


async def _wishes(store: Store, left: int) -> bool:
    return len(await store.wishes()) == left


async def _disabled(store: Store) -> bool:
    return bool((await store.webhook("desk-1")).get("disabled"))


def test_what_cannot_be_read_is_left_alone() -> None:
    good = record("https://desk.example/")
    assert webhook_of("x", good, PRIVATE, [STORY]) is not None, "the control"
    bad = {"url": "ftp://x/"}, {"secret": "whsec_!"}, {"types": ["claim.true"]}
    for each in bad:
        assert webhook_of("x", {**good, **each}, PRIVATE, [STORY]) is None
    assert webhook_of("x", {}, PRIVATE, [STORY]) is None
    chosen = webhook_of("x", {**good, "stories": ["nowhere", STORY]}, PRIVATE, [STORY])
    assert chosen is not None
    assert chosen.stories == (STORY,)
