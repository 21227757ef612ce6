from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from service.feeds.document import Document
from service.feeds.listing import FeedUnreadable, Listing
from service.feeds.parse import parse
from service.model import EntryResult, Published

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/">
<channel><title>Harbour  News</title><link>https://x.example/</link><ttl>60</ttl><language>en-GB</language>
<item>
  <title>Pier &lt;b&gt;closed&lt;/b&gt;</title><link>/pier</link><guid isPermaLink="false">g1</guid>
  <source url="https://wire.example/">Example Wire</source><pubDate>Sun, 04 May 2031 12:00:00 +0200</pubDate>
  <description>short</description><content:encoded><![CDATA[<p>The pier is closed.</p>]]></content:encoded>
</item>
<item><title>Ferry waits</title><link>https://x.example/ferry</link><description>Plain words.</description></item>
</channel></rss>"""

ATOM = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour</title><id>urn:f</id>
<entry><id>urn:1</id><title>Pier closed</title><link href="https://x.example/1"/><updated>2031-05-04T10:00:00Z</updated>
<content type="html">&lt;p&gt;The pier.&lt;/p&gt;</content></entry></feed>"""

ATOM_TWO = """<feed xmlns="http://www.w3.org/2005/Atom"><title>Harbour News</title><id>urn:f</id>
<entry><id>urn:1</id><title>Pier</title><source><id>urn:w</id><title>Example Wire</title></source></entry>
<entry><id>urn:2</id><title>Ferry</title></entry></feed>"""

RDF = """<?xml version="1.0"?><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/"><channel rdf:about="x"><title>Harbour</title></channel>
<item rdf:about="https://x.example/1"><title>Pier closed</title><link>https://x.example/1</link></item></rdf:RDF>"""

NOON = datetime(2031, 5, 4, 10, tzinfo=UTC)


def document(body: str | bytes, **changes: object) -> Document:
    raw = body.encode() if isinstance(body, str) else body
    plain = Document("harbour", raw, "", "https://x.example/feed", None, None, max_items=100, max_item_chars=10_000)
    return replace(plain, **changes)  # type: ignore[arg-type]


def read(body: str | bytes, **changes: object) -> Listing:
    return parse(document(body, **changes))


def json_feed(*items: object, **feed: object) -> str:
    return json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Harbour", "items": items, **feed})


def test_rss_entries_keep_what_the_feed_gave() -> None:
    listing = read(RSS)
    first, second = listing.entries

    assert (first.key, first.uri, first.source) == ("g1", "https://x.example/pier", "Harbour News")
    assert (first.headline, first.body, first.markup) == ("Pier <b>closed</b>", "<p>The pier is closed.</p>", "html")
    assert first.published == Published(NOON, "second", "feed")
    assert first.language == "en-GB"
    assert (second.key, second.source, second.body) == ("https://x.example/ferry", "Harbour News", "Plain words.")
    assert second.published is None
    assert (listing.refused, listing.problem, listing.ttl_s) == ((), None, 3_600)


@pytest.mark.parametrize(
    ("source", "aggregator", "sources"),
    [
        ("The Gazette", False, ["The Gazette", "The Gazette"]),
        ("The Gazette", True, ["The Gazette", "The Gazette"]),
        (None, True, ["Example Wire", "Harbour News"]),
        (None, False, ["Harbour News", "Harbour News"]),
    ],
)
@pytest.mark.parametrize("body", [RSS, ATOM_TWO], ids=["rss", "atom"])
def test_the_list_names_the_outlet_then_an_aggregators_item_then_the_feed(
    body: str, source: str | None, aggregator: bool, sources: list[str]
) -> None:
    assert [entry.source for entry in read(body, source=source, aggregator=aggregator).entries] == sources


def linked(*items: str) -> str:
    listed = "".join(f"<item>{item}</item>" for item in items)
    return f"<rss version='2.0'><channel><title>t</title>{listed}</channel></rss>"


