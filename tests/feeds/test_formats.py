from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from service.feeds.listing import FeedUnreadable
from service.model import EntryResult, Published
from tests.feeds.feed_texts import item, read, rss, titles

ITEM = "<item><title>Pier closed</title><link>https://x.example/1</link><description>The pier.</description></item>"
RDF_10 = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/"'
RDF_090 = RDF_10.replace("http://purl.org/rss/1.0/", "http://my.netscape.com/rdf/simple/0.9/")
NETSCAPE = '<!DOCTYPE rss PUBLIC "-//Netscape Communications//DTD RSS 0.91//EN" "http://n.example/rss-0.91.dtd">'
ENTRY_03 = "<entry><title>Pier closed</title><id>urn:1</id><modified>2031-05-04T10:00:00Z</modified>"
CDF = '<CHANNEL HREF="https://x.example/"><TITLE>H</TITLE><ITEM HREF="https://x.example/1"><TITLE>Pier closed</TITLE>'
NOON = datetime(2031, 5, 4, 10, tzinfo=UTC)


@pytest.mark.parametrize(
    "body",
    [
        f"<rdf:RDF {RDF_090}><channel><title>H</title></channel>{ITEM}{ITEM}</rdf:RDF>",
        f"<rdf:RDF {RDF_10}><channel><title>H</title></channel>{ITEM}{ITEM}</rdf:RDF>",
        *(f'<rss version="{n}"><channel>{ITEM}{ITEM}</channel></rss>' for n in ("0.91", "0.92", "0.93", "0.94", "2.0")),
        f'{NETSCAPE}<rss version="0.91"><channel>{ITEM}{ITEM}</channel></rss>',
        f"<rss><channel>{ITEM}{ITEM}</channel></rss>",
        f"<RSS VERSION='2.0'><CHANNEL>{ITEM.replace('item', 'ITEM') * 2}</CHANNEL></RSS>",
        f"<rss version='2.0'><channel><title>H</title></channel>{ITEM}{ITEM}</rss>",
        f"<Channel xmlns='http://purl.org/net/rss1.1#'><title>H</title><items>{ITEM}{ITEM}</items></Channel>",
        f"<feed version='0.3' xmlns='http://purl.org/atom/ns#'>{ENTRY_03}</entry>{ENTRY_03}</entry></feed>",
        f"<feed xmlns='http://www.w3.org/2005/Atom'>{ENTRY_03}</entry>{ENTRY_03}</entry></feed>",
        f"<f:feed xmlns:f='http://www.w3.org/2005/Atom'>{ENTRY_03}</entry>{ENTRY_03}</entry></f:feed>".replace(
            "<entry", "<f:entry"
        )
        .replace("</entry", "</f:entry")
        .replace("<title", "<f:title")
        .replace("</title", "</f:title"),
        CDF + "</ITEM><ITEM><TITLE>Pier closed</TITLE></ITEM></CHANNEL>",
    ],
)
def test_every_dialect_of_rss_and_atom_is_read(body: str) -> None:
    assert titles(read(body)) == ["Pier closed"] * 2


@pytest.mark.parametrize(
    "body",
    [
        f"<rdf:RDF {RDF_10}></rdf:RDF>",
        f"<rdf:RDF {RDF_090.replace('my.', 'channel.')}></rdf:RDF>",
        f"<rdf:RDF {RDF_10.partition(' xmlns=')[0]}><channel><title>H</title></channel></rdf:RDF>",
        "<rss version='2.0'></rss>",
        "<feed xmlns='http://www.w3.org/2005/Atom'/>",
        "<Channel xmlns='http://purl.org/net/rss1.1#'><title>H</title><items/></Channel>",
    ],
)
def test_a_feed_without_items_is_a_feed(body: str) -> None:
    assert titles(read(body)) == []


def test_what_is_said_in_rdf_of_other_things_is_no_feed() -> None:
    person = f"<rdf:RDF {RDF_10.replace('http://purl.org/rss/1.0/', 'http://xmlns.com/foaf/0.1/')}><Person/></rdf:RDF>"
    with pytest.raises(FeedUnreadable, match="neither RSS nor Atom"):
        read(person)


