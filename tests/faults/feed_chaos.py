"""A service under kill -9:  python -m tests.faults.feed_chaos [--seconds 60] [--every 2] [--feeds 200] [--hasty]

Feeds change as soon as the watcher says, by the validator it sends, that it has what they list; what it has not it will
never see again. The watcher is killed every few seconds. No item may be lost, none admitted twice, no feed asked early.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from service.model import Article
from service.store import keys
from service.store.store import Store
from tests.faults.feed_origin import Replicas, feed_origin
from tests.faults.feed_replica import STORY, Watched
from tests.servers import RealServer, valkey

INTERVAL_S = 1.0
ADMIT_S = 0.05
PATIENCE_S, OF_CONTROL_S = 90.0, 6.0
"""for a watcher's start on a busy machine; where something is to be missed, all of it is waited for"""
_EARLY_S = 0.02
"""the clocks of origin and watcher are read at two ends of a connection"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the items."""

    items: int
    lost: tuple[str, ...]
    twice: tuple[str, ...]
    early: tuple[str, ...]
    """feeds"""
    kills: int

    @property
    def good(self) -> bool:
        return not (self.lost or self.twice or self.early)

    def __str__(self) -> str:
        return (
            f"{self.items} items, {len(self.lost)} lost, {len(self.twice)} twice, "
            f"{len(self.early)} feeds asked early; {self.kills} kills"
        )


async def verdict(server: RealServer, watched: Watched, kills: int, every_s: float) -> Verdict:
    """Kills and starts a watcher `kills` times, lets it come to rest, and looks."""
    store = await Store.open(server.url)
    async with feed_origin(takes_s=0.01) as origin:
        watched = Watched(origin.url, watched.feeds, watched.interval_s, watched.how, watched.admit_s, watched.parsers)
        with Replicas(server.url, watched) as replicas:
            origin.changing = True
            for _ in range(kills):
                asked, known = origin.count + watched.feeds // 2, len(await _admitted(store))
                await asyncio.to_thread(replicas.start, "one")
                await asyncio.sleep(every_s)
                # A start takes its time on a busy machine; killed before it did anything, it would show nothing.
                while origin.count < asked or len(await _admitted(store)) <= known:
                    await asyncio.sleep(0.01)
                await asyncio.to_thread(replicas.kill, ["one"])
            origin.changing = False
            replicas.start("one")
            await _rest(store, origin.links, watched)
        found = await _admitted(store)
        await store.close()
        lost = tuple(link for link in origin.links() if link not in found)
        twice = tuple(link for link, times in found.items() if times > 1)
        early = tuple(origin.early(watched.interval_s - _EARLY_S))
        return Verdict(len(origin.links()), lost, twice, early, kills)


async def _rest(store: Store, links: Callable[[], list[str]], watched: Watched) -> None:
    """Until everything is there, or nothing more came for long."""
    patience_s = OF_CONTROL_S if watched.how == "hasty" else PATIENCE_S
    count, end_s = -1, 0.0
    while (now := len(await _admitted(store))) < len(links()) and (now != count or time.monotonic() < end_s):
        if now != count:
            count, end_s = now, time.monotonic() + 3 * watched.interval_s + patience_s
        await asyncio.sleep(0.2)
    await asyncio.sleep(1.5 * watched.interval_s)


async def _admitted(store: Store) -> Counter[str]:
    entries = await store.range(keys.articles(STORY.id), count=1_000_000)
    return Counter(Article.from_json(entry.fields["article"], "").uri for entry in entries)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--every", type=float, default=2)
    parser.add_argument("--feeds", type=int, default=200)
    parser.add_argument("--hasty", action="store_true", help="the negative control: it must end badly")
    parser.add_argument("--parsers", type=int, default=0, help="parser processes; 0: documents are read in the watcher")
    asked = parser.parse_args()
    how = "hasty" if asked.hasty else "rightly"
    watched = Watched("", asked.feeds, INTERVAL_S, how, ADMIT_S, asked.parsers)  # type: ignore[arg-type]
    server = RealServer(valkey()).start()
    try:
        found = asyncio.run(verdict(server, watched, int(asked.seconds / asked.every), asked.every))
    finally:
        server.stop()
    print(f"{asked.feeds} feeds, killed every {asked.every:g} s, {how}: {found}")
    return 0 if found.good else 1


if __name__ == "__main__":
    sys.exit(main())
