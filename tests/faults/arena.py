"""A server, a service and some workers, each a process of its own, and what is done to them; then the reckoning."""

from __future__ import annotations

import asyncio
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import redis

from service.cli.store_check import READS
from service.store import keys
from service.store.binaries import Binary, repair
from service.store.checking import Reads
from service.store.store import Store
from tests.faults.sample import STORY, STORY_FILE, Sample
from tests.faults.shims import EXITED, IDLE, Gate, Phases, Shim
from tests.servers import RealServer
from workers.desk.take import OVERRAN

RECLAIM_S = 0.6
ALL = 2**62
"""more articles than a line has"""
PATIENCE_S = 120.0
"""without any progress, after which a line stands still"""
ENDS = (-signal.SIGKILL, -signal.SIGALRM, OVERRAN, EXITED)
"""statuses of workers that were killed, that overran, and whom poison ended"""
_LOOK_S = 0.02
_TOLD = 3_000
"""characters of what differs"""
_ROOT = Path(__file__).parents[2]


class Durable(RealServer):
    """A server with its log on disk, under a clock that can be turned."""

    clock: tuple[str, str] | None = None
    """a library to be loaded before others, and the file that tells it the seconds to add"""

    def __init__(self, binary: Binary, options: Sequence[str] = ()) -> None:
        super().__init__(binary, ("--appendonly", "yes", "--loglevel", "warning", *options))
        self.folder = Path(self._directory.name)

    def start(self) -> RealServer:
        turned = {"LD_PRELOAD": self.clock[0], "TURNED_CLOCK": self.clock[1]} if self.clock else {}
        with patch.dict(os.environ, turned):
            return super().start()

    def end(self) -> None:
        """As an operator does it."""
        assert self._process is not None
        self._process.terminate()
        self._process.wait()

    def cut(self, rng: random.Random) -> int:
        """Kills the server and tears the end off its log, at any byte; bytes torn off."""
        self.kill()
        (file,) = self.folder.glob("appendonlydir/*.incr.aof")
        size = file.stat().st_size
        gone = rng.randrange(1, max(2, size // 3))
        os.truncate(file, size - gone)
        self.come_back()
        return gone

    def come_back(self) -> None:
        """Starts it again after it was killed, as an operator does: what it was about to write when it died is torn."""
        assert repair(self.binary, self.folder / "appendonlydir")
        self.start()


class Nursery:
    """The process that workers and services are born of (tests.faults.nursery)."""

    def __init__(self) -> None:
        one_thread = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}  # it forks
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.nursery"],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=_ROOT, env={**_clean(), **one_thread}, bufsize=0,
        )  # fmt: skip
        self._rest = b""
        while not any("ready" in told for told in self.told(1.0)):
            assert self._process.poll() is None, "the nursery died"

    def ask(self, **what: Any) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(what).encode() + b"\n")

    def told(self, within_s: float = 0.0) -> list[dict[str, Any]]:
        """What was born and who died since it was last asked."""
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], within_s)[0]:
            return []
        *lines, self._rest = (self._rest + os.read(self._process.stdout.fileno(), 1 << 16)).split(b"\n")
        return [json.loads(line) for line in lines]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