@pytest.mark.parametrize(
    "body",
    [
        f"<html><head/><body><p>Our feed & more:<br><rss version='2.0'><channel>{ITEM}{ITEM}</channel></rss></body>",
        f"<!-- a & b --><rss rss:version=2.0><rss:channel><rss:title>H</rss:title>{ITEM}{ITEM}</rss:channel>".replace(
            "<item", "<rss:item"
        ).replace("</item", "</rss:item"),
        rss(ITEM) + rss(ITEM),
        f"Warning: x in y\n<?xml version='1.0'?>\n<?xml version='1.0'?>{rss(ITEM, ITEM)}",
        rss(ITEM, ITEM) + "\n<script>track('x' && 'y')</script>" + "<!-- cached -->" * 200,
        rss(ITEM.replace("The pier.", "fish & chips &copy <b>"), ITEM),
        rss(ITEM, ITEM.replace("<title>", "<textInput><name>q</name></textInput><title>")),
        rss(ITEM, ITEM.replace("</link>", "</link><cloud><x></cloud>")),
        f"\ufeff\n\n {rss(ITEM, ITEM)}\0\0",
    ],
    ids=["in-a-page", "prefixes", "glued", "warning", "script", "ampersands", "crash", "unclosed", "blanks"],
)
def test_what_is_ill_formed_or_makes_a_parser_fail_is_read_all_the_same(body: str) -> None:
    listing = read(body)
    assert titles(listing) == ["Pier closed"] * 2
    assert listing.problem is None


def test_a_second_opinion_keeps_what_an_item_says() -> None:
    odd = ITEM.replace("</item>", "<textInput><name>q</name></textInput><guid>g1</guid><source url='u'>Wire</source>"
                       "<pubDate>Sun, 04 May 2031 12:00:00 +0200</pubDate></item>")  # fmt: skip
    (entry,) = read(rss(odd), aggregator=True).entries
    assert (entry.key, entry.uri, entry.body) == ("g1", "https://x.example/1", "The pier.")
    assert (entry.source, entry.published) == ("Wire", Published(NOON, "second", "feed"))


def test_what_a_channel_asks_of_its_readers_is_told() -> None:
    head = (
        "<title>H</title><skipHours><hour>0</hour><hour> 23 </hour><hour>24</hour><hour>25</hour></skipHours>"
        "<skipDays><day>Saturday</day><day>sunday</day><day>Someday</day></skipDays>"
        "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='hub' href='https://hub.example/'/>"
        "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='self' href='https://x.example/feed'/>"
        "<sy:updatePeriod xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>daily</sy:updatePeriod>"
        "<sy:updateFrequency xmlns:sy='http://purl.org/rss/1.0/modules/syndication/'>4</sy:updateFrequency>"
    )
    listing = read(rss(ITEM, head=head))
    assert (listing.skip_hours, listing.skip_days) == ((0, 23), (5, 6))
    assert (listing.hub, listing.topic, listing.ttl_s) == ("https://hub.example/", "https://x.example/feed", 21_600)


SITEMAP = """<?xml version="1.0" encoding="UTF-8"?>
<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">
<url><loc>https://x.example/pier?utm_source=s</loc><lastmod>2031-06-01</lastmod><news:news><news:publication>
<news:name>Harbour News</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2031-05-04T12:00:00+02:00</news:publication_date><news:title>Pier  closed</news:title>
</news:news></url>
<url><loc>/ferry</loc><news:news><news:publication><news:name>Another</news:name></news:publication>
<news:title>Ferry &amp; crew wait</news:title></news:news></url>
<url><loc>https://x.example/about</loc><lastmod>2031-05-04</lastmod></url></urlset>"""


def test_a_news_sitemap_is_a_feed_of_headlines() -> None:
    first, second, page = read(SITEMAP).entries
    assert (first.key, first.uri) == ("https://x.example/pier", "https://x.example/pier?utm_source=s")
    assert (first.headline, first.source, first.language) == ("Pier closed", "Harbour News", "en")
    assert first.published == Published(NOON, "second", "feed")
    assert (second.headline, second.uri) == ("Ferry & crew wait", "https://x.example/ferry")
    assert (second.source, second.published) == ("Harbour News", None)
    assert (page.headline, page.published) == ("", None)  # when a page changed is not when it was published
    assert [entry.source for entry in read(SITEMAP, aggregator=True).entries[:2]] == ["Harbour News", "Another"]


