"""`claimwire webhooks` as a person runs it: the process, its death, and the commands beside it."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from aiohttp import web
from click.testing import Result
from typer.testing import CliRunner

from service.cli.main import app
from service.contract.webhooks import WebhookAsked
from service.errors import ClaimwireError
from service.store import keys
from service.store.store import Store
from service.store.webhooks import group_of
from tests.servers import RealServer
from tests.subscribers.builders import STORY, publish_new
from tests.subscribers.conftest import until
from tests.subscribers.target import SECRET, Target, says

ROOT = Path(__file__).parents[2]

Command = Callable[..., list[str]]


@pytest.fixture
def folder(tmp_path: Path, target: Target) -> Path:
    stories = tmp_path / "stories"
    stories.mkdir()
    shutil.copy(ROOT / "tests" / "stories" / "lighthouse.toml", stories)
    (tmp_path / "webhooks.toml").write_text(
        f"""
board = "https://claims.example"

[[webhook]]
name = "desk"
url = "{target.url("/desk")}"
secret_env = "DESK_SECRET"
after = "beginning"
allow_private = true
starts = 1

[[webhook]]
name = "chat"
url_env = "CHAT_URL"
format = "slack"
types = ["claim.new"]
allow_private = true
""",
        "utf-8",
    )
    return tmp_path


@pytest.fixture
def environment(valkey: RealServer, target: Target, folder: Path) -> dict[str, str]:
    return {
        "REDIS_URL": valkey.url,
        "DESK_SECRET": SECRET,
        "CHAT_URL": target.url("/chat"),
        "CLAIMWIRE_STORIES": str(folder / "stories"),
    }


@pytest.fixture
def start(environment: dict[str, str], folder: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    with ExitStack() as stack:

        def begin() -> subprocess.Popen[bytes]:
            process = subprocess.Popen(
                [sys.executable, "-m", "service.cli", "webhooks", "run", "--webhooks", str(folder / "webhooks.toml")],
                env={"PATH": os.environ["PATH"], **environment},
                cwd=ROOT,
                stderr=subprocess.DEVNULL,
            )
            stack.callback(process.wait)
            stack.callback(process.kill)
            return process

        yield begin


async def test_a_process_killed_before_it_could_acknowledge_sends_again(
    store: Store,
    valkey: RealServer,
    target: Target,
    start: Callable[[], subprocess.Popen[bytes]],
) -> None:
    """kill -9 while the target has the third event and has not answered yet."""
    ids = publish_new(valkey, 6)
    processes: list[subprocess.Popen[bytes]] = []

    async def kill(_: web.Request) -> web.Response:
        processes[-1].send_signal(signal.SIGKILL)
        await asyncio.to_thread(processes[-1].wait)
        return web.Response(status=204)

    target.turns["/desk"] = [says(204), says(204), kill]
    for _ in range(2):
        processes.append(start())
        await until(lambda: processes[-1].poll() is not None or len(set(target.ids("/desk"))) == 6, within_s=90)
    processes[-1].send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(processes[-1].wait) == 0
    assert target.ids("/desk") == [*ids[:3], *ids[2:]]
    assert len({got.body for got in target.got["/desk"] if got.id == ids[2]}) == 1
    (group,) = [group for group in await store.groups(keys.events(STORY)) if group.name == group_of("desk")]
    assert (group.pending, group.lag) == (0, 0)


async def claimwire(environment: dict[str, str], folder: Path, *arguments: str) -> Result:
    """The command in a thread: it has a loop of its own."""
    file = [] if arguments[0] == "drop" else ["--webhooks", str(folder / "webhooks.toml")]
    given = ["webhooks", *arguments, *file]
    return await asyncio.to_thread(CliRunner().invoke, app, given, env=environment)


def complaint(done: Result) -> str:
    assert isinstance(done.exception, ClaimwireError), done.exception
    return f"{done.exception.message} {done.exception.hint}"


async def test_a_person_sees_and_mends(
    store: Store,
    valkey: RealServer,
    target: Target,
    environment: dict[str, str],
    folder: Path,
    start: Callable[[], subprocess.Popen[bytes]],
) -> None:
    async def run(*arguments: str) -> Result:
        done = await claimwire(environment, folder, *arguments)
        assert done.exit_code == 0, done.exception
        return done

    assert [json.loads(line)["state"] for line in (await run("list", "--json")).stdout.splitlines()] == [
        "not joined yet",
        "not joined yet",
    ]
    first, second = publish_new(valkey, 2)
    target.turns["/desk"] = [says(500, "\x1b[31mno"), says(410)]
    running = start()
    await until(lambda: store.webhook("desk"))
    await until(lambda: _field(store, "desk", "failures"))
    await run("enable", "desk")  # waits for its next attempt no longer
    await until(lambda: _field(store, "desk", "disabled"))

    listed = await run("list")
    parked = await run("parked", "desk")
    enabled = await run("enable", "desk")
    await until(lambda: target.ids("/desk") == [first, second, second])
    retried = await run("retry", "desk")
    await until(lambda: target.ids("/desk") == [first, second, second, first])
    none_left = await run("parked", "desk")
    running.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(running.wait) == 0
    (folder / "webhooks.toml").write_text("", "utf-8")
    strangers = [json.loads(line) for line in (await run("list", "--json")).stdout.splitlines()]
    dropped = [await run("drop", name) for name in ("desk", "chat")]
    again = await claimwire(environment, folder, "drop", "desk")

    assert "disabled" in listed.stdout
    assert "the target answers 410" in listed.stdout
    assert first in parked.stdout
    assert "was disabled: the target answers 410" in enabled.stdout
    assert "sent again: 1" in retried.stdout
    assert "gave nothing up" in none_left.stderr
    assert [(each["name"], each["state"]) for each in strangers] == [
        ("chat", "not in the file"),
        ("desk", "not in the file"),
    ]
    assert all("forgotten" in each.stdout for each in dropped)
    assert "nothing is known" in complaint(again)
    assert [group.name for group in await store.groups(keys.events(STORY))] == []


async def _field(store: Store, name: str, field: str) -> str:
    value = (await store.webhook(name)).get(field, "")
    return "" if value == "0" else value


async def test_one_that_was_asked_for_over_http_is_a_webhook_as_any(
    store: Store, target: Target, environment: dict[str, str], folder: Path
) -> None:
    (folder / "webhooks.toml").write_text("asked_private = true\n", "utf-8")
    asked = WebhookAsked(name="desk", url=target.url("/asked")).model_dump(mode="json", by_alias=False)
    await store.ask_webhook("desk-1", {**asked, "secret": SECRET})
    told = await claimwire(environment, folder, "test", "desk-1")
    assert "the target answers 204" in told.stdout, told.exception
    assert target.got["/asked"][0].verified()["type"] == "claimwire.webhook.test.v1"
    assert '"desk-1"' in (await claimwire(environment, folder, "list", "--json")).stdout
    assert "gave nothing up" in (await claimwire(environment, folder, "parked", "desk-1")).stderr
    assert "forgotten" in (await claimwire(environment, folder, "drop", "desk-1")).stdout
    assert await store.webhooks_asked() == {}


async def test_a_test_event_is_sent_and_told_of(target: Target, environment: dict[str, str], folder: Path) -> None:
    told = await claimwire(environment, folder, "test", "desk")
    assert told.stdout.startswith("desk: the target answers 204 after ")
    (got,) = target.got["/desk"]
    assert got.verified()["type"] == "claimwire.webhook.test.v1"
    target.turns["/chat"] = [says(403, "invalid_token")]
    refused = complaint(await claimwire(environment, folder, "test", "chat"))
    assert "the target answers 403" in refused
    assert "invalid_token" in refused
    assert json.loads(target.got["/chat"][0].body)["text"].startswith("*")
    assert "there is no webhook 'nobody'" in complaint(await claimwire(environment, folder, "test", "nobody"))
