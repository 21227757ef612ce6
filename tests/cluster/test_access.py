"""Each role of deploy/acl/users.acl can do its work, and nothing beside it; over TLS too."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import redis

from service.contract.edits import Edit
from service.edits.takedowns import take_down
from service.errors import ServerUnusable
from service.model import EntryResult
from service.store import keys
from service.store.binaries import Binary
from service.store.feed_values import KeptPage, Subscription
from service.store.store import FeedState, Store
from service.store.values import Caps
from tests.cluster.nodes import Node, free_port
from tests.cluster.tls import PEM, in_front_of, is_native
from tests.desk.builders import EXTRACTOR, NOON, STORY, WIRE, article
from tests.servers import families, family_id
from workers.desk.take import Desk, Limits

ACL = Path(__file__).parents[2] / "deploy" / "acl" / "users.acl"
ROLES = ("service", "worker", "subscriber", "kit", "operator")
SECONDS = 3_600
LIMITS = Limits(reclaim_idle_s=1, deadline_s=20, starts=3, block_s=0.05)


@pytest.fixture(scope="module", params=families(), ids=family_id)
def guarded(request: pytest.FixtureRequest) -> Iterator[Node]:
    binary: Binary = request.param
    node = Node(binary, ["--aclfile", ACL], users=True, tls_port=free_port() if is_native(binary) else 0)
    try:
        yield node.start()
    finally:
        node.stop()


@pytest.fixture
def node(guarded: Node) -> Node:
    with client(guarded, "operator") as operator:
        for name in list(operator.scan_iter("*")):
            operator.delete(name)
    return guarded


def url(node: Node, role: str, port: int | None = None) -> str:
    return f"redis://claimwire-{role}:change-me-{role}@127.0.0.1:{port or node.port}/0"


@asynccontextmanager
async def over_tls(node: Node) -> AsyncIterator[int]:
    """A port of it that speaks TLS: its own, or a proxy's."""
    if node.tls_port:
        yield node.tls_port
    else:
        async with in_front_of(node.port) as port:
            yield port


def safe(node: Node, role: str, port: int) -> str:
    return f"{url(node, role, port).replace('redis://', 'rediss://')}?ssl_ca_certs={PEM}"


def client(node: Node, role: str) -> redis.Redis:
    return redis.Redis.from_url(url(node, role), decode_responses=True, protocol=2)


async def decided(node: Node, tls_port: int = 0) -> None:
    """The service admits, the worker decides."""
    service, worker = [
        await Store.open(safe(node, role, tls_port) if tls_port else url(node, role)) for role in ("service", "worker")
    ]
    await service.admit(STORY.id, article(1, WIRE), "poll", SECONDS)
    stop = asyncio.Event()
    working = asyncio.create_task(Desk(worker, {STORY.id: STORY}, "w", LIMITS, EXTRACTOR).run(stop))
    while (await service.state(STORY.id)).committed < 1 and not working.done():
        await asyncio.sleep(0.02)
    stop.set()
    await working
    await service.close()
    await worker.close()


async def test_service_and_worker_can_do_their_work(node: Node) -> None:
    await decided(node)
    store = await Store.open(url(node, "service"))

    assert await store.close_poll("f", 0, FeedState(etag="e"), {EntryResult.ADMITTED: 1}, "poll")
    await store.replica_beat("r", "i", 10, "feeds")
    await store.slow_host("h", 2.0, 1.0)
    await store.trim(STORY.id, 0)
    await store.weigh([STORY.id], Caps())
    await store.memory()
    assert (await store.head(STORY.id)).state.committed == 1
    assert await store.claims(STORY.id)
    assert await store.workers() == {}
    await store.wire_size(STORY.id)
    await store.close()


