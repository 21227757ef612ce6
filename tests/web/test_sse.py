"""Events over SSE: real HTTP, a real server, nothing lost and nothing repeated."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
import redis
from aiohttp import web

from service.store import keys
from service.store.embedded import EmbeddedServer
from service.store.store import Store
from service.store.takedowns import _REWRITE
from service.stories.story import Story
from service.web import broadcast, fanout, sse
from service.web.access import Access, Rates
from service.web.app import make_app, serving
from service.web.state import ServiceState

STORY = "lighthouse-sale"
EVENTS = f"/v1/stories/{STORY}/events"
STREAM = keys.events(STORY)


@dataclass
class Heard:
    """One block of a stream of events."""

    id: str = ""
    event: str = ""
    data: str = ""
    comment: bool = False
    other: dict[str, str] = field(default_factory=dict)

    @property
    def body(self) -> Any:
        return json.loads(self.data)


async def blocks(answer: aiohttp.ClientResponse) -> AsyncIterator[Heard]:
    heard = Heard()
    async for raw in answer.content:
        line = raw.decode().rstrip("\n")
        if not line:
            yield heard
            heard = Heard()
            continue
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if not name:
            heard.comment = True
        elif name in ("id", "event", "data"):
            setattr(heard, name, value)
        else:
            heard.other[name] = value


@asynccontextmanager
async def following(
    http: aiohttp.ClientSession, path: str = EVENTS, cursor: str = ""
) -> AsyncIterator[AsyncIterator[Heard]]:
    headers = {"Last-Event-ID": cursor} if cursor else {}
    async with http.get(path, headers=headers) as answer:
        assert (answer.status, answer.content_type) == (200, "text/event-stream"), await answer.text()
        yield blocks(answer)


async def events(heard: AsyncIterator[Heard], count: int) -> list[Heard]:
    """The next so many events, other blocks left out."""
    found: list[Heard] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            one = await anext(heard)
            found += [one] if one.data else []
    return found


class Stream:
    """Writes events to the story's stream as a commit does, without its cost."""

    def __init__(self, store: Store, stream: str = STREAM) -> None:
        self._run = store._connection.run
        self._stream = stream
        self.count = 0

    async def tell(self, type_: str = "claimwire.claim.new.v1", pad: int = 0, **data: Any) -> str:
        self.count += 1
        event = {"specversion": "1.0", "id": f"e1-{self.count:016x}", "source": "/claimwire/stories/x", "type": type_}
        event["subject"] = f"c1-{self.count:016x}"
        body = json.dumps({"n": self.count, "pad": "x" * pad, **data})
        fields = {**event, "sequence": f"{self.count:020}", "data": body}
        flat = [part for pair in fields.items() for part in pair]
        told: bytes = await self._run("XADD", self._stream, "*", *flat)
        return told.decode()


@pytest.fixture
def stream(store: Store) -> Stream:
    return Stream(store)


async def test_what_happens_is_heard_as_it_happens(http: aiohttp.ClientSession, planted: Any) -> None:
    async with following(http) as heard:
        first = await anext(heard)
        assert first.other == {"retry": "2000"}
        assert (await anext(heard)).id == "0-0"
        await planted.admit(1)
        await planted.commit(1, 11, 12)
        told = await events(heard, 2)
    assert [one.event for one in told] == ["claimwire.claim.new.v1"] * 2
    assert [one.body["subject"] for one in told] == [f"c1-{11:016x}", f"c1-{12:016x}"]
    body = told[0].body
    assert list(body)[:4] == ["specversion", "id", "source", "type"]
    assert body["data"]["claim"]["id"] == body["subject"]


async def test_ten_who_come_back_a_hundred_times_each_hear_every_event_once(
    http: aiohttp.ClientSession, stream: Stream
) -> None:
    # given 300 events told while ten readers come and go: a thousand connections, live and catching up
    total, each = 300, 3

    async def write() -> None:
        for number in range(total):
            await stream.tell()
            if number % 7 == 0:
                await asyncio.sleep(0.002)

    async def read() -> tuple[list[int], int]:
        seen: list[int] = []
        cursor, came = "", 0
        while len(seen) < total:
            async with following(http, f"{EVENTS}?since=0", cursor) as heard:
                came += 1
                told = await events(heard, min(each, total - len(seen)))
            seen += [one.body["data"]["n"] for one in told]
            cursor = told[-1].id
        return seen, came

    # when
    writing = asyncio.create_task(write())
    found = await asyncio.gather(*(read() for _ in range(10)))
    await writing
    # then
    assert sum(came for _, came in found) >= 1_000
    assert all(seen == list(range(1, total + 1)) for seen, _ in found)


