from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from service.errors import ClaimwireError, StoreUnavailable
from service.feeds.config import Feed, load_feed_list, source_of
from service.feeds.intake import Followed
from service.feeds.look import Looker
from service.feeds.parser_pool import ParserPool
from service.feeds.replay import admit_all
from service.model import Article, EntryResult
from service.net.client import Client
from service.store import keys
from service.store.store import Store

STORY = Followed("harbour", lambda headline, text: "pier" in text)
RSS = """<rss version='2.0'><channel><title>Wire</title>
<item><guid>w2</guid><pubDate>06 May 2031 12:00:00 GMT</pubDate><description>pier w2</description></item>
<item><guid>w1</guid><pubDate>05 May 2031 12:00:00 GMT</pubDate><description>pier w1</description></item>
<item><guid>w0</guid><description>pier w0</description></item>
</channel></rss>"""
LIST = """
[[feed]]
folder = "texts"
[[feed.text]]
file = "c.txt"
published = 2031-05-06
[[feed.text]]
file = "a.txt"
[[feed.text]]
file = "b.txt"
published = 2031-05-04

[[feed]]
file = "wire.rss"
"""


@pytest.fixture
def feeds(tmp_path: Path) -> tuple[Feed, ...]:
    (tmp_path / "texts").mkdir()
    for name in ("a", "b", "c"):
        (tmp_path / "texts" / f"{name}.txt").write_text(f"pier {name}")
    (tmp_path / "texts" / "empty.txt").write_text("")
    (tmp_path / "wire.rss").write_text(RSS)
    (tmp_path / "feeds.toml").write_text(LIST)
    return load_feed_list(tmp_path / "feeds.toml").feeds


async def replayed(
    feeds: tuple[Feed, ...], store: Store, client: Client, parsers: ParserPool, cap: int = 100
) -> object:
    looker = Looker(client, parsers, "replay")
    return (await admit_all(feeds, looker, parsers, store, [STORY], doc_ttl_s=60, backlog_cap=cap)).results


async def admitted(store: Store) -> list[tuple[str, str]]:
    articles = [Article.from_json(entry.fields["article"], "") for entry in await store.range(keys.articles("harbour"))]
    return [(article.uri.rpartition("/")[2], f"{article.first_seen:%m-%d %H}") for article in articles]


EXPECTED = [
    ("b", "05-04 00"),
    ("w1", "05-05 12"),
    ("w0", "05-05 12"),
    ("c", "05-06 00"),
    ("a", "05-06 00"),
    ("w2", "05-06 12"),
]


async def test_everything_is_admitted_in_order_of_publication_at_the_articles_own_clock(
    feeds: tuple[Feed, ...], store: Store, client: Client, parsers: ParserPool
) -> None:
    results = await replayed(feeds, store, client, parsers)

    assert results == {EntryResult.ADMITTED: 6, EntryResult.UNREADABLE: 1}
    assert await admitted(store) == EXPECTED


async def test_an_undated_article_says_null_and_carries_no_trace(
    feeds: tuple[Feed, ...], store: Store, client: Client, parsers: ParserPool
) -> None:
    await replayed(feeds, store, client, parsers)
    entries = await store.range(keys.articles("harbour"))
    undated = [
        Article.from_json(entry.fields["article"], "")
        for entry in entries
        if '"published": null' in entry.fields["article"]
    ]
    assert [article.uri.rpartition("/")[2] for article in undated] == ["w0", "a"]
    assert all(article.traceparent is None for article in undated)


async def test_a_replay_that_died_goes_on_where_it_was(
    feeds: tuple[Feed, ...], store: Store, client: Client, parsers: ParserPool
) -> None:
    class Dying:
        calls = 0

        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        async def admit(self, *arguments: object) -> EntryResult:
            self.calls += 1
            if self.calls > 3:
                raise KeyboardInterrupt
            return await store.admit(*arguments)  # type: ignore[arg-type]

    looker = Looker(client, parsers, "replay")
    replaying = admit_all(feeds, looker, parsers, Dying(), [STORY], doc_ttl_s=60, backlog_cap=100)  # type: ignore[arg-type]
    with pytest.raises(KeyboardInterrupt):
        await replaying
    assert len(await admitted(store)) == 3

    await replayed(feeds, store, client, parsers)
    assert await admitted(store) == EXPECTED


async def test_redis_gone_for_a_moment_costs_nothing(
    feeds: tuple[Feed, ...], store: Store, client: Client, parsers: ParserPool
) -> None:
    class Shaky:
        calls = 0

        def __getattr__(self, name: str) -> object:
            return getattr(store, name)

        async def admit(self, *arguments: object) -> EntryResult:
            self.calls += 1
            result = await store.admit(*arguments)  # type: ignore[arg-type]
            if self.calls % 2:
                raise StoreUnavailable("the answer was lost")
            return result

    looker = Looker(client, parsers, "replay")
    await admit_all(feeds, looker, parsers, Shaky(), [STORY], doc_ttl_s=60, backlog_cap=100)  # type: ignore[arg-type]
    assert await admitted(store) == EXPECTED


async def test_one_guid_in_different_words_is_two_articles_and_no_endless_revision(
    tmp_path: Path, store: Store, client: Client, parsers: ParserPool
) -> None:
    for name, words in (("one", "pier short"), ("two", "pier in full")):
        item = f"<item><guid>g</guid><title>{words}</title></item>"
        (tmp_path / f"{name}.rss").write_text(f"<rss version='2.0'><channel><title>W</title>{item}</channel></rss>")
    sources = source_of(str(tmp_path / "one.rss")) + source_of(str(tmp_path / "two.rss"))

    for _ in range(3):
        await replayed(sources, store, client, parsers)
    assert len(await admitted(store)) == 2


async def test_a_replay_waits_while_the_workers_are_behind(
    feeds: tuple[Feed, ...], store: Store, client: Client, parsers: ParserPool
) -> None:
    await replayed(feeds[:1], store, client, parsers)
    waiting = asyncio.create_task(replayed(feeds, store, client, parsers, cap=1))
    await asyncio.sleep(0.3)
    assert not waiting.done()
    waiting.cancel()


async def test_a_source_that_cannot_be_read_stops_the_replay(
    tmp_path: Path, store: Store, client: Client, parsers: ParserPool
) -> None:
    (tmp_path / "page.rss").write_text("<html>Sign in</html>")
    with pytest.raises(ClaimwireError, match="it is a web page, not a feed"):
        await replayed(source_of(str(tmp_path / "page.rss")), store, client, parsers)
    assert await admitted(store) == []
