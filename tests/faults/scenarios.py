"""The fault matrix: what is done to server, service and workers while a story's line runs."""

from __future__ import annotations

import os
import shutil
import signal
import struct
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import redis

from service.store import keys
from service.store.binaries import Binary
from tests.faults.arena import ALL, Arena
from tests.faults.sample import POISONED, STORY, TEXTS, uri
from tests.faults.shims import COMMITTING, IDLE
from tests.servers import families

Faults = Callable[[Arena], Iterator[float]]
_AGAIN_S = 0.02
_THAWS_S = 90.0
"""at last; before, when others have committed what it held"""
HOUR_S = 3600


@dataclass(frozen=True, slots=True)
class Scenario:
    """One row of the matrix."""

    name: str
    faults: Faults
    must: Sequence[str] = ()
    """blows without which nothing was shown"""
    shim: Mapping[str, Any] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    workers: int = 2
    mixed: bool = False
    """every other worker is of another release"""
    poisoned: bool = False
    """one article is given up"""
    servers: Callable[[Binary], bool] = lambda binary: True
    """for which it can be played"""


def _now_and_then(arena: Arena, times: int) -> Iterator[float | None]:
    """None at so many random points of the line; in between, how long to wait for the next. Until a blow falls nothing
    is committed beyond its point, so that it finds work under way however fast the line is."""
    points = [*sorted(arena.rng.sample(range(1, len(TEXTS)), times)), ALL]
    for point, following in pairwise(points):
        arena.gate.open_up_to(point)
        while arena.committed() < point:
            yield _AGAIN_S
        yield arena.rng.uniform(0, 0.1)
        arena.gate.open_up_to(following)
        yield None


def _often(times: int, name: str, act: Callable[[Arena], float]) -> Faults:
    """A blow at each of so many points; it says how long to wait afterwards."""

    def faults(arena: Arena) -> Iterator[float]:
        for wait_s in _now_and_then(arena, times):
            if wait_s is None:
                with suppress(redis.ConnectionError):
                    yield act(arena)
                    if name:
                        arena.trial.blows[name] += 1
            else:
                yield wait_s

    return faults


def _nothing(arena: Arena) -> Iterator[float]:
    yield from ()


def _kill_worker(arena: Arena) -> float:
    busy = [name for name in arena.workers() if arena.phase(name)[0] != IDLE]
    arena.kill(arena.rng.choice(busy or arena.workers()))
    return 0.0


def _kill_service(arena: Arena) -> float:
    arena.kill("service")
    return 0.0


def _service_killed(arena: Arena) -> Iterator[float]:
    """Between two of its admissions; it makes few before something is committed."""
    for point in sorted(arena.rng.sample(range(1, len(TEXTS)), 4)):
        arena.gate.open_up_to(point)
        while arena.admitted() < point or "service" not in arena.pids:
            yield 0.005
        yield _kill_service(arena)
    arena.gate.open_up_to(ALL)


def _kill_server(arena: Arena) -> float:
    arena.server.kill()
    arena.server.come_back()
    arena.server_came_back()
    return 0.0


def _flush_scripts(arena: Arena) -> float:
    arena.server.tell("SCRIPT", "FLUSH")
    return 0.0


def _delete_group(arena: Arena) -> float:
    arena.server.tell("XGROUP", "DESTROY", keys.articles(STORY), keys.GROUP)
    return 0.0


def _fill(arena: Arena) -> Iterator[float]:
    for wait_s in _now_and_then(arena, 2):
        if wait_s is not None:
            yield wait_s
            continue
        arena.set("maxmemory", "1")
        arena.trial.blows["server full"] += 1
        yield 1.0
        arena.set("maxmemory", "0")


def _freeze(arena: Arena) -> Iterator[float]:
    """Until others have taken over what it held; then it goes on, and commits what is no longer its own."""
    for wait_s in _now_and_then(arena, 3):
        if wait_s is not None:
            yield wait_s
            continue
        while not (busy := [name for name in arena.workers() if arena.phase(name)[0] != IDLE]):
            yield 0.001
        pid = arena.pids[busy[0]]
        os.kill(pid, signal.SIGSTOP)
        phase, number = arena.phase(busy[0])
        arena.trial.blows["worker frozen"] += 1
        if phase != IDLE:
            arena.trial.blows["frozen inside"] += 1
            arena.trial.inside[phase] += 1
            end_s = time.monotonic() + _THAWS_S
            while arena.committed() < number and time.monotonic() < end_s:
                yield _AGAIN_S
            arena.trial.blows["overtaken"] += arena.committed() >= number
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGCONT)


def _later_first(arena: Arena) -> Iterator[float]:
    """The later release writes first, then stands still until the earlier one has taken the line over and seen that."""
    while not {"w0", "w1"} <= arena.pids.keys():
        yield _AGAIN_S
    earlier, later = arena.pids["w0"], arena.pids["w1"]
    os.kill(earlier, signal.SIGSTOP)
    while arena.committed() < 2:
        yield _AGAIN_S
    os.kill(later, signal.SIGSTOP)
    os.kill(earlier, signal.SIGCONT)
    end_s = time.monotonic() + _THAWS_S
    while not arena.trial.blows["worker ended 2"] and time.monotonic() < end_s:
        yield _AGAIN_S
    with suppress(ProcessLookupError):
        os.kill(later, signal.SIGCONT)


def _cut(arena: Arena) -> float:
    with arena.service_anew():
        arena.trial.blows["bytes cut"] += arena.server.cut(arena.rng)
    return 0.0


