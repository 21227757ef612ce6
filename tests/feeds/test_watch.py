from __future__ import annotations

import asyncio
import gzip
import os
import socket
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis
from aiohttp import web

from service.errors import InvariantBroken, StoreUnavailable
from service.feeds.config import Feed
from service.feeds.intake import Followed
from service.feeds.outage import OutageLimits
from service.feeds.parser_pool import Overran, ParserLimits, ParserPool, _only_parsed
from service.model import Article, EntryResult
from service.net.client import Client
from service.store import keys
from service.store.embedded import EmbeddedServer
from service.store.store import Store
from service.store.values import FeedState
from tests.feeds.house import START, Breaking, House, Running, rss, until, url_feed


@pytest.fixture
def house(store: Store, client: Client, parsers: ParserPool) -> House:
    return House(store, client, parsers)


async def test_each_entry_has_one_result_and_the_sums_add_up(house: House, origin: Any) -> None:
    body = rss(
        ("1", "The pier closes."), ("2", "Weather."), ("3", "A pier."), ("3", "A pier."), ("", ""), ("4", "pier x")
    )
    feed = url_feed(origin.gives("/feed", body))

    state = await house.poll(feed)

    assert await house.counts(feed) == {"admitted": 3, "off_story": 1, "seen_before": 1, "unreadable": 1}
    assert await house.admitted() == 3
    assert (state.failures, state.error, state.revision) == (0, "", 1)


async def test_what_was_seen_is_not_admitted_again_and_what_changed_is_a_revision(house: House, origin: Any) -> None:
    feed = url_feed(origin.gives("/feed", rss(("1", "The pier closes."), ("2", "A pier."))))
    await house.poll(feed)
    origin.gives("/feed", rss(("1", "The pier opens."), ("2", "A pier.")))

    await house.poll(feed)

    assert await house.counts(feed) == {"admitted": 2, "revision": 1, "seen_before": 1}


async def test_both_validators_are_echoed_and_a_304_is_a_good_look(house: House, origin: Any) -> None:
    async def conditional(request: web.Request) -> web.Response:
        given = {"ETag": '"a,b"', "Last-Modified": "Sun, 04 May 2031 10:00:00 GMT", "Cache-Control": "max-age=900"}
        known = request.headers.get("If-None-Match") == given["ETag"]
        same = request.headers.get("If-Modified-Since") == given["Last-Modified"]
        return web.Response(status=304 if known and same else 200, body=rss(("1", "pier")), headers=given)

    feed = url_feed(origin.on("/feed", conditional))
    await house.poll(feed)
    state = await house.poll(feed)

    assert "If-None-Match" not in origin.requests[0].headers
    assert origin.requests[1].headers["If-None-Match"] == '"a,b"'
    assert (state.failures, state.etag, state.last_success) == (0, '"a,b"', START.timestamp())
    assert 900 <= state.next_due - START.timestamp() <= 990
    assert await house.counts(feed) == {"admitted": 1}


async def test_validators_that_the_server_drops_are_dropped(house: House, origin: Any) -> None:
    feed = url_feed(origin.gives("/feed", rss(("1", "pier")), ETag='"1"'))
    await house.poll(feed)
    origin.gives("/feed", rss(("1", "pier"), ("2", "pier")))
    assert (await house.poll(feed)).etag == ""


@pytest.mark.parametrize(("status", "words"), [(203, ""), (206, "the server answers 206"), (226, "226 IM Used")])
async def test_what_a_proxy_changed_is_an_answer_and_a_part_of_a_feed_is_none(
    status: int, words: str, house: House, origin: Any
) -> None:
    feed = url_feed(origin.gives("/feed", rss(("1", "pier")), status=status))
    state = await house.poll(feed)
    assert words in state.error
    assert bool(words) == bool(state.error)
    assert await house.admitted() == (0 if words else 1)


