"""The read side of the HTTP API: what it says of itself is what it does."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis import GenerationMode
from schemathesis.openapi import from_dict
from yarl import URL

from service.contract.data import Document, Link, SourceCount
from service.contract.operations import OPERATIONS, Operation
from service.contract.schemas import FOLDER, OPENAPI
from service.edits.editor import Editor
from service.model import Commit, Outcome
from service.store.store import Store
from service.store.values import FeedState
from service.web.access import Access, Rates
from service.web.app import make_app, serving
from service.web.library import EVENTS_SEARCHED
from service.web.state import ServiceState
from service.web.tokens import Tokens, new_token
from tests.web.board_planting import LONG_AGO, SOLD, Planting, Told
from tests.web.conftest import NOON, STORY, article, known
from workers.claims.model import Held, Known, Mark

DOCUMENT = json.loads((FOLDER / OPENAPI).read_text(encoding="utf-8"))
READS = [one for one in OPERATIONS if one.method == "get" and one.scope == "read"]
CLAIMS = f"/v1/stories/{STORY}/claims"


async def got(http: aiohttp.ClientSession, path: str, status: int = 200) -> Any:
    async with http.get(path) as answer:
        assert answer.status == status, await answer.text()
        body = await answer.json()
        assert (answer.content_type == "application/problem+json") == (status >= 400)
    return body


def claim(number: int, **changes: Any) -> Known:
    """A claim of its own moment, `number` minutes after noon."""
    plain = known(number)
    first_seen = NOON.replace(minute=number)
    document = plain.appearance_document.model_copy(update={"first_seen": first_seen})
    support = plain.support.model_copy(update=changes.pop("support", {}))
    words = plain.claim.model_copy(update=changes.pop("claim", {}))
    update = {"appearance_document": document, "support": support, "claim": words, "last_seen": first_seen, **changes}
    return Known.model_validate({**plain.model_dump(by_alias=False), **update})


class Registry:
    """Commits claims as they are."""

    def __init__(self, store: Store, planted: Any) -> None:
        self._store = store
        self._planted = planted
        self._number = 0

    async def put(self, *claims: Known, documents: dict[str, str] | None = None) -> None:
        self._number += 1
        await self._planted.admit(self._number)
        head = await self._store.head(STORY)
        of = article(self._number)
        written = Commit(
            story=STORY, number=self._number, entry_id=f"{self._number}-0", token=head.state.token, article_id=of.id,
            uri=of.uri, outcome=Outcome.NOTHING_NEW, wire_story=None, documents=documents or {},
            claims={one.claim.id: one.model_dump_json() for one in claims},
        )  # fmt: skip
        assert await self._store.commit(written)


@pytest.fixture
def registry(store: Store, planted: Any) -> Registry:
    return Registry(store, planted)


def ids(body: Any) -> list[int]:
    return [int(one["claim"]["id"].removeprefix("c1-"), 16) for one in body["claims"]]


# -- what it says of itself ------------------------------------------------------------------------------------------


def test_every_address_is_in_the_document_and_every_operation_has_an_address(state: ServiceState) -> None:
    app = make_app(state)
    routes = {
        (route.method.lower(), route.resource.canonical)
        for route in app.router.routes()
        if route.resource is not None and route.resource.canonical.startswith("/v1/") and route.method != "HEAD"
    }
    assert routes == {(operation.method, operation.path) for operation in OPERATIONS}


def test_the_document_is_valid_and_whole() -> None:
    assert DOCUMENT["openapi"] == "3.1.0"
    for schema in DOCUMENT["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    names = [one["operationId"] for path in DOCUMENT["paths"].values() for one in path.values()]
    assert len(set(names)) == len(names)
    text = json.dumps(DOCUMENT)
    for name in {part.split('"')[0] for part in text.split("#/components/schemas/")[1:]}:
        assert name in DOCUMENT["components"]["schemas"]
    assert '"additionalProperties": false' not in text, "what comes later must not break who checks answers"


def answer_schema(operation: Operation) -> Draft202012Validator:
    assert operation.answer is not None
    schema = {"$ref": f"#/components/schemas/{operation.answer.__name__}", "components": DOCUMENT["components"]}
    return Draft202012Validator(schema, format_checker=Draft202012Validator.FORMAT_CHECKER)


async def test_every_answer_is_as_the_document_has_it(http: aiohttp.ClientSession, registry: Registry) -> None:
    record = {"document": claim(1).appearance_document.model_dump(mode="json"), "appearances": {}}
    record["appearances"][claim(1).claim.id] = {"evidence": [claim(1).evidence[0].model_dump(mode="json")]}
    await registry.put(claim(1, articles=(article(1).id,)), documents={article(1).id: json.dumps(record)})
    places = {"story": STORY, "claim": claim(1).claim.id, "article": article(1).id}
    asked = [one for one in READS if one.answer is not None and "{edit}" not in one.path]  # there is no edit
    assert len(asked) >= 7
    for operation in asked:
        body = await got(http, operation.path.format(**places))
        answer_schema(operation).validate(body)
    # and the check can fail
    with pytest.raises(Exception, match="'stories' is a required property"):
        answer_schema(OPERATIONS[0]).validate({})


FEW = settings(
    max_examples=6,
    deadline=None,
    database=None,
    derandomize=True,  # the same in every process, and every day
    suppress_health_check=list(HealthCheck),
    phases=(Phase.generate,),
)


Made = tuple[URL, dict[str, str], bytes | None]
"""address, headers, body"""


@pytest.fixture
async def writable(state: ServiceState, store: Store, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A writer's session with a service that can be written to."""
    secret, table = new_token("night desk", "write")
    (tmp_path / "tokens.toml").write_text(table, "utf-8")
    access = Access(Tokens(tmp_path / "tokens.toml"), reads_need_token=False, rates=Rates(0, 1))
    app = make_app(state, Editor(store, within_s=0), access, webhooks=store)
    headers = {"Authorization": f"Bearer {secret}"}
    async with serving(app, "127.0.0.1", 0) as address, aiohttp.ClientSession(address, headers=headers) as session:
        yield session


