"""`claimwire dead`: what a person sees and does; every command may be given again."""

from __future__ import annotations

import asyncio
import json
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from service.cli.main import app
from service.errors import ClaimwireError
from service.model import Outcome
from service.store import keys
from service.store.store import DeadLimit, Store
from tests.servers import RealServer
from tests.store.builders import TTL_S, article, commit_of

STORY = "lighthouse-sale"
ROOT = Path(__file__).parents[2]
TRACE = "Traceback (most recent call last):\n  somewhere\nValueError: \x1b[31m7"


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    shutil.copy(ROOT / "tests" / "stories" / "lighthouse.toml", tmp_path)
    return tmp_path


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url, dead_limit=DeadLimit(most=1, of=10))
    yield opened
    await opened.close()


async def claimwire(server: RealServer, stories: Path, *arguments: str) -> Result:
    """The command in a thread: it has a loop of its own."""
    given = ["dead", *arguments, "--stories", str(stories)]
    return await asyncio.to_thread(CliRunner().invoke, app, given, env={"REDIS_URL": server.url})


def complaint(done: Result) -> str:
    assert isinstance(done.exception, ClaimwireError)
    return f"{done.exception.message} {done.exception.hint}"


async def bury(store: Store, *numbers: int) -> None:
    for number in numbers:
        await store.admit(STORY, article(number), "poll-1", TTL_S)
        await store.begin(STORY, number)
        await store.dead_letter(STORY, number, f"{number}-0", "reading it failed: ValueError(7)", TRACE, "w1")


async def test_what_died_is_listed_shown_retried_and_dropped(store: Store, valkey: RealServer, stories: Path) -> None:
    await bury(store, 1, 2, 3)
    await store.resume(STORY)

    listed = await claimwire(valkey, stories, "list")
    shown = await claimwire(valkey, stories, "show", "2")
    retried = [await claimwire(valkey, stories, "retry", "1", "2") for _ in range(2)]
    dropped = [await claimwire(valkey, stories, "drop", "--all") for _ in range(2)]
    left = await claimwire(valkey, stories, "list")

    for word in (STORY, "Lindholm Post", "Ferry 3", "ValueError(7)"):
        assert word in listed.stdout
    for line in (
        "uri         https://lindholm.example/2",
        "    ValueError: \\x1b[31m7",
        "tried       1 times, last by w1",
    ):
        assert line in shown.stdout
    assert retried[0].stdout == retried[1].stdout
    assert [line.rpartition(", ")[2] for line in retried[0].stdout.splitlines()] == [
        "as number 4 at the end of the line",
        "as number 5 at the end of the line",
    ]
    assert await store.backlog(STORY) == 5
    assert [done.stdout.count("dropped") for done in dropped] == [1, 0]
    assert (left.stdout, left.exit_code) == ("", 0)
    assert "No article is waiting" in left.stderr
    assert {done.exit_code for done in (listed, shown, *retried, *dropped)} == {0}
    gone = await claimwire(valkey, stories, "show", "3")
    assert "dropped" in gone.stdout
    assert "https://lindholm.example/3" in gone.stdout


async def test_programs_get_json(store: Store, valkey: RealServer, stories: Path) -> None:
    await bury(store, 1)

    (letter,) = map(json.loads, (await claimwire(valkey, stories, "list", "--json")).stdout.splitlines())
    (end,) = map(json.loads, (await claimwire(valkey, stories, "retry", "--all", "--json")).stdout.splitlines())

    assert (letter["number"], letter["headline"], letter["starts"], letter["traceback"]) == (1, "Ferry 1", 1, TRACE)
    assert (end["story"], end["number"], end["how"], end["as"]) == (STORY, 1, "retried", 2)


async def test_what_cannot_be_done_is_said(store: Store, valkey: RealServer, stories: Path) -> None:
    await bury(store, 1)
    await store.commit(commit_of(await store.state(STORY), story=STORY, outcome=Outcome.PARKED, events=(), claims={}))
    valkey.tell("DEL", keys.doc(STORY, article(1).id))

    refused = await claimwire(valkey, stories, "retry", "1")
    unknown = await claimwire(valkey, stories, "show", "9")
    neither = await claimwire(valkey, stories, "drop")

    assert "its text is past the horizon" in refused.stdout
    assert "not all of them" in complaint(refused)
    assert "no dead letter has the number 9" in complaint(unknown)
    assert "--all" in complaint(neither)
    assert len(await store.dead_letters(STORY)) == 1


async def test_a_line_that_stands_still_is_told_and_resumed(store: Store, valkey: RealServer, stories: Path) -> None:
    await bury(store, 1, 2)

    listed = await claimwire(valkey, stories, "list")
    resumed = [await claimwire(valkey, stories, "resume") for _ in range(2)]

    assert f"The line of {STORY} stands still: 2 of the last 10 articles" in listed.stderr
    assert f"{STORY} goes on" in resumed[0].stdout
    assert "No line stood still" in resumed[1].stderr
    assert not (await store.head(STORY)).paused
