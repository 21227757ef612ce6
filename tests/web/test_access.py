"""Who may ask what, and how often."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from service.errors import SettingError
from service.settings import load_settings
from service.web.access import MOST_ASKERS, Access, Rates
from service.web.app import make_app, serving
from service.web.state import ServiceState
from service.web.tokens import Tokens, digest, new_token
from tests.web.conftest import STORY, bearer, password

STORIES, EDITS = "/v1/stories", f"/v1/stories/{STORY}/edits"
CORRECT = {"action": "retract", "claim": "c1-" + "0" * 16, "reason": "why", "by": "Signe"}


@pytest.fixture
async def guarded(state: ServiceState, tokens: Tokens) -> AsyncIterator[aiohttp.ClientSession]:
    """A service where reading needs a token too."""
    access = Access(tokens, reads_need_token=True, rates=Rates(0, 1))
    async with (
        serving(make_app(state, None, access), "127.0.0.1", 0) as address,
        aiohttp.ClientSession(address) as http,
    ):
        yield http


async def test_only_who_has_a_token_may_read(guarded: aiohttp.ClientSession, secrets: dict[str, str]) -> None:
    for headers, status in [
        ({}, 401),
        (bearer("cw_guessed"), 401),
        ({"Authorization": "Basic %%%"}, 401),
        (bearer(secrets["read"]), 200),
        (bearer(secrets["write"]), 200),
        (password(secrets["read"]), 200),
    ]:
        async with guarded.get(STORIES, headers=headers) as answer:
            assert answer.status == status
            assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    async with guarded.get("/") as answer:
        assert answer.status == 401, "the board neither"


async def test_probes_need_no_token(guarded: aiohttp.ClientSession) -> None:
    for path in ("/livez", "/healthz"):
        async with guarded.get(path) as answer:
            assert answer.status == 200


@pytest.mark.parametrize(
    ("scope", "headers", "status", "why"),
    [
        (None, {}, 401, "needs a token"),
        ("read", {}, 403, "may read, and not write"),
        ("write", {"Sec-Fetch-Site": "cross-site"}, 403, "page of another site"),
        ("write", {"Sec-Fetch-Site": "same-origin"}, 403, "nothing can be changed here"),
    ],
    ids=["nobody", "a reader", "another site", "a writer, of a service without an editor"],
)
async def test_only_a_writer_writes(
    guarded: aiohttp.ClientSession,
    secrets: dict[str, str],
    scope: str | None,
    headers: dict[str, str],
    status: int,
    why: str,
) -> None:
    sent = {**headers, **(bearer(secrets[scope]) if scope else {})}
    async with guarded.post(EDITS, json=CORRECT, headers=sent) as answer:
        assert answer.status == status
        assert answer.content_type == "application/problem+json"
        assert why in (await answer.json())["detail"]


async def test_without_tokens_everybody_reads_and_nobody_writes(http: aiohttp.ClientSession) -> None:
    async with http.get(STORIES) as answer:
        assert answer.status == 200
    async with http.post(EDITS, json=CORRECT) as answer:
        assert answer.status == 403
        assert "given no tokens" in (await answer.json())["detail"]


async def test_a_token_that_was_struck_out_is_none_any_more(
    guarded: aiohttp.ClientSession, secrets: dict[str, str], tokens: Tokens, capsys: pytest.CaptureFixture[str]
) -> None:
    async with guarded.get(STORIES, headers=bearer(secrets["read"])) as answer:
        assert answer.status == 200
    tokens.path.write_text("", "utf-8")
    async with guarded.get(STORIES, headers=bearer(secrets["read"])) as answer:
        assert answer.status == 401
    tokens.path.write_text("token = 7", "utf-8")
    async with guarded.get(STORIES, headers=bearer(secrets["read"])) as answer:
        assert answer.status == 503, "a file that cannot be used opens nothing"
    assert "tokens.unreadable" in capsys.readouterr().out, "the answer says that the log says why"


async def test_too_many_requests_are_told_when_to_come_again(state: ServiceState) -> None:
    access = Access(None, reads_need_token=False, rates=Rates(0.5, 3))
    async with (
        serving(make_app(state, None, access), "127.0.0.1", 0) as address,
        aiohttp.ClientSession(address) as http,
    ):
        statuses = []
        for _ in range(5):
            async with http.get(STORIES) as answer:
                statuses.append(answer.status)
        assert statuses == [200, 200, 200, 429, 429]
        assert 1 <= int(answer.headers["Retry-After"]) <= 2
        async with http.get("/livez") as probe:
            assert probe.status == 200


def test_a_limit_lets_a_burst_and_then_so_many_a_second() -> None:
    now = 100.0
    rates = Rates(10, 5, clock=lambda: now)
    assert [rates.wait_s("a") for _ in range(5)] == [0.0] * 5
    assert rates.wait_s("a") == pytest.approx(0.1)
    assert rates.wait_s("b") == 0.0, "another's"
    now += 0.1
    assert [rates.wait_s("a") == 0.0 for _ in range(2)] == [True, False]
    now += 3600
    assert [rates.wait_s("a") for _ in range(5)] == [0.0] * 5


def test_many_askers_cost_bounded_memory() -> None:
    rates = Rates(10, 5)
    for asker in range(MOST_ASKERS + 500):
        rates.wait_s(str(asker))
    assert len(rates._due) == MOST_ASKERS


def test_the_file_has_no_secret(tokens: Tokens, secrets: dict[str, str]) -> None:
    text = tokens.path.read_text("utf-8")
    for secret in secrets.values():
        assert secret not in text
        assert digest(secret) in text
        assert tokens.of(secret) is not None
    assert tokens.of("") is None


def test_a_token_in_place_of_its_hash_is_not_repeated(tmp_path: Path) -> None:
    """What is said of the file stands in logs."""
    file, (secret, _) = tmp_path / "tokens.toml", new_token("x", "read")
    file.write_text(f"[[token]]\nname = 'x'\nscope = 'read'\nsha256 = '{secret}'\n", "utf-8")
    with pytest.raises(SettingError, match="sha256") as failure:
        Tokens(file).all()
    assert secret not in str(failure.value)


@pytest.mark.parametrize("text", ["not toml", "[[token]]\nname = 'x'\nscope = 'all'\nsha256 = ''", "[other]\n"])
def test_a_file_that_is_none_of_tokens_is_said(tmp_path: Path, text: str) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(SettingError, match="cannot be used"):
        Tokens(file).all()
    with pytest.raises(SettingError, match="cannot be used"):
        Tokens(tmp_path / "nowhere.toml").all()


def test_what_is_wrong_with_a_token_is_told_in_one_line(tmp_path: Path) -> None:
    file = tmp_path / "tokens.toml"
    file.write_text(new_token("x", "read")[1].replace('"read"', '"admin"'), "utf-8")
    with pytest.raises(SettingError) as told:
        Tokens(file).all()
    assert told.value.message == f"{file}: the tokens cannot be used: token.0.scope: Input should be 'read' or 'write'"


def test_a_name_is_written_so_that_it_is_read(tmp_path: Path) -> None:
    name = 'the "desk" \\ night\nand \x7f\x1b \U0001f468'
    secret, table = new_token(name, "read")
    (tmp_path / "t.toml").write_text(table, "utf-8")
    found = Tokens(tmp_path / "t.toml").of(secret)
    assert found is not None
    assert found.name == name


@pytest.mark.parametrize("given", ["X Y", "X-Forwarded-For:", "X\nY", "Fürst"])
def test_a_header_that_no_proxy_can_send_is_told(given: str) -> None:
    with pytest.raises(SettingError, match="CLAIMWIRE_FORWARDED"):
        load_settings(forwarded=given)


@pytest.mark.parametrize("given", ["", "X-Forwarded-For", "cf_connecting.ip"])
def test_a_header_that_a_proxy_can_send_is_taken(given: str) -> None:
    assert load_settings(forwarded=given).forwarded == given
