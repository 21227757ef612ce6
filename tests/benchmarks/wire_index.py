"""Memory and speed of the shared wire index:  python -m tests.benchmarks.wire_index [DOCUMENTS …]

Writes texts of 27 fingerprints and a headline into one generation of one story, as a desk's commits do, once for each
number of documents (default 1500, 10000, 50000 a week), on every server family found. Prints figures, writes nothing.
"""

from __future__ import annotations

import asyncio
import hashlib
import random
import sys
import time
from dataclasses import dataclass

import redis

from service.model import Commit, Outcome, WireWrite
from service.store import keys
from service.store.committing import _COMMIT, _commit_args, _commit_keys
from service.store.connection import Connection
from service.store.store import Store
from service.store.wire_index import _WIRE_VOTES, CROWD, packed
from tests.servers import RealServer, families
from workers.wire.match import WireStory
from workers.wire.sketch import SCHEME

STORY = "harbour"
LOADS = (1_500, 10_000, 50_000)
FINGERPRINTS = 27
COPIES = 0.3
"""of the texts; a copy votes for the wire story that is there and brings two fingerprints and a headline of its own"""
DAY = 741_006
BATCH = 50
SYNCHRONOUS = 1_500


@dataclass(frozen=True, slots=True)
class Text:
    """What the index sees of one text."""

    asked: tuple[int, ...]
    votes: tuple[int, ...]
    wire_story: str


def texts(count: int, copies: float, seed: int) -> list[Text]:
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
        name = "w1-" + hashlib.sha256(str(number).encode()).hexdigest()[:16]
        originals.append(Text(asked, (*asked, dice.getrandbits(64)), name))
        made.append(originals[-1])
    return made


def commit_of(text: Text, number: int, token: str, record: bytes) -> Commit:
    write = WireWrite(text.votes, text.wire_story, record, DAY, SCHEME)
    entry, article = f"{number}-0", f"a1-{number:016x}"
    return Commit(STORY, number, entry, token, article, f"u/{number}", Outcome.COPY, text.wire_story, wire=write)