@pytest.mark.parametrize("url", ["", "https://x.example/feed"], ids=["file", "url"])
@pytest.mark.parametrize(
    ("item", "key", "uri"),
    [
        ("<guid>1</guid><title>t</title>", "1", "entry:harbour/1"),
        ("<guid>/a b</guid><title>t</title>", "/a b", "entry:harbour/%2Fa%20b"),
        ("<guid>https://x.example/1</guid><title>t</title>", "https://x.example/1", "https://x.example/1"),
        ("<guid>1</guid><link>https://x.example/p</link><title>t</title>", "1", "https://x.example/p"),
        ("<guid>1</guid><link>javascript:alert(1)</link><title>t</title>", "1", "entry:harbour/1"),
        ("<guid>1</guid><link>https://[x</link><title>t</title>", "1", "entry:harbour/1"),
    ],
)
def test_an_address_is_a_link_to_the_web_and_never_made_of_a_guid(url: str, item: str, key: str, uri: str) -> None:
    (entry,) = read(linked(item), url=url).entries
    assert (entry.key, entry.uri) == (key, uri)


def test_an_atom_id_is_no_address() -> None:
    (entry,) = read(ATOM.replace('<link href="https://x.example/1"/>', "")).entries
    assert (entry.key, entry.uri) == ("urn:1", "entry:harbour/urn%3A1")


def test_a_link_is_made_absolute_where_the_feed_has_an_address() -> None:
    item = "<guid isPermaLink='false'>/p</guid><link>/p</link><title>t</title>"
    assert read(linked(item)).entries[0].uri == "https://x.example/p"
    assert read(linked(item), url="").entries[0].uri == "entry:harbour/%2Fp"
    based = ATOM.replace("<feed ", '<feed xml:base="https://b.example/d/" ').replace("https://x.example/1", "q")
    assert read(based).entries[0].uri == "https://b.example/d/q"


def test_two_feeds_that_count_their_items_alike_never_give_one_address() -> None:
    item = "<guid>1</guid><title>t</title>"
    uris = {
        read(linked(item), feed=feed, url="https://host.example/f").entries[0].uri for feed in ("one", "two", "one/1")
    }
    assert uris == {"entry:one/1", "entry:two/1", "entry:one%2F1/1"}


def test_a_feed_that_says_nothing_stands_for_itself() -> None:
    body = RSS.replace("Harbour  News", " ")
    assert {entry.source for entry in read(body).entries} == {"harbour"}


def test_atom_and_rdf_are_read() -> None:
    (atom,) = read(ATOM).entries
    assert (atom.key, atom.uri, atom.body, atom.published) == (
        "urn:1", "https://x.example/1", "<p>The pier.</p>", Published(NOON, "second", "feed"),
    )  # fmt: skip
    (rdf,) = read(RDF).entries
    assert (rdf.headline, rdf.uri) == ("Pier closed", "https://x.example/1")


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2031-05-04", Published(datetime(2031, 5, 4, tzinfo=UTC), "day", "feed")),
        ("2031-05-04T12:00+02:00", Published(NOON, "minute", "feed")),
        ("2031-05-04T12:00:00.25+02:00", Published(NOON, "second", "feed")),
        ("some day", None),
        ("0001-01-01T00:00:00+14:00", None),
    ],
)
def test_a_date_is_no_more_precise_than_it_was_written(written: str, expected: Published | None) -> None:
    item = {"id": "1", "content_text": "x", "date_published": written}
    assert read(json_feed(item)).entries[0].published == expected