def made_up(operation: Operation, mode: GenerationMode, url: str) -> list[Made]:
    """Requests that schemathesis makes up of the document, valid or not, half of them about things that there are."""
    described = from_dict(DOCUMENT)[operation.path][operation.method.upper()]
    found: list[Made] = []
    there = {"story": STORY, "claim": claim(1).claim.id, "article": article(1).id}
    named = {name: value for name, value in there.items() if f"{{{name}}}" in operation.path}
    for places in (None, named):

        @FEW
        @given(case=described.as_strategy(mode, path_parameters=places or None))
        def collect(case: schemathesis.Case) -> None:
            asked = case.as_transport_kwargs(base_url=url)
            sent = {name: asked.get(name) for name in ("params", "data", "json")}
            prepared = requests.Request(asked["method"], asked["url"], **sent).prepare()
            given = {**prepared.headers, **case.headers}
            headers = {name: value for name, value in given.items() if value.isascii() and value.isprintable()}
            found.append((URL(str(prepared.url), encoded=True), without(headers), prepared.body))

        with suppress(Unsatisfiable):  # nothing is invalid where every parameter is given
            collect()
    assert found
    return found


def without(headers: dict[str, str]) -> dict[str, str]:
    """Without what the client says itself: whose request it is, and how long."""
    return {name: value for name, value in headers.items() if name.lower() not in ("authorization", "content-length")}


@pytest.mark.parametrize(
    ("operation", "mode"),
    [
        pytest.param(operation, mode, id=f"{mode.value} {operation.method} {operation.path}")
        for operation in OPERATIONS
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
        if mode is GenerationMode.POSITIVE or operation.parameters or operation.body
    ],
)
async def test_whatever_is_asked_the_answer_is_one_that_the_document_has(
    writable: aiohttp.ClientSession, registry: Registry, operation: Operation, mode: GenerationMode
) -> None:
    await registry.put(claim(1), claim(2, claim={"novelty": "background"}))
    url = str(writable._base_url).rstrip("/")
    statuses = DOCUMENT["paths"][operation.path][operation.method]["responses"]
    for asked, headers, sent in await asyncio.to_thread(made_up, operation, mode, url):
        async with writable.request(operation.method, asked, headers=headers, data=sent) as answer:
            assert answer.status < 500, (asked, sent)
            if answer.status < 300 and operation.answer is None:
                assert answer.content_type == "text/event-stream"
                continue
            body = await answer.json()
            if answer.status < 300:
                answer_schema(operation).validate(body)
                continue
            assert answer.content_type == "application/problem+json"
            assert body["status"] == answer.status
            assert str(answer.status) in statuses or answer.status == 404, asked  # a path that is another, or none