@dataclass
class Trial:
    """What was done and what came of it."""

    server: str
    scenario: str
    seed: int
    blows: Counter[str] = field(default_factory=Counter)
    """what was done, how often; `worker inside` and `frozen inside`: between an article's reading and its commit"""
    inside: Counter[str] = field(default_factory=Counter)
    """phase → workers that died in it"""
    admitted: int = 0
    committed: int = 0
    events: list[dict[str, str]] = field(default_factory=list)
    outcomes: list[dict[str, str]] = field(default_factory=list)
    read_along: list[dict[str, str]] = field(default_factory=list)
    """events as one subscriber met them, those told again too"""
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def figures(self, expected: Trial) -> dict[str, Any]:
        """Counts against an undisturbed run."""
        ids, ought = [one["id"] for one in self.events], [one["id"] for one in expected.events]
        sequences = [int(one["sequence"]) for one in self.events]
        return {
            **{name: value for name, value in asdict(self).items() if name in ("server", "scenario", "seed", "wrong")},
            "blows": dict(self.blows),
            "inside": dict(self.inside),
            "articles": self.admitted,
            "unfinished": expected.admitted - self.committed,
            "events": len(ids),
            "lost": len(set(ought) - set(ids)),
            "duplicated": len(ids) - len(set(ids)),
            "out_of_order": sum(one != at for at, one in enumerate(sequences, start=1)),
            "equal": self.events == expected.events and self.outcomes == expected.outcomes,
            "read_along": _once(self.read_along) == expected.events,
            "seconds": round(self.seconds, 1),
        }

    def complaints(self, expected: Trial) -> list[str]:
        """What is not as it should be; nothing if all is."""
        found = self.figures(expected)
        bad = [f"{name}: {found[name]}" for name in ("unfinished", "lost", "duplicated", "out_of_order") if found[name]]
        bad += [f"{name} is false" for name in ("equal", "read_along") if not found[name]]
        if bad:
            bad += _differing("event", self.events, expected.events)
            bad += _differing("outcome", self.outcomes, expected.outcomes)
            bad += _differing("event read along", _once(self.read_along), expected.events)
        return [*bad, *self.wrong]


