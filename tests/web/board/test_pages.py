"""The board over real HTTP, from a real store: every page as HTML, without a browser and without JavaScript."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace

import aiohttp
import pytest

from service.contract.data import Link, Quantity, Relation, Support, When, Why
from service.store import keys
from service.store.store import Store
from service.store.values import FeedState
from service.stories.story import Story
from service.web.app import make_app, serving
from service.web.board.cards import POINTED_AT
from service.web.state import ServiceState
from tests import servers
from tests.servers import RealServer
from tests.web.board_planting import (
    BODY,
    DENIED,
    EVERYTHING,
    LONG_AGO,
    NOON,
    SOLD,
    STORY,
    Further,
    Planting,
    Told,
    denies,
    known_of,
    named,
    outlet,
    unnamed,
)
from workers.claims.model import Mark

Get = Callable[..., Awaitable[tuple[int, str]]]


@pytest.fixture
async def get(http: aiohttp.ClientSession) -> AsyncIterator[Get]:
    async def page(path: str, **query: str) -> tuple[int, str]:
        async with http.get(path, params=query) as answer:
            assert answer.content_type == "text/html" or answer.status == 204
            return answer.status, await answer.text()

    yield page


def claims_of(page: str) -> list[str]:
    """The claims on a page, by number, in its order."""
    return [str(int(found, 16)) for found in re.findall(r'<article class="card[^"]*" id="c1-([0-9a-f]+)"', page)]


async def test_the_only_story_has_its_board_at_the_root(get: Get, planting: Planting, story: Story) -> None:
    await planting.tell(*EVERYTHING)
    status, page = await get("/")
    assert status == 200
    assert f"<h1><bdi>{story.title}</bdi></h1>" in page
    assert claims_of(page) == ["4", "3", "2", "1"]  # the newest first
    assert page == (await get(f"/stories/{STORY}"))[1]


async def test_several_stories_are_listed(state: ServiceState, story: Story) -> None:
    other = story.model_copy(update={"id": "other", "title": "Another <story>"})
    state.stories = {story.id: story, "other": other}
    async with serving(make_app(state), "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as http:
        async with http.get("/") as answer:
            page = await answer.text()
        async with http.get("/stories/other") as answer:
            empty = await answer.text()
    assert [f'href="/stories/{name}"' in page for name in (STORY, "other")] == [True, True]
    assert "Another &lt;story&gt;" in page
    assert "Nothing has been claimed yet" in empty


async def test_a_card_says_what_who_through_whom_how_widely_and_who_denies(get: Get, planting: Planting) -> None:
    await planting.tell(*EVERYTHING)
    page = (await get("/"))[1]
    card = page[page.index(f'id="{SOLD.id}"') :].split("</article>")[0]
    assert "Skerry sold its lighthouse to Fjordlys." in card
    assert "a senior official</bdi> <span" in card and "unnamed" in card
    assert re.search(r"First seen .*4 May 2031, 12:01 UTC.* in <bdi>Nordnytt</bdi>, published 4 May 2031", card)
    assert "Last seen" in card and "4 May 2031, 12:06 UTC" in card
    # the ladder, each number leading to its words
    anchors = re.findall(rf'href="/stories/{STORY}/claims/{SOLD.id}#(\w+)"', card)
    assert anchors == ["appearances", "publishers", "origins", "sources", "sides"]
    assert re.findall(r'class="number">([^<]*)<', card) == ["3", "3", "2", "1–2", "1"]
    assert "1 copy" in card and "0 named" in card
    # the denial beside it, as an opposed card
    assert 'class="beside denies opposed"' in card and "Denied by" in card and "Ola Berg" in card


async def test_a_denial_that_was_retracted_opposes_nothing(get: Get, planting: Planting) -> None:
    await planting.tell(SOLD, replace(DENIED, retracted=True))
    card = (await get("/"))[1].split(f'id="{SOLD.id}"')[1].split("</article>")[0]
    assert "Denied by, retracted since" in card and 'class="beside denies"' in card
    assert 'class="tag disputed"' not in card


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["4", "3", "2", "1"]),
        ({"q": "lighthouse"}, ["3", "2", "1"]),
        ({"q": "LIGHTHOUSE 1887"}, ["3"]),
        ({"side": "Fjordlys"}, ["2"]),
        ({"kind": "disputed"}, ["1"]),
        ({"kind": "retracted"}, ["4"]),
        ({"kind": "background"}, ["3"]),
        ({"kind": "new"}, ["2"]),
        ({"min_sources": "1"}, ["2", "1"]),
        ({"q": "lighthouse", "side": "skerry", "kind": "disputed", "min_sources": "1"}, ["1"]),
        ({"q": "nobody says this"}, []),
    ],
)
async def test_filters_are_get_parameters(
    get: Get, planting: Planting, query: dict[str, str], found: list[str]
) -> None:
    await planting.tell(*EVERYTHING)
    status, page = await get("/", **query)
    assert status == 200
    assert claims_of(page) == found
    assert ("No claim matches" in page) == (not found)
    if query:
        assert f"{len(found)} of 4 claims" in page
        for name, value in query.items():  # the form stays as it was filled in
            assert value.casefold() in page.casefold() and f'name="{name}"' in page


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/?min_sources=many", "number from 0"),
        ("/?min_sources=-1", "number from 0"),
        ("/?kind=true", "no such kind"),
        ("/?side=Nobody", "No such side"),
        (f"/?q={'a' * 201}", "200 characters"),
        (f"/?after={'a' * 101}", "does not exist"),
        ("/?after=%00", "does not exist"),
        ("/?after=zzz", "does not exist"),
        (f"/stories/{STORY}/timeline?before=yesterday", "no place in the timeline"),
        (f"/stories/{STORY}/timeline?before=²-1", "no place in the timeline"),
        (f"/stories/{STORY}/timeline?before=99999999999999999999-0", "no place in the timeline"),
        (f"/stories/{STORY}/fresh?since=1-2-3", "no place in the timeline"),
        (f"/stories/{STORY}/fresh?since=²-0", "no place in the timeline"),
        ("/feeds?page=0", "number from 1"),
    ],
)
async def test_what_is_not_understood_is_told(get: Get, path: str, said: str) -> None:
    status, page = await get(path)
    assert status == 400
    assert said in page and "<h1>" in page


async def test_older_claims_are_pages_that_follow_each_other(get: Get, planting: Planting) -> None:
    told = [Told(number, f"Skerry counted {number} gulls.") for number in range(1, 37)]
    await planting.tell(*told)
    seen, path = [], "/"
    for _ in range(3):
        page = (await get(path))[1]
        seen += claims_of(page)
        following = re.search(r'<a rel="next" href="([^"]+)">Older', page)
        path = following[1].replace("&amp;", "&") if following else ""
    assert path == ""
    assert seen == [str(number) for number in range(36, 0, -1)]


async def test_a_claims_page_has_every_appearance_with_its_words_in_context(get: Get, planting: Planting) -> None:
    await planting.tell(*EVERYTHING)
    status, page = await get(f"/stories/{STORY}/claims/{SOLD.id}")
    assert status == 200
    parts = page.split('<li id="a')[1:]
    assert len(parts) == 3
    # in the first, with what stands around them
    assert f"<mark><bdi>{SOLD.words}</bdi></mark>" in parts[0]
    assert "It rained on Sunday. </bdi><mark>" in parts[0]
    # in other words
    assert (
        "<mark><bdi>The lighthouse of Skerry went to Fjordlys a month ago, two officials said.</bdi></mark>" in parts[1]
    )
    # in a copy, looked for
    assert 'class="tag copy"' in parts[2] and f"<mark><bdi>{SOLD.words}</bdi></mark>" in parts[2]
    assert "Times in conflict" in page and "a month ago" in page.split("Times in conflict")[1]
    assert "2 wordings" in page
    assert "she denies it in so many words" in page
    for anchor in ("appearances", "publishers", "origins", "sources", "sides"):
        assert f'id="{anchor}"' in page
    # links lead both ways
    denial = (await get(f"/stories/{STORY}/claims/{DENIED.id}"))[1]
    assert "Denies" in denial and SOLD.id in denial


async def test_once_the_text_is_gone_what_was_quoted_stays(get: Get, planting: Planting, valkey: RealServer) -> None:
    await planting.tell(SOLD)
    for number in (1, 5, 6):
        assert valkey.tell("DEL", keys.doc(STORY, f"a1-{number:016x}")) == 1
    page = (await get(f"/stories/{STORY}/claims/{SOLD.id}"))[1]
    parts = page.split('<li id="a')[1:]
    assert f"… It rained on Sunday. </bdi><mark><bdi>{SOLD.words}</bdi></mark><bdi> The ferry …" in parts[0]
    assert "no longer kept" in parts[0]
    assert BODY[-20:] not in page
    assert "<mark>" not in parts[2] and "Carries the text of" in parts[2]


async def test_an_origin_that_passes_on_what_another_sent_has_its_words_too(get: Get, planting: Planting) -> None:
    # given an outlet that is counted as the origin, though its text names another before it
    await planting.tell(Told(70, "The lamp is out.", hops=(outlet("Kustbyrån"), named("Ada Brandt"))))
    page = (await get(f"/stories/{STORY}/claims/c1-{70:016x}"))[1]
    origins = page.partition('id="origins"')[2].partition("<dt")[0]
    assert "Nordnytt" in origins and 'href="#a1"' in origins


async def test_who_is_quoted_last_says_it_where_no_text_names_a_source(get: Get, planting: Planting) -> None:
    await planting.tell(Told(71, "The bell is out.", hops=(outlet("Kustbyrån"),)))
    card = (await get(f"/stories/{STORY}"))[1].partition("The bell is out.")[2].partition("</article>")[0]
    said = re.sub(r"<[^>]+>|\s|&nbsp;", "", card.partition('class="says"')[2].partition("</p>")[0])
    assert said == ">SaysKustbyrån,namingnosourcethroughNordnytt"


async def test_many_appearances_come_in_pages(get: Get, planting: Planting) -> None:
    many = tuple(Further(number, f"Outlet {number}", "Skerry sold its lighthouse again.") for number in range(100, 145))
    await planting.tell(replace(SOLD, further=many))
    path = f"/stories/{STORY}/claims/{SOLD.id}"
    pages = [(await get(path, page=str(number)))[1] for number in (1, 2, 3, 999_999)]
    assert [page.count('<li id="a') for page in pages] == [20, 20, 6, 6]
    assert '?page=2#a21"' in pages[0]


async def test_a_record_may_have_everything_or_next_to_nothing(get: Get, planting: Planting) -> None:
    when = When(text="soon", earliest=NOON, latest=NOON, basis="relative_to_first_seen", stale=True)
    claim = known_of(SOLD).claim.model_copy(
        update={"when": when, "quantities": (Quantity(text="nine million crowns"),)}
    )
    full = replace(
        SOLD,
        hops=(outlet("Agency"), named("Ola Berg", "Fjordlys", "spokesman"), unnamed("two aides")),
        other={
            "claim": claim,
            "why": Why(rule="update", nearest="c1-0000000000000003", score=0.5, detail="d"),
            "sources": ("named:ada brandt@Skerry", "unnamed:aide@*2", "named:ola berg@Fjordlys"),
            "documents": ("https://old.example/1", *known_of(SOLD).documents),
            "articles": ("", *known_of(SOLD).articles),
        },
    )
    bare = Told(70, "x", headline="", other={"evidence": (), "documents": (), "articles": (), "last_seen": None})
    relations: tuple[Relation, ...] = (
        "denies",
        "contradicts",
        "updates",
        "narrows",
        "withholds",
        "supports",
        "variantOf",
    )
    links = [Link(rel=rel, target=SOLD.id, why="w") for rel in relations]
    others = [Told(number, f"Other {number}.", links=(links[number % 7],)) for number in range(200, 260)]
    lost = Told(71, "It points at nothing.", links=(denies(9_999),))
    await planting.tell(LONG_AGO, full, bare, lost, *others)
    pages = [await get(f"/stories/{STORY}/claims/{one.id}") for one in (full, bare, lost, others[0])]
    assert [status for status, _ in pages] == [200] * 4
    told = pages[0][1]
    for words in (
        "nine million crowns",
        "The lighthouse was built",
        "likeness 0.50",
        "Ada Brandt",
        "spokesman",
        "The words are not kept",
    ):
        assert words in told, words
    for words in POINTED_AT.values():
        assert words in told, words
    status, board = await get("/", q="senior official")
    assert status == 200 and "and 47 more" in board


@pytest.mark.parametrize(
    "path", ["/stories/nothing", f"/stories/{STORY}/claims/c1-unknown", "/stories/%00/claims/x", "/static/nothing.js"]
)
async def test_what_is_not_there_is_a_clear_page(get: Get, http: aiohttp.ClientSession, path: str) -> None:
    async with http.get(path) as answer:
        assert answer.status == 404
        page = await answer.text()
    if not path.startswith("/static"):
        assert "<h1>" in page and 'href="/' in page


async def test_a_merged_claim_leads_to_what_it_is_part_of(get: Get, planting: Planting) -> None:
    merged = Told(7, "The lighthouse went to Fjordlys.", merged_into=1)
    await planting.tell(SOLD, merged)
    await planting.tell_of_edit(merged, 90, "merge", "the same sale")
    status, page = await get(f"/stories/{STORY}/claims/c1-{7:016x}")
    assert status == 410
    assert "This claim was merged" in page and f'href="/stories/{STORY}/claims/{SOLD.id}"' in page
    assert "the same sale" in page and "Ann &lt;b&gt;" in page
    board = (await get("/"))[1]
    assert "the same sale" in board.split('id="moments"')[1]
    assert 'class="tag merged"' in board and "Retracted</li>" not in board


async def test_who_edited_a_claim_and_why_stands_on_its_page(get: Get, planting: Planting) -> None:
    mark = Mark(edit="e1-000000000000005b", action="background", kind="claim")
    await planting.tell(replace(LONG_AGO, other={"marks": (mark,)}))
    await planting.tell_of_edit(LONG_AGO, 91, "background", "everybody knows")
    status, page = await get(f"/stories/{STORY}/claims/{LONG_AGO.id}")
    assert status == 200
    assert "Edited by persons" in page and "everybody knows" in page and "Ann &lt;b&gt;" in page


async def test_a_claim_that_was_taken_down_is_told_so_and_not_shown(get: Get, planting: Planting) -> None:
    await planting.tell(LONG_AGO, SOLD)
    await planting.take_down(LONG_AGO, 80)
    status, page = await get(f"/stories/{STORY}/claims/{LONG_AGO.id}")
    assert status == 410
    assert "taken down" in page and "1887" not in page
    status, part = await get(f"/stories/{STORY}/fresh")
    assert status == 200 and f'data-gone="{LONG_AGO.id}"' in part
    assert claims_of((await get("/"))[1]) == ["1"]


async def test_without_redis_the_board_says_so(story: Story) -> None:
    server = RealServer(servers.valkey()).start()
    store = await Store.open(server.url, wait_s=10)
    server.stop()
    state = ServiceState(store, {story.id: story}, (), 1000, started=True)
    async with (
        serving(make_app(state), "127.0.0.1", 0) as url,
        aiohttp.ClientSession(url) as http,
        http.get("/") as answer,
    ):
        page = await answer.text()
    await store.close()
    assert (answer.status, answer.headers["Retry-After"]) == (503, "2")
    assert "Nothing is lost" in page


async def test_what_came_since_is_told_once_and_as_it_was_asked_for(get: Get, planting: Planting) -> None:
    await planting.tell(SOLD)
    first = (await get("/"))[1]
    last = re.search(r'data-last="([^"]+)"', first)
    assert last is not None
    fresh = f"/stories/{STORY}/fresh"
    assert (await get(fresh, since=last[1]))[0] == 204
    await planting.tell(DENIED)
    status, part = await get(fresh, since=last[1])
    assert status == 200
    assert claims_of(part) == ["2"] and 'data-summary="1 new claim"' in part and 'data-total="2"' in part
    assert "<html" not in part
    # a board that shows a part of the claims gets the timeline, and no card that it would not have
    part = (await get(fresh, since=last[1], side="Skerry"))[1]
    assert claims_of(part) == [] and 'class="moment"' in part
    again = re.search(r'data-last="([^"]+)"', part)
    assert again is not None and (await get(fresh, since=again[1]))[0] == 204


async def test_the_timeline_goes_on_before_what_the_board_shows(get: Get, planting: Planting) -> None:
    await planting.tell(*(Told(number, f"Skerry counted {number} gulls.") for number in range(1, 45)))
    page = (await get("/"))[1]
    earlier = re.search(rf'href="(/stories/{STORY}/timeline\?before=[^"]+)"', page)
    assert earlier is not None
    rest = (await get(earlier[1]))[1]
    counted = [int(found) for found in re.findall(r"counted (\d+) gulls", page.split('id="moments"')[1] + rest)]
    assert counted == list(range(44, 0, -1))


async def test_the_feeds_are_told_the_worst_first(get: Get, store: Store) -> None:
    now_s = NOON.timestamp()
    well, failing = (
        FeedState(last_success=now_s, last_checked=now_s),
        FeedState(last_checked=now_s, failures=3, error="404 <b>gone</b>"),
    )
    assert await store.close_poll("coast", 0, well, {}, "look-1")
    assert await store.close_poll("town", 0, failing, {}, "look-2")
    status, page = await get("/feeds")
    assert status == 200
    assert page.index("<bdi>town</bdi>") < page.index("<bdi>coast</bdi>")
    assert "404 &lt;b&gt;gone&lt;/b&gt;" in page and "3 in a row" in page


HOSTILE = """<script>alert(1)</script>"'><img src=x onerror=alert(2)>{{7*7}}${7*7}\u202egnp.exe"""


