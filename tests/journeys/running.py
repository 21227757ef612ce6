"""`claimwire` as a user runs it: real processes, in a folder of their own, on free ports."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SEEDS = ROOT / "seeds"


class Running:
    """A `claimwire` process and what it has printed so far."""

    def __init__(self, arguments: list[str], folder: Path, environment: dict[str, str]) -> None:
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("CLAIMWIRE_", "REDIS_"))}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "service.cli", *arguments],
            cwd=folder, env={**clean, "PYTHONUNBUFFERED": "1", **environment},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
        )  # fmt: skip
        self.out: list[str] = []
        self.err: list[str] = []
        self._readers = [
            threading.Thread(target=_collect, args=(pipe, lines), daemon=True)
            for pipe, lines in ((self.process.stdout, self.out), (self.process.stderr, self.err))
        ]
        for reader in self._readers:
            reader.start()

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in list(self.out)]

    def until(self, condition: Callable[[], Any], within_s: float = 150) -> Any:
        """The condition's first true value.

        Raises:
            AssertionError: it did not come true in time, or the process ended before.
        """
        deadline = time.monotonic() + within_s
        while not (value := condition()):
            assert time.monotonic() < deadline, f"not within {within_s} s\n{self.told()}"
            assert self.process.poll() is None or condition(), f"ended with {self.process.returncode}\n{self.told()}"
            time.sleep(0.05)
        return value

    def pids(self) -> dict[str, int]:
        """The newest pid of every child, by the child's name."""
        found: dict[str, int] = {}
        for line in list(self.err):
            if '"child.started"' in line:
                started = json.loads(line)
                found[started["name"]] = started["pid"]
        return found

    def interrupt(self, within_s: float = 120) -> int:
        self.process.send_signal(signal.SIGINT)
        return self.finish(within_s)

    def finish(self, within_s: float = 240) -> int:
        status = self.process.wait(within_s)
        for reader in self._readers:
            reader.join(5)
        return status

    def told(self) -> str:
        return "".join([*self.out[-20:], *self.err[-40:]])


def _collect(pipe: Any, lines: list[str]) -> None:
    for line in pipe:
        lines.append(line)
    pipe.close()


def end(running: Running) -> None:
    if running.process.poll() is None:
        running.process.send_signal(signal.SIGINT)
        try:
            running.process.wait(120)
        except subprocess.TimeoutExpired:
            running.process.kill()
            running.process.wait()
    running.finish()


def plain(text: str) -> str:
    """Without the colours of a terminal."""
    return re.sub(r"\x1b\[[0-9;]*m", "", text)
