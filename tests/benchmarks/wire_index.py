"""Memory and speed of the shared wire index:  python -m tests.benchmarks.wire_index [DOCUMENTS …]

Writes texts of 27 fingerprints and a headline, with records as they are, as a desk's commits do, once for each number
of documents a week (default 1500, 10000, 50000), on every server family found:

    pipelined    two stories at once, BATCH texts in three round trips: what is new; the records of the candidates that
                 are not remembered; the commits. First into an empty week, then with two full weeks behind it
    synchronous  one text after the other, each step awaited, three weeks: the records of the candidates if there are
                 any that are not remembered; the commit, which brings back the state. One client alone on its story,
                 and the worst case: two workers by turns, each of which first has to read what the other wrote
    catching up  a worker that knows nothing reads the three weeks

beside the floors of the same run: a bare SET, pipelined; one round trip; and the votes in the worker's own memory
alone. Prints figures, writes nothing.
"""

from __future__ import annotations

import asyncio
import gc
import hashlib
import random
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import uvloop

from service.model import Commit, Outcome, WireWrite
from service.store import keys
from service.store.committing import commit_call
from service.store.connection import Arg
from service.store.store import Cursor, Store
from service.store.values import Commitment
from tests.servers import RealServer, families
from workers.desk.following import Following
from workers.wire import pure
from workers.wire.index import Index
from workers.wire.match import WireStory
from workers.wire.sketch import SCHEME

STORIES = ("harbour", "lighthouse")
LOADS = (1_500, 10_000, 50_000)
FINGERPRINTS = 27
COPIES = 0.3
"""of the texts; a copy votes for the wire story that is there and brings two fingerprints and a headline of its own"""
DAY = 741_006
BATCH = 50
MEASURED = 1_500
LEAST = 2
WORDS = 400


@dataclass(frozen=True, slots=True)
class Text:
    """What the index sees of one text."""

    asked: bytes
    votes: tuple[int, ...]
    wire_story: str
    is_copy: bool = False


def texts(count: int, copies: float, seed: str) -> list[Text]:
    """Small hashes, as sketches keep them: two of a sentence of twenty."""
    dice = random.Random(seed)
    made: list[Text] = []
    originals: list[Text] = []
    for number in range(count):
        if originals and dice.random() < copies:
            original = dice.choice(originals[-500:])
            own = tuple(dice.getrandbits(60) for _ in range(3))
            made.append(Text(original.asked + pure.pack("Q", own[:2]), own, original.wire_story, True))
            continue
        asked = tuple(dice.getrandbits(60) for _ in range(FINGERPRINTS))
        name = "w1-" + hashlib.sha256(f"{seed} {number}".encode()).hexdigest()[:16]
        originals.append(Text(pure.pack("Q", asked), (*asked, dice.getrandbits(64)), name))
        made.append(originals[-1])
    return made


def record() -> tuple[bytes, int]:
    """A wire story's record, and how long the text in it is."""
    dice = random.Random(4)
    words = [
        "".join(dice.choice("bdfgklmnprst") + dice.choice("aeiou") for _ in range(dice.randint(1, 3)))
        for _ in range(3_000)
    ]
    text = " ".join(dice.choice(words) for _ in range(WORDS))
    names = ("w1-0123456789abcdef", "a1-0123456789abcdef", "https://outlet.example/1", "Outlet", "A headline")
    return WireStory.open(*names, text).to_bytes(), len(text.encode())


RECORD, TEXT_BYTES = record()


