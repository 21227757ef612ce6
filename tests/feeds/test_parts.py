from __future__ import annotations

from datetime import UTC, datetime

from service.feeds.feed import Feed
from service.feeds.look import Look, Looker, Memory
from service.feeds.parser_pool import ParserPool
from service.feeds.parts import MAX_PARTS, own_parts
from service.net.client import Client
from tests.feeds.feed_texts import titles
from tests.origin import Origin

NOW = datetime(2031, 5, 4, tzinfo=UTC)
NEWS = 'xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"'


def sitemap(number: int) -> bytes:
    news = f"<news:news><news:title>Notice {number}</news:title></news:news>"
    return f"<urlset {NEWS}><url><loc>https://x.example/{number}</loc>{news}</url></urlset>".encode()


def index(*addresses: str) -> bytes:
    listed = "".join(
        f"<sitemap><loc>{address}</loc><lastmod>2031-05-{30 - number}</lastmod></sitemap>"
        for number, address in enumerate(addresses)
    )
    return f"<sitemapindex>{listed}</sitemapindex>".encode()


async def look(origin: Origin, client: Client, parsers: ParserPool) -> Look:
    feed = Feed("harbour", "url", origin.url("/index"), 1.0, allow_private=True, authorization="Basic x")
    return await Looker(client, parsers, "scope").look(feed, Memory(), NOW)


async def test_the_newest_sitemaps_of_an_index_are_read(origin: Origin, client: Client, parsers: ParserPool) -> None:
    for number in range(5):
        origin.gives(f"/{number}", sitemap(number))
    origin.gives("/index", index(*(f"/{number}" for number in range(5))))

    seen = await look(origin, client, parsers)

    assert seen.listing is not None
    assert titles(seen.listing) == ["Notice 0", "Notice 1", "Notice 2"]
    assert [request.path for request in origin.requests] == ["/index", "/0", "/1", "/2"]
    assert seen.memory.fingerprint


async def test_a_sitemap_that_fails_is_told_and_the_index_is_asked_for_anew(
    origin: Origin, client: Client, parsers: ParserPool
) -> None:
    origin.gives("/0", status=404)
    origin.gives("/1", sitemap(1))
    origin.gives("/index", index("/0", "/1"), ETag='"1"')

    seen = await look(origin, client, parsers)

    assert seen.listing is not None
    assert titles(seen.listing) == ["Notice 1"]
    assert "/0 cannot be read: the server answers 404" in str(seen.listing.problem)
    assert seen.memory == Memory()


async def test_what_an_index_lists_elsewhere_is_not_asked_for(
    origin: Origin, client: Client, parsers: ParserPool
) -> None:
    origin.gives("/index", index("https://y.example/1", "http://localhost/1", "file:///etc/passwd"))

    seen = await look(origin, client, parsers)

    assert seen.listing is not None
    assert (seen.listing.given, len(origin.requests)) == (0, 1)


def test_parts_are_few_and_of_the_feeds_own_origin() -> None:
    feed = "https://x.example/index"
    assert own_parts(feed, ["http://x.example/1", "https://x.example:444/1", "https://[x", "", "/1"]) == ()
    assert len(own_parts(feed, [f"https://x.example/{number}" for number in range(9)])) == MAX_PARTS