async def test_hostile_words_stay_words(http: aiohttp.ClientSession, planting: Planting) -> None:
    told = Told(
        1, HOSTILE, publisher=HOSTILE, headline=HOSTILE, uri="javascript:alert(3)//" + HOSTILE,
        support=Support(sides=(HOSTILE,)),
    )  # fmt: skip
    await planting.tell(told, Told(2, "Another.", uri="https://user:word@nordnytt.example/"))
    for path in ("/", f"/stories/{STORY}/claims/{told.id}", f"/stories/{STORY}/timeline", f"/stories/{STORY}/fresh"):
        async with http.get(path, params={"q": HOSTILE} if path == "/" else {}) as answer:
            page = await answer.text()
            policy = answer.headers["Content-Security-Policy"]
        assert answer.status == 200
        assert set(re.findall(r"<script[^>]*>", page)) <= set(re.findall(r'<script src="/static/[^"]*" defer>', page))
        assert "<img src=x" not in page and "{{7*7}}" in page and "49" not in re.sub(r"\d{3,}", "", page)
        assert not re.search(r'<[^>]* (on\w+|style)="', page)
        assert not re.search(r'(href|src|action)="(?!/|#|\?|https://)', page)
        assert "default-src 'none'; script-src 'self'; style-src 'self'" in policy and "unsafe" not in policy
        for sheet in re.findall(r"<style[^>]*>(.*?)</style>", page, re.DOTALL):
            assert f"'sha256-{base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode()}'" in policy
        assert "base-uri 'none'" in policy and "frame-ancestors 'none'" in policy and "form-action 'self'" in policy


