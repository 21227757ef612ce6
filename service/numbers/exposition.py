"""The page of numbers in the form that a monitoring server reads."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from prometheus_client import CollectorRegistry, ProcessCollector
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from service.numbers.metrics import NUMBERS
from service.numbers.snapshot import Snapshot

LATENCY = "claimwire_article_to_event_seconds"
LATENCY_HELP = (
    "Seconds from an article's admission to its events. "
    "Rising with the backlog: start more workers; without one: Redis or the host is slow."
)


def render(snapshot: Snapshot, accept: str = "") -> tuple[bytes, str]:
    """The page in the form that the Accept header asks for, and its content type."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    registry.register(_Page(snapshot))
    encode, content_type = choose_encoder(accept)
    return encode(registry), content_type


class _Page(Collector):
    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    def collect(self) -> Iterator[Metric]:
        for number in NUMBERS:
            family = CounterMetricFamily if number.kind == "counter" else GaugeMetricFamily
            metric = family(number.name, number.help, labels=number.labels)
            if self._snapshot.redis_up or number.name == "claimwire_redis_up":
                for labels, value in number.samples(self._snapshot):
                    metric.add_metric(labels, value)
            yield metric
        yield _histogram(self._snapshot)


def _histogram(snapshot: Snapshot) -> HistogramMetricFamily:
    metric = HistogramMetricFamily(LATENCY, LATENCY_HELP, labels=("story",))
    for story, numbers in snapshot.stories.items():
        bounds = {str(bound): str(bound / 1000) for bound in snapshot.latency_bounds_ms} | {"+Inf": "+Inf"}
        running = accumulate(numbers.latency.get(bound, 0) for bound in bounds)
        buckets = list(zip(bounds.values(), running, strict=True))
        metric.add_metric((story,), buckets, numbers.latency.get("sum_ms", 0) / 1000)
    return metric