# -- claims ----------------------------------------------------------------------------------------------------------


SOME = {
    "sources": {"sources": SourceCount(min=2, max=3, named=1), "origins": 3, "documents": 5, "sides": ("North",)},
}


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", [1, 2, 3, 4, 5]),
        ("order=newest", [5, 4, 3, 2, 1]),
        ("q=LIGHTHOUSE+(3)", [3]),
        ("q=mayor’s", [1, 2, 3, 4, 5]),
        ("q=nothing+of+it", []),
        ("side=north", [2]),
        ("min_sources=2", [2]),
        ("min_origins=2", [2]),
        ("min_documents=5", [2]),
        ("min_documents=6", []),
        ("status=background", [3]),
        ("status=disputed", [1]),
        ("status=updated", [4]),
        ("status=retracted", [5]),
        ("status=new", [2]),
        ("status=retracted&status=background", [3, 5]),
        ("since=2031-05-04T12:04:00Z", [4, 5]),
        ("since=2031-05-04T14:04:00%2B02:00", [4, 5]),
        ("since=2031-05-04T14:04:00+02:00", [4, 5]),
        ("status=new&min_origins=2&q=skerry", [2]),
    ],
)
async def test_filters(http: aiohttp.ClientSession, registry: Registry, query: str, wanted: list[int]) -> None:
    # given one that is denied, one well carried, one of long ago, one updated by the denial of the first, one retracted
    denies = Link(rel="updates", target=claim(4).claim.id, why="another figure")
    await registry.put(
        claim(1, support={"denied_by": (claim(2).claim.id,)}),
        claim(2, support=SOME["sources"], links=(denies,)),
        claim(3, claim={"novelty": "background"}),
        claim(4),
        claim(5, retracted=True),
    )
    assert ids(await got(http, f"{CLAIMS}?{query}")) == wanted


@pytest.mark.parametrize(
    ("into", "retracted", "status"), [(3, False, ["disputed"]), (3, True, ["new"]), (1, False, ["new"])]
)
async def test_a_denial_that_was_merged_says_what_its_other_says(
    http: aiohttp.ClientSession, registry: Registry, into: int, retracted: bool, status: list[str]
) -> None:
    denies = Link(rel="denies", target=claim(1).claim.id, why="denied")
    merged = (Mark(edit="e1-" + "0" * 16, action="merge", other=claim(into).claim.id),)
    await registry.put(
        claim(1, support={"denied_by": (claim(2).claim.id,)}),
        claim(2, links=(denies,), retracted=True, marks=merged),
        claim(3, retracted=retracted),
    )
    assert (await got(http, CLAIMS))["claims"][0]["status"] == status


async def test_links_are_told_at_both_ends(http: aiohttp.ClientSession, registry: Registry) -> None:
    denies = Link(rel="denies", target=claim(1).claim.id, why="denied")
    await registry.put(claim(1), claim(2, links=(denies,)))
    first, second = (await got(http, CLAIMS))["claims"]
    assert second["links"] == [{"rel": "denies", "target": claim(1).claim.id, "why": "denied"}]
    assert first["linkedFrom"] == [
        {"rel": "denies", "claim": claim(2).claim.id, "text": claim(2).claim.text, "why": "denied"}
    ]
    assert first["status"] == ["disputed"]
    # and a denial that was retracted disputes nothing, though it is told
    await registry.put(claim(2, links=(denies,), retracted=True))
    first, _ = (await got(http, CLAIMS))["claims"]
    assert (len(first["linkedFrom"]), first["status"]) == (1, ["new"])
    # and a link that is no more is told no more
    await registry.put(claim(2))
    first, _ = (await got(http, CLAIMS))["claims"]
    assert (first["linkedFrom"], first["status"]) == ([], ["new"])


