"""Whose pages may read the API in a browser."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import aiohttp
import pytest

from service.errors import SettingError
from service.settings import load_settings
from service.web.app import make_app, serving
from service.web.cors import Cors
from service.web.state import ServiceState

DESK = "https://desk.example"
ASKED = {"Origin": DESK, "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "last-event-id"}
Served = Callable[..., AbstractAsyncContextManager[aiohttp.ClientSession]]


@pytest.fixture
def served(state: ServiceState) -> Served:
    @asynccontextmanager
    async def serve(*origins: str) -> AsyncIterator[aiohttp.ClientSession]:
        app = make_app(state, cors=Cors(origins))
        async with serving(app, "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as http:
            yield http

    return serve


@pytest.mark.parametrize("path", ["/v1/stories", "/v1/stories/lighthouse-sale/events", "/openapi.json", "/v1/nothing"])
async def test_a_page_that_is_allowed_may_read(served: Served, path: str) -> None:
    async with served(DESK) as http, http.get(path, headers={"Origin": DESK}) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == DESK
        assert "Access-Control-Allow-Credentials" not in answer.headers
        assert "Origin" in answer.headers.getall("Vary")


@pytest.mark.parametrize(
    ("origins", "origin", "path"),
    [
        ((), DESK, "/v1/stories"),
        ((DESK,), "https://other.example", "/v1/stories"),
        ((DESK,), f"{DESK}.other.example", "/v1/stories"),
        ((DESK,), "null", "/v1/stories"),
        ((DESK,), DESK, "/"),
        ((DESK,), DESK, "/metrics"),
    ],
)
async def test_others_may_not(served: Served, origins: tuple[str, ...], origin: str, path: str) -> None:
    async with served(*origins) as http:
        async with http.get(path, headers={"Origin": origin}) as answer:
            assert answer.status == 200
            assert "Access-Control-Allow-Origin" not in answer.headers
        async with http.options(path, headers={**ASKED, "Origin": origin}) as answer:
            assert answer.status >= 400
            assert "Access-Control-Allow-Origin" not in answer.headers


async def test_the_question_before_is_answered(served: Served) -> None:
    async with served(DESK) as http:
        async with http.options("/v1/stories/lighthouse-sale/events", headers=ASKED) as answer:
            assert answer.status == 204
            assert answer.headers["Access-Control-Allow-Origin"] == DESK
            assert "Last-Event-ID" in answer.headers["Access-Control-Allow-Headers"]
            assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
        async with http.options("/v1/stories", headers={**ASKED, "Access-Control-Request-Method": "POST"}) as answer:
            assert answer.status >= 400, "nobody may write from another page"


async def test_all_may_where_all_are_allowed(served: Served) -> None:
    async with served("*") as http, http.get("/v1/stories", headers={"Origin": "https://x.example"}) as answer:
        assert answer.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize(
    ("given", "origins"),
    [
        (None, ()),
        ("*", ("*",)),
        ("https://a.example http://localhost:3000", ("https://a.example", "http://localhost:3000")),
    ],
)
def test_the_setting(given: str | None, origins: tuple[str, ...]) -> None:
    assert load_settings(cors=given).origins == origins


@pytest.mark.parametrize("given", ["desk.example", "https://desk.example/", "* https://desk.example", "https://*"])
def test_a_setting_that_is_no_origin_is_told(given: str) -> None:
    with pytest.raises(SettingError, match="CLAIMWIRE_CORS"):
        load_settings(cors=given)