def _cut_under_service(arena: Arena) -> float:
    """The service goes on, and finds out by itself what the server has lost."""
    arena.trial.blows["bytes cut"] += arena.server.cut(arena.rng)
    arena.server_came_back()
    return 0.0


def _cut_before_gate(arena: Arena) -> Iterator[float]:
    """While every worker waits to commit what is not next any more: none may wait on until it is."""
    point = len(TEXTS) // 2
    arena.gate.open_up_to(point)
    while arena.committed() < point or any(arena.phase(name)[0] != COMMITTING for name in arena.workers()):
        yield _AGAIN_S
    while arena.committed() >= point:
        yield _cut(arena)
    arena.trial.blows["commits lost"] += 1
    while arena.committed() < point:
        yield _AGAIN_S
    arena.gate.open_up_to(ALL)


def _cut_behind_service(arena: Arena) -> Iterator[float]:
    """The service has just come to its end, and knows nothing of what the server loses."""
    while not arena.service_has_ended():
        yield 0.005
    yield _cut(arena)
    arena.trial.blows["log cut"] += 1


def _turn_clock(arena: Arena) -> Iterator[float]:
    """An hour back, while a dead worker holds something that another one must take over."""
    assert arena.server.clock is not None
    arena.renamed = 1.0
    arena.gate.open_up_to(ALL)  # a line that waits has read all, and nobody holds anything
    for _ in range(2):
        while not (holding := [name for name in arena.workers() if arena.phase(name)[0] in ("taken", "reading")]):
            if arena.committed() >= len(TEXTS):
                return
            yield 0.001
        arena.kill(holding[0])
        arena.turned_s -= HOUR_S
        with Path(arena.server.clock[1]).open("r+b") as file:  # the server has it mapped: never empty
            file.write(struct.pack("q", arena.turned_s))
        arena.trial.blows["hours back"] += 1


def _another_version(arena: Arena) -> Iterator[float]:
    """The server is stopped, and a later one reads what it wrote."""
    for wait_s in _now_and_then(arena, 1):
        if wait_s is not None:
            yield wait_s
            continue
        arena.server.end()
        arena.server.binary = later(arena.server.binary)[0]
        arena.server.start()
        arena.trial.blows["version changed"] += 1
        arena.trial.server += f" → {arena.server.binary.family}-{arena.server.binary.version}"


def later(binary: Binary) -> list[Binary]:
    """Servers at hand that load what this one wrote."""
    if binary.family != "redis":
        return []
    return [one for one in families() if one.family == "redis" and one.major > binary.major]


def _all_at_once(arena: Arena) -> Iterator[float]:
    blows: Sequence[Callable[[Arena], float]] = (
        _kill_worker, _kill_worker, _kill_service, _kill_server, _flush_scripts, _delete_group, _cut,
    )  # fmt: skip
    acts = iter(arena.rng.sample(blows, len(blows)))
    for wait_s in _now_and_then(arena, len(blows)):
        if wait_s is None:
            with suppress(redis.ConnectionError):
                yield next(acts)(arena)
        else:
            yield wait_s


_POISON = {
    "at": uri(POISONED).removeprefix("https://sample.example"),
}
_IMPATIENT = {"CLAIMWIRE_EXTRACTION_STARTS": "2", "CLAIMWIRE_EXTRACTION_DEADLINE_S": "4"}


def _poison(kind: str, *must: str) -> Scenario:
    shim = {"poison": kind, **_POISON}
    return Scenario(f"poison by {kind}", _nothing, must, shim=shim, environment=_IMPATIENT, poisoned=True)


SCENARIOS: Sequence[Scenario] = (
    Scenario("quiet", _nothing),
    Scenario("workers die at any step", _nothing, ("worker inside",), shim={"dies": 0.1}),
    Scenario("workers killed", _often(8, "", _kill_worker), ("worker inside",)),
    Scenario("service killed", _service_killed, ("service killed",)),
    Scenario("server killed", _often(3, "server killed", _kill_server), ("server killed",)),
    Scenario("worker frozen", _freeze, ("frozen inside", "overtaken")),
    Scenario("log cut", _often(2, "log cut", _cut), ("log cut",)),
    Scenario("log cut, nobody told", _often(3, "log cut", _cut_under_service), ("log cut",)),
    Scenario("log cut while all wait", _cut_before_gate, ("commits lost",)),
    Scenario("log cut when all was read", _cut_behind_service, ("log cut",)),
    Scenario("server full", _fill, ("server full",)),
    Scenario("scripts flushed", _often(6, "scripts flushed", _flush_scripts), ("scripts flushed",)),
    Scenario("group deleted", _often(4, "group deleted", _delete_group), ("group deleted",)),
    Scenario("clock an hour back", _turn_clock, ("hours back",), servers=lambda _: shutil.which("cc") is not None),
    Scenario("later version", _another_version, ("version changed",), servers=lambda binary: bool(later(binary))),
    Scenario("two releases", _often(5, "", _kill_worker), ("worker inside", "of another release"), mixed=True),
    Scenario("records of a later release", _later_first, ("worker ended 2",), shim={"novel": True}, mixed=True),
    Scenario("all at once", _all_at_once, shim={"dies": 0.02}, workers=3),
    _poison("exception"),
    _poison("loop", "worker ended 70"),
    _poison("memory"),
    _poison("exit", "worker ended 3"),
)


@cache
def clock_library(folder: str) -> str:
    """The compiled `clock.c`."""
    library = Path(folder, "clock.so")
    source = Path(__file__).with_name("clock.c")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-o", library, source, "-ldl"], check=True)
    return str(library)
