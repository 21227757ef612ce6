from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from service.net.access import PUBLIC, Access
from service.net.failures import FailureKind, FetchFailure
from service.net.post import USER_AGENT, Poster

PRIVATE = Access(allow_private=True)


@pytest.fixture
async def poster() -> AsyncIterator[Poster]:
    async with Poster(total_s=0.5) as poster:
        yield poster


async def test_a_body_is_posted_as_it_is_with_a_name_of_our_own(poster: Poster, origin: Any) -> None:
    bodies: list[bytes] = []

    async def take(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.Response(status=202, text="taken", headers={"Retry-After": "5"})

    answer = await poster.post(origin.on("/in", take), {"webhook-id": "e1"}, b"{}", PRIVATE)

    assert (answer.status, answer.excerpt, answer.headers["retry-after"]) == (202, "taken", "5")
    assert bodies == [b"{}"]
    asked = origin.requests[0]
    assert (asked.method, asked.headers["User-Agent"], asked.headers["webhook-id"]) == ("POST", USER_AGENT, "e1")
    assert asked.headers["Accept-Encoding"] == "identity"


async def test_a_login_in_the_address_is_sent_as_a_header(poster: Poster, origin: Any) -> None:
    url = origin.gives("/in").replace("http://", "http://ada:secret@")
    await poster.post(url, {}, b"", PRIVATE)
    assert origin.requests[0].headers["Authorization"] == "Basic " + base64.b64encode(b"ada:secret").decode()


async def test_no_redirect_is_followed(poster: Poster, origin: Any) -> None:
    origin.gives("/elsewhere")
    answer = await poster.post(origin.gives("/in", status=307, Location="/elsewhere"), {}, b"secret", PRIVATE)
    assert answer.status == 307
    assert [request.path for request in origin.requests] == ["/in"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::ffff:127.0.0.1]", "127.1", "0x7f000001"])
async def test_no_private_address_is_posted_to_without_opt_in(poster: Poster, origin: Any, host: str) -> None:
    origin.gives("/in")
    with pytest.raises(FetchFailure) as refused:
        await poster.post(f"http://{host}:{origin.server.port}/in", {}, b"secret", PUBLIC)
    assert refused.value.kind in (FailureKind.ADDRESS_REFUSED, FailureKind.BAD_URL, FailureKind.UNREACHABLE)
    assert origin.requests == []


async def test_a_target_that_says_nothing_is_given_up(poster: Poster, origin: Any) -> None:
    async def hang(_: web.Request) -> web.Response:
        await asyncio.sleep(30)
        return web.Response()

    with pytest.raises(FetchFailure) as refused:
        await poster.post(origin.on("/in", hang), {}, b"", PRIVATE)
    assert refused.value.kind is FailureKind.TIMED_OUT


@pytest.mark.parametrize("pause_s", [0, 0.01], ids=["flood", "drip"])
async def test_of_an_endless_answer_the_beginning_is_read(origin: Any, pause_s: float) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b"x" * (65_536 if pause_s == 0 else 1))
            await asyncio.sleep(pause_s)

    async with Poster(total_s=180) as poster, asyncio.timeout(90):
        answer = await poster.post(origin.on("/in", endless), {}, b"", PRIVATE)
    assert answer.status == 200
    assert 0 < len(answer.excerpt) <= 1_000
    assert set(answer.excerpt) == {"x"}
