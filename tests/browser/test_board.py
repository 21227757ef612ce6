"""The board as a reader has it: live and without JavaScript, by keyboard, on a phone, in the dark, for who listens."""

from __future__ import annotations

from dataclasses import replace

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, expect

from service.contract.data import Support
from service.store.store import Store
from service.web.board.pages import EVENTS_AT_ONCE
from service.web.library import EVENTS_SEARCHED
from tests.browser.conftest import Open
from tests.web.board_planting import DENIED, EVERYTHING, SOLD, STORY, Planting, Told, held

pytestmark = pytest.mark.asyncio(loop_scope="session")

NEW = Told(50, "Fjordlys said on Tuesday that it would give the lighthouse back.", publisher="Fjord Post")
PATHS = (
    "/",
    f"/stories/{STORY}/claims/{SOLD.id}",
    f"/stories/{STORY}/timeline",
    "/feeds",
    f"/stories/{STORY}/held",
    "/webhooks",
    "/v1",
    "/stories/none",
    "/?q=gulls",
)

HELD = held(9, "Skerry may sell its pier too, the mayor said.")


def gulls(count: int) -> list[Told]:
    return [Told(number, f"Skerry counted {number} gulls.") for number in range(10, 10 + count)]


async def top(page: Page, claim: str) -> float:
    return float(await page.evaluate(f"document.getElementById('{claim}').getBoundingClientRect().top"))


async def test_a_new_claim_comes_on_top_by_itself(look: Open, url: str, store: Store) -> None:
    planting = Planting(store)
    await planting.tell(SOLD)
    seen = await look(url)
    page = seen.page
    await expect(page.locator("#live")).to_have_text("live")
    # when somebody claims something new
    await page.evaluate("window.same = true")
    await planting.tell(DENIED)
    # then
    first = page.locator("#cards > .card").first
    await expect(first).to_have_id(DENIED.id)
    await expect(page.get_by_role("status")).to_have_text("1 new claim")
    await expect(page.locator("#total")).to_have_text("2")
    await expect(page.locator("#moments > .moment")).to_have_count(2)
    await expect(page.locator("#moments > .moment").first).to_contain_text("Fjordlys denied on Monday")
    assert await page.evaluate("window.same")  # without a reload
    assert seen.wrong == [] and await seen.violations() == []


async def test_what_is_read_stays_where_it_is(look: Open, url: str, store: Store) -> None:
    # given a reader who has scrolled, and whose focus is on a card
    planting = Planting(store)
    told = gulls(12)
    await planting.tell(*told)
    page = (await look(url)).page
    await expect(page.locator("#live")).to_have_text("live")
    read = told[3].id
    await page.locator(f"[id='{read}'] h3 a").focus()
    await page.evaluate(f"document.getElementById('{read}').scrollIntoView()")
    before = await top(page, read)
    # when
    await planting.tell(NEW)
    await expect(page.locator("#cards > .card").first).to_have_id(NEW.id)
    # then
    assert abs(await top(page, read) - before) <= 2
    focused = await page.evaluate("document.activeElement.closest('.card').id")
    assert focused == read


async def test_a_card_that_changes_is_exchanged_where_it_stands(look: Open, url: str, store: Store) -> None:
    planting = Planting(store)
    await planting.tell(SOLD, *gulls(2))
    page = (await look(url)).page
    await expect(page.locator("#live")).to_have_text("live")
    ids = await page.locator("#cards > .card").evaluate_all("cards => cards.map(card => card.id)")
    await page.locator(f"[id='{SOLD.id}'] h3 a").focus()
    # when an event tells of the claim again
    await planting.tell(
        Told(51, SOLD.words, claim=1, type="claimwire.claim.corroborated.v1", publisher="Island Herald")
    )
    # then
    await expect(page.get_by_role("status")).to_have_text("1 claim corroborated")
    after = await page.locator("#cards > .card").evaluate_all("cards => cards.map(card => card.id)")
    assert after == ids
    await expect(page.locator(f"[id='{SOLD.id}']")).to_have_class("card fresh")
    assert await page.evaluate("document.activeElement.closest('.card').id") == SOLD.id


