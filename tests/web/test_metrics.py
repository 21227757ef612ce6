"""The page of numbers: every number that it promises, zeros included, from what the store really counted."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from prometheus_client.parser import text_string_to_metric_families

from service.contract.types import FEED_TYPES, EventType
from service.model import EntryResult, FeedCondition, Outcome
from service.numbers import page as metrics_page
from service.numbers.exposition import LATENCY, render
from service.numbers.metrics import CLAIMS, MOST_FEEDS, NUMBERS, STREAMS
from service.numbers.snapshot import FeedNumbers, Snapshot, StoryNumbers
from service.store.store import Store
from service.store.values import FeedState

Page = dict[str, dict[tuple[tuple[str, str], ...], float]]


def parsed(text: str) -> Page:
    page: Page = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            page.setdefault(sample.name, {})[tuple(sorted(sample.labels.items()))] = sample.value
    return page


async def page_of(http: aiohttp.ClientSession) -> Page:
    async with http.get("/metrics") as answer:
        assert answer.status == 200
        return parsed(await answer.text())


def label_values(page: Page, name: str, label: str) -> set[str]:
    return {dict(labels)[label] for labels in page[name]}


async def test_closed_sets_are_whole_before_anything_happened(http: aiohttp.ClientSession) -> None:
    page = await page_of(http)
    closed: Iterator[tuple[str, str, Any]] = iter(
        [
            ("claimwire_feed_entries_total", "result", EntryResult),
            ("claimwire_articles_total", "outcome", Outcome),
            ("claimwire_events_total", "type", set(EventType) - FEED_TYPES),
            ("claimwire_claims_total", "novelty", CLAIMS),
            ("claimwire_stream_entries", "stream", STREAMS),
            ("claimwire_feed_looks_total", "feed", ["coast", "town"]),
        ]
    )
    for name, label, values in closed:
        assert label_values(page, name, label) == {str(value) for value in values}, name
        assert set(page[name].values()) == {0}, name
    assert set(page["claimwire_feed_since_success_seconds"].values()) == {math.inf}
    assert page["claimwire_redis_up"] == {(): 1}


async def test_numbers_are_what_the_store_counted(http: aiohttp.ClientSession, store: Store, planted: Any) -> None:
    # given three articles, of which two are committed: two claims, and a copy
    for number in (1, 2, 3):
        await planted.admit(number)
    await planted.commit(1, 11, 12)
    await planted.commit(2)
    looked = FeedState(last_success=time.time() - 60, last_checked=time.time(), failures=2, lag_s=90.0)
    await planted.look("coast", looked, {EntryResult.ADMITTED: 3, EntryResult.OFF_STORY: 4})
    await planted.look("town", FeedState(last_checked=time.time(), failures=1), {})
    await store.ensure_group("lighthouse-sale")
    await store.beat("worker-1", ttl_s=60)
    # when
    page = await page_of(http)
    # then
    story = ("story", "lighthouse-sale")
    assert page["claimwire_backlog_articles"] == {(story,): 1}
    assert page["claimwire_wire_index_stories"] == {(story,): 2}
    assert 100 < page["claimwire_wire_index_bytes"][(story,)] < 10_000
    assert page["claimwire_articles_total"][(("outcome", "announced"), story)] == 1
    assert page["claimwire_articles_total"][(("outcome", "copy"), story)] == 1
    assert page["claimwire_copies_total"] == {(story,): 1}
    assert page["claimwire_claims_total"][(("novelty", "new"), story)] == 2
    assert page["claimwire_events_total"][(story, ("type", "claimwire.claim.new.v1"))] == 2
    assert page["claimwire_admissions_total"][(("result", "admitted"), story)] == 3
    assert page["claimwire_stream_entries"][(story, ("stream", "new-claims"))] == 2
    assert page["claimwire_group_pending_entries"][(("group", "desk"), story, ("stream", "articles"))] == 0
    assert page["claimwire_workers"] == {(): 1}
    assert page["claimwire_feed_entries_total"][(("feed", "coast"), ("result", "off_story"))] == 4
    assert page["claimwire_feed_looks_total"][(("feed", "coast"),)] == 1
    assert 60 <= page["claimwire_feed_since_success_seconds"][(("feed", "coast"),)] < 120
    assert page["claimwire_feed_since_success_seconds"][(("feed", "town"),)] == math.inf
    assert page["claimwire_feed_failures"][(("feed", "coast"),)] == 2
    assert page["claimwire_feed_lag_seconds"][(("feed", "coast"),)] == 90
    assert math.isnan(page["claimwire_feed_lag_seconds"][(("feed", "town"),)])
    assert page[f"{LATENCY}_count"] == {(story,): 1}
    # and every admitted article has one outcome or waits
    outcomes = sum(page["claimwire_articles_total"].values())
    assert outcomes + page["claimwire_backlog_articles"][(story,)] == sum(page["claimwire_admissions_total"].values())


def test_latency_is_a_histogram_in_seconds() -> None:
    # given commits below 5 ms, below 100 ms and above all bounds
    numbers = StoryNumbers({}, {"5": 2, "100": 1, "+Inf": 1, "sum_ms": 12_500}, {}, 0)
    snapshot = Snapshot(True, {"s": numbers}, latency_bounds_ms=(5, 10, 100))
    # when
    page = parsed(render(snapshot)[0].decode())
    # then
    buckets = {dict(labels)["le"]: value for labels, value in page[f"{LATENCY}_bucket"].items()}
    assert buckets == {"0.005": 2, "0.01": 2, "0.1": 3, "+Inf": 4}
    assert page[f"{LATENCY}_sum"] == {(("story", "s"),): 12.5}


def test_the_page_shows_what_it_promises_and_nothing_else_of_ours() -> None:
    text = render(Snapshot(True, {"s": StoryNumbers({}, {}, {}, 0)}, {"f": FeedNumbers({}, None, 0)}))[0].decode()
    families = {f.name: f for f in text_string_to_metric_families(text) if f.name.startswith("claimwire_")}
    assert set(families) == {number.name for number in NUMBERS} | {LATENCY}
    for number in NUMBERS:
        assert (families[number.name].type, families[number.name].documentation) == (number.kind, number.help)


@pytest.mark.parametrize("feeds", [MOST_FEEDS, MOST_FEEDS + 1, 4 * MOST_FEEDS])
def test_thousands_of_feeds_make_no_more_series_than_hundreds(feeds: int) -> None:
    # given feeds of which every fourth fails
    conditions = [FeedCondition.FAILING if number % 4 == 0 else FeedCondition.WELL for number in range(feeds)]
    numbers = {f"feed-{n}": FeedNumbers({"polls": 2}, 1.0, 0, condition) for n, condition in enumerate(conditions)}
    # when
    page = parsed(render(Snapshot(True, {}, numbers))[0].decode())
    # then
    assert sum(len(samples) for name, samples in page.items() if name.startswith("claimwire_")) < 15 * MOST_FEEDS
    assert page["claimwire_feeds"][(("condition", "failing"),)] == math.ceil(feeds / 4)
    assert sum(page["claimwire_feeds"].values()) == feeds
    assert sum(page["claimwire_feed_looks_total"].values()) == 2 * feeds
    assert (("feed", "feed-0"),) in page["claimwire_feed_failures"]


def test_every_number_says_what_a_rise_should_make_one_do() -> None:
    assert len({number.name for number in NUMBERS}) == len(NUMBERS)
    for number in NUMBERS:
        assert number.meaning.endswith(".")
        assert number.on_rise.endswith(".")
        assert not number.name.endswith("_total")


def test_without_redis_only_that_is_told() -> None:
    page = parsed(render(Snapshot(redis_up=False))[0].decode())
    assert {name for name in page if name.startswith("claimwire")} == {"claimwire_redis_up"}


@pytest.mark.parametrize(
    ("accept", "content_type"),
    [("", "text/plain"), ("application/openmetrics-text;version=1.0.0", "application/openmetrics-text")],
)
async def test_the_form_is_the_one_asked_for(http: aiohttp.ClientSession, accept: str, content_type: str) -> None:
    async with http.get("/metrics", headers={"Accept": accept}) as answer:
        assert answer.content_type == content_type
        assert (await answer.text()).endswith("# EOF\n") == (content_type != "text/plain")


async def test_those_who_follow_are_counted(http: aiohttp.ClientSession) -> None:
    async with http.get("/v1/stories/lighthouse-sale/events") as following:
        assert following.status == 200
        page = await page_of(http)
    assert page["claimwire_sse_followers"][()] == 1
    assert {name for name in page if name.startswith("claimwire_sse_")} == {
        "claimwire_sse_followers", "claimwire_sse_sent_events_total", "claimwire_sse_cut_off_total",
        "claimwire_sse_gaps_total",
    }  # fmt: skip


def test_the_page_of_the_docs_is_what_the_table_says() -> None:
    assert metrics_page.PAGE.read_text(encoding="utf-8") == metrics_page.page()
    for number in NUMBERS:
        assert f"| `{number.name}" in metrics_page.page()


@pytest.mark.parametrize("change", ["changed", "missing"])
def test_a_page_of_the_docs_that_is_another_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], change: str
) -> None:
    monkeypatch.setattr(metrics_page, "PAGE", tmp_path / "metrics.md")
    if change == "changed":
        metrics_page.PAGE.write_text(metrics_page.page() + "more\n", encoding="utf-8")
    assert metrics_page._main(["--check"]) == 1
    assert "run python -m service.numbers.page" in capsys.readouterr().err
    assert metrics_page._main([]) == 0
    assert metrics_page._main(["--check"]) == 0