class Run:
    """A worker of one story."""

    def __init__(self, store: Store, story: str) -> None:
        self._store, self._story = store, story
        self.following = Following(store, story)
        self.found = self.asked = 0
        self._token: str | None = None
        """of the state, as the last commit told it"""

    async def synchronous(self, text: Text, *, alone: bool = True) -> None:
        """One text, every step awaited; if not alone, what others wrote is read before."""
        cursor = await self.following.catch_up(DAY, self._token if alone else None)
        assert cursor is not None
        votes = self._votes(text)
        assert len(await self.following.records(votes) or ()) == len(votes)
        commit = self._next(text, cursor)
        ended, head = await self._store.commit_on([commit])
        assert ended is Commitment.WRITTEN
        self._token = head.state.token
        self.following.wrote(commit.wire, cursor.token, Cursor(commit.number, commit.next_token()))

    async def pipelined(self, load: list[Text]) -> None:
        """BATCH texts at a time; each sees what those before it bring, as if it stood already."""
        self._token = None
        for at in range(0, len(load), BATCH):
            cursor = await self.following.catch_up(DAY)
            assert cursor is not None
            commits: list[list[Arg]] = []
            records: dict[str, None] = {}
            for text in load[at : at + BATCH]:
                records |= dict.fromkeys(self._votes(text))
                commit = self._next(text, cursor)
                script, written, args = commit_call([commit])
                commits.append([*script.by_hash(len(written), *written, *args)])
                before, cursor = cursor, Cursor(commit.number, commit.next_token())
                self.following.wrote(commit.wire, before.token, cursor)
            asked = [wire_story for wire_story in records if self.following._records.get(wire_story) is None]
            assert len(await self._store.wire_records(self._story, asked, SCHEME)) == len(asked)
            assert set(await self._store._connection.pipeline(commits)) == {1}

    def _votes(self, text: Text) -> dict[str, int]:
        """A copy must find its wire story, and a text of its own none."""
        votes = self.following.votes(text.asked, DAY, LEAST)
        self.asked += text.is_copy
        self.found += text.wire_story in votes
        assert text.is_copy or not votes, "a text of its own found something"
        return votes

    def _next(self, text: Text, upon: Cursor) -> Commit:
        number = upon.number + 1
        write = WireWrite(text.votes, text.wire_story, RECORD, DAY, SCHEME)
        entry, article, uri = f"{number}-0", f"a1-{number:016x}", f"u/{number}"
        return Commit(self._story, number, entry, upon.token, article, uri, Outcome.COPY, text.wire_story, wire=write)


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
    """What the server and the client take for next to nothing, and the worker without either."""
    watch.skip()
    for _ in range(100):
        await store._connection.pipeline([("SET", "floor", "x")] * 100)
    print(f"  floor: bare SET, pipelined   {watch.told(10_000)}")
    for _ in range(2_000):
        await store._connection.run("GET", "floor")
    print(f"  floor: one round trip        {watch.told(2_000)}")
    load, index = texts(10_000, COPIES, "floor"), Index()
    watch.skip()
    for text in load:
        index.votes_packed(text.asked, DAY, SCHEME, LEAST)
        index.add(text.wire_story, text.votes, DAY, SCHEME)
    print(f"  floor: votes without a store {watch.told(10_000)}")


