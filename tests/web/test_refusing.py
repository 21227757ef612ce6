"""What is no request: over a raw socket, since no client would send it. Each is told why, at a bounded cost."""

from __future__ import annotations

import asyncio
import json
import logging
import resource
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from service.edits.editor import Editor
from service.store.store import Store
from service.web import bodies, refusing
from service.web.access import Access, Rates
from service.web.app import make_app, serving
from service.web.problems import HEADERS
from service.web.room import Room
from service.web.state import ServiceState
from service.web.tokens import Tokens, new_token
from tests.servers import RealServer

HEAD = b"POST /v1/stories/lighthouse-sale/edits HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\n"
REFUSED = {
    "a query string of 10 MB": (b"GET /?q=" + b"a" * 10_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "8000 bytes"),
    "a header of 10 MB": (b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 10_000_000 + b"\r\n\r\n", 431, "16000 bytes"),
    "a cookie too long": (b"GET / HTTP/1.1\r\nCookie: " + b"a" * 17_000 + b"\r\n\r\n", 431, "16000 bytes"),
    "too many headers": (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: a\r\n" * 500 + b"\r\n", 400, "many headers"),
    "a bad chunk": (CHUNKED + b"\r\nzz\r\nfoo\r\n", 400, "chunk size"),
    "a bad length": (b"GET / HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n", 400, "Content-Length"),
    "two lengths": (CHUNKED + b"Content-Length: 5\r\n\r\n0\r\n\r\n", 400, "Content-Length"),
    "no characters": (b"GET /v1/\xff HTTP/1.1\r\nHost: x\r\n\r\n", 400, "Invalid char"),
    "no such version": (b"GET / HTTP/9.9\r\nHost: x\r\n\r\n", 400, "version"),
    "another protocol": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03 / HTTP/1.1\r\n\r\n", 400, "HTTPS"),
    "an expectation": (b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nExpect: miracles\r\n\r\n", 417, "Expect"),
}


@pytest.fixture
async def store(valkey: RealServer) -> AsyncIterator[Store]:
    opened = await Store.open(valkey.url, wait_s=10)
    yield opened
    await opened.close()


async def said(port: int, *sent: bytes) -> tuple[int, dict[str, str], Any]:
    """Status, headers and body of the first answer to what is sent in these pieces; read until the server ends."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for piece in sent:
        writer.write(piece)
        await writer.drain()
        await asyncio.sleep(0.02 if len(sent) > 1 else 0)
    async with asyncio.timeout(60):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()
    first, *lines = head.decode().split("\r\n")
    return int(first.split()[1]), dict(line.split(": ", 1) for line in lines), json.loads(body)


def port_of(url: str) -> int:
    return int(url.rpartition(":")[2])


@pytest.mark.parametrize("what", REFUSED)
async def test_what_cannot_be_read_is_told_as_a_problem(url: str, what: str, caplog: pytest.LogCaptureFixture) -> None:
    sent, status, why = REFUSED[what]
    before_s = sum(resource.getrusage(resource.RUSAGE_SELF)[:2])
    found, headers, body = await said(port_of(url), sent)
    # then it is told, in short, as every error is
    assert (found, body["status"], headers["Content-Type"].split(";")[0]) == (
        status,
        status,
        "application/problem+json",
    )
    assert why in json.dumps(body) and len(body.get("detail", "")) < 300
    assert {name: headers.get(name) for name in HEADERS} == HEADERS
    # and costs next to nothing, and fills no log
    assert sum(resource.getrusage(resource.RUSAGE_SELF)[:2]) - before_s < 0.5
    assert not caplog.records


async def test_a_body_that_breaks_off_its_coding_is_no_failure_of_ours(
    state: ServiceState, store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "BODY_S", 0.3)
    monkeypatch.setattr(refusing, "HEARD_S", 0.1)
    secret, table = new_token("desk", "write")
    (tmp_path / "tokens.toml").write_text(table, "utf-8")
    access = Access(Tokens(tmp_path / "tokens.toml"), reads_need_token=False, rates=Rates(0, 1))
    token = f"Authorization: Bearer {secret}\r\n".encode()
    async with serving(make_app(state, Editor(store), access), "127.0.0.1", 0) as url:
        # given a request whose second chunk is none
        found, _, body = await said(port_of(url), CHUNKED + token + b"\r\n3\r\n{  \r\n", b"zz\r\n")
        assert (found, body["detail"]) == (408, "an edit did not come within 0.3 s")
        # and who leaves in the middle of one
        with capture_logs() as told:
            _, writer = await asyncio.open_connection("127.0.0.1", port_of(url))
            writer.write(CHUNKED + token + b"\r\n3\r\n{  \r\n")
            await asyncio.sleep(0.05)
            writer.transport.abort()
            await asyncio.sleep(0.05)
        assert not told
        # and one that is no gzip, though it says so
        coded = HEAD + token + b"Connection: close\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nhello"
        found, _, body = await said(port_of(url), coded)
        assert (found, body["title"]) == (415, "Unsupported Media Type")
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]


async def test_who_never_ends_is_cut_off(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # given what is heard of one that was refused
    monkeypatch.setattr(refusing, "HEARD_BYTES", 1_000_000)
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(url))
    # when it goes on for ever, then it is cut off soon behind that
    sent = 0
    with pytest.raises(ConnectionError):
        async with asyncio.timeout(60):
            while True:
                writer.write(b"GET /?q=" + b"a" * 100_000)
                await writer.drain()
                sent += 100_000
                await asyncio.sleep(0)
    assert sent < 40_000_000  # of which most are in the kernel's hands
    writer.close()
    # and so is one that was refused and says nothing more
    monkeypatch.setattr(refusing, "HEARD_S", 0.1)
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(url))
    writer.write(b"GET / HTTP/9.9\r\n\r\n")
    async with asyncio.timeout(60):
        assert b" 400 " in await reader.readline()
        await reader.read()
        with pytest.raises(ConnectionError):
            while True:
                writer.write(b"more")
                await writer.drain()
                await asyncio.sleep(0.01)
    writer.close()


async def test_who_asks_for_nothing_takes_nobody_s_place(state: ServiceState) -> None:
    # given room for five, and one of them follows the events
    async with serving(make_app(state), "127.0.0.1", 0, Room(5)) as url:
        following, writer = await asyncio.open_connection("127.0.0.1", port_of(url))
        writer.write(b"GET /v1/stories/lighthouse-sale/events HTTP/1.1\r\nHost: x\r\n\r\n")
        await following.readuntil(b"retry:")
        # when forty begin a request and never end it
        with capture_logs() as told:
            waiting = [await asyncio.open_connection("127.0.0.1", port_of(url)) for _ in range(40)]
            for _, one in waiting:
                one.write(b"GET / HTTP/1.1\r\nX: ")
            # then another is answered, the oldest of them are gone, and who follows still does
            found, _, body = await said(port_of(url), b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            assert (found, body) == (200, {"alive": True})
            with suppress(ConnectionError):
                assert await waiting[0][0].read(1) == b""
        assert not following.at_eof() and following.exception() is None
        # and the log has one line of it
        assert [line["event"] for line in told if line["log_level"] == "warning"] == ["connections.full"]
        for _, one in (*waiting, (following, writer)):
            one.transport.abort()
        await asyncio.sleep(0.01)  # what was aborted is closed with the next turn of the loop


def test_of_those_who_all_are_answered_the_last_finds_no_room() -> None:
    class Busy:
        gone = False

        def is_idle(self) -> bool:
            return False

        def let_go(self) -> None:
            self.gone = True

    room, guests = Room(2), [Busy(), Busy(), Busy()]
    for guest in guests:
        room.enter(guest, 0.0)
    assert [guest.gone for guest in guests] == [False, False, True]
    # and whoever leaves makes room
    room.leave(guests[0])
    room.enter(last := Busy(), 0.0)
    assert not last.gone


async def test_who_begins_a_request_and_never_ends_it_is_let_go(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(refusing, "IDLE_S", 0.3)
    reader, writer = await asyncio.open_connection("127.0.0.1", port_of(url))
    began_s = time.monotonic()
    writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n")
    async with asyncio.timeout(60):
        assert await reader.read() == b""
    assert time.monotonic() - began_s >= 0.25
    writer.close()
