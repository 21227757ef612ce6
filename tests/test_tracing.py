"""Spans of an article's way: of one trace, in whatever process; and nothing at all where nobody asked for them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from service import tracing
from service.articles.build import build_article
from service.articles.clean import Readable
from service.feeds.intake import Followed, Intake, Poll
from service.model import Article, Entry, EntryResult
from service.store.embedded import EmbeddedServer
from service.store.store import Store
from service.stories.story import load_story
from service.web.app import serving
from tests.desk.builders import WIRE
from workers.desk.take import Desk, Limits

STORY = load_story(Path(__file__).parent / "stories" / "lighthouse.toml")
NOON = datetime(2031, 5, 4, 12, tzinfo=UTC)
ENTRY = Entry("feed", "Nordnytt", "1", "https://nordnytt.example/1", "", "", "plain", "en", None)
TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.use(SimpleSpanProcessor(exporter), "test")
    yield exporter
    tracing.close()


def article() -> Article:
    return build_article(ENTRY, Readable("", WIRE), NOON, traced=True)


def test_a_span_is_of_the_article_s_trace(spans: InMemorySpanExporter) -> None:
    with tracing.span("article.read", TRACEPARENT, {"claimwire.story": "s"}, began=NOON):
        pass
    (one,) = spans.get_finished_spans()
    assert f"{one.context.trace_id:032x}" == TRACE
    assert one.parent is not None
    assert f"{one.parent.span_id:016x}" == "00f067aa0ba902b7"
    assert (one.name, dict(one.attributes or {})) == ("article.read", {"claimwire.story": "s"})
    assert one.start_time == int(NOON.timestamp() * 1e9)


def test_a_failure_is_kept_and_goes_on(spans: InMemorySpanExporter) -> None:
    with pytest.raises(ValueError, match="no"), tracing.span("article.read", TRACEPARENT):
        raise ValueError("no")
    (one,) = spans.get_finished_spans()
    assert [event.name for event in one.events] == ["exception"]


def test_without_a_trace_there_is_no_span(spans: InMemorySpanExporter) -> None:
    with tracing.span("article.read", None):
        pass
    assert spans.get_finished_spans() == ()


def test_where_nobody_asked_nothing_is_imported() -> None:
    program = (
        "import sys; from service import tracing; assert not tracing.configure('service');\n"
        "with tracing.span('x', '00-' + '1' * 32 + '-' + '2' * 16 + '-01'): pass\n"
        "assert not any(name.startswith('opentelemetry') for name in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, env={"PATH": ""})


async def test_from_the_look_to_the_event_an_article_s_steps_are_of_one_trace(
    spans: InMemorySpanExporter, tmp_path: Path
) -> None:
    followed, traceparent = [Followed(STORY.id, lambda *_: True)], article().traceparent
    assert traceparent is not None
    async with EmbeddedServer(tmp_path) as server:
        store = await Store.open(server.url, wait_s=10)
        intake = Intake(store, followed, doc_ttl_s=60, backlog_cap=10, traced=True)
        assert await intake.admit(ENTRY, Readable("", WIRE), NOON, Poll("poll-1")) is EntryResult.ADMITTED
        stop = asyncio.Event()
        working = asyncio.create_task(Desk(store, {STORY.id: STORY}, "w", Limits(3.0, 60.0, 5)).run(stop))
        async with asyncio.timeout(60):
            while not (told := await store.range(f"claimwire:{{{STORY.id}}}:events")):
                await asyncio.sleep(0.05)
        stop.set()
        await working
        await store.close()
    found = spans.get_finished_spans()
    assert [span.name for span in found] == ["article.admit", "article.read", "article.decide", "article.commit"]
    assert {f"{span.context.trace_id:032x}" for span in found} == {traceparent.split("-")[1]}
    assert {entry.fields["traceparent"] for entry in told} == {traceparent}


async def test_spans_are_sent_where_the_environment_says(monkeypatch: pytest.MonkeyPatch) -> None:
    received: list[ExportTraceServiceRequest] = []

    async def collect(request: web.Request) -> web.Response:
        received.append(ExportTraceServiceRequest.FromString(await request.read()))
        return web.Response(body=b"", content_type="application/x-protobuf")

    app = web.Application()
    app.router.add_post("/v1/traces", collect)
    async with serving(app, "127.0.0.1", 0) as url:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        assert tracing.configure("worker")
        with tracing.span("article.read", TRACEPARENT):
            pass
        await asyncio.to_thread(tracing.close)
    (resource,) = received[0].resource_spans
    names = {one.key: one.value.string_value for one in resource.resource.attributes}
    assert names["service.name"] == "claimwire-worker"
    (sent,) = resource.scope_spans[0].spans
    assert (sent.name, sent.trace_id.hex()) == ("article.read", TRACE)
