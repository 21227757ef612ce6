"""`claimwire store check`: its words and its exit status."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from service.cli.main import app
from service.store import keys
from service.store.store import Store
from tests.servers import RealServer
from tests.store.builders import TTL_S, article, commit_of

STORY = "lighthouse-sale"
ROOT = Path(__file__).parents[2]


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "tests" / "stories" / "lighthouse.toml", tmp_path)
    return tmp_path


async def check(server: RealServer, stories: Path, *arguments: str) -> Result:
    given = ["store", "check", *arguments, "--stories", str(stories)]
    return await asyncio.to_thread(CliRunner().invoke, app, given, env={"REDIS_URL": server.url})


async def test_a_store_is_well_or_not(valkey: RealServer, stories: Path) -> None:
    store = await Store.open(valkey.url)
    await store.admit(STORY, article(1), "poll-1", TTL_S)
    await store.commit(commit_of(await store.state(STORY), story=STORY, claims={}))
    await store.close()

    well = await check(valkey, stories)
    valkey.tell("HSET", keys.claims(STORY), "c-1", "{}")
    valkey.tell("XDEL", keys.outcomes(STORY), "1-0")
    valkey.tell("SET", "claimwire:{nowhere}:state", "x")
    ill = await check(valkey, stories)
    of_one = await check(valkey, stories, "--story", STORY)

    assert (well.exit_code, well.stdout) == (0, f"All is well with {STORY}.\n")
    assert ill.exit_code == of_one.exit_code == 1
    lines = ill.stdout.splitlines()
    assert lines[0] == "1 keys are of nowhere, which no story file is about"
    assert f"{STORY}: the record of c-1 in claims cannot be read: ValidationError" in lines
    assert f"{STORY}: the stream of outcomes ends at number 0, but 1 are committed" in lines
    assert of_one.stdout.splitlines() == lines[1:]
