"""Edits over HTTP: asked for once, answered when decided, refused with a reason."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from service.cli.up import bar
from service.contract.edits import Edit
from service.edits.barred import Barred
from service.edits.editor import Editor
from service.store import keys
from service.store.embedded import EmbeddedServer
from service.store.store import Store
from service.stories.story import Story
from service.web.access import Access, Rates
from service.web.app import make_app, serving
from service.web.state import ServiceState
from service.web.tokens import Tokens, new_token
from tests.desk.builders import EXTRACTOR, WIRE, article
from tests.desk.test_desk import desk
from tests.journeys.running import Running
from tests.web.conftest import STORY

EDITS = f"/v1/stories/{STORY}/edits"
NOBODY = "c1-" + "0" * 16
JSON = {"Content-Type": "application/json"}


@pytest.fixture
async def http(state: ServiceState, store: Store, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A writer's session."""
    secret, table = new_token("night desk", "write")
    (tmp_path / "tokens.toml").write_text(table, "utf-8")
    access = Access(Tokens(tmp_path / "tokens.toml"), reads_need_token=False, rates=Rates(0, 1))
    app = make_app(state, Editor(store, within_s=0.3), access)
    headers = {"Authorization": f"Bearer {secret}"}
    async with serving(app, "127.0.0.1", 0) as address, aiohttp.ClientSession(address, headers=headers) as session:
        yield session


@pytest.fixture
async def claim(store: Store) -> AsyncIterator[str]:
    """A claim of a story that a worker works on."""
    await store.admit(STORY, article(1, WIRE), "poll", 3600)
    stop = asyncio.Event()
    running = asyncio.create_task(desk(store, extractor=EXTRACTOR).run(stop))
    while (await store.state(STORY)).committed < 1:
        await asyncio.sleep(0.02)
    (first, *_) = await store.range(keys.new_claims(STORY))
    yield json.loads(first.fields["data"])["claim"]["id"]
    stop.set()
    await running


async def asked(http: aiohttp.ClientSession, status: int, **options: Any) -> dict[str, Any]:
    async with http.post(EDITS, **options) as answer:
        assert answer.status == status, await answer.text()
        body: dict[str, Any] = await answer.json()
        if status < 300:
            assert answer.headers["Location"] == f"{EDITS}/{body['id']}"
        return body


def retract(claim: str, **changes: str) -> dict[str, str]:
    return {"action": "retract", "claim": claim, "reason": "a misprint", "by": "Signe", **changes}


async def until_decided(http: aiohttp.ClientSession, edit: str) -> dict[str, Any]:
    while True:
        async with http.get(f"{EDITS}/{edit}") as answer:
            assert answer.status == 200
            body: dict[str, Any] = await answer.json()
        if body["state"] != "waiting":
            return body
        await asyncio.sleep(0.05)


async def test_an_edit_is_decided_and_stands_in_the_audit(http: aiohttp.ClientSession, claim: str) -> None:
    headers = {"Idempotency-Key": "one"}
    async with http.post(EDITS, json=retract(claim), headers=headers) as answer:
        assert answer.status in (200, 202)
        edit = (await answer.json())["id"]
    done = await until_decided(http, edit)
    again = await asked(http, 200, json=retract(claim), headers=headers)

    assert again == done
    assert (done["state"], done["changed"]) == ("applied", [claim])
    assert done["edit"]["by"] == "Signe (by the token of night desk)"
    async with http.get(EDITS) as answer:
        assert [one["id"] for one in (await answer.json())["edits"]] == [edit]


