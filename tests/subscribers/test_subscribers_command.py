"""`claimwire subscribers`: a person sees the groups, and mends what one gave up."""

from __future__ import annotations

import asyncio
import json
import shutil
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from service.cli.main import app
from service.errors import ClaimwireError
from service.store import keys
from service.store.store import Store
from tests.servers import RealServer
from tests.subscribers.builders import STORY, publish_new

ROOT = Path(__file__).parents[2]
STREAM = keys.new_claims(STORY)


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "tests" / "stories" / "lighthouse.toml", tmp_path)
    return tmp_path


async def test_groups_are_seen_and_mended(store: Store, valkey: RealServer, stories: Path) -> None:
    async def run(*arguments: str) -> Result:
        given = ["subscribers", *arguments, "--stories", str(stories)]
        return await asyncio.to_thread(CliRunner().invoke, app, given, env={"REDIS_URL": valkey.url})

    ids = publish_new(valkey, 4)
    await store.join(STREAM, "readers")
    first, second, third, fourth = await store.hand_out(STREAM, "readers", "one", 4)
    for entry in (first, second, third):
        await store.park(STREAM, "readers", "one", entry, "of no\nuse")
    await store.settle(STREAM, "readers", [fourth.id])

    (row,) = map(json.loads, (await run("--json")).stdout.splitlines())
    table = await run()
    parked = await run("parked", "readers")
    (letter, *_) = map(json.loads, (await run("parked", "readers", "--json")).stdout.splitlines())
    retried = await run("retry", "readers", first.id)
    dropped = await run("drop", "readers", second.id)
    valkey.tell("XDEL", STREAM, third.id)
    too_late = await run("retry", "readers", "--all")
    unknown = await run("retry", "readers", "1-1")
    which = await run("drop", "readers")
    removed = await run("remove", "readers")
    again = await run("remove", "readers")
    nothing = await run("parked", "readers")

    assert (row["story"], row["stream"], row["name"], row["pending"], row["parked"]) == (
        STORY, "new-claims", "readers", 0, 3,
    )  # fmt: skip
    assert row["counts"] == {"acknowledged": 1, "parked": 3}
    assert "readers" in table.stdout
    assert ids[0] in parked.stdout
    assert (letter["event_id"], letter["reason"]) == (ids[0], "of no\nuse")
    assert retried.stdout == f"{first.id}: retried\n"
    assert dropped.stdout == f"{second.id}: dropped\n"
    assert too_late.stdout == f"{third.id}: past retention\n"
    assert removed.stdout == f"{STORY} new-claims: readers is removed\n"
    assert "gave nothing up" in nothing.stderr
    for refused, words in (
        (too_late, "not all of them"),
        (unknown, "gave up no 1-1"),
        (which, "which dead letters?"),
        (again, "there is no group 'readers'"),
    ):
        assert isinstance(refused.exception, ClaimwireError)
        assert words in refused.exception.message
        assert refused.exception.hint
