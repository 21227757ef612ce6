"""What following a story over SSE costs:  python -m tests.benchmarks.sse [--clients 1000] [--events 300] [--rate 20]

Service, followers, Redis and whoever tells the events are processes of their own, on loopback. The floor is aiohttp
alone: one reader of the same stream, and each answer written to with the same bytes. Figures by processor time of the
serving process are the ones to compare: latency has that of the followers in it, which share the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis as redis_client
import uvloop
from aiohttp import web

from service.store import keys
from service.store.store import Store
from service.stories.story import load_story
from service.web.app import make_app, serving
from service.web.broadcast import framed
from service.web.state import ServiceState
from tests.servers import RealServer, valkey

STORY = "lighthouse-sale"
PATH = f"/v1/stories/{STORY}/events"
STREAM = keys.events(STORY)
BODY_BYTES = 2_200
"""of an event's data: what the shipped story's have"""
_AT = b'"at":"'


def used() -> dict[str, float]:
    """Processor time and memory of this process."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    times = resource.getrusage(resource.RUSAGE_SELF)
    return {"cpu_s": times.ru_utime + times.ru_stime, "rss_mb": pages * resource.getpagesize() / 1e6}


async def obey() -> None:
    """Says on standard output what was used, for each line on standard input."""
    while await asyncio.to_thread(sys.stdin.readline):
        print(json.dumps(used()), flush=True)


async def serve(url: str) -> None:
    store = await Store.open(url, wait_s=10)
    story = load_story(Path(__file__).parents[1] / "stories" / "lighthouse.toml")
    state = ServiceState(store, {STORY: story}, (), backlog_cap=1000, started=True)
    async with serving(make_app(state), "127.0.0.1", 0) as address:
        print(address.rpartition(":")[2], flush=True)
        await obey()
    await store.close()


