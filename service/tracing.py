"""Spans of an article's way, from the look that found it to the commit that tells of it, where tracing is configured.

An article has its trace from the moment it is admitted (`Article.traceparent`, which its events carry), so the spans of
service and worker belong together however many processes there are. Configured as OpenTelemetry has it: with
`OTEL_EXPORTER_OTLP_ENDPOINT` or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` set, and `pip install 'claimwire[otel]'`. Else
nothing is imported and a span costs one comparison.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import structlog

ENDPOINTS = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")

log = structlog.get_logger(__name__)
_tracers: list[Any] = []
"""one if tracing is on"""


def configure(role: str) -> bool:
    """Turns tracing on if the environment asks for it. `role`: service or worker, as spans name it.

    Returns:
        Whether it is on.
    """
    if not any(os.environ.get(name) for name in ENDPOINTS):
        return False
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError:
        log.warning("tracing.unavailable", why="an endpoint is set; `pip install 'claimwire[otel]'` brings what sends")
        return False
    use(BatchSpanProcessor(OTLPSpanExporter()), role)
    log.info("tracing.configured", role=role)
    return True


def use(processor: Any, role: str) -> None:
    """Sends spans to a span processor of OpenTelemetry's SDK."""
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider

    provider = TracerProvider(resource=Resource.create({"service.name": f"claimwire-{role}"}))
    provider.add_span_processor(processor)
    close()
    _tracers.append((provider, provider.get_tracer("claimwire")))


def close() -> None:
    """Sends what is left, and turns tracing off."""
    while _tracers:
        provider, _ = _tracers.pop()
        provider.shutdown()


@contextmanager
def span(
    name: str,
    traceparent: str | None,
    attributes: Mapping[str, str | int] | None = None,
    began: datetime | None = None,
) -> Iterator[None]:
    """One step of an article's way; a failure inside is kept in it and goes on.

    Args:
        traceparent: the article's; None: it has none, and there is no span.
        began: when the step began, if that was before.
    """
    if not _tracers or traceparent is None:
        yield
        return
    _, tracer = _tracers[-1]
    start = None if began is None else int(began.timestamp() * 1e9)
    context = _context(traceparent)
    with tracer.start_as_current_span(name, context=context, attributes=dict(attributes or {}), start_time=start):
        yield


def _context(traceparent: str) -> Any:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    return TraceContextTextMapPropagator().extract({"traceparent": traceparent})
