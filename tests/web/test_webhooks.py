"""Webhooks over HTTP: asked for by whoever may write, shown without their secrets, removed."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from jsonschema import Draft202012Validator

from service.contract.schemas import FOLDER, OPENAPI
from service.store import keys
from service.store.store import Store
from service.store.webhooks import streams_of
from service.web.webhooks import MOST
from tests.web.conftest import STORY, bearer

HOOKS = "/v1/webhooks"
DESK: dict[str, Any] = {"name": "desk", "url": "https://ann:unspoken@desk.example/whispered/B0/x?key=hidden"}
DOCUMENT = json.loads((FOLDER / OPENAPI).read_text(encoding="utf-8"))


@pytest.fixture
async def http(address: str, secrets: dict[str, str]) -> AsyncIterator[aiohttp.ClientSession]:
    """A writer's session."""
    async with aiohttp.ClientSession(address, headers=bearer(secrets["write"])) as session:
        yield session


async def told(http: aiohttp.ClientSession, method: str, path: str, status: int, **options: Any) -> Any:
    async with http.request(method, path, **options) as answer:
        assert answer.status == status, await answer.text()
        body = await answer.json()
        assert (answer.content_type == "application/problem+json") == (status >= 400)
    return body


def check(model: str, body: Any) -> None:
    schema = {"$ref": f"#/components/schemas/{model}", "components": DOCUMENT["components"]}
    Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER).validate(body)


async def test_a_webhook_is_made_shown_and_removed(http: aiohttp.ClientSession, store: Store) -> None:
    asked = {**DESK, "types": ["claim.new"], "least": {"origins": 2}, "stories": [STORY]}
    async with http.post(HOOKS, json=asked) as answer:
        assert answer.status == 201
        made = await answer.json()
        assert answer.headers["Location"] == f"{HOOKS}/{made['name']}"
    check("WebhookMade", made)
    assert made["name"].startswith("desk-")
    assert len(base64.b64decode(made["secret"].removeprefix("whsec_"))) == 32
    assert (made["types"], made["target"], made["state"]) == (
        ["claimwire.claim.new.v1"],
        "https://desk.example/…",
        "not joined yet",
    )
    # what is shown from then on has neither the secret nor the address
    listed = await told(http, "GET", HOOKS, 200)
    one = await told(http, "GET", f"{HOOKS}/{made['name']}", 200)
    check("WebhooksAnswer", listed)
    assert listed["webhooks"] == [one]
    assert {**one, "secret": made["secret"]} == made
    text = json.dumps(listed)
    assert not any(hidden in text for hidden in (made["secret"], "hidden", "whispered", "unspoken"))
    # what is kept does
    assert (await store.webhooks_asked())[made["name"]]["secret"] == made["secret"]
    removed = await told(http, "DELETE", f"{HOOKS}/{made['name']}", 200)
    check("WebhookShown", removed)
    assert removed["state"] == "ending"
    assert (await store.webhooks_asked(), await store.webhooks_ended()) == ({}, [made["name"]])
    await told(http, "DELETE", f"{HOOKS}/{made['name']}", 404)


async def test_a_name_is_never_given_twice(http: aiohttp.ClientSession) -> None:
    names = [(await told(http, "POST", HOOKS, 201, json=DESK))["name"] for _ in range(3)]
    assert len(set(names)) == 3


async def test_those_of_the_file_are_shown_beside_and_stay(http: aiohttp.ClientSession, store: Store) -> None:
    record = {"format": "slack", "stories": [STORY], "types": [], "target": "https://chat.example/…"}
    await store.tell_webhooks({"chat": record})
    made = (await told(http, "POST", HOOKS, 201, json=DESK))["name"]
    listed = (await told(http, "GET", HOOKS, 200))["webhooks"]
    assert [(one["name"], one["origin"]) for one in listed] == [("chat", "file"), (made, "api")]
    refused = await told(http, "DELETE", f"{HOOKS}/chat", 409)
    assert "stands in a file" in refused["detail"]
    await store.tell_webhooks({})
    assert len((await told(http, "GET", HOOKS, 200))["webhooks"]) == 1


@pytest.mark.parametrize(
    ("method", "path"), [("GET", HOOKS), ("POST", HOOKS), ("GET", f"{HOOKS}/x"), ("DELETE", f"{HOOKS}/x")]
)
async def test_only_who_may_write_is_told_anything(
    address: str, secrets: dict[str, str], method: str, path: str
) -> None:
    reader = {"Authorization": f"Bearer {secrets['read']}"}
    for headers, status in ({}, 401), (reader, 403), ({"Authorization": "Bearer cw_forged"}, 401):
        async with aiohttp.ClientSession(address, headers=headers) as session:
            await told(session, method, path, status, json=DESK if method == "POST" else None)


async def test_without_tokens_there_is_nothing_to_see(http: aiohttp.ClientSession, url: str) -> None:
    async with aiohttp.ClientSession(url) as session:
        await told(session, "GET", HOOKS, 403)
        await told(session, "POST", HOOKS, 403, json=DESK)


@pytest.mark.parametrize(
    ("options", "status", "why"),
    [
        ({"json": {**DESK, "url": "file:///etc/passwd"}}, 422, "url: "),
        ({"json": {**DESK, "url": "http://0x7f000001/"}}, 422, "url: "),
        ({"json": {**DESK, "url": "https://x.example/\r\nX: y"}}, 422, "url: "),
        ({"json": {**DESK, "url": "https://x.example/" + "y" * 4000}}, 422, "url: "),
        ({"json": {**DESK, "name": "The Desk"}}, 422, "name: "),
        ({"json": {**DESK, "types": ["claim.true"]}}, 422, "there is no event type 'claim.true'"),
        ({"json": {**DESK, "least": {"copies": 2}}}, 422, "least"),
        ({"json": {**DESK, "stories": ["nowhere"]}}, 422, "there is no story 'nowhere'"),
        ({"json": {**DESK, "allowPrivate": True}}, 422, "allowPrivate"),
        ({"json": {**DESK, "starts": 0}}, 422, "starts"),
        ({"json": [DESK]}, 422, ""),
        ({"data": DESK}, 415, "sent as application/json"),
        ({"data": b"x" * 300_000, "headers": {"Content-Type": "application/json"}}, 413, ""),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
async def test_what_cannot_be_a_webhook_is_refused(
    http: aiohttp.ClientSession, store: Store, options: dict[str, Any], status: int, why: str
) -> None:
    body = await told(http, "POST", HOOKS, status, **options)
    assert why in body.get("detail", "")
    assert await store.webhooks_asked() == {}


async def test_there_is_an_end_to_them(http: aiohttp.ClientSession, store: Store) -> None:
    for number in range(MOST):
        await store.ask_webhook(f"x-{number}", {})
    assert "remove one" in (await told(http, "POST", HOOKS, 409, json=DESK))["detail"]


async def test_a_story_that_is_named_twice_is_followed_once(http: aiohttp.ClientSession) -> None:
    made = await told(http, "POST", HOOKS, 201, json={**DESK, "stories": [STORY, STORY]})
    assert streams_of(made["stories"], ()) == [keys.events(STORY)]
