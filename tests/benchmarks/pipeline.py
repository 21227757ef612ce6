"""What an article costs from its admission to its event:  python -m tests.benchmarks.pipeline [--articles 60] [--quick]

Server, workers and subscriber are processes of their own on loopback. Beside each figure stands its floor: redis-py
alone, XADD → XREADGROUP → XADD → XACK; and of commits a script that writes the same and looks at nothing. On a busy
machine compare processor times (of the server by INFO, of workers by /proc) and ratios; rates and latencies have in
them whatever else runs. "At work" is the part of the time in which a process had something to do, whether or not it got
a core for it: if that is together no more than 100 %, one of them waits while the other works.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis
import redis.asyncio as redis_async

from service.model import Article, article_id
from service.running import spare_collector
from service.store import keys
from service.store.binaries import Binary
from service.store.store import Store
from tests.benchmarks.pipeline_desks import TOGETHER
from tests.benchmarks.pipeline_failover import failover
from tests.benchmarks.pipeline_rooms import growth, rooms, texts
from tests.desk.builders import NOON
from tests.faults.arena import Durable
from tests.servers import families

ROOT = Path(__file__).parents[2]
PROGRAM = "tests.benchmarks.pipeline_desks"
TICK_S = 1 / os.sysconf("SC_CLK_TCK")
LOG_MB = 60
"""at 64 the server writes its log anew"""
PATIENCE_S = 300.0


def until(condition: Callable[[], object], look_s: float = 0.01) -> None:
    """Waits; looks seldom where looking would be measured."""
    end_s = time.monotonic() + PATIENCE_S
    while not condition():
        assert time.monotonic() < end_s
        time.sleep(look_s)


@contextmanager
def server(binary: Binary) -> Iterator[Durable]:
    running = Durable(binary)
    running.start()
    try:
        yield running
    finally:
        running.stop()


@contextmanager
def processes(how: str, url: str, count: int, stories: int, environment: dict[str, str]) -> Iterator[list[Any]]:
    """So many workers; killed at the end."""
    begun = [
        subprocess.Popen(
            [sys.executable, "-m", PROGRAM, how, url, f"w{number}", str(stories)], cwd=ROOT, env=environment
        )
        for number in range(count)
    ]
    try:
        yield begun
    finally:
        for each in begun:
            each.kill()
            each.wait()


def cpu_s(pid: int) -> float:
    """Processor time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) * TICK_S


def server_cpu_s(of: Durable) -> float:
    told = dict(line.split(":", 1) for line in of.tell("INFO", "cpu").splitlines() if ":" in line)
    return float(told["used_cpu_user"]) + float(told["used_cpu_sys"])


def wanted_s(pid: int) -> float:
    """How long a process has run, or waited for a core."""
    run, queued = Path(f"/proc/{pid}/schedstat").read_text().split()[:2]
    return (int(run) + int(queued)) / 1e9


def server_pid(of: Durable) -> int:
    return int(of.tell("INFO", "server").partition("process_id:")[2].split()[0])


def memory_bytes(of: Durable) -> int:
    told = dict(line.split(":", 1) for line in of.tell("INFO", "memory").splitlines() if ":" in line)
    return int(told["used_memory"])


def article(number: int, text: str) -> Article:
    return Article(
        id=article_id("Bench", str(number)), source="Bench", uri=f"https://bench.example/{number}", headline="Bench",
        text=text, language="en", published=None, first_seen=NOON,
    )  # fmt: skip


async def admit(url: str, count: int, stories: int, first: int = 1) -> None:
    """In turn to each story."""
    store = await Store.open(url)
    for number in range(first, first + count):
        await store.admit(f"s{number % stories}", article(number, texts(number)), "bench", 3600)
    await store.close()


async def findings(url: str, count: int, stories: int) -> None:
    """Articles that were read already: what is left is to commit them."""
    await admit(url, count, stories)
    store = await Store.open(url)
    for number in range(1, count + 1):
        story = f"s{number % stories}"
        at = (number - 1) // stories + 1
        await store.put_finding(story, at, article(number, "").id.encode())
    await store.close()


def committed(of: Durable, stories: int) -> int:
    """In all stories; by one round trip, so that asking costs the server next to nothing."""
    with redis.Redis(unix_socket_path=of.socket) as client, client.pipeline(transaction=False) as pipe:
        for number in range(stories):
            pipe.hget(keys.state(f"s{number}"), "committed")
        return sum(int(each or 0) for each in pipe.execute())


def ms(values: Sequence[float]) -> str:
    ordered = sorted(values)
    at = [ordered[min(len(ordered) - 1, int(len(ordered) * part))] * 1000 for part in (0.5, 0.99, 0.999)]
    return "p50 {:.1f}, p99 {:.1f}, p99.9 {:.1f} ms".format(*at)


def line(name: str, *figures: str) -> None:
    print(f"{name:<46}{'; '.join(figures)}", flush=True)


