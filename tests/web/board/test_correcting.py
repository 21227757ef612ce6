"""What a claim's page offers to whoever would correct it, as HTML over real HTTP."""

from __future__ import annotations

import html
import re
import shlex
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path

import aiohttp
import pytest

from service.edits.editor import Editor
from service.store.store import Store
from service.web.access import Access, Rates
from service.web.app import make_app, serving
from service.web.board.rendering import POLICY
from service.web.state import ServiceState
from service.web.tokens import Tokens, new_token
from tests.web.board_planting import LONG_AGO, SOLD, STORY, TAKEN_BACK, Further, Planting, Told
from workers.claims.model import Mark

Section = Callable[[Told], Awaitable[str]]
MARK = Mark(edit="e1-000000000000005b", action="background", kind="claim")


@pytest.fixture
async def writable(state: ServiceState, store: Store, tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """A reader of a service that takes edits from who has a token."""
    (tmp_path / "tokens.toml").write_text(new_token("night desk", "write")[1], "utf-8")
    access = Access(Tokens(tmp_path / "tokens.toml"), reads_need_token=False, rates=Rates(0, 1))
    app = make_app(state, Editor(store), access)
    async with serving(app, "127.0.0.1", 0) as address, aiohttp.ClientSession(address) as session:
        yield session


async def page_of(http: aiohttp.ClientSession, told: Told) -> str:
    async with http.get(f"/stories/{STORY}/claims/{told.id}") as answer:
        assert answer.headers["Content-Security-Policy"] == POLICY and "connect-src 'self'" in POLICY
        return await answer.text()


def section(page: str) -> str:
    return page.split('<details class="correct"')[1].split("</details>")[0] if 'class="correct"' in page else ""


def offered(page: str) -> list[str]:
    return re.findall(r'type="radio" name="correct-what" value="(\w+)"', section(page))


def commands(page: str) -> list[str]:
    return [html.unescape(found) for found in re.findall(r"<pre><code>(.*?)</code>", section(page))]


async def test_it_offers_what_fits_the_claim(writable: aiohttp.ClientSession, planting: Planting) -> None:
    edited = replace(LONG_AGO, number=8, other={"marks": (MARK,)})
    merge = Mark(edit="e1-000000000000005c", action="merge", other=SOLD.id)
    merged = Told(7, "The lighthouse went to Fjordlys.", merged_into=1, other={"marks": (merge,)})
    await planting.tell(SOLD, LONG_AGO, TAKEN_BACK, edited, merged)
    assert offered(await page_of(writable, SOLD)) == ["merge", "split", "background", "retract", "takedown"]
    assert offered(await page_of(writable, LONG_AGO)) == [
        "merge",
        "retract",
        "takedown",
    ]  # one document, and background already
    assert offered(await page_of(writable, TAKEN_BACK)) == ["takedown"]  # by those who published it
    assert offered(await page_of(writable, edited)) == ["merge", "retract", "undo", "takedown"]
    page = await page_of(writable, merged)
    assert offered(page) == ["undo"] and 'data-undoes="e1-000000000000005c"' in page


async def test_the_last_edit_is_the_one_that_is_undone(writable: aiohttp.ClientSession, planting: Planting) -> None:
    later = Mark(edit=f"e1-{93:016x}", action="background", kind="claim")
    told = replace(LONG_AGO, other={"marks": (MARK, later)})
    await planting.tell(told)
    await planting.tell_of_edit(told, 93, "background", "everybody knows <i>")
    part = section(await page_of(writable, told))
    assert f'data-undoes="{later.edit}"' in part and MARK.edit not in part
    assert "everybody knows &lt;i&gt;" in part and "Ann &lt;b&gt;" in part
    assert f"claimwire edit undo {later.edit} --reason &#39;WHY&#39;" in part


async def test_every_field_is_named_and_nothing_is_sent_without_the_script(
    writable: aiohttp.ClientSession, planting: Planting
) -> None:
    await planting.tell(SOLD)
    page = await page_of(writable, SOLD)
    part = section(page)
    assert re.search(r'<form id="correct-form" hidden data-edits="/v1/stories/lighthouse-sale/edits"', part)
    fields = re.findall(r'<(?:input|textarea) id="([^"]+)"', part)
    assert fields == ["correct-into", "correct-reason", "correct-by", "correct-token"]
    assert all(f'<label for="{name}">' in part for name in fields)
    assert re.search(r'id="correct-token" type="password" required autocomplete="off"', part)
    # a form that is sent as forms are would carry no field of these, least of all the token
    assert set(re.findall(r' name="([^"]+)"', part)) == {"correct-what"}
    assert re.search(r'<p id="correct-answer" class="answer" role="status"></p>', part)
    assert len(re.findall(r'type="checkbox" value', part)) == 3 and "open" not in part.split(">")[0]
    scripts = re.findall(r"<script[^>]*>", page)
    assert len(scripts) == 1 and re.fullmatch(r'<script src="/static/correct.js\?v=\w+" defer>', scripts[0])


async def test_where_nobody_has_a_token_there_are_the_commands_alone(
    http: aiohttp.ClientSession, planting: Planting
) -> None:
    await planting.tell(SOLD)
    page = await page_of(http, SOLD)
    assert offered(page) == [] and "<script" not in page and "no tokens" in section(page)
    assert commands(page) == [
        f"claimwire edit merge {SOLD.id} INTO --reason 'WHY'",
        f"claimwire edit split {SOLD.id} URI… --reason 'WHY'",
        f"claimwire edit background {SOLD.id} --reason 'WHY'",
        f"claimwire edit retract {SOLD.id} --reason 'WHY'",
        "claimwire takedown URI --reason 'WHY'",
    ]
    assert "https://coast-radio.example/5" in section(page)


async def test_a_hostile_address_is_one_word_to_a_shell_and_no_markup(
    writable: aiohttp.ClientSession, planting: Planting
) -> None:
    hostile = """https://x.example/$(reboot);'"><script>`id`"""
    moving = "https://x.example/\x1b[201~\rreboot"
    for number, uri in ((1, hostile), (2, moving)):
        await planting.tell(Told(number, f"It is number {number}.", uri=uri, further=(Further(20 + number, "Coast"),)))
    page = await page_of(writable, Told(1, ""))
    addresses = re.findall(r"<li><code><bdi>(.*?)</bdi></code></li>", section(page))
    assert [shlex.split(html.unescape(one)) for one in addresses] == [[hostile], ["https://coast.example/21"]]
    assert "<script>" not in page and f'value="{html.escape(hostile)}"'.replace("&quot;", "&#34;").replace(
        "&#x27;", "&#39;"
    ) in section(page)
    # what would act on a terminal is not there to be copied
    addresses = re.findall(r"<li><code><bdi>(.*?)</bdi></code></li>", section(await page_of(writable, Told(2, ""))))
    assert addresses == ["https://coast.example/22"]
