from __future__ import annotations

import asyncio
import gzip
import socket
from collections.abc import AsyncIterator
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web
from aiohttp.abc import ResolveResult

from service.net.access import PUBLIC, Access
from service.net.client import USER_AGENT, Client, Limits, user_agent
from service.net.failures import WORDS, FailureKind, FetchFailure
from service.net.resolver import Resolver

ODD_HOSTS = [
    "http://0x7f000001/",
    "http://127.1/",
    "http://2130706433/",
    "http://0177.0.0.1/",
    "http://127.0.0.0x1/",
    "http://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460/",
    "http://\uff11\uff12\uff17.0.0.1/",
    "http://127.0.0.1./",
    "http://%31%32%37.0.0.1/",
    "http://a b/",
    "http://good.example\\@127.0.0.1/",
]
PRIVATE = Access(allow_private=True)
LIMITS = Limits(total_s=0.5, max_wire_bytes=100_000, max_bytes=200_000, spacing_s=0.0)


@pytest.fixture
async def client() -> AsyncIterator[Client]:
    async with Client(LIMITS) as client:
        yield client


async def failure(client: Client, url: str, *, access: Access = PRIVATE) -> FetchFailure:
    with pytest.raises(FetchFailure) as caught:
        await client.fetch(url, access=access)
    return caught.value


async def test_a_body_is_fetched_with_status_headers_and_a_name_of_our_own(client: Client, origin: Any) -> None:
    url = origin.gives("/feed", b"hello", ETag='W/"a b"')

    response = await client.fetch(url, {"If-None-Match": 'W/"x"'}, access=PRIVATE)

    assert (response.status, response.body, response.final_url) == (200, b"hello", url)
    assert response.headers["etag"] == 'W/"a b"'
    assert response.permanent_redirect is None
    asked = origin.requests[0].headers
    assert asked["User-Agent"] == USER_AGENT
    assert asked["If-None-Match"] == 'W/"x"'
    assert not {"Cookie", "Referer", "Cache-Control"} & set(asked)


def test_who_runs_us_can_be_reached() -> None:
    assert user_agent(None) == USER_AGENT
    assert user_agent("https://news.example/bot") == "Claimwire/0.1 (feed watcher; +https://news.example/bot)"


async def test_no_cookie_is_kept(client: Client, origin: Any) -> None:
    url = origin.gives("/feed", b"x", Set_Cookie="session=1; Path=/")

    await client.fetch(url, access=PRIVATE)
    await client.fetch(url, access=PRIVATE)

    assert "Cookie" not in origin.requests[1].headers


async def test_a_compressed_body_is_decoded(client: Client, origin: Any) -> None:
    url = origin.gives("/feed", gzip.compress(b"hello" * 100), Content_Encoding="gzip")
    assert (await client.fetch(url, access=PRIVATE)).body == b"hello" * 100


async def test_a_private_address_is_refused_without_opt_in(client: Client, origin: Any) -> None:
    url = origin.gives("/feed", b"secret")

    assert (await failure(client, url, access=PUBLIC)).kind is FailureKind.ADDRESS_REFUSED
    assert origin.requests == []


@pytest.mark.parametrize("host", ["localhost", "[::ffff:127.0.0.1]", "127.1", "2130706433", "0x7f000001", "0"])
async def test_no_spelling_of_loopback_gets_past_the_guard(client: Client, origin: Any, host: str) -> None:
    origin.gives("/feed", b"secret")

    refused = await failure(client, f"http://{host}:{origin.server.port}/feed", access=PUBLIC)

    # A system that cannot resolve a spelling does not reach it either.
    assert refused.kind in (FailureKind.ADDRESS_REFUSED, FailureKind.UNREACHABLE, FailureKind.BAD_URL)
    assert origin.requests == []


async def test_each_hop_of_a_redirect_is_guarded(origin: Any) -> None:
    """The first hop passes as public; the guard must see the second, which leads to another loopback address."""
    secret = origin.gives("/secret", b"secret").replace("127.0.0.1", "127.0.0.2")
    url = origin.gives("/feed", status=302, Location=secret)

    async with Client(LIMITS, allows=lambda address: address == "127.0.0.1") as client:
        refused = await failure(client, url, access=PUBLIC)

    assert refused.kind is FailureKind.ADDRESS_REFUSED
    assert [request.path for request in origin.requests] == ["/feed"]