def timed(of: Durable, workers: Sequence[Any], done: Callable[[], int], count: int, look_s: float = 0.1) -> str:
    """Waits for so many articles, looking so often, and tells what each cost once the workers had begun."""
    until(done)
    first, began, pids = done(), time.monotonic(), [each.pid for each in workers]
    server, server_began, workers_began = server_pid(of), server_cpu_s(of), sum(map(cpu_s, pids))
    wanted = [wanted_s(server), sum(map(wanted_s, pids))]
    if first == count:
        return "over before it could be measured"
    until(lambda: done() == count, look_s)
    wall_s, left = time.monotonic() - began, count - first
    if any(each.poll() is not None for each in workers):
        return "workers ended"
    spent_s, server_s = sum(map(cpu_s, pids)) - workers_began, server_cpu_s(of) - server_began
    at_work = (wanted_s(server) - wanted[0]) / wall_s, (sum(map(wanted_s, pids)) - wanted[1]) / wall_s / len(pids)
    return (
        f"{left / wall_s:7.0f}/s, server {server_s / left * 1e6:5.0f} µs, workers {spent_s / left * 1e6:6.0f} µs an "
        f"article; at work: server {at_work[0]:.0%}, workers {at_work[1]:.0%}"
    )


def peer(binary: Binary, count: int) -> None:
    with server(binary) as of:
        of.tell("XGROUP", "CREATE", "in0", "g", "0", "MKSTREAM")
        with redis.Redis(unix_socket_path=of.socket) as client, client.pipeline(transaction=False) as pipe:
            for number in range(count):
                pipe.xadd("in0", {"text": texts(number)})
            pipe.execute()
        with processes("peer", of.url, 1, 1, dict(os.environ)) as begun:
            line("floor: redis-py, 1 worker", timed(of, begun, lambda: int(of.tell("XLEN", "out")), count))


def floor(binary: Binary, count: int) -> None:
    with server(binary) as of:
        of.tell("XGROUP", "CREATE", "{f}in", "g", "0", "MKSTREAM")
        with processes("floor", of.url, 1, count, dict(os.environ)) as begun:
            told = timed(of, begun, lambda: int(of.tell("XLEN", "{f}out")), count)
        line(f"floor: the same writes alone, {TOGETHER} in a script", told)


def commits(binary: Binary, count: int, workers: int, stories: int, how: str = "commits") -> None:
    with server(binary) as of:
        asyncio.run(findings(of.url, count, stories))
        before = memory_bytes(of)
        with processes(how, of.url, workers, stories, dict(os.environ)) as begun:
            told = timed(of, begun, lambda: committed(of, stories), count)
        line(
            f"commits, {'one' if how == 'commits' else TOGETHER} a trip, {workers} worker, {stories} stories", told,
            f"memory {(memory_bytes(of) - before) / count / 1000:+.1f} kB each",
        )  # fmt: skip


def desks(binary: Binary, count: int, workers: int, stories: int) -> None:
    with server(binary) as of:
        asyncio.run(admit(of.url, count, stories))
        with processes("bare", of.url, workers, stories, dict(os.environ)) as begun:
            told = timed(of, begun, lambda: committed(of, stories), count)
        line(f"desk without rooms, {workers} worker, {stories} stories", told)


def lines(binary: Binary, count: int, workers: int, stories: int) -> None:
    """With sketch, match, claims and commit."""
    with server(binary) as of:
        with processes("whole", of.url, workers, stories, dict(os.environ)) as begun:
            until(lambda: int(of.tell("HLEN", keys.workers())) == workers, 0.1)  # none loads its model any more
            asyncio.run(admit(of.url, count, stories))
            told = timed(of, begun, lambda: committed(of, stories), count, 0.5)
        line(f"whole line, {workers} worker, {stories} stories", told)


def latency(binary: Binary, rate: int, seconds: float, how: str) -> None:
    """From the admission of an article to its event at a subscriber that waits for it."""
    with server(binary) as of, processes(how, of.url, 1, 1, dict(os.environ)):
        took = asyncio.run(_latency(of.url, rate, int(rate * seconds)))
        line(f"to a subscriber at {rate}/s, {'without claims' if how == 'bare' else 'with claims'}", ms(took))


async def _latency(url: str, rate: int, count: int) -> list[float]:
    spare_collector()  # what this process holds beside a subscriber is the benchmark's
    store = await Store.open(url)
    began: dict[str, float] = {}
    took: dict[str, float] = {}

    async def follow() -> None:
        position: Any = "0"
        async with redis_async.Redis(unix_socket_path=url.removeprefix("unix://"), decode_responses=True) as client:
            while True:
                for _, entries in await client.xread({keys.events("s0"): position}, block=1000):
                    position = entries[-1][0]
                    for _, fields in entries:
                        of = article_of(fields)
                        took.setdefault(of, time.monotonic() - began[of])

    following = asyncio.create_task(follow())
    warm = article(0, texts(0))
    began[warm.id] = time.monotonic()
    await store.admit("s0", warm, "bench", 3600)
    while warm.id not in took:
        await asyncio.sleep(0.01)
    due_s = time.monotonic()
    for number in range(1, count + 1):
        one = article(number, texts(number))
        began[one.id] = time.monotonic()
        await store.admit("s0", one, "bench", 3600)
        due_s += 1 / rate
        await asyncio.sleep(max(0.0, due_s - time.monotonic()))
    end_s = time.monotonic() + 20
    while (await store.state("s0")).committed < count + 1 and time.monotonic() < end_s:
        await asyncio.sleep(0.05)
    await asyncio.sleep(0.2)
    following.cancel()
    took.pop(warm.id)
    await store.close()
    return list(took.values())


