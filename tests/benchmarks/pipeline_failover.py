"""How long a story stands still when the primary that has it dies: a cluster of three and three, one worker."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from service.errors import StoreUnavailable
from service.model import Article
from service.store import keys
from service.store.binaries import Binary
from service.store.store import Store
from tests.benchmarks.pipeline_desks import bare
from tests.cluster.nodes import TIMEOUT_MS, Cluster

_AGAIN_S = 0.02
_PATIENCE_S = 60.0


def failover(binary: Binary, article: Callable[[int], Article]) -> tuple[str, str]:
    """What was done, and what it took."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    cluster = Cluster(binary)
    try:
        admitted_s, committed_s = asyncio.run(_killed(cluster.start(), article))
    finally:
        cluster.stop()
    return (
        f"a killed primary, node timeout {TIMEOUT_MS / 1000:g} s",
        f"admitted again after {admitted_s:.2f} s, committed after {committed_s:.2f} s",
    )


async def _killed(cluster: Cluster, article: Callable[[int], Article]) -> tuple[float, float]:
    store = await Store.open(cluster.url)
    working = asyncio.create_task(bare(cluster.url, "w0", 1))
    try:
        await _admitted(store, article(1))
        await _committed(store, 1)
        await asyncio.to_thread(cluster.replicated, keys.state("s0"))
        cluster.primary_of(keys.state("s0")).kill()
        began_s = time.monotonic()
        await _admitted(store, article(2))
        admitted_s = time.monotonic() - began_s
        await _committed(store, 2)
        return admitted_s, time.monotonic() - began_s
    finally:
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        await store.close()


async def _admitted(store: Store, article: Article) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            with suppress(StoreUnavailable):
                await store.admit("s0", article, "bench", 3600)
                return
            await asyncio.sleep(_AGAIN_S)


async def _committed(store: Store, count: int) -> None:
    async with asyncio.timeout(_PATIENCE_S):
        while True:
            with suppress(StoreUnavailable):
                if (await store.state("s0")).committed >= count:
                    return
            await asyncio.sleep(_AGAIN_S)
