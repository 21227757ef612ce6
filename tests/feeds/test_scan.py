from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.feeds.listing import FeedUnreadable
from service.feeds.references import with_references
from service.feeds.scan import MAX_ATTRIBUTES, MAX_DEPTH, Shape, count_items, scan
from service.model import EntryResult
from tests.feeds.feed_texts import item, read, rss, titles

HEAD, TAIL = "<rss version='2.0'><channel><title>t</title>", "</channel></rss>"


def shape(body: str, max_items: int = 100) -> Shape:
    return scan(body.encode(), max_items).shape


def attributes(count: int) -> str:
    return " ".join(f"a{number}='1'" for number in range(count))


def test_the_items_are_found_to_the_byte() -> None:
    items = ["<item>ö<x/></item>", "<item />", "<item\n><title>x</title></item  >", '<item a=">"/>']
    body = f"{HEAD}\n {items[0]}  {items[1]}<x/>{items[2]}{items[3]}{TAIL}"
    found = shape(body)
    assert [body.encode()[start:end].decode() for start, end in found.items] == items
    assert (found.whole, found.alike, found.plain, found.root) == (True, True, True, "rss")
    assert found.frame == b"<rss version='2.0'><channel>"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (f"{HEAD}<item/><image><item/></image>{TAIL}", "under another parent"),
        (f"{HEAD}<item><item/></item><item/>{TAIL}", "one in another"),
        (f"{HEAD}<item/><entry/>{TAIL}", "of two names"),
        (f'{HEAD}<item xml:base="https://b.example/"/><item/>{TAIL}', "a base that feedparser does not end"),
    ],
)
def test_items_that_cannot_be_cut_out_one_by_one_are_known_as_such(body: str, why: str) -> None:
    assert not shape(body).alike, why


def test_a_document_type_and_entities_from_nowhere_are_seen() -> None:
    assert not shape("<!DOCTYPE rss><rss/>").plain
    assert not shape(f"{HEAD}</x>{TAIL}").whole
    assert shape(f"{HEAD}&nbsp;&nowhere; & &amp;&#8212;&#0;&#x110000;{TAIL}").plain  # as characters and text


def test_references_that_xml_does_not_know_are_put_in_order() -> None:
    body = "<a>& &x; &amp;amp; &eacute; &LT; &#169;&#xd800; &#99999999999999999999;</a><![CDATA[& &x; &amp; &eacute;]]>"
    assert with_references(body.encode()).decode() == (
        "<a>&amp; &amp;x; &amp;amp; é &lt; &#169;\ufffd \ufffd</a><![CDATA[& &x; &amp; é]]>"
    )


def test_the_entities_of_html_need_no_declaration_and_stay_what_they_are_in_cdata() -> None:
    listing = read(rss("<item><title>Caf&eacute; &lt;b&gt; &amp; pier&nbsp;7</title>", "<link>https://x.example/1</link>",
                       "<description><![CDATA[<p>&euro;5 &amp;lt; x</p>]]></description></item>"))  # fmt: skip
    (entry,) = listing.entries
    assert (entry.headline, entry.body) == ("Café <b> & pier\u00a07", "<p>€5 &amp;lt; x</p>")
    assert listing.problem is None


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (f"{HEAD}<item {attributes(50_000)}/>{TAIL}", f"more than {MAX_ATTRIBUTES} attributes"),
        (f"{HEAD}</p> <item {attributes(50_000)}/>{TAIL}", f"more than {MAX_ATTRIBUTES} attributes"),
        (f"{HEAD}<item>{'<a>' * 100_000}{'</a>' * 100_000}</item>{TAIL}", f"more than {MAX_DEPTH} deep"),
        (f"{HEAD}<item>{'<a/>' * 200_000}</item>{TAIL}", "more than 200,000 elements"),
        (f"{HEAD}<item></b> {'<a>' * 400_000}</item>{TAIL}", "more than 200,000 elements"),
        ('<!DOCTYPE r [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>' + f"{HEAD}&b;{TAIL}", "grow beyond all bounds"),
        (f'<!DOCTYPE r [<!ENTITY a "{"a" * 2_000}">]>{HEAD}{"&a;" * 50_000}{TAIL}', "grow beyond all bounds"),
    ],
    ids=["attributes", "attributes-ill-formed", "depth", "elements", "elements-ill-formed", "laughs", "quadratic"],
)
def test_a_bomb_is_refused_before_anybody_parses_it(body: str, words: str) -> None:
    began = time.process_time()
    with pytest.raises(FeedUnreadable, match=words):
        read(body)
    assert time.process_time() - began < 2.0  # measured: 10 to 400 ms; without the scan up to minutes


