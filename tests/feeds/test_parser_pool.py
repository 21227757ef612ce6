from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from service.articles.clean import Readable
from service.feeds.document import Document
from service.feeds.listing import FeedUnreadable, Refused
from service.feeds.parser_pool import ParserLimits, ParserPool
from service.model import Entry, EntryResult

GOOD = b"<rss version='2.0'><channel><title>t</title><item><title>one</title></item></channel></rss>"
BOMB = b"<rss version='2.0'><channel><item><description>" + b"<a/>" * 190_000 + b"</description></item></channel></rss>"
"""what no limit on its form refuses, and feedparser reads for four seconds"""


def document(body: bytes) -> Document:
    return Document("harbour", body, "", "", None, None, max_items=1_000, max_item_chars=10_000)


@pytest.fixture
async def narrow() -> AsyncIterator[ParserPool]:
    pool = ParserPool(ParserLimits(processes=2, cpu_s=1.0))
    yield pool
    await pool.close()


async def test_a_bomb_ends_its_parser_and_leaves_the_others_unharmed(narrow: ParserPool) -> None:
    async def good() -> list[int]:
        return [len((await narrow.parse(document(GOOD))).entries) for _ in range(5)]

    bomb = asyncio.create_task(narrow.parse(document(BOMB)))
    around = await asyncio.gather(good(), good())
    with pytest.raises(FeedUnreadable, match="more time or memory than allowed"):
        await bomb

    assert [*around] == [[1] * 5] * 2
    assert await good() == [1] * 5


async def test_a_bomb_that_is_read_together_with_others_harms_none_of_them() -> None:
    small = (
        b"<rss version='2.0'><channel><item><description>" + b"<a/>" * 55_000 + b"</description></item></channel></rss>"
    )
    pool = ParserPool(ParserLimits(processes=1, cpu_s=0.3))
    batches: list[int] = []
    together = pool._batches._work

    async def counted(documents: Any) -> Any:
        batches.append(len(documents))
        return await together(documents)

    pool._batches._work = counted

    async def told(body: bytes) -> int | str:
        try:
            return len((await pool.parse(document(body))).entries)
        except FeedUnreadable as failure:
            return failure.words

    try:
        read = await asyncio.gather(*map(told, [GOOD, GOOD, GOOD, small, b"no feed", GOOD, GOOD]))
    finally:
        await pool.close()
    overran, no_feed = "reading it took more time or memory than allowed", "it is neither RSS nor Atom nor JSON Feed"
    assert read == [1, 1, 1, overran, no_feed, 1, 1]
    assert batches == [1, 1, 5]


async def test_a_document_that_takes_more_memory_than_allowed_fails_alone(narrow: ParserPool) -> None:
    with pytest.raises(FeedUnreadable, match="more time or memory than allowed"):
        await narrow._run(bytearray, 2_000_000_000)  # as reading it would
    assert len((await narrow.parse(document(GOOD))).entries) == 1


async def test_a_parser_that_dies_is_replaced_and_the_feed_is_told(narrow: ParserPool) -> None:
    with pytest.raises(FeedUnreadable, match="more time or memory than allowed"):
        await narrow._run(os._exit, 1)  # as a crash of the interpreter would
    assert len((await narrow.parse(document(GOOD))).entries) == 1


async def test_parsers_that_die_idle_are_begun_anew_and_no_feed_is_told(narrow: ParserPool) -> None:
    # given parsers that the system killed when it ran out of memory
    await narrow.parse(document(GOOD))
    workers = list(narrow._pool._pool_manager.worker_manager.workers.values())
    for worker in workers:
        worker.kill()
    # when documents come at once and later
    together = await asyncio.gather(*(narrow.parse(document(GOOD)) for _ in range(20)))
    later = await narrow.parse(document(GOOD))
    # then
    assert len(workers) == 2
    assert [len(listing.entries) for listing in [*together, later]] == [1] * 21