async def test_whoever_comes_back_before_anything_was_heard_misses_nothing(
    http: aiohttp.ClientSession, stream: Stream
) -> None:
    await stream.tell()
    async with following(http) as heard:
        await anext(heard)
        cursor = (await anext(heard)).id
    await stream.tell()
    async with following(http, cursor=cursor) as heard:
        (told,) = await events(heard, 1)
    assert told.body["data"]["n"] == 2


async def test_catching_up_is_joined_to_what_happens(
    http: aiohttp.ClientSession, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a window and pages much smaller than what was told, and one who follows already
    monkeypatch.setattr(broadcast, "WINDOW", 5)
    monkeypatch.setattr(sse, "READ", 7)
    async with following(http) as _:
        for _number in range(100):
            await stream.tell()
        # when somebody asks for everything while more is told
        async with following(http, f"{EVENTS}?since=0") as heard:
            first = await events(heard, 40)
            for _number in range(50):
                await stream.tell()
            rest = await events(heard, 110)
    assert [one.body["data"]["n"] for one in first + rest] == list(range(1, 151))


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("type=claim.new", [1, 4]),
        ("type=claim.disputed&type=document.revised", [2, 3]),
        ("type=claim.disputed,claimwire.document.revised.v1", [2, 3]),
        ("min_sources=2", [2, 3]),
        ("min_origins=2&type=claim.new", [4]),
    ],
)
async def test_filters(http: aiohttp.ClientSession, stream: Stream, query: str, wanted: list[int]) -> None:
    few, many = {"sources": {"min": 0}, "origins": 1}, {"sources": {"min": 2}, "origins": 1}
    await stream.tell(support=few)
    await stream.tell("claimwire.claim.disputed.v1", support=many)
    await stream.tell("claimwire.document.revised.v1")
    await stream.tell(support={"sources": {"min": 1}, "origins": 3})
    async with following(http, f"{EVENTS}?since=0&{query}") as heard:
        told = await events(heard, len(wanted))
        assert [one.body["data"]["n"] for one in told] == wanted


