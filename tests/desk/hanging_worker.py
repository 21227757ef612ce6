"""A worker whose second article never ends; it stops by itself once everything is committed."""

from __future__ import annotations

import asyncio
import re
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from service.model import Article
from service.store.store import Store
from service.stories.story import Story
from tests.desk.builders import EXTRACTOR, STORY
from workers.claims.extract import Extractor
from workers.claims.model import Clause
from workers.desk.take import Desk, Limits


class Hanging(Extractor):
    def extract(self, article: Article, story: Story) -> tuple[Clause, ...]:
        while article.uri.endswith("/2"):
            if sys.argv[2] == "alone":  # one call that never gives the interpreter back
                re.match(r"(a+)+$", "a" * 64 + "b")
            time.sleep(0.05)
        return EXTRACTOR.extract(article, story)


async def main(url: str) -> None:
    store = await Store.open(url)
    stop = asyncio.Event()
    limits = Limits(reclaim_idle_s=0.3, deadline_s=2.0, starts=2, block_s=0.05)
    running = asyncio.create_task(Desk(store, {STORY.id: STORY}, "w", limits, Hanging()).run(stop))
    while (await store.state(STORY.id)).committed < 3 and not running.done():
        await asyncio.sleep(0.02)
    stop.set()
    await running
    await store.close()


asyncio.run(main(sys.argv[1]))
