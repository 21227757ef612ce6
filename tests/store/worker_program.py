"""A worker that decides nothing: takes, parks and commits until it is killed. Arguments: url, name, reclaim seconds."""

from __future__ import annotations

import asyncio
import sys

from service.errors import StoreUnavailable
from service.store.store import Store
from tests.store.builders import STORY, commit_of


async def work(url: str, name: str, idle_s: float) -> None:
    store = await Store.open(url, wait_s=20)
    resume = True
    while True:
        try:
            admissions = await store.own_pending(STORY, name) if resume else []
            resume = False
            admissions += await store.reclaim(STORY, name, idle_s)
            admissions = admissions or await store.take([STORY], name, 1, 0.1)
            for admission in admissions:
                await store.begin(STORY, admission.number)
                await store.put_finding(STORY, admission.number, admission.article.id.encode())
            await drain(store)
        except StoreUnavailable:
            resume = True
            await asyncio.sleep(0.05)


async def drain(store: Store) -> None:
    while (head := await store.head(STORY)).finding is not None:
        await store.commit(commit_of(head.state, article_id=head.finding.decode()))


if __name__ == "__main__":
    asyncio.run(work(sys.argv[1], sys.argv[2], float(sys.argv[3])))
