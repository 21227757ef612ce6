"""A worker of its own process whose desk reads no clauses: a run is about the wire room alone.

`unguarded` is the negative control: commit.lua without its compare-and-set.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
from collections.abc import Sequence
from copy import copy
from pathlib import Path
from typing import Any
from unittest.mock import patch

import structlog

from service.model import Article, Commit
from service.store import committing
from service.store.connection import Script
from service.store.store import Store
from service.store.values import Commitment, Head
from service.stories.story import Story, load_story
from workers.claims.compare import Comparison, Context
from workers.claims.extract import Extractor
from workers.claims.memory.registry import Registry
from workers.claims.model import Clause
from workers.claims.novelty.gate import Weighing
from workers.desk import decide
from workers.desk.take import Desk, Limits
from workers.desk.under_way import UnderWay

STORY = load_story(Path(__file__).parents[1] / "stories" / "lighthouse.toml")


class Silent(Extractor):
    """Finds no clause in any text, and loads no parser for it."""

    def warm(self) -> None:
        return None

    def extract(self, article: Article, story: Story) -> tuple[Clause, ...]:
        return ()


def compare_nothing(
    registry: Registry, clauses: Sequence[Clause], context: Context, weighing: Weighing | None
) -> Comparison:
    """In the place of `compare`, which looks at every text, and longer than the wire room does."""
    return Comparison((), {}, ())


def plain_write(script: Script) -> Script:
    """The commit without a guard: whoever comes writes, in any order, upon any state."""
    source = script.source
    begin = source.index("if committed >= n then")
    end = source.index("local claims, claims_end")
    source = source[:begin] + source[end:]
    for guarded, plain in (
        ("'MINID', '~', log_from, id,", "'*',"),
        ("call('XADD', KEYS[11], id,", "call('XADD', KEYS[11], '*',"),
        ("return foreign(stream, ", "local _ = (stream .. "),
        ("'committed', last,", "'committed', math.max(committed, n),"),
    ):
        assert source.count(guarded) == 1, guarded
        source = source.replace(guarded, plain)
    plain = copy(script)
    plain.source, plain.sha = source, hashlib.sha1(source.encode()).hexdigest()
    return plain


def desk(store: Store, name: str, reclaim_idle_s: float = 0.5) -> Desk:
    limits = Limits(reclaim_idle_s=reclaim_idle_s, deadline_s=30, starts=50, block_s=0.05)
    return Desk(store, {STORY.id: STORY}, name, limits, Silent())


async def _drain_at_once(self: Desk, story: str, *, at_once: bool) -> None:
    await self._draining.drain(story)


_COMMIT_ON = Store.commit_on


async def _commit_late(self: Store, commits: Sequence[Commit], *way: Any) -> tuple[Commitment, Head]:
    """What was decided waits, so that the other worker decides upon the same state."""
    await asyncio.sleep(0.02)
    return await _COMMIT_ON(self, commits, *way)


def main(url: str, name: str, unguarded: bool) -> None:
    """Works until it is killed."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    decide.compare = compare_nothing  # type: ignore[attr-defined]
    if unguarded:
        committing._COMMIT = plain_write(committing._COMMIT)
        always = property(lambda _: False, lambda *_: None)  # nor does one leave the line to another
        patch.object(UnderWay, "_left", always, create=True).start()
        patch.object(Desk, "_drain_what_stands", _drain_at_once).start()
        patch.object(Store, "commit_on", _commit_late).start()

    async def work() -> None:
        store = await Store.open(url, wait_s=20)
        await desk(store, name).run(asyncio.Event())

    asyncio.run(work())
