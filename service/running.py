"""How a process of ours runs and ends: one event says stop, whoever asked."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import TypeVar

import structlog

Result = TypeVar("Result")

PATIENCE_S = 1.0
"""a signal that comes again so soon is the same: who ends a group of processes tells `make`, and that its children"""

log = structlog.get_logger(__name__)


def run(main: Callable[[asyncio.Event], Awaitable[Result]], parent_pid: int | None = None) -> Result:
    """Runs `main(stop)` on an event loop; SIGTERM, SIGINT, SIGHUP and the loss of the parent set `stop`.

    A second signal, unless it comes within PATIENCE_S, ends the process at once with status 130: for a person whose
    patience is over. Nothing is tidied up then.
    """

    async def guarded() -> Result:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        first_s: list[float] = []

        def asked() -> None:
            first_s.append(loop.time())
            if first_s[-1] - first_s[0] >= PATIENCE_S:
                os._exit(130)
            stop.set()

        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, asked)
        watching = asyncio.create_task(_watch_parent(parent_pid, stop), name="parent.watch")
        try:
            return await main(stop)
        finally:
            watching.cancel()

    if sys.platform == "win32":
        return asyncio.run(guarded())
    import uvloop

    return uvloop.run(guarded())


def spare_collector() -> None:
    """What is there now stays: the collector of cycles need not look through it, which holds the loop for half a second
    where ten thousand feeds are watched, and for 0.1 s in a worker. To be called again when much was added that stays.
    """
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def on_hangup(act: Callable[[], None]) -> None:
    """From now on SIGHUP calls `act` and ends nothing; on a terminal, whose hanging up it tells of, it ends us still.

    To be called within `run`.
    """
    if sys.platform != "win32" and not os.isatty(0):
        asyncio.get_running_loop().add_signal_handler(signal.SIGHUP, act)


async def _watch_parent(parent_pid: int | None, stop: asyncio.Event) -> None:
    """A child whose parent was killed drains and ends, instead of working on unseen."""
    while parent_pid is not None:
        if os.getppid() != parent_pid:
            log.warning("parent.lost", parent_pid=parent_pid)
            stop.set()
            return
        await asyncio.sleep(0.5)
