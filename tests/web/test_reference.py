"""The contract as pages for people."""

from __future__ import annotations

import re

import aiohttp
import pytest

from service.contract.operations import OPERATIONS
from service.contract.types import EventType

LINKED = {"/webhooks": 403}
"""for whoever has a token, and here nobody has one"""


@pytest.mark.parametrize("path", ["/docs/api", "/asyncapi"])
async def test_a_page_is_whole_and_runs_nothing(http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as answer:
        assert (answer.status, answer.content_type) == (200, "text/html")
        assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
        page = await answer.text()
    assert "<script" not in page
    assert 'style="' not in page
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(set(ids)) == len(ids)
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert anchor in ids, anchor
    for link in set(re.findall(r'href="(/[^"#]*)"', page)):
        async with http.get(link) as linked:
            assert link == "/readyz" or linked.status == LINKED.get(link, 200), link


async def test_every_operation_and_every_event_is_told(http: aiohttp.ClientSession) -> None:
    api = await (await http.get("/docs/api")).text()
    for operation in OPERATIONS:
        assert f"<code>{operation.method.upper()} {operation.path}</code>" in api
        for parameter in operation.parameters:
            assert f"<code>{parameter.name}</code>" in api
    streams = await (await http.get("/asyncapi")).text()
    for type_ in EventType:
        assert f"<code>{type_}</code>" in streams
        assert f"&#34;{type_}&#34;" in streams, "its example"
