"""Child processes that are meant to run: started, restarted when they die, drained in the order given.

A child gets a session of its own, so that Ctrl-C reaches the parent alone and the parent drains the children; and
its parent's pid, so that it drains by itself if the parent is killed.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from service.errors import ClaimwireError

GRACE_S = 20.0
"""for a child to finish the article in hand; then it is killed, which loses nothing"""

RESTART_S = (0.05, 0.2, 0.5, 1.0, 2.0, 5.0)
"""before the n-th restart in a row; a child that ran for STEADY_S starts the row over"""

STEADY_S = 10.0

LAST_LINES = 3
"""of a dead child's words: the message of a failure, or the end of a traceback"""

GAVE_UP = 2
"""exit status of a process of ours that said in one line what is wrong"""

BROKEN = 3
"""exit status of a process of ours that found what we broke ourselves: the loop must stop"""

FINAL = frozenset({GAVE_UP, BROKEN})

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Child:
    """One process: `claimwire` with these arguments."""

    name: str
    arguments: Sequence[str]
    log_file: Path | None = None
    """where its stderr goes; None inherits ours"""
    environment: Mapping[str, str] = field(default_factory=dict)
    once: bool = False
    """its end with status 0 is its success, and it is not restarted then"""


class Supervisor:
    """Runs children until `stop` is set. Use as an async context manager; leaving drains them, the first started first.

    A child that ends with a status of `FINAL` has said that it cannot go on, and why; starting it again would not
    help. Then `stop` is set, and leaving raises ClaimwireError. So it is if a child cannot be started at all.
    """

    def __init__(self, stop: asyncio.Event) -> None:
        self._stop = stop
        self._failure: ClaimwireError | None = None
        self._running: dict[str, asyncio.subprocess.Process] = {}
        self._guards: dict[str, asyncio.Task[None]] = {}
        self._draining = asyncio.Event()

    async def __aenter__(self) -> Supervisor:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.drain()
        if self._failure is not None:
            raise self._failure

    def start(self, child: Child) -> asyncio.Task[None]:
        """Starts a child and keeps it running. The task ends when a `once` child succeeded, or on `drain`."""
        guard = asyncio.create_task(self._watch(child), name=f"guard.{child.name}")
        self._guards[child.name] = guard
        return guard

    async def drain(self) -> None:
        """Ends every child: SIGTERM, a grace of GRACE_S, SIGKILL. The first started (the ingester) goes first."""
        self._draining.set()
        for name in list(self._guards):
            await self._end(name)
        if self._guards:
            await asyncio.wait(self._guards.values(), timeout=GRACE_S)
        for guard in self._guards.values():
            guard.cancel()
        await asyncio.gather(*self._guards.values(), return_exceptions=True)

    async def _end(self, name: str) -> None:
        process = self._running.get(name)
        if process is None or process.returncode is not None:
            return
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(process.wait(), GRACE_S)
        except TimeoutError:
            log.warning("child.killed", name=name, after_s=GRACE_S)
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()

    async def _watch(self, child: Child) -> None:
        """A guard that ends with an error is news: nobody would watch its child any more."""
        try:
            await self._guard(child)
        except Exception as error:
            self._fail(child, f"it cannot be started: {error!r}")

    async def _guard(self, child: Child) -> None:
        deaths = 0
        loop = asyncio.get_running_loop()
        while not self._draining.is_set():
            began_s = loop.time()
            status = await self._run(child)
            if self._draining.is_set() or (child.once and status == 0):
                return
            if status in FINAL:
                self._fail(child, _last(child.log_file) or "it said why above")
                return
            deaths = 0 if loop.time() - began_s > STEADY_S else deaths
            again_in_s = RESTART_S[min(deaths, len(RESTART_S) - 1)]
            deaths += 1
            log.warning("child.died", name=child.name, status=status, again_in_s=again_in_s, log=_last(child.log_file))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._draining.wait(), again_in_s)

    def _fail(self, child: Child, why: str) -> None:
        self._failure = ClaimwireError(f"the {child.name} cannot go on: {why.strip()}")
        self._stop.set()

    async def _run(self, child: Child) -> int:
        environment = {**os.environ, **child.environment, "CLAIMWIRE_PARENT_PID": str(os.getpid())}
        with contextlib.ExitStack() as stack:
            stderr = None
            if child.log_file is not None:
                child.log_file.parent.mkdir(parents=True, exist_ok=True)
                stderr = stack.enter_context(child.log_file.open("ab"))
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "service.cli", *child.arguments,
                env=environment, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=stderr,
                start_new_session=True,
            )  # fmt: skip
        self._running[child.name] = process
        log.info("child.started", name=child.name, pid=process.pid)
        if self._draining.is_set():  # drain looked before this child was there
            process.terminate()
        return await process.wait()


def _last(log_file: Path | None, limit_bytes: int = 2000) -> str | None:
    """The last words of a dead child that are no log lines: what a person wants to see first."""
    if log_file is None or not log_file.exists():
        return None
    with log_file.open("rb") as file:
        file.seek(max(0, log_file.stat().st_size - limit_bytes))
        lines = file.read().decode("utf-8", "replace").splitlines()
    words = list(itertools.takewhile(lambda line: not line.startswith("{"), reversed(lines)))
    return "\n".join(reversed(words[:LAST_LINES])) or None
