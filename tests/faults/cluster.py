"""A cluster under faults:  python -m tests.faults.cluster [--minutes 5] [--family redis] [--stories 8]

Three primaries, three replicas, four real desks. Round after round the same articles are admitted to the same stories,
each time with other faults: primaries killed, replicas cut off before, slots handed over, workers killed. Admissions
wait for one replica. After each round everything a reader can see must equal, byte for byte, what one desk wrote on one
server that nobody disturbed.
"""

from __future__ import annotations

import argparse
import asyncio
import pickle
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from redis.crc import key_slot

from service.model import Article
from service.store import keys
from tests.cluster.lines import (
    Found,
    Workers,
    Written,
    admit,
    alone,
    articles,
    committed,
    opened,
    read,
    stories,
    written,
)
from tests.cluster.nodes import Cluster
from tests.servers import RealServer, families, until, valkey

WORKERS = ("one", "two", "three", "four")
ARTICLES = 15


@dataclass(slots=True)
class Tally:
    """What was done, and what came of it."""

    done: Counter[str] = field(default_factory=Counter)
    failovers_s: list[float] = field(default_factory=list)
    rounds: int = 0
    articles: int = 0
    events: int = 0
    differing: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        took = sorted(self.failovers_s)
        worst = f"{took[-1]:.1f} s at most, {took[len(took) // 2]:.1f} s in the middle" if took else "none"
        done = ", ".join(f"{what} {count}" for what, count in sorted(self.done.items()))
        return (
            f"{self.rounds} rounds, {self.articles} articles, {self.events} events; {done}; failovers: {worst}; "
            f"stories that differ: {len(self.differing)} {self.differing[:5]}"
        )


class Round:
    """One run over an empty cluster."""

    def __init__(self, cluster: Cluster, workers: Workers, dice: random.Random, count: int, tally: Tally) -> None:
        self._cluster = cluster
        self._workers = workers
        self._dice = dice
        self._stories = sorted(stories(count))
        self._tally = tally

    async def disturb(self, until_done: asyncio.Task[int]) -> None:
        """One fault after another until everything is admitted."""
        faults = [self._kill_worker, self._kill_worker, self._kill_primary, self._cut_off_and_kill, self._hand_over]
        while not until_done.done():
            await asyncio.sleep(self._dice.uniform(0.1, 0.8))
            fault = self._dice.choice(faults)
            await asyncio.to_thread(fault)
            self._tally.done[fault.__name__.strip("_").replace("_", " ")] += 1

    def _kill_worker(self) -> None:
        name = self._dice.choice(WORKERS)
        self._workers.kill(name)
        self._workers.start(name)

    def _kill_primary(self, cut_off: bool = False) -> None:
        until(self._cluster.is_well, 60)
        key = keys.state(self._dice.choice(self._stories))
        victim = self._cluster.primary_of(key)
        replica = self._cluster.cut_off_replica_of(victim) if cut_off else None
        if replica is not None:
            time.sleep(self._dice.uniform(0, 0.5))
        victim.kill()
        if replica is not None:
            replica.signal(signal.SIGCONT)
        self._tally.failovers_s.append(self._cluster.failed_over(key, victim, 60))
        victim.start()

    def _cut_off_and_kill(self) -> None:
        self._kill_primary(cut_off=True)

    def _hand_over(self) -> None:
        until(self._cluster.is_well, 60)
        slot = key_slot(keys.state(self._dice.choice(self._stories)).encode())
        source = self._cluster.primary_of_slot(slot)
        others = [node for node in self._cluster.nodes if node is not source and node.role() == "master"]
        self._cluster.migrate(slot, self._dice.choice(others), pause_s=0.02)


async def run(cluster: Cluster, seconds: float, seed: int, count: int, of: Sequence[Article], tally: Tally) -> None:
    """Rounds until the time is over."""
    found: Found = read(of)
    quiet_server = RealServer(valkey()).start()
    try:
        quiet = await alone(quiet_server.url, count, of, found)
    finally:
        quiet_server.stop()
    end_s, dice = time.monotonic() + seconds, random.Random(seed)
    with tempfile.TemporaryDirectory(prefix="cw-") as folder:
        path = Path(folder) / "clauses"
        path.write_bytes(pickle.dumps(found))
        while tally.rounds == 0 or time.monotonic() < end_s:
            await asyncio.to_thread(until, cluster.is_well, 60)
            await asyncio.to_thread(cluster.empty)
            workers = Workers(cluster.url, count, path).start(*WORKERS)
            try:
                wrote = await _one(Round(cluster, workers, dice, count, tally), cluster, count, of)
            finally:
                workers.stop()
            tally.rounds += 1
            tally.articles += count * len(of)
            tally.events += sum(len(each.events) for each in wrote.values())
            tally.differing += [f"{tally.rounds}:{story}" for story in quiet if wrote[story] != quiet[story]]
            print(tally, flush=True)


async def _one(disturbance: Round, cluster: Cluster, count: int, of: Sequence[Article]) -> dict[str, Written]:
    async with opened(cluster.url, replicas=1) as store:
        admitting = asyncio.create_task(admit(store, count, of, pause_s=0.03))
        await disturbance.disturb(admitting)
        await admitting
        await committed(store, count, len(of), within_s=120)
        return {story: await written(store, story) for story in stories(count)}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=5)
    parser.add_argument("--family", default="redis", help="valkey or redis")
    parser.add_argument("--stories", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    binary = next(each for each in families() if each.family == asked.family)
    cluster, tally = Cluster(binary), Tally()
    print(f"{binary.family} {binary.version}, {asked.stories} stories, {ARTICLES} articles each, four workers")
    try:
        cluster.start()
        asyncio.run(run(cluster, asked.minutes * 60, asked.seed, asked.stories, articles(ARTICLES), tally))
    finally:
        cluster.stop()
    return 1 if tally.differing else 0


if __name__ == "__main__":
    sys.exit(main())