async def test_a_304_to_a_request_without_validators_is_an_error(house: House, origin: Any) -> None:
    state = await house.poll(url_feed(origin.gives("/feed", status=304)))
    assert "not modified" in state.error


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ({"body": b"<!doctype html><html><p>Sign in</p></html>"}, "it is a web page, not a feed"),
        ({"body": b""}, "it is empty"),
        ({"body": b"gone", "status": 404}, "the server answers 404 Not Found"),
        ({"body": b"oops", "status": 500}, "the server answers 500 Internal Server Error"),
        ({"body": gzip.compress(b" " * 9_000_000), "Content_Encoding": "gzip"}, "larger than the limit"),
        ({"body": b"x" * 300_000}, "larger than the limit"),
        ({"body": b"x", "Content_Encoding": "br"}, "Content-Encoding is unknown"),
        ({"status": 302, "Location": "file:///etc/passwd"}, "away from http(s)"),
    ],
)
async def test_a_bad_answer_is_told_in_plain_words_and_counted_as_a_failure(
    house: House, origin: Any, answer: dict[str, Any], words: str
) -> None:
    feed = url_feed(origin.gives("/feed", **answer))

    first = await house.poll(feed)
    second = await house.poll(feed)

    assert words in first.error
    assert (first.failures, second.failures) == (1, 2)
    assert second.next_due > first.next_due > START.timestamp() + feed.interval_s
    assert await house.counts(feed) == {}


async def test_a_feed_that_was_bad_comes_back(house: House, origin: Any) -> None:
    feed = url_feed(origin.gives("/feed", status=500))
    await house.poll(feed)
    origin.gives("/feed", rss(("1", "pier")))

    state = await house.poll(feed)

    assert (state.failures, state.error) == (0, "")
    assert await house.counts(feed) == {"admitted": 1}


async def test_a_server_that_asks_for_time_gets_it(house: House, origin: Any) -> None:
    state = await house.poll(url_feed(origin.gives("/feed", status=429, Retry_After="7200")))
    assert 7_200 <= state.next_due - START.timestamp() <= 7_920


async def test_a_feed_that_is_cut_off_gives_its_whole_items_and_is_asked_again_in_full(
    house: House, origin: Any
) -> None:
    whole = rss(("1", "The pier closes."), ("2", "The pier opens again."))
    feed = url_feed(origin.gives("/feed", whole[: whole.index(b"opens")], ETag='"half"'))

    state = await house.poll(feed)
    origin.gives("/feed", whole, ETag='"whole"')
    await house.poll(feed)

    assert (state.error, state.etag) == ("the document is cut off", "")
    assert "If-None-Match" not in origin.requests[1].headers
    counts = await house.counts(feed)
    assert (counts["admitted"], counts["seen_before"]) == (2, 1)


async def test_a_private_address_needs_the_feeds_own_opt_in(house: House, origin: Any) -> None:
    state = await house.poll(url_feed(origin.gives("/feed", rss(("1", "pier"))), allow_private=False))
    assert "allow_private = true" in state.error
    assert origin.requests == []


POSING = b"""<rss version='2.0'><channel><title>Anybody</title>
<item><guid>1</guid><source>The Gazette</source><description>KILL: the pier story is withdrawn.</description></item>
</channel></rss>"""


@pytest.mark.parametrize(("trusted", "became"), [(False, "admitted"), (True, "revision")])
async def test_a_feed_cannot_pose_as_an_outlet_unless_the_list_trusts_it(
    house: House, origin: Any, trusted: bool, became: str
) -> None:
    # given an outlet's article
    await house.poll(url_feed(origin.gives("/gazette", rss(("1", "The pier closes."))), source="The Gazette"))
    # when another feed signs an item of the same guid with the outlet's name
    posing = url_feed(origin.gives("/anybody", POSING), name="anybody", aggregator=trusted)
    await house.poll(posing)
    # then it is an article of its own; where the list trusts the feed (the negative control), it revises the outlet's
    assert await house.counts(posing) == {became: 1}
    said_by = [
        Article.from_json(entry.fields["article"], "").source
        for entry in await house.store.range(keys.articles("harbour"))
    ]
    assert said_by == ["The Gazette", "The Gazette" if trusted else "Anybody"]


