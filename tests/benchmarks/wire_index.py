"""Memory and speed of the shared wire index:  python -m tests.benchmarks.wire_index [DOCUMENTS …]

Writes texts of 27 fingerprints and a headline, as a desk's commits do, once for each number of documents a week
(default 1500, 10000, 50000), on every server family found:

    pipelined    two stories at once, BATCH texts in two round trips: their votes; their commits. First into an empty
                 week, then with two full weeks behind it
    synchronous  one story, three weeks: vote, then commit, each awaited

beside the floor of the same run: a bare SET, pipelined, and one round trip. Prints figures, writes nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sys
import time
from dataclasses import dataclass

import redis
import uvloop

from service.model import Commit, Outcome, WireWrite
from service.store import keys
from service.store.committing import _COMMIT, commit_args, commit_keys
from service.store.connection import Arg, Connection
from service.store.store import Store
from service.store.wire_buckets import Asked, chunk_of, id_in
from tests.servers import RealServer, families
from workers.wire.match import WireStory
from workers.wire.sketch import SCHEME

STORIES = ("harbour", "lighthouse")
LOADS = (1_500, 10_000, 50_000)
FINGERPRINTS = 27
COPIES = 0.3
"""of the texts; a copy votes for the wire story that is there and brings two fingerprints and a headline of its own"""
DAY = 741_006
BATCH = 50
SYNCHRONOUS = 1_500
LEAST = 2


@dataclass(frozen=True, slots=True)
class Text:
    """What the index sees of one text."""

    asked: tuple[int, ...]
    votes: tuple[int, ...]
    wire_story: str


def texts(count: int, copies: float, seed: str) -> list[Text]:
    """Small hashes, as sketches keep them: two of a sentence of twenty."""
    dice = random.Random(seed)
    made: list[Text] = []
    originals: list[Text] = []
    for number in range(count):
        if originals and dice.random() < copies:
            original = dice.choice(originals[-500:])
            own = tuple(dice.getrandbits(60) for _ in range(3))
            made.append(Text((*original.asked, *own[:2]), own, original.wire_story))
            continue
        asked = tuple(dice.getrandbits(60) for _ in range(FINGERPRINTS))
        name = "w1-" + hashlib.sha256(f"{seed} {number}".encode()).hexdigest()[:16]
        originals.append(Text(asked, (*asked, dice.getrandbits(64)), name))
        made.append(originals[-1])
    return made


def generation(story: str, back: int = 0) -> str:
    return keys.wire_generation(story, SCHEME, DAY // keys.WIRE_GENERATION_DAYS - back)


class Run:
    """The desk of one story."""

    def __init__(self, store: Store, story: str) -> None:
        self._store, self._story = store, story
        self._connection: Connection = store._connection
        self._number, self._token = 0, ""
        self._names = [generation(story, back) for back in range(keys.WIRE_GENERATIONS)]
        self._ordinals: dict[str, int] = {}
        self.found = self.asked = 0

    async def synchronous(self, load: list[Text]) -> None:
        """Vote, then commit, each awaited."""
        for text in load:
            before = self._number
            votes = await self._store.wire_votes(self._story, text.asked, DAY, SCHEME, LEAST)
            assert await self._store.commit(self._next(text))
            self._tell(text, set(votes), before)

    async def pipelined(self, load: list[Text]) -> None:
        """The votes of BATCH texts in one round trip; their commits, and the names of what was found, in another."""
        for at in range(0, len(load), BATCH):
            batch, before = load[at : at + BATCH], self._number
            counted = await self._store.wire_counts(self._names, [Asked(text.asked) for text in batch], LEAST)
            commits: list[list[Arg]] = []
            for commit in map(self._next, batch):
                written = commit_keys(commit)
                commits.append(["EVALSHA", _COMMIT.sha, len(written), *written, *commit_args(commit)])
            names = [("HGET", name, chunk_of(ordinal)) for of_text in counted for ordinal, (_, name) in of_text.items()]
            replies = await self._connection.pipeline([*commits, *names])
            assert set(replies[: len(commits)]) == {1}
            chunks = iter(replies[len(commits) :])
            for text, of_text in zip(batch, counted, strict=True):
                self._tell(text, {(id_in(next(chunks), ordinal) or b"").decode() for ordinal in of_text}, before)

    def _next(self, text: Text) -> Commit:
        self._number += 1
        number = self._number
        self._ordinals.setdefault(text.wire_story, number)
        write = WireWrite(text.votes, text.wire_story, b"", DAY, SCHEME)
        entry, article = f"{number}-0", f"a1-{number:016x}"
        uri, outcome = f"u/{number}", Outcome.COPY
        commit = Commit(self._story, number, entry, self._token, article, uri, outcome, text.wire_story, wire=write)
        self._token = commit.next_token()
        return commit

    def _tell(self, text: Text, found: set[str], before: int) -> None:
        """A copy must find what was written before it was asked for."""
        copy = self._ordinals[text.wire_story] <= before
        self.asked += copy
        self.found += copy and text.wire_story in found
        assert copy or not found, "a text of its own found something"


def memory(server: RealServer) -> int:
    """Bytes of the fingerprint index, every field looked at."""
    names = [name for story in STORIES for name in (generation(story), keys.wire_generations(story))]
    return sum(server.tell("MEMORY", "USAGE", name, "SAMPLES", 0) for name in names)


def record_bytes(server: RealServer) -> tuple[int, int]:
    """A record as it stands in Redis, and the text in it."""
    dice = random.Random(4)
    words = [
        "".join(dice.choice("bdfgklmnprst") + dice.choice("aeiou") for _ in range(dice.randint(1, 3)))
        for _ in range(3_000)
    ]
    text = " ".join(dice.choice(words) for _ in range(400))
    opened = WireStory.open(
        "w1-0123456789abcdef", "a1-0123456789abcdef", "https://outlet.example/1", "Outlet", "A headline", text
    )
    key = keys.wire_record(STORIES[0], SCHEME, opened.id)
    with_record = opened.to_bytes()
    with redis.Redis(unix_socket_path=server.socket) as client:
        client.hset(key, mapping={"ordinal": 1, "record": with_record})
    return server.tell("MEMORY", "USAGE", key, "SAMPLES", 0), len(text.encode())


class Watch:
    """Rate and processor time since it was last looked at: a busy machine stretches the clock, and the other less."""

    def __init__(self, server: RealServer) -> None:
        self._server = server
        self._was = self._now()

    def told(self, texts: int) -> str:
        before, self._was = self._was, self._now()
        wall, of_server, of_client = (1e6 * (now - then) / texts for now, then in zip(self._was, before, strict=True))
        return f"{1e6 / wall:6.0f} a second; processor: server {of_server:3.0f} us, client {of_client:3.0f} us each"

    def skip(self) -> None:
        self._was = self._now()

    def _now(self) -> tuple[float, float, float]:
        fields = self._server.tell("INFO", "cpu").splitlines()
        used = {name: value for name, _, value in (line.partition(":") for line in fields)}
        of_server = float(used["used_cpu_user"]) + float(used["used_cpu_sys"])
        return time.perf_counter(), of_server, time.process_time()


async def floor(store: Store, watch: Watch) -> None:
    """What the server and the client take for next to nothing."""
    watch.skip()
    for _ in range(100):
        await store._connection.pipeline([("SET", "floor", "x")] * 100)
    print(f"  floor: bare SET, pipelined  {watch.told(10_000)}")
    for _ in range(2_000):
        await store._connection.run("GET", "floor")
    print(f"  floor: one round trip       {watch.told(2_000)}")


async def measure(server: RealServer, documents: int, copies: float) -> None:
    """One load: both ways of writing, and memory between."""
    server.tell("FLUSHALL")
    store = await Store.open(server.url)
    half = documents // 2
    loads = [texts(half + SYNCHRONOUS, copies, f"{story} {documents}") for story in STORIES]
    runs = [Run(store, story) for story in STORIES]
    for run, load, story in zip(runs, loads, STORIES, strict=True):
        server.tell("HSET", keys.state(story), "admitted", 2 * len(load))
        await run.synchronous(load[:1])  # the scripts are known now
    watch = Watch(server)
    await asyncio.gather(*(run.pipelined(load[1:half]) for run, load in zip(runs, loads, strict=True)))
    pipelined = watch.told(2 * half)
    index, sizes = memory(server), [await store.wire_size(story) for story in STORIES]
    own = sum(size.wire_stories for size in sizes)
    for story in STORIES:
        for back in (1, 2):
            server.tell("COPY", generation(story), generation(story, back))
    watch.skip()
    await asyncio.gather(*(run.pipelined(load[half:]) for run, load in zip(runs, loads, strict=True)))
    behind = watch.told(2 * SYNCHRONOUS)
    fresh = texts(SYNCHRONOUS, copies, "synchronous")
    watch.skip()
    await runs[0].synchronous(fresh)
    synchronous = watch.told(SYNCHRONOUS)
    print(
        f"  {documents:>6} texts, {copies:3.0%} copies: {index / documents:4.0f} B a text, {index / own:4.0f} B a wire "
        f"story (sampled {sum(size.size_bytes for size in sizes) / own:4.0f}); copies found "
        f"{sum(run.found for run in runs)} of {sum(run.asked for run in runs)}\n"
        f"         pipelined, an empty week  {pipelined}\n"
        f"         pipelined, three weeks    {behind}\n"
        f"         synchronous, three weeks  {synchronous}"
    )
    await store.close()


async def main(loads: tuple[int, ...]) -> None:
    for binary in families():
        server = RealServer(binary).start()
        try:
            print(f"{binary.family} {binary.version}: {FINGERPRINTS} fingerprints and a headline a text")
            store = await Store.open(server.url)
            await floor(store, Watch(server))
            await store.close()
            for documents in loads:
                for copies in (0.0, COPIES):
                    await measure(server, documents, copies)
            held, text = record_bytes(server)
            print(f"  apart from that, the record for verification: {held} B for a text of {text} B")
        finally:
            server.stop()


if __name__ == "__main__":
    uvloop.run(main(tuple(map(int, sys.argv[1:])) or LOADS))  # as the service runs