@pytest.mark.parametrize(
    "secret", ["http://169.254.169.254/latest/meta-data/", "http://10.0.0.1/", "http://[fd00::1]/", "http://[::]/"]
)
async def test_a_source_in_a_private_network_leads_into_no_other(client: Client, origin: Any, secret: str) -> None:
    start = origin.gives("/feed", status=302, Location=secret)
    assert (await failure(client, start)).kind is FailureKind.ADDRESS_REFUSED
    with pytest.raises(FetchFailure) as caught:  # nor when that was believed for good
        await client.fetch(start, access=PRIVATE, moved_to=secret)
    assert caught.value.kind is FailureKind.ADDRESS_REFUSED


async def test_a_public_source_that_opted_in_leads_into_no_private_network(origin: Any) -> None:
    secret = origin.gives("/secret", b"secret")
    async with Client(LIMITS) as client:
        with pytest.raises(FetchFailure) as caught:
            await client.fetch("http://8.8.8.8/", access=PRIVATE, moved_to=secret)
    assert caught.value.kind is FailureKind.ADDRESS_REFUSED
    assert origin.requests == []


async def test_redirects_are_followed_and_told_apart(client: Client, origin: Any) -> None:
    end = origin.gives("/end", b"here")
    moved = origin.gives("/moved", status=301, Location="/end")
    twice = origin.gives("/twice", status=308, Location="/moved")
    for_now = origin.gives("/now", status=302, Location="/moved")

    assert (await client.fetch(moved, access=PRIVATE)).permanent_redirect == end
    assert (await client.fetch(twice, access=PRIVATE)).permanent_redirect == end
    borrowed = await client.fetch(for_now, access=PRIVATE)
    assert (borrowed.permanent_redirect, borrowed.final_url, borrowed.body) == (None, end, b"here")


