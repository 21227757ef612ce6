"""Webhooks against a real server on loopback: in order, at least once, and nobody waits for another's target."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import replace
from typing import Any

import pytest
from standardwebhooks.webhooks import WebhookVerificationError

from service.contract.choice import Choice
from service.contract.data import SourceCount, Support
from service.net.post import Poster
from service.store import keys
from service.store.store import Store
from service.store.webhooks import group_of
from tests.servers import RealServer
from tests.subscribers.builders import STORY, claim_event, publish, publish_new
from tests.subscribers.conftest import until
from tests.subscribers.target import SECRET, Target, hangs, never_ends, says
from workers.subscribers.doorbell import Doorbell
from workers.subscribers.handling import Backoff
from workers.subscribers.lane import CONSUMER, Lane, retry_after_s
from workers.subscribers.signing import secrets_of
from workers.subscribers.webhook_file import Webhook, WebhookFile
from workers.subscribers.webhooks import deliver_all

STREAM = keys.events(STORY)
QUICK = Backoff(0.05, 0.1)

Deliver = Callable[..., Any]


@pytest.fixture
async def deliver(store: Store, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Deliver]:
    """Starts a process's delivering; returns what ends it."""
    monkeypatch.setattr("workers.subscribers.webhooks.GRACE_S", 0.2)
    async with AsyncExitStack() as stack:

        async def start(*webhooks: Webhook, waits: Backoff = QUICK, total_s: float = 5.0) -> Callable[[], Any]:
            stop, file = asyncio.Event(), WebhookFile({each.name: each for each in webhooks})
            poster = await stack.enter_async_context(Poster(total_s=total_s))
            task = asyncio.create_task(deliver_all(store, file, [STORY], stop, poster, waits))

            async def end() -> None:
                stop.set()
                await asyncio.gather(task, return_exceptions=True)

            stack.push_async_callback(end)
            return end

        yield start


def webhook(target: Target, name: str = "desk", **more: Any) -> Webhook:
    fields = {"stories": (STORY,), "after": "beginning", "allow_private": True, "keys": secrets_of(SECRET)}
    return Webhook(name, target.url(f"/{name}"), **{**fields, **more})


async def test_events_come_signed_and_in_order(valkey: RealServer, target: Target, deliver: Deliver) -> None:
    ids = publish_new(valkey, 5)
    await deliver(webhook(target))
    await until(lambda: len(target.got["/desk"]) == 5)
    ids += publish_new(valkey, 25, first=6)
    await until(lambda: len(target.got["/desk"]) == 30)
    assert target.ids("/desk") == ids
    first = target.got["/desk"][0]
    assert first.headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert "accept-encoding" not in first.headers or first.headers["accept-encoding"] == "identity"
    event = first.verified()
    assert (event["id"], event["type"], event["subject"]) == (ids[0], "claimwire.claim.new.v1", f"c1-{1:016x}")
    with pytest.raises(WebhookVerificationError):
        replace(first, body=first.body.replace(b"Skerry", b"Harbour")).verified()
    with pytest.raises(WebhookVerificationError):
        first.verified("whsec_" + "A" * 32)


async def test_a_new_webhook_is_told_of_what_comes(valkey: RealServer, target: Target, deliver: Deliver) -> None:
    publish_new(valkey, 3)
    await deliver(webhook(target, after="now"))
    await until(lambda: "webhook:desk" in str(valkey.tell("XINFO", "GROUPS", STREAM)))
    ids = publish_new(valkey, 2, first=4)
    await until(lambda: len(target.got["/desk"]) == 2)
    assert target.ids("/desk") == ids


async def test_while_a_secret_is_replaced_both_verify(valkey: RealServer, target: Target, deliver: Deliver) -> None:
    new = "whsec_" + "Q" * 32
    publish_new(valkey, 1)
    await deliver(webhook(target, keys=secrets_of(f"{new} {SECRET}")))
    await until(lambda: target.got["/desk"])
    (got,) = target.got["/desk"]
    assert got.verified(new) == got.verified(SECRET)


async def test_what_fails_is_sent_again_and_the_order_kept(
    valkey: RealServer, target: Target, deliver: Deliver
) -> None:
    first, second, third = publish_new(valkey, 3)
    target.turns["/desk"] = [says(204), says(500), says(503), says(302, Location="/elsewhere"), says(404)]
    await deliver(webhook(target))
    await until(lambda: len(target.got["/desk"]) == 7)
    assert target.ids("/desk") == [first, *([second] * 5), third]
    assert all(got.verified()["id"] == got.id for got in target.got["/desk"])
    assert target.got["/elsewhere"] == []