async def test_a_claim_that_was_taken_down_is_gone_as_it_is_on_the_board(
    http: aiohttp.ClientSession, planting: Planting
) -> None:
    await planting.tell(LONG_AGO, SOLD)
    path = f"{CLAIMS}/{LONG_AGO.id}"
    await got(http, path)
    await planting.take_down(LONG_AGO, 80)
    assert "was taken down" in (await got(http, path, 410))["detail"]
    await got(http, f"{CLAIMS}/{SOLD.id}")
    async with http.get(f"/stories/{STORY}/claims/{LONG_AGO.id}") as page:
        assert page.status == 410
    # and still when its takedown is long since not among the newest events
    await planting.tell(
        *(Told(number, f"Skerry counted {number} gulls.") for number in range(100, 100 + EVENTS_SEARCHED))
    )
    await got(http, path, 410)
    await got(http, f"{CLAIMS}/c1-{9:016x}", 404)


@pytest.mark.parametrize("order", ["oldest", "newest"])
async def test_pages_hold_while_claims_come(http: aiohttp.ClientSession, registry: Registry, order: str) -> None:
    await registry.put(*(claim(number) for number in range(0, 40, 2)))
    seen: list[int] = []
    after, number = "", 0
    while after is not None:
        body = await got(http, f"{CLAIMS}?limit=3&order={order}&after={after}")
        seen += ids(body)
        after, number = body["next"], number + 1
        await registry.put(claim(40 + number))
    kept = [one for one in seen if one < 40]
    assert kept == sorted(range(0, 40, 2), reverse=order == "newest")
    assert len(set(seen)) == len(seen)


async def test_a_held_claim_is_not_shown_and_once_it_is_told_it_is(
    http: aiohttp.ClientSession, registry: Registry
) -> None:
    held = Held(since=NOON, until=NOON, band="wait", score=0.5)
    await registry.put(claim(1, held=held), claim(2))
    assert ids(await got(http, CLAIMS)) == [2]
    await got(http, f"{CLAIMS}/{claim(1).claim.id}", 404)
    await registry.put(claim(1))
    assert ids(await got(http, CLAIMS)) == [1, 2]


async def test_a_claim_has_every_appearance_with_its_words(http: aiohttp.ClientSession, registry: Registry) -> None:
    # given a claim of three documents: of the second its words were kept, the third was read before that
    first, uri = claim(1), "https://herald.example/2"
    evidence = first.evidence[0].model_copy(update={"source": uri}).model_dump(mode="json", exclude_defaults=True)
    document = Document(uri=uri, publisher="The Herald", first_seen=NOON).model_dump(mode="json", exclude_defaults=True)
    record = {"document": document, "appearances": {first.claim.id: {"evidence": [evidence], "attribution": []}}}
    uris = (first.appearance_document.uri, uri, "https://old.example/3")
    await registry.put(
        claim(1, documents=uris, articles=("a1-1", "a1-2", ""), support={"documents": 4}),
        documents={"a1-2": json.dumps(record)},
    )
    shown = await got(http, f"{CLAIMS}/{first.claim.id}")
    kinds = [(one["kind"], one["uri"], len(one["evidence"])) for one in shown["appearances"]]
    assert kinds == [("first", uris[0], 1), ("further", uris[1], 1), ("copy", uris[2], 0)]
    assert shown["appearances"][1]["evidence"][0]["selector"][0]["exact"] == "Skerry sold its lighthouse"
    assert shown["appearances"][2]["document"] is None
    assert shown["appearancesLeftOut"] == 1
    # and where another claim said it that was merged into this one
    told = {claim(2).claim.id: record["appearances"].pop(first.claim.id)}
    await registry.put(
        claim(2, retracted=True, marks=(Mark(edit="e1-1", action="merge", other=first.claim.id),)),
        documents={"a1-2": json.dumps({**record, "appearances": told})},
    )
    shown = await got(http, f"{CLAIMS}/{first.claim.id}")
    assert [(one["kind"], len(one["evidence"])) for one in shown["appearances"]] == [
        ("first", 1), ("further", 1), ("copy", 0),
    ]  # fmt: skip
    await registry.put(claim(2), documents={"a1-2": json.dumps({**record, "appearances": told})})
    shown = await got(http, f"{CLAIMS}/{first.claim.id}")
    assert shown["appearances"][1]["evidence"] == [], "unmerged they are its own"
    told[first.claim.id] = told.pop(claim(2).claim.id)
    await registry.put(documents={"a1-2": json.dumps({**record, "appearances": told})})
    # and the document tells of its claims
    of = await got(http, f"/v1/stories/{STORY}/documents/a1-2")
    assert [(one["claim"], one["text"]) for one in of["claims"]] == [(first.claim.id, first.claim.text)]
    await got(http, f"/v1/stories/{STORY}/documents/a1-9", 404)