def test_an_index_lists_its_sitemaps_the_newest_first() -> None:
    listing = read(
        """<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <sitemap><loc>https://x.example/1.xml</loc><lastmod>2031-05-01</lastmod></sitemap>
        <sitemap><loc>/2.xml</loc><lastmod>2031-05-04T10:00:00Z</lastmod></sitemap>
        <sitemap><loc>https://x.example/3.xml</loc></sitemap></sitemapindex>"""
    )
    assert listing.parts == ("https://x.example/2.xml", "https://x.example/1.xml", "https://x.example/3.xml")
    assert listing.given == 0


NINJS_1 = {
    "uri": "urn:pier:1", "type": "text", "pubstatus": "usable", "headline": "Pier closed", "language": "en",
    "body_text": "The pier\n\nis closed.", "firstcreated": "2031-05-04T12:00:00+02:00", "versioncreated": "2031-05-05",
}  # fmt: skip
NINJS_2 = {
    "uri": "urn:pier:1", "pubstatus": "usable", "language": "en", "firstcreated": "2031-05-04T12:00:00+02:00",
    "headlines": [{"role": "short", "value": "Pier"}, {"role": "main", "value": "Pier closed"}],
    "bodies": [{"role": "main", "contenttype": "text/plain", "value": "The pier\n\nis closed."}],
}  # fmt: skip
NINJS_3 = {
    "uri": "urn:pier:1", "pubStatus": "usable", "language": "en", "firstCreated": "2031-05-04T12:00:00+02:00",
    "headlines": [{"value": "Pier closed"}],
    "bodies": [{"contentType": "text/plain", "value": "The pier\n\nis closed."}],
    "standard": {"name": "ninjs", "version": "3.0"},
}  # fmt: skip


@pytest.mark.parametrize("given", [NINJS_1, NINJS_2, NINJS_3])
@pytest.mark.parametrize("wrapped", [lambda one: one, lambda one: [one], lambda one: {"items": [one]}])
def test_ninjs_of_every_version_is_read(given: object, wrapped: object) -> None:
    (entry,) = read(json.dumps(wrapped(given))).entries  # type: ignore[operator]
    assert (entry.key, entry.uri, entry.source) == ("urn:pier:1", "entry:harbour/urn%3Apier%3A1", "harbour")
    assert (entry.headline, entry.body, entry.markup) == ("Pier closed", "The pier\n\nis closed.", "plain")
    assert (entry.language, entry.published) == ("en", Published(NOON, "second", "feed"))


def test_what_an_agency_cancels_is_its_withdrawal_and_what_it_withholds_is_not_used() -> None:
    listing = read(json.dumps([{**NINJS_1, "pubstatus": "canceled"}, {**NINJS_3, "pubStatus": "withheld"}, 7]))
    assert [(entry.key, entry.headline) for entry in listing.entries] == [("urn:pier:1", "WITHDRAWN: Pier closed")]
    assert [(one.item, one.result, one.why) for one in listing.refused] == [
        ("urn:pier:1", EntryResult.UNREADABLE, "withheld by its source"),
        ("item 3", EntryResult.UNREADABLE, "not a news item"),
    ]


NEWSML = """<newsMessage xmlns="http://iptc.org/std/nar/2006-10-01/"><itemSet>
<newsItem guid="urn:pier:1" xml:lang="en-GB"><itemMeta><firstCreated>2031-05-04T12:00:00+02:00</firstCreated>
<pubStatus qcode="stat:{}"/></itemMeta><contentMeta><headline>Pier closed</headline></contentMeta><contentSet>
<inlineXML><html xmlns="http://www.w3.org/1999/xhtml"><head><title>no</title></head><body><p>The pier</p><p>is
<b>closed</b>.</p></body></html></inlineXML></contentSet></newsItem>
<newsItem guid="urn:pier:2"><contentMeta><headline>Ferry</headline></contentMeta><contentSet><inlineXML>
<nitf><body><body.head><hedline><hl1>no</hl1></hedline></body.head><body.content><p>It waits.</p></body.content></body>
</nitf></inlineXML></contentSet></newsItem>
<newsItem guid="urn:pier:3"><contentSet><inlineData contenttype="text/plain">Words.</inlineData></contentSet></newsItem>
</itemSet></newsMessage>"""


def test_newsml_g2_is_read() -> None:
    first, second, third = read(NEWSML.format("usable")).entries
    assert (first.key, first.headline, first.language) == ("urn:pier:1", "Pier closed", "en-GB")
    assert (first.body.split(), first.markup) == (["<p>The", "pier</p><p>is", "<b>closed</b>.</p>"], "html")
    assert first.published == Published(NOON, "second", "feed")
    assert (second.body, third.body, third.markup) == ("<p>It waits.</p>", "Words.", "plain")
    assert read(NEWSML.format("canceled")).entries[0].headline == "WITHDRAWN: Pier closed"
    assert [refused.why for refused in read(NEWSML.format("withheld")).refused] == ["withheld by its source"]


