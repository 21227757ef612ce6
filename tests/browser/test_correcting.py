"""An editor corrects claims on the board, by keyboard alone: asked for a token, answered, refused and undone."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
import pytest_asyncio
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, Route, expect

from service.edits.editor import Editor
from service.store import keys
from service.store.store import Store
from service.web.access import Access, Rates
from service.web.app import make_app, serving
from service.web.state import ServiceState
from service.web.tokens import Tokens, new_token
from tests.browser.conftest import Open
from tests.desk.builders import EXTRACTOR, STORY, WIRE, article
from tests.desk.test_desk import desk

pytestmark = pytest.mark.asyncio(loop_scope="session")

WITHIN_S = 90


@dataclass
class Newsroom:
    """A service with claims, and a worker who decides what is asked for."""

    store: Store
    token: str
    address: str = ""
    claims: tuple[str, ...] = ()
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _running: asyncio.Task[None] | None = None

    def page(self, claim: str) -> str:
        return f"{self.address}/stories/{STORY.id}/claims/{claim}"

    def work(self) -> None:
        self._stop = asyncio.Event()
        self._running = asyncio.create_task(desk(self.store, extractor=EXTRACTOR).run(self._stop))

    async def rest(self) -> None:
        self._stop.set()
        if self._running is not None:
            await self._running


@pytest_asyncio.fixture(loop_scope="session")
async def newsroom(store: Store, tmp_path: Path) -> AsyncIterator[Newsroom]:
    token, table = new_token("night desk", "write")
    (tmp_path / "tokens.toml").write_text(table, "utf-8")
    access = Access(Tokens(tmp_path / "tokens.toml"), reads_need_token=False, rates=Rates(0, 1))
    for number, source in ((1, "Nordnytt"), (2, "Fjord Post")):
        await store.admit(STORY.id, article(number, WIRE, source=source), f"poll-{number}", 3600)
    room = Newsroom(store, token)
    room.work()
    deadline_s = asyncio.get_running_loop().time() + WITHIN_S
    while (await store.state(STORY.id)).committed < 2:
        assert asyncio.get_running_loop().time() < deadline_s
        await asyncio.sleep(0.02)
    told = await store.range(keys.new_claims(STORY.id))
    room.claims = tuple(json.loads(one.fields["data"])["claim"]["id"] for one in told)
    state = ServiceState(store, {STORY.id: STORY}, (), backlog_cap=1000, started=True)
    async with serving(make_app(state, Editor(store, within_s=0.05), access), "127.0.0.1", 0) as room.address:
        yield room
    await room.rest()


async def fill(page: Page, action: str, reason: str, token: str) -> None:
    """All that the form asks for, whatever the action."""
    await page.locator("summary").click()
    await page.get_by_role("radio", name=action).check()
    await page.get_by_role("textbox", name="Why").fill(reason)
    await page.get_by_label("Who decides it").fill("Signe")
    await page.get_by_label("Token").fill(token)


async def tab_to(page: Page, name: str) -> None:
    """Presses Tab until the focus is on what has the id."""
    for _ in range(200):
        await page.keyboard.press("Tab")
        if await page.evaluate("document.activeElement.id || document.activeElement.tagName") == name:
            return
    raise AssertionError(f"no Tab leads to {name}")


async def test_two_claims_are_merged_by_keyboard_and_that_is_undone(
    look: Open, newsroom: Newsroom, store: Store
) -> None:
    into, claim, *_ = newsroom.claims
    seen = await look(newsroom.page(claim))
    page = seen.page
    answer = page.get_by_role("status")
    words = await page.get_by_role("heading", level=1).inner_text()
    # when: merge, with a token that nobody has
    await tab_to(page, "SUMMARY")
    await page.keyboard.press("Enter")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Space")
    await expect(page.get_by_role("radio", name="Merge")).to_be_checked()
    await tab_to(page, "correct-into")
    await page.keyboard.type(newsroom.page(into))
    await tab_to(page, "correct-reason")
    await page.keyboard.type("the same offer")
    await tab_to(page, "correct-by")
    await page.keyboard.type("Signe")
    await tab_to(page, "correct-token")
    await page.keyboard.type("cw_guessed")
    await page.keyboard.press("Enter")
    # then it is refused, and asked for again
    await expect(answer).to_contain_text("Refused: this token is not known")
    await expect(page.get_by_label("Token")).to_be_focused()
    assert (await store.state(STORY.id)).admitted == 2
    assert len(seen.wrong) == 1 and "401" in seen.wrong.pop()
    # when: with the right one
    await page.keyboard.type(newsroom.token)
    await page.keyboard.press("Enter")
    # then
    await expect(answer).to_contain_text("Applied as edit e1-")
    await expect(page.get_by_label("Token")).not_to_have_attribute("aria-invalid", "true")
    assert await seen.violations() == []
    await tab_to(page, "A")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("heading", level=1)).to_have_text("This claim was merged")
    await expect(page.locator(".edits")).to_contain_text("the same offer")
    # when: undone where it stands; who it is, and the token, are known in this tab
    await tab_to(page, "SUMMARY")
    await page.keyboard.press("Enter")
    await expect(page.get_by_role("radio", name="Undo")).to_be_checked()
    await tab_to(page, "correct-reason")
    await page.keyboard.type("two offers after all")
    await tab_to(page, "BUTTON")
    await page.keyboard.press("Enter")
    await expect(answer).to_contain_text("Applied as edit e1-")
    await expect(page.get_by_role("button")).to_be_focused()
    await page.get_by_role("link", name="This claim as it is now").click()
    # then
    await expect(page.get_by_role("heading", level=1)).to_have_text(words)
    edits = await Editor(store).page(STORY.id, 0, 100)
    assert [(one.state, one.edit and one.edit.action, one.edit and one.edit.by) for one in edits] == [
        ("applied", "merge", "Signe (by the token of night desk)"),
        ("applied", "undo", "Signe (by the token of night desk)"),
    ]
    # 410 is what a merged claim's page answers
    assert [one for one in seen.wrong if "410" not in one] == [] and await seen.violations() == []


async def test_a_token_stays_in_its_tab(look: Open, newsroom: Newsroom) -> None:
    page = (await look(newsroom.page(newsroom.claims[0]))).page
    await page.locator("summary").click()
    await page.get_by_label("Token").fill(newsroom.token)
    await page.get_by_label("Who decides it").fill("Signe")
    await page.reload()
    await page.locator("summary").click()
    await expect(page.get_by_label("Token")).to_have_value(newsroom.token)
    other = await page.context.new_page()
    await other.goto(newsroom.page(newsroom.claims[0]))
    await other.locator("summary").click()
    await expect(other.get_by_label("Token")).to_have_value("")
    assert await page.context.cookies() == [] and await page.evaluate("localStorage.length") == 0
    assert newsroom.token not in await page.content() + page.url


async def test_a_claim_is_split_by_its_documents_and_what_does_not_fit_is_told(
    look: Open, newsroom: Newsroom, store: Store
) -> None:
    seen = await look(newsroom.page(newsroom.claims[0]), width=320, height=700)
    page = seen.page
    await fill(page, "Split", "two matters", newsroom.token)
    # when no document is chosen, then nothing is sent
    await page.get_by_role("button", name="Send").click()
    boxes = page.get_by_role("checkbox")
    await expect(boxes.first).to_be_focused()
    await expect(page.get_by_role("status")).to_have_text("")
    # when all of them are
    for box in await boxes.all():
        await box.check()
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("status")).to_contain_text("Refused: no document would be left to the claim.")
    # when one is
    await boxes.first.uncheck()
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("status")).to_contain_text("Applied as edit")
    await page.get_by_role("link", name="Claim c1-").click()
    await expect(page.locator("dd", has_text="split from it by a person")).to_be_visible()
    assert seen.wrong == [] and await seen.violations() == []


async def test_while_no_worker_comes_an_edit_waits(look: Open, newsroom: Newsroom) -> None:
    await newsroom.rest()
    page = (await look(newsroom.page(newsroom.claims[1]))).page
    await fill(page, "Background", "long ago", newsroom.token)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("status")).to_contain_text("no worker has come to it yet")
    newsroom.work()
    await expect(page.get_by_role("status")).to_contain_text("Applied as edit")


async def test_an_edit_whose_answer_is_lost_is_sent_again_and_done_once(
    look: Open, newsroom: Newsroom, store: Store
) -> None:
    page = (await look(newsroom.page(newsroom.claims[1]))).page
    sent: list[str] = []

    async def lost(route: Route) -> None:
        sent.append(await route.request.header_value("Idempotency-Key") or "")
        if len(sent) == 1:  # it gets there, and the answer does not come back
            await route.fetch()
            await route.abort()
        else:
            await route.continue_()

    await page.route("**/edits", lost)
    await fill(page, "Retract", "a misprint", newsroom.token)
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("status")).to_contain_text("No answer came")
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("status")).to_contain_text("Applied as edit")
    assert sent[0] == sent[1] and len(sent[0]) == 32
    assert len(await Editor(store).page(STORY.id, 0, 100)) == 1


@pytest.mark.parametrize(("width", "scheme"), [(320, "dark"), (1280, "light")])
async def test_the_forms_can_be_read_and_used_by_everybody(
    look: Open, newsroom: Newsroom, width: int, scheme: str
) -> None:
    page = (
        await look(newsroom.page(newsroom.claims[0]), width=width, color_scheme=scheme, reduced_motion="reduce")
    ).page
    await page.locator("summary").click()
    for action in ("Merge", "Split"):  # the others ask for nothing of their own
        await page.get_by_role("radio", name=action).check()
        found = (await Axe().run(page, options={"resultTypes": ["violations"]})).response["violations"]
        assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= width


async def test_without_javascript_there_are_the_commands(look: Open, newsroom: Newsroom) -> None:
    claim = newsroom.claims[0]
    page = (await look(newsroom.page(claim), java_script_enabled=False)).page
    await page.locator("summary").click()
    await expect(page.get_by_text(f"claimwire edit retract {claim} --reason 'WHY'")).to_be_visible()
    await expect(page.locator("#correct-form")).to_be_hidden()


async def test_a_document_is_taken_down_once_that_is_sure(look: Open, newsroom: Newsroom, store: Store) -> None:
    seen = await look(newsroom.page(newsroom.claims[0]))
    page = seen.page
    await fill(page, "Take down", "a court's order", newsroom.token)
    uri = article(2, WIRE, source="Fjord Post").uri
    await page.get_by_label("It and what it alone claims").select_option(uri)
    await page.get_by_role("button", name="Send").click()
    assert await store.barred(STORY.id) == {}, "the browser asks whether that is sure"
    await page.get_by_label("I know that its words do not come back").check()
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("status")).to_contain_text("Applied as edit", timeout=WITHIN_S * 1000)
    assert await store.barred(STORY.id) == {uri: "a court's order"}