@pytest.mark.parametrize("count", [0, 1, 64])
def test_what_is_within_the_limits_is_read(count: int) -> None:
    deep = "<a>" * 100 + "</a>" * 100
    listing = read(f"{HEAD}<item {attributes(count)}><title>x</title>{deep}</item>{TAIL}")
    assert titles(listing) == ["x"]


@pytest.mark.parametrize("junk", ["", "</p>"], ids=["well-formed", "ill-formed"])
def test_of_a_hundred_thousand_items_the_first_are_read_and_the_rest_is_counted(junk: str) -> None:
    began = time.process_time()
    listing = read(f"{HEAD}{junk}" + "<item><title>x</title></item>" * 100_000 + TAIL, max_items=50)
    assert (len(listing.entries), listing.given, listing.problem) == (50, 100_000, None)
    assert [(refused.result, refused.count) for refused in listing.refused] == [(EntryResult.OVER_LIMIT, 99_950)]
    assert time.process_time() - began < 3.0  # measured: 0.2 to 0.3 s; without the scan 15 s


@pytest.mark.parametrize(
    "body",
    [
        f"{HEAD}<item>{'<item><title>x</title></item>' * 300}</item>{TAIL}",
        '{"version": "https://jsonfeed.org/version/1.1", "items": [' + ", ".join(["{}"] * 301) + "]}",
        "[" + ", ".join(['{"uri": "u", "headlines": []}'] * 301) + "]",
        f"<urlset>{'<url/>' * 301}</urlset>",
        f"<newsMessage><itemSet>{'<newsItem/>' * 301}</itemSet></newsMessage>",
    ],
    ids=["nested", "json", "ninjs", "sitemap", "newsml"],
)
def test_the_limit_of_items_holds_in_every_format(body: str) -> None:
    listing = read(body, max_items=100)
    assert (len(listing.entries), listing.given) == (100, 301)
    assert [(refused.result, refused.count) for refused in listing.refused] == [(EntryResult.OVER_LIMIT, 201)]


def test_what_looks_like_an_item_in_a_comment_or_in_cdata_is_none() -> None:
    body = "<x><!-- <item> --><![CDATA[<item>]]><item><b:entry/><items/></x><!-- <item>"
    assert count_items(body.encode()) == 2


@given(st.text(alphabet='<>/!-[]&;="itemr xC', max_size=60), st.integers(0, 3))
def test_no_document_makes_the_scan_fail_or_cuts_an_item_in_two(words: str, max_items: int) -> None:
    body = f"<rss>{words}</rss>".encode()
    found = scan(body, max_items)
    assert len(found.shape.items) <= max_items
    for start, end in found.shape.items:
        assert found.body[start : start + 1] == b"<"
        assert found.body[end - 1 : end] == b">"


def test_an_empty_feed_has_no_items_and_is_no_failure() -> None:
    for body in (rss(), "<feed xmlns='http://www.w3.org/2005/Atom'/>", "<CHANNEL/>"):
        assert read(body).given == 0


def test_every_item_counts_also_one_without_words() -> None:
    listing = read(rss(item(1), "<item/>", "<item><guid>2</guid></item>"))
    assert [entry.key for entry in listing.entries][::2] == ["https://x.example/1", "2"]
    assert listing.given == 3
