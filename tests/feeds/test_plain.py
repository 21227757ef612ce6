"""Plain items are read as feedparser reads them; what is not plain is left to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.feeds.delta import fresh
from service.feeds.listing import Listing
from service.feeds.parse import parse
from service.feeds.plain import plain_items
from service.feeds.reading import Reading
from service.feeds.scan import scan
from service.feeds.syndication import read_syndication
from tests.feeds.feed_texts import document, item, rss
from tests.feeds.test_parse import ATOM_TWO, RDF, RSS

ATTRIBUTES = ("", " type='html'", " type='text'", " type='xhtml'", " type='odd'", " isPermaLink='false'", " mode='xml'")
WORDS = (
    "",
    " ",
    "words",
    "two words",
    "&lt;p&gt;a paragraph&lt;/p&gt;",
    "<![CDATA[<p>it &amp; that</p>]]>",
    "a<!-- a comment -->b",
    "a<?pi?>b",
    "&#169; caf\u00e9",
    "caf\u00c3\u00a9",  # UTF-8 that was taken for ISO 8859-1
    "a\u0093quote\u0094",  # windows-1252 that was taken for it
    "\u6e2f\u53e3",
    "https://x.example/a?b=1&amp;c=2&amp;amp;d;",
    "https:///x.example//a",
    "/relative",
    "Sun, 04 May 2031 12:00:00 GMT",
    "2031-05-04T12:00:00+02:00",
    "2031-05-04",
    "&amp;lt;b&amp;gt;",
    "<b>markup</b>",
    "c\u0301 \u2028 x",
)
NAMES = (
    "title", "link", "guid", "id", "description", "summary", "content", "content:encoded", "pubDate", "published",
    "updated", "dc:date", "dc:creator", "author", "category", "comments", "source", "media:title", "media:thumbnail",
    "media:content", "x:title", "x:note", "date", "url", "body", "enclosure", "image", "language", "dc:rights", "name",
    "PubDate", "GUID", "issued", "modified", "dcterms:issued", "itunes:summary", "itunes:author", "fullitem",
)  # fmt: skip
LINKS = (
    "<link href='https://x.example/1'/>",
    "<link rel='alternate' type='text/html' href='https://x.example/1'/>",
    "<link rel='enclosure' href='https://x.example/1.mp3' length='1'/>",
    "<link rel='self' href='/self'/>",
    "<link type='application/pdf' href='/pdf'/>",
    "<link rel='alternate'/>",
    "<a:link xmlns:a='http://www.w3.org/2005/Atom' rel='alternate' href='/atom'/>",
)
WHOLE = (
    "<author><name>N</name><email>a@x.example</email></author>",
    "<media:group><media:content url='u'/><media:credit>c</media:credit></media:group>",
    "<media:content url='u'><media:title>of a picture</media:title></media:content>",
    "<post-id xmlns='urn:blog'>7</post-id>",
    "<title xmlns='urn:x'>strange</title>",
    "<div xmlns='http://www.w3.org/1999/xhtml'><p>x</p></div>",
    "<source url='u'><title>t</title></source>",
    "<section><title>deep</title></section>",
    "<item><title>within</title></item>",
    "<description base='/b/'>based</description>",
    "&nbsp;",
)
NAMESPACES = (
    "xmlns:content='http://purl.org/rss/1.0/modules/content/' xmlns:dc='http://purl.org/dc/elements/1.1/' "
    "xmlns:dcterms='http://purl.org/dc/terms/' xmlns:media='http://search.yahoo.com/mrss/' xmlns:x='urn:x' "
    "xmlns:itunes='http://www.itunes.com/dtds/podcast-1.0.dtd'"
)
leaves = st.builds(
    lambda name, attributes, words: f"<{name}{attributes}>{words}</{name}>",
    st.sampled_from(NAMES), st.sampled_from(("", "", "", *ATTRIBUTES)), st.sampled_from(WORDS),
)  # fmt: skip
items = st.lists(leaves | leaves | st.sampled_from(LINKS + WHOLE), max_size=6).map("".join)
heads = st.sampled_from(
    ("", "<title>t</title>", "<title>t</title><language>de</language><image><url>u</url></image>", "<ttl>5</ttl>")
)
kinds = st.sampled_from(
    (
        ("<rss version='2.0' NS><channel>", "item", "</channel></rss>"),
        ("<rss NS><channel>", "item", "</channel></rss>"),
        ("<feed xmlns='http://www.w3.org/2005/Atom' NS>", "entry", "</feed>"),
        ("<feed version='0.3' xmlns='http://purl.org/atom/ns#' NS>", "entry", "</feed>"),
        (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/' NS>",
            "item rdf:about='urn:1'",
            "</rdf:RDF>",
        ),
    )
)


@st.composite
def feeds(draw: st.DrawFn) -> str:
    start, name, end = draw(kinds)
    listed = draw(st.lists(items, min_size=1, max_size=4))
    written = "".join(f"<{name}>{one}</{name.split()[0]}>" for one in listed)
    return start.replace("NS", draw(st.sampled_from((NAMESPACES, NAMESPACES, NAMESPACES.replace("dc=", "DC="))))) + (
        draw(heads) + written + draw(heads) + end
    )


def alone(body: str, monkeypatch: pytest.MonkeyPatch) -> Listing:
    """As feedparser alone reads it."""
    with monkeypatch.context() as patch:
        patch.setattr("service.feeds.parse.plain_items", lambda body, count: ())
        return parse(document(body, aggregator=True))


@settings(max_examples=400)
@given(feeds())
def test_any_feed_reads_as_feedparser_alone_reads_it(body: str) -> None:
    with pytest.MonkeyPatch.context() as monkeypatch:
        assert parse(document(body, aggregator=True)) == alone(body, monkeypatch)


@pytest.mark.parametrize("body", [RSS, ATOM_TWO, RDF], ids=["rss", "atom", "rdf"])
def test_the_documents_of_other_tests_read_alike(body: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert parse(document(body, aggregator=True)) == alone(body, monkeypatch)


def plain(*items: str, body: str = "") -> list[bool]:
    scanned = scan((body or rss(*items)).split("?>\n")[-1].encode(), 100)
    return [one is not None for one in plain_items(scanned.body, len(scanned.shape.items))]


def test_the_usual_item_is_plain() -> None:
    wordpress = item(2, "&lt;p&gt;x&lt;/p&gt;", "<category><![CDATA[Port]]></category><comments>u</comments>")
    assert plain(item(1), wordpress) == [True, True]


@pytest.mark.parametrize(
    "odd",
    [
        "<title>again</title>",
        "<image><title>i</title></image>",
        "<description>again</description>",
        "<item/>",
        "<date>2031-05-04</date>",
        "<content type='xhtml'><p>x</p></content>",
    ],
)
def test_an_item_with_anything_unknown_is_left_to_feedparser_alone(odd: str) -> None:
    assert plain(item(1), item(2, more=odd), item(3)) == [True, False, True]


@pytest.mark.parametrize(
    "frame",
    [
        "<rss xml:base='https://y.example/'>",
        "<rss xmlns:dc='urn:other'>",
        "<rss xmlns:x='urn:a' xmlns:y='urn:a'>",
        "<rss xmlns:x='urn:a&#98;'>",
    ],
)
def test_where_the_document_makes_a_difference_nothing_is_plain(frame: str) -> None:
    assert plain(body=rss(item(1)).replace('<rss version="2.0">', frame)) == []


def test_only_what_is_odd_reaches_feedparser() -> None:
    # given
    body, seen = rss(item(1), item(2, more="<image/>"), item(3)), list[bytes]()
    scanned = scan(body.split("?>\n")[-1].encode(), 100)
    given = document(body)

    def reader(part: bytes) -> Reading:
        seen.append(part)
        return read_syndication(given, part)

    # when
    found = fresh(given, scanned, reader, plain_items)
    # then
    assert [entry.headline for entry in found.reading.entries] == ["Notice 1", "Notice 2", "Notice 3"]
    assert [b"Notice %d" % number in seen[0] for number in (1, 2, 3)] == [False, True, False]


def test_a_reader_that_differs_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: the comparison sees a plain reader that is wrong about one thing."""
    monkeypatch.setitem(plain_items.__globals__["_WORDS"], "comments", "title")
    body = rss("<item><link>https://x.example/1</link><comments>c</comments></item>")
    assert parse(document(body, aggregator=True)) != alone(body, monkeypatch)
