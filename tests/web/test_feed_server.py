from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import feedparser
import pytest
from aiohttp.test_utils import TestClient, TestServer

from service.errors import FeedListError
from service.web.feed_server import make_app

TEXTS = {"01-first.txt": "The pier closes.\nAt noon.\n\n“A < B & C”, he said.", "02-second.txt": "The pier opens."}
LISTING = """
title = "Harbour & co"

[[item]]
file = "01-first.txt"
guid = "planted-1"
headline = "Pier <closed> & shut"
source = "The Gazette"
published = 2031-05-04T12:00:00+02:00

[[item]]
file = "02-second.txt"
guid = "planted-2"
headline = "Pier opens"
link = "https://x.example/2"
"""


def folder(tmp_path: Path, listing: str = LISTING) -> Path:
    (tmp_path / "harbour").mkdir()
    (tmp_path / "harbour" / "feed.toml").write_text(listing)
    for name, text in TEXTS.items():
        (tmp_path / "harbour" / name).write_text(text)
    (tmp_path / "other").mkdir()
    return tmp_path


@asynccontextmanager
async def serving(directory: Path, *timing: float) -> AsyncIterator[TestClient[Any, Any]]:
    async with TestClient(TestServer(make_app(directory, *timing))) as client:
        yield client


async def test_a_folder_becomes_a_feed_that_says_what_its_listing_says(tmp_path: Path) -> None:
    async with serving(folder(tmp_path)) as client:
        answer = await client.get("/harbour.rss")
        feed = feedparser.parse(await answer.read(), sanitize_html=False)

    assert answer.content_type == "application/rss+xml"
    assert not feed.bozo
    assert feed.feed.title == "Harbour & co"
    second, first = feed.entries
    assert (first.id, first.link, first.source.title) == (
        "planted-1",
        "https://harbour.invalid/01-first",
        "The Gazette",
    )
    assert (first.published, first.title) == ("Sun, 04 May 2031 10:00:00 GMT", "Pier &lt;closed&gt; &amp; shut")
    assert first.content[0].value == "<p>The pier closes.<br />At noon.</p><p>“A &lt; B &amp; C”, he said.</p>"
    assert (second.link, "published" in second) == ("https://x.example/2", False)


async def test_both_validators_give_a_304(tmp_path: Path) -> None:
    async with serving(folder(tmp_path)) as client:
        full = await client.get("/harbour.rss")
        by_tag = await client.get("/harbour.rss", headers={"If-None-Match": full.headers["ETag"]})
        by_time = await client.get("/harbour.rss", headers={"If-Modified-Since": full.headers["Last-Modified"]})
        other_tag = {"If-None-Match": '"x"', "If-Modified-Since": full.headers["Last-Modified"]}
        neither = await client.get("/harbour.rss", headers=other_tag)

        assert [answer.status for answer in (full, by_tag, by_time, neither)] == [200, 304, 304, 200]
        assert await by_tag.read() == b""
        assert by_tag.headers["ETag"] == full.headers["ETag"]


async def test_items_appear_one_after_another(tmp_path: Path) -> None:
    async def ids(client: TestClient[Any, Any]) -> list[str]:
        return [entry.id for entry in feedparser.parse(await (await client.get("/harbour.rss")).read()).entries]

    async with serving(folder(tmp_path), 0.3, 0.2) as client:
        seen = [await ids(client)]
        while len(seen[-1]) < 2:
            await asyncio.sleep(0.02)
            now = await ids(client)
            seen += [now] if now != seen[-1] else []
    assert seen == [[], ["planted-1"], ["planted-2", "planted-1"]]


async def test_the_index_lists_the_feeds_and_an_unknown_one_is_told(tmp_path: Path) -> None:
    async with serving(folder(tmp_path)) as client:
        page = await (await client.get("/")).text()
        unknown = await client.get("/none.rss")
    assert '<a href="/harbour.rss">Harbour &amp; co</a>, 2 items' in page
    assert unknown.status == 404


@pytest.mark.parametrize(
    ("listing", "complaint"),
    [
        (
            'title = "x"\n[[item]]\nfile = "01-first.txt"\nguid = "1"\nheadlin = "h"\n',
            "5: unknown key 'headlin'; did you mean",
        ),
        ('title = "x"\n[[item]]\nfile = "none.txt"\nguid = "1"\nheadline = "h"\n', "none.txt: cannot be read"),
        ('title = "x"\n[[item]]\nfile = "../x"\nguid = "1"\nheadline = "h"\n', "2: file is the name of a text"),
        ('title = "x\n', ":1: not TOML"),
    ],
)
def test_a_listing_that_cannot_be_used_is_told_with_its_line(tmp_path: Path, listing: str, complaint: str) -> None:
    with pytest.raises(FeedListError) as caught:
        make_app(folder(tmp_path, listing))
    assert complaint in caught.value.message


def test_a_folder_without_feeds_is_told(tmp_path: Path) -> None:
    with pytest.raises(FeedListError, match=r"none of its folders has a feed\.toml"):
        make_app(tmp_path)