async def test_a_feed_that_hangs_or_drips_delays_no_other(house: House, origin: Any, tmp_path: Path) -> None:
    async def hang(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while request.path == "/drip":
            await response.write(b".")
            await asyncio.sleep(0.02)
        await asyncio.sleep(30)
        return response

    (tmp_path / "pier.txt").write_text("The pier closes.")
    feeds = [
        url_feed(origin.on("/drip", hang), name="drip"),
        url_feed(origin.on("/hang", hang), name="hang"),
        url_feed(origin.gives("/feed", rss(("1", "pier"))), name="good"),
        Feed("texts", "folder", str(tmp_path), 0.1),
    ]
    house.now = datetime.now(UTC) + timedelta(seconds=5)

    async def bad_ones_are_told() -> bool:
        states = [await house.store.feed_state(name) for name in ("drip", "hang")]
        return all(state is not None and "time limit" in state.error for state in states)

    async def good_ones_are_read() -> bool:
        return await house.admitted() == 2

    async with Running(house.watcher(*feeds)):
        await until(good_ones_are_read)
        await until(bad_ones_are_told)


async def test_a_feed_that_kills_its_parser_is_marked_and_the_others_are_read(house: House, origin: Any) -> None:
    items = "".join(f"<item><title>{number}</title></item>" for number in range(5_500))  # far more than is allowed
    bomb = f"<rss version='2.0'><channel><title>Harbour</title>{items}</channel></rss>".encode()
    assert len(bomb) < 200_000
    house.parsers = ParserPool(ParserLimits(processes=1, cpu_s=0.05))
    bad = url_feed(origin.gives("/bomb", bomb), name="bomb")
    good = url_feed(origin.gives("/feed", rss(("1", "pier"))), name="good")
    try:
        state, _ = await asyncio.gather(house.poll(bad), house.poll(good))
    finally:
        await house.parsers.close()
    assert "more time or memory than allowed" in state.error
    assert await house.counts(good) == {"admitted": 1}


async def test_an_entry_that_cannot_be_read_is_counted_and_its_neighbours_are_admitted(
    house: House, origin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a parser that gives up one entry, and every batch that it is in
    feed, run = (
        url_feed(origin.gives("/feed", rss(("1", "pier"), ("2", "bad pier"), ("3", "pier")))),
        house.parsers._run,
    )

    async def giving_up(function: Any, argument: Any, *limits: Any) -> Any:
        if "bad pier" in str(argument) and function is not _only_parsed:
            raise Overran("reading it took more time or memory than allowed")
        return await run(function, argument, *limits)

    monkeypatch.setattr(house.parsers, "_run", giving_up)
    # when
    state = await house.poll(feed)
    # then
    assert (state.failures, state.error) == (0, "")
    assert await house.counts(feed) == {"admitted": 2, "unreadable": 1}


async def test_a_restart_looks_at_nothing_early(house: House, origin: Any) -> None:
    feed = url_feed(origin.gives("/feed", rss(("1", "pier"))))
    await house.poll(feed)

    async with Running(house.watcher(feed)):  # a new watcher that knows nothing but what Redis knows
        await asyncio.sleep(0.2)
    assert len(origin.requests) == 1

    house.now += timedelta(seconds=331)
    async with Running(house.watcher(feed)):

        async def asked_again() -> bool:
            return len(origin.requests) == 2

        await until(asked_again)


async def test_a_text_dropped_into_a_folder_is_admitted(house: House, tmp_path: Path) -> None:
    (tmp_path / "first.txt").write_text("The pier closes.")
    feed = Feed("texts", "folder", str(tmp_path), 0.5)
    watcher = house.watcher(feed, live=True)

    async def admitted_two() -> bool:
        return await house.admitted() == 2

    async def admitted_one() -> bool:
        return await house.admitted() == 1

    async with Running(watcher):
        await until(admitted_one)
        (tmp_path / "second.txt").write_text("The pier opens.")
        await until(admitted_two)


async def test_a_text_from_the_future_is_admitted_at_once_and_never_again(house: House, tmp_path: Path) -> None:
    # given a text that says it was written an hour from now
    path, feed = tmp_path / "pier.txt", Feed("texts", "folder", str(tmp_path), 0.5)
    path.write_text("The pier closes.")
    later_s = path.stat().st_mtime + 3_600
    os.utime(path, (later_s, later_s))
    written = datetime.fromtimestamp(path.stat().st_ctime, UTC)
    # when the folder is looked at a second later, and around the hour
    counts = []
    for after_s in (1, 3_600.1, 3_602):
        house.now = written + timedelta(seconds=after_s)
        await house.poll(feed)
        counts.append(await house.counts(feed))
    # then
    assert counts == [{"admitted": 1}] * 3


async def test_a_folder_that_nobody_touched_costs_redis_nothing(house: House, tmp_path: Path) -> None:
    (tmp_path / "pier.txt").write_text("The pier closes.")
    house.now += timedelta(days=30_000)
    feed = Feed("texts", "folder", str(tmp_path), 0.5)

    states = [await house.poll(feed) for _ in range(3)]

    assert [state.revision for state in states] == [1, 1, 1]
    assert await house.counts(feed) == {"admitted": 1}


async def test_a_folder_that_nobody_touched_is_told_to_be_well_once_a_minute(house: House, tmp_path: Path) -> None:
    # given a folder that was read
    (tmp_path / "pier.txt").write_text("The pier closes.")
    house.now += timedelta(days=30_000)
    feed, began = Feed("texts", "folder", str(tmp_path), 0.5), house.now
    watcher = house.watcher(feed)
    state = await watcher.poll(feed, FeedState())
    # when it is looked at twice a second for three minutes, and nobody touches it
    ages = []
    for half_seconds in range(1, 361):
        house.now = began + timedelta(seconds=half_seconds / 2)
        assert state is not None
        state = await watcher.poll(feed, state)
        kept = await house.store.feed_state(feed.name)
        assert kept is not None
        ages.append(house.now.timestamp() - kept.last_success)
    # then what Redis knows of it is never older than a minute, at the cost of one write a minute
    assert max(ages) < 60
    assert (await house.store.feed_counts([feed.name]))[feed.name]["polls"] == 4
    assert await house.counts(feed) == {"admitted": 1}


async def test_a_folder_that_is_gone_is_told_to_be_gone_once_a_minute(house: House, tmp_path: Path) -> None:
    feed, began, state = Feed("texts", "folder", str(tmp_path / "none"), 0.5), house.now, FeedState()
    watcher = house.watcher(feed)
    for seconds in range(0, 121, 5):
        house.now = began + timedelta(seconds=seconds)
        state = await watcher.poll(feed, state) or FeedState()
    kept = await house.store.feed_state(feed.name)
    assert kept is not None
    assert (kept.revision, kept.failures, kept.last_success) == (3, 25, 0)
    assert kept.last_checked == (began + timedelta(seconds=120)).timestamp()


async def test_bad_texts_are_counted_beside_the_good_one(house: House, tmp_path: Path) -> None:
    (tmp_path / "good.txt").write_text("The pier closes.")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "binary.txt").write_bytes(b"\0\1")
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(50_000_000)
    house.now += timedelta(days=30_000)
    feed = Feed("texts", "folder", str(tmp_path), 0.5)

    await house.poll(feed)

    assert await house.counts(feed) == {"admitted": 1, "unreadable": 2, "over_limit": 1}


@pytest.mark.parametrize("kind", ["folder", "file", "url"])
async def test_an_emptied_store_is_filled_again_by_a_watcher_at_work(
    house: House, origin: Any, server: EmbeddedServer, tmp_path: Path, kind: str
) -> None:
    # given a watcher that has read its feed
    (tmp_path / "pier.txt").write_text("The pier closes.")
    (tmp_path / "feed.rss").write_bytes(rss(("1", "The pier closes.")))
    feed = {
        "folder": Feed("watched", "folder", str(tmp_path), 0.1),
        "file": Feed("watched", "file", str(tmp_path / "feed.rss"), 0.1),
        "url": url_feed(origin.gives("/feed", rss(("1", "The pier closes."))), name="watched", interval_s=0.1),
    }[kind]

    async def is_counted() -> bool:
        return (await house.counts(feed))["admitted"] == 1 and await house.admitted() == 1

    async def is_empty() -> bool:
        return await house.admitted() == 0

    async with Running(house.watcher(feed, live=True)):
        await until(is_counted)
        # when the store is emptied under it
        with redis.Redis.from_url(server.url) as admin:
            admin.flushall()
        await until(is_empty)
        # then what it holds is admitted and counted again
        await until(is_counted, within_s=90)


async def test_a_poll_that_was_overtaken_admits_nothing(house: House, origin: Any, tmp_path: Path) -> None:
    (tmp_path / "pier.txt").write_text("The pier closes.")
    house.now += timedelta(days=30_000)
    feed = Feed("texts", "folder", str(tmp_path), 0.5)
    assert await house.watcher(feed).poll(feed, FeedState(revision=7)) is None
    assert await house.admitted() == 0


async def test_the_same_revision_of_another_history_is_not_taken_for_what_is_remembered(
    house: House, origin: Any
) -> None:
    """The server came back older than it was, a hub sent something, and what the second look had found is not there."""
    feed = url_feed(origin.gives("/feed", rss(("1", "pier"), ("2", "pier")), ETag='"2"'))
    first = FeedState(revision=1, etag='"1"', last_checked=1000.0)
    remembered = replace(first, revision=2, etag='"2"', last_checked=1300.0)
    pushed = replace(first, revision=2, pushed_at=1200.0)
    assert await house.store.close_poll(feed.name, 0, first, {}, "gazette/1")
    assert await house.store.close_poll(feed.name, 1, pushed, {}, "gazette/2")

    stored = await house.watcher(feed)._visits.stored(feed, remembered)

    assert stored.etag == '"1"'
    await house.watcher(feed).poll(feed, stored)
    assert await house.admitted() == 2


async def test_a_feed_file_is_read_and_read_again_when_it_changes(house: House, tmp_path: Path) -> None:
    path = tmp_path / "feed.rss"
    path.write_bytes(rss(("1", "pier")))
    feed = Feed("archive", "file", str(path), 0.5)

    await house.poll(feed)
    await house.poll(feed)
    path.write_bytes(rss(("1", "pier"), ("2", "a new pier")))
    await house.poll(feed)
    path.unlink()
    state = await house.poll(feed)

    assert await house.counts(feed) == {"admitted": 2, "seen_before": 1}
    assert state.error == "the file cannot be read: No such file or directory"


async def test_a_pipe_in_the_place_of_a_feed_file_is_told_and_holds_nobody(house: House, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "feed.rss")
    state = await asyncio.wait_for(house.poll(Feed("archive", "file", str(tmp_path / "feed.rss"), 0.5)), 60)
    assert state.error == "it is not a regular file"


async def test_a_new_story_gets_the_entries_that_were_read_before(house: House, origin: Any) -> None:
    feed = url_feed(origin.gives("/feed", rss(("1", "The pier."), ("2", "Weather.")), ETag='"1"'))
    await house.poll(feed)

    house.scope, house.story = "v2", Followed("weather", lambda headline, text: "Weather" in text)
    await house.poll(feed)

    assert "If-None-Match" not in origin.requests[1].headers
    assert (await house.store.state("weather")).admitted == 1


async def test_a_poll_that_redis_broke_is_repeated_and_counts_nothing_twice(house: House, origin: Any) -> None:
    feed = url_feed(origin.gives("/feed", rss(*((str(n), f"pier {n}") for n in range(6))), ETag='"1"'))
    breaking = Breaking(house.store)
    breaking.lose_admit, breaking.lose_close = {4}, 1

    for _ in range(2):
        with pytest.raises(StoreUnavailable):
            await house.watcher(feed, admitter=breaking).poll(feed, FeedState())
        kept = await house.store.feed_state(feed.name)
        assert kept is not None
        assert (kept.etag, kept.revision) == ("", 0), "validators before the articles are durable lose articles"
    await house.watcher(feed, admitter=breaking).poll(feed, FeedState())

    assert await house.counts(feed) == {"admitted": 6}
    assert await house.admitted() == 6
    assert breaking.closes == [("gazette", {EntryResult.ADMITTED: 6})]


async def test_redis_gone_for_a_while_loses_nothing(house: House, origin: Any) -> None:
    feed = url_feed(origin.gives("/feed", rss(("1", "pier"), ("2", "pier too"))))
    breaking = Breaking(house.store)
    breaking.lose_admit, breaking.lose_close = {1}, 1

    async def counted_two() -> bool:
        return await house.counts(feed) == {"admitted": 2}

    async with Running(house.watcher(feed, admitter=breaking)):
        await until(counted_two)
    assert await house.admitted() == 2


async def test_of_two_watchers_one_closes_a_poll(house: House, origin: Any) -> None:
    feed = url_feed(origin.gives("/feed", rss(("1", "pier"))))
    await house.poll(feed)
    origin.gives("/feed", status=404)
    await house.poll(feed)

    assert await house.watcher(feed).poll(feed, FeedState()) is None
    assert await house.counts(feed) == {"admitted": 1}


async def test_the_door_waits_while_the_workers_are_behind(house: House, tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number:02}.txt").write_text(f"The pier, {number}.")
    house.now += timedelta(days=30_000)
    feed = Feed("texts", "folder", str(tmp_path), 0.5)

    waiting = asyncio.create_task(house.watcher(feed, backlog_cap=10).poll(feed, FeedState()))
    await asyncio.sleep(0.5)
    assert await house.admitted() == 16
    assert not waiting.done()
    waiting.cancel()

    await house.watcher(feed).poll(feed, FeedState())
    assert await house.counts(feed) == {"admitted": 40}


async def test_a_broken_invariant_stops_the_watcher(house: House, origin: Any) -> None:
    class Broken(Breaking):
        async def admit(self, story: str, article: Article, poll: str, doc_ttl_s: int) -> EntryResult:
            raise InvariantBroken("what is stored is not what we store")

    feed = url_feed(origin.gives("/feed", rss(("1", "pier"))))
    with pytest.raises(ExceptionGroup) as caught:
        await asyncio.wait_for(house.watcher(feed, admitter=Broken(house.store)).run(asyncio.Event()), 60)
    assert caught.group_contains(InvariantBroken)


async def test_the_oldest_entry_of_a_listing_goes_through_the_door_first(house: House, origin: Any) -> None:
    items = "".join(
        f"<item><guid>{day}</guid><title>pier {day}</title><pubDate>0{day} May 2031 12:00:00 GMT</pubDate></item>"
        for day in (3, 2, 1)
    )
    feed = url_feed(origin.gives("/feed", f"<rss version='2.0'><channel>{items}</channel></rss>".encode()))

    await house.poll(feed)

    taken = [entry async for entry in headlines(house.store)]
    assert taken == ["pier 1", "pier 2", "pier 3"]


async def headlines(store: Store) -> Any:
    for entry in await store.range(keys.articles("harbour")):
        yield Article.from_json(entry.fields["article"], "").headline


async def test_a_list_that_changes_disturbs_no_feed_that_stays(house: House, origin: Any) -> None:
    # given two feeds that are watched
    stays, goes, comes = (
        url_feed(origin.gives(f"/{name}", rss((name, "pier"))), name=name) for name in ("stays", "goes", "comes")
    )
    watcher = house.watcher(stays, goes, live=True)

    def asked() -> dict[str, int]:
        return dict(Counter(request.path for request in origin.requests))

    async def were_asked(*paths: str) -> None:
        async def all_were() -> bool:
            return set(asked()) >= set(paths) and await house.admitted() == len(paths)

        await until(all_were)

    async with Running(watcher):
        await were_asked("/stays", "/goes")
        following = watcher._following["stays"]
        # when one goes, one comes, and then one is told to be looked at differently
        await watcher.change([stays, comes])
        await were_asked("/stays", "/goes", "/comes")
        await watcher.change([stays, replace(comes, language="en"), goes])
        await asyncio.sleep(0.1)
        # then none was asked twice
        assert watcher._following["stays"] == following
        assert set(watcher._following) == {"stays", "goes", "comes"}
    assert asked() == {"/stays": 1, "/goes": 1, "/comes": 1}


async def test_an_outage_of_our_own_network_ends_and_all_feeds_are_looked_at(
    house: House, origin: Any, tmp_path: Path
) -> None:
    # given four feeds of hosts that nobody can reach, and a folder
    port = unused_port()
    feeds = [
        url_feed(f"http://127.0.0.{number}:{port}/{number}", name=f"feed {number}", interval_s=60.0)
        for number in range(1, 5)
    ]
    (tmp_path / "pier.txt").write_text("The pier closes.")
    watcher = house.watcher(*feeds, Feed("texts", "folder", str(tmp_path), 0.1), live=True)
    watcher._outage._limits = OutageLimits(first_try_s=0.2, longest_try_s=0.2, spread_s=0.2)
    watcher._outage._try_s = 0.2

    async def is_out() -> bool:
        return watcher._outage.is_on and await house.admitted() == 1

    async def all_were_read() -> bool:
        return len(origin.requests) == 4 and await house.admitted() == 5

    async with Running(watcher):
        # when the outage is seen, the folder is read all the same
        await until(is_out)
        # and when the hosts are there again, at one address for each
        site = web.TCPSite(origin.server.runner, "0.0.0.0", port)
        for number in range(1, 5):
            origin.gives(f"/{number}", rss((str(number), "pier")))
        await site.start()
        await until(all_were_read)
    # then no feed was blamed
    states = [await house.store.feed_state(feed.name) for feed in feeds]
    assert [(state.failures, state.error) for state in states if state] == [(0, "")] * 4


def unused_port() -> int:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port: int = unused.getsockname()[1]
        return port
