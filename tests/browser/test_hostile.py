"""What feeds send is hostile: through the whole system and into a browser, none of it runs, loads or leads anywhere."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import expect

from service.store.store import Store
from service.web.app import serving
from service.web.board.rendering import POLICY
from tests.browser.conftest import Open, Seen
from tests.journeys.running import Running, end
from tests.web.board_planting import Planting, Told

pytestmark = pytest.mark.asyncio(loop_scope="session")

CORPUS = (
    "<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "<svg onload=window.ran=1>",
    "\"><script>alert('ran')</script>",
    "'><img src=x onerror='window.ran=1'>",
    "</title></bdi></a><script>window.ran=1</script>",
    '<iframe srcdoc="<script>parent.ran=1</script>"></iframe>',
    "<math><mtext></table><img src onerror=window.ran=1>",
    "{{ 7*191 }}{% include 'layout.html' %}${7*191}",
    "<style>*{background:url(//evil.example/x)}</style>",
    "<base href=//evil.example/>",
    "<meta http-equiv=refresh content='0;url=javascript:alert(1)'>",
    "<a href='javascript:window.ran=1'>more</a>",
    "&lt;script&gt;window.ran=1&lt;/script&gt;",
    "<!--<script>window.ran=1//--></script>",
    "]]><script>window.ran=1</script>",
    "<form id=cards><input name=body autofocus onfocus=window.ran=1></form>",
    "<details open ontoggle=window.ran=1>x</details>",
    "<object data=javascript:window.ran=1></object>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<template><img src=x onerror=window.ran=1></template>",
    "\u202e\u2066gnp.elif\u2069\u202a",
    "<bdo dir=rtl>",
    "＜script＞window.ran=1＜/script＞ \ufeff\u200b",
)
ADDRESSES = (
    "javascript:window.ran=1",
    "data:text/html,<script>alert(1)</script>",
    "https://nordnytt.example/'\"><script>",
)
SENTENCES = (
    "Skerry sold its lighthouse to Fjordlys on Friday, {} Ada Brandt said.",
    "Fjordlys dismissed forty keepers of the harbour of Skerry, {} a spokesman said.",
    "Ada Brandt denied that Fjordlys had paid {} for the ferry of Skerry.",
    "The court in Skerry ordered Fjordlys to repair the bridge {} by June.",
    "Fjordlys accused Ada Brandt {} of hiding a letter about the wind farm.",
    "Skerry closed its school after Fjordlys {} raised the rent, teachers told Nordnytt.",
    "Fjordlys will build a factory for herring in Skerry, {} the council announced.",
    "Police searched the office of Fjordlys in Skerry {} and took away three computers.",
)


def item(number: int, sentence: str, payloads: tuple[str, ...]) -> str:
    """An entry that is hostile wherever an entry can be; the words of its text are escaped once, its markup is raw."""
    words, raw = escape(sentence.format(" ".join(payloads))), "".join(payloads)
    body = f"<p>{words}</p><div>{raw}</div>"
    fields = {
        "title": f"Skerry and Fjordlys {number} {raw}",
        "link": ADDRESSES[number % len(ADDRESSES)],
        "guid": f"{number} {raw}",
        "author": raw,
        "source": f"Outlet {number} {raw}",
        "description": body,
    }
    return "<item>" + "".join(f"<{name}>{escape(text)}</{name}>" for name, text in fields.items()) + "</item>"


def feed() -> str:
    share = -(-len(CORPUS) // len(SENTENCES))
    items = [
        item(number, sentence, CORPUS[number * share : (number + 1) * share])
        for number, sentence in enumerate(SENTENCES)
    ]
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title>{"".join(items)}</channel></rss>'


async def settled(seen: Seen) -> None:
    """Nothing ran, was refused at the last moment, was loaded from elsewhere, or leads to a program."""
    page = seen.page
    await page.wait_for_load_state("networkidle") if not await page.locator("#live").count() else None
    assert seen.wrong == [] and await seen.violations() == []
    assert await page.evaluate("window.ran") is None
    assert set(await page.evaluate("[...document.links].map(link => link.protocol)")) <= {"http:", "https:"}
    assert (
        await page.evaluate(
            "document.querySelectorAll('iframe, object, embed, base, body style, template, form form').length"
        )
        == 0
    )
    loaded = await page.evaluate("performance.getEntriesByType('resource').map(one => new URL(one.name).host)")
    assert set(loaded) <= {await page.evaluate("location.host")}


@pytest_asyncio.fixture(loop_scope="session")
async def address(tmp_path: Path) -> AsyncIterator[str]:
    """A whole system that has read the hostile feed: service, worker and server as processes of their own."""
    stories = tmp_path / "stories"
    stories.mkdir()
    (stories / "story.toml").write_bytes((Path(__file__).parents[1] / "stories" / "lighthouse.toml").read_bytes())
    (tmp_path / "hostile.xml").write_text(feed(), "utf-8")
    (tmp_path / "feeds.toml").write_text('[[feed]]\nname = "x"\nfile = "hostile.xml"\naggregator = true\n', "utf-8")
    arguments = "up --feeds feeds.toml --stories stories --workers 1 --redis-port 0 --http-port 0 --format jsonl"
    running = Running(arguments.split(), tmp_path, {})
    try:
        log = tmp_path / ".claimwire" / "log" / "service.jsonl"
        opened = await asyncio.to_thread(running.until, lambda: _opened(log), 120)
        await asyncio.to_thread(running.until, lambda: _decided(opened), 120)
        yield opened
    finally:
        await asyncio.to_thread(end, running)


def _opened(log: Path) -> str:
    lines = log.read_text("utf-8").splitlines() if log.exists() else []
    found = (json.loads(line) for line in lines if '"service.opened"' in line)
    return str(next((line["address"] for line in found), ""))


def _decided(opened: str) -> bool:
    with urlopen(f"{opened}/v1/stories") as answer:
        story: dict[str, Any] = json.load(answer)["stories"][0]
    return bool(story["admitted"] == story["committed"] >= len(SENTENCES))


async def test_a_hostile_feed_comes_through_as_words(look: Open, address: str) -> None:
    seen = await look(address)
    page = seen.page
    await expect(page.locator("#live")).to_have_text("live")
    await settled(seen)
    claims = await page.locator(".card h3 a").evaluate_all("links => links.map(link => link.href)")
    assert len(claims) >= len(SENTENCES) // 2
    words = await page.content()
    for path in [*claims[:12], f"{address}/stories/lighthouse-sale/timeline", f"{address}/feeds"]:
        await page.goto(path)
        await settled(seen)
        words += await page.locator("body").inner_text()
    # the corpus did get here: what is not shown was taken off as markup
    shown = [payload for payload in CORPUS if " ".join(payload.split()) in " ".join(words.split())]
    assert len(shown) >= len(CORPUS) // 2, shown
    assert str(7 * 191) not in words


async def test_a_hostile_claim_that_comes_by_itself_stays_words(look: Open, url: str, store: Store) -> None:
    seen = await look(url)
    await expect(seen.page.locator("#live")).to_have_text("live")
    told = [
        Told(number, payload, publisher=payload, headline=payload, uri=ADDRESSES[number % 3] + str(number))
        for number, payload in enumerate(CORPUS, start=1)
    ]
    await Planting(store).tell(*told)
    await expect(seen.page.locator("#cards > .card")).to_have_count(len(CORPUS))
    for payload in CORPUS:
        await expect(seen.page.locator(".card h3", has_text=payload).first).to_be_visible()
    await settled(seen)


@pytest.mark.parametrize("policy", [POLICY, ""], ids=["under the policy", "without it"])
async def test_what_the_tests_look_for_can_be_seen(look: Open, policy: str) -> None:
    """The same corpus unescaped: refused by the policy, which is told; run where there is none."""

    async def careless(_: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": policy} if policy else {}
        return web.Response(text=f"<!doctype html>{''.join(CORPUS[:3])}", content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_get("/", careless)
    async with serving(app, "127.0.0.1", 0) as careless_url:
        seen = await look(careless_url)
        await seen.page.wait_for_load_state("networkidle")
        ran = await seen.page.evaluate("window.ran")
        assert (ran, bool(await seen.violations())) == ((None, True) if policy else (1, False))
        assert bool(policy) <= bool(seen.wrong)