async def test_whoever_filters_is_told_how_far_the_stream_is_through(
    http: aiohttp.ClientSession, stream: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a filter that holds everything back
    monkeypatch.setattr(fanout, "LOOK_S", 0.02)
    monkeypatch.setattr(sse, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(fanout, "HEARTBEAT_S", 0.1)
    async with following(http, f"{EVENTS}?since=0&type=claim.disputed") as heard:
        last = [await stream.tell() for _ in range(3)][-1]
        async with asyncio.timeout(60):
            while (one := await anext(heard)).id != last:
                assert not one.data
    # then coming back goes on from there
    await stream.tell("claimwire.claim.disputed.v1")
    async with following(http, cursor=last) as heard:
        (told,) = await events(heard, 1)
    assert told.body["data"]["n"] == 4


async def test_silence_has_a_heartbeat(http: aiohttp.ClientSession, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fanout, "LOOK_S", 0.02)
    monkeypatch.setattr(sse, "HEARTBEAT_S", 0.1)
    monkeypatch.setattr(fanout, "HEARTBEAT_S", 0.1)
    async with following(http) as heard, asyncio.timeout(60):
        comments = 0
        while comments < 3:
            comments += (await anext(heard)).comment


@pytest.mark.parametrize("asked", ["cursor", "since id", "since time", "since 0"])
async def test_what_the_stream_has_no_more_is_told_as_a_gap(
    http: aiohttp.ClientSession, stream: Stream, store: Store, asked: str
) -> None:
    # given ten events of which the first five are gone
    ids = [await stream.tell() for _ in range(10)]
    await store._connection.run("XTRIM", STREAM, "MINID", ids[5])
    path, cursor = EVENTS, ""
    if asked == "cursor":
        cursor = ids[1]
    else:
        since = {"since id": ids[1], "since time": "2001-01-01T00:00:00Z", "since 0": "0"}[asked]
        path = f"{EVENTS}?since={since}"
    # when
    async with following(http, path, cursor) as heard:
        gap, *told = await events(heard, 6)
    # then
    assert gap.event == "gap"
    assert (gap.body["first"], gap.body["firstSequence"]) == (ids[5], f"{6:020}")
    assert [one.body["data"]["n"] for one in told] == [6, 7, 8, 9, 10]


@pytest.mark.parametrize("since", ["0", "2001-01-01T00:00:00Z", "2001-01-01T02:00:00+02:00", "2001-01-01"])
async def test_without_a_loss_there_is_no_gap(http: aiohttp.ClientSession, stream: Stream, since: str) -> None:
    await stream.tell()
    async with following(http, f"{EVENTS}?since={since}") as heard:
        (told,) = await events(heard, 1)
    assert told.body["data"]["n"] == 1


async def test_a_stream_that_was_emptied_is_a_gap_for_those_who_had_not_all(
    http: aiohttp.ClientSession, stream: Stream, store: Store
) -> None:
    ids = [await stream.tell() for _ in range(3)]
    await store._connection.run("XTRIM", STREAM, "MAXLEN", 0)
    async with following(http, cursor=ids[2]) as heard:
        await stream.tell()
        (told,) = await events(heard, 1)
        assert told.event != "gap"
    await store._connection.run("XTRIM", STREAM, "MAXLEN", 0)
    async with following(http, cursor=ids[0]) as heard:
        (told,) = await events(heard, 1)
        assert told.event == "gap"


@pytest.mark.parametrize("anew", [False, True])
async def test_an_event_that_was_taken_out_is_still_a_place_to_begin(
    http: aiohttp.ClientSession, stream: Stream, store: Store, anew: bool
) -> None:
    """Whoever heard of a document last that was taken down is to hear of that."""
    ids = [await stream.tell() for _ in range(5)]
    await store._connection.run("XDEL", STREAM, ids[1], ids[4])
    if anew:
        await store._connection.script(_REWRITE, (STREAM, f"{STREAM}:rewritten"), (10,))
        assert (await store.edges(STREAM)).deleted == (0, 0), "the control: the server knows nothing of it"
    await stream.tell()
    for number, following_number in ((1, 3), (4, 6)):
        async with following(http, cursor=ids[number]) as heard:
            (told,) = await events(heard, 1)
        assert told.body["data"]["n"] == following_number


async def test_since_an_event_by_its_own_id(http: aiohttp.ClientSession, stream: Stream) -> None:
    for _ in range(3):
        await stream.tell()
    async with following(http, f"{EVENTS}?since=e1-{2:016x}") as heard:
        (told,) = await events(heard, 1)
    assert told.body["data"]["n"] == 3


async def test_since_an_event_whose_document_was_taken_down_goes_on_from_its_place(
    http: aiohttp.ClientSession, stream: Stream, store: Store
) -> None:
    uris = [f"https://nordnytt.example/{number}" for number in range(1, 5)]
    for uri in uris:
        await stream.tell(uri=uri)
    for uri in uris[1:3]:
        await store.bar(STORY, uri, "asked for")
        await store.purge(STORY, uri, [], [])
    await store.lift(STORY, uris[2], [], "e1-0000000000000063")
    await stream.tell()
    for number in (2, 3):
        async with following(http, f"{EVENTS}?since=e1-{number:016x}") as heard:
            told = await events(heard, 2)
        assert [one.body["data"]["n"] for one in told] == [4, 5]


@pytest.mark.parametrize(
    ("path", "cursor", "status", "says"),
    [
        (EVENTS, "x", 400, "Last-Event-ID is no id"),
        (EVENTS, "1", 400, "Last-Event-ID is no id"),
        (EVENTS, "99999999999999999999999-0", 400, "Last-Event-ID is no id"),
        (EVENTS, "18446744073709551616-0", 400, "Last-Event-ID is no id"),
        (EVENTS, "-5-0", 400, "Last-Event-ID is no id"),
        (EVENTS, "99999999999999-0", 400, "not an event of this stream"),
        (f"{EVENTS}?since=yesterday", "", 400, "since is a time"),
        (f"{EVENTS}?since=", "", 400, "since is a time"),
        (f"{EVENTS}?since=e1-ffffffffffffffff", "", 400, "the stream has no event"),
        (f"{EVENTS}?type=feed.silent", "", 400, "told here, but at /v1/feeds/events"),
        ("/v1/feeds/events?type=claim.new", "", 400, "told here, but at /v1/stories/{story}/events"),
        (f"{EVENTS}?type=claim.old", "", 400, "there is no event type 'claim.old'; there are claim.new"),
        (f"{EVENTS}?min_sources=x", "", 400, "min_sources must be a number"),
        (f"{EVENTS}?min_sources=²", "", 400, "min_sources must be a number"),
        (f"{EVENTS}?types=claim.new", "", 400, "no such parameter: 'types'"),
        ("/v1/stories/nobody/events", "", 404, "there is no story"),
    ],
)
async def test_what_cannot_be_followed_is_a_problem(
    http: aiohttp.ClientSession, stream: Stream, path: str, cursor: str, status: int, says: str
) -> None:
    await stream.tell()
    async with http.get(path, headers={"Last-Event-ID": cursor} if cursor else {}) as answer:
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
        assert says in (await answer.json())["detail"]


async def test_a_cursor_of_another_story_is_a_problem(http: aiohttp.ClientSession, store: Store) -> None:
    # given two streams whose events take turns
    other = Stream(store, keys.events("other"))
    mine = Stream(store)
    await mine.tell()
    await asyncio.sleep(0.003)
    foreign = await other.tell()
    await asyncio.sleep(0.003)
    await mine.tell()
    async with http.get(EVENTS, headers={"Last-Event-ID": foreign}) as answer:
        assert answer.status == 400
        assert "not an event of this stream" in (await answer.json())["detail"]


async def test_what_feeds_tell_is_heard_too(http: aiohttp.ClientSession, store: Store) -> None:
    feeds = Stream(store, keys.feed_events())
    await feeds.tell("claimwire.feed.silent.v1", feed="coast")
    async with following(http, "/v1/feeds/events?since=0") as heard:
        (told,) = await events(heard, 1)
    assert (told.event, told.body["data"]["feed"]) == ("claimwire.feed.silent.v1", "coast")


async def test_one_reader_serves_all_who_follow_a_story(
    http: aiohttp.ClientSession, server: EmbeddedServer, stream: Stream
) -> None:
    def blocked() -> int:
        with redis.Redis.from_url(server.url) as client:
            return int(client.info("clients")["blocked_clients"])

    async def listen() -> list[int]:
        async with following(http) as heard:
            await anext(heard)
            await anext(heard)
            ready.release()
            return [one.body["data"]["n"] for one in await events(heard, 3)]

    ready = asyncio.Semaphore(0)
    listening = [asyncio.create_task(listen()) for _ in range(20)]
    for _ in listening:
        await ready.acquire()
    assert blocked() <= 1
    for _ in range(3):
        await stream.tell()
    assert await asyncio.gather(*listening) == [[1, 2, 3]] * 20


async def test_a_reader_that_takes_nothing_is_cut_off_and_the_others_hear_all(
    store: Store, story: Story, stream: Stream
) -> None:
    # given a service that waits for half a second, one who never reads and one who does
    state = ServiceState(store, {story.id: story}, (), backlog_cap=3, started=True)
    app = make_app(state)
    followed = sse.Events(state, slow_s=0.5)

    async def slow(request: web.Request) -> web.StreamResponse:
        return await followed.follow(request, STREAM)

    app.router.add_get("/slow", slow)
    async with serving(app, "127.0.0.1", 0) as url:
        port = int(url.rpartition(":")[2])
        reader, writer = await asyncio.open_connection("127.0.0.1", port, limit=2**10)
        writer.write(b"GET /slow HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readline()
        writer.transport.pause_reading()
        async with aiohttp.ClientSession(url) as http, following(http) as heard:
            # when more is told than any buffer holds
            for _ in range(300):
                await stream.tell(pad=50_000)
            told = await events(heard, 300)
            async with asyncio.timeout(60):
                while not state.fanout.numbers.cut_off:
                    await asyncio.sleep(0.05)
        writer.close()
        assert state.fanout.numbers.cut_off == 1
    # then
    assert [one.body["data"]["n"] for one in told] == list(range(1, 301))


async def test_who_has_left_is_noticed_without_an_event(
    http: aiohttp.ClientSession, state: ServiceState, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "LOOK_S", 0.02)
    async with following(http) as heard:
        await anext(heard)
        assert state.fanout.numbers.followers == 1
    async with asyncio.timeout(60):
        while state.fanout.numbers.followers:
            await asyncio.sleep(0.02)


async def test_more_than_there_is_room_for_are_asked_to_come_later(state: ServiceState) -> None:
    app = make_app(state)
    followed = sse.Events(state, most_followers=1)

    async def one(request: web.Request) -> web.StreamResponse:
        return await followed.follow(request, STREAM)

    app.router.add_get("/one", one)
    async with (
        serving(app, "127.0.0.1", 0) as url,
        aiohttp.ClientSession(url) as http,
        following(http, "/one") as heard,
    ):
        await anext(heard)
        async with http.get("/one") as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (503, "5")


async def test_at_the_end_of_the_service_every_answer_ends(state: ServiceState, stream: Stream) -> None:
    async with aiohttp.ClientSession() as http:
        async with serving(make_app(state), "127.0.0.1", 0) as url:
            answer = await http.get(f"{url}{EVENTS}")
            heard = blocks(answer)
            await anext(heard)
            await anext(heard)
            await stream.tell()
            (told,) = await events(heard, 1)
            began_s = asyncio.get_running_loop().time()
        assert asyncio.get_running_loop().time() - began_s < 60
        assert [one.data async for one in heard] == []  # it was ended, not torn
        assert told.body["data"]["n"] == 1
        answer.close()


async def test_a_server_that_goes_and_comes_is_waited_for(
    http: aiohttp.ClientSession, server: EmbeddedServer, stream: Stream
) -> None:
    async with following(http) as heard:
        await anext(heard)
        await anext(heard)
        await stream.tell()
        await events(heard, 1)
        with redis.Redis.from_url(server.url) as client:
            client.client_kill_filter(_type="normal", skipme=True)
        await stream.tell()
        (told,) = await events(heard, 1)
    assert told.body["data"]["n"] == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "claimwire.claim.new.v1"},
        {"specversion": "1.0", "id": "e", "source": "/s", "type": "a\nb", "data": "{}"},
        {"specversion": "1.0", "id": "e", "source": "/s", "type": "t", "data": "{"},
        {"specversion": "1.0", "id": "e", "source": "/s", "type": "t", "data": "[]"},
    ],
    ids=["no event", "two lines", "no JSON", "no object"],
)
async def test_what_is_no_event_is_passed_over(
    http: aiohttp.ClientSession, store: Store, stream: Stream, fields: dict[str, str]
) -> None:
    await store._connection.run("XADD", STREAM, "*", *[part for pair in fields.items() for part in pair])
    await stream.tell(words="a\nb\r\nc\u2028d\ud800")
    for path in (f"{EVENTS}?since=0", f"{EVENTS}?since=0&type=claim.new"):
        async with following(http, path) as heard:
            (told,) = await events(heard, 1)
        assert told.body["data"]["n"] == 1


