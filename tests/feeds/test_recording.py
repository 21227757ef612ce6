"""What was fetched is written down, and played it gives the same articles in the same order."""

from __future__ import annotations

import json
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from service.errors import ClaimwireError, StoreUnavailable
from service.feeds.config import Feed
from service.feeds.intake import Intake
from service.feeds.look import Looker
from service.feeds.parser_pool import ParserPool
from service.feeds.play import Clock, keep_feeds, kept_feeds, play
from service.feeds.watch import Watcher
from service.net.client import Limits
from service.net.recording import Answer, RecordedClient, RecordingClient, answers_of, asked_for
from service.store import keys
from service.store.store import FeedState, Store
from tests.feeds.house import STORY, rss
from tests.servers import RealServer


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url)
    yield opened
    await opened.close()


def watcher(feeds: list[Feed], store: Any, client: Any, parsers: ParserPool, clock: Any = None) -> Watcher:
    intake = Intake(store, [STORY], doc_ttl_s=3_600, backlog_cap=1_000, traced=False)
    more = {"now": clock.now} if clock is not None else {}
    return Watcher(feeds, store, intake, Looker(client, parsers, "recorded"), parsers, **more)


class Changing:
    """A feed whose answers are given in advance; the last stays."""

    def __init__(self, *bodies: bytes) -> None:
        self._bodies = list(bodies)

    async def __call__(self, request: web.Request) -> web.Response:
        etag = f'"{len(self._bodies)}"'
        body = self._bodies.pop(0) if len(self._bodies) > 1 else self._bodies[0]
        same = request.headers.get("If-None-Match") == etag
        headers = {"ETag": etag, "Set-Cookie": "secret=1"}
        return web.Response(status=304 if same else 200, body=None if same else body, headers=headers)


async def recorded(folder: Path, store: Store, parsers: ParserPool, origin: Any) -> list[dict[str, str]]:
    """Two feeds watched for three rounds; what was admitted."""
    one = Changing(rss(("1", "The pier closes.")), rss(("1", "The pier opens."), ("2", "A pier.")))
    two = Changing(rss(("1", "pier of the other")), b"<html>gone</html>", rss(("9", "pier again")))
    feeds = [
        Feed("one", "url", origin.on("/one", one).replace("//", "//user:hidden@"), 60.0, allow_private=True),
        Feed("two", "url", origin.on("/two", two), 60.0, source="The Other", allow_private=True),
    ]
    keep_feeds(folder, feeds)
    async with RecordingClient(folder, "service", Limits(spacing_s=0.0)) as client:
        watching = watcher(feeds, store, client, parsers)
        states = {feed.name: FeedState() for feed in feeds}
        for _ in range(4):
            for feed in feeds:
                after = await watching.poll(feed, states[feed.name])
                assert after is not None
                states[feed.name] = after
    return await articles(store)


async def articles(store: Store) -> list[dict[str, str]]:
    admitted = []
    for entry in await store.range(keys.articles(STORY.id)):
        record = json.loads(entry.fields["article"])
        admitted.append({**record, "version": entry.fields["version"]})
    return admitted


async def played(folder: Path, store: Any, parsers: ParserPool) -> None:
    answers, feeds, clock = answers_of(folder), kept_feeds(folder), Clock()
    client = RecordedClient(folder, answers)
    await play(answers, feeds, watcher(feeds, store, client, parsers, clock), store, client, clock)


def without_clock(records: list[dict[str, str]]) -> list[dict[str, str]]:
    return [{name: value for name, value in record.items() if name != "first_seen"} for record in records]


async def test_what_is_played_is_what_was_admitted_and_the_same_every_time(
    tmp_path: Path, store: Store, valkey: RealServer, parsers: ParserPool, origin: Any
) -> None:
    live = await recorded(tmp_path, store, parsers, origin)
    runs = []
    for _ in range(2):
        valkey.tell("FLUSHALL")
        await played(tmp_path, store, parsers)
        runs.append(await articles(store))

    assert [record["version"] for record in live] == ["1", "1", "2", "1", "1"]
    assert without_clock(runs[0]) == without_clock(live)
    assert runs[0] == runs[1]
    answered = [answer.at for answer in answers_of(tmp_path)]
    assert {record["first_seen"] for record in runs[0]} <= set(answered)


