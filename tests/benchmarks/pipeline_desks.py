"""Workers for the benchmark of the line, each a process of its own:  python -m tests.benchmarks.pipeline_desks

bare URL NAME STORIES     the desk without wire room and claims: what is read is one event
whole URL NAME STORIES    the desk as it is
commits URL NAME STORIES  nothing but commits, one in a trip as a desk makes them: findings are there already
many URL NAME STORIES     the same, TOGETHER in a trip
floor URL NAME COUNT      what is left of a commit if nothing is looked at: HSET, XADD, XACK, TOGETHER in a script
peer URL NAME STREAMS     redis-py: XREADGROUP, XADD, XACK of as many streams
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import Any

import redis
import structlog
import uvloop

from service.model import Admission, Article, Commit, Event, Outcome, StoryState
from service.running import spare_collector
from service.store.store import Store
from service.store.values import Commitment, Head
from service.stories.story import Story
from tests.desk.builders import STORY
from workers.claims.extract import Extractor
from workers.desk.decide import Decided
from workers.desk.draining import Draining
from workers.desk.take import Desk, Limits

PATIENCE_S = 300.0
TOGETHER = 16
LANES = 8
LIMITS = Limits(reclaim_idle_s=3.0, deadline_s=60, starts=5)
DATA = '{"words":"' + 2_000 * "x" + '"}'
"""as long as that of an event of the shipped story"""
FLOOR = """#!lua
for i = 1, #ARGV, 3 do
  redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 2])
  redis.call('XADD', KEYS[3], '*', 'id', ARGV[i], 'data', ARGV[i + 2])
  redis.call('XACK', KEYS[1], 'g', ARGV[i + 1])
end
return 1"""


def commit_of(story: str, state: StoryState, article_id: str) -> Commit:
    """The next commit: one claim, one document, one event."""
    number = state.committed + 1
    attributes = {"id": f"e{number}", "type": "claimwire.claim.new.v1", "sequence": str(state.sequence + 1)}
    return Commit(
        story=story,
        number=number,
        entry_id=f"{number}-0",
        token=state.token,
        article_id=article_id,
        uri=f"https://bench.example/{number}",
        outcome=Outcome.ANNOUNCED,
        wire_story=f"w{number}",
        events=(Event({**attributes, "article": article_id}, DATA, True),),
        claims={f"c{number}": DATA},
        documents={article_id: DATA[:400]},
    )


class Cold(Extractor):
    """Reads nothing, so that there is nothing to load."""

    def warm(self) -> None:
        return None


class BareDraining(Draining):
    """One event, whatever was read."""

    async def _decide(self, story: str, state: StoryState, found: bytes) -> tuple[Article, Decided | None]:
        commit = commit_of(story, state, found.decode())
        return ARTICLE, Decided(commit, {}, "", commit.next_token(), (), ())

    async def _commit(self, article: Article, decided: Decided, mark: str) -> tuple[Commitment, Head]:
        ended, head = await self._store.commit_on([decided.commit])
        return ended, head


class Bare(Desk):
    """Everything but the rooms: take, begin, put, head, commit."""

    drains_by = BareDraining

    async def _read(self, admission: Admission) -> bytes | None:
        return admission.article.id.encode()


ARTICLE: Any = None


async def bare(url: str, name: str, stories: int) -> None:
    store = await Store.open(url)
    named: dict[str, Story] = {f"s{number}": STORY for number in range(stories)}
    spare_collector()
    await Bare(store, named, name, LIMITS, Cold()).run(asyncio.Event())


async def whole(url: str, name: str, stories: int) -> None:
    store = await Store.open(url)
    named = {f"s{number}": STORY.model_copy(update={"id": f"s{number}"}) for number in range(stories)}
    extractor = Extractor()
    extractor.warm()
    spare_collector()  # as `claimwire worker` does
    await Desk(store, named, name, LIMITS, extractor).run(asyncio.Event())


async def commits(url: str, stories: int, most: int) -> None:
    """Some stories at once: their commits travel side by side."""
    store = await Store.open(url)

    async def drain(story: str) -> None:
        head = await store.head(story, most)
        while head.finding is not None:
            state, upon = head.state, list[Commit]()
            for found, _ in ((head.finding, head.mark), *head.behind):
                one = commit_of(story, state, found.decode())
                upon.append(one)
                state = StoryState(state.admitted, one.number, state.sequence + len(one.events), one.next_token())
            _, head = await store.commit_on(upon, most)

    async def lane(first: int) -> None:
        for number in range(first, stories, LANES):
            await drain(f"s{number}")

    await asyncio.gather(*map(lane, range(LANES)))
    await asyncio.sleep(PATIENCE_S)  # to be asked what it used


def floor(url: str, count: int) -> None:
    client = redis.Redis.from_url(url)
    script = client.script_load(FLOOR)
    for first in range(1, count + 1, TOGETHER):
        told = [part for at in range(first, min(first + TOGETHER, count + 1)) for part in (f"c{at}", f"{at}-0", DATA)]
        client.execute_command("EVALSHA", script, 3, "{f}in", "{f}claims", "{f}out", *told)
    time.sleep(PATIENCE_S)  # to be asked what it used


def peer(url: str, name: str, streams: int) -> None:
    client = redis.Redis.from_url(url)
    asked: Any = {f"in{number}": ">" for number in range(streams)}
    while True:
        for stream, entries in client.xreadgroup("g", name, asked, count=1, block=1000) or ():
            for entry_id, fields in entries:
                client.xadd("out", {**fields, b"data": DATA})
                client.xack(stream, "g", entry_id)


def main() -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    how, url, name, count = sys.argv[1:]
    if how == "peer":
        peer(url, name, int(count))
    if how == "floor":
        floor(url, int(count))
    if how in ("commits", "many"):
        uvloop.run(commits(url, int(count), TOGETHER if how == "many" else 1))
    uvloop.run({"bare": bare, "whole": whole}[how](url, name, int(count)))


if __name__ == "__main__":
    main()
