from __future__ import annotations

from pathlib import Path

import pytest

from service.errors import FeedListError
from service.feeds.config import Feed, load_feed_list, source_of
from service.feeds.opml import opml_of, toml_of

LIST = """<?xml version="1.0" encoding="ISO-8859-1"?>
<opml version="1.1"><head><title>Feeds</title></head><body>
<outline text="Harbour"><outline type="rss" text="Café News" title="Café News" xmlUrl="https://x.example/feed"/>
<outline text="Gazette" XMLURL="feed://y.example/feed" language="de"/></outline>
<outline title="Gazette" xmlUrl=" feed:https://z.example/a?b=1&amp;c=2 "/>
<outline title="again" xmlUrl="https://x.example/feed"/>
<outline text="A folder"/><outline xmlUrl="https://x.example/other"/>
</body></opml>"""


def written(folder: Path, words: str | bytes, name: str = "feeds.opml") -> Path:
    path = folder / name
    path.write_bytes(words.encode("iso-8859-1") if isinstance(words, str) else words)
    return path


def test_an_opml_list_is_taken_wherever_a_list_is(tmp_path: Path) -> None:
    feeds = load_feed_list(written(tmp_path, LIST)).feeds
    assert [(feed.name, feed.address, feed.language) for feed in feeds] == [
        ("Café News", "https://x.example/feed", None),
        ("y.example/feed", "http://y.example/feed", "de"),
        ("z.example/a?b=1&c=2", "https://z.example/a?b=1&c=2", None),
        ("x.example/other", "https://x.example/other", None),
    ]
    assert {(feed.kind, feed.interval_s, feed.aggregator, feed.allow_private) for feed in feeds} == {
        ("url", 300.0, False, False)
    }
    assert source_of(str(tmp_path / "feeds.opml")) == feeds


def test_what_was_written_is_read_again(tmp_path: Path) -> None:
    feeds = load_feed_list(written(tmp_path, LIST)).feeds
    assert load_feed_list(written(tmp_path, opml_of(feeds).encode())).feeds == feeds
    assert load_feed_list(written(tmp_path, toml_of(feeds).encode(), "feeds.toml")).feeds == feeds


def test_no_login_and_nothing_of_this_machine_is_written() -> None:
    feeds = [
        Feed("a", "url", "https://desk:pass@x.example/feed", 1.0, authorization="Basic x", proxy="http://u:pass@p:1"),
        Feed("b", "folder", "/srv/texts", 1.0),
        Feed('c"<&', "url", "https://x.example/?a&b", 1.0),
    ]
    for words in (opml_of(feeds), toml_of(feeds)):
        assert "pass" not in words
        assert "desk" not in words
        assert "srv" not in words
        assert "https://x.example/feed" in words


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "it is not OPML"),
        ("just words", "it is not OPML"),
        ("<rss/>", "it is not OPML"),
        ("<opml><body/></opml>", "no feed is listed"),
        ("<opml><body>\n<outline xmlUrl='file:///etc/passwd'/></body></opml>", ":2: xmlUrl must be an http"),
        ("<opml><body><outline xmlUrl='javascript:x'/></body></opml>", "xmlUrl must be an http"),
        ("<opml><body>" + "<outline>" * 500 + "</outline>" * 500 + "</body></opml>", "nested more than 128 deep"),
        ("<opml><outline " + " ".join(f"a{n}='1'" for n in range(1_000)) + "/></opml>", "more than 64 attributes"),
        ('<!DOCTYPE o [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><opml>&b;</opml>', "grow beyond all bounds"),
    ],
)
def test_what_is_no_list_or_a_bomb_is_refused_in_words(tmp_path: Path, words: str, complaint: str) -> None:
    with pytest.raises(FeedListError) as caught:
        load_feed_list(written(tmp_path, words))
    assert complaint in caught.value.message
    assert caught.value.message.startswith(str(tmp_path / "feeds.opml"))


def test_a_list_of_too_many_feeds_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("service.feeds.opml._MAX_FEEDS", 10)
    listed = "".join(f"<outline xmlUrl='https://x.example/{number}'/>" for number in range(11))
    with pytest.raises(FeedListError, match="more than 10 feeds"):
        load_feed_list(written(tmp_path, f"<opml>{listed}</opml>"))