@pytest.mark.parametrize("speed", [None, 60.0, 0.5])
async def test_a_recording_is_played_at_any_speed_to_the_same_end(
    speed: float | None, tmp_path: Path, store: Store, valkey: RealServer, parsers: ParserPool, origin: Any
) -> None:
    # given answers that came half an hour after each other
    await recorded(tmp_path, store, parsers, origin)
    valkey.tell("FLUSHALL")
    began = datetime.fromisoformat(answers_of(tmp_path)[0].at)
    answers = [
        replace(answer, at=(began + number * timedelta(minutes=30)).isoformat(timespec="microseconds"))
        for number, answer in enumerate(answers_of(tmp_path))
    ]
    feeds, clock, slept = kept_feeds(tmp_path), Clock(), list[float]()

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    # when
    client = RecordedClient(tmp_path, answers)
    watching = watcher(feeds, store, client, parsers, clock)
    await play(answers, feeds, watching, store, client, clock, speed=speed, sleep=sleep)

    # then
    waits = [number * 1_800 / speed for number in range(len(answers))] if speed is not None else []
    assert slept == pytest.approx(waits, abs=10)
    assert len(slept) == (0 if speed is None else len(answers))
    assert [record["version"] for record in await articles(store)] == ["1", "1", "2", "1", "1"]
    assert {record["first_seen"] for record in await articles(store)} <= {answer.at for answer in answers}


async def test_a_play_that_died_goes_on_where_it_was(
    tmp_path: Path, store: Store, valkey: RealServer, parsers: ParserPool, origin: Any
) -> None:
    await recorded(tmp_path, store, parsers, origin)
    valkey.tell("FLUSHALL")
    await played(tmp_path, store, parsers)
    whole = await articles(store)

    for died_after in range(1, 6):
        valkey.tell("FLUSHALL")
        with pytest.raises(Died):
            await played(tmp_path, Dying(store, died_after), parsers)
        await played(tmp_path, store, parsers)
        assert await articles(store) == whole


class Died(Exception):
    pass


class Dying:
    """The store of one who is killed before so many articles are admitted."""

    _least = 1

    def __init__(self, store: Store, after: int) -> None:
        self._store, self._left = store, after

    async def admit(self, *what: Any) -> Any:
        self._left -= 1
        if self._left < 0:
            raise Died
        return await self._store.admit(*what)

    async def close_poll(self, *what: Any, **more: Any) -> Any:
        if self._left < self._least:
            raise Died
        return await self._store.close_poll(*what, **more)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)


async def test_a_store_that_is_gone_for_a_while_changes_nothing(
    tmp_path: Path, store: Store, valkey: RealServer, parsers: ParserPool, origin: Any
) -> None:
    live = await recorded(tmp_path, store, parsers, origin)
    valkey.tell("FLUSHALL")

    class Flickering(Dying):
        _least = 0

        async def admit(self, *what: Any) -> Any:
            self._left += 1
            if self._left % 3 == 1:
                raise StoreUnavailable("gone")
            return await self._store.admit(*what)

    await played(tmp_path, Flickering(store, 0), parsers)
    assert without_clock(await articles(store)) == without_clock(live)


async def test_a_recording_holds_no_login_no_cookie_and_each_body_once(
    tmp_path: Path, store: Store, parsers: ParserPool, origin: Any
) -> None:
    await recorded(tmp_path, store, parsers, origin)
    written = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"hidden" not in written
    assert b"secret" not in written
    answers = answers_of(tmp_path)
    assert len(answers) == 8
    assert len(list((tmp_path / "bodies").iterdir())) == len({answer.body for answer in answers})
    assert [answer.feed for answer in answers[:2]] == ["one", "two"]


async def test_half_a_last_line_is_no_line(tmp_path: Path, store: Store, parsers: ParserPool, origin: Any) -> None:
    await recorded(tmp_path, store, parsers, origin)
    file = next(tmp_path.glob("*.jsonl"))
    file.write_bytes(file.read_bytes()[:-30])
    assert len(answers_of(tmp_path)) == 7


