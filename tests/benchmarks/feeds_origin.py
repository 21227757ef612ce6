"""Thousands of feeds on loopback, served cheaply from a process of its own:  python -m tests.benchmarks.feeds_origin

    /f/<n>        RSS of 25 items with an ETag; conditional requests get a 304
    /bump/<k>/<r> every k-th feed, those with n % k == r, gets a new item
    /news/<n>     the same for one feed; answers with the clock of the moment
    /bad/<kind>   hostile: attributes, items, drip, hang, bomb, loop

Every address of 127.0.0.0/8 is this host on Linux: feeds can live on as many hosts as a test wants.
"""

from __future__ import annotations

import asyncio
import gzip
import random
import sys
import time
from collections import defaultdict
from functools import lru_cache

ITEMS = 25
BEGAN_S = int(time.time()) - (ITEMS + 1) * 600
"""the newest items are of now, as they are in a feed that lives"""
WORDS = [
    "harbour",
    "council",
    "vote",
    "bridge",
    "mayor",
    "budget",
    "storm",
    "ferry",
    "school",
    "report",
    "minister",
    "court",
    "strike",
    "union",
    "price",
    "market",
    "energy",
    "river",
    "coast",
    "police",
    "inquiry",
    "hospital",
    "railway",
    "election",
    "committee",
    "company",
    "workers",
    "talks",
    "agreement",
    "island",
    "festival",
    "museum",
    "archive",
    "winter",
    "summer",
    "repair",
    "tender",
    "contract",
    "deadline",
    "witness",
    "statement",
    "hearing",
]


class Feeds:
    """The feeds' versions and documents."""

    def __init__(self) -> None:
        self.versions: dict[int, int] = defaultdict(lambda: ITEMS)
        self.newest_at: dict[int, float] = {}

    def bump(self, number: int) -> None:
        self.versions[number] += 1
        self.newest_at[number] = time.time()

    def document(self, number: int) -> bytes:
        version = self.versions[number]
        items = b"".join(item(number, place) for place in range(version, version - ITEMS, -1))
        head = f"<title>Outlet {number}</title><link>https://outlet-{number}.example/</link><language>en</language>"
        return b"<?xml version='1.0'?><rss version='2.0'><channel>" + head.encode() + items + b"</channel></rss>"


@lru_cache(maxsize=60_000)
def item(number: int, place: int) -> bytes:
    """One item of about 2 KB, the same for the same numbers."""
    dice = random.Random(number * 10_007 + place)
    paragraphs = "".join(f"&lt;p&gt;{' '.join(dice.choices(WORDS, k=60)).capitalize()}.&lt;/p&gt;" for _ in range(4))
    about = "pier" if place % ITEMS == 0 else "council"
    return (
        f"<item><title>Item {place} of the {about}, {dice.choice(WORDS)}</title>"
        f"<link>https://outlet-{number}.example/{place}</link><guid>outlet-{number}-{place}</guid>"
        f"<pubDate>{time.strftime('%a, %d %b %Y %H:%M:%S +0000', time.gmtime(BEGAN_S + place * 600))}</pubDate>"
        f"<description>{paragraphs}</description></item>"
    ).encode()


BAD = {
    "attributes": b"<rss version='2.0'><channel><item "
    + b" ".join(b"a%d='1'" % n for n in range(40_000))
    + b"/></channel></rss>",
    "items": b"<rss version='2.0'><channel>" + b"<item><title>x</title></item>" * 60_000 + b"</channel></rss>",
    "broken": b"<rss version='2.0'><channel>" + b"<item><title>x &broken; <b></title></item>" * 5_000,
    "bomb": gzip.compress(b"<rss>" + b" " * 60_000_000),
}


class Origin(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, and no more of it than a feed watcher needs."""

    def __init__(self, feeds: Feeds) -> None:
        self._feeds = feeds
        self._rest = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, chunk: bytes) -> None:
        self._rest += chunk
        while (end := self._rest.find(b"\r\n\r\n")) >= 0:
            request, self._rest = self._rest[:end], self._rest[end + 4 :]
            self._answer(request)

    def _answer(self, request: bytes) -> None:
        kind, *rest = request.split(b" ", 2)[1].decode().strip("/").split("/")
        if kind == "f":
            self._feed(int(rest[0]), request)
        elif kind == "bad":
            self._bad(rest[0])
        else:
            if kind == "bump":
                every, which, feeds = map(int, rest)
                for number in range(which, feeds, every):
                    self._feeds.bump(number)
            else:
                self._feeds.bump(int(rest[0]))
            self._send(b"200 OK", str(time.time()).encode())

    def _feed(self, number: int, request: bytes) -> None:
        etag = b'"%d-%d"' % (number, self._feeds.versions[number])
        if b"\r\nif-none-match: " + etag + b"\r\n" in (request + b"\r\n").replace(b"If-None-Match", b"if-none-match"):
            self._write(b"HTTP/1.1 304 Not Modified\r\nETag: " + etag + b"\r\n\r\n")
        else:
            self._send(b"200 OK", self._feeds.document(number), b"ETag: " + etag + b"\r\n")

    def _bad(self, kind: str) -> None:
        if kind == "hang":
            return
        if kind == "loop":
            self._write(b"HTTP/1.1 302 Found\r\nLocation: /bad/loop\r\nContent-Length: 0\r\n\r\n")
        elif kind == "drip":
            self._write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
            asyncio.get_running_loop().call_later(0.05, self._drip)
        else:
            self._send(b"200 OK", BAD[kind], b"Content-Encoding: gzip\r\n" if kind == "bomb" else b"")

    def _drip(self) -> None:
        if not self._transport.is_closing():
            self._write(b".")
            asyncio.get_running_loop().call_later(0.05, self._drip)

    def _send(self, status: bytes, body: bytes, headers: bytes = b"") -> None:
        head = b"HTTP/1.1 %s\r\nContent-Type: application/rss+xml\r\nContent-Length: %d\r\n" % (status, len(body))
        self._write(head + headers + b"\r\n" + body)

    def _write(self, octets: bytes) -> None:
        self._transport.write(octets)  # type: ignore[attr-defined]


async def serve() -> None:
    feeds = Feeds()
    server = await asyncio.get_running_loop().create_server(lambda: Origin(feeds), "0.0.0.0", 0, backlog=4096)
    print(server.sockets[0].getsockname()[1], flush=True)
    await asyncio.to_thread(sys.stdin.read)  # until the one who started us is gone
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