async def test_a_copy_that_raises_no_event_is_counted_on_an_open_board(look: Open, url: str, store: Store) -> None:
    planting = Planting(store)
    await planting.tell(SOLD, *gulls(1))
    page = (await look(url)).page
    await page.clock.install()
    await page.reload()
    await expect(page.locator("#live")).to_have_text("live")
    await planting.count(replace(SOLD, support=Support(documents=9, copies=7)), 70)
    await page.clock.fast_forward(60_000)
    await page.clock.fast_forward(5_000)
    await expect(page.locator(f"[id='{SOLD.id}'] .note").first).to_have_text("7 copies")
    await expect(page.get_by_role("status")).to_be_empty()
    await expect(page.locator("#cards > .card")).to_have_count(2)


async def test_what_is_taken_down_goes_from_an_open_board(look: Open, url: str, store: Store) -> None:
    planting = Planting(store)
    await planting.tell(SOLD, DENIED)
    page = (await look(url)).page
    await expect(page.locator("#live")).to_have_text("live")
    await expect(page.get_by_text("Fjordlys denied on Monday").first).to_be_visible()
    await planting.take_down(DENIED, 80)
    await expect(page.get_by_text("Fjordlys denied on Monday")).to_have_count(0)
    await expect(page.locator("#cards > .card")).to_have_count(1)


@pytest.mark.parametrize("beyond", [EVENTS_AT_ONCE, EVENTS_SEARCHED])
async def test_what_was_taken_down_long_before_a_board_looks_again_goes_from_it(
    look: Open, url: str, store: Store, beyond: int
) -> None:
    planting = Planting(store)
    await planting.tell(SOLD, replace(DENIED, headline="Not bought at all"))
    page = (await look(url)).page
    await expect(page.locator("#live")).to_have_text("live")
    await expect(page.get_by_text("Not bought at all")).to_be_visible()
    # while nobody looks, it is taken down and so much comes that the takedown is among the newest events no more
    await page.evaluate("Object.defineProperty(document, 'hidden', { configurable: true, get: () => true })")
    await planting.take_down(DENIED, 9_000)
    await planting.tell(*gulls(beyond))
    await expect(page.get_by_text("Fjordlys denied on Monday").first).to_be_attached()
    await page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    await expect(page.get_by_text("Fjordlys denied on Monday")).to_have_count(0)
    await expect(page.get_by_text("Not bought at all")).to_have_count(0)


async def test_the_headline_of_what_was_taken_down_goes_though_its_claim_stands_in_the_words_of_others(
    look: Open, url: str, store: Store
) -> None:
    planting = Planting(store)
    await planting.tell(SOLD, replace(DENIED, headline='"Not bought" at all'))
    page = (await look(url)).page
    await expect(page.locator("#live")).to_have_text("live")
    await expect(page.get_by_text('"Not bought" at all')).to_be_visible()
    await planting.take_down(DENIED, 80, stands=True)
    await expect(page.get_by_text('"Not bought" at all')).to_have_count(0)
    await expect(page.locator("#cards > .card")).to_have_count(2)


async def test_a_narrowed_board_gets_what_it_asked_for(look: Open, url: str, store: Store) -> None:
    planting = Planting(store)
    await planting.tell(SOLD)
    page = (await look(f"{url}/?q=lighthouse")).page
    await expect(page.locator("#live")).to_have_text("live")
    await planting.tell(*gulls(1))
    await expect(page.locator("#moments > .moment")).to_have_count(2)
    await expect(page.locator("#cards > .card")).to_have_count(1)
    await planting.tell(NEW)
    await expect(page.locator("#cards > .card")).to_have_count(2)


async def test_an_older_page_is_told_and_not_moved(look: Open, url: str, store: Store) -> None:
    planting = Planting(store)
    await planting.tell(*gulls(30))
    page = (await look(url)).page
    await page.get_by_role("link", name="Older claims").click()
    await expect(page.locator("#live")).to_have_text("live")
    await planting.tell(NEW)
    await expect(page.get_by_role("status")).to_have_text("1 new claim")
    await expect(page.locator("#cards > .card")).to_have_count(12)