async def test_the_service_keeps_what_hubs_pages_and_hosts_say(node: Node) -> None:
    store = await Store.open(url(node, "service"))
    await store.keep_subscription("f", Subscription("hub", "topic", "t", "secret"))
    assert await store.subscription("f") is not None
    assert await store.feed_of_callback("t") == "f"
    await store.count_forged("f")
    await store.keep_page("a", KeptPage("1", "text", "", ()))
    assert await store.page("a") is not None
    await store.page_admitted("a", [STORY.id])
    await store.keep_listed([("f", "http", "address")])
    assert await store.listed() == [("f", "http", "address")]
    await store.slow_hosts(1.0)
    opened = await store.open_poll("f", 0, "r", 10, 1.0)
    await store.keep_leases(["f"], "r", 10, 1.0)
    await store.give_back(["f"], "r")
    assert await store.replicas_alive() == [] and opened is not None
    await store.close()


async def test_service_and_worker_take_a_document_down(node: Node) -> None:
    await decided(node)
    service, worker, kit = [await Store.open(url(node, role)) for role in ("service", "worker", "kit")]
    stream = keys.events(STORY.id)
    await kit.join(stream, "g")
    for entry in await kit.hand_out(stream, "g", "me", 1):
        await kit.park(stream, "g", "me", entry, "no use")
    stop, uri = asyncio.Event(), article(1, WIRE).uri
    working = asyncio.create_task(Desk(worker, {STORY.id: STORY}, "w", LIMITS, EXTRACTOR).run(stop))
    gone = await take_down(service, STORY.id, Edit(action="takedown", uri=uri, reason="a try", by="Signe"), NOON, 20)
    assert gone.done and gone.rewritten and gone.events
    assert await kit.parked(stream, "g") == []
    assert (await take_down(service, STORY.id, Edit(action="lift", uri=uri, reason="a try", by="Signe"), NOON, 20)).done
    stop.set()
    await working
    for store in (service, worker, kit):
        await store.close()


async def test_a_subscriber_reads_with_a_group(node: Node) -> None:
    await decided(node)
    with client(node, "subscriber") as subscriber:
        subscriber.xgroup_create(keys.new_claims(STORY.id), "g", id="0")
        ((_, entries),) = subscriber.xreadgroup("g", "me", {keys.new_claims(STORY.id): ">"})
        assert entries
        assert subscriber.xack(keys.new_claims(STORY.id), "g", entries[0][0]) == 1
        subscriber.xread({keys.events(STORY.id): "0"})


async def test_the_kit_and_the_webhooks_can_do_their_work(node: Node) -> None:
    await decided(node)
    stream = keys.new_claims(STORY.id)
    store = await Store.open(url(node, "kit"))
    assert await store.join(stream, "g")
    (entry, *_) = await store.hand_out(stream, "g", "me", 10)
    assert await store.start(stream, "g", "me", entry.id) == 1
    assert await store.hold(stream, "g", "me", [entry.id]) == []
    assert await store.park(stream, "g", "me", entry, "no use")
    (letter,) = await store.parked(stream, "g")
    assert await store.end_parked(letter, "retried") == "retried"
    (again,) = await store.take_over(stream, "g", "other", 1, 10)
    assert await store.settle(stream, "g", [again.id]) == 1
    assert (await store.group_counts(stream, "g"))["acknowledged"] == 1
    await store.tidy(stream, "g", -1)
    assert await store.lease(keys.webhook_lease("desk"), "me", 60)
    await store.remember_webhook("desk", {"failures": "1"})
    assert await store.webhook("desk") == {"failures": "1"}
    assert await store.forget_webhook("desk")
    assert await store.leave(stream, "g")
    await store.read({stream: "0", keys.feed_events(): "0"}, 0, 1)
    await store.close()


@pytest.mark.parametrize(("role", "lease"), [("kit", keys.webhook_lease("desk")), ("service", keys.takedowns_lease())])
async def test_who_takes_leases_sees_that_the_clock_was_set_back(node: Node, role: str, lease: str) -> None:
    await (await Store.open(url(node, "service"))).close()  # who notes how the store is laid out
    store = await Store.open(url(node, role))
    assert await store.lease(lease, "dead", 60)
    assert not await store.lease(lease, "me", 60)
    with client(node, "operator") as operator:
        operator.expire(lease, 3_600)
    assert await store.lease(lease, "me", 60)
    await store.close()