def test_a_nitf_document_is_one_item() -> None:
    (entry,) = read(
        '<nitf><head><docdata><doc-id id-string="p1"/><date.issue norm="2031-05-04"/></docdata></head><body><body.head>'
        "<hedline><hl1>Pier closed</hl1></hedline></body.head><body.content><p>So.</p></body.content></body></nitf>"
    ).entries
    assert (entry.key, entry.headline, entry.body) == ("p1", "Pier closed", "<p>So.</p>")


@pytest.mark.parametrize("version", ["https://jsonfeed.org/version/1", "http://jsonfeed.org/version/1.1", "1.0", None])
def test_a_json_feed_is_known_by_its_version_or_its_items(version: str | None) -> None:
    feed = {"version": version, "items": [{"id": "1", "title": "Pier closed"}]}
    hubs = {"hubs": [{"type": "WebSub", "url": "https://hub.example/"}], "feed_url": "https://x.example/feed"}
    listing = read(json.dumps({**feed, **hubs}))
    assert titles(listing) == ["Pier closed"]
    assert (listing.hub, listing.topic) == ("https://hub.example/", "https://x.example/feed")


def test_of_a_json_feed_that_is_cut_off_the_whole_items_are_read() -> None:
    items = [{"id": str(number), "title": f"Notice {number}", "tags": ["a]", {"b": "}"}]} for number in range(3)]
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "Harbour News", "items": items})
    whole = read(body)
    for cut in range(body.index("Notice 1"), len(body)):
        listing = read(body[:cut])
        assert listing.problem == "the document is cut off"
        assert listing.entries == whole.entries[: len(listing.entries)]
        assert len(listing.entries) == (1 if cut < body.index("Notice 2") - 24 else 3 if cut >= len(body) - 2 else 2)


@pytest.mark.parametrize("items", [[], ["a"], [{"name": "x"}], {"id": "1"}])
def test_json_that_only_has_items_is_no_feed(items: object) -> None:
    with pytest.raises(FeedUnreadable, match="not a JSON Feed"):
        read(json.dumps({"items": items}))


def test_dates_of_the_future_and_the_past_are_kept_and_those_of_no_likely_year_are_none() -> None:
    dated = [item(1).replace("2031", year) for year in ("1931", "2099", "1066", "9999")]
    assert [entry.published and entry.published.value.year for entry in read(rss(*dated)).entries] == [
        1931, 2099, None, None,
    ]  # fmt: skip


def test_a_title_that_is_a_script_and_a_story_of_five_megabytes_are_entries_like_others() -> None:
    script = "<item><title>&lt;script&gt;alert(1)&lt;/script&gt;Pier</title></item>"
    listing = read(rss(script, item(2, "word " * 1_000_000)), max_item_chars=5_000_000)
    assert titles(listing) == ["<script>alert(1)</script>Pier", "Notice 2"]
    assert len(listing.entries[1].body) == 4_999_999


@pytest.mark.parametrize(
    ("link", "named"),
    [
        (
            "<link rel='alternate' type='application/rss+xml' href='/feed?a=1&amp;b=2'>",
            "https://x.example/feed?a=1&b=2",
        ),
        ("<LINK HREF=https://y.example/atom TYPE=application/atom+xml />", "https://y.example/atom"),
        ("<link rel='icon' href='/i'><link type='application/feed+json' href='f.json'>", "https://x.example/f.json"),
        ("<link rel='alternate' type='text/html' href='/en'>", None),
        ("<link type='application/rss+xml' href='javascript:alert(1)'>", None),
        ("<link type='application/rss+xml' href='https://me:secret@x.example/'>", None),
        ("<link type='application/rss+xml' href='http://[x/'>", None),
        ("<link type='application/rss+xml'>", None),
    ],
)
def test_a_web_page_that_names_its_feed_is_told_with_it(link: str, named: str | None) -> None:
    with pytest.raises(FeedUnreadable) as caught:
        read(f"<!DOCTYPE html><html><head>{link}</head><body>x</body></html>", url="https://x.example/news")
    assert caught.value.words == "it is a web page, not a feed" + (f"; it names one: {named}" if named else "")