async def test_links_to_outlets_say_nothing_of_us(get: Get, planting: Planting) -> None:
    await planting.tell(SOLD)
    page = (await get(f"/stories/{STORY}/claims/{SOLD.id}"))[1]
    links = re.findall(r'<a href="https?://[^>]*>', page)
    assert len(links) == 3
    assert all('rel="noopener noreferrer nofollow"' in link for link in links)


async def test_static_files_are_kept_under_their_version_alone(http: aiohttp.ClientSession) -> None:
    async with http.get("/") as answer:
        names = re.findall(r'"(/static/[^"?]+)\?v=(\w+)"', await answer.text())
    assert {name for name, _ in names} == {"/static/board.js", "/static/mark.svg"}
    for name, version in names:
        for given, kept in ((version, "immutable"), ("other", "no-cache")):
            async with http.get(name, params={"v": given}) as answer:
                assert answer.status == 200 and kept in answer.headers["Cache-Control"]
                assert answer.headers["X-Content-Type-Options"] == "nosniff"


class Counting:
    """A store that counts what is asked of it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> object:
        self.calls.append(name)
        return getattr(self._store, name)


async def test_two_thousand_claims_cost_no_more_than_a_page(store: Store, story: Story) -> None:
    # given
    words = "Skerry counted {} gulls at the lighthouse of Fjordlys on the day before the sale was to be signed."
    first = Told(1, words.format(1))
    await Planting(store).tell_at_once(
        [replace(first, text=words.format(claim), claim=claim) for claim in range(1, 2001)]
    )
    counting = Counting(store)
    state = ServiceState(counting, {story.id: story}, (), 1000, started=True)  # type: ignore[arg-type]
    async with serving(make_app(state), "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as http:
        async with http.get("/") as answer:
            await answer.read()
        # when
        counting.calls.clear()
        async with http.get("/") as answer:
            page = await answer.read()
        again = sorted(counting.calls)
        counting.calls.clear()
        async with http.get("/?min_sources=0") as answer:
            assert await answer.read()
    # then: a look whether anything changed; and if the page is not kept what changed, and a range of the timeline
    assert again == ["claims_since", "length", "range"]
    assert sorted(counting.calls) == ["claims_since", "claims_since", "length", "range", "range"]
    assert page.count(b'<article class="card') == 12 and b"2000</span> claims" in page
    assert len(page) < 200_000


async def test_boards_that_ask_the_same_are_told_by_one_look(store: Store, story: Story) -> None:
    await Planting(store).tell(SOLD)
    counting = Counting(store)
    state = ServiceState(counting, {story.id: story}, (), 1000, started=True)  # type: ignore[arg-type]
    async with serving(make_app(state), "127.0.0.1", 0) as url, aiohttp.ClientSession(url) as http:

        async def fresh(since: str) -> str:
            async with http.get(f"/stories/{STORY}/fresh", params={"since": since}) as answer:
                return await answer.text()

        first = [await fresh("0-0") for _ in range(5)]
        assert len(set(first)) == 1 and claims_of(first[0]) == ["1"]
        assert counting.calls.count("range") == 6  # the newest event for each, all that is told for the first
        # and what happens next is told to all of them
        await Planting(store).tell(DENIED)
        assert claims_of(await fresh("0-0")) == ["2", "1"]


async def test_what_changed_without_an_event_is_told_to_an_open_board(get: Get, planting: Planting) -> None:
    await planting.tell(SOLD)
    page = (await get("/"))[1]
    last, at = [found[1] for name in ("last", "at") if (found := re.search(f'data-{name}="([^"]+)"', page))]
    fresh = f"/stories/{STORY}/fresh"
    assert (await get(fresh, since=last, at=at))[0] == 204
    # when a copy is counted
    await planting.count(replace(SOLD, support=Support(documents=9, copies=7)), 70)
    # then a board that asks what changed has the card, marked as no news
    status, part = await get(fresh, since=last, at=at)
    assert status == 200 and claims_of(part) == ["1"] and "7 copies" in part and 'data-summary=""' in part
    assert claims_of(part.split("</section>")[0]) == []
    assert (await get(fresh, since=last))[0] == 204  # one that did not say where it stands is told of events alone
    assert "7 copies" in (await get("/"))[1]
    assert (await get(fresh, since=last, at="-1"))[0] == 400


async def test_a_kept_page_ends_with_what_it_was_of(get: Get, planting: Planting, store: Store) -> None:
    await planting.tell(SOLD, DENIED)
    assert (await get("/"))[1] == (await get("/"))[1]
    assert "Fjordlys denied on Monday" in (await get("/"))[1]
    (first, *_) = await store.range(keys.events(STORY), newest_first=True)
    await store._delete(keys.events(STORY), [first.id])
    assert (await get("/"))[1].count('class="moment"') == 1