async def test_the_wait_that_a_target_asks_for_is_kept(valkey: RealServer, target: Target, deliver: Deliver) -> None:
    first, second = publish_new(valkey, 2)
    target.turns["/desk"] = [says(429, Retry_After="1")]
    await deliver(webhook(target))
    await until(lambda: len(target.got["/desk"]) == 3)
    assert target.ids("/desk") == [first, first, second]
    assert target.got["/desk"][1].at_s - target.got["/desk"][0].at_s > 0.95


async def test_gone_disables_until_a_person_enables_it(
    store: Store, valkey: RealServer, target: Target, deliver: Deliver
) -> None:
    first, second = publish_new(valkey, 2)
    target.turns["/desk"] = [says(410)]
    await deliver(webhook(target), webhook(target, "other"))
    await until(lambda: len(target.got["/other"]) == 2)
    state = await store.webhook("desk")
    assert state["disabled"] == "the target answers 410"
    assert target.ids("/desk") == [first]
    await store.remember_webhook("desk", {"disabled": ""})
    await until(lambda: len(target.got["/desk"]) == 3)
    assert target.ids("/desk") == [first, first, second]


async def test_a_redirect_into_a_private_network_is_not_followed(
    store: Store, valkey: RealServer, target: Target, deliver: Deliver
) -> None:
    publish_new(valkey, 1)
    target.turns["/desk"] = [says(307, Location=target.url("/secret"))] * 2
    await deliver(webhook(target, starts=2))
    await until(lambda: store.parked(STREAM, group_of("desk")))
    (letter,) = await store.parked(STREAM, group_of("desk"))
    assert "redirects are not followed" in letter.reason
    assert target.got["/secret"] == []


async def test_a_private_address_is_refused_without_opt_in(
    store: Store, valkey: RealServer, target: Target, deliver: Deliver
) -> None:
    publish_new(valkey, 1)
    await deliver(webhook(target, allow_private=False, starts=1))
    await until(lambda: store.parked(STREAM, group_of("desk")))
    (letter,) = await store.parked(STREAM, group_of("desk"))
    assert "private or special address" in letter.reason
    assert target.got == {}


async def test_an_endless_answer_is_cut_off(valkey: RealServer, target: Target, deliver: Deliver) -> None:
    ids = publish_new(valkey, 3)
    target.turns["/desk"] = [never_ends] * 3
    await deliver(webhook(target), total_s=60.0)
    await until(lambda: len(target.got["/desk"]) == 3)
    assert target.ids("/desk") == ids


async def test_a_target_that_hangs_delays_nobody_else(valkey: RealServer, target: Target, deliver: Deliver) -> None:
    ids = publish_new(valkey, 10)
    target.turns |= {f"/slow{number}": [hangs] * 100 for number in range(8)}
    slow = [webhook(target, f"slow{number}") for number in range(8)]
    await deliver(*slow, webhook(target), total_s=60.0)
    await until(lambda: len(target.got["/desk"]) == 10)
    assert target.ids("/desk") == ids
    assert [len(target.got[f"/slow{number}"]) for number in range(8)] == [1] * 8, "one at a time for each"


async def test_what_no_target_takes_is_parked_and_can_be_sent_again(
    store: Store, valkey: RealServer, target: Target, deliver: Deliver
) -> None:
    first, second = publish_new(valkey, 2)
    target.turns["/desk"] = [says(500, "out of\norder")] * 3
    await deliver(webhook(target, starts=3))
    await until(lambda: second in target.ids("/desk"))
    (letter,) = await store.parked(STREAM, group_of("desk"))
    assert (letter.event_id, letter.starts, letter.detail) == (first, 3, "out of\norder")
    assert letter.reason == "the target answers 500 (start 3 of 3)"
    await store.end_parked(letter, "retried", CONSUMER)
    await until(lambda: target.ids("/desk")[-1] == first)
    assert await store.parked(STREAM, group_of("desk")) == []