async def test_one_address_may_not_have_all_the_room(state: ServiceState, planted: Any) -> None:
    """Behind a proxy it is the address that the proxy names; what somebody else wrote before it does not count."""
    access = Access(None, reads_need_token=False, rates=Rates(0, 1), forwarded="X-Forwarded-For", follows=2)
    mine = {"X-Forwarded-For": "198.51.100.1, 203.0.113.9"}
    async with (
        serving(make_app(state, None, access), "127.0.0.1", 0) as url,
        aiohttp.ClientSession(url, headers=mine) as http,
        http.get(EVENTS) as one,
        http.get(EVENTS) as two,
    ):
        assert (one.status, two.status) == (200, 200)
        async with http.get(EVENTS, headers={"X-Forwarded-For": "198.51.100.2, 203.0.113.9"}) as answer:
            assert (answer.status, answer.headers["Retry-After"]) == (429, "2")
            assert "2 connections follow from this address" in (await answer.json())["detail"]
        for other in ("203.0.113.10", "2001:db8::1", "no address"):  # the last is who connects
            async with http.get(EVENTS, headers={"X-Forwarded-For": other}) as answer:
                assert answer.status == 200
        one.close()
        async with asyncio.timeout(60):
            while True:
                async with http.get(EVENTS) as answer:
                    if answer.status == 200:
                        break
                await asyncio.sleep(0.05)
