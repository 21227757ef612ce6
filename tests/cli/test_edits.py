"""`claimwire edit`: what a person sees and does."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from service.cli import edits
from service.cli.main import app
from service.errors import ClaimwireError
from service.store import keys
from service.store.store import Store
from tests.desk.builders import EXTRACTOR, STORY, WIRE, article
from tests.desk.test_desk import desk
from tests.servers import RealServer

ROOT = Path(__file__).parents[2]
NOBODY = "c1-" + "0" * 16


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "tests" / "stories" / "lighthouse.toml", tmp_path)
    return tmp_path


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


@pytest.fixture
async def worker(store: Store) -> AsyncIterator[None]:
    stop = asyncio.Event()
    running = asyncio.create_task(desk(store, extractor=EXTRACTOR).run(stop))
    yield
    stop.set()
    await running


@pytest.fixture
async def claims(store: Store, worker: None) -> list[str]:
    await store.admit(STORY.id, article(1, WIRE), "poll", 3600)
    while (await store.state(STORY.id)).committed < 1:
        await asyncio.sleep(0.02)
    entries = await store.range(keys.new_claims(STORY.id))
    return [json.loads(entry.fields["data"])["claim"]["id"] for entry in entries]


async def claimwire(server: RealServer, stories: Path, *arguments: str) -> Result:
    """The command in a thread: it has a loop of its own."""
    given = ["edit", *arguments, "--stories", str(stories)]
    return await asyncio.to_thread(CliRunner().invoke, app, given, env={"REDIS_URL": server.url, "LOGNAME": "signe"})


def complaint(done: Result) -> str:
    assert isinstance(done.exception, ClaimwireError)
    return f"{done.exception.message} {done.exception.hint}"


async def test_a_claim_is_merged_that_is_undone_and_all_of_it_listed(
    claims: list[str], valkey: RealServer, stories: Path
) -> None:
    one, other = claims[:2]
    merged = await claimwire(valkey, stories, "merge", other, one, "--reason", "one and the same")
    edit = re.findall("e1-[0-9a-f]{16}", merged.stdout)[-1]
    undone = await claimwire(valkey, stories, "undo", edit, "--reason", "it was not", "--by", "Ada \x1b[31m")
    listed = await claimwire(valkey, stories, "list")
    lines = [json.loads(line) for line in (await claimwire(valkey, stories, "list", "--json")).stdout.splitlines()]

    assert f"changed {other}, {one}" in merged.stdout
    assert f"claimwire edit undo {edit}" in merged.stdout
    assert undone.exit_code == 0
    for words in (f"merge {other} into {one}", f"undo {edit}", "one and the same", "signe", "applied"):
        assert words in listed.stdout
    assert "\x1b" not in listed.stdout
    assert [(line["edit"]["action"], line["state"], line["number"]) for line in lines] == [
        ("merge", "applied", 2),
        ("undo", "applied", 3),
    ]


async def test_what_is_refused_says_why(claims: list[str], valkey: RealServer, stories: Path) -> None:
    done = await claimwire(valkey, stories, "retract", NOBODY, "--reason", "why", "--story", STORY.id)
    assert f"there is no claim {NOBODY}" in complaint(done)
    listed = await claimwire(valkey, stories, "list")
    assert "refused: there is no claim" in listed.stdout


async def test_what_is_no_edit_never_gets_into_the_line(store: Store, valkey: RealServer, stories: Path) -> None:
    for arguments, why in [
        (("retract", "everything", "--reason", "why"), "c1- and 16 hex digits"),
        (("retract", NOBODY, "--reason", " "), "Say in a few words why"),
        (("merge", NOBODY, NOBODY, "--reason", "why"), "into itself"),
        (("retract", NOBODY, "--reason", "why"), f"no story has {NOBODY}"),
        (("retract", NOBODY, "--reason", "why", "--story", "nowhere"), "there is no story 'nowhere'"),
    ]:
        assert why in complaint(await claimwire(valkey, stories, *arguments))
    assert (await store.state(STORY.id)).admitted == 0
    assert "Nobody has edited" in (await claimwire(valkey, stories, "list")).stderr


async def test_without_a_worker_it_waits_in_the_line(
    store: Store, valkey: RealServer, stories: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(edits, "WAIT_S", 0.2)
    done = await claimwire(valkey, stories, "retract", NOBODY, "--reason", "why", "--story", STORY.id)
    assert done.exit_code == 0
    assert "as number 1, and no worker has come to it yet" in done.stdout


async def test_the_store_is_whole_after_edits(claims: list[str], valkey: RealServer, stories: Path) -> None:
    await claimwire(valkey, stories, "background", claims[0], "--reason", "old")
    env = {"REDIS_URL": valkey.url}
    checked = await asyncio.to_thread(CliRunner().invoke, app, ["store", "check", "--stories", str(stories)], env=env)
    assert checked.exit_code == 0, checked.stdout


def test_who_has_no_name_is_told_how_to_give_one(monkeypatch: pytest.MonkeyPatch) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found: 1234")

    monkeypatch.setattr("getpass.getuser", nameless)
    with pytest.raises(ClaimwireError) as caught:
        edits.who()
    assert "--by" in caught.value.hint
