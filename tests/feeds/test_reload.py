from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from service.errors import FeedListError
from service.feeds.config import Feed
from service.feeds.reload import FeedLists
from service.store.embedded import EmbeddedServer
from service.store.values import FeedState
from service.web.readiness import answered
from tests.journeys.running import SEEDS
from tests.journeys.running import Running as Service

DEADLINE_S = 90.0


def entry(name: str, *lines: str) -> str:
    return "\n".join(["[[feed]]", f'name = "{name}"', f'url = "https://x.example/{name}"', *lines, ""])


def names(feeds: Sequence[Feed]) -> list[str]:
    return [feed.name for feed in feeds]


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not holds():
            await asyncio.sleep(0.005)


@asynccontextmanager
async def looking(lists: FeedLists) -> AsyncIterator[list[list[str]]]:
    changes: list[list[str]] = []

    async def change(feeds: Sequence[Feed]) -> None:
        changes.append(names(feeds))

    task = asyncio.create_task(lists.run(change))
    try:
        yield changes
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_feeds_come_go_and_change_with_their_lists(tmp_path: Path) -> None:
    # given
    one, two = tmp_path / "one.toml", tmp_path / "two.opml"
    one.write_text(entry("a") + entry("b"))
    two.write_text('<opml><body><outline title="c" xmlUrl="https://x.example/c"/></body></opml>')
    lists = FeedLists([one, two], look_every_s=0.01)
    assert names(lists.feeds) == ["a", "b", "c"]
    # when, then
    async with looking(lists) as changes:
        one.write_text(entry("b", "interval_s = 60") + entry("d"))
        await until(lambda: changes)
        assert lists.feeds[0].interval_s == 60
        one.write_text(entry("b", "interval_s = 60") + entry("d") + "# a remark that changes no feed\n")
        (tmp_path / "new.toml").write_text(entry("e"))
        (tmp_path / "new.toml").rename(one)
        await until(lambda: len(changes) == 2)
    assert changes == [["b", "d", "c"], ["e", "c"]]


@pytest.mark.parametrize("broken", ["[[feed]\n", "", entry("a") + entry("a"), entry("c"), None])
async def test_a_list_that_cannot_be_used_changes_nothing_and_is_told(tmp_path: Path, broken: str | None) -> None:
    # given
    one, two = tmp_path / "one.toml", tmp_path / "two.toml"
    one.write_text(entry("a"))
    two.write_text(entry("c"))
    lists = FeedLists([one, two], look_every_s=0.01)
    async with looking(lists) as changes:
        # when
        if broken is None:
            one.unlink()
        else:
            one.write_text(broken)
        # then
        await until(lambda: lists.problem)
        assert str(tmp_path) in lists.problem
        assert names(lists.feeds) == ["a", "c"]
        assert changes == []
        # and when it is mended
        one.write_text(entry("b"))
        await until(lambda: changes)
        assert (lists.problem, changes) == ("", [["b", "c"]])


async def test_who_asks_has_the_lists_read_again_though_no_file_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WIRE_TOKEN", "old")
    (tmp_path / "one.toml").write_text(entry("a", 'auth = {bearer = "WIRE_TOKEN"}'))
    lists = FeedLists([tmp_path / "one.toml"], look_every_s=60)
    async with looking(lists) as changes:
        monkeypatch.setenv("WIRE_TOKEN", "new")
        lists.ask()
        await until(lambda: changes)
        assert lists.feeds[0].authorization == "Bearer new"
        monkeypatch.delenv("WIRE_TOKEN")
        lists.ask()
        await until(lambda: lists.problem)
    assert lists.feeds[0].authorization == "Bearer new"


def test_readiness_says_which_line_is_wrong_and_stays() -> None:
    good, bad = (
        answered({}, 1, 0, {"a": FeedState(last_checked=1)}),
        answered({}, 1, 0, {"a": FeedState(last_checked=1)}, "feeds.toml:3: unknown key"),
    )
    assert (good["feeds"].ok, bad["feeds"].ok) == (True, True)
    assert "feeds.toml:3: unknown key" in bad["feeds"].detail
    assert good["feeds"].detail in bad["feeds"].detail


def test_a_service_does_not_begin_with_a_list_that_cannot_be_used(tmp_path: Path) -> None:
    with pytest.raises(FeedListError):
        FeedLists([tmp_path / "none.toml"])
    with pytest.raises(FeedListError, match="in another list too"):
        (tmp_path / "one.toml").write_text(entry("a"))
        FeedLists([tmp_path / "one.toml"] * 2)


HANGING_UP = """
import asyncio, os, signal
from service.running import on_hangup, run

async def main(stop):
    asked = asyncio.Event()
    on_hangup(asked.set)
    os.kill(os.getpid(), signal.SIGHUP)
    await asyncio.wait_for(asked.wait(), 60)
    print("asked", stop.is_set())

run(main)
"""


async def test_a_hangup_asks_and_ends_nothing() -> None:
    pipe = asyncio.subprocess.PIPE
    ran = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HANGING_UP, stdin=asyncio.subprocess.DEVNULL, stdout=pipe
    )
    said, _ = await ran.communicate()
    assert (said.decode().split(), ran.returncode) == (["asked", "False"], 0)


async def test_a_service_that_is_hung_up_on_reads_its_lists_again_and_goes_on(
    server: EmbeddedServer, tmp_path: Path
) -> None:
    # given a service whose lists do not change
    (tmp_path / "texts").mkdir()
    (tmp_path / "feeds.toml").write_text('[[feed]]\nfolder = "texts"\n')
    options = ["--feeds", "feeds.toml", "--stories", str(SEEDS / "stories"), "--http-port", "0"]
    service = Service(["service", *options], tmp_path, {"REDIS_URL": server.url, "CLAIMWIRE_LOG_FORMAT": "json"})

    def read(times: int) -> bool:
        return sum("feed_lists.read" in line for line in service.err) >= times

    try:
        await asyncio.to_thread(service.until, lambda: any("websub.off" in line for line in service.err))
        # when
        for times in (1, 2):
            service.process.send_signal(signal.SIGHUP)
            await asyncio.to_thread(service.until, partial(read, times))
        # then it still ends when it is told to
        assert service.process.poll() is None
        assert await asyncio.to_thread(service.interrupt) == 0
    finally:
        service.process.kill()
        await asyncio.to_thread(service.finish)
