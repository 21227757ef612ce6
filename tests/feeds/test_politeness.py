"""What a feed's server sees of us: when it is asked, with which words, and what we make of its answers."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from typing import Any

import pytest
from aiohttp import web

from service.feeds.config import Feed
from service.feeds.parser_pool import ParserPool
from service.net.client import Client, Limits
from service.store.store import Store
from service.store.values import FeedState
from tests.feeds.house import START, House, Running, rss, until, url_feed
from tests.origin import Origin

HOUR, DAY = 3_600.0, 86_400.0
ITEM = ("1", "The pier closes.")


@pytest.fixture
def house(store: Store, client: Client, parsers: ParserPool) -> House:
    return House(store, client, parsers)


def document(channel: str = "") -> bytes:
    return rss(ITEM).replace(b"<channel>", f"<channel>{channel}".encode())


def gaps(looks: list[tuple[str, float]]) -> list[float]:
    return [later - sooner for (_, sooner), (_, later) in pairwise(looks)]


async def due_after(house: House, feed: Feed) -> float:
    """Seconds from now until the feed is due again, after one look."""
    return (await house.poll(feed)).next_due - house.now.timestamp()


# When


@pytest.mark.parametrize(
    ("headers", "channel", "least_s"),
    [
        ({}, "", 300),
        ({"Cache-Control": "max-age=3600"}, "", 3_600),
        ({"Cache-Control": "max-age=3600", "Age": "600"}, "", 3_000),
        ({"Cache-Control": "max-age=7"}, "", 300),
        ({"Expires": "Sun, 04 May 2031 14:00:00 GMT", "Date": "Sun, 04 May 2031 12:00:00 GMT"}, "", 7_200),
        ({}, "<ttl>90</ttl>", 5_400),
        (
            {},
            "<s:updatePeriod xmlns:s='http://purl.org/rss/1.0/modules/syndication/'>hourly</s:updatePeriod>",
            3_600,
        ),
        ({}, "<skipHours><hour>12</hour><hour>13</hour></skipHours>", 7_200),
        ({}, "<skipDays><day>Sunday</day></skipDays>", 43_200),
        ({"Cache-Control": "max-age=999999999"}, "", 86_400),
        ({}, "<ttl>999999</ttl>", 86_400),
    ],
)
async def test_a_feed_is_left_alone_as_long_as_it_asks_and_a_day_at_most(
    house: House, origin: Origin, headers: dict[str, str], channel: str, least_s: float
) -> None:
    named = {name.replace("-", "_"): value for name, value in headers.items()}
    feed = url_feed(origin.gives("/feed", document(channel), **named))
    assert least_s <= await due_after(house, feed) <= min(1.1 * least_s, DAY)


async def test_what_a_document_asked_for_holds_while_it_says_nothing_new(house: House, origin: Origin) -> None:
    feed = url_feed(origin.gives("/feed", document("<ttl>90</ttl>"), ETag='"1"'))
    await house.poll(feed)
    origin.gives("/feed", status=304)
    assert await due_after(house, feed) >= 5_400
    origin.gives("/feed", status=500)
    assert await due_after(house, feed) >= 5_400
    origin.gives("/feed", document())  # and no longer than it stands there
    assert await due_after(house, feed) < 400


@pytest.mark.parametrize(
    "headers",
    [{"Cache_Control": "max-age=3600"}, {"Expires": "Sun, 04 May 2031 13:00:00 GMT", "Date": format_datetime(START)}],
)
async def test_max_age_and_expires_of_a_304_count(house: House, origin: Origin, headers: dict[str, str]) -> None:
    feed = url_feed(origin.gives("/feed", document(), ETag='"1"'))
    await house.poll(feed)
    origin.gives("/feed", status=304, **headers)
    assert await due_after(house, feed) >= 3_600


@pytest.mark.parametrize("status", [429, 503, 403, 502])
@pytest.mark.parametrize("written", ["7200", format_datetime(START + timedelta(hours=2), usegmt=True)])
async def test_retry_after_is_obeyed_in_both_forms(house: House, origin: Origin, status: int, written: str) -> None:
    date = format_datetime(START, usegmt=True)
    feed = url_feed(origin.gives("/feed", status=status, Retry_After=written, Date=date))
    assert 7_200 <= await due_after(house, feed) <= 7_920


async def test_a_feed_that_publishes_seldom_is_asked_seldom_and_one_that_publishes_often_as_set(
    house: House, origin: Origin
) -> None:
    async def daily(_: web.Request) -> web.Response:
        return web.Response(body=rss((f"day {house.now:%j}", "pier")))

    async def each_time(_: web.Request) -> web.Response:
        return web.Response(body=rss((f"{house.now:%j %H %M}", "pier")))

    seldom = url_feed(origin.on("/seldom", daily), name="seldom", interval_s=1_800.0)
    often = url_feed(origin.on("/often", each_time), name="often", interval_s=1_800.0)
    held = url_feed(origin.on("/held", daily), name="held", interval_s=1_800.0, slowest_s=2_700.0)
    looks = await house.follow(seldom, often, held, over=timedelta(days=4))
    late = {feed.name: gaps([look for look in looks if look[0] == feed.name])[-10:] for feed in (seldom, often, held)}
    assert min(late["seldom"]) > 3_000 and max(late["seldom"]) < 6_000
    assert min(late["often"]) >= 1_800 and max(late["often"]) <= 1_980
    assert min(late["held"]) >= 2_700 and max(late["held"]) <= 2_970


async def test_a_feed_that_was_down_for_a_week_is_soon_asked_as_before(house: House, origin: Origin) -> None:
    feed = url_feed(origin.gives("/feed", document()))
    await house.follow(feed, over=timedelta(hours=1))
    origin.gives("/feed", status=500)
    await house.follow(feed, over=timedelta(days=7))
    origin.gives("/feed", rss(ITEM, ("2", "The pier opens.")))
    looks = await house.follow(feed, over=timedelta(hours=8))
    assert max(gaps(looks)) < 340


async def test_one_get_on_add_and_none_early_after_a_restart_a_reload_or_a_new_interval(
    house: House, origin: Origin
) -> None:
    feed = url_feed(origin.gives("/feed", document()))
    await house.follow(feed, over=timedelta(seconds=299))
    assert len(origin.requests) == 1
    for again in (feed, replace(feed, language="en"), replace(feed, interval_s=3_000.0), replace(feed, interval_s=1.0)):
        await house.follow(again, over=timedelta(0))
    assert len(origin.requests) == 1
    # an interval that was made longer counts from the last look
    await house.follow(replace(feed, interval_s=3_000.0), over=timedelta(seconds=2_000))
    assert len(origin.requests) == 1


async def test_another_address_under_a_name_is_not_asked_with_the_versions_of_the_first(
    house: House, origin: Origin
) -> None:
    feed = url_feed(origin.gives("/feed", document(), ETag='"1"'))
    await house.poll(feed)
    await house.poll(replace(feed, address=origin.gives("/other", document(), ETag='"1"')))
    await house.poll(replace(feed, address=origin.url("/other")))
    assert [request.headers.get("If-None-Match") for request in origin.requests] == [None, None, '"1"']


# Herds and hosts


async def test_feeds_of_one_host_added_together_come_apart_at_once(house: House, origin: Origin) -> None:
    feeds = [url_feed(origin.gives(f"/{number}", document()), name=f"feed {number}") for number in range(20)]
    looks = await house.follow(*feeds, over=timedelta(minutes=30))
    first, later = looks[:20], looks[20:]
    assert {at for _, at in first} == {at for _, at in first if at < 1}
    for start in range(300, 1_500, 50):
        assert sum(start <= at < start + 30 for _, at in later) <= 6
    assert min(min(gaps([look for look in looks if look[0] == feed.name])) for feed in feeds) >= 300


async def test_a_429_slows_all_feeds_of_the_host_and_no_other(house: House, origin: Origin, client: Client) -> None:
    # given three feeds of one host and one of another, all due
    crowded = [url_feed(origin.gives(f"/{number}", document()), name=f"feed {number}") for number in range(3)]
    elsewhere = url_feed(origin.gives("/else", document()).replace("127.0.0.1", "localhost"), name="elsewhere")
    await house.follow(*crowded, elsewhere, over=timedelta(0))
    origin.gives("/0", status=429, Retry_After="7200")
    house.now += timedelta(seconds=1_000)
    asked = len(origin.requests)
    # when the first is told that we ask too much
    await house.poll(crowded[0])
    # then the others wait too: here, after a restart and in another process
    origin.gives("/0", document())
    began = (house.now - START).total_seconds()
    looks = await house.follow(*crowded, elsewhere, over=timedelta(seconds=10_000))
    waited = [at - began for name, at in looks if name != "elsewhere"]
    assert min(waited) >= 7_200
    assert len({round(at) for at in waited[:3]}) == 3, "they come back together"
    assert [name for name, at in looks if at - began < 7_200].count("elsewhere") > 10
    assert len(origin.requests) - asked == 1 + len(looks)


async def test_who_waits_for_a_host_hears_that_it_has_enough(house: House, origin: Origin) -> None:
    feeds = [
        url_feed(origin.gives(f"/{number}", status=429, Retry_After="7200"), name=f"feed {number}")
        for number in range(20)
    ]

    async def is_slowed() -> bool:
        return bool(await house.store.slow_hosts(house.now.timestamp()))

    async with Running(house.watcher(*feeds)):
        await until(is_slowed)
        await asyncio.sleep(0.2)
    assert len(origin.requests) <= 3  # what was under way, and no other


async def test_a_503_slows_its_own_feed_alone(house: House, origin: Origin) -> None:
    busy = url_feed(origin.gives("/0", status=503, Retry_After="7200"), name="busy")
    other = url_feed(origin.gives("/1", document()), name="other")
    looks = await house.follow(busy, other, over=timedelta(hours=1))
    assert Counter(name for name, _ in looks)["busy"] == 1
    assert Counter(name for name, _ in looks)["other"] > 9


# Versions


async def test_validators_are_echoed_as_they_came_and_the_newest_wins_also_from_a_304(
    house: House, origin: Origin
) -> None:
    feed = url_feed(origin.gives("/feed", document(), ETag='W/"a b,\u00e9"', Last_Modified="yesterday, or so"))
    await house.poll(feed)
    origin.gives("/feed", status=304, ETag='"2"', Last_Modified="today")
    await house.poll(feed)
    origin.gives("/feed", document(), ETag='"3"')  # the same body
    await house.poll(feed)
    origin.gives("/feed", status=304)
    await house.poll(feed)
    told = [
        (request.headers.get("If-None-Match"), request.headers.get("If-Modified-Since")) for request in origin.requests
    ]
    assert told == [(None, None), ('W/"a b,\u00e9"', "yesterday, or so"), ('"2"', "today"), ('"3"', None)]
    assert (await house.counts(feed)) == {"admitted": 1}


async def test_a_bad_answer_leaves_the_versions_that_we_have(house: House, origin: Origin) -> None:
    feed = url_feed(origin.gives("/feed", document(), ETag='"1"'))
    await house.poll(feed)
    for bad in ({"status": 500, "ETag": '"x"'}, {"body": b"<html>Sign in</html>", "ETag": '"y"'}):
        origin.gives("/feed", **bad)
        await house.poll(feed)
    await house.poll(feed)
    assert [request.headers.get("If-None-Match") for request in origin.requests] == [None, '"1"', '"1"', '"1"']


async def test_a_server_that_fails_over_the_versions_it_gave_is_asked_without(house: House, origin: Origin) -> None:
    # given a server that fails at whatever names a version
    async def failing(request: web.Request) -> web.Response:
        conditional = "If-None-Match" in request.headers or "If-Modified-Since" in request.headers
        headers = {"ETag": '"1"', "Last-Modified": "Sun, 04 May 2031 10:00:00 GMT"}
        return web.Response(status=412 if conditional else 200, body=document(), headers=headers)

    feed = url_feed(origin.on("/feed", failing))
    # when
    states = [await house.poll(feed) for _ in range(6)]
    # then
    assert [state.failures for state in states] == [0, 1, 2, 3, 4, 0]


async def test_a_server_that_holds_on_to_a_version_is_asked_in_full_now_and_then(house: House, origin: Origin) -> None:
    # given a server that says "not modified" to whatever names a version, and what it has
    body = document()

    async def latched(request: web.Request) -> web.Response:
        given = {"ETag": '"for ever"'}
        return web.Response(status=304 if "If-None-Match" in request.headers else 200, body=body, headers=given)

    feed = url_feed(origin.on("/feed", latched))
    for _ in range(100):
        await house.poll(feed)
    asked = ["If-None-Match" not in request.headers for request in origin.requests]
    assert asked.count(True) == 3  # the first, and after 24 and 48 times more
    # when it has something new, and denies it
    body = rss(ITEM, ("2", "The pier opens."))
    for _ in range(100):
        await house.poll(feed)
    # then that is found, and such a server is trusted less
    assert (await house.counts(feed))["admitted"] == 2
    since = ["If-None-Match" not in request.headers for request in origin.requests[100:]]
    assert since.count(True) >= 3


async def test_no_request_says_more_than_it_must(house: House, origin: Origin) -> None:
    feed = url_feed(origin.gives("/feed", document(), ETag='"1"', Set_Cookie="a=1; Path=/"))
    for _ in range(3):
        await house.poll(feed)
    for request in origin.requests:
        assert set(request.headers) <= {"Host", "User-Agent", "Accept", "Accept-Encoding", "If-None-Match"}
        assert (request.method, request.path_qs) == ("GET", "/feed")
        assert "application/atom+xml" in request.headers["Accept"]


# Moves


async def test_a_permanent_move_is_believed_after_days_and_forgotten_when_it_breaks(
    house: House, origin: Origin
) -> None:
    new = origin.gives("/new", document(), ETag='"1"')
    feed = url_feed(origin.gives("/old", status=301, Location=new), interval_s=7_200.0)
    await house.follow(feed, over=timedelta(days=2))
    assert Counter(request.path for request in origin.requests)["/old"] > 20
    await house.follow(feed, over=timedelta(days=2))
    # when it has stood for days, the old address is left alone
    origin.requests.clear()
    await house.follow(feed, over=timedelta(days=5))
    asked = Counter(request.path for request in origin.requests)
    assert (asked["/old"], asked["/new"] > 40) == (0, True)
    # … but for a question a week
    await house.follow(feed, over=timedelta(days=5))
    assert Counter(request.path for request in origin.requests)["/old"] == 1
    # when the new one breaks, the old one is asked again
    origin.gives("/new", status=404)
    origin.gives("/old", document())
    origin.requests.clear()
    await house.follow(feed, over=timedelta(days=1))
    assert [request.path for request in origin.requests][:2] == ["/new", "/old"]
    assert {request.path for request in origin.requests[1:]} == {"/old"}


@pytest.mark.parametrize("status", [302, 303, 307])
async def test_a_move_for_now_is_never_believed(house: House, origin: Origin, status: int) -> None:
    feed = url_feed(origin.gives("/old", status=status, Location=origin.gives("/new", document())), interval_s=20_000.0)
    await house.follow(feed, over=timedelta(days=8))
    asked = Counter(request.path for request in origin.requests)
    assert asked["/old"] == asked["/new"] > 20


# Failures


@pytest.mark.parametrize("status", [400, 401, 403, 404, 418, 500, 502])
async def test_failures_make_us_slower_and_never_make_us_stop(house: House, origin: Origin, status: int) -> None:
    feed = url_feed(origin.gives("/feed", status=status))
    looks = await house.follow(feed, over=timedelta(days=3))
    waits = gaps(looks)
    assert all(later > 0.999 * sooner for sooner, later in pairwise(waits))
    assert 600 <= waits[0] <= 660
    assert 4 * HOUR <= waits[-1] <= 4.4 * HOUR
    origin.gives("/feed", document())
    await house.follow(feed, over=timedelta(hours=5))
    assert (await house.store.feed_state(feed.name) or FeedState()).failures == 0


async def test_a_feed_that_is_gone_is_left_alone_after_two_looks_and_asked_monthly(
    house: House, origin: Origin
) -> None:
    feed = url_feed(origin.gives("/feed", status=410), interval_s=7_200.0)
    looks = await house.follow(feed, over=timedelta(days=100))
    assert len(looks) == 5
    assert gaps(looks)[0] < 5 * HOUR
    assert all(30 * DAY <= gap <= 33 * DAY for gap in gaps(looks)[1:])
    origin.gives("/feed", document())
    looks = await house.follow(feed, over=timedelta(days=32))
    assert len(looks) > 2


async def test_one_410_among_other_failures_is_not_the_end(house: House, origin: Origin) -> None:
    feed = url_feed(origin.gives("/feed", status=404))
    await house.poll(feed)
    origin.gives("/feed", status=410)
    assert await due_after(house, feed) < HOUR


# Our own network


def on_dead_hosts(count: int) -> list[Feed]:
    """Feeds of hosts where nobody listens."""
    return [
        url_feed(f"http://127.0.1.{number + 1}:9/feed", name=f"feed {number}", interval_s=5.0)
        for number in range(count)
    ]


async def test_an_outage_of_our_own_network_is_held_against_no_feed(house: House) -> None:
    feeds = on_dead_hosts(8)
    watcher = house.watcher(*feeds)
    states = await asyncio.gather(*(watcher.poll(feed, FeedState()) for feed in feeds))
    told = [(state.failures, state.error, state.next_due) for state in states if state]
    assert told == [(0, "", 0.0)] * 8


async def test_one_dead_host_among_many_is_told(house: House, origin: Origin) -> None:
    (dead,) = on_dead_hosts(1)
    alive = [
        url_feed(origin.gives(f"/{n}", document()).replace("127.0.0.1", host), name=host)
        for n, host in enumerate(["127.0.0.1", "localhost"])
    ]
    watcher = house.watcher(dead, *alive)
    state, *others = await asyncio.gather(*(watcher.poll(feed, FeedState()) for feed in (dead, *alive)))
    assert state
    assert (state.failures, "cannot be reached" in state.error) == (1, True)
    assert [other.failures for other in others if other] == [0, 0]


# All of it together


async def test_two_requests_at_a_time_and_a_little_apart_is_all_that_a_host_sees(house: House, origin: Origin) -> None:
    running, most, times = 0, 0, []

    async def slow(_: web.Request) -> web.Response:
        nonlocal running, most
        times.append(asyncio.get_running_loop().time())
        running, most = running + 1, max(most, running + 1)
        await asyncio.sleep(0.05)
        running -= 1
        return web.Response(body=document())

    feeds = [url_feed(origin.on(f"/{number}", slow), name=f"feed {number}") for number in range(12)]

    async def all_were_asked() -> bool:
        return len(times) == 12

    async with Client(Limits(spacing_s=0.03)) as spaced:
        house.client = spaced
        async with Running(house.watcher(*feeds, live=True)):
            await until(all_were_asked)
    assert most <= 2
    assert min(later - sooner for sooner, later in pairwise(times)) > 0.015


async def test_the_clock_of_a_date_is_the_wall_s(house: House, origin: Origin) -> None:
    at = datetime.now(UTC) + timedelta(hours=3)
    house.now = datetime.now(UTC)
    feed = url_feed(origin.gives("/feed", status=503, Retry_After=format_datetime(at, usegmt=True)))
    assert abs(await due_after(house, feed) / (3 * HOUR) - 1) < 0.11


async def test_no_password_of_a_feed_is_told_anywhere(
    house: House, origin: Origin, capsys: pytest.CaptureFixture[str]
) -> None:
    for answer in ({"body": document()}, {"status": 500}, {"status": 302, "Location": "/feed"}, {"body": b"<html>"}):
        origin.gives("/feed", **answer)
        feed: Any = url_feed(origin.url("/feed").replace("://", "://ann:s3cret@"), authorization="Bearer t0ken")
        await house.poll(feed)
    state = await house.store.feed_state("gazette")
    told = f"{state} {feed.shown} {capsys.readouterr()}"
    assert "feed.polled" in told
    assert not [secret for secret in ("s3cret", "t0ken") if secret in told]