async def fetched(folder: Path, feed: str) -> None:
    async with RecordingClient(folder, "service", Limits()) as client:
        asked_for.set("feed")
        await client.fetch(feed, access=Feed("feed", "url", feed, 1.0, allow_private=True).access)


async def test_who_goes_on_with_a_recording_writes_behind_whole_lines(tmp_path: Path, origin: Any) -> None:
    # given a service that died within a line
    feed = origin.gives("/feed", b"body")
    await fetched(tmp_path, feed)
    await fetched(tmp_path, feed)
    file = next(tmp_path.glob("*.jsonl"))
    file.write_bytes(file.read_bytes()[:-30])

    # when it is started again
    await fetched(tmp_path, feed)

    # then
    assert len(answers_of(tmp_path)) == 2


async def test_of_a_long_recording_only_the_end_is_read(tmp_path: Path, origin: Any) -> None:
    # given a service that died within a line of megabytes, behind more than a machine can hold
    feed = origin.gives("/feed", b"body")
    await fetched(tmp_path, feed)
    file = next(tmp_path.glob("*.jsonl"))
    whole = file.read_bytes()
    with file.open("r+b") as lines:
        lines.seek(1 << 36)
        lines.write(b"\n" + b"x" * 200_000)

    # when it is started again
    await fetched(tmp_path, feed)

    # then
    with file.open("rb") as lines:
        assert lines.read(len(whole)) == whole
        lines.seek((1 << 36) + 1)
        assert Answer(**json.loads(lines.read())).status == 200


async def test_half_a_line_that_a_full_disk_took_does_not_spoil_the_next(
    tmp_path: Path, origin: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a disk on which there is room for half a line once
    feed, opened = origin.gives("/feed", b"body"), Path.open

    def full(path: Path, mode: str = "r", *how: Any, **more: Any) -> Any:
        if path.suffix != ".jsonl" or "a" not in mode:
            return opened(path, mode, *how, **more)
        monkeypatch.undo()
        path.write_bytes(b'{"at": "2031-')
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "open", full)

    # when
    await fetched(tmp_path, feed)
    await fetched(tmp_path, feed)

    # then
    assert len(answers_of(tmp_path)) == 1


@pytest.mark.parametrize("content", ["", "{", "[]"], ids=["empty", "half", "a list"])
def test_a_damaged_list_of_feeds_is_said(tmp_path: Path, content: str) -> None:
    (tmp_path / "feeds.json").write_text(content)
    with pytest.raises(ClaimwireError, match=r"feeds\.json: cannot be kept"):
        keep_feeds(tmp_path, [Feed("feed", "url", "https://feed.example/", 1.0)])


async def test_what_cannot_be_written_is_fetched_all_the_same(tmp_path: Path, origin: Any) -> None:
    async with RecordingClient(tmp_path, "service", Limits()) as client:
        shutil.rmtree(tmp_path / "bodies")
        (tmp_path / "bodies").write_text("in the way")
        feed = origin.gives("/feed", b"body")
        asked_for.set("feed")
        response = await client.fetch(feed, access=Feed("feed", "url", feed, 1.0, allow_private=True).access)
    assert response.body == b"body"


@pytest.mark.parametrize("damage", ["no folder", "a line", "a body"])
async def test_a_recording_that_is_damaged_is_told_with_the_place(
    tmp_path: Path, store: Store, valkey: RealServer, parsers: ParserPool, origin: Any, damage: str
) -> None:
    await recorded(tmp_path, store, parsers, origin)
    valkey.tell("FLUSHALL")
    if damage == "no folder":
        tmp_path = tmp_path / "none"
    elif damage == "a line":
        file = next(tmp_path.glob("*.jsonl"))
        file.write_text("{}\n" + file.read_text())
    else:
        for body in (tmp_path / "bodies").iterdir():
            body.write_bytes(b"x")
    with pytest.raises(ClaimwireError, match=str(tmp_path)):
        await played(tmp_path, store, parsers)