async def test_one_story(http: aiohttp.ClientSession, registry: Registry) -> None:
    await registry.put(claim(1), claim(2, claim={"novelty": "background"}, support={"sides": ("North",)}))
    shown = await got(http, f"/v1/stories/{STORY}")
    assert shown["counts"] == {"all": 2, "new": 1, "background": 1, "disputed": 0, "updated": 0, "retracted": 0}
    assert (shown["committed"], shown["sides"], shown["claims"]) == (1, ["north"], CLAIMS)
    await got(http, "/v1/stories/nobody", 404)


async def test_the_timeline_is_the_stream_backwards(http: aiohttp.ClientSession, planted: Any) -> None:
    await planted.admit(1)
    await planted.commit(1, *range(5))
    seen: list[str] = []
    before = ""
    while before is not None:
        body = await got(http, f"/v1/stories/{STORY}/timeline?limit=2{f'&before={before}' if before else ''}")
        seen += [one["event"]["sequence"].lstrip("0") for one in body["events"]]
        before = body["next"]
    assert seen == ["5", "4", "3", "2", "1"]
    assert (await got(http, f"/v1/stories/{STORY}/timeline?before=0-0"))["events"] == []


async def test_feeds_tell_how_they_are(http: aiohttp.ClientSession, planted: Any) -> None:
    await planted.look("coast", FeedState(last_success=1_900_000_000, last_checked=1_900_000_000), {})
    feeds = (await got(http, "/v1/feeds"))["feeds"]
    assert [(one["feed"], one["condition"], one["lastSuccess"]) for one in feeds] == [
        ("coast", "well", "2030-03-17T17:46:40Z"),
        ("town", "new", None),
    ]


@pytest.mark.parametrize(
    ("path", "status", "says"),
    [
        (f"{CLAIMS}?after=c1-0000000000000001", 400, "after is what `next` was"),
        (f"{CLAIMS}?order=best", 400, "order is oldest or newest"),
        (f"{CLAIMS}?status=true", 400, "there is no status 'true'; there are new, background"),
        (f"{CLAIMS}?min_sources=-1", 400, "min_sources must be a number from 0 to 99999"),
        (f"{CLAIMS}?min_sources=100000", 400, "min_sources must be a number"),
        (f"{CLAIMS}?since=soon", 400, "since is a time"),
        (f"{CLAIMS}?since=0001-01-01T00:00:00%2B14:00", 400, "since is a time"),
        (f"{CLAIMS}?q={'x' * 201}", 400, "q has 200 characters at most"),
        (f"{CLAIMS}?sort=up", 400, "no such parameter: 'sort'; there are: after, limit"),
        ("/v1/stories?limit=1", 400, "no such parameter: 'limit'; there are: none"),
        (f"{CLAIMS}/c1-none", 404, "has no claim 'c1-none'"),
        (f"/v1/stories/{STORY}/timeline?before=x", 400, "before is what `next` was"),
        (f"/v1/stories/{STORY}/timeline?before=99999999999999999999-0", 400, "before is what `next` was"),
    ],
)
async def test_what_cannot_be_answered_is_a_problem(
    http: aiohttp.ClientSession, registry: Registry, path: str, status: int, says: str
) -> None:
    await registry.put(claim(1))
    assert says in (await got(http, path, status))["detail"]