class Arena:
    """One run over the sample. Use as a context; `run` once."""

    def __init__(
        self, nursery: Nursery, binary: Binary, folder: Path, sample: Sample, *, name: str = "quiet", seed: int = 0
    ) -> None:
        self.rng = random.Random(seed)
        self.trial = Trial(f"{binary.family}-{binary.version}", name, seed)
        self.server = Durable(binary)
        self.environment = {
            "CLAIMWIRE_RECLAIM_IDLE_S": str(RECLAIM_S), "CLAIMWIRE_BACKLOG_CAP": "3", "CLAIMWIRE_DEAD_LIMIT": "0",
            "CLAIMWIRE_EXTRACTION_STARTS": "1000", "CLAIMWIRE_LOG_FORMAT": "json",
        }  # fmt: skip
        self.shim: dict[str, Any] = {}
        self.pids: dict[str, int] = {}
        self.progress_s = time.monotonic()
        self.renamed = 0.5
        """how likely a worker comes back under another name: then somebody must take over what it held"""
        self.mixed = False
        """every other worker is of another release"""
        self.ends, self.reads = ENDS, READS
        """how workers may end, and how what they wrote is checked"""
        self.turned_s = 0
        """of the server's clock"""
        self.is_served = False
        """the service has admitted everything"""
        self._nursery, self._folder, self._sample = nursery, folder, sample
        folder.mkdir(parents=True, exist_ok=True)
        self.gate = Gate(str(folder / "gate"))
        """behind it nothing is committed"""
        self.gate.open_up_to(ALL)
        self._born = 0
        self._without_service = False
        self._is_unsure = False
        """the server died since the service was started, and may have lost what that had admitted"""
        self._last_id, self._seen = "0", (0, 0)

    def __enter__(self) -> Arena:
        stories = self._folder / "stories"
        stories.mkdir(parents=True, exist_ok=True)
        (stories / "story.toml").write_bytes(STORY_FILE.read_bytes())
        self.environment |= {"CLAIMWIRE_STORIES": str(stories)}
        return self

    def __exit__(self, *_: object) -> None:
        for pid in self.pids.values():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        end_s = time.monotonic() + 90
        while self.pids and time.monotonic() < end_s:
            self._bury(replace=False)
        self.server.stop()

    def run(self, faults: Iterator[float], workers: int = 2, patience_s: float = PATIENCE_S) -> Trial:
        """Lets the line run under these faults, each of which says after how many seconds the next may come."""
        began_s = time.monotonic()
        self.server.start()
        self.environment["REDIS_URL"] = self.server.url
        self.start_service()
        for number in range(workers):
            self.start_worker(f"w{number}")
        next_s, self.progress_s = time.monotonic(), time.monotonic()
        while not self._is_done():
            self._bury(replace=True)
            self._read_along()
            if time.monotonic() >= next_s:
                next_s = time.monotonic() + next(faults, 1e9)
            if time.monotonic() - self.progress_s > patience_s:
                self.trial.wrong.append("the line stands still")
                break
            time.sleep(_LOOK_S)
        self._reckon()
        self.trial.seconds = time.monotonic() - began_s
        return self.trial

    # What can be done to them

    def start_service(self) -> None:
        self.is_served = self._is_unsure = False
        self._ask("service", "service", arguments=self._sample.arguments)

    def server_came_back(self) -> None:
        """As a replay does it: once the service has come to its end, everything is admitted again."""
        self._is_unsure = True
        if self.is_served:
            self.start_service()

    def start_worker(self, name: str) -> None:
        self._born += 1
        upgraded = self.mixed and self._born % 2 == 0
        self.trial.blows["of another release"] += upgraded
        shim = {
            "upgraded": upgraded,
            "phases": str(self._folder / f"{name}.phase"),
            "gate": str(self._folder / "gate"),
            "seed": self.rng.random(),
            **self.shim,
        }
        assert Shim(**shim)
        self._ask("worker", name, shim=shim)

    def kill(self, name: str) -> None:
        """SIGKILL of a worker or of the service; nothing if it is not there just now."""
        with suppress(KeyError, ProcessLookupError):
            os.kill(self.pids[name], signal.SIGKILL)

    def service_has_ended(self) -> bool:
        """Whether it has, though its end may not have been noticed yet."""
        if "service" not in self.pids:
            return self.is_served
        try:
            told = Path(f"/proc/{self.pids['service']}/stat").read_text("ascii", "replace")
        except FileNotFoundError:
            return True
        return told.rpartition(") ")[2].startswith("Z")

    @contextmanager
    def service_anew(self) -> Iterator[None]:
        """What the server loses meanwhile of admissions it loses of the feeds' positions too: all is read again, also
        where the service had come to its end, though nobody has noticed yet. Before, because one that goes on would
        give the numbers that were lost to what it reads next."""
        self._without_service = True
        self.kill("service")
        end_s = time.monotonic() + 90
        while "service" in self.pids:
            assert time.monotonic() < end_s
            self._bury(replace=True, within_s=0.05)
        yield
        self._without_service = False
        self.start_service()

    def workers(self) -> list[str]:
        return sorted(name for name in self.pids if name != "service")

    def phase(self, name: str) -> tuple[str, int]:
        return Phases.told(str(self._folder / f"{name}.phase"))

    def set(self, setting: str, value: str) -> None:
        self.server.tell("CONFIG", "SET", setting, value)

    def admitted(self) -> int:
        return self._standing()[0]

    def committed(self) -> int:
        return self._standing()[1]

    # What goes on

    def _ask(self, role: str, name: str, **what: Any) -> None:
        self._nursery.ask(
            role=role, name=name, environment=self.environment, log=str(self._folder / f"{name}.log"), **what
        )
        end_s = time.monotonic() + 90
        while name not in self.pids:
            assert time.monotonic() < end_s
            self._bury(replace=True, within_s=0.05)

    def _bury(self, *, replace: bool, within_s: float = 0.0) -> None:
        for told in self._nursery.told(within_s):
            if "born" in told:
                self.pids[told["born"]] = told["pid"]
            elif self.pids.get(told.get("died", "")) == told["pid"]:
                del self.pids[told["died"]]
                if replace:
                    self._replace(told["died"], told["status"])

    def _replace(self, name: str, status: int) -> None:
        if name == "service":
            self.is_served = status == 0 and not self._without_service and not self._is_unsure
            if status == 0 and self._is_unsure and not self._without_service:
                self.start_service()
            if status != 0 and not self._without_service:
                self.trial.blows["service killed" if status == -signal.SIGKILL else f"service ended {status}"] += 1
                self.start_service()
            return
        phase, _ = self.phase(name)
        self.trial.blows["worker killed" if status == -signal.SIGKILL else f"worker ended {status}"] += 1
        if status not in self.ends:
            told = (self._folder / f"{name}.log").read_text("utf-8", "replace").splitlines()
            self.trial.wrong.append(f"a worker ended with {status}: {' | '.join(told[-4:])}"[:2000])
        if phase != IDLE:
            self.trial.blows["worker inside"] += 1
            self.trial.inside[phase] += 1
        self.start_worker(f"w{self._born}" if self.rng.random() < self.renamed else name)

    def _standing(self) -> tuple[int, int]:
        """Admitted, committed; as before if the server does not say."""
        with suppress(redis.RedisError):
            told = self.server.tell("HMGET", keys.state(STORY), "admitted", "committed")
            standing = int(told[0] or 0), int(told[1] or 0)
            if standing != self._seen:
                self._seen, self.progress_s = standing, time.monotonic()
        return self._seen

    def _is_done(self) -> bool:
        admitted, committed = self._standing()
        return self.is_served and admitted == committed and not self._is_held()

    def _is_held(self) -> bool:
        """Whether a worker has an entry in hand: one that a group made again hands out, although it is committed, is
        acknowledged by whoever takes it."""
        try:
            return bool(self.server.tell("XPENDING", keys.articles(STORY), keys.GROUP)[0])
        except redis.ResponseError:
            return False  # nobody has made the group again, and nobody needs it
        except redis.RedisError:
            return True

    def _read_along(self) -> None:
        with suppress(redis.RedisError):
            for id_, flat in self.server.tell("XRANGE", keys.events(STORY), f"({self._last_id}", "+") or ():
                self.trial.read_along.append(dict(zip(flat[::2], flat[1::2], strict=True)))
                self._last_id = id_

    def _reckon(self) -> None:
        trial = self.trial
        for name in ("maxmemory",):
            self.set(name, "0")
        self._read_along()
        trial.admitted, trial.committed = self._standing()
        trial.events = self._stream(keys.events(STORY))
        told = self._stream(keys.outcomes(STORY))
        trial.outcomes = [{name: value for name, value in one.items() if name != "number"} for one in told]
        if not trial.wrong:
            trial.wrong += asyncio.run(_checked(self.server.url, self.reads))
            trial.wrong += self._sums()

    def _sums(self) -> list[str]:
        flat = self.server.tell("HGETALL", keys.counts(STORY))
        counts = {name: int(value) for name, value in zip(flat[::2], flat[1::2], strict=True)}
        sums = [sum(n for name, n in counts.items() if name.startswith(of)) for of in ("entry:", "outcome:")]
        entries = counts.get("entry:admitted", 0) + counts.get("entry:revision", 0)
        wrong = [] if entries == sums[1] == self.trial.admitted else [f"entries and outcomes are {entries}, {sums[1]}"]
        for key in (keys.findings(STORY), keys.starts(STORY)):
            if left := self.server.tell("HLEN", key):
                wrong.append(f"{left} left in {key}")
        return wrong

    def _stream(self, key: str) -> list[dict[str, str]]:
        return [dict(zip(flat[::2], flat[1::2], strict=True)) for _, flat in self.server.tell("XRANGE", key, "-", "+")]