@pytest.mark.parametrize(
    ("location", "path"),
    [
        (b"/a%2Fb%20c?x=%C3%A4&y=a+b", "/a%2Fb%20c?x=%C3%A4&y=a+b"),
        (b"a b#part", "/a%20b"),
        ("/käse".encode(), "/k%C3%A4se"),
        ("/käse".encode("latin-1"), "/k%E4se"),
        (b"?page=2", "/here?page=2"),
    ],
)
async def test_a_redirect_leads_where_it_says_however_it_is_written(client: Client, location: bytes, path: str) -> None:
    asked: list[str] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append((await reader.readuntil(b"\r\n\r\n")).split()[1].decode())
        moved = b"302 Found\r\nLocation: " + location if len(asked) == 1 else b"200 OK"
        writer.write(b"HTTP/1.1 " + moved + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        await client.fetch(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/here", access=PRIVATE)
    assert asked == ["/here", path]


@pytest.mark.parametrize("location", ["/circle", "file:///etc/passwd", "ftp://example.org/x", "javascript:alert(1)"])
async def test_a_redirect_in_a_circle_or_away_from_http_is_refused(client: Client, origin: Any, location: str) -> None:
    url = origin.gives("/circle", status=302, Location=location)

    assert (await failure(client, url)).kind is FailureKind.BAD_REDIRECT
    assert len(origin.requests) <= LIMITS.max_redirects + 1


async def test_a_server_that_hangs_is_given_up(client: Client, origin: Any) -> None:
    async def hang(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    assert (await failure(client, origin.on("/feed", hang))).kind is FailureKind.TIMED_OUT


async def test_a_drip_is_given_up_although_bytes_keep_coming(client: Client, origin: Any) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b".")
            await asyncio.sleep(0.02)

    started = asyncio.get_running_loop().time()
    assert (await failure(client, origin.on("/feed", drip))).kind is FailureKind.TIMED_OUT
    assert asyncio.get_running_loop().time() - started < 3


async def test_a_drip_is_given_up_long_before_the_whole_time(origin: Any) -> None:
    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b".")
            await asyncio.sleep(0.02)

    async with Client(Limits(total_s=60, drip_s=0.2)) as client, asyncio.timeout(30):
        refused = await failure(client, origin.on("/feed", drip))
    assert refused.kind is FailureKind.TIMED_OUT
    assert "bytes in" in refused.detail


@pytest.mark.parametrize("headers", [{"X-Long": "x" * 20_000}, {f"X-{n}": "x" for n in range(500)}])
async def test_headers_without_end_are_no_answer(client: Client, origin: Any, headers: dict[str, str]) -> None:
    url = origin.gives("/feed", b"x", **headers)
    assert (await failure(client, url)).kind is FailureKind.BROKEN


async def test_a_redirect_in_a_circle_is_seen_at_once(client: Client, origin: Any) -> None:
    origin.gives("/there", status=301, Location="/here")
    url = origin.gives("/here", status=301, Location="/there")
    assert (await failure(client, url)).kind is FailureKind.BAD_REDIRECT
    assert len(origin.requests) == 2


async def test_one_connection_is_used_again(client: Client, origin: Any) -> None:
    url = origin.gives("/moved", status=302, Location=origin.gives("/feed", b"x"))
    for _ in range(3):
        await client.fetch(url, access=PRIVATE)
    ports = {request.transport.get_extra_info("peername")[1] for request in origin.requests if request.transport}
    assert len(ports) == 1


async def test_a_redirect_to_a_busy_host_waits_for_its_turn(origin: Any) -> None:
    times: list[float] = []

    async def note(_: web.Request) -> web.Response:
        times.append(asyncio.get_running_loop().time())
        return web.Response()

    end = origin.on("/end", note)
    starts = [origin.gives(f"/{n}", status=302, Location=end).replace("127.0.0.1", "localhost") for n in range(4)]
    async with Client(Limits(spacing_s=0.2)) as client:
        await asyncio.gather(*(client.fetch(start, access=PRIVATE) for start in starts))
    assert min(later - sooner for sooner, later in pairwise(times)) > 0.1


@pytest.mark.parametrize("status", [304, 404, 429, 503])
async def test_a_refusal_is_heard_whatever_page_comes_with_it(client: Client, origin: Any, status: int) -> None:
    async def refuse(request: web.Request) -> web.StreamResponse:
        headers = {"Retry-After": "7200", "Content-Encoding": "made-up, gzip"}
        response = web.StreamResponse(status=status, headers=headers)
        await response.prepare(request)
        while status != 304:
            await response.write(b"x" * 10_000)
        return response

    response = await client.fetch(origin.on("/feed", refuse), access=PRIVATE)
    assert (response.status, response.headers["retry-after"], response.body) == (status, "7200", b"")


async def test_an_endless_body_is_cut(client: Client, origin: Any) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * 10_000)

    assert (await failure(client, origin.on("/feed", endless))).kind is FailureKind.TOO_LARGE


async def test_a_gzip_bomb_is_cut(client: Client, origin: Any) -> None:
    url = origin.gives("/feed", gzip.compress(b"\0" * 20_000_000), Content_Encoding="gzip")
    assert (await failure(client, url)).kind is FailureKind.TOO_LARGE


