"""Workers for the benchmark of the line, each a process of its own:  python -m tests.benchmarks.pipeline_desks

bare URL NAME STORIES     the desk without wire room and claims: what is read is one event
whole URL NAME STORIES    the desk as it is
many URL NAME STORIES     nothing but the commits of a desk, up to TOGETHER in a step: findings are there already
commits URL NAME STORIES  the same, one in a step
floor URL NAME COUNT      the same writes if nothing is looked at, TOGETHER in a script
peer URL NAME STREAMS     redis-py: XREADGROUP, XADD, XACK of as many streams
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from typing import Any
from unittest.mock import patch

import redis
import structlog
import uvloop

from service.model import Admission, Commit, Event, Outcome, StoryState
from service.running import spare_collector
from service.store.store import Store
from service.stories.story import Story
from tests.desk.builders import STORY
from workers.claims.extract import Extractor
from workers.desk import draining
from workers.desk.decide import Decided
from workers.desk.draining import TOGETHER, Draining, End
from workers.desk.take import Desk, Limits

PATIENCE_S = 300.0
LIMITS = Limits(reclaim_idle_s=3.0, deadline_s=60, starts=5)
DATA = '{"words":"' + 2_000 * "x" + '"}'
"""as long as that of an event of the shipped story"""
FLOOR = """#!lua
for i = 1, #ARGV, 4 do
  local id, claim, data, document = unpack(ARGV, i, i + 3)
  redis.call('HSET', KEYS[2], claim, data)
  redis.call('HSET', KEYS[3], id, document)
  redis.call('XADD', KEYS[4], id, 'token', claim, 'ids', claim)
  redis.call('XADD', KEYS[5], id, 'article', claim, 'version', '1', 'uri', claim, 'outcome', 'announced', 'events', '1')
  redis.call('XADD', KEYS[6], '*', 'id', claim, 'data', data)
  redis.call('XADD', KEYS[7], '*', 'id', claim, 'data', data)
  redis.call('XACK', KEYS[1], 'g', id)
end
return 1"""
"""what a commit writes"""


def commit_of(story: str, state: StoryState, article_id: str, mark: str = "") -> Commit:
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
        mark=mark,
    )


class Cold(Extractor):
    """Reads nothing, so that there is nothing to load."""

    def warm(self) -> None:
        return None


class BareDraining(Draining):
    """One event, whatever was read."""

    async def _end(self, story: str, state: StoryState, found: bytes, mark: str, *, ahead: bool) -> End | None:
        commit = commit_of(story, state, found.decode(), mark)
        return End(None, Decided(commit, {}, "", commit.next_token()))


class Bare(Desk):
    """Everything but the rooms: take, begin, put, head, commit."""

    drains_by = BareDraining

    async def _read(self, admission: Admission) -> bytes | None:
        return admission.article.id.encode()


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


async def commits(url: str, name: str, stories: int, most: int) -> None:
    """What a desk does with findings that are there, one story after the other, the worker's own first."""
    store = await Store.open(url)
    named: dict[str, Story] = {f"s{number}": STORY for number in range(stories)}

    async def beat() -> None:
        return None

    first = int(name.removeprefix("w")) * stories // 2
    with patch.object(draining, "TOGETHER", most):
        spare_collector()
        bare = BareDraining(store, named, name, LIMITS, beat)
        for number in range(stories):
            await bare.drain(f"s{(first + number) % stories}")
    await asyncio.sleep(PATIENCE_S)  # to be asked what it used


def floor(url: str, count: int) -> None:
    client = redis.Redis.from_url(url)
    script = client.script_load(FLOOR)
    names = [f"{{f}}{name}" for name in ("in", "claims", "documents", "log", "outcomes", "out", "new")]
    for first in range(1, count + 1, TOGETHER):
        some = range(first, min(first + TOGETHER, count + 1))
        told = [part for at in some for part in (f"{at}-0", f"c{at}", DATA, DATA[:400])]
        client.execute_command("EVALSHA", script, len(names), *names, *told)
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
        uvloop.run(commits(url, name, int(count), TOGETHER if how == "many" else 1))
    uvloop.run({"bare": bare, "whole": whole}[how](url, name, int(count)))


if __name__ == "__main__":
    main()