class Run:
    """One load on one server."""

    def __init__(self, store: Store, server: RealServer) -> None:
        self._store, self._server = store, server
        self._connection: Connection = store._connection
        self._number, self._token = 0, ""
        self.found = self.asked = 0

    async def synchronous(self, load: list[Text]) -> float:
        """Vote, then commit, each awaited: texts a second."""
        began = time.perf_counter()
        for text in load:
            votes = await self._store.wire_votes(STORY, text.asked, DAY, SCHEME, 2)
            self._tell(text, votes)
            assert await self._store.commit(self._next(text))
        return len(load) / (time.perf_counter() - began)

    async def pipelined(self, load: list[Text]) -> float:
        """Votes and commits of BATCH texts in one round trip: texts a second."""
        began = time.perf_counter()
        names = [keys.wire_generation(STORY, SCHEME, DAY // keys.WIRE_GENERATION_DAYS - back) for back in range(3)]
        for at in range(0, len(load), BATCH):
            commands = []
            for text in load[at : at + BATCH]:
                commit = self._next(text)
                written = _commit_keys(commit)
                commands.append(("EVALSHA", _WIRE_VOTES.sha, 3, *names, CROWD, 2, packed(text.asked)))
                commands.append(("EVALSHA", _COMMIT.sha, len(written), *written, *_commit_args(commit)))
            replies = await self._connection.pipeline(commands)
            for text, flat in zip(load[at : at + BATCH], replies[::2], strict=True):
                self._tell(text, {flat[i].decode(): flat[i + 1] for i in range(0, len(flat), 2)})
            assert set(replies[1::2]) == {1}
        return len(load) / (time.perf_counter() - began)

    def _next(self, text: Text) -> Commit:
        self._number += 1
        commit = commit_of(text, self._number, self._token, b"")
        self._token = commit.next_token()
        return commit

    def _tell(self, text: Text, votes: dict[str, int]) -> None:
        copy = len(text.asked) > FINGERPRINTS
        self.asked += copy
        self.found += copy and text.wire_story in votes
        assert copy or not votes, "a text of its own found something"


def memory(server: RealServer) -> int:
    """Bytes of the fingerprint index, every field looked at."""
    index: int = server.tell("MEMORY", "USAGE", keys.wire_generation(STORY, SCHEME, DAY // 7), "SAMPLES", 0)
    generations = server.tell("MEMORY", "USAGE", keys.wire_generations(STORY), "SAMPLES", 0)
    return index + int(generations)


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
    key = keys.wire_record(STORY, SCHEME, opened.id)
    with_record = opened.to_bytes()
    with redis.Redis(unix_socket_path=server.socket) as client:
        client.hset(key, mapping={"ordinal": 1, "record": with_record})
    return server.tell("MEMORY", "USAGE", key, "SAMPLES", 0), len(text.encode())


class Cpu:
    """Processor time of the server and of this client: a busy machine stretches the clock, not this."""

    def __init__(self, server: RealServer) -> None:
        self._server = server
        self._was = self._now()

    def spent_us(self, texts: int) -> tuple[float, float]:
        """Microseconds a text since the last call: server, client."""
        before, self._was = self._was, self._now()
        server, client = (1e6 * (now - then) / texts for now, then in zip(self._was, before, strict=True))
        return server, client

    def _now(self) -> tuple[float, float]:
        fields = self._server.tell("INFO", "cpu").splitlines()
        used = {name: value for name, _, value in (line.partition(":") for line in fields)}
        return float(used["used_cpu_user"]) + float(used["used_cpu_sys"]), time.process_time()


async def measure(server: RealServer, documents: int, copies: float) -> None:
    """One load: memory once it is in, and both ways of writing."""
    server.tell("FLUSHALL")
    store = await Store.open(server.url)
    load = texts(documents + SYNCHRONOUS, copies, seed=documents)
    server.tell("HSET", keys.state(STORY), "admitted", len(load))
    run = Run(store, server)
    await store.commit(run._next(load[0]))
    await store.wire_votes(STORY, (1,), DAY, SCHEME)  # both scripts are known now
    cpu = Cpu(server)
    pipelined = await run.pipelined(load[1:documents])
    of_pipelined = cpu.spent_us(documents)
    index = memory(server)
    size = await store.wire_size(STORY)
    own = size.wire_stories
    cpu.spent_us(1)
    synchronous = await run.synchronous(load[documents:])
    of_synchronous = cpu.spent_us(SYNCHRONOUS)
    print(
        f"  {documents:>6} texts, {copies:3.0%} copies: {index / documents:4.0f} B a text, {index / own:4.0f} B a wire "
        f"story (sampled {size.size_bytes / own:4.0f}); copies found {run.found} of {run.asked}"
    )
    for name, rate, (of_server, of_client) in (
        ("synchronous", synchronous, of_synchronous),
        ("pipelined", pipelined, of_pipelined),
    ):
        print(
            f"         {name:>11} {rate:5.0f} texts/s; processor time a text: server {of_server:3.0f} us, "
            f"client {of_client:3.0f} us, so {1e6 / max(of_server, of_client):5.0f} texts/s with a core for each"
            + (f", {1e6 / (of_server + of_client):.0f} one after the other" if name == "synchronous" else "")
        )
    await store.close()


async def main(loads: tuple[int, ...]) -> None:
    for binary in families():
        server = RealServer(binary).start()
        try:
            print(f"{binary.family} {binary.version}: {FINGERPRINTS} fingerprints and a headline a text")
            for documents in loads:
                for copies in (0.0, COPIES):
                    await measure(server, documents, copies)
            held, text = record_bytes(server)
            print(f"  apart from that, the record for verification: {held} B for a text of {text} B")
        finally:
            server.stop()


if __name__ == "__main__":
    asyncio.run(main(tuple(map(int, sys.argv[1:])) or LOADS))