async def test_edits_are_pages_and_read_from_where_one_was(
    http: aiohttp.ClientSession, claim: str, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = []
    every = Store.edits

    async def counted(self: Store, story: str) -> dict[str, str]:
        scans.append(story)
        return await every(self, story)

    monkeypatch.setattr(Store, "edits", counted)
    asked_for, seen, after = [], [], ""
    for number in range(5):
        body = retract(NOBODY, reason=f"reason {number}")
        async with http.post(EDITS, json=body) as answer:
            asked_for.append((await answer.json())["id"])
        await until_decided(http, asked_for[-1])
        async with http.get(EDITS) as answer:
            page = await answer.json()
        assert ([one["id"] for one in page["edits"]], page["next"]) == (asked_for, None)
    while after is not None:
        async with http.get(EDITS, params={"limit": "2", **({"after": after} if after else {})}) as answer:
            page = await answer.json()
        seen += [one["id"] for one in page["edits"]]
        after = page["next"]
    assert (seen, scans) == (asked_for, [STORY])
    for bad in ("x", "-1", "9" * 16):
        async with http.get(EDITS, params={"after": bad}) as answer:
            assert answer.status == 400


async def test_another_edit_under_the_same_key_is_a_conflict(http: aiohttp.ClientSession, claim: str) -> None:
    headers = {"Idempotency-Key": "one"}
    async with http.post(EDITS, json=retract(claim), headers=headers) as answer:
        await until_decided(http, (await answer.json())["id"])
    body = await asked(http, 409, json=retract(claim, reason="another"), headers=headers)
    assert body["detail"] == "the Idempotency-Key 'one' was used for another edit"


async def test_what_does_not_fit_is_refused_with_its_reason(http: aiohttp.ClientSession, claim: str) -> None:
    async with http.post(EDITS, json=retract(NOBODY)) as answer:
        refused = await until_decided(http, (await answer.json())["id"])
    assert (refused["state"], refused["why"]) == ("refused", f"there is no claim {NOBODY}")


async def test_a_document_is_taken_down(http: aiohttp.ClientSession, claim: str, store: Store) -> None:
    body = {"action": "takedown", "uri": article(1, WIRE).uri, "reason": "an order", "by": "night desk"}
    async with http.post(EDITS, json=body) as answer:
        edit = (await answer.json())["id"]
    await until_decided(http, edit)
    done = await asked(http, 200, json=body)
    assert done["id"] == edit
    assert claim in done["changed"]
    assert await store.claims(STORY) == {}
    left = [entry.fields["type"] for entry in await store.range(keys.events(STORY))]
    assert left == ["claimwire.document.withdrawn.v1"]


async def test_while_no_worker_comes_it_waits(http: aiohttp.ClientSession) -> None:
    body = await asked(http, 202, json=retract(NOBODY))
    assert (body["state"], body["edit"]) == ("waiting", None)


async def test_another_edit_under_the_key_of_one_that_waits_is_a_conflict(http: aiohttp.ClientSession) -> None:
    headers = {"Idempotency-Key": "one"}
    await asked(http, 202, json=retract(NOBODY), headers=headers)
    await asked(http, 202, json=retract(NOBODY), headers=headers)
    await asked(http, 409, json=retract(NOBODY, reason="another"), headers=headers)


async def test_an_edit_that_could_not_be_decided_does_not_wait_for_ever(
    http: aiohttp.ClientSession, store: Store
) -> None:
    edit = (await asked(http, 202, json=retract(NOBODY)))["id"]
    await store.ensure_group(STORY)
    await store.dead_letter(STORY, 1, "1-0", "a bug", "", "w")
    running = asyncio.create_task(desk(store, extractor=EXTRACTOR).run(stop := asyncio.Event()))
    done = await until_decided(http, edit)
    stop.set()
    await running
    assert (done["state"], "dead show 1" in done["why"]) == ("refused", True)


@pytest.mark.parametrize(
    ("options", "status", "why"),
    [
        ({"data": b"{", "headers": {"Content-Type": "application/json"}}, 422, "JSON"),
        ({"json": {**retract(NOBODY), "into": NOBODY}}, 422, "has no into"),
        ({"json": {**retract(NOBODY), "truth": True}}, 422, "truth"),
        ({"json": retract("x")}, 422, "claim"),
        ({"data": {"action": "retract"}}, 415, "application/json"),
        ({"data": b"x" * 300_000, "headers": {"Content-Type": "application/json"}}, 413, ""),
        ({"json": retract(NOBODY), "headers": {"Idempotency-Key": "k" * 201}}, 400, "longer than"),
        ({"data": b"x", "headers": {**JSON, "Content-Encoding": "gzip"}}, 415, "as it is"),
    ],
    ids=["no JSON", "not whole", "a field too many", "no id", "a form", "too long", "a long key", "no gzip"],
)
async def test_what_is_no_edit_is_refused_at_the_door(
    http: aiohttp.ClientSession, store: Store, options: dict[str, Any], status: int, why: str
) -> None:
    body = await asked(http, status, **options)
    assert why in body.get("detail", "")
    assert (await store.state(STORY)).admitted == 0


async def test_what_nobody_asked_for_is_not_there(http: aiohttp.ClientSession) -> None:
    for path in (f"{EDITS}/e1-{'0' * 16}", f"{EDITS}/nothing", "/v1/stories/nowhere/edits"):
        async with http.get(path) as answer:
            assert answer.status == 404


async def test_an_address_under_which_nothing_is_known_is_refused(http: aiohttp.ClientSession) -> None:
    body = {"action": "takedown", "uri": "https://nordnytt.example/mistyped", "reason": "why", "by": "night desk"}
    assert "nothing is known under the address" in (await asked(http, 409, json=body))["detail"]
    assert "was not taken down" in (await asked(http, 409, json={**body, "action": "lift"}))["detail"]
    assert (await asked(http, 202, json={**body, "ahead": True}))["state"] == "waiting"


async def test_a_takedown_whose_service_dies_is_finished_by_another(
    store: Store, server: EmbeddedServer, story: Story, tmp_path: Path
) -> None:
    """kill -9 after the answer, while no worker has come to it."""
    await store.admit(STORY, article(1, WIRE), "poll", 3600)
    stop = asyncio.Event()
    running = asyncio.create_task(desk(store, extractor=EXTRACTOR).run(stop))
    while (await store.state(STORY)).committed < 1:
        await asyncio.sleep(0.02)
    stop.set()
    await running  # the worker is gone
    told = len(await store.range(keys.events(STORY)))
    secret, table = new_token("night desk", "write")
    (tmp_path / "tokens.toml").write_text(table, "utf-8")
    (tmp_path / "quiet").mkdir()
    (tmp_path / "feeds.toml").write_text('[[feed]]\nname = "quiet"\nfolder = "quiet"\n', "utf-8")
    environment = {
        "REDIS_URL": server.url,
        "CLAIMWIRE_STORIES": str(Path(__file__).parents[1] / "stories"),
        "CLAIMWIRE_TOKENS": str(tmp_path / "tokens.toml"),
        "CLAIMWIRE_LOG_FORMAT": "json",
    }
    begin = ["service", "--feeds", "feeds.toml", "--http-port", "0", "--name", "one"]
    services = [Running(begin, tmp_path, environment)]
    address = await asyncio.to_thread(services[0].until, lambda: address_of(services[0]))
    body = {"action": "takedown", "uri": article(1, WIRE).uri, "reason": "a court's order", "by": "night desk"}
    headers = {"Authorization": f"Bearer {secret}"}
    try:
        async with (
            aiohttp.ClientSession(headers=headers) as session,
            session.post(address + EDITS, json=body) as answer,
        ):
            assert answer.status == 202, await answer.text()
        services[0].process.kill()
        services.append(Running(begin, tmp_path, environment))
        assert len(await store.range(keys.events(STORY))) == told > 1, "the control"
        stop.clear()
        running = asyncio.create_task(desk(store, extractor=EXTRACTOR).run(stop))
        async with asyncio.timeout(60):
            while len(left := await store.range(keys.events(STORY))) != 1:
                await asyncio.sleep(0.05)
            while await store.open_takedowns():
                await asyncio.sleep(0.05)
    finally:
        for service in services:
            service.process.kill()
            await asyncio.to_thread(service.finish)
        stop.set()
        await running
    assert left[0].fields["type"] == "claimwire.document.withdrawn.v1"


def address_of(service: Running) -> str:
    told = (json.loads(line) for line in list(service.err) if '"service.opened"' in line)
    return next((line["address"] for line in told), "")


async def test_a_takedown_is_noted_for_servers_that_begin_empty(store: Store, claim: str, tmp_path: Path) -> None:
    barred, uri = Barred(tmp_path / "data"), article(1, WIRE).uri
    editor = Editor(store, 20, barred, (STORY, "third"))
    await editor.ask(STORY, Edit(action="takedown", uri=uri, reason="a try", by="Signe"), "")
    assert barred.read() == [uri]
    # while another story bars it, it stays noted for all but the one in which it was lifted
    await store.bar("third", uri, "taken down")
    await editor.ask(STORY, Edit(action="lift", uri=uri, reason="a try", by="Signe"), "")
    assert (barred.read(STORY), barred.read("third"), barred.read("fourth")) == ([], [uri], [uri])
    await store.lift("third", uri, [], "e1-0000000000000000")
    await editor.ask(STORY, Edit(action="takedown", uri=uri, reason="a try", by="Signe"), "")
    await editor.ask(STORY, Edit(action="lift", uri=uri, reason="a try", by="Signe"), "")
    assert barred.read() == []
    # of the store that has articles it is no concern, of one that has none it is
    for story in (STORY, "other"):
        await bar(store, story, [uri])
    assert [await store.is_barred(story, uri) for story in (STORY, "other")] == [False, True]