async def _checked(url: str, reads: Reads) -> list[str]:
    store = await Store.open(url)
    try:
        return await store.check(STORY, reads)
    finally:
        await store.close()


def _once(events: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """Without those that were told again in the same words."""
    met: list[dict[str, str]] = []
    for event in events:
        if event not in met:
            met.append(event)
    return met


def _differing(what: str, found: Sequence[dict[str, str]], ought: Sequence[dict[str, str]]) -> list[str]:
    """Where two lists part, field by field: the evidence of a failure. Nothing if they do not."""
    if found == ought:
        return []
    at = next((at for at, pair in enumerate(zip(found, ought, strict=False)) if pair[0] != pair[1]), -1)
    if at < 0:
        longer, side = (found, "too many") if len(found) > len(ought) else (ought, "missing")
        return [f"{what}s: {len(found)} of {len(ought)}, {side} from {longer[min(len(found), len(ought))]}"[:_TOLD]]
    one, other = found[at], ought[at]
    parts = [
        f"{name}: {one.get(name, 'none')} instead of {other.get(name, 'none')}"
        for name in sorted(one.keys() | other.keys())
        if one.get(name) != other.get(name)
    ]
    return [f"{what} {at + 1} of {len(found)} ({len(ought)}): {'; '.join(parts)}"[:_TOLD]]


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("CLAIMWIRE_", "REDIS_"))}