def memory(server: RealServer) -> int:
    """Bytes of the fingerprint index, every node looked at."""
    names = [keys.wire_generation(story, SCHEME, DAY // keys.WIRE_GENERATION_DAYS) for story in STORIES]
    names += [keys.wire_opened(story) for story in STORIES]
    return sum(server.tell("MEMORY", "USAGE", name, "SAMPLES", 0) for name in names)


def resident() -> int:
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


async def longest_wait() -> tuple[float, float]:
    """Until it is cancelled: the longest time, in ms, that the loop came late, and that it was at work for itself."""
    late_s = worked_s = 0.0
    try:
        while True:
            asleep_s, idle_s = time.perf_counter(), time.thread_time()
            await asyncio.sleep(0)
            late_s = max(late_s, time.perf_counter() - asleep_s)
            worked_s = max(worked_s, time.thread_time() - idle_s)
    except asyncio.CancelledError:
        return 1e3 * late_s, 1e3 * worked_s


async def catching_up(store: Store, story: str, watch: Watch) -> str:
    """A worker that knows nothing."""
    following, before = Following(store, story), resident()
    waiting = asyncio.create_task(longest_wait())
    await asyncio.sleep(0)
    watch.skip()
    began_s = time.perf_counter()
    await following.catch_up(DAY)
    took_s = time.perf_counter() - began_s
    rate = watch.told(following.wire_stories)
    waiting.cancel()
    late_ms, worked_ms = await waiting
    size = (resident() - before) / following.wire_stories
    return (
        f"{rate}; {following.wire_stories} wire stories in {took_s:.2f} s, the loop late by {late_ms:.0f} ms at most, "
        f"at work for {worked_ms:.0f}; {size:.0f} B each in the worker"
    )


async def measure(server: RealServer, documents: int, copies: float) -> None:
    """One load: both ways of writing, memory between, and reading it all."""
    server.tell("FLUSHALL")
    store = await Store.open(server.url)
    loads = [texts(documents // 2 + MEASURED, copies, f"{story} {documents}") for story in STORIES]
    runs = [Run(store, story) for story in STORIES]
    for run, load, story in zip(runs, loads, STORIES, strict=True):
        server.tell("HSET", keys.state(story), "admitted", 3 * len(load))
        await run.synchronous(load[0])  # the scripts are known now
    watch = Watch(server)
    await asyncio.gather(*(run.pipelined(load[1 : documents // 2]) for run, load in zip(runs, loads, strict=True)))
    pipelined = watch.told(documents)
    index, sizes = memory(server), [await store.wire_size(story) for story in STORIES]
    own = sum(size.wire_stories for size in sizes)
    for story in STORIES:
        this = keys.wire_generation(story, SCHEME, DAY // keys.WIRE_GENERATION_DAYS)
        for back in (1, 2):
            older = keys.wire_generation(story, SCHEME, DAY // keys.WIRE_GENERATION_DAYS - back)
            server.tell("COPY", this, older)
    for run in runs:
        await run.following.catch_up(DAY)
    watch.skip()
    await asyncio.gather(*(run.pipelined(load[documents // 2 :]) for run, load in zip(runs, loads, strict=True)))
    behind = watch.told(2 * MEASURED)
    workers = [runs[0], Run(store, STORIES[0])]
    await workers[1].following.catch_up(DAY)
    alone, fresh = texts(MEASURED, copies, "alone"), texts(MEASURED, copies, "by turns")
    watch.skip()
    for text in alone:
        await runs[0].synchronous(text)
    synchronous = watch.told(MEASURED)
    await workers[1].following.catch_up(DAY)
    watch.skip()
    for number, text in enumerate(fresh):
        await workers[number % 2].synchronous(text, alone=False)
    by_turns = watch.told(MEASURED)
    caught_up = await catching_up(store, STORIES[0], watch)
    everybody = {*runs, *workers}
    print(
        f"  {documents:>6} texts, {copies:3.0%} copies: {index / documents:4.0f} B a text, {index / own:4.0f} B a wire "
        f"story (sampled {sum(size.size_bytes for size in sizes) / own:4.0f}); copies found "
        f"{sum(run.found for run in everybody)} of {sum(run.asked for run in everybody)}\n"
        f"         pipelined, an empty week  {pipelined}\n"
        f"         pipelined, three weeks    {behind}\n"
        f"         synchronous, one client   {synchronous}\n"
        f"         synchronous, by turns     {by_turns}\n"
        f"         catching up, three weeks  {caught_up}"
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
            key = keys.wire_record(STORIES[0], SCHEME, texts(1, 0, f"{STORIES[0]} {loads[-1]}")[0].wire_story)
            held = server.tell("MEMORY", "USAGE", key, "SAMPLES", 0)
            print(f"  apart from that, the record for verification: {held} B for a text of {TEXT_BYTES} B")
        finally:
            server.stop()


if __name__ == "__main__":
    uvloop.run(main(tuple(map(int, sys.argv[1:])) or LOADS))  # as the service runs