async def test_a_body_cut_short_is_no_answer(client: Client, origin: Any) -> None:
    async def short(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": "1000"})
        await response.prepare(request)
        await response.write(b"only this")
        assert request.transport is not None
        request.transport.close()
        return response

    assert (await failure(client, origin.on("/feed", short))).kind is FailureKind.BROKEN


@pytest.mark.parametrize("encoding", ["br", "gzip, gzip", "gzip", "zstd"])
async def test_a_body_that_lies_about_its_encoding_is_refused(client: Client, origin: Any, encoding: str) -> None:
    url = origin.gives("/feed", b"not compressed at all", Content_Encoding=encoding)
    assert (await failure(client, url)).kind is FailureKind.BAD_ENCODING


@pytest.mark.parametrize(
    "url", ["", "feed.xml", "ftp://example.org/", "http://", "http://[::1", "file:///etc/passwd", *ODD_HOSTS]
)
async def test_what_is_no_http_url_is_refused(client: Client, url: str) -> None:
    assert (await failure(client, url)).kind is FailureKind.BAD_URL


async def test_a_port_where_nobody_listens_is_told(client: Client) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    refused = await failure(client, f"http://127.0.0.1:{port}/")
    assert refused.kind is FailureKind.UNREACHABLE
    assert str(refused) == "the host cannot be reached (Connection refused)"


async def test_a_host_is_asked_by_two_at_a_time_and_others_do_not_wait_for_it(origin: Any) -> None:
    running, most = 0, 0

    async def slow(_: web.Request) -> web.Response:
        nonlocal running, most
        running, most = running + 1, max(most, running + 1)
        await asyncio.sleep(0.02)
        running -= 1
        return web.Response()

    url = origin.on("/feed", slow)
    async with Client(Limits(connections_per_host=2, spacing_s=0.0)) as client:
        await asyncio.gather(*(client.fetch(url, access=PRIVATE) for _ in range(8)))
    assert most == 2


async def test_many_that_wait_for_a_slow_host_keep_nobody_from_another(origin: Any) -> None:
    async def hang(_: web.Request) -> web.Response:
        await asyncio.sleep(300)
        return web.Response()

    slow = origin.on("/slow", hang)
    quick = origin.gives("/quick", b"here").replace("127.0.0.1", "127.0.0.2")
    async with Client(Limits(total_s=120, connections=4, connections_per_host=2)) as client:
        waiting = [asyncio.create_task(client.fetch(slow, access=PRIVATE)) for _ in range(20)]
        while len(origin.requests) < 2:
            await asyncio.sleep(0.01)
        async with asyncio.timeout(60):
            refused = await failure(client, quick)
        for task in waiting:
            task.cancel()
    # nobody listens there: what counts is that it was asked at once
    assert refused.kind is FailureKind.UNREACHABLE


async def test_requests_to_one_host_are_spaced(origin: Any) -> None:
    times: list[float] = []

    async def note(_: web.Request) -> web.Response:
        times.append(asyncio.get_running_loop().time())
        return web.Response()

    url = origin.on("/feed", note)
    async with Client(Limits(connections_per_host=2, spacing_s=0.1)) as client:
        await asyncio.gather(*(client.fetch(url, access=PRIVATE) for _ in range(4)))
    assert times[-1] - times[0] >= 0.25


def test_every_kind_of_failure_has_words() -> None:
    assert set(WORDS) == set(FailureKind)


async def test_redirects_that_lead_ever_further_are_given_up(client: Client, origin: Any) -> None:
    async def further(request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": f"{request.path}x"})

    for number in range(20):
        url = origin.on(f"/feed{'x' * (19 - number)}", further)
    refused = await failure(client, url)
    assert (refused.kind, refused.detail) == (FailureKind.BAD_REDIRECT, f"more than {LIMITS.max_redirects} redirects")
    assert len(origin.requests) == LIMITS.max_redirects + 1


async def test_a_name_that_comes_to_mean_another_address_is_refused_at_that_connection(
    origin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a name of an allowed address, which the next time it is asked for means another
    addresses = ["127.0.0.1", "127.0.0.2"]

    async def rebinding(_: Resolver, host: str, port: int = 0, family: int = 0) -> list[ResolveResult]:
        return [ResolveResult(hostname=host, host=addresses.pop(0), port=port, family=socket.AF_INET, proto=0, flags=0)]

    async def closing(request: web.Request) -> web.Response:
        return web.Response(body=b"here", headers={"Connection": "close"})

    monkeypatch.setattr(Resolver, "resolve", rebinding)
    monkeypatch.setattr("service.net.transport._DNS_CACHE_S", 0)
    url = origin.on("/feed", closing).replace("127.0.0.1", "rebinding.example")
    async with Client(LIMITS, allows=lambda address: address == "127.0.0.1") as client:
        # when it is asked twice
        assert (await client.fetch(url)).body == b"here"
        refused = await failure(client, url, access=PUBLIC)
    # then the second connection is not made
    assert (refused.kind, addresses, len(origin.requests)) == (FailureKind.ADDRESS_REFUSED, [], 1)