async def test_after_its_end_nothing_is_read(narrow: ParserPool) -> None:
    await narrow.parse(document(GOOD))
    await narrow.close()
    with pytest.raises(FeedUnreadable, match="no parser stays alive"):
        await narrow.parse(document(GOOD))


async def test_what_is_under_way_at_its_end_is_told(narrow: ParserPool) -> None:
    await narrow.parse(document(GOOD))
    reading = [asyncio.create_task(narrow.parse(document(BOMB))) for _ in range(6)]
    await asyncio.sleep(0)
    await narrow.close()
    for one in reading:
        with pytest.raises(FeedUnreadable, match="no parser stays alive"):
            await asyncio.wait_for(one, 60)


async def test_the_event_loop_does_not_wait_for_a_parser(narrow: ParserPool) -> None:
    bomb = asyncio.create_task(narrow.parse(document(BOMB)))
    longest, last = 0.0, time.monotonic()
    while not bomb.done():
        await asyncio.sleep(0.005)
        longest, last = max(longest, time.monotonic() - last), time.monotonic()
    with pytest.raises(FeedUnreadable):
        bomb.result()
    assert longest < 0.5


async def test_markup_is_taken_off_in_a_parser_too() -> None:
    pool = ParserPool()
    entries = [Entry("f", "s", str(n), "u", f"H&amp;{n}", f"<p>{n}</p>", "html", None, None) for n in range(250)]
    try:
        words = await pool.readable(entries)
    finally:
        await pool.close()
    assert [(one.headline, one.text) for one in words if isinstance(one, Readable)] == [
        (f"H&{n}", str(n)) for n in range(250)
    ]


async def test_an_entry_that_kills_its_parser_is_refused_alone() -> None:
    # given two entries among good ones, of which one takes its process beyond its limit and one fails its reader
    pool = ParserPool(ParserLimits(processes=1, cpu_s=0.5))
    entries = [Entry("f", "s", str(n), f"u{n}", "", f"<p>{n}</p>", "html", None, None) for n in range(120)]
    entries[7] = Entry("f", "s", "7", "u7", "", "<p>x</p>" * 2_000_000, "html", None, None)
    entries[110] = Entry("f", "s", "110", "u110", "", None, "html", None, None)  # type: ignore[arg-type]
    # when
    try:
        words = await pool.readable(entries)
    finally:
        await pool.close()
    # then
    assert {number: one.item for number, one in enumerate(words) if isinstance(one, Refused)} == {7: "u7", 110: "u110"}
    assert {one.result for one in words if isinstance(one, Refused)} == {EntryResult.UNREADABLE}
    assert [one.text for one in words if isinstance(one, Readable)] == [str(n) for n in range(120) if n not in (7, 110)]


SERVICE = """
import asyncio
from service.articles.clean import Readable
from service.feeds.document import Document
from service.feeds.parser_pool import ParserPool

async def main():
    await ParserPool().parse(Document("f", b"<rss><item><title>x</title></item></rss>", "", "", None, None, 9, 9))
    print("ready", flush=True)
    await asyncio.sleep(60)

if __name__ == "__main__":
    asyncio.run(main())
"""


async def test_parsers_do_not_outlive_a_service_that_was_killed(tmp_path: Path) -> None:
    script = tmp_path / "service_with_parsers.py"
    script.write_text(SERVICE)
    service = await asyncio.create_subprocess_exec(
        sys.executable, str(script), stdout=asyncio.subprocess.PIPE, start_new_session=True
    )
    assert service.stdout is not None
    assert (await service.stdout.readline()).strip() == b"ready"
    assert len(session_of(service.pid)) > 2

    service.kill()
    await service.wait()

    deadline_s = time.monotonic() + 90
    while session_of(service.pid) and time.monotonic() < deadline_s:
        await asyncio.sleep(0.1)
    assert session_of(service.pid) == []


def session_of(leader: int) -> list[str]:
    """The states of the living processes of a session."""
    listed = subprocess.run(["ps", "-A", "-o", "sess=,stat=,pid="], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if line.split()[0] == str(leader) and "Z" not in line.split()[1]]
