"""What the board costs with many claims:  python -m tests.benchmarks.board [--claims 2000] [--times 20]

The service runs in a process of its own, so that its processor time is its own; pages are asked for over loopback, and
painted by Chromium if there is one.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import statistics
import time
from dataclasses import replace
from multiprocessing.connection import Connection
from pathlib import Path

import aiohttp

from service.contract.data import SourceCount, Support
from service.store.store import Store
from service.stories.story import load_story
from service.web.app import make_app, serving
from service.web.state import ServiceState
from tests.browser.chromium import ARGUMENTS, installed
from tests.servers import RealServer, valkey
from tests.web.board_planting import STORY, Planting, Told, denies, named, unnamed

OPENED_S = 1.5
"""by then Chromium has started its own window"""
PAINTS = """new Promise(resolve => {
    const seen = {};
    const look = type => new PerformanceObserver(list => {
        for (const entry of list.getEntries())
            if (type === "largest-contentful-paint" || entry.name === "first-contentful-paint")
                seen[type] = entry.startTime;
        if (seen.paint && seen["largest-contentful-paint"])
            setTimeout(() => resolve([seen.paint, seen["largest-contentful-paint"]]), 300);
    }).observe({ type, buffered: true });
    look("paint"); look("largest-contentful-paint");
})"""
"""the first paint of words, and the last paint of something larger than all before: ms since the navigation began"""


def claims(count: int) -> list[Told]:
    """Claims of articles, ten of each; every tenth denies the one before it."""
    told = []
    for number in range(1, count + 1):
        article = 1 + 10 * ((number - 1) // 10)
        told.append(
            Told(
                article, f"The council of Skerry counted gulls at the lighthouse, Fjordlys said ({article}).",
                text=f"The council of Skerry counted {number} gulls at the lighthouse.", claim=number,
                hops=(unnamed("a senior official", "Skerry") if number % 2 else named("Ola Berg", "Fjordlys"),),
                support=Support(sources=SourceCount(min=1, max=2, named=number % 2), sides=("Skerry",)),
                links=(denies(number - 1),) if number % 10 == 0 else (),
            )
        )  # fmt: skip
    return told


async def plant(url: str, count: int) -> None:
    store = await Store.open(url, wait_s=10)
    told = claims(count)
    for at in range(0, count, 10):
        await Planting(store).tell_at_once([replace(one, claim=one.claim) for one in told[at : at + 10]])
    await store.close()


def serve(url: str, pipe: Connection) -> None:
    async def run() -> None:
        story = load_story(Path(__file__).parents[1] / "stories" / "lighthouse.toml")
        store = await Store.open(url, wait_s=10)
        state = ServiceState(store, {story.id: story}, (), 1000, started=True)
        async with serving(make_app(state), "127.0.0.1", 0) as address:
            pipe.send(address)
            while await asyncio.to_thread(pipe.recv):
                pipe.send(time.process_time())
        await store.close()

    asyncio.run(run())


async def measure(address: str, pipe: Connection, times: int) -> None:
    def processor_s() -> float:
        pipe.send(True)
        return float(pipe.recv())

    async with aiohttp.ClientSession(address) as http:

        async def ask(name: str, path: str, times: int) -> None:
            took, before, size = [], processor_s(), 0
            for number in range(times):
                began_s = time.perf_counter()
                async with http.get(path.format(number)) as answer:
                    size = len(await answer.read())
                    assert answer.status == 200, path
                took.append((time.perf_counter() - began_s) * 1000)
            processor_ms = (processor_s() - before) * 1000 / times
            median, worst = statistics.median(took), max(took)
            print(f"{name:34} {processor_ms:8.1f} ms CPU {median:8.1f} ms {worst:8.1f} ms worst {size / 1000:8.1f} kB")

        await ask("first page, nothing read before", "/", 1)
        await ask("first page, kept", "/", times)
        await ask("first page, made anew", "/?n={}", times)
        await ask("narrowed to few", "/?q=gulls+17&min_sources=1", times)
        await ask("nothing matches", "/?q=nothing", times)
        await ask("one claim", f"/stories/{STORY}/claims/c1-{9:016x}", times)
        await ask("timeline", f"/stories/{STORY}/timeline", times)


async def paint(address: str, times: int) -> None:
    """First paints, cold and warm, the pages in turns.

    opening a new context, asked at once: the browser starts its own window's pages meanwhile, on the same processors
    cold    the same once that is over: nothing cached, and a process of the browser's that has shown no page yet
    warm    the second navigation of a tab that has shown another of our pages: what a reader waits for

    Every page is made anew by the service, which keeps what was asked for before.
    """
    from playwright.async_api import async_playwright

    chromium = installed()
    if chromium is None:
        print("no chromium on this machine: nothing is painted")
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=list(ARGUMENTS))
        found: dict[tuple[str, str], list[list[float]]] = {}
        for number in range(times):
            for path, before in (("/", "/feeds"), ("/feeds", "/")):  # the feeds are next to nothing: the floor
                for wait_s, turns in (
                    (0, [("opening", path)]),
                    (OPENED_S, [("cold", path), ("", before), ("warm", path)]),
                ):
                    context = await browser.new_context(viewport={"width": 1280, "height": 900})
                    page = await context.new_page()
                    await asyncio.sleep(wait_s)
                    for temper, at in turns:
                        await page.goto(f"{address}{at}?n={number}-{temper}")
                        found.setdefault((path, temper), []).append(await page.evaluate(PAINTS))
                    await context.close()
        await browser.close()
    for (path, temper), paints in sorted(found.items()):
        if temper:
            first, largest = [statistics.median(each) for each in zip(*paints, strict=True)]
            of = [one for one, _ in paints]
            spread = f"best {min(of):.0f}, worst {max(of):.0f}"
            print(f"first paint of {path:7} {temper:7} median {first:.0f} ms, {spread}; largest paint {largest:.0f} ms")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--claims", type=int, default=2000)
    parser.add_argument("--times", type=int, default=20)
    asked = parser.parse_args()
    server = RealServer(valkey()).start()
    asyncio.run(plant(server.url, asked.claims))
    ours, theirs = multiprocessing.Pipe()
    service = multiprocessing.get_context("spawn").Process(target=serve, args=(server.url, theirs))
    service.start()
    address = ours.recv()
    print(f"{asked.claims} claims, {asked.times} times each")
    try:
        asyncio.run(measure(address, ours, asked.times))
        asyncio.run(paint(address, max(3, asked.times // 4)))
    finally:
        ours.send(False)
        service.join()
        server.stop()


if __name__ == "__main__":
    main()