FORBIDDEN: list[tuple[str, tuple[str | int, ...]]] = [
    ("subscriber", ("XADD", keys.events(STORY.id), "*", "forged", "1")),
    ("subscriber", ("XADD", keys.new_claims(STORY.id), "*", "forged", "1")),
    ("subscriber", ("XDEL", keys.events(STORY.id), "1-1")),
    ("subscriber", ("XTRIM", keys.events(STORY.id), "MAXLEN", 0)),
    ("subscriber", ("DEL", keys.events(STORY.id))),
    ("subscriber", ("XRANGE", keys.articles(STORY.id), "-", "+")),
    ("subscriber", ("EVAL", "return redis.call('XADD', KEYS[1], '*', 'a', 1)", 1, keys.events(STORY.id))),
    ("kit", ("XADD", keys.events(STORY.id), "*", "forged", "1")),
    ("kit", ("XDEL", keys.events(STORY.id), "1-1")),
    ("kit", ("DEL", keys.events(STORY.id))),
    ("kit", ("HGETALL", keys.claims(STORY.id))),
    ("kit", ("EVAL", "return redis.call('XADD', KEYS[1], '*', 'a', 1)", 1, keys.events(STORY.id))),
    ("worker", ("HSET", keys.feed("f"), "etag", "forged")),
    ("worker", ("EVAL", "return redis.call('HSET', KEYS[1], 'a', 1)", 1, keys.feed("f"))),
    ("worker", ("XADD", keys.feed_events(), "*", "forged", 1)),
    ("worker", ("XADD", keys.bell(), "*", "story", STORY.id)),
    ("service", ("HSET", keys.claims(STORY.id), "c", "forged")),
    ("service", ("HSET", keys.findings(STORY.id), 1, "forged")),
    ("service", ("XREADGROUP", "GROUP", "desk", "me", "STREAMS", keys.articles(STORY.id), ">")),
    ("service", ("XDEL", keys.claims_log(STORY.id), "1-1")),
    ("service", ("RENAME", keys.articles(STORY.id), keys.findings(STORY.id))),
    ("kit", ("SET", keys.layout(), "9")),
    ("worker", ("HSET", keys.takedowns(), "a", "forged")),
    ("worker", ("HGETALL", keys.webhooks_asked())),
    ("subscriber", ("HGETALL", keys.webhooks_asked())),
    ("subscriber", ("XGROUP", "DESTROY", keys.events(STORY.id), "webhooks")),
    *((role, ("FLUSHALL",)) for role in ROLES),
    *((role, ("CONFIG", "SET", "maxmemory", 1)) for role in ROLES),
    *((role, ("KEYS", "*")) for role in ("service", "worker", "subscriber", "kit")),
    *((role, ("SET", "elsewhere", 1)) for role in ROLES),
]


@pytest.mark.parametrize(("role", "command"), FORBIDDEN, ids=lambda part: part if isinstance(part, str) else part[0])
def test_what_a_role_must_not_do(node: Node, role: str, command: tuple[str | int, ...]) -> None:
    with client(node, role) as asked, pytest.raises(redis.ResponseError, match=r"(?i)permission|can't (run|access)"):
        asked.execute_command(*command)


def test_nobody_comes_in_without_a_name(node: Node) -> None:
    with redis.Redis(port=node.port, protocol=2) as nobody, pytest.raises(redis.AuthenticationError):
        nobody.ping()


def test_every_role_is_there_once_and_has_a_password_to_be_changed() -> None:
    lines = ACL.read_text("utf-8").splitlines()
    found = [match[1] for line in lines if (match := re.match(r"user claimwire-(\w+) on >change-me-\1 ", line))]
    assert tuple(found) == ROLES
    assert lines[0] == "user default off resetkeys resetchannels -@all"


async def test_over_tls(node: Node) -> None:
    async with over_tls(node) as port:
        await decided(node, port)

        with pytest.raises(ServerUnusable, match="certificate verify failed"):
            await Store.open(safe(node, "service", port).partition("?")[0])
        with pytest.raises(ServerUnusable):
            await Store.open(url(node, "service", port))