def test_json_feed_is_read_whatever_its_content_type() -> None:
    listing = read(
        json_feed(
            {"id": 7, "url": "https://x.example/7", "title": "Pier", "content_text": "Line\n\nline", "language": "en"},
            {"id": "8", "content_html": "<p>Ferry</p>", "url": "javascript:alert(1)"},
            "not an item",
            {"id": "9"},
        ),
        content_type="text/html",
    )
    first, second, empty = listing.entries
    assert (empty.key, empty.headline, empty.body) == ("9", "", "")
    assert (first.key, first.uri, first.markup, first.language) == ("7", "https://x.example/7", "plain", "en")
    assert (second.uri, second.markup, second.source) == ("entry:harbour/8", "html", "Harbour")
    assert [refused.item for refused in listing.refused] == ["item 3"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "it is empty"),
        (b" \n ", "it is empty"),
        (b"<!DOCTYPE html><html><body><p>Not found</p></body></html>", "it is a web page, not a feed"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "it is neither RSS nor Atom nor JSON Feed"),
        (b"just words", "it is neither RSS nor Atom nor JSON Feed"),
        (b'{"hello": 1}', "it is JSON, but not a JSON Feed"),
        (b'{"version": "https://jsonfeed.org/version/1.1", "items": [', "it begins like JSON and is not"),
        (b'{"a":' * 100_000, "it begins like JSON and is not"),
    ],
)
def test_what_is_no_feed_is_told_in_plain_words(body: bytes, words: str) -> None:
    with pytest.raises(FeedUnreadable) as caught:
        read(body)
    assert words in caught.value.words


@pytest.mark.parametrize("cut", [RSS.index("Ferry") + 3, RSS.index("Plain words") + 5, RSS.index("Plain words")])
def test_of_a_feed_that_is_cut_off_the_whole_items_are_read_and_the_rest_is_told(cut: int) -> None:
    listing = read(RSS[:cut])

    assert [entry.key for entry in listing.entries] == ["g1"]
    assert [(refused.result, refused.why) for refused in listing.refused] in (
        [(EntryResult.UNREADABLE, "cut off")],
        [],
    )
    assert listing.problem == "the document is cut off"


def test_every_item_is_an_entry_or_a_refusal() -> None:
    items = "".join(f"<item><title>{'x' * (n % 3)}</title><description>d</description></item>" for n in range(130))
    empty = "<item><title></title></item>" * 5
    listing = read(f"<rss version='2.0'><channel><title>t</title>{empty}{items}</channel></rss>")

    assert listing.given == 135
    assert len(listing.entries) == 100
    assert [(refused.result, refused.count) for refused in listing.refused] == [(EntryResult.OVER_LIMIT, 35)]


def test_an_item_that_is_too_long_is_refused_alone() -> None:
    listing = read(json_feed({"id": "1", "content_text": "x" * 10_001}, {"id": "2", "content_text": "y"}))
    assert [entry.key for entry in listing.entries] == ["2"]
    assert [refused.result for refused in listing.refused] == [EntryResult.OVER_LIMIT]


def test_a_body_that_is_a_path_is_not_opened(tmp_path: object) -> None:
    with pytest.raises(FeedUnreadable):
        read("/etc/hostname")


def test_entities_from_outside_are_not_read() -> None:
    body = RSS.replace(
        'encoding="utf-8"?>', 'encoding="utf-8"?><!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/hostname">]>'
    )
    with open("/etc/hostname") as file:  # noqa: PTH123
        hostname = file.read().strip() or "?"
    assert all(hostname not in entry.body for entry in read(body.replace("Plain words.", "&x;")).entries)


def test_what_cannot_be_written_leaves_no_parser() -> None:
    # given items whose every string holds a lone surrogate, which JSON can write and UTF-8 cannot; two differ in it
    bad = "x\ud800\0"
    item = {"id": bad, "url": f"https://x.example/{bad}", "title": bad, "content_text": bad, "language": bad}
    other = {**item, "content_text": "another", "url": f"{bad}:no link"}
    feed = json_feed(item, other, {"id": bad}, title=bad)
    # when
    listing = read(feed, max_item_chars=6)
    # then
    assert [len(listing.entries), len(listing.refused)] == [2, 1]
    for entry in listing.entries:
        for name in ("feed", "source", "key", "uri", "headline", "body", "language"):
            written = getattr(entry, name) or ""
            assert "\0" not in written.encode().decode()
    assert all(refused.item.isprintable() for refused in listing.refused)