def article_of(fields: dict[str, str]) -> str:
    """The id of the article that an event came of."""
    if "article" in fields:
        return fields["article"]
    uri = json.loads(fields["data"])["appearance"]["document"]["uri"]
    return article_id("Bench", uri.rsplit("/", 1)[-1])


def recovery(binary: Binary) -> None:
    """A worker that dies with an article in its hands, and a server that must load its log."""
    with server(binary) as of, processes("bare", of.url, 1, 1, dict(os.environ)) as (heir,):
        asyncio.run(admit(of.url, 1, 1))
        until(lambda: committed(of, 1) == 1)
        heir.send_signal(signal.SIGSTOP)
        asyncio.run(admit(of.url, 1, 1, first=2))
        of.tell("XREADGROUP", "GROUP", keys.GROUP, "dead", "COUNT", 1, "STREAMS", keys.articles("s0"), ">")
        began = time.monotonic()
        heir.send_signal(signal.SIGCONT)
        until(lambda: committed(of, 1) == 2)
        line(
            "a dead worker's article is committed", f"{time.monotonic() - began:.2f} s after it was taken (reclaim 3 s)"
        )
    with server(binary) as of:
        with redis.Redis(unix_socket_path=of.socket) as client, client.pipeline(transaction=False) as pipe:
            for number in range(LOG_MB * 1024 // 2):
                pipe.xadd("filling", {"data": os.urandom(1000).hex()})
                if number % 2_000 == 0:
                    pipe.execute()
            pipe.execute()
        with processes("bare", of.url, 1, 1, dict(os.environ)):
            asyncio.run(admit(of.url, 1, 1))
            until(lambda: committed(of, 1) == 1)
            size = sum(file.stat().st_size for file in of.folder.glob("appendonlydir/*")) / 2**20
            began = time.monotonic()
            of.kill()
            of.start()
            loaded = time.monotonic() - began
            asyncio.run(admit(of.url, 1, 1, first=2))
            until(lambda: committed(of, 1) == 2)
        line(
            f"a killed server with {size:.0f} MB of log", f"answers after {loaded:.2f} s",
            f"the next article is committed after {time.monotonic() - began:.2f} s",
        )  # fmt: skip


PARTS = ("peer", "commits", "floor", "desks", "latency", "lines", "claims", "recovery", "failover", "rooms", "growth")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--articles", type=int, default=60, help="with claims; without them 20 times as many")
    parser.add_argument("--seconds", type=float, default=5, help="for each rate")
    parser.add_argument("--quick", action="store_true", help="on one server, fewer kinds of workers and rates")
    parser.add_argument("--only", choices=PARTS, help="one part of it")
    asked = parser.parse_args()
    many, few = 20 * asked.articles, asked.articles
    kinds = [(workers, stories) for stories in (1, 50) for workers in (1, 2, 4)][:: 4 if asked.quick else 1]
    rates = (200,) if asked.quick else (10, 100, 200)
    for binary in families()[: 1 if asked.quick else 2]:
        print(f"{binary.family} {binary.version}, load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        parts: dict[str, Callable[[], object]] = {
            "peer": lambda binary=binary: peer(binary, many),
            "commits": lambda binary=binary: [
                commits(binary, many, *of, how)
                for how in ("commits", "many")
                for of in (((1, 1),) if asked.quick else ((1, 1), (1, 50), (2, 50)))
            ],
            "floor": lambda binary=binary: floor(binary, many),
            "desks": lambda binary=binary: [desks(binary, many, *of) for of in kinds],
            "latency": lambda binary=binary: [latency(binary, rate, asked.seconds, "bare") for rate in rates],
            "lines": lambda binary=binary: [lines(binary, few, *of) for of in kinds],
            "claims": lambda binary=binary: latency(binary, 10, asked.seconds, "whole"),
            "recovery": lambda binary=binary: recovery(binary),
            "failover": lambda binary=binary: line(*failover(binary, lambda number: article(number, texts(number)))),
        }
        for name, part in parts.items():
            if asked.only in (None, name):
                part()
    for name, told in (("rooms", rooms), ("growth", growth)):
        if asked.only in (None, name):
            for what, figures in told():
                line(what, figures)


if __name__ == "__main__":
    main()
