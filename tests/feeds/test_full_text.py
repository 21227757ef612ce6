"""The page behind a summary: fetched once, politely, or left with the reason."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from service.errors import StoreUnavailable
from service.feeds.config import Feed
from service.feeds.full_text import Pages
from service.feeds.intake import Intake
from service.feeds.look import Looker
from service.feeds.parser_pool import ParserPool
from service.feeds.watch import Watcher
from service.net.client import Client, Limits
from service.store import keys
from service.store.store import FeedState, Store
from tests.feeds.house import STORY, Breaking
from tests.servers import RealServer

PARAGRAPHS = [
    f"Paragraph {number} says that the council closed the pier of the town for repairs, as it had announced on Monday."
    for number in range(6)
]


def html(*paragraphs: str) -> bytes:
    text = "".join(f"<p>{words}</p>" for words in paragraphs)
    menu = "<nav><a href='/'>Home</a> <a href='/sport'>Sport</a> <a href='/subscribe'>Subscribe now</a></nav>"
    return (
        f"<!doctype html><html lang='en'><head><title>x</title></head><body>{menu}<article><h1>The pier</h1>{text}"
        "</article><footer>All rights reserved</footer></body></html>"
    ).encode()


class Outlet:
    """A feed of summaries and its pages."""

    def __init__(self, origin: Any, store: Store, client: Client, parsers: ParserPool) -> None:
        self.origin, self.store, self._client, self._parsers = origin, store, client, parsers
        origin.gives("/robots.txt", status=404)
        self.state = FeedState()
        self.feed = Feed("gazette", "url", "", 60.0, allow_private=True, full_text=True)

    def lists(self, summary: str = "The pier closes.", link: str = "/1", title: str = "The pier") -> None:
        link = link if "://" in link else self.origin.url(link)
        item = (
            f"<item><guid>1</guid><title>{title}</title><link>{link}</link><description>{summary}</description></item>"
        )
        body = f"<rss version='2.0'><channel><title>Gazette</title>{item}</channel></rss>".encode()
        self.feed = replace(self.feed, address=self.origin.gives("/feed", body))

    async def poll(self, store: Any = None) -> None:
        used = store or self.store
        pages = Pages(self._client, self._parsers, used, [self.feed])
        intake = Intake(used, [STORY], doc_ttl_s=60, backlog_cap=1_000, traced=False, pages=pages)
        watcher = Watcher([self.feed], used, intake, Looker(self._client, self._parsers, "v1"), self._parsers)
        after = await watcher.poll(self.feed, self.state)
        assert after is not None
        assert after.failures == 0, after.error
        self.state = after

    async def texts(self) -> list[tuple[str, str, str | None]]:
        """Text, where it is from, and why not from the page, of each article admitted."""
        told = []
        for entry in await self.store.range(keys.articles(STORY.id)):
            record = json.loads(entry.fields["article"])
            text = await self.store.text(record["id"], STORY.id, int(entry.fields["version"]))
            told.append((text, record["text_from"], record["page_problem"]))
        return told

    def asked(self, path: str) -> int:
        return sum(request.path == path for request in self.origin.requests)


@pytest.fixture
async def outlet(valkey: RealServer, parsers: ParserPool, origin: Any) -> AsyncIterator[Outlet]:
    store = await Store.open(valkey.url)
    async with Client(Limits(total_s=2.0, spacing_s=0.0)) as client:
        yield Outlet(origin, store, client, parsers)
    await store.close()


async def test_the_text_is_the_page_s_without_what_stands_around_it(outlet: Outlet) -> None:
    outlet.origin.gives("/1", html(*PARAGRAPHS), Content_Type="text/html; charset=utf-8")
    outlet.lists()
    await outlet.poll()
    assert await outlet.texts() == [("\n\n".join(PARAGRAPHS), "page", None)]


async def test_a_page_is_asked_for_once_as_long_as_the_feed_says_the_same(outlet: Outlet) -> None:
    outlet.origin.gives("/1", html(*PARAGRAPHS), Content_Type="text/html")
    outlet.lists()
    for _ in range(3):
        await outlet.poll()
        outlet.state = replace(outlet.state, etag="", fingerprint="")  # read in full again
    assert outlet.asked("/1") == outlet.asked("/robots.txt") == 1
    assert len(await outlet.texts()) == 1

    outlet.origin.gives("/1", html(*PARAGRAPHS, "The pier opens."), Content_Type="text/html")
    outlet.lists("The pier opens.")
    await outlet.poll()
    assert outlet.asked("/1") == 2
    assert (await outlet.texts())[1][0].endswith("The pier opens.")


async def test_what_concerns_no_story_is_not_asked_for(outlet: Outlet) -> None:
    outlet.origin.gives("/1", html(*PARAGRAPHS), Content_Type="text/html")
    outlet.lists("Weather.", title="Sun")
    await outlet.poll()
    assert outlet.asked("/1") == outlet.asked("/robots.txt") == 0


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ({"status": 404, "Content_Type": "text/html"}, "404 Not Found"),
        ({"body": b"%PDF-1.4", "Content_Type": "application/pdf"}, "no web page"),
        ({"body": b"<html><body></body></html>", "Content_Type": "text/html"}, "no text is found"),
        ({"body": html("Short."), "Content_Type": "text/html"}, "no"),
        ({"body": b"x" * 11_000_000, "Content_Type": "text/html"}, "larger than the limit"),
        ({"status": 302, "Location": "file:///etc/passwd"}, "away from http(s)"),
    ],
)
async def test_the_summary_stands_in_with_the_reason(outlet: Outlet, page: dict[str, Any], why: str) -> None:
    outlet.origin.gives("/1", **page)
    outlet.lists()
    await outlet.poll()
    ((text, text_from, problem),) = await outlet.texts()
    assert (text, text_from) == ("The pier closes.", "feed")
    assert why in str(problem)


@pytest.mark.parametrize(
    ("robots", "allowed"),
    [
        ({"body": b"User-agent: *\nDisallow: /1"}, False),
        ({"body": b"User-agent: claimwire\nDisallow: /\n\nUser-agent: *\nAllow: /"}, False),
        ({"body": b"User-agent: *\nDisallow: /2"}, True),
        ({"body": b"User-agent: other\nDisallow: /"}, True),
        ({"body": b"\xff\xfe nonsense"}, True),
        ({"status": 403}, True),
        ({"status": 503}, False),
    ],
)
async def test_robots_txt_decides(outlet: Outlet, robots: dict[str, Any], allowed: bool) -> None:
    outlet.origin.gives("/robots.txt", **robots)
    outlet.origin.gives("/1", html(*PARAGRAPHS), Content_Type="text/html")
    outlet.lists()
    await outlet.poll()
    ((_, text_from, problem),) = await outlet.texts()
    assert (text_from == "page") == allowed
    assert allowed or "robots.txt" in str(problem)
    assert outlet.asked("/1") == allowed


async def test_a_page_gets_no_login_and_a_private_host_needs_to_be_the_feed_s_own(outlet: Outlet) -> None:
    outlet.origin.gives("/1", html(*PARAGRAPHS), Content_Type="text/html")
    outlet.feed = replace(outlet.feed, authorization="Bearer secret")
    outlet.lists()
    await outlet.poll()
    told = {request.path: request.headers.get("Authorization") for request in outlet.origin.requests}
    assert told == {"/feed": "Bearer secret", "/robots.txt": None, "/1": None}

    outlet.lists("The pier, again.", link=f"http://localhost:{outlet.origin.server.port}/1")
    await outlet.poll()
    assert outlet.asked("/1") == 1
    assert "robots.txt" in str((await outlet.texts())[1][2])


async def test_a_poll_that_broke_off_gives_the_article_the_same_words(outlet: Outlet) -> None:
    outlet.origin.gives("/1", html(*PARAGRAPHS), Content_Type="text/html")
    outlet.lists()
    breaking = Breaking(outlet.store)
    breaking.lose_admit, breaking.lose_close = {1}, 1
    for page in (
        html(*PARAGRAPHS, "Advertisement of the hour, which is another one with every look at the pier."),
    ) * 2:
        with pytest.raises(StoreUnavailable):
            await outlet.poll(breaking)
        outlet.origin.gives("/1", page, Content_Type="text/html")
    await outlet.poll(breaking)
    assert await outlet.texts() == [("\n\n".join(PARAGRAPHS), "page", None)]
    assert outlet.asked("/1") == 1