async def test_everything_works_without_javascript(look: Open, url: str, store: Store) -> None:
    await Planting(store).tell(*EVERYTHING)
    page = (await look(url, java_script_enabled=False)).page
    await page.get_by_label("Words").fill("lighthouse")
    await page.get_by_label("Kind").select_option("Disputed")
    await page.get_by_role("button", name="Show").click()
    await expect(page.locator(".card")).to_have_count(1)
    await expect(page.get_by_role("heading", name="1 of 4 claims")).to_be_visible()
    await page.get_by_role("link", name="1–2 Sources").click()
    await expect(page).to_have_url(f"{url}/stories/{STORY}/claims/{SOLD.id}#sources")
    await page.get_by_role("link", name="appearance 2").first.click()
    await expect(page.locator("#a2 mark")).to_be_in_viewport()
    await page.get_by_role("link", name="Fjordlys denied on Monday").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(DENIED.words)
    await expect(page.locator("#live")).to_have_count(0)


async def test_a_keyboard_reaches_the_claims_at_once(look: Open, url: str, store: Store) -> None:
    await Planting(store).tell(*EVERYTHING)
    page = (await look(url)).page
    await page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Skip to content")
    await expect(skip).to_be_focused()
    await expect(skip).to_be_in_viewport()
    outline = await skip.evaluate("link => getComputedStyle(link).outlineStyle + getComputedStyle(link).outlineWidth")
    assert outline == "solid3px"
    await page.keyboard.press("Enter")
    await expect(page.locator("main")).to_be_focused()
    await page.keyboard.press("Tab")
    await expect(page.get_by_label("Words")).to_be_focused()


async def graves(page: Page, *rules: str) -> list[tuple[str, str]]:
    options = {"resultTypes": ["violations"]} | ({"runOnly": list(rules)} if rules else {})
    found = (await Axe().run(page, options=options)).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in ("serious", "critical")]


@pytest.mark.parametrize("path", PATHS)
async def test_axe_finds_nothing_grave(look: Open, url: str, store: Store, path: str) -> None:
    await Planting(store).tell(*EVERYTHING)
    await Planting(store).hold(HELD)
    page = (await look(url + path, reduced_motion="reduce")).page
    assert await graves(page) == []


async def test_what_is_read_in_the_dark_can_be_read(look: Open, url: str, store: Store) -> None:
    await Planting(store).tell(*EVERYTHING)
    await Planting(store).hold(HELD)
    page = (await look(url, color_scheme="dark", reduced_motion="reduce")).page
    for path in PATHS:
        await page.goto(url + path)
        assert await graves(page, "color-contrast") == []


async def test_axe_finds_what_is_grave(look: Open, url: str) -> None:
    page = (await look(url)).page
    wrong = """main => {
        main.innerHTML = '<h1>Hardly to be read</h1><img src="/static/mark.svg"><input>';
        Object.assign(main.firstChild.style, { color: "#888", background: "#aaa" });
    }"""
    await page.locator("main").evaluate(wrong)
    assert {"image-alt", "label"} <= {rule for rule, _ in await graves(page)}
    assert [rule for rule, _ in await graves(page, "color-contrast")] == ["color-contrast"]


async def test_on_a_phone_a_feed_stands_in_one_column_with_what_each_value_is(look: Open, url: str) -> None:
    row = (await look(url + "/feeds", width=390)).page.locator("table.feeds tbody tr").first
    cells = await row.locator("th, td").evaluate_all("cells => cells.map(cell => cell.getBoundingClientRect().left)")
    assert len(cells) == 7 and len(set(cells)) == 1
    told = await row.locator("td").nth(1).evaluate("cell => getComputedStyle(cell, '::before').content")
    assert told == '"Last read "' and "never" in await row.inner_text()


@pytest.mark.parametrize("width", [320, 1440])
async def test_no_page_is_wider_than_the_screen(look: Open, url: str, store: Store, width: int) -> None:
    long = Told(60, "Skerry" + "sold" * 60 + " it.", headline="x" * 300, publisher="P" * 120)
    await Planting(store).tell(*EVERYTHING, long)
    await Planting(store).hold(held(9, "Skerry" + "may" * 60 + " sell it."))
    seen = await look(url, width=width)
    for path in (*PATHS, f"/stories/{STORY}/claims/{long.id}"):
        await seen.page.goto(url + path)
        assert await seen.page.evaluate("document.documentElement.scrollWidth") <= width, path
        assert await seen.page.evaluate("document.querySelectorAll('h1').length") == 1
        assert await seen.violations() == []
