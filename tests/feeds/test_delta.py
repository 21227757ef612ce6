"""What a delta parse gives is what a full parse gives, less what was there before."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.feeds import delta
from service.feeds.config import Feed
from service.feeds.document import Document
from service.feeds.known import KnownFeeds, unpacked
from service.feeds.listing import Listing
from service.feeds.look import Look, Looker, Memory
from service.feeds.order import in_order
from service.feeds.parse import parse
from service.model import Entry
from service.net.client import Client
from tests.feeds.feed_texts import document, item, read, rss, titles
from tests.feeds.test_parse import ATOM_TWO, RDF, RSS

NOW, DAY_S = 2_000_000_000.0, 86_400.0


def full_and_delta(before: str, after: str, **changes: object) -> tuple[Listing, Listing, Listing]:
    first = read(before, **changes)
    return first, read(after, **changes), read(after, **changes, known=first.known)


def in_door_order(entries: Sequence[Entry]) -> list[Entry]:
    return [timed.entry for timed in in_order([entries])]


def check(before: str, after: str, **changes: object) -> Listing:
    first, full, part = full_and_delta(before, after, **changes)
    assert part.given == full.given
    assert (part.refused, part.problem, part.ttl_s) == (full.refused, full.problem, full.ttl_s)
    old, new, kept = set(first.entries), set(full.entries), set(part.entries)
    assert kept <= new
    assert new - kept <= old  # what is left out was there before
    assert new - old <= kept  # what is new is there
    if len(kept) == len(part.entries):
        assert in_door_order(part.entries) == [entry for entry in in_door_order(full.entries) if entry in kept]
    # and the next look knows as much from either
    assert [one.key for one in unpacked(part.known)[1]] == [one.key for one in unpacked(full.known)[1]]
    return part


FIELDS = (
    "<title>{}</title>",
    "<guid>g{}</guid>",
    "<link>/l{}</link>",
    "<pubDate>Sun, 04 May 2031 12:0{}:00 GMT</pubDate>",
    "<description>d{} &amp; &lt;b&gt;</description>",
    "<description><![CDATA[<p>d{}</p></item>]]></description>",
    "<content:encoded xmlns:content='http://purl.org/rss/1.0/modules/content/'>c{}</content:encoded>",
    "<source url='u'>wire {}</source>",
    "<dc:date xmlns:dc='http://purl.org/dc/elements/1.1/'>2031-05-04T12:0{}:00Z</dc:date>",
    "<a:updated xmlns:a='http://www.w3.org/2005/Atom'>2031-05-04T12:0{}:00Z</a:updated>",
    "<div xmlns='http://www.w3.org/1999/xhtml'><p>x{}</p></div>",
    "<category>c{}</category><!-- a comment {} -->",
    "<media:group xmlns:media='http://search.yahoo.com/mrss/'><media:title>m{}</media:title></media:group>",
    "<image><title>i{}</title></image>",
    "<title/><item/>{}",
    "<link xml:base='https://b.example/{}/'>rel</link>",
    "&nbsp;&unknown{};",
    "<textInput><name>{}</name></textInput>",
)
items = st.lists(
    st.tuples(st.sampled_from(FIELDS), st.integers(0, 4)).map(lambda field: field[0].replace("{}", str(field[1]))),
    max_size=4,
).map(lambda fields: f"<item>{''.join(fields)}</item>")
heads = st.sampled_from(
    (
        "<title>t</title>",
        "<title>t</title><lastBuildDate>now</lastBuildDate>",
        "<title>u</title><language>de</language>",
        "<ttl>60</ttl>",
        "<atom:link xmlns:atom='http://www.w3.org/2005/Atom' rel='self' href='s'/>",
    )
)
gaps = st.sampled_from(("", "\n", "<!-- gap -->", "<title>late</title>"))


@st.composite
def feeds(draw: st.DrawFn) -> tuple[str, str]:
    pool = draw(st.lists(items, min_size=1, max_size=6))
    listed = st.lists(st.sampled_from(pool), max_size=6)

    def one() -> str:
        gap = draw(gaps)
        return rss(*(part + gap for part in draw(listed)), head=draw(heads), tail=draw(gaps))

    return one(), one()


@settings(max_examples=120)
@given(feeds(), st.booleans(), st.sampled_from((None, "The Gazette")))
def test_any_two_listings_of_a_feed_read_alike(both: tuple[str, str], aggregator: bool, source: str | None) -> None:
    check(*both, aggregator=aggregator, source=source)


def without_the_first(body: str, name: str) -> str:
    start, end = body.index(f"<{name}"), body.index(f"</{name}>") + len(f"</{name}>")
    return body[:start] + body[end:]


@pytest.mark.parametrize(("body", "name"), [(RSS, "item"), (ATOM_TWO, "entry"), (RDF, "item")])
def test_the_documents_of_other_tests_read_alike_one_item_later(body: str, name: str) -> None:
    check(without_the_first(body, name), body)
    check(body, without_the_first(body, name))
    check(body, body)


def counted(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """The documents that reach the parser; no item is plain."""
    parsed: list[bytes] = []
    fresh = delta.fresh

    def counting(document: object, scanned: object, reader: object, plain: object) -> object:
        return fresh(document, scanned, lambda body: parsed.append(body) or reader(body))  # type: ignore

    monkeypatch.setattr("service.feeds.parse.fresh", counting)
    return parsed


def test_only_new_items_are_parsed(monkeypatch: pytest.MonkeyPatch) -> None:
    # given
    first = read(rss(*(item(number) for number in range(10))))
    parsed = counted(monkeypatch)
    # when
    second = read(rss(item(10), *(item(number) for number in range(9))), known=first.known)
    # then
    assert (titles(second), second.unchanged, len(parsed)) == (["Notice 10"], 9, 1)
    assert b"Notice 10" in parsed[0]
    assert b"Notice 9" not in parsed[0]


@pytest.mark.parametrize(
    "changed",
    [
        rss(item(1), item(2), head="<title>Another outlet</title>"),
        rss(item(1), item(2)).replace('"2.0"', '"2.0" xml:lang="de"'),
        rss(item(1), item(2)).replace("<rss", "<!DOCTYPE rss>\n<rss"),
        rss(item(1), item(2), "</b>"),
        rss(item(1), item(2).replace("x.example/2", "x.example/1")),
        rss(item(1), "<item><title>undated</title></item>"),
        rss(item(1), f"<section>{item(2)}</section>"),
    ],
    ids=["title", "frame", "doctype", "ill-formed", "same-guid", "undated", "nested"],
)
def test_where_the_whole_could_read_otherwise_it_is_parsed(changed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    first = read(rss(item(1)))
    parsed = counted(monkeypatch)
    second = read(changed, known=first.known)
    assert len(second.entries) == 2
    assert b"Notice 1" in parsed[-1]


def test_a_revision_is_new() -> None:
    part = check(rss(item(1), item(2)), rss(item(1), item(2, "The pier is open.")))
    assert [(entry.key, entry.body) for entry in part.entries] == [("https://x.example/2", "The pier is open.")]


def renamed(number: int, guid: str) -> str:
    return item(number).replace(f"<guid>https://x.example/{number}", f"<guid>{guid}")


def test_an_item_under_another_guid_at_each_look_is_not_new() -> None:
    known, fresh = b"", []
    for look in range(5):
        listing = read(rss(*(renamed(number, f"{number}-{look}") for number in range(3))), known=known)
        known = listing.known
        fresh.append(len(listing.entries))
        assert listing.given == 3
    assert fresh == [3, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("after", "new"),
    [
        (rss(renamed(1, "b"), renamed(2, "c")), 1),  # one renamed, one new
        (rss(renamed(1, "a"), renamed(1, "b")), 1),  # the old guid is still listed
        (rss(renamed(1, "b").replace("closed", "open")), 1),  # it says something else
        (rss(renamed(1, "b").replace("x.example/1<", "x.example/9<")), 1),  # elsewhere
    ],
)
def test_a_new_guid_for_anything_else_is_new(after: str, new: int) -> None:
    first = read(rss(renamed(1, "a")))
    assert len(read(after, known=first.known).entries) == new


def test_json_items_are_recognised_under_new_ids() -> None:
    only = '{{"id": "{}", "url": "https://x.example/1", "title": "t"}}'
    body = '{{"version": "https://jsonfeed.org/version/1.1", "items": [' + only + "]}}"
    first = read(body.format("a"))
    assert read(body.format("b"), known=first.known).unchanged == 1


def test_what_is_known_holds_for_the_document_that_the_store_has() -> None:
    feeds = KnownFeeds()
    feeds.keep("harbour", "f1", b"12345678", NOW)
    assert feeds.of("harbour", "f1", NOW) == b"12345678"
    assert feeds.of("harbour", "f0", NOW) == b""
    assert feeds.of("harbour", "", NOW) == b""
    feeds.keep("harbour", "f2", b"", NOW)
    assert feeds.of("harbour", "f2", NOW) == b""


def test_once_a_day_all_items_are_parsed_and_new_guids_are_still_recognised() -> None:
    # given
    feeds, body = KnownFeeds(), rss(renamed(1, "a"), renamed(2, "b"))
    feeds.keep("harbour", "f1", read(body).known, NOW)
    # when, then
    assert read(body, known=feeds.of("harbour", "f1", NOW + DAY_S - 1)).unchanged == 2
    later = read(rss(renamed(1, "c"), renamed(2, "b")), known=feeds.of("harbour", "f1", NOW + DAY_S))
    assert ([entry.key for entry in later.entries], later.unchanged) == (["b"], 1)
    # and after that the day begins anew
    feeds.keep("harbour", "f2", later.known, NOW + DAY_S)
    assert read(body.replace("<guid>a<", "<guid>c<"), known=feeds.of("harbour", "f2", NOW + DAY_S + 1)).unchanged == 2


def test_what_is_known_of_all_feeds_is_bounded() -> None:
    feeds = KnownFeeds(max_bytes=1_000)
    for number in range(100):
        feeds.keep(f"feed {number}", "f", bytes(100), NOW)
        feeds.keep(f"feed {number}", "g", bytes(90), NOW)
    assert [number for number in range(100) if feeds.of(f"feed {number}", "g", NOW)] == list(range(89, 100))


def test_a_document_remembers_25_bytes_an_item() -> None:
    known = read(rss(*(item(number) for number in range(40)))).known
    assert len(known) == 8 + 25 * 40
    assert len(document("").known) == 0


class Parsers:
    """A parser in this process, and what it was given."""

    def __init__(self) -> None:
        self.documents: list[Document] = []

    async def parse(self, given: Document) -> Listing:
        self.documents.append(given)
        return parse(given)


async def test_a_looker_parses_what_is_new_since_the_document_that_the_store_has(tmp_path: Path) -> None:
    # given a feed whose first listing was kept
    path, parsers = tmp_path / "feed.xml", Parsers()
    feed = Feed("harbour", "file", str(path), 1.0)
    looker = Looker(Client(), parsers, "scope")  # type: ignore[arg-type]

    async def look(memory: Memory, *items: str) -> Look:
        path.write_text(rss(*items))
        return await looker.look(feed, memory, datetime.fromtimestamp(NOW, UTC))

    kept = (await look(Memory(), item(1))).memory
    # when the next one is not kept: what it brought is brought again
    lost = await look(kept, item(1), item(2))
    again = await look(kept, item(1), item(2), item(3))
    then = await look(again.memory, item(1), item(2), item(3), item(4))
    # then
    looks = [lost, again, then]
    assert [titles(one.listing) for one in looks if one.listing is not None] == [
        ["Notice 2"],
        ["Notice 1", "Notice 2", "Notice 3"],
        ["Notice 4"],
    ]
    assert [bool(one.known) for one in parsers.documents] == [False, True, False, True]