async def floor(url: str) -> None:
    """aiohttp and a reader, nothing else."""
    store = await Store.open(url, wait_s=10)
    answers: set[web.StreamResponse] = set()

    async def follow(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await answer.prepare(request)
        await answer.write(b"retry: 2000\n\n")
        answers.add(answer)
        await asyncio.Event().wait()
        return answer

    async def read() -> None:
        last = "0-0"
        while True:
            for entry in await store.read({STREAM: last}, 2.0, 200):
                last, one = entry.id, framed(entry)
                assert one is not None
                for answer in answers:
                    await answer.write(one.frame)

    app = web.Application()
    app.router.add_get(PATH, follow)
    async with serving(app, "127.0.0.1", 0) as address:
        print(address.rpartition(":")[2], flush=True)
        reading = asyncio.create_task(read())
        await obey()
        reading.cancel()


class Ear(asyncio.Protocol):
    """One follower: counts events, and how late the last of those came that arrived together."""

    def __init__(self, heard: Heard) -> None:
        self._heard = heard
        self._rest = b""

    def connection_made(self, transport: Any) -> None:
        transport.write(f"GET {PATH} HTTP/1.1\r\nHost: x\r\n\r\n".encode())

    def data_received(self, data: bytes) -> None:
        self._heard.ears.add(self)
        *whole, self._rest = (self._rest + data).split(b"\n\n")
        told = [frame for frame in whole if _AT in frame]
        if told:
            at = told[-1].rindex(_AT) + len(_AT)
            self._heard.events += len(told)
            self._heard.late_ms.append((time.time() - float(told[-1][at : at + 17])) * 1000)


class Heard:
    """What all followers heard."""

    def __init__(self) -> None:
        self.events = 0
        self.late_ms: list[float] = []
        self.ears: set[Ear] = set()
        """that heard anything"""


async def listen(port: int, clients: int, events: int) -> None:
    heard = Heard()
    loop = asyncio.get_running_loop()
    for _ in range(clients):
        await loop.create_connection(lambda: Ear(heard), "127.0.0.1", port)
    while len(heard.ears) < clients:
        await asyncio.sleep(0.01)
    print("ready", flush=True)
    while heard.events < clients * events:
        await asyncio.sleep(0.02)
    late = sorted(heard.late_ms)
    found = {"p50_ms": late[len(late) // 2], "p99_ms": late[int(len(late) * 0.99)], "max_ms": late[-1]}
    print(json.dumps({**found, "ended_s": time.time()}), flush=True)


def tell(url: str, events: int, rate: float) -> float:
    """When telling began; `rate` 0: as fast as it goes."""
    with redis_client.Redis.from_url(url) as client:
        pad, began_s = "x" * BODY_BYTES, time.time()
        for number in range(events):
            if rate:
                time.sleep(max(0.0, began_s + number / rate - time.time()))
            at = f"{time.time():017.6f}"
            event = {"specversion": "1.0", "id": f"e1-{number:016x}", "source": "/s", "type": "claimwire.claim.new.v1"}
            data = f'{{"pad":"{pad}","at":"{at}"}}'
            client.xadd(STREAM, {**event, "sequence": f"{number + 1:020}", "data": data})
    return began_s


@contextmanager
def process(*arguments: object) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "tests.benchmarks.sse", *map(str, arguments)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()


def line_of(running: subprocess.Popen[str], say: str = "") -> str:
    assert running.stdin is not None
    assert running.stdout is not None
    if say:
        running.stdin.write(say + "\n")
        running.stdin.flush()
    return running.stdout.readline()


def measured(who: str, clients: int, events: int, rate: float) -> dict[str, float]:
    """One run: everything is new."""
    server = RealServer(valkey()).start()
    try:
        with process(who, server.url) as serving_it:
            port = line_of(serving_it).strip()
            alone = json.loads(line_of(serving_it, "?"))
            with process("listen", port, clients, events) as listening:
                assert line_of(listening).strip() == "ready"
                before = json.loads(line_of(serving_it, "?"))
                began_s = tell(server.url, events, rate)
                heard: dict[str, float] = json.loads(line_of(listening))
                after = json.loads(line_of(serving_it, "?"))
    finally:
        server.stop()
    wall_s, cpu_s = heard["ended_s"] - began_s, after["cpu_s"] - before["cpu_s"]
    return {
        **heard,
        "delivered_s": clients * events / wall_s,
        "cpu_us": cpu_s / (clients * events) * 1e6,
        "idle_mb": before["rss_mb"] - alone["rss_mb"],
        "rss_mb": after["rss_mb"],
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--clients", type=int, default=1000)
    parser.add_argument("--events", type=int, default=300)
    parser.add_argument("--rate", type=float, default=10)
    asked = parser.parse_args()
    print(f"{asked.clients} followers of one story, events of {BODY_BYTES} bytes of data\n")
    print(f"{'':<34}{'delivered/s':>12}{'CPU µs each':>13}{'p50 ms':>9}{'p99 ms':>9}{'MB':>7}{'kB a follower':>15}")
    for rate, events, what in ((0, asked.events, "as fast as it goes"), (asked.rate, 100, f"{asked.rate:g} a second")):
        for who in ("serve", "floor"):
            found = measured(who, asked.clients, events, rate)
            name = f"{'ours' if who == 'serve' else 'aiohttp alone'}, {what}"
            print(
                f"{name:<34}{found['delivered_s']:>12,.0f}{found['cpu_us']:>13.1f}{found['p50_ms']:>9.0f}"
                f"{found['p99_ms']:>9.0f}{found['rss_mb']:>7.0f}{found['idle_mb'] * 1000 / asked.clients:>15.1f}",
                flush=True,
            )


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["serve", url]:
            uvloop.run(serve(url))
        case ["floor", url]:
            uvloop.run(floor(url))
        case ["listen", port, clients, events]:
            uvloop.run(listen(int(port), int(clients), int(events)))
        case _:
            main()
