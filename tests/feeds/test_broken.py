"""Whatever is done to a document: it is read or refused in words, and no item is lost count of."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from service.feeds.listing import FeedUnreadable
from tests.feeds.feed_texts import item, read, rss
from tests.feeds.test_formats import NEWSML, SITEMAP
from tests.feeds.test_parse import ATOM, ATOM_TWO, RDF, RSS, json_feed

WHOLE = (RSS, ATOM, ATOM_TWO, RDF, SITEMAP, NEWSML, rss(item(1), item(2)), json_feed({"id": "1", "title": "x"}))
PIECES = (
    "<item>", "</item>", "<![CDATA[", "]]>", "<!--", "-->", "&nbsp;", "&", "<", ">", "\0", '"', "'", "<![", "{", "[",
    "&#x110000;", "&#99999999999;", "<textInput><name>", "<image><height>", "<title/>", '<link href="http://[::1">',
    '<!DOCTYPE x [<!ENTITY a "b">]>', '<?xml version="1.0" encoding="utf-16"?>', 'xml:base="http://[x"',
    "<georss:point>",
    "<pubDate>Mon, 31 Feb 0000 25:61:61 +9999</pubDate>", "<dc:date>9999-99-99T99:99:99Z</dc:date>", "\ufeff", "\ud800",
)  # fmt: skip


@st.composite
def broken(draw: st.DrawFn) -> bytes:
    body = draw(st.sampled_from(WHOLE)).encode()
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(body)))
        piece = draw(st.sampled_from(PIECES)).encode("utf-8", "surrogatepass")
        cut = draw(st.sampled_from((0, 0, 1, 20, len(body))))
        body = body[:at] + piece + body[at + cut :]
    return body


@settings(max_examples=150)
@given(broken(), st.sampled_from(("", "text/html; charset=latin-1", "application/xml; charset=utf-16")))
def test_what_was_broken_is_read_or_refused_in_words(body: bytes, content_type: str) -> None:
    try:
        listing = read(body, content_type=content_type, aggregator=True)
    except FeedUnreadable as failure:
        assert failure.words
        return
    again = read(body, content_type=content_type, aggregator=True, known=listing.known)
    assert again.given == listing.given
    for entry in listing.entries:
        f"{entry.key}{entry.uri}{entry.headline}{entry.body}{entry.source}".encode()
