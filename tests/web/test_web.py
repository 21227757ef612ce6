"""Health, stories, claims, schemas, errors: over real HTTP, from a real store."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import signal
import socket
import time
from typing import Any

import aiohttp
import pytest
import redis
from aiohttp import web
from jsonschema import Draft202012Validator
from structlog.testing import capture_logs

from service.contract.schemas import FOLDER
from service.contract.types import EventType
from service.errors import ClaimwireError, StoreUnavailable
from service.model import EntryResult
from service.store import keys
from service.store.embedded import EmbeddedServer
from service.store.store import DeadLimit, Store
from service.store.values import FeedState
from service.stories.story import Story
from service.web.app import make_app, serving
from service.web.state import ServiceState

STORY = "lighthouse-sale"
LOOKED = FeedState(last_success=time.time() - 60, last_checked=time.time())


async def got(http: aiohttp.ClientSession, path: str) -> tuple[int, Any]:
    async with http.get(path) as answer:
        return answer.status, await answer.json()


async def test_alive_and_started(http: aiohttp.ClientSession, state: ServiceState) -> None:
    assert await got(http, "/livez") == await got(http, "/healthz") == (200, {"alive": True})
    assert await got(http, "/startupz") == (200, {"started": True})
    state.started = False
    assert await got(http, "/startupz") == (503, {"started": False})


async def test_what_is_no_http_fills_no_log(url: str, caplog: pytest.LogCaptureFixture) -> None:
    port = int(url.rpartition(":")[2])
    for bad in (b"GET /v1/\xff HTTP/1.1\r\nHost: x\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: -5\r\n\r\n"):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(bad)
        assert (await reader.readline()).endswith(b"400 Bad Request\r\n")
        writer.close()
    # then, of what is no failure of ours, nothing; and a failure is still told
    assert not caplog.records
    logging.getLogger("aiohttp.server").error("ours")
    assert len(caplog.records) == 1


async def test_ready_once_each_feed_was_looked_at(http: aiohttp.ClientSession, planted: Any) -> None:
    # given a feed that was never looked at
    await planted.look("coast", LOOKED, {})
    status, body = await got(http, "/readyz")
    assert (status, body["ready"]) == (503, False)
    assert body["checks"]["feeds"] == {"ok": False, "detail": "not looked at yet: town"}
    assert {name for name, check in body["checks"].items() if check["ok"]} == {"redis", "backlog", "lines", "workers"}
    # when it is, though in vain
    await planted.look("town", FeedState(last_checked=time.time(), failures=1, error="404"), {})
    # then
    status, body = await got(http, "/readyz")
    assert (status, body["ready"]) == (200, True)
    assert body["checks"]["feeds"]["detail"] == "failing: town (404)"


async def test_not_ready_while_the_backlog_is_at_the_cap(
    http: aiohttp.ClientSession, store: Store, planted: Any
) -> None:
    await store.beat("worker-1", ttl_s=60)
    await planted.look("coast", LOOKED, {})
    await planted.look("town", LOOKED, {})
    for number in (1, 2, 3):
        await planted.admit(number)
    status, body = await got(http, "/readyz")
    assert status == 503
    assert body["checks"]["backlog"]["detail"].startswith("articles wait for workers, cap 3: lighthouse-sale has 3")
    assert "waited" not in body["checks"]["backlog"]["detail"]
    await planted.commit(1)
    assert (await got(http, "/readyz"))[0] == 200


async def test_not_ready_while_articles_wait_and_no_worker_is_alive(
    http: aiohttp.ClientSession, store: Store, planted: Any
) -> None:
    # given nothing to do, and nobody to do it
    await planted.look("coast", LOOKED, {})
    await planted.look("town", LOOKED, {})
    status, body = await got(http, "/readyz")
    assert (status, body["checks"]["workers"]) == (200, {"ok": True, "detail": "0 alive"})
    # when there is something to do
    await planted.admit(1)
    # then
    status, body = await got(http, "/readyz")
    assert (status, body["checks"]["workers"]["ok"]) == (503, False)
    assert body["checks"]["workers"]["detail"] == (
        "none is alive, and articles wait: 1 of lighthouse-sale; start `claimwire worker`"
    )
    # when a worker gives a sign of life
    await store.beat("worker-1", ttl_s=60)
    assert (await got(http, "/readyz"))[0] == 200


async def test_a_line_that_stands_is_told(http: aiohttp.ClientSession, server: EmbeddedServer, planted: Any) -> None:
    # given a line of two, of which the first was admitted five minutes ago
    five_minutes_ago_ms = int((time.time() - 300) * 1000)
    with redis.Redis.from_url(server.url) as client:
        fields: dict[Any, Any] = {"id": "a1-0000000000000001", "version": 1, "at": five_minutes_ago_ms, "article": "{}"}
        client.xadd(keys.articles(STORY), fields, id="1-0")
        client.hset(keys.state(STORY), "admitted", "1")
    await planted.admit(2)
    # then
    _, body = await got(http, "/readyz")
    detail = body["checks"]["backlog"]["detail"]
    assert detail.startswith("2 articles wait, cap 3; the next one of lighthouse-sale has waited for 30")
    # and not of the one behind it
    await planted.commit(1)
    _, body = await got(http, "/readyz")
    assert body["checks"]["backlog"]["detail"] == "1 articles wait, cap 3"


async def test_without_redis_we_live_but_are_not_ready(
    http: aiohttp.ClientSession, server: EmbeddedServer, planted: Any
) -> None:
    # given a server that is stopped but holds its connections
    await planted.look("coast", LOOKED, {})
    os.kill(server.pid, signal.SIGSTOP)
    try:
        # when
        answers = await asyncio.gather(*(got(http, page) for page in ("/livez", "/readyz")))
        async with http.get("/metrics") as page:
            numbers = await page.text()
    finally:
        os.kill(server.pid, signal.SIGCONT)
    # then
    (alive, _), (ready, body) = answers
    assert (alive, ready) == (200, 503)
    assert body["checks"].keys() == {"redis", "backlog", "lines", "workers", "feeds"}
    assert body["checks"]["redis"] == {"ok": False, "detail": "no answer within 2 s"}
    assert not any(check["ok"] for check in body["checks"].values())
    assert "claimwire_redis_up 0.0" in numbers
    assert "claimwire_backlog_articles{" not in numbers


async def test_stories_tell_where_they_stand(http: aiohttp.ClientSession, planted: Any) -> None:
    await planted.admit(1)
    await planted.admit(2)
    await planted.commit(1, 11, 12)
    status, body = await got(http, "/v1/stories")
    assert status == 200
    (story,) = body["stories"]
    assert (story["id"], story["admitted"], story["committed"], story["sequence"]) == (STORY, 2, 1, 2)
    assert story["streams"]["newClaims"] == "claimwire:{lighthouse-sale}:new-claims"
    assert story["focus"] == [["Skerry", "Ada Brandt"], ["Fjordlys"]]


async def test_claims_are_the_data_of_their_events_and_nothing_of_ours(
    http: aiohttp.ClientSession, planted: Any
) -> None:
    await planted.admit(1)
    await planted.commit(1, 11)
    status, body = await got(http, "/v1/stories/lighthouse-sale/claims")
    assert (status, body["story"], body["next"]) == (200, STORY, None)
    (claim,) = body["claims"]
    assert claim.pop("retracted") is False
    schema = json.loads((FOLDER / "claimwire.claim.new.v1.json").read_text(encoding="utf-8"))
    Draft202012Validator(schema).validate(claim)
    event = {"claim", "appearance", "attribution", "support", "links", "why"}
    assert set(claim) == event | {"status", "firstSeen", "lastSeen", "linkedFrom"}
    assert (claim["status"], claim["linkedFrom"]) == (["new"], [])
    assert [hop["kind"] for hop in claim["attribution"]] == ["publisher", "unnamed"]
    assert claim["appearance"]["document"]["firstSeen"] == "2031-05-04T12:00:00Z"


async def test_claims_come_in_pages_that_miss_none_and_repeat_none(http: aiohttp.ClientSession, planted: Any) -> None:
    # given
    await planted.admit(1)
    await planted.commit(1, *range(11, 16))
    # when
    seen: list[str] = []
    after, pages = "", 0
    while after is not None:
        status, body = await got(http, f"/v1/stories/lighthouse-sale/claims?limit=2&after={after}")
        assert status == 200
        seen += [claim["claim"]["id"] for claim in body["claims"]]
        after, pages = body["next"], pages + 1
    # then
    assert pages == 3
    assert seen == [f"c1-{number:016x}" for number in range(11, 16)]
    # and a page that just holds all is the last
    _, body = await got(http, "/v1/stories/lighthouse-sale/claims?limit=5")
    assert (len(body["claims"]), body["next"]) == (5, None)


async def test_a_page_holds_a_hundred_claims_unless_asked(http: aiohttp.ClientSession, planted: Any) -> None:
    await planted.admit(1)
    await planted.commit(1, *range(101))
    _, body = await got(http, "/v1/stories/lighthouse-sale/claims")
    assert (len(body["claims"]), body["next"]) == (100, f"2031-05-04T12:00:00.000000Z_c1-{99:016x}")


async def test_a_retracted_claim_is_shown_as_such(
    http: aiohttp.ClientSession, server: EmbeddedServer, store: Store, planted: Any
) -> None:
    await planted.admit(1)
    await planted.commit(1, 11, 12)
    claim_id = f"c1-{11:016x}"
    record = {**json.loads((await store.claims(STORY))[claim_id]), "retracted": True}
    with redis.Redis.from_url(server.url) as client:
        client.hset(keys.claims(STORY), claim_id, json.dumps(record))
    _, body = await got(http, "/v1/stories/lighthouse-sale/claims")
    assert [claim["retracted"] for claim in body["claims"]] == [True, False]


async def test_the_registry_is_read_once_for_all_its_pages(
    http: aiohttp.ClientSession, server: EmbeddedServer, store: Store, planted: Any
) -> None:
    # given a registry of 300 claims
    await planted.admit(1)
    await planted.commit(1, *range(300))
    whole_bytes = sum(map(len, (await store.claims(STORY)).values()))
    _, first = await got(http, "/v1/stories/lighthouse-sale/claims?limit=2")
    before = sent_bytes(server)
    # when
    status, body = await got(http, f"/v1/stories/lighthouse-sale/claims?limit=2&after={first['next']}")
    # then the server sent what changed since: nothing
    assert (status, len(body["claims"])) == (200, 2)
    assert sent_bytes(server) - before < whole_bytes / 10


def sent_bytes(server: EmbeddedServer) -> int:
    """What a server has sent to clients, as it counts itself."""
    with redis.Redis.from_url(server.url) as client:
        return int(client.info("stats")["total_net_output_bytes"])


@pytest.mark.parametrize("limit", ["0", "1001", "-1", "x", "", "²", "9" * 5000, "0000000019999", "0" * 5000])
async def test_a_limit_that_is_none_is_refused(http: aiohttp.ClientSession, limit: str) -> None:
    async with http.get("/v1/stories/lighthouse-sale/claims", params={"limit": limit}) as answer:
        assert answer.status == 400
        assert answer.content_type == "application/problem+json"
        assert (await answer.json())["detail"] == "limit must be a number from 1 to 1000"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nowhere", 404),
        ("GET", "/v1/stories/", 404),
        ("GET", "/v1/stories/nobody/claims", 404),
        ("GET", "/schemas/claimwire.claim.new.v0.json", 404),
        ("GET", "/schemas/..%2fdata.py", 404),
        ("GET", "/schemas/asyncapi.json", 404),
        ("POST", "/livez", 405),
        ("POST", "/readyz", 405),
        ("DELETE", "/v1/stories", 403),
    ],
)
async def test_errors_are_problems(http: aiohttp.ClientSession, method: str, path: str, status: int) -> None:
    async with http.request(method, path) as answer:
        body = await answer.json()
        assert (answer.status, answer.content_type) == (status, "application/problem+json")
        assert body["status"] == status
        assert body["title"]
        assert {404: "there is no", 405: "GET,HEAD", 403: "no tokens"}[status] in body["detail"]
        assert ("Allow" in answer.headers) == (status == 405)


def test_beside_the_schemas_there_is_a_file_to_be_kept_from_readers() -> None:
    """The control of the case above: what `..` leads to from the folder of schemas is there."""
    assert (FOLDER / ".." / "data.py").is_file()


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/metrics", "/v1/stories", "/asyncapi.json", "/nowhere"])
async def test_every_answer_says_that_it_runs_nothing_tells_nobody_and_is_not_kept(
    http: aiohttp.ClientSession, path: str
) -> None:
    async with http.get(path) as answer:
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"


async def test_a_failure_of_ours_is_a_problem_that_tells_nothing(state: ServiceState) -> None:
    # given a page that fails
    async def fail(_: web.Request) -> web.Response:
        raise ValueError("a secret")

    app = make_app(state)
    app.router.add_get("/fails", fail)
    # when
    with capture_logs() as logged:
        async with serving(app, "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as http:
            answer = await http.get("/fails")
            text = await answer.text()
    # then
    assert (answer.status, answer.content_type) == (500, "application/problem+json")
    assert "secret" not in text
    assert [(line["event"], line["path"]) for line in logged] == [("request.failed", "/fails")]


class GoneStore:
    """A store whose server is gone."""

    async def head(self, story: str) -> Any:
        raise StoreUnavailable("gone")


async def test_pages_that_need_redis_say_so_when_it_is_gone(story: Story) -> None:
    state = ServiceState(GoneStore(), {story.id: story}, (), backlog_cap=1)  # type: ignore[arg-type]
    async with serving(make_app(state), "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as http:
        answer = await http.get("/v1/stories")
        assert (answer.status, answer.headers["Retry-After"]) == (503, "1")
        assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize("type_", EventType)
async def test_schemas_are_served_where_events_say(http: aiohttp.ClientSession, type_: str) -> None:
    async with http.get(f"/schemas/{type_}.json") as answer:
        assert (answer.status, answer.content_type) == (200, "application/schema+json")
        assert await answer.read() == (FOLDER / f"{type_}.json").read_bytes()


async def test_the_asyncapi_document_is_served(http: aiohttp.ClientSession) -> None:
    status, body = await got(http, "/asyncapi.json")
    assert (status, body["asyncapi"]) == (200, "3.0.0")


async def test_the_index_links_every_page_and_runs_nothing(state: ServiceState, story: Story) -> None:
    # given a story whose title is hostile
    title = "<script>alert(1)</script> & 'more'"
    state.stories = {story.id: story.model_copy(update={"title": title})}
    async with serving(make_app(state), "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as http:
        # when
        async with http.get("/v1") as answer:
            text = await answer.text()
        # then
        assert "<script" not in text
        assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &#39;more&#39;" in text
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        links = re.findall(r'href="([^"]+)"', text.partition("<main")[2].partition("</main>")[0])
        assert {"/metrics", "/readyz", "/schemas/claimwire.claim.new.v1.json", f"/v1/stories/{STORY}/claims"} <= set(
            links
        )
        for link in links:
            async with http.get(link) as page:
                assert page.status == 200 or link == "/readyz"
                assert page.headers["X-Content-Type-Options"] == "nosniff"
                assert "default-src 'none'" in page.headers["Content-Security-Policy"]


async def test_the_schemas_are_listed_where_a_wrong_name_says(http: aiohttp.ClientSession) -> None:
    _, wrong = await got(http, "/schemas/nothing.json")
    assert wrong["detail"] == "there is no such schema; /schemas/ lists them"
    async with http.get("/schemas/") as listing:
        assert '"/schemas/claimwire.claim.new.v1.json"' in await listing.text()


async def test_a_port_in_use_is_told_with_what_to_do(state: ServiceState) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(ClaimwireError, match=f"127.0.0.1:{port} cannot be listened on") as caught:
            async with serving(make_app(state), "127.0.0.1", port):
                raise AssertionError("two programs have one port")
    assert "CLAIMWIRE_HTTP_PORT" in caught.value.hint


async def test_the_port_is_free_again_afterwards(state: ServiceState) -> None:
    async with serving(make_app(state), "127.0.0.1", 0) as url:
        pass
    async with serving(make_app(state), "127.0.0.1", int(url.rpartition(":")[2])) as again:
        assert again == url


async def test_the_last_look_is_counted(http: aiohttp.ClientSession, planted: Any) -> None:
    await planted.look("coast", LOOKED, {EntryResult.ADMITTED: 2})
    async with http.get("/metrics") as page:
        text = await page.text()
    assert 'claimwire_feed_entries_total{feed="coast",result="admitted"} 2.0' in text


async def test_a_line_that_was_paused_is_told_and_goes_on(
    http: aiohttp.ClientSession, store: Store, planted: Any
) -> None:
    # given two articles, of which neither could be read, and a limit of one
    await planted.look("coast", LOOKED, {})
    await planted.look("town", LOOKED, {})
    await store.beat("worker-1", ttl_s=60)
    store.dead_limit = DeadLimit(most=1, of=10)
    for number in (1, 2):
        await planted.admit(number)
        await store.dead_letter(STORY, number, f"{number}-0", "why", "", "w")
    # then
    status, body = await got(http, "/readyz")
    assert (status, body["checks"]["lines"]["ok"]) == (503, False)
    assert "lighthouse-sale (2 of the last 10 articles became dead letters)" in body["checks"]["lines"]["detail"]
    assert 'claimwire_line_paused{story="lighthouse-sale"} 1.0' in await page(http)
    # when
    await store.retry_dead((await store.dead_letters(STORY))[0])
    await store.resume(STORY)
    # then
    _, body = await got(http, "/readyz")
    assert body["checks"]["lines"] == {"ok": True, "detail": "none is paused"}
    numbers = await page(http)
    assert 'claimwire_line_paused{story="lighthouse-sale"} 0.0' in numbers
    assert 'claimwire_dead_letters_ended_total{how="retried",story="lighthouse-sale"} 1.0' in numbers
    assert 'claimwire_admissions_total{result="retry",story="lighthouse-sale"} 1.0' in numbers


async def page(http: aiohttp.ClientSession) -> str:
    async with http.get("/metrics") as answer:
        return await answer.text()