async def test_only_what_is_wanted_is_sent(valkey: RealServer, target: Target, deliver: Deliver) -> None:
    strong = Support(origins=3, sources=SourceCount(min=2, max=3))
    events = [
        claim_event(1, support=strong),
        claim_event(2),
        claim_event(3, novelty="background", support=strong),
        claim_event(4, "claimwire.claim.corroborated.v1", claim=2, support=strong),
        claim_event(5, "claimwire.claim.disputed.v1", claim=1, support=strong),
    ]
    publish(valkey, *events)
    valkey.tell("XADD", STREAM, "*", "hello", "world")
    types = frozenset({"claimwire.claim.new.v1", "claimwire.claim.corroborated.v1"})
    await deliver(
        webhook(target, choice=Choice(types, {"origins": 2, "sources": 2})),
        webhook(target, "all", choice=Choice(background=True)),
    )
    await until(lambda: len(target.got["/all"]) == 5)
    await until(lambda: len(target.got["/desk"]) == 2)
    assert target.ids("/desk") == [events[0].attributes["id"], events[3].attributes["id"]]


async def test_what_was_handed_out_and_never_looked_at_is_chosen_from_too(
    store: Store, valkey: RealServer, target: Target, deliver: Deliver
) -> None:
    """As a process leaves it that is killed right after it was given a page; and more than a page of it."""
    events = [claim_event(number, novelty="background") for number in range(1, 51)]
    publish(valkey, *events)
    (wanted,) = publish_new(valkey, 1, first=51)
    valkey.tell("XADD", STREAM, "*", "hello", "world")
    await store.join(STREAM, group_of("desk"))
    assert len(await store.hand_out(STREAM, group_of("desk"), CONSUMER, 100)) == 52
    await deliver(webhook(target))
    await until(lambda: store.parked(STREAM, group_of("desk")))
    await until(lambda: target.got["/desk"])
    assert target.ids("/desk") == [wanted]


async def test_what_feeds_do_is_told_to_those_who_ask(valkey: RealServer, target: Target, deliver: Deliver) -> None:
    silent = {"specversion": "1.0", "id": "e1-1", "source": "/claimwire/feeds", "type": "claimwire.feed.silent.v1"}
    fields = [part for field in silent.items() for part in field]
    valkey.tell("XADD", keys.feed_events(), "*", *fields, "data", json.dumps({"feed": "nordnytt"}))
    await deliver(webhook(target, choice=Choice(frozenset({"claimwire.feed.silent.v1"}))), webhook(target, "other"))
    await until(lambda: target.got["/desk"])
    assert target.got["/other"] == []


async def test_one_of_two_processes_has_the_lane(
    store: Store, valkey: RealServer, target: Target, deliver: Deliver
) -> None:
    await deliver(webhook(target))
    await deliver(webhook(target))
    ids = publish_new(valkey, 40)
    await until(lambda: len(target.got["/desk"]) >= 40)
    assert target.ids("/desk") == ids


async def test_a_lane_is_taken_over_when_its_process_dies(store: Store, valkey: RealServer, target: Target) -> None:
    """Dies between the answer and the acknowledgement: the event comes again under the same id, then the others."""
    first, second = publish_new(valkey, 2)
    bell = Doorbell(store, [STREAM])
    async with Poster() as poster:

        async def post_and_die(*request: Any) -> Any:
            await poster.post(*request)
            await asyncio.sleep(60)

        dying = Lane(store, webhook(target), post_and_die, bell, "one", QUICK, lease_s=1.5)
        task = asyncio.create_task(dying.run(asyncio.Event()))
        await until(lambda: target.got["/desk"])
        heir_stop = asyncio.Event()
        heir = asyncio.create_task(Lane(store, webhook(target), poster.post, bell, "two", QUICK, 1.5).run(heir_stop))
        await asyncio.sleep(2.5)
        assert target.ids("/desk") == [first], "the first one is slow, but alive"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await until(lambda: len(target.got["/desk"]) == 3)
        heir_stop.set()
        await heir
    assert target.ids("/desk") == [first, first, second]


async def test_an_outage_of_the_server_loses_nothing(
    store: Store, valkey: RealServer, target: Target, deliver: Deliver
) -> None:
    ids = publish_new(valkey, 20)
    await deliver(webhook(target))
    for count in (5, 10, 15):
        await until(lambda count=count: len(target.got["/desk"]) >= count)
        await asyncio.to_thread(valkey.tell, "CLIENT", "KILL", "TYPE", "normal")
    await until(lambda: len(set(target.ids("/desk"))) == 20)
    assert list(dict.fromkeys(target.ids("/desk"))) == ids


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("120", 120),
        ("Thu, 01 Jan 1970 00:01:30 GMT", 80),
        ("Thu, 01 Jan 1970 00:00:01 GMT", 0),
        ("999999999999", 86_400),
        ("soon", 0),
        ("", 0),
    ],
)
def test_retry_after_is_read_in_both_forms(written: str, seconds: float) -> None:
    assert retry_after_s(written, now_s=10) == seconds
